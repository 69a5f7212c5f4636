use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterFn, LevelFilter, filter_fn};

/// Libraries that see credentials, and log what they see below this level.
const CAPPED: [&str; 8] =
    ["h2", "hyper", "hyper_rustls", "hyper_util", "reqwest", "rustls", "sqlx", "tungstenite"];

/// The text is neither a level nor a filter.
#[derive(Debug, thiserror::Error)]
#[error(
    "is no log level: {reason}; accepted are error, warn, info, debug, trace, off, \
     or levels by module such as info,relay=debug"
)]
pub struct InvalidFilter {
    reason: String,
}

/// Reads a level, by its name in Rust or in Python, or levels by module.
pub(super) fn parse(text: &str) -> Result<EnvFilter, InvalidFilter> {
    let text = text.trim();
    if text.trim_matches([',', ' ']).is_empty() {
        return Err(InvalidFilter { reason: "empty".to_owned() });
    }
    // A filter takes a lone word that is no level for a module, and would be silent about the rest.
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let text = match text.to_ascii_lowercase().as_str() {
        "warning" => "warn",
        "critical" | "fatal" => "error",
        word if is_word && word.parse::<LevelFilter>().is_err() => {
            return Err(InvalidFilter { reason: "unknown word".to_owned() });
        }
        _ => text,
    };
    EnvFilter::builder().parse(text).map_err(|error| InvalidFilter { reason: error.to_string() })
}

/// Lets nothing below a warning through from libraries that see credentials, whatever the filter
/// says.
pub(super) fn cap() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    let is_allowed: fn(&Metadata<'_>) -> bool = |metadata| {
        let library = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= Level::WARN || !CAPPED.contains(&library)
    };
    filter_fn(is_allowed).with_max_level_hint(LevelFilter::TRACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_filters_are_read() {
        let cases = [
            ("info", "info"),
            (" DEBUG ", "debug"),
            ("WARNING", "warn"),
            ("critical", "error"),
            ("off", "off"),
            ("warn,relay=debug", "relay=debug,warn"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_what_is_accepted() {
        for text in ["", " , ", "verbose", "relay=loud", "a=b=c"] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains("error, warn, info, debug, trace, off"), "{message}");
        }
    }
}
