//! What an answer says, piece by piece or whole, in whichever API it is given.

use serde_json::Value;

/// In which form an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    Chat,
    Responses,
    Messages,
    Gemini,
    Pictures,
    Sound,
    Vectors,
    Transcript,
}

/// Something that an answer says.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    Text(String),
    /// What the model thought.
    Thought(String),
    /// In base64.
    Picture {
        mime: String,
        data: String,
    },
    Vectors(Vec<Vec<f64>>),
    /// It failed.
    Error(String),
}

impl Reads {
    /// What an event of a stream says, or an answer that is whole.
    pub(super) fn read(self, value: &Value) -> Vec<Said> {
        if let Some(error) = error(value) {
            return vec![Said::Error(error)];
        }
        let mut said = Vec::new();
        match self {
            Self::Chat => chat(value, &mut said),
            Self::Responses => responses(value, &mut said),
            Self::Messages => messages(value, &mut said),
            Self::Gemini => gemini(value, &mut said),
            Self::Pictures => pictures(value, &mut said),
            Self::Vectors => said.push(Said::Vectors(vectors(value))),
            Self::Transcript => text(&value["text"], &mut said),
            Self::Sound => {}
        }
        said
    }

    /// Whether what is said is a text with Markdown in it.
    pub(super) fn is_conversation(self) -> bool {
        matches!(self, Self::Chat | Self::Responses | Self::Messages | Self::Gemini)
    }
}

/// All four APIs say it in the same place, but for streams of Responses.
fn error(value: &Value) -> Option<String> {
    let message = value.pointer("/error/message").or(value.pointer("/response/error/message"));
    let of_event = || value.get("message").filter(|_| value["type"] == "error");
    message.or_else(of_event).and_then(Value::as_str).map(str::to_owned)
}

fn text(value: &Value, said: &mut Vec<Said>) {
    said.extend(some(value).map(Said::Text));
}

fn thought(value: &Value, said: &mut Vec<Said>) {
    said.extend(some(value).map(Said::Thought));
}

