//! What a client asks for when it makes a batch.

use std::collections::BTreeMap;

use dialect::openai::batches::Endpoint;
use http::StatusCode;
use serde_json::{Map, Value};

use crate::answer::Fault;

/// The only time that OpenAI gives, and Google too.
const WINDOW: &str = "24h";

/// OpenAI has batches of these, too.
const OTHERS: [(&str, &str); 6] = [
    ("/v1/responses", "Google's batches keep no responses that could be gone on with"),
    ("/v1/completions", "send the prompts as chats"),
    ("/v1/moderations", "Google has no such model"),
    ("/v1/images/generations", "ask a model that makes pictures for them in chats"),
    ("/v1/images/edits", "ask a model that makes pictures for them in chats"),
    ("/v1/videos", "Google makes no films in batches"),
];

/// A request for a batch.
pub(super) struct Asked {
    pub(super) input_file_id: String,
    pub(super) endpoint: Endpoint,
    pub(super) completion_window: String,
    pub(super) metadata: Option<BTreeMap<String, String>>,
    /// Google deletes every file after two days.
    pub(super) wants_expiry: bool,
}

impl Asked {
    pub(super) fn read(body: &[u8]) -> Result<Self, Fault> {
        let body: Map<String, Value> = serde_json::from_slice(body).map_err(|error| {
            let message = format!("We could not parse the JSON body of your request: {error}.");
            Fault::new(StatusCode::BAD_REQUEST, "invalid_json", message)
        })?;
        let input_file_id = text(&body, "input_file_id")?.to_owned();
        let endpoint = endpoint(text(&body, "endpoint")?)?;
        let completion_window = text(&body, "completion_window")?.to_owned();
        if completion_window != WINDOW {
            return Err(wrong("completion_window", &format!("'{WINDOW}' is expected")));
        }
        let metadata = body.get("metadata").filter(|value| !value.is_null());
        let metadata = metadata.map(|value| serde_json::from_value(value.clone()));
        let metadata = metadata.transpose().map_err(|_| wrong("metadata", "texts are expected"))?;
        let wants_expiry = body.get("output_expires_after").is_some_and(|value| !value.is_null());
        Ok(Self { input_file_id, endpoint, completion_window, metadata, wants_expiry })
    }
}

fn text<'b>(body: &'b Map<String, Value>, field: &'static str) -> Result<&'b str, Fault> {
    match body.get(field) {
        None | Some(Value::Null) => {
            let message = format!("Missing required parameter: '{field}'.");
            Err(at(field, "missing_required_parameter", message))
        }
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(wrong(field, "a string is expected")),
    }
}

fn endpoint(path: &str) -> Result<Endpoint, Fault> {
    if let Some(endpoint) = Endpoint::parse(path) {
        return Ok(endpoint);
    }
    let served = format!("batches of {} and {} are", Endpoint::Chat, Endpoint::Embeddings);
    match OTHERS.iter().find(|(other, _)| *other == path) {
        Some((_, why)) => {
            let message = format!("Batches of {path} are not served: {why}. Only {served}.");
            let fault = at("endpoint", "not_implemented", message);
            Err(Fault { status: StatusCode::NOT_IMPLEMENTED, ..fault })
        }
        None => Err(wrong("endpoint", &format!("{served} served"))),
    }
}

fn wrong(field: &'static str, how: &str) -> Fault {
    at(field, "invalid_value", format!("Invalid value for '{field}': {how}."))
}

pub(super) fn at(field: &str, code: &'static str, message: String) -> Fault {
    let fault = Fault::new(StatusCode::BAD_REQUEST, code, message);
    Fault { param: Some(field.to_owned()), ..fault }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mistakes_are_named_by_their_field() {
        let good = json!({"input_file_id": "file-a", "endpoint": "/v1/embeddings",
            "completion_window": "24h", "metadata": {"a": "b"}, "output_expires_after": {}});
        let asked = Asked::read(good.to_string().as_bytes()).unwrap();
        assert_eq!((asked.endpoint, asked.wants_expiry), (Endpoint::Embeddings, true));
        assert_eq!(asked.metadata.unwrap()["a"], "b");
        for (field, value, status) in [
            ("input_file_id", Value::Null, 400),
            ("input_file_id", json!(5), 400),
            ("endpoint", json!("/v1/other"), 400),
            ("endpoint", json!("/v1/responses"), 501),
            ("completion_window", json!("1h"), 400),
            ("metadata", json!({"a": 1}), 400),
        ] {
            let mut wrong = good.clone();
            wrong[field] = value;
            let fault = Asked::read(wrong.to_string().as_bytes()).err().unwrap();
            assert_eq!((fault.status.as_u16(), fault.param.as_deref()), (status, Some(field)));
        }
    }
}
