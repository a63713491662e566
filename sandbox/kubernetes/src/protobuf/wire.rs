//! The wire format: fields with a number and a content.

/// A field's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// Numbers and booleans.
    Varint(u64),
    /// Texts, bytes and messages.
    Bytes(&'a [u8]),
}

impl<'a> Content<'a> {
    /// The bytes, if it is bytes.
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Varint(_) => None,
        }
    }
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Number.
    pub number: u32,
    /// Content.
    pub content: Content<'a>,
}

/// The fields of a message in their order; none where it is cut off or of another format.
pub fn fields(mut bytes: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let content = match key & 7 {
            0 => Content::Varint(varint(&mut bytes)?),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                Content::Bytes(take(&mut bytes, length)?)
            }
            1 => Content::Bytes(take(&mut bytes, 8)?),
            5 => Content::Bytes(take(&mut bytes, 4)?),
            _ => return None,
        };
        fields.push(Field {
            number: u32::try_from(key >> 3).ok()?,
            content,
        });
    }
    Some(fields)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
