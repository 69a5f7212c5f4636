//! One URL, taken apart once.

use http::uri::PathAndQuery;
use http::{HeaderValue, Uri};
use url::{Host, Position, Url};

use crate::FetchError;

/// The longest URL that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// An http or https URL without credentials.
///
/// The parser is that of browsers: it turns every spelling of an IPv4 address into the address,
/// backslashes into slashes, and names into lower-case ASCII. All that follows reads its result,
/// never the text again.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    url: Url,
    /// Without a name's final dot.
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
    pub(crate) secure: bool,
    /// What the request line names: path and query.
    pub(crate) path: Uri,
    /// The `Host` header: the port only where it is not the scheme's own.
    pub(crate) authority: HeaderValue,
}

impl Target {
    pub(crate) fn parse(text: &str) -> Result<Self, FetchError> {
        if text.len() > LONGEST {
            return Err(FetchError::Malformed);
        }
        Self::of(Url::parse(text).map_err(|_| FetchError::Malformed)?)
    }

    /// Where a redirect leads; never from https to http.
    pub(crate) fn follow(&self, location: &str) -> Option<Self> {
        let url = self.url.join(location).ok()?;
        let next = Self::of(url).ok()?;
        (next.secure || !self.secure).then_some(next)
    }

    fn of(url: Url) -> Result<Self, FetchError> {
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(FetchError::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Credentials);
        }
        if url.as_str().len() > LONGEST {
            return Err(FetchError::Malformed);
        }
        let host = match url.host().ok_or(FetchError::Malformed)?.to_owned() {
            Host::Domain(name) => Host::Domain(without_final_dot(&name)?),
            address => address,
        };
        let port = url.port_or_known_default().ok_or(FetchError::Malformed)?;
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let path: PathAndQuery = path.parse().map_err(|_| FetchError::Malformed)?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let authority = authority.try_into().map_err(|_| FetchError::Malformed)?;
        Ok(Self { url, host, port, secure, path: path.into(), authority })
    }
}

fn without_final_dot(name: &str) -> Result<String, FetchError> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.split('.').any(str::is_empty) {
        return Err(FetchError::Malformed);
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    fn host(url: &str) -> String {
        Target::parse(url).map_or_else(|error| format!("{error:?}"), |found| found.host.to_string())
    }

    #[test]
    fn every_spelling_of_an_address_is_the_address() {
        let spellings = [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7F.1/",
            "http://0177.0.0.01/",
            "http://017700000001/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://１２７。０。０。１/",
            "http://①②⑦.⓪.⓪.①/",
            "hTTp:\\\\127.0.0.1\\",
            "http:127.0.0.1",
            " http://127.0.\n0.1/ ",
            "http://127.0.0.1#@example.com/",
            "http://127.0.0.1\\@example.com/",
        ];
        for spelling in spellings {
            assert_eq!(host(spelling), "127.0.0.1", "{spelling}");
        }
        assert_eq!(host("http://[0:0:0:0:0:0:0:1]/"), "[::1]");
        assert_eq!(host("http://[::FFFF:127.0.0.1]/"), "[::ffff:7f00:1]");
    }

    #[test]
    fn names_are_lower_case_ascii_without_a_final_dot() {
        assert_eq!(host("https://Files.EXAMPLE.com./a"), "files.example.com");
        assert_eq!(host("https://bücher.example/"), "xn--bcher-kva.example");
        assert_eq!(host("https://example。com/"), "example.com");
        for odd in ["http://example.com../", "http://.example.com/", "http://a..b/", "http://./"] {
            assert_eq!(host(odd), "Malformed", "{odd}");
        }
    }

    #[test]
    fn what_is_no_plain_http_url_is_refused() {
        for (url, error) in [
            ("", "Malformed"),
            ("example.com/a.png", "Malformed"),
            ("http://", "Malformed"),
            ("http://256.1.1.1/", "Malformed"),
            ("http://1.2.3.4.5/", "Malformed"),
            ("http://[::1%25eth0]/", "Malformed"),
            ("http://a:99999/", "Malformed"),
            ("file:///etc/passwd", "Scheme"),
            ("ftp://example.com/", "Scheme"),
            ("gopher://127.0.0.1:70/_", "Scheme"),
            ("data:image/png;base64,AA", "Scheme"),
            ("http://user@example.com/", "Credentials"),
            ("http://user:password@example.com/", "Credentials"),
            ("http://:password@example.com/", "Credentials"),
            ("http://example.com@127.0.0.1/", "Credentials"),
            ("http://example.com:80@127.0.0.1/", "Credentials"),
        ] {
            assert_eq!(host(url), error, "{url}");
        }
        assert_eq!(host(&format!("http://a/{}", "a".repeat(LONGEST))), "Malformed");
        assert_eq!(host(&format!("http://a/{}", "ä".repeat(LONGEST / 3))), "Malformed");
    }

    #[test]
    fn requests_name_path_and_query_but_no_fragment() {
        let target = Target::parse("http://a.example:8080/b c//d/%2e%2e/ä?e=|&f#g").unwrap();
        assert_eq!(target.path, "/b%20c//%C3%A4?e=|&f");
        assert_eq!(target.authority, "a.example:8080");
        assert_eq!(Target::parse("https://[::1]:443").unwrap().authority, "[::1]");
    }

    #[test]
    fn redirects_stay_on_https_and_are_checked_like_any_url() {
        let target = Target::parse("https://a.example/b/c").unwrap();
        let next = |location| target.follow(location).map(|next| next.url.to_string());
        assert_eq!(next("d").as_deref(), Some("https://a.example/b/d"));
        assert_eq!(next("//B.example").as_deref(), Some("https://b.example/"));
        assert_eq!(next("http://a.example/b/c"), None);
        assert_eq!(next("https://user@a.example/"), None);
        assert_eq!(next("file:///etc/passwd"), None);
        let plain = Target::parse("http://a.example/").unwrap();
        assert!(plain.follow("https://a.example/").is_some());
    }

    proptest! {
        #[test]
        fn no_spelling_hides_an_address(bits: u32, parts in 1..=4_usize, bases: [u8; 4]) {
            let address = Ipv4Addr::from_bits(bits);
            // All but the last part are a byte each; the last is what is left.
            let left = bits & u32::MAX.checked_shr(8 * (parts as u32 - 1)).unwrap_or_default();
            let mut numbers: Vec<_> = address.octets().map(u32::from)[..parts - 1].to_vec();
            numbers.push(left);
            let spelled = numbers.iter().zip(bases).map(|(number, base)| match base % 4 {
                0 => format!("{number}"),
                1 => format!("0{number:o}"),
                2 => format!("0x{number:x}"),
                _ => format!("0X000{number:X}"),
            });
            let url = format!("http://{}/", spelled.collect::<Vec<_>>().join("."));
            prop_assert_eq!(host(&url), address.to_string());
        }

        #[test]
        fn any_text_is_a_target_or_an_error(text in "(https?:)?[/\\\\]{0,3}.{0,40}") {
            if let Ok(target) = Target::parse(&text) {
                prop_assert!(!target.host.to_string().is_empty());
                prop_assert!(target.path.authority().is_none());
                if let Host::Domain(name) = &target.host {
                    prop_assert!(name.parse::<Ipv4Addr>().is_err());
                    prop_assert!(name.parse::<Ipv6Addr>().is_err());
                    prop_assert!(!name.bytes().any(|byte| byte.is_ascii_uppercase()));
                }
            }
        }
    }
}
