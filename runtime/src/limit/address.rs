//! Where a request comes from. Knows nothing about what is counted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// The other end of a request's connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// How many proxies of the operator's own stand in front, each of which adds whom it was called by to `X-Forwarded-For`.
/// What stands before their entries was written by the caller, who may write anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Proxies(pub u32);

impl Proxies {
    /// Whom requests are counted for: an IPv4 address, or an IPv6 network, because whoever has one such address has 2^64.
    pub fn client(self, peer: Option<Peer>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer.map(|Peer(address)| address.ip());
        let told = self.0.checked_sub(1).and_then(|behind| told(headers, behind as usize));
        told.or(peer).map(|address| match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// The entry with so many behind it. Fewer than there are proxies, or no address: nothing can be believed.
fn told(headers: &HeaderMap, behind: usize) -> Option<IpAddr> {
    let lines: Vec<_> =
        headers.get_all("x-forwarded-for").iter().map(|line| line.to_str().unwrap_or_default()).collect();
    let entry = lines.iter().flat_map(|line| line.split(',')).rev().nth(behind)?.trim();
    entry.parse().ok().or_else(|| entry.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: u32, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        Proxies(proxies).client(Some(Peer(peer.parse().unwrap())), &headers).unwrap().to_string()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        assert_eq!(client(0, "10.0.0.1:80", &["1.1.1.1"]), "10.0.0.1");
        assert_eq!(client(1, "10.0.0.1:80", &["6.6.6.6, 1.1.1.1"]), "1.1.1.1");
        assert_eq!(client(2, "10.0.0.1:80", &["6.6.6.6, 1.1.1.1", "10.0.0.2"]), "1.1.1.1");
        assert_eq!(client(1, "10.0.0.1:80", &["1.1.1.1:4711"]), "1.1.1.1");
        assert_eq!(client(1, "10.0.0.1:80", &[]), "10.0.0.1");
        assert_eq!(client(1, "10.0.0.1:80", &["1.1.1.1, unknown"]), "10.0.0.1");
        assert_eq!(client(3, "10.0.0.1:80", &["1.1.1.1, 10.0.0.2"]), "10.0.0.1");
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        assert_eq!(client(0, "[2001:db8:1:2:3:4:5:6]:80", &[]), "2001:db8:1:2::");
        assert_eq!(client(0, "[::ffff:10.0.0.1]:80", &[]), "10.0.0.1");
    }
}
