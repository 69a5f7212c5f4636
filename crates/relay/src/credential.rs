//! One function reads the caller's credential from every place where it may stand.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use url::form_urlencoded;

use crate::route::Dialect;

/// Why a request carries no usable credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// There is none.
    Missing,
    /// `Authorization` is not of the form `Bearer <token>`.
    NotBearer,
    /// Two that differ: which one is meant would be a guess.
    Ambiguous,
}

impl Rejected {
    /// A sentence for the caller.
    pub(crate) fn message(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Self::Missing, Dialect::Gemini) => {
                "No client token was sent. Send it as x-goog-api-key, as ?key= or as Authorization: Bearer <client token>."
            }
            (Self::Missing, Dialect::Anthropic) => {
                "No client token was sent. Send it as x-api-key or as Authorization: Bearer <client token>."
            }
            (Self::Missing, Dialect::OpenAi) => {
                "No client token was sent. Send it as Authorization: Bearer <client token>."
            }
            (Self::NotBearer, _) => "The Authorization header must read: Bearer <client token>.",
            (Self::Ambiguous, _) => "The request carries two different credentials; send one.",
        }
    }
}

/// Reads the credential of a request in `dialect`.
pub(crate) fn read<'a>(
    dialect: Dialect,
    headers: &'a HeaderMap,
    query: Option<&'a str>,
) -> Result<Cow<'a, str>, Rejected> {
    read_among(dialect, headers, query, &["key"])
}

/// The same where a query may name the credential in one of several ways.
pub(crate) fn read_among<'a>(
    dialect: Dialect,
    headers: &'a HeaderMap,
    query: Option<&'a str>,
    names: &[&str],
) -> Result<Cow<'a, str>, Rejected> {
    let mut found = Found::default();
    for value in headers.get_all(AUTHORIZATION) {
        let takes_tokens = names.contains(&"access_token");
        let token = || scheme(value.as_bytes(), "Token").filter(|_| takes_tokens);
        let told = scheme(value.as_bytes(), "Bearer").or_else(token);
        found.add(told.ok_or(Rejected::NotBearer)?.into())?;
    }
    let header = match dialect {
        Dialect::OpenAi => None,
        Dialect::Anthropic => Some("x-api-key"),
        Dialect::Gemini => Some("x-goog-api-key"),
    };
    for value in header.into_iter().flat_map(|name| headers.get_all(name)) {
        found.add(value.to_str().unwrap_or_default().trim().into())?;
    }
    if dialect == Dialect::Gemini {
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if names.contains(&&*name) {
                found.add(value)?;
            }
        }
    }
    found.0.filter(|token| !token.is_empty()).ok_or(Rejected::Missing)
}

#[derive(Default)]
struct Found<'a>(Option<Cow<'a, str>>);

impl<'a> Found<'a> {
    fn add(&mut self, token: Cow<'a, str>) -> Result<(), Rejected> {
        match &self.0 {
            Some(other) if *other != token => Err(Rejected::Ambiguous),
            _ => {
                self.0 = Some(token);
                Ok(())
            }
        }
    }
}

/// What follows a scheme, whose name is case-insensitive (RFC 9110 §11.1).
fn scheme<'v>(value: &'v [u8], name: &str) -> Option<&'v str> {
    let value = std::str::from_utf8(value).ok()?.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case(name).then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn each_surface_reads_its_own_places() {
        let bearer = headers(&[("authorization", "Bearer t")]);
        for dialect in [Dialect::OpenAi, Dialect::Anthropic, Dialect::Gemini] {
            assert_eq!(read(dialect, &bearer, None), Ok("t".into()));
        }
        let google = headers(&[("x-goog-api-key", "t")]);
        assert_eq!(read(Dialect::Gemini, &google, None), Ok("t".into()));
        assert_eq!(read(Dialect::OpenAi, &google, None), Err(Rejected::Missing));
        assert_eq!(read(Dialect::Gemini, &HeaderMap::new(), Some("a=b&key=t")), Ok("t".into()));
        let none = HeaderMap::new();
        let escaped = read(Dialect::Gemini, &none, Some("key=a%2Bb"));
        assert_eq!(escaped, Ok("a+b".into()));
        assert_eq!(read(Dialect::Anthropic, &headers(&[("x-api-key", "t")]), None), Ok("t".into()));
    }

    #[test]
    fn an_access_token_counts_where_it_may_stand() {
        let (none, query) = (HeaderMap::new(), Some("access_token=t"));
        assert_eq!(read(Dialect::Gemini, &none, query), Err(Rejected::Missing));
        let names = ["key", "access_token"];
        assert_eq!(read_among(Dialect::Gemini, &none, query, &names), Ok("t".into()));
        let token = headers(&[("authorization", "Token t")]);
        assert_eq!(read(Dialect::Gemini, &token, None), Err(Rejected::NotBearer));
        assert_eq!(read_among(Dialect::Gemini, &token, None, &names), Ok("t".into()));
        let two = Some("key=t&access_token=u");
        assert_eq!(read_among(Dialect::Gemini, &none, two, &names), Err(Rejected::Ambiguous));
    }

    #[test]
    fn an_empty_token_is_none_at_all() {
        assert_eq!(
            read(Dialect::Gemini, &headers(&[("x-goog-api-key", "")]), Some("key=")),
            Err(Rejected::Missing)
        );
        for value in ["Bearer ", "Bearer"] {
            let headers = headers(&[("authorization", value)]);
            assert_eq!(read(Dialect::OpenAi, &headers, None), Err(Rejected::Missing), "{value}");
        }
    }

    #[test]
    fn two_different_credentials_are_refused() {
        let both = headers(&[("authorization", "Bearer a"), ("x-goog-api-key", "b")]);
        assert_eq!(read(Dialect::Gemini, &both, None), Err(Rejected::Ambiguous));
        let same = headers(&[("authorization", "Bearer a"), ("x-goog-api-key", "a")]);
        assert_eq!(read(Dialect::Gemini, &same, Some("key=a")), Ok("a".into()));
        let basic = headers(&[("authorization", "Basic dXNlcg==")]);
        assert_eq!(read(Dialect::OpenAi, &basic, None), Err(Rejected::NotBearer));
    }
}
