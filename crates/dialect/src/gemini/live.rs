//! Messages of the Live API, as far as whoever passes them on must read them.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::json::number::Integer;
use crate::{DialectError, Usage, json};

/// The client's first message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setup<'a> {
    /// The model without `models/`, if one is named.
    pub model: Option<Cow<'a, str>>,
    /// The session that shall go on.
    pub handle: Option<Cow<'a, str>>,
    /// Whether it is a `setup` at all.
    pub is_setup: bool,
}

#[derive(Deserialize)]
struct First<'a> {
    #[serde(borrow)]
    setup: Option<Fields<'a>>,
}

/// A field that stands twice, under one name or two, is an error: which one Google would read is not
/// known.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    model: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "sessionResumption", alias = "session_resumption")]
    resumption: Option<Resumption<'a>>,
}

#[derive(Deserialize)]
struct Resumption<'a> {
    #[serde(borrow)]
    handle: Option<Cow<'a, str>>,
}

impl<'a> Setup<'a> {
    /// Reads the first message; unknown fields are none of our business.
    pub fn read(message: &'a [u8]) -> Result<Self, DialectError> {
        let First { setup } = json::parse(message)?;
        let Some(Fields { model, resumption }) = setup else { return Ok(Self::default()) };
        let handle = resumption.and_then(|resumption| resumption.handle);
        Ok(Self {
            model: model.map(without_collection),
            handle: handle.filter(|handle| !handle.is_empty()),
            is_setup: true,
        })
    }
}

fn without_collection(name: Cow<'_, str>) -> Cow<'_, str> {
    match name {
        Cow::Borrowed(name) => Cow::Borrowed(name.strip_prefix("models/").unwrap_or(name)),
        Cow::Owned(name) => Cow::Owned(name.strip_prefix("models/").unwrap_or(&name).to_owned()),
    }
}

/// The first message with another model in it.
pub fn with_model(message: &[u8], model: &str) -> Result<Vec<u8>, DialectError> {
    let mut value: Value = json::parse(message)?;
    let collection = if model.contains('/') { "" } else { "models/" };
    if let Some(setup) = value.get_mut("setup").and_then(Value::as_object_mut) {
        setup.insert("model".to_owned(), format!("{collection}{model}").into());
    }
    Ok(json::to_vec(&value))
}

/// What a message of Google's says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveObserved<'a> {
    /// The session has begun.
    pub setup_complete: bool,
    /// Tokens that were used since the last count.
    pub usage: Option<Usage>,
    /// By this name the session can go on after the connection.
    pub handle: Option<Cow<'a, str>>,
    /// The message is an error object.
    pub is_error: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    setup_complete: Option<IgnoredAny>,
    usage_metadata: Option<Counts>,
    #[serde(borrow)]
    session_resumption_update: Option<Update<'a>>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update<'a> {
    #[serde(borrow)]
    new_handle: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "named as Google names them")]
struct Counts {
    prompt_token_count: Option<Integer>,
    response_token_count: Option<Integer>,
    thoughts_token_count: Option<Integer>,
    cached_content_token_count: Option<Integer>,
    tool_use_prompt_token_count: Option<Integer>,
    total_token_count: Option<Integer>,
}

impl Counts {
    fn usage(&self) -> Usage {
        let known = |count: Option<Integer>| {
            count.map_or(0, |Integer(count)| count.clamp(0, i64::from(u32::MAX)).unsigned_abs())
        };
        let prompt = known(self.prompt_token_count);
        let thoughts = known(self.thoughts_token_count);
        let tool_prompt = known(self.tool_use_prompt_token_count);
        let besides = prompt + thoughts + tool_prompt;
        let completion = match self.response_token_count {
            None => known(self.total_token_count).saturating_sub(besides),
            told => known(told),
        };
        Usage {
            prompt,
            completion,
            thoughts,
            cached: known(self.cached_content_token_count),
            tool_prompt,
            total: self.total_token_count.map_or(besides + completion, |told| known(Some(told))),
        }
    }
}

/// Looks at a message of Google's without changing it. One that cannot be read says nothing.
pub fn observe_live(message: &[u8]) -> LiveObserved<'_> {
    let Ok(told) = serde_json::from_slice::<Told<'_>>(message) else {
        return LiveObserved::default();
    };
    let handle = told.session_resumption_update.and_then(|update| update.new_handle);
    LiveObserved {
        setup_complete: told.setup_complete.is_some(),
        usage: told.usage_metadata.as_ref().map(Counts::usage),
        handle: handle.filter(|handle| !handle.is_empty()),
        is_error: told.error.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_names_a_model_and_perhaps_a_session() {
        let setup = Setup::read(br#"{"setup":{"model":"models/m","new":[1],"tools":[{}]}}"#);
        let setup = setup.unwrap();
        assert_eq!((setup.model.as_deref(), setup.handle), (Some("m"), None));
        for spelling in ["sessionResumption", "session_resumption"] {
            let text =
                format!(r#"{{"setup":{{"model":"m","{spelling}":{{"handle":"h\u0031"}}}}}}"#);
            let setup = Setup::read(text.as_bytes()).unwrap();
            assert_eq!(setup.handle.as_deref(), Some("h1"), "{spelling}");
        }
        let empty = Setup::read(br#"{"setup":{"sessionResumption":{"handle":""}}}"#).unwrap();
        assert_eq!((empty.handle, empty.is_setup), (None, true));
        assert!(!Setup::read(br#"{"clientContent":{}}"#).unwrap().is_setup);
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for text in [
            r#"{"setup":{"model":"a","model":"b"}}"#,
            r#"{"setup":{},"setup":{}}"#,
            r#"{"setup":{"sessionResumption":{},"session_resumption":{"handle":"h"}}}"#,
            r#"{"setup":{"model":1}}"#,
            "hello",
        ] {
            assert!(Setup::read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn another_model_leaves_all_else_as_it_is() {
        let text = br#"{"setup":{"z":1,"model":"models/alias","a":{"b":null}}}"#;
        let told = String::from_utf8(with_model(text, "gemini-x").unwrap()).unwrap();
        assert_eq!(told, r#"{"setup":{"z":1,"model":"models/gemini-x","a":{"b":null}}}"#);
    }

    #[test]
    fn sees_beginnings_counts_handles_and_errors() {
        assert!(observe_live(br#"{"setupComplete":{}}"#).setup_complete);
        let seen = observe_live(
            br#"{"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":10,
                "responseTokenCount":"5","thoughtsTokenCount":2,"totalTokenCount":17,"new":1}}"#,
        );
        let usage = seen.usage.unwrap();
        assert_eq!((usage.prompt, usage.completion, usage.total), (10, 5, 17));
        let left = observe_live(br#"{"usageMetadata":{"promptTokenCount":3,"totalTokenCount":9}}"#);
        assert_eq!(left.usage.unwrap().completion, 6);
        let told =
            observe_live(br#"{"sessionResumptionUpdate":{"newHandle":"h","resumable":true}}"#);
        assert_eq!(told.handle.as_deref(), Some("h"));
        assert!(observe_live(br#"{"error":{"code":400}}"#).is_error);
        assert_eq!(observe_live(b"\xff{"), LiveObserved::default());
    }
}
