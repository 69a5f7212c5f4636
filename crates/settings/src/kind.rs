//! The kinds of values, and how each describes what it accepts.

use crate::tool::Tool;

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// `true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`.
    Bool,
    /// A whole number within bounds, both included.
    Integer {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// A number within bounds, both included.
    Decimal {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// A length of time in seconds (`300`) or with a unit (`500ms`, `5s`, `5m`, `1h`).
    Seconds {
        /// Smallest value in seconds.
        min: u64,
        /// Largest value in seconds.
        max: u64,
    },
    /// A size in bytes or with a unit (`64KB`, `100MB`, `1GB`; a KB is 1024 bytes).
    Bytes {
        /// Smallest value in bytes.
        min: u64,
        /// Largest value in bytes.
        max: u64,
    },
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Some of these words.
    ChoiceList(&'static [&'static str]),
    /// From a time of day to another, past midnight too.
    DailyHours,
    /// A log level, by Python's names or by tracing's.
    LogLevel,
    /// An `http` or `https` address.
    Url,
    /// An `http` or `https` address that opens something to whoever knows it.
    SecretUrl,
    /// The address of a database, cache or mail server with one of these schemes; may hold a password.
    ServiceUrl(&'static [&'static str]),
    /// Address and port to listen on.
    SocketAddress,
    /// An IP address to listen on.
    Host,
    /// The name of a time zone.
    TimeZone,
    /// A text that is never shown.
    Secret,
    /// A text that is never shown, of at least so many characters.
    LongSecret {
        /// So many.
        min: usize,
    },
    /// Several texts.
    TextList,
    /// Several hosts, addresses or networks.
    NetworkList,
    /// Several addresses or networks.
    AddressList,
    /// Several texts that are never shown.
    SecretList,
    /// Several addresses of proxies; may hold passwords.
    ProxyList,
    /// HTTP headers; the values are never shown.
    Headers,
    /// Names to texts.
    TextMap,
    /// Names to one of these words each.
    ChoiceMap(&'static [&'static str]),
    /// Names to numbers within bounds, both included.
    NumberMap {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// Gemini's safety settings: a list of category and threshold.
    SafetySettings,
    /// Models to the models that are tried after them.
    ModelChains,
    /// Models to HTTP headers; the values are never shown.
    ModelHeaders,
    /// Models to tools of Google.
    ModelTools,
    /// Models to Gemini's safety settings.
    ModelSafety,
    /// Declared limits of quotas: a list of objects.
    QuotaLimits,
    /// Prices of models: a list of objects.
    ModelPrices,
}

const LIST_FORMS: &str = "separated by commas or spaces, or a JSON list";

