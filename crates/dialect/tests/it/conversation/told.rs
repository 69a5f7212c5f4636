//! What Gemini was told, and what it must be told.

use dialect::{DialectError, Translation, media::FetchedMedia};
use serde_json::Value;

use super::{Medium, Reply, Said, Turn};

/// What stands behind a URL.
pub(super) fn behind(url: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n", url.as_bytes()].concat()
}

/// Translates with everything fetched that is wanted.
pub(crate) fn translated<C>(
    translate: impl Fn(Option<&FetchedMedia>) -> Result<Translation<C>, DialectError>,
) -> Value {
    let mut media = FetchedMedia::default();
    if let Translation::Fetch(wanted) = translate(None).unwrap() {
        for one in wanted {
            let bytes = behind(&one.url);
            media.insert(one.url, None, &bytes);
        }
    }
    let (_, upstream) = translate(Some(&media)).unwrap().without_fetching(b"").unwrap();
    serde_json::from_slice(&upstream).unwrap()
}

/// What Gemini must be told. With `media_inside`, results hold pictures and papers.
pub(crate) fn expected(turns: &[Turn], media_inside: bool) -> Vec<String> {
    let mut told = Vec::new();
    for (number, turn) in turns.iter().enumerate() {
        match turn {
            Turn::System(text) => told.push(text.clone()),
            Turn::User(said) => said.iter().for_each(|said| told.extend(things(said))),
            Turn::Assistant(reply) => of_reply(reply, number, media_inside, &mut told),
        }
    }
    told
}

fn of_reply(reply: &Reply, turn: usize, media_inside: bool, told: &mut Vec<String>) {
    let calls = reply.calls(turn).map(|(id, call)| format!("call {id} {}", call.arguments()));
    let said = reply.text.iter().cloned().chain(reply.picture.map(Medium::told));
    if reply.calls_first {
        told.extend(calls.chain(said));
    } else {
        told.extend(said.chain(calls));
    }
    let mut behind = Vec::new();
    for (id, call) in reply.calls(turn) {
        let Some(result) = &call.result else {
            told.push(format!("failed {id}"));
            continue;
        };
        let how = if call.failed { "failed" } else { "result" };
        told.push(format!("{how} {id}"));
        told.extend(result.iter().flat_map(texts).cloned());
        let media = result.iter().filter_map(media);
        let (inside, others): (Vec<_>, Vec<_>) =
            media.partition(|medium| media_inside && medium.stands_in_results());
        told.extend(inside.into_iter().map(|medium| format!("inside: {}", medium.told())));
        behind.extend(others.into_iter().map(Medium::told));
    }
    told.extend(behind);
}

fn things(said: &Said) -> impl Iterator<Item = String> {
    texts(said).into_iter().cloned().chain(media(said).map(Medium::told))
}

fn texts(said: &Said) -> Vec<&String> {
    match said {
        Said::Text(text) => vec![text],
        Said::Medium(_) => Vec::new(),
        Said::Document(document) => document.texts().to_vec(),
    }
}

fn media(said: &Said) -> Option<Medium> {
    match said {
        Said::Text(_) => None,
        Said::Medium(medium) => Some(*medium),
        Said::Document(document) => document.picture,
    }
}

/// What Gemini is told.
pub(crate) fn read(upstream: &Value) -> Vec<String> {
    let system = list(&upstream["systemInstruction"], "parts");
    let contents = list(upstream, "contents").flat_map(|content| list(content, "parts"));
    system.chain(contents).flat_map(of_part).collect()
}

fn of_part(part: &Value) -> Vec<String> {
    if let Some(text) = part["text"].as_str() {
        return marks(text);
    }
    if let Some(call) = part.get("functionCall") {
        return vec![format!("call {} {}", call["id"].as_str().unwrap(), call["args"])];
    }
    if let Some(result) = part.get("functionResponse") {
        let id = result["id"].as_str().unwrap();
        let response = result["response"].as_object().unwrap();
        let (kind, output) = response.iter().next().unwrap();
        let how = if kind == "error" { "failed" } else { "result" };
        let mut told = vec![format!("{how} {id}")];
        told.extend(marks(output.as_str().unwrap()));
        let inside = list(result, "parts").flat_map(of_part);
        told.extend(inside.map(|medium| format!("inside: {medium}")));
        return told;
    }
    if let Some(file) = part.get("fileData") {
        return vec![format!("file {}", file["fileUri"].as_str().unwrap())];
    }
    let data = &part["inlineData"];
    vec![format!("{} {}", data["mimeType"].as_str().unwrap(), data["data"].as_str().unwrap())]
}

fn marks(text: &str) -> Vec<String> {
    let begins = |at: &usize| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    let begins = text.match_indices('<').map(|(at, _)| at).filter(begins);
    begins.map(|at| text[at..=at + text[at..].find('>').unwrap()].to_owned()).collect()
}

/// What Gemini would refuse.
pub(crate) fn check_order(upstream: &Value) {
    let mut open = Vec::new();
    for (position, content) in list(upstream, "contents").enumerate() {
        let role = if position % 2 == 0 { "user" } else { "model" };
        assert_eq!(content["role"], role);
        assert!(list(content, "parts").next().is_some());
        assert!(list(content, "parts").all(|part| part["text"] != ""));
        assert_eq!(ids(content, "functionResponse"), open, "results follow their calls");
        open = ids(content, "functionCall");
        let first = list(content, "parts").find(|part| part.get("functionCall").is_some());
        assert!(first.is_none_or(|call| call["thoughtSignature"].is_string()));
    }
    assert!(open.is_empty());
    assert_eq!(list(upstream, "contents").last().unwrap()["role"], "user");
}

fn ids<'v>(content: &'v Value, kind: &str) -> Vec<&'v Value> {
    list(content, "parts").filter_map(|part| part.get(kind)).map(|call| &call["id"]).collect()
}

fn list<'v>(of: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    of[name].as_array().into_iter().flatten()
}
