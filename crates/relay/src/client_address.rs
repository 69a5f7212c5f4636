//! Where a request comes from, also behind proxies of the operator's own.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// The proxies that are believed when they say whom they ask for (`TRUSTED_PROXIES`).
#[derive(Debug, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Of addresses and networks; what is neither was refused when it was saved.
    pub(crate) fn new(entries: &[String]) -> Self {
        let network = |entry: &String| {
            entry.parse().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from)).ok()
        };
        Self(entries.iter().filter_map(network).collect())
    }

    /// The client's address: the peer's, unless that is a trusted proxy. Each proxy adds to
    /// `X-Forwarded-For` whom it was asked by, so the last entry that is no trusted proxy is the
    /// client; what stands before it is anybody's word.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.has(client) {
            return client;
        }
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        for line in lines {
            for hop in line.as_bytes().rsplit(|byte| *byte == b',') {
                let Some(hop) = address(hop) else { return client };
                client = hop;
                if !self.has(client) {
                    return client;
                }
            }
        }
        client
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address as proxies write it, some of them with a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    let address = match bare {
        Some((address, _)) => address.parse().ok(),
        None => text.parse().ok().or_else(|| text.split_once(':')?.0.parse().ok()),
    };
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&'static str]) -> String {
        let entries: Vec<String> = trusted.iter().map(ToString::to_string).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        TrustedProxies::new(&entries).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        assert_eq!(client(&[], "127.0.0.1", &["203.0.113.9"]), "127.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "198.51.100.1", &["203.0.113.9"]), "198.51.100.1");
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_of_ours_is_the_client() {
        let ours = ["10.0.0.0/8", "127.0.0.1", "fd00::/8"];
        assert_eq!(client(&ours, "127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client(&ours, "::ffff:127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client(&ours, "10.1.1.1", &["1.2.3.4, 203.0.113.9, 10.2.2.2"]), "203.0.113.9");
        assert_eq!(
            client(&ours, "10.1.1.1", &["1.2.3.4", "203.0.113.9", "10.2.2.2"]),
            "203.0.113.9"
        );
        assert_eq!(client(&ours, "fd00::1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(client(&ours, "10.1.1.1", &["203.0.113.9:4711"]), "203.0.113.9");
    }

    #[test]
    fn who_says_nothing_sensible_is_the_client_himself() {
        let ours = ["10.0.0.0/8"];
        assert_eq!(client(&ours, "10.1.1.1", &[]), "10.1.1.1");
        assert_eq!(client(&ours, "10.1.1.1", &["203.0.113.9, unknown"]), "10.1.1.1");
        assert_eq!(client(&ours, "10.1.1.1", &["10.2.2.2"]), "10.2.2.2");
    }
}
