//! Paths that may be forwarded. What a caller writes ends up in a URL that carries a pool key's
//! authority, so anything but plain names is refused before a key is chosen.

/// The model and method that a Gemini path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModelPath<'a> {
    /// The name without its collection, e.g. `gemini-3.8-flash`; `tunedModels/x` keeps its own.
    pub(crate) model: &'a str,
    /// What follows the colon, e.g. `generateContent`.
    pub(crate) method: Option<&'a str>,
}

impl<'a> ModelPath<'a> {
    /// Reads `models/{model}[/…][:method]`; `None` if any piece is not a plain name.
    pub(crate) fn parse(rest: &'a str) -> Option<Self> {
        let (name, method) = match rest.rsplit_once(':') {
            Some((name, method)) => (name, Some(method)),
            None => (rest, None),
        };
        let model = name.strip_prefix("models/").unwrap_or(name);
        let method_is_plain =
            method.is_none_or(|method| !method.is_empty() && is_plain_name(method));
        let names_are_plain = model.split('/').all(is_plain_name) && model.split('/').count() <= 3;
        (method_is_plain && names_are_plain).then_some(Self { model, method })
    }
}

/// Letters, digits, `.`, `_` and `-`; 1 to 128 of them; not only dots.
pub(crate) fn is_plain_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && name.bytes().any(|byte| byte != b'.')
}

/// No empty or dotted segments, no escapes, nothing that another parser may read differently.
pub(crate) fn is_clean(path: &str) -> bool {
    let plain = path.starts_with('/')
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\;%#?\"<>^`{|}".contains(&byte));
    plain
        && (path == "/" || path[1..].split('/').all(|segment| !matches!(segment, "" | "." | "..")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_model_and_method() {
        let path = ModelPath::parse("models/gemini-3.8-flash:countTokens").unwrap();
        assert_eq!((path.model, path.method), ("gemini-3.8-flash", Some("countTokens")));
        let path = ModelPath::parse("models/gemini-3.8-flash").unwrap();
        assert_eq!((path.model, path.method), ("gemini-3.8-flash", None));
        let path = ModelPath::parse("tunedModels/mine:generateContent").unwrap();
        assert_eq!(path.model, "tunedModels/mine");
    }

    #[test]
    fn refuses_names_that_are_not_plain() {
        for rest in ["models/", "models/a b:x", "models/..:x", "models/a@b:x", "models/m:"] {
            assert_eq!(ModelPath::parse(rest), None, "{rest}");
        }
        assert!(!is_plain_name(&"m".repeat(129)));
    }
}
