//! A value that has been read, and its texts: the canonical one and the one that may be shown.

use std::net::SocketAddr;
use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::hidden::Hidden;
use crate::kind::Kind;
use crate::prices::ModelPrice;
use crate::quota_limit::QuotaLimit;
use crate::tool::Tool;

/// A setting's value after parsing. Its `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Integer(i64),
    Decimal(f64),
    Duration(Duration),
    Bytes(u64),
    Text(String),
    Address(SocketAddr),
    Secret(Hidden),
    List(Vec<String>),
    Secrets(Vec<Hidden>),
    Map(IndexMap<String, String>),
    Headers(IndexMap<String, Hidden>),
    Numbers(IndexMap<String, f64>),
    Safety(Vec<SafetySetting>),
    Chains(IndexMap<String, Vec<String>>),
    ModelHeaders(IndexMap<String, IndexMap<String, Hidden>>),
    ModelTools(IndexMap<String, Vec<Tool>>),
    ModelSafety(IndexMap<String, Vec<SafetySetting>>),
    Limits(Vec<QuotaLimit>),
    Prices(Vec<ModelPrice>),
}

/// One of Gemini's safety settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SafetySetting {
    /// `HARM_CATEGORY_…`
    pub category: String,
    /// `OFF`, `BLOCK_NONE`, …
    pub threshold: String,
}

impl Value {
    /// The text that parses to this value again. Holds secrets in clear.
    pub(crate) fn canonical(&self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Decimal(value) => value.to_string(),
            Self::Duration(value) => time(*value),
            Self::Bytes(value) => size(*value),
            Self::Text(value) => value.clone(),
            Self::Address(value) => value.to_string(),
            Self::Secret(value) => value.expose().to_owned(),
            Self::List(values) => list(values.iter().map(String::as_str)),
            Self::Secrets(values) => list(values.iter().map(Hidden::expose)),
            Self::Map(map) => json(map),
            Self::Headers(map) => json(&exposed(map)),
            Self::Numbers(map) => json(&numbers(map)),
            Self::Safety(settings) => json(settings),
            Self::Chains(map) => json(map),
            Self::ModelHeaders(map) => {
                let exposed: IndexMap<_, _> =
                    map.iter().map(|(model, headers)| (model, exposed(headers))).collect();
                json(&exposed)
            }
            Self::ModelTools(map) => json(map),
            Self::ModelSafety(map) => json(map),
            Self::Limits(limits) => json(limits),
            Self::Prices(prices) => json(prices),
        }
    }

    /// The text that may be shown: secrets are replaced by a word that says they are set.
    pub(crate) fn shown(&self, kind: Kind) -> String {
        match self {
            Self::Secret(value) if matches!(kind, Kind::ServiceUrl(_)) => {
                without_password(value.expose())
            }
            Self::Secret(_) => "set".to_owned(),
            Self::Secrets(values) if kind == Kind::ProxyList => {
                let shown: Vec<_> =
                    values.iter().map(|value| without_password(value.expose())).collect();
                list(shown.iter().map(String::as_str))
            }
            Self::Secrets(values) => format!("set ({})", values.len()),
            Self::Headers(map) if map.is_empty() => self.canonical(),
            Self::Headers(map) => {
                let names: Vec<_> = map.keys().map(String::as_str).collect();
                format!("set ({})", names.join(", "))
            }
            Self::ModelHeaders(map) if map.is_empty() => self.canonical(),
            Self::ModelHeaders(map) => {
                let shown = |(model, headers): (&String, &IndexMap<String, Hidden>)| {
                    let names: Vec<_> = headers.keys().map(String::as_str).collect();
                    format!("{model}: {}", names.join(", "))
                };
                format!("set ({})", map.iter().map(shown).collect::<Vec<_>>().join("; "))
            }
            _ => self.canonical(),
        }
    }
}

/// `90s`, or `1500ms` if it is no whole number of seconds.
fn time(value: Duration) -> String {
    if value.subsec_millis() == 0 {
        format!("{}s", value.as_secs())
    } else {
        format!("{}ms", value.as_millis())
    }
}

/// `100MB`: with the largest unit that leaves a whole number.
pub(crate) fn size(bytes: u64) -> String {
    [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")]
        .into_iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit))
        .map_or_else(|| bytes.to_string(), |(unit, name)| format!("{}{name}", bytes / unit))
}

/// `a,b`, or a JSON list where commas would be ambiguous.
fn list<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<_> = values.collect();
    let plain = |value: &&str| {
        !value.is_empty()
            && !value.starts_with(['[', '"', '\''])
            && !value.contains(|letter: char| letter == ',' || letter.is_whitespace())
    };
    if values.is_empty() || !values.iter().all(plain) { json(&values) } else { values.join(",") }
}

fn exposed(map: &IndexMap<String, Hidden>) -> IndexMap<&str, &str> {
    map.iter().map(|(name, value)| (name.as_str(), value.expose())).collect()
}

/// Whole numbers are written without `.0`, as people write budgets.
fn numbers(map: &IndexMap<String, f64>) -> IndexMap<&str, serde_json::Value> {
    map.iter()
        .map(|(name, number)| {
            let whole = *number as i64;
            let exact = (whole as f64 - number).abs() < f64::EPSILON;
            (name.as_str(), if exact { whole.into() } else { (*number).into() })
        })
        .collect()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// An address without the password in it, and without its query if that may hold one.
pub(crate) fn without_password(address: &str) -> String {
    if address.starts_with("sqlite:") {
        return address.to_owned();
    }
    let Some((scheme, rest)) = address.split_once("://") else { return "set".to_owned() };
    let (rest, query) =
        rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let end = rest.find('/').unwrap_or(rest.len());
    // A password that was not encoded may hold a slash: look for the @ in everything then.
    let at = rest[..end].rfind('@').or_else(|| rest.rfind('@'));
    let rest = at.map_or_else(
        || rest.to_owned(),
        |at| {
            let user = rest[..at].split_once(':').map_or("", |(user, _)| user);
            format!("{user}:***{}", &rest[at..])
        },
    );
    match query {
        Some(query) if query.to_ascii_lowercase().contains("pass") => {
            format!("{scheme}://{rest}?***")
        }
        Some(query) => format!("{scheme}://{rest}?{query}"),
        None => format!("{scheme}://{rest}"),
    }
}
