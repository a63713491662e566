//! Natural numbers of any length: lists of 32-bit digits, the least significant first, without zeros at the end, so that equal
//! numbers are equal lists. Time depends on the digits: each key is judged for the one who sends it, and never used.

pub(super) type Number = Vec<u32>;

/// From the most significant byte on.
pub(super) fn of_bytes(bytes: &[u8]) -> Number {
    let digits = bytes.rchunks(4);
    let digits = digits.map(|chunk| {
        chunk
            .iter()
            .fold(0, |digit, byte| digit << 8 | u32::from(*byte))
    });
    trimmed(digits.collect())
}

fn trimmed(mut number: Number) -> Number {
    while number.last() == Some(&0) {
        number.pop();
    }
    number
}

fn digit(number: &[u32], at: usize) -> u64 {
    number.get(at).copied().map_or(0, u64::from)
}

pub(super) fn sum(left: &[u32], right: &[u32]) -> Number {
    let (long, short) = match left.len() < right.len() {
        true => (right, left),
        false => (left, right),
    };
    let mut digits = long.to_vec();
    digits.push(0);
    add_multiple(&mut digits, short, 1);
    trimmed(digits)
}

/// `None` where it would be negative.
pub(super) fn difference(left: &[u32], right: &[u32]) -> Option<Number> {
    let mut digits = left.to_vec();
    let borrow = subtract_multiple(&mut digits, right, 1);
    (borrow == 0 && right.len() <= left.len()).then(|| trimmed(digits))
}

pub(super) fn product(left: &[u32], right: &[u32]) -> Number {
    // One more, which a division needs.
    let mut digits = vec![0_u32; left.len() + right.len() + 1];
    for (start, factor) in left.iter().enumerate() {
        add_multiple(digits.get_mut(start..).unwrap_or_default(), right, *factor);
    }
    trimmed(digits)
}

// Components are optimised for size, which leaves iterators as calls: these two loops, where all of the time goes, have none.

/// Adds a number so many times, and returns what is carried out of the places.
fn add_multiple(places: &mut [u32], number: &[u32], factor: u32) -> u64 {
    let (mut at, mut carry) = (0, 0);
    while let Some(place) = places.get_mut(at) {
        let digit = match number.get(at) {
            Some(digit) => *digit,
            None if carry == 0 => break,
            None => 0,
        };
        let value = u64::from(factor) * u64::from(digit) + u64::from(*place) + carry;
        *place = value as u32;
        carry = value >> 32;
        at += 1;
    }
    carry
}

/// Subtracts a number so many times, and returns what is missing behind the places.
fn subtract_multiple(places: &mut [u32], number: &[u32], factor: u32) -> u64 {
    let (mut at, mut borrow) = (0, 0);
    while let Some(place) = places.get_mut(at) {
        let digit = match number.get(at) {
            Some(digit) => *digit,
            None if borrow == 0 => break,
            None => 0,
        };
        let value = u64::from(factor) * u64::from(digit) + borrow;
        let (rest, is_less) = place.overflowing_sub(value as u32);
        *place = rest;
        borrow = (value >> 32) + u64::from(is_less);
        at += 1;
    }
    borrow
}

/// What a division leaves; nothing of a division by zero. Digit by digit (Knuth, The Art of Computer Programming, volume 2,
/// algorithm D): keys may have 16,384 bits.
pub(super) fn remainder(number: Number, divisor: &[u32]) -> Number {
    let Some(top) = divisor.last() else {
        return Number::new();
    };
    // With the first bit of the divisor set, quotients are estimated too high by two at most.
    let shift = 1 << top.leading_zeros();
    let shifted;
    let (divisor, mut rest) = match shift {
        1 => (divisor, number),
        _ => {
            shifted = product(&[shift], divisor);
            (shifted.as_slice(), product(&[shift], &number))
        }
    };
    let length = divisor.len();
    let top = digit(divisor, length - 1);
    rest.push(0);
    for at in (0..rest.len().saturating_sub(length)).rev() {
        let high = digit(&rest, at + length) << 32 | digit(&rest, at + length - 1);
        let estimate = (high / top).min(u64::from(u32::MAX)) as u32;
        let places = rest.get_mut(at..=at + length).unwrap_or_default();
        let mut borrow = subtract_multiple(places, divisor, estimate);
        while borrow > 0 {
            borrow -= add_multiple(places, divisor, 1);
        }
    }
    if shift == 1 {
        return trimmed(rest);
    }
    let mut carry = 0;
    for place in rest.iter_mut().rev() {
        let value = carry << 32 | u64::from(*place);
        *place = (value / u64::from(shift)) as u32;
        carry = value % u64::from(shift);
    }
    trimmed(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digits that are often the smallest and the largest ones, where quotients are estimated wrong.
    fn numbers() -> Vec<Number> {
        let digits = [0, 1, 2, 1 << 31, (1 << 31) - 1, u32::MAX - 1, u32::MAX];
        let mut state = 1_u64;
        let mut next = move |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut number = || (0..next(6)).map(|_| digits[next(7)]).collect();
        (0..60).map(|_| trimmed(number())).collect()
    }

    #[test]
    fn what_a_division_leaves_is_less_and_a_multiple_away() {
        for divisor in numbers().iter().filter(|number| !number.is_empty()) {
            for factor in &numbers() {
                let multiple = product(divisor, factor);
                assert!(remainder(multiple.clone(), divisor).is_empty());
                for rest in numbers() {
                    let Some(_) = difference(divisor, &sum(&rest, &[1])) else {
                        continue;
                    };
                    let number = sum(&multiple, &rest);
                    assert_eq!(
                        remainder(number.clone(), divisor),
                        rest,
                        "{number:x?} {divisor:x?}"
                    );
                }
            }
        }
    }

    #[test]
    fn differences_undo_sums() {
        for left in numbers() {
            for right in numbers() {
                let sum = sum(&left, &right);
                assert_eq!(difference(&sum, &right), Some(left.clone()));
                if !right.is_empty() {
                    assert_eq!(difference(&left, &sum), None);
                }
            }
        }
    }

    #[test]
    fn bytes_are_the_most_significant_first() {
        assert_eq!(of_bytes(&[0, 0, 1, 2, 3, 4, 5]), [0x0203_0405, 1]);
        assert!(of_bytes(&[0, 0]).is_empty());
    }
}
