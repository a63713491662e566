//! Networks as `address/length`.

use std::net::IpAddr;
use std::str::FromStr;

/// All addresses that share their first bits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CidrBlock {
    network: IpAddr,
    length: u32,
}

impl FromStr for CidrBlock {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, length) = text.split_once('/').ok_or(())?;
        let network: IpAddr = address.trim_matches(['[', ']']).parse().map_err(|_| ())?;
        let length: u32 = length.parse().map_err(|_| ())?;
        let longest = if network.is_ipv4() { 32 } else { 128 };
        (length <= longest)
            .then_some(Self { network, length })
            .ok_or(())
    }
}

impl CidrBlock {
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros()
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        differing >= self.length
    }
}

#[cfg(test)]
mod tests {
    use super::CidrBlock;

    #[test]
    fn the_first_bits_decide() {
        let network: CidrBlock = "192.168.16.0/20".parse().unwrap();
        assert!(network.contains("192.168.31.255".parse().unwrap()));
        assert!(!network.contains("192.168.32.0".parse().unwrap()));
        assert!(!network.contains("::1".parse().unwrap()));
        let everything: CidrBlock = "[::]/0".parse().unwrap();
        assert!(everything.contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn other_texts_are_no_network() {
        for text in [
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0/8",
            "example.com/8",
            "::/129",
        ] {
            assert!(text.parse::<CidrBlock>().is_err(), "{text}");
        }
    }
}