impl Kind {
    /// Whether values of this kind are, or may hold, something that must not be shown.
    pub fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Secret
                | Self::LongSecret { .. }
                | Self::SecretList
                | Self::SecretUrl
                | Self::ServiceUrl(_)
                | Self::ProxyList
                | Self::Headers
                | Self::ModelHeaders
        )
    }

    /// What is accepted, as a phrase: `a whole number from 1 to 10`.
    pub fn accepts(self) -> String {
        match self {
            Self::Bool => "true or false (also 1/0, yes/no, on/off)".to_owned(),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Decimal { min, max } => format!("a number from {min} to {max}"),
            Self::Seconds { min, max } => {
                format!("a time from {min} to {max} seconds (like 5, 5s, 500ms or 5m)")
            }
            Self::Bytes { min, max } => format!(
                "a size from {} to {}, in bytes or like 64KB, 100MB",
                crate::value::size(min),
                crate::value::size(max)
            ),
            Self::Text => "a text".to_owned(),
            Self::Choice(words) => alternatives(words),
            Self::ChoiceList(words) => format!("some of {}, {LIST_FORMS}", words.join(", ")),
            Self::DailyHours => "two times of day of 24 hours, like 23:00-07:30".to_owned(),
            Self::LogLevel => {
                "trace, debug, info, warn or error (also WARNING and CRITICAL)".to_owned()
            }
            Self::Url | Self::SecretUrl => {
                "an address starting with http:// or https://".to_owned()
            }
            Self::ServiceUrl(schemes) => {
                let starts: Vec<_> = schemes.iter().map(|scheme| format!("{scheme}://…")).collect();
                alternatives(&starts)
            }
            Self::SocketAddress => "an IP address and port, like 0.0.0.0:8000 or [::]:8000".into(),
            Self::Host => "an IP address, like 0.0.0.0 or ::".to_owned(),
            Self::TimeZone => "the name of a time zone, like UTC or Asia/Shanghai".to_owned(),
            Self::Secret => "a text without line ends".to_owned(),
            Self::LongSecret { min } => {
                format!("a text of at least {min} characters, without line ends")
            }
            Self::TextList
            | Self::NetworkList
            | Self::AddressList
            | Self::SecretList
            | Self::ProxyList
            | Self::Headers
            | Self::TextMap
            | Self::ChoiceMap(_)
            | Self::NumberMap { .. }
            | Self::SafetySettings => self.accepts_several(),
            Self::ModelChains
            | Self::ModelHeaders
            | Self::ModelPrices
            | Self::ModelTools
            | Self::ModelSafety
            | Self::QuotaLimits => self.accepts_by_model(),
        }
    }

    fn accepts_several(self) -> String {
        match self {
            Self::TextList => format!("texts {LIST_FORMS}"),
            Self::NetworkList => format!(
                "hosts, addresses and networks, like *.example.com or 10.0.0.0/8, {LIST_FORMS}"
            ),
            Self::AddressList => format!("addresses and networks, like 10.0.0.0/8, {LIST_FORMS}"),
            Self::SecretList => format!("secrets {LIST_FORMS}"),
            Self::ProxyList => format!(
                "addresses starting with http://, https://, socks5:// or socks5h://, {LIST_FORMS}"
            ),
            Self::Headers => {
                r#"a JSON object of header names and values, like {"X-Team": "blue"}"#.to_owned()
            }
            Self::TextMap => r#"a JSON object of texts, like {"from": "to"}"#.to_owned(),
            Self::ChoiceMap(words) => format!(
                r#"a JSON object of names and {}, like {{"name": "{}"}}"#,
                alternatives(words),
                words.first().unwrap_or(&"")
            ),
            Self::NumberMap { min, max } => format!(
                r#"a JSON object of names and numbers from {min} to {max}, like {{"name": {max}}}"#
            ),
            Self::SafetySettings => concat!(
                r#"a JSON list like [{"category": "HARM_CATEGORY_HARASSMENT", "#,
                r#""threshold": "BLOCK_NONE"}]"#
            )
            .to_owned(),
            _ => String::new(),
        }
    }

    fn accepts_by_model(self) -> String {
        match self {
            Self::ModelChains => concat!(
                "a JSON object of models and lists of models, without circles, like ",
                r#"{"gemini-2.5-pro": ["gemini-2.5-flash"]}"#
            )
            .to_owned(),
            Self::ModelHeaders => {
                r#"a JSON object of models and headers, like {"gemini-*": {"X-Team": "blue"}}"#
                    .to_owned()
            }
            Self::ModelPrices => concat!(
                r#"a JSON list like [{"model": "gemini-3.8-*", "input": 1.5, "cached_input": 0.15, "#,
                r#""output": 7.5}], in dollars per million tokens"#
            )
            .to_owned(),
            Self::QuotaLimits => concat!(
                r#"a JSON list like [{"tier": 0, "model": "gemini-*", "requests_per_minute": 10, "#,
                r#""tokens_per_minute": 250000}, {"project": "shop", "requests_per_day": 1000, "#,
                r#""tokens_per_day": 5000000}, {"platform": "vertex", "requests_per_minute": 10}]"#
            )
            .to_owned(),
            Self::ModelTools => format!(
                r#"a JSON object of models and lists of {}, like {{"gemini-2.5-*": ["{}"]}}"#,
                alternatives(&Tool::ALL.map(Tool::name)),
                Tool::GoogleSearch.name()
            ),
            _ => concat!(
                r#"a JSON object of models and lists, like {"gemini-2.5-*": "#,
                r#"[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]}"#
            )
            .to_owned(),
        }
    }
}

fn alternatives(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", first.join(", "), last.as_ref())
        }
    }
}
