//! A request, read.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, header};

use crate::received::Received;
use crate::route::{Operation, Target, decoded};

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
    pub(crate) method: Method,
    /// Those of an upload; what else is asked is not told by headers.
    headers: HeaderMap,
    /// The path as it came.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) credentials: Credentials,
    /// A token of a session, wherever it stands.
    pub(crate) ticket: Option<String>,
    pub(crate) body: Bytes,
    /// The script cuts the connection, and this is what came before.
    pub(crate) is_cut: bool,
}

impl Call {
    pub(crate) fn of(head: &Parts, body: Bytes) -> Self {
        let query = query_pairs(head.uri.query().unwrap_or_default());
        let target = Target::of(&head.method, head.uri.path());
        let is_upload = target.operation == Operation::Upload;
        let is_compat = target.operation == Operation::Compat;
        Self {
            path: head.uri.path().to_owned(),
            method: head.method.clone(),
            headers: if is_upload { head.headers.clone() } else { HeaderMap::new() },
            target,
            credentials: credentials(&head.headers, &query, is_compat),
            ticket: ticket(&head.headers, &query),
            query,
            body,
            is_cut: false,
        }
    }

    /// A header of an upload, empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
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
            key: match &self.credentials {
                Credentials::Key(key) => Some(key.clone()),
                _ => any_key(&head.headers, &self.query),
            },
            model: self.target.model.clone(),
            operation: self.target.label.clone(),
            headers: head.headers,
            body: self.body.clone(),
            status: None,
            answer: Vec::new(),
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

fn ticket(headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let in_header = header.and_then(|value| value.strip_prefix("Token ")).map(str::to_owned);
    let in_query = query.iter().find(|(name, _)| name == "access_token");
    in_header.or_else(|| in_query.map(|(_, value)| value.clone()))
}

/// The OpenAI-compatible layer takes a bearer token for the key, and nothing else.
fn credentials(headers: &HeaderMap, query: &[(String, String)], is_compat: bool) -> Credentials {
    let mut all: Vec<Credentials> =
        header_keys(headers).chain(query_keys(query)).map(Credentials::Key).collect();
    all.extend(headers.get_all(header::AUTHORIZATION).iter().map(|value| {
        let value = value.to_str().unwrap_or_default();
        match value.strip_prefix("Bearer ").filter(|_| is_compat) {
            Some(key) => Credentials::Key(key.to_owned()),
            None => Credentials::Bearer,
        }
    }));
    match all.len() {
        0 => Credentials::None,
        1 => all.swap_remove(0),
        _ => Credentials::Several,
    }
}
