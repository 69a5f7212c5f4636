//! A request, read.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, header};

use crate::received::Received;
use crate::route::{Target, decoded};

/// The credentials that a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    None,
    Key(String),
    /// A bearer token, which native paths take for an OAuth access token.
    Bearer,
    Several,
}

/// A request, read as far as its body.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) target: Target,
    /// The path as it came.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) credentials: Credentials,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn of(head: &Parts, body: Bytes) -> Self {
        let query = query_pairs(head.uri.query().unwrap_or_default());
        Self {
            path: head.uri.path().to_owned(),
            target: Target::of(&head.method, head.uri.path()),
            credentials: credentials(&head.headers, &query),
            query,
            body,
        }
    }

    /// A query parameter; Google takes `$alt` for `alt`.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.trim_start_matches('$') == name;
        self.query.iter().find(named).map(|(_, value)| value.as_str())
    }

    pub(crate) fn received(&self, head: Parts, at: i64) -> Received {
        Received {
            at,
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            key: any_key(&head.headers, &self.query),
            model: self.target.model.clone(),
            operation: self.target.label.clone(),
            headers: head.headers,
            body: self.body.clone(),
            status: None,
        }
    }
}

fn query_pairs(query: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(&value.replace('+', " ")))
    };
    query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn header_keys(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let values = headers.get_all("x-goog-api-key").iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn query_keys(query: &[(String, String)]) -> impl Iterator<Item = String> {
    query.iter().filter(|(name, _)| name == "key").map(|(_, value)| value.clone())
}

fn any_key(headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
    header_keys(headers).chain(query_keys(query)).next()
}

fn credentials(headers: &HeaderMap, query: &[(String, String)]) -> Credentials {
    let mut all: Vec<Credentials> =
        header_keys(headers).chain(query_keys(query)).map(Credentials::Key).collect();
    all.extend(headers.get_all(header::AUTHORIZATION).iter().map(|_| Credentials::Bearer));
    match all.len() {
        0 => Credentials::None,
        1 => all.swap_remove(0),
        _ => Credentials::Several,
    }
}