fn some(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn chat(value: &Value, said: &mut Vec<Said>) {
    for choice in items(&value["choices"]) {
        let message = choice.get("delta").unwrap_or(&choice["message"]);
        thought(&message["reasoning_content"], said);
        text(&message["content"], said);
        for image in items(&message["images"]) {
            said.extend(image["image_url"]["url"].as_str().and_then(data_url));
        }
    }
}

fn data_url(url: &str) -> Option<Said> {
    let (mime, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    Some(Said::Picture { mime: mime.to_owned(), data: data.to_owned() })
}

fn responses(value: &Value, said: &mut Vec<Said>) {
    match value["type"].as_str() {
        Some("response.output_text.delta") => text(&value["delta"], said),
        Some("response.reasoning_summary_text.delta") => thought(&value["delta"], said),
        Some(_) => {}
        None => {
            for item in items(&value["output"]) {
                items(&item["summary"]).for_each(|part| thought(&part["text"], said));
                items(&item["content"]).for_each(|part| text(&part["text"], said));
            }
        }
    }
}

fn messages(value: &Value, said: &mut Vec<Said>) {
    let one = |block: &Value, said: &mut Vec<Said>| {
        thought(&block["thinking"], said);
        text(&block["text"], said);
    };
    match value["type"].as_str() {
        Some("content_block_delta") => one(&value["delta"], said),
        Some("message") => items(&value["content"]).for_each(|block| one(block, said)),
        _ => {}
    }
}

fn gemini(value: &Value, said: &mut Vec<Said>) {
    for part in items(&value["candidates"]).flat_map(|one| items(&one["content"]["parts"])) {
        if part["thought"] == true {
            thought(&part["text"], said);
            continue;
        }
        text(&part["text"], said);
        if let Some(code) = part.pointer("/executableCode/code").and_then(Value::as_str) {
            said.push(Said::Text(format!("\n```python\n{code}\n```\n")));
        }
        if let Some(output) = part.pointer("/codeExecutionResult/output").and_then(Value::as_str) {
            said.push(Said::Text(format!("\n```\n{output}\n```\n")));
        }
        if let (Some(mime), Some(data)) =
            (some(&part["inlineData"]["mimeType"]), some(&part["inlineData"]["data"]))
        {
            said.push(Said::Picture { mime, data });
        }
    }
}

fn pictures(value: &Value, said: &mut Vec<Said>) {
    for picture in items(&value["data"]) {
        if let Some(data) = some(&picture["b64_json"]) {
            said.push(Said::Picture { mime: kind_of(&data).to_owned(), data });
        }
        text(&picture["url"], said);
    }
}

/// What kind of picture it is, by how it begins.
fn kind_of(data: &str) -> &'static str {
    match data.get(..4) {
        Some("/9j/") => "image/jpeg",
        Some("UklG") => "image/webp",
        _ => "image/png",
    }
}

fn vectors(value: &Value) -> Vec<Vec<f64>> {
    let numbers = |one: &Value| items(&one["embedding"]).filter_map(Value::as_f64).collect();
    items(&value["data"]).map(numbers).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(reads: Reads, value: &Value) -> (String, String) {
        let mut texts = (String::new(), String::new());
        for said in reads.read(value) {
            match said {
                Said::Text(text) => texts.0 += &text,
                Said::Thought(text) => texts.1 += &text,
                other => panic!("{other:?}"),
            }
        }
        texts
    }

    #[test]
    fn what_is_said_is_found_in_events_and_in_whole_answers() {
        let both = ("hi".to_owned(), "hm".to_owned());
        let delta = json!({"reasoning_content": "hm", "content": "hi"});
        for member in ["delta", "message"] {
            assert_eq!(texts(Reads::Chat, &json!({"choices": [{member: delta}]})), both);
        }
        let whole = json!({"object": "response", "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "hi"}]}]});
        assert_eq!(texts(Reads::Responses, &whole), both);
        let event = json!({"type": "response.output_text.delta", "delta": "hi"});
        assert_eq!(texts(Reads::Responses, &event).0, "hi");
        let done = json!({"type": "response.completed", "response": whole});
        assert_eq!(texts(Reads::Responses, &done).0, "");
        let blocks =
            json!([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "hi"}]);
        assert_eq!(texts(Reads::Messages, &json!({"type": "message", "content": blocks})), both);
        let delta =
            json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "hi"}});
        assert_eq!(texts(Reads::Messages, &delta).0, "hi");
        let parts = json!([{"text": "hm", "thought": true}, {"text": "hi"}]);
        assert_eq!(
            texts(Reads::Gemini, &json!({"candidates": [{"content": {"parts": parts}}]})),
            both
        );
    }

    #[test]
    fn failures_are_found_wherever_they_stand() {
        let failed = vec![Said::Error("no".to_owned())];
        for (reads, value) in [
            (Reads::Gemini, json!({"error": {"code": 400, "message": "no"}})),
            (Reads::Messages, json!({"type": "error", "error": {"message": "no"}})),
            (
                Reads::Responses,
                json!({"type": "response.failed", "response": {"error": {"message": "no"}}}),
            ),
            (Reads::Responses, json!({"type": "error", "message": "no"})),
        ] {
            assert_eq!(reads.read(&value), failed);
        }
    }

    #[test]
    fn pictures_and_vectors_are_found() {
        let value = json!({"data": [{"b64_json": "/9j/AAAA"}]});
        let picture = Said::Picture { mime: "image/jpeg".into(), data: "/9j/AAAA".into() };
        assert_eq!(Reads::Pictures.read(&value), [picture]);
        let value = json!({"data": [{"embedding": [1, 0.5]}, {"embedding": []}]});
        assert_eq!(Reads::Vectors.read(&value), [Said::Vectors(vec![vec![1.0, 0.5], vec![]])]);
        let image = json!({"image_url": {"url": "data:image/png;base64,iVBO"}});
        let value = json!({"choices": [{"message": {"content": null, "images": [image]}}]});
        let picture = Said::Picture { mime: "image/png".into(), data: "iVBO".into() };
        assert_eq!(Reads::Chat.read(&value), [picture]);
    }
}
