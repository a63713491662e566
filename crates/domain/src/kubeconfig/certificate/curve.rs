//! The elliptic curves that Go knows: whether a point lies on one, as its reader of certificates wants, and whether it is the
//! public key of a private one.
//!
//! They have the form y² = x³ - 3x + b (SEC 2, version 2, sections 2.3 to 2.6).

use super::number::{Number, difference, of_bytes, product, remainder, sum};

/// The digits of hexadecimal text, read by the compiler.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler refuses what is not there"
)]
const fn bytes<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            _ => character - b'a' + 10,
        }
    }
    let text = text.as_bytes();
    assert!(text.len() == 2 * LENGTH);
    let mut bytes = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

/// A curve by its prime, the number of its points, and its base point's two coordinates.
struct Curve {
    prime: &'static [u8],
    order: &'static [u8],
    base: &'static [u8],
}

const P224: Curve = Curve {
    prime: &bytes::<28>("ffffffffffffffffffffffffffffffff000000000000000000000001"),
    order: &bytes::<28>("ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d"),
    base: &bytes::<56>(
        "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
    ),
};

const P256: Curve = Curve {
    prime: &bytes::<32>("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
    order: &bytes::<32>("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    base: &bytes::<64>(
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    ),
};

const P384: Curve = Curve {
    prime: &bytes::<48>(
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    ),
    order: &bytes::<48>(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ),
    base: &bytes::<96>(
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
    ),
};

const P521: Curve = Curve {
    prime: &bytes::<66>(
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
    order: &bytes::<66>(
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
    base: &bytes::<132>(
        "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
    ),
};

/// By an object identifier; `None` for curves that Go does not know (`namedCurveFromOID`).
fn curve(id: &[u8]) -> Option<&'static Curve> {
    Some(match id {
        [0x2b, 0x81, 4, 0, 33] => &P224,
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => &P256,
        [0x2b, 0x81, 4, 0, 34] => &P384,
        [0x2b, 0x81, 4, 0, 35] => &P521,
        _ => return None,
    })
}

/// True for an uncompressed point (SEC 1, section 2.3.3) on the curve of an object identifier.
pub(super) fn has_point(id: &[u8], point: &[u8]) -> bool {
    let Some(curve) = curve(id) else {
        return false;
    };
    let prime = Prime(of_bytes(curve.prime));
    let coordinates = point.strip_prefix(&[4]).unwrap_or_default();
    if coordinates.len() != curve.base.len() {
        return false;
    }
    let point @ [x, y] = &halves(coordinates);
    let is_reduced = |number| difference(&prime.0, number).is_some_and(|rest| !rest.is_empty());
    // The base point is on the curve, so b is the same for both.
    is_reduced(x) && is_reduced(y) && prime.b(point) == prime.b(&halves(curve.base))
}

/// The public point of a private key, as three numbers; none on curves where that costs more than everything else that is
/// done for a request: four times as much on P-384 as on P-256. `None` where the number can't be a private key of the curve.
pub(super) fn public_point(id: &[u8], scalar: &[u8]) -> Option<Option<Point>> {
    let (curve, scalar) = (curve(id)?, of_bytes(scalar));
    difference(&of_bytes(curve.order), &scalar).filter(|rest| !rest.is_empty())?;
    if scalar.is_empty() {
        return None;
    }
    if curve.prime.len() > P256.prime.len() {
        return Some(None);
    }
    let prime = Prime(of_bytes(curve.prime));
    Some(prime.multiple(&halves(curve.base), &scalar))
}

/// Whether a point is written so (uncompressed, SEC 1, section 2.3.3).
pub(super) fn is_written(id: &[u8], [x, y, z]: &Point, written: &[u8]) -> bool {
    let prime = curve(id).map(|curve| Prime(of_bytes(curve.prime)));
    let [right, up] = &halves(written.get(1..).unwrap_or_default());
    prime.is_some_and(|prime| prime.times(right, z) == *x && prime.times(up, z) == *y)
}

fn halves(bytes: &[u8]) -> [Number; 2] {
    let (left, right) = bytes.split_at(bytes.len() / 2);
    [of_bytes(left), of_bytes(right)]
}

/// Numbers modulo a prime.
struct Prime(Number);

/// A point by x/z and y/z.
pub(super) type Point = [Number; 3];

impl Prime {
    fn times(&self, left: &[u32], right: &[u32]) -> Number {
        remainder(product(left, right), &self.0)
    }

    /// Of numbers that are less than the prime.
    fn minus(&self, left: &[u32], right: &[u32]) -> Number {
        let rest = difference(left, right);
        rest.or_else(|| difference(&sum(left, &self.0), right))
            .unwrap_or_default()
    }

    /// What the curve's b is if the point is on it: y² + 3x - x³.
    fn b(&self, [x, y]: &[Number; 2]) -> Number {
        let cube = self.times(&self.times(x, x), x);
        let rest = sum(&product(y, y), &product(x, &[3]));
        self.minus(&remainder(rest, &self.0), &cube)
    }

    /// The point so many times; `None` for zero times. From the first bit of the factor on: as long as that is less than the
    /// curve's order, no two points are added that are equal or opposite.
    fn multiple(&self, base: &[Number; 2], factor: &[u32]) -> Option<Point> {
        let mut point: Option<Point> = None;
        for digit in factor.iter().rev() {
            for bit in (0..32).rev() {
                point = point.map(|point| self.double(&point));
                if digit >> bit & 1 == 1 {
                    let [x, y] = base;
                    point = Some(match point {
                        Some(point) => self.add(&point, base),
                        None => [x.clone(), y.clone(), vec![1]],
                    });
                }
            }
        }
        point
    }

    /// The tangent's slope is 3(x² - 1) / 2y.
    fn double(&self, point: &Point) -> Point {
        let [x, y, z] = point;
        let rise = self.times(&self.minus(x, z), &sum(x, z));
        let run = self.times(&sum(y, y), z);
        self.third(point, &product(&rise, &[3]), &run, &sum(x, x))
    }

    fn add(&self, point: &Point, [right, up]: &[Number; 2]) -> Point {
        let [x, y, z] = point;
        let right = self.times(right, z);
        let rise = self.minus(&self.times(up, z), y);
        let run = self.minus(&right, x);
        self.third(point, &rise, &run, &sum(&right, x))
    }

    /// Where the line with a slope through a point and another meets the curve once more, mirrored; `both` is the sum of the two
    /// points' x, times z.
    fn third(&self, [x, y, z]: &Point, rise: &[u32], run: &[u32], both: &[u32]) -> Point {
        let square = self.times(run, run);
        let cube = self.times(&square, run);
        let rises = self.times(&self.times(rise, rise), z);
        let new = self.minus(&rises, &self.times(&square, both));
        let fall = self.minus(&self.times(&square, x), &new);
        let up = self.times(rise, &fall);
        [
            self.times(run, &new),
            self.minus(&up, &self.times(&cube, y)),
            self.times(&cube, z),
        ]
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
