//! What Go wants of the numbers of an RSA key (`crypto/internal/fips140/rsa`, `checkPrivateKey`).

use super::number::{Number, difference, of_bytes, product, remainder};

/// Whether numbers are a key: those of RFC 8017, section A.1.2, from the modulus to the coefficient. Of a key with more primes
/// than the two they are the first ones.
pub(super) fn is_key(numbers: [&[u8]; 8], has_more_primes: bool) -> bool {
    let [
        modulus,
        public,
        private,
        one,
        other,
        of_one,
        of_other,
        coefficient,
    ] = &numbers.map(of_bytes);
    // A product of two numbers has as many digits as both, or one less; this way it costs no more than the modulus is long.
    if one.len() + other.len() > modulus.len() + 1 || difference(modulus, private).is_none() {
        return false;
    }
    let both = product(one, other);
    let is_product = match has_more_primes {
        true => remainder(modulus.clone(), &both).is_empty(),
        false => both == *modulus,
    };
    let distance = difference(one, other).or_else(|| difference(other, one));
    is_product
        && is_odd(modulus)
        && is_odd(public)
        && matches!(public.as_slice(), [2..=0x7fff_ffff])
        && is_exponent(of_one, public, private, one)
        && is_exponent(of_other, public, private, other)
        && difference(one, coefficient).is_some()
        && remainder(product(coefficient, other), one) == [1]
        // Keys that are easily guessed.
        && (has_more_primes || bits(&distance.unwrap_or_default()) + 100 > bits(modulus) / 2)
        && bits(private) > bits(modulus) / 2
}

/// Whether an exponent is the private one modulo a prime less one, where it undoes the public one.
fn is_exponent(exponent: &Number, public: &Number, private: &Number, prime: &Number) -> bool {
    let less = difference(prime, &[1]).unwrap_or_default();
    remainder(private.clone(), &less) == *exponent
        && remainder(product(exponent, public), &less) == [1]
}

fn is_odd(number: &Number) -> bool {
    number.first().is_some_and(|digit| digit & 1 == 1)
}

fn bits(number: &Number) -> usize {
    let top = number.last().map_or(0, |digit| digit.leading_zeros());
    number.len() * 32 - top as usize
}
