//! From text to value, by kind. Problems are phrases that follow the variable's name.

mod address;
mod by_model;
mod collection;
mod headers;
mod hours;
mod limits;
mod networks;
mod number;
mod prices;
mod safety;

#[cfg(test)]
mod tests;

pub(crate) use collection::list;
pub(crate) use hours::daily as daily_hours;

use crate::hidden::Hidden;
use crate::kind::Kind;
use crate::value::Value;

/// What is wrong with a text, as a phrase: `"abc" is no whole number`.
pub(crate) type Problem = String;

/// Reads a text that is not empty.
pub(crate) fn parse(kind: Kind, text: &str) -> Result<Value, Problem> {
    let text = if kind == Kind::Secret { text.trim() } else { unquoted(text) };
    match kind {
        Kind::Bool => number::boolean(text).map(Value::Bool),
        Kind::Integer { min, max } => number::integer(text, min, max).map(Value::Integer),
        Kind::Decimal { min, max } => number::decimal(text, min, max).map(Value::Decimal),
        Kind::Seconds { min, max } => number::duration(text, min, max).map(Value::Duration),
        Kind::Bytes { min, max } => number::bytes(text, min, max).map(Value::Bytes),
        Kind::Text => single_line(text).map(|text| Value::Text(text.to_owned())),
        Kind::Choice(words) => choice(text, words).map(Value::Text),
        Kind::ChoiceList(words) => choices(&list(text)?, words).map(Value::List),
        Kind::DailyHours => hours::daily(text).map(|hours| Value::Text(hours.to_string())),
        Kind::LogLevel => log_level(text).map(Value::Text),
        Kind::Url => address::web(text).map(Value::Text),
        Kind::SecretUrl => address::secret_web(text).map(Value::Secret),
        Kind::ServiceUrl(schemes) => address::service(text, schemes).map(Value::Secret),
        Kind::SocketAddress => address::socket(text).map(Value::Address),
        Kind::Host => address::host(text).map(|host| Value::Text(host.to_string())),
        Kind::TimeZone => time_zone(text).map(Value::Text),
        Kind::Secret => single_line(text).map(|text| Value::Secret(Hidden::new(text))),
        Kind::LongSecret { min } => match single_line(text)? {
            text if text.chars().count() < min => Err("is too short".to_owned()),
            text => Ok(Value::Secret(Hidden::new(text))),
        },
        Kind::TextList => list(text).map(Value::List).map_err(|what| quoted(text, &what)),
        Kind::AddressList => networks::addresses(list(text)?).map(Value::List),
        Kind::NetworkList => networks::networks(list(text)?).map(Value::List),
        Kind::SecretList => list(text).map(|values| hide(&values)),
        Kind::ProxyList => address::proxies(&list(text)?).map(Value::Secrets),
        Kind::Headers => headers::headers(text).map(Value::Headers),
        Kind::TextMap => {
            collection::texts(text).map(Value::Map).map_err(|what| quoted(text, &what))
        }
        Kind::ChoiceMap(words) => {
            collection::choices(text, words).map(Value::Map).map_err(|what| quoted(text, &what))
        }
        Kind::NumberMap { min, max } => collection::numbers(text, min, max)
            .map(Value::Numbers)
            .map_err(|what| quoted(text, &what)),
        Kind::SafetySettings => safety::list(text).map(Value::Safety),
        Kind::ModelChains => by_model::chains(text).map(Value::Chains),
        Kind::ModelHeaders => by_model::headers(text).map(Value::ModelHeaders),
        Kind::ModelTools => by_model::tools(text).map(Value::ModelTools),
        Kind::ModelSafety => by_model::safety(text).map(Value::ModelSafety),
        Kind::QuotaLimits => limits::limits(text).map(Value::Limits),
        Kind::ModelPrices => prices::prices(text).map(Value::Prices),
    }
}

/// The value in quotes, cut to a readable length, with what is wrong about it.
pub(crate) fn quoted(text: &str, problem: &str) -> Problem {
    const READABLE: usize = 60;
    let cut: String = text.chars().take(READABLE).collect();
    let mark = if cut.len() < text.len() { "…" } else { "" };
    format!("{:?} {problem}", format!("{cut}{mark}"))
}

/// The text without quotes around all of it, which `docker run --env-file` leaves in place.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| {
            let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
            (!inner.contains(quote)).then_some(inner)
        })
        .map_or(text, str::trim)
}

fn hide(values: &[String]) -> Value {
    Value::Secrets(values.iter().map(|value| Hidden::new(value)).collect())
}

fn single_line(text: &str) -> Result<&str, Problem> {
    if text.contains(char::is_control) {
        return Err("holds a line end or another control character".to_owned());
    }
    Ok(text)
}

fn choice(text: &str, words: &[&str]) -> Result<String, Problem> {
    words
        .iter()
        .find(|word| word.eq_ignore_ascii_case(text))
        .map(|word| (*word).to_owned())
        .ok_or_else(|| quoted(text, "is none of the choices"))
}

fn choices(entries: &[String], words: &[&str]) -> Result<Vec<String>, Problem> {
    entries.iter().map(|entry| choice(entry, words)).collect()
}

fn log_level(text: &str) -> Result<String, Problem> {
    let level = match text.to_ascii_lowercase().as_str() {
        "trace" | "notset" => "trace",
        "debug" => "debug",
        "info" => "info",
        "warn" | "warning" => "warn",
        "error" | "critical" | "fatal" => "error",
        _ => return Err(quoted(text, "is no log level")),
    };
    Ok(level.to_owned())
}

fn time_zone(text: &str) -> Result<String, Problem> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "/_+-".contains(letter);
    if text.chars().all(fits) && text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Ok(text.to_owned());
    }
    Err(quoted(text, "is no name of a time zone"))
}
