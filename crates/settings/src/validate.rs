//! The check of one value that an administrator wants to store.

use crate::definition::{Definition, Scope};
use crate::error::SettingError;
use crate::groups;
use crate::parse::parse;
use crate::value::Value;

/// Checks a value before it is stored, and gives its canonical text. A secret comes back in clear.
pub fn validate(name: &str, value: &str) -> Result<String, SettingError> {
    check(name, value).map(|(_, value)| value.canonical())
}

pub(crate) fn check(name: &str, text: &str) -> Result<(Definition, Value), SettingError> {
    let definition = known(name)?;
    if let Some(reason) = not_storable(definition) {
        return Err(SettingError::EnvironmentOnly { name: definition.name.to_owned(), reason });
    }
    let result = if text.trim().is_empty() {
        Err("is empty".to_owned())
    } else {
        parse(definition.kind, text)
    };
    let value = result.map_err(|problem| SettingError::Invalid {
        name: definition.name.to_owned(),
        problem,
        accepted: definition.kind.accepts(),
    })?;
    Ok((definition, value))
}

/// Splits a list in any of its forms: JSON, or separated by commas or whitespace. The error is a
/// phrase that never quotes the text, since it may be secret.
pub fn split_list(text: &str) -> Result<Vec<String>, String> {
    match text.trim() {
        "" => Ok(Vec::new()),
        text => crate::parse::list(text),
    }
}

/// The definition of `name`, or an error that suggests the nearest one.
pub fn known(name: &str) -> Result<Definition, SettingError> {
    groups::find(name).ok_or_else(|| SettingError::Unknown {
        name: name.to_owned(),
        nearest: groups::nearest(name).map(str::to_owned),
    })
}

fn not_storable(definition: Definition) -> Option<String> {
    match definition.scope {
        Scope::Anyone => None,
        Scope::Environment => Some(
            "is read at start, from the environment only; set it there or in the .env file"
                .to_owned(),
        ),
        Scope::Imported(command) => Some(format!(
            "is taken over from the environment at start; use `{command}` to add more"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refusal(name: &str, value: &str) -> String {
        validate(name, value).unwrap_err().to_string()
    }

    #[test]
    fn a_value_is_stored_in_its_canonical_form() {
        assert_eq!(validate("pool_wait", " 1m ").unwrap(), "60s");
        assert_eq!(validate("FILTERED_MODELS", r#"["a", "b"]"#).unwrap(), "a,b");
        assert_eq!(validate("AUTH_TOKEN", "open sesame").unwrap(), "open sesame");
    }

    #[test]
    fn refusals_say_what_to_do() {
        let lines = [
            refusal("POOL_WIAT", "1"),
            refusal("SOMETHING_ELSE_ENTIRELY", "1"),
            refusal("LISTEN", "0.0.0.0:1"),
            refusal("API_KEYS", "canary"),
            refusal("POOL_WAIT", ""),
            refusal("POOL_WAIT", "61"),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r#"
POOL_WIAT: there is no such setting; did you mean POOL_WAIT?
SOMETHING_ELSE_ENTIRELY: there is no such setting; `gemini-balance config list` shows all
LISTEN: is read at start, from the environment only; set it there or in the .env file
API_KEYS: is taken over from the environment at start; use `gemini-balance keys add` to add more
POOL_WAIT: is empty; accepted: a time from 0 to 60 seconds (like 5, 5s, 500ms or 5m)
POOL_WAIT: "61" is too large; accepted: a time from 0 to 60 seconds (like 5, 5s, 500ms or 5m)
"#);
    }
}
