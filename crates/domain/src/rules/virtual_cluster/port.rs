//! NodePorts.

/// Kubernetes' default range (`--service-node-port-range` of its API server).
const NODE_PORTS: std::ops::RangeInclusive<u16> = 30000..=32767;

/// A NodePort in decimal digits.
pub(crate) fn parse(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|_| digits)?;
    is_node_port(port).then_some(port)
}

/// Tells whether Kubernetes gives out that port.
pub(super) fn is_node_port(port: u16) -> bool {
    NODE_PORTS.contains(&port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_ports() {
        for (text, port) in [("30000", 30000), ("32767", 32767), ("030443", 30443)] {
            assert_eq!(parse(text), Some(port));
        }
        for text in [
            "29999", "32768", "443", "+30443", "30443 ", "3e4", "", "99999999",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
