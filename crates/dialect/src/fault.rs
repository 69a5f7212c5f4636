//! A client's mistake, told so that the client can find it.

/// What is wrong with a client's request. Answered as HTTP `status` in the client's dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DialectError {
    /// HTTP status, 4xx.
    pub status: u16,
    /// A sentence for the person who reads it.
    pub message: String,
    /// Path of the field at fault, as in `messages[2].content[0].type`.
    pub param: Option<String>,
    /// Machine-readable code, as in `invalid_value`.
    pub code: Option<&'static str>,
}

/// No message grows beyond this, whatever the client sent.
const MAX_MESSAGE_CHARS: usize = 400;

impl DialectError {
    /// A field that holds something it may not hold.
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, message.into(), Some(param.into()), Some("invalid_value"))
    }

    /// A value that is right in the client's dialect, but that Gemini cannot do.
    pub fn unsupported(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, message.into(), Some(param.into()), Some("unsupported_value"))
    }

    /// Something that is larger than can be taken.
    pub(crate) fn too_large(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(413, message.into(), Some(param.into()), Some("request_too_large"))
    }

    /// A field that must be there and is not.
    pub fn missing(param: impl Into<String>) -> Self {
        let param = param.into();
        let message = format!("Missing required parameter: '{param}'.");
        Self::new(400, message, Some(param), Some("missing_required_parameter"))
    }

    fn new(
        status: u16,
        mut message: String,
        param: Option<String>,
        code: Option<&'static str>,
    ) -> Self {
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
            message.truncate(end);
            message.push('…');
        }
        Self { status, message, param, code }
    }

    /// The same mistake, made in the piece of the body that stands at `path`.
    pub(crate) fn within(mut self, path: &str) -> Self {
        let param = match &self.param {
            Some(param) => format!("{path}.{param}"),
            None => path.to_owned(),
        };
        if self.code == Some("missing_required_parameter") {
            return Self::missing(param);
        }
        if let Some(old) = &self.param {
            self.message = self.message.replacen(&format!("'{old}'"), &format!("'{param}'"), 1);
        }
        Self::new(self.status, self.message, Some(param), self.code)
    }

    /// A body that is no JSON at all.
    pub(crate) fn unreadable(why: &str) -> Self {
        let message = format!("We could not parse the JSON body of your request: {why}.");
        Self::new(400, message, None, None)
    }

    /// Says what serde found wrong; `path` is where it stopped, `.` for the root.
    pub(crate) fn from_json(path: &str, error: &serde_json::Error) -> Self {
        if error.is_syntax() || error.is_eof() {
            return Self::unreadable(&error.to_string());
        }
        let text = error.to_string();
        let root = path == "." || path.is_empty();
        if let Some(field) = missing_field(&text) {
            return Self::missing(if root { field.to_owned() } else { format!("{path}.{field}") });
        }
        if root {
            let message = format!("Invalid request body: {text}.");
            return Self::new(400, message, None, Some("invalid_value"));
        }
        Self::invalid(path, format!("Invalid value for '{path}': {text}."))
    }
}

fn missing_field(text: &str) -> Option<&str> {
    text.strip_prefix("missing field `")?.split('`').next()
}
