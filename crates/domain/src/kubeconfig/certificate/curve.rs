//! Whether a point lies on its curve: Go's reader of certificates takes no other.
//!
//! The curves that it knows have the form y² = x³ - 3x + b (SEC 2, version 2, sections 2.3 to 2.6). Numbers are lists of 32-bit
//! digits, the least significant first; nothing here is secret, so time may depend on them.

use std::cmp::Ordering;

/// A curve by the digits of its prime and of its b, as hexadecimal text.
struct Curve {
    prime: &'static str,
    b: &'static str,
}

const P224: Curve = Curve {
    prime: "ffffffffffffffffffffffffffffffff000000000000000000000001",
    b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
};
const P256: Curve = Curve {
    prime: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
};
const P384: Curve = Curve {
    prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
};
const P521: Curve = Curve {
    prime: "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    b: "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
};

type Number = Vec<u32>;

/// Whether an uncompressed point (SEC 1, section 2.3.3) is on the curve of an object identifier; false for curves that Go does
/// not know.
pub(super) fn has_point(curve: &[u8], point: &[u8]) -> bool {
    let curve = match curve {
        [0x2b, 0x81, 4, 0, 33] => P224,
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => P256,
        [0x2b, 0x81, 4, 0, 34] => P384,
        [0x2b, 0x81, 4, 0, 35] => P521,
        _ => return false,
    };
    let Some(coordinates) = point.strip_prefix(&[4]) else {
        return false;
    };
    if coordinates.len() != curve.prime.len() {
        return false;
    }
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    let (x, y) = (of_bytes(x), of_bytes(y));
    let prime = of_hex(curve.prime);
    let times = |left: &Number, right: &Number| remainder(product(left, right), &prime);
    if remainder(x.clone(), &prime) != x || remainder(y.clone(), &prime) != y {
        return false;
    }
    // y² + 3x = x³ + b, with nothing to subtract.
    let left = sum(&times(&y, &y), &product(&x, &vec![3]));
    let right = sum(&times(&times(&x, &x), &x), &of_hex(curve.b));
    remainder(left, &prime) == remainder(right, &prime)
}

fn of_hex(text: &str) -> Number {
    let digits = text
        .bytes()
        .map(|digit| char::from(digit).to_digit(16).unwrap_or_default());
    let pairs = digits.collect::<Vec<u32>>();
    let bytes = pairs
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | *digit as u8));
    of_bytes(&bytes.collect::<Vec<u8>>())
}

fn of_bytes(bytes: &[u8]) -> Number {
    let digits = bytes.rchunks(4);
    let digits = digits.map(|chunk| {
        chunk
            .iter()
            .fold(0, |digit, byte| digit << 8 | u32::from(*byte))
    });
    trimmed(digits.collect())
}

/// Without zeros in front, so that equal numbers are equal lists.
fn trimmed(mut number: Number) -> Number {
    while number.last() == Some(&0) {
        number.pop();
    }
    number
}

fn digit(number: &Number, at: usize) -> u64 {
    number.get(at).copied().map_or(0, u64::from)
}

fn sum(left: &Number, right: &Number) -> Number {
    let mut carry = 0;
    let digits = (0..=left.len().max(right.len())).map(|at| {
        let sum = digit(left, at) + digit(right, at) + carry;
        carry = sum >> 32;
        sum as u32
    });
    trimmed(digits.collect())
}

fn product(left: &Number, right: &Number) -> Number {
    let mut digits = vec![0_u32; left.len() + right.len() + 1];
    for (start, factor) in left.iter().enumerate() {
        let mut carry = 0;
        for (at, place) in digits.iter_mut().skip(start).enumerate() {
            let value = u64::from(*factor) * digit(right, at) + u64::from(*place) + carry;
            *place = value as u32;
            carry = value >> 32;
        }
    }
    trimmed(digits)
}

/// Bit by bit, in one place: a chain may have twenty certificates.
fn remainder(number: Number, divisor: &Number) -> Number {
    let mut rest = vec![0_u32; divisor.len() + 1];
    for bit in (0..number.len() * 32).rev() {
        let mut carry = (digit(&number, bit / 32) >> (bit % 32) & 1) as u32;
        for place in &mut rest {
            (*place, carry) = (*place << 1 | carry, *place >> 31);
        }
        subtract_if_possible(&mut rest, divisor);
    }
    trimmed(rest)
}

fn subtract_if_possible(number: &mut Number, other: &Number) {
    let places = (0..number.len()).rev();
    let mut unequal = places.map(|at| digit(number, at).cmp(&digit(other, at)));
    if unequal.find(|order| order.is_ne()) == Some(Ordering::Less) {
        return;
    }
    let mut borrow = 0;
    for (at, place) in number.iter_mut().enumerate() {
        let value = (1 << 32) + u64::from(*place) - digit(other, at) - borrow;
        borrow = u64::from(value >> 32 == 0);
        *place = value as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The base points (SEC 2).
    const POINTS: [(&[u8], &str); 4] = [
        (
            &[0x2b, 0x81, 4, 0, 33],
            "04b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
        ),
        (
            &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        ),
        (
            &[0x2b, 0x81, 4, 0, 34],
            "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
        ),
        (
            &[0x2b, 0x81, 4, 0, 35],
            "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
        ),
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    #[test]
    fn the_base_points_are_on_their_curves_and_others_are_not() {
        for (curve, point) in POINTS {
            let point = bytes(point);
            assert!(has_point(curve, &point));
            for at in [0, 1, point.len() / 2, point.len() - 1] {
                let mut other = point.clone();
                other[at] ^= 1;
                assert!(!has_point(curve, &other), "{at}");
            }
            assert!(!has_point(curve, &point[..point.len() - 1]));
            assert!(!has_point(&[1], &point));
        }
    }
}
