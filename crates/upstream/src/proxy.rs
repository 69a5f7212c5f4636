//! Addresses of outbound proxies.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// An outbound proxy: `http://`, `https://`, `socks5://` or `socks5h://`, with an optional
/// `user:password@`. Names are always resolved by the proxy. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl {
    pub(crate) kind: ProxyKind,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// User and password, percent-decoded.
    pub(crate) login: Option<(String, String)>,
}

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    /// CONNECT over plain TCP.
    Http,
    /// CONNECT over TLS.
    Https,
    /// SOCKS version 5.
    Socks5,
}

/// Text that is no address of a proxy. Does not repeat the text: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProxy {
    /// Not a URL, or one without a host.
    #[error("a proxy is written as scheme://[user:password@]host[:port]")]
    Shape,
    /// A scheme that is not supported.
    #[error("a proxy's scheme is http, https, socks5 or socks5h")]
    Scheme,
    /// SOCKS 5 allows at most 255 bytes each.
    #[error("a SOCKS proxy's user and password have 1 to 255 bytes")]
    Login,
}

impl ProxyUrl {
    /// How it is spoken to: `http`, `https` or `socks5`.
    pub fn kind(&self) -> &'static str {
        self.kind.as_str()
    }
}

impl ProxyKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
        }
    }
}

impl FromStr for ProxyUrl {
    type Err = InvalidProxy;

    fn from_str(text: &str) -> Result<Self, InvalidProxy> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidProxy::Shape)?;
        let (kind, default_port) = match url.scheme() {
            "http" => (ProxyKind::Http, 80),
            "https" => (ProxyKind::Https, 443),
            "socks5" | "socks5h" => (ProxyKind::Socks5, 1080),
            _ => return Err(InvalidProxy::Scheme),
        };
        let host = match url.host().ok_or(InvalidProxy::Shape)? {
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        };
        if host.is_empty() {
            return Err(InvalidProxy::Shape);
        }
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decoded(user), decoded(password.unwrap_or_default()))),
        };
        if kind == ProxyKind::Socks5
            && let Some((user, password)) = &login
            && [user, password].iter().any(|part| !(1..=255).contains(&part.len()))
        {
            return Err(InvalidProxy::Login);
        }
        Ok(Self { kind, host, port: url.port().unwrap_or(default_port), login })
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.kind.as_str();
        let login = if self.login.is_some() { "***@" } else { "" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{login}{open}{}{close}:{}", self.host, self.port)
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyUrl({self})")
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.get(..2)).flatten().and_then(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        });
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_ports_and_logins_are_read() {
        let proxy: ProxyUrl = "socks5h://us%40er:p%3Aw@proxy.example".parse().unwrap();
        assert_eq!(proxy.kind, ProxyKind::Socks5);
        assert_eq!((proxy.host.as_str(), proxy.port), ("proxy.example", 1080));
        assert_eq!(proxy.login, Some(("us@er".to_owned(), "p:w".to_owned())));
        let proxy: ProxyUrl = "http://[::1]:3128".parse().unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("::1", 3128));
        assert_eq!(proxy.to_string(), "http://[::1]:3128");
    }

    #[test]
    fn a_password_is_never_shown() {
        let proxy: ProxyUrl = "http://user:sesame@proxy.example:8080".parse().unwrap();
        assert_eq!(proxy.to_string(), "http://***@proxy.example:8080");
        assert!(!format!("{proxy:?}").contains("sesame"));
    }

    #[test]
    fn other_texts_are_refused() {
        assert_eq!("proxy.example:80".parse::<ProxyUrl>(), Err(InvalidProxy::Scheme));
        assert_eq!("".parse::<ProxyUrl>(), Err(InvalidProxy::Shape));
        assert_eq!("ftp://x".parse::<ProxyUrl>(), Err(InvalidProxy::Scheme));
        assert_eq!("socks5://user@x".parse::<ProxyUrl>(), Err(InvalidProxy::Login));
    }
}
