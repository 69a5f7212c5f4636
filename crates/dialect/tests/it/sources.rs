//! Everything that Google answered: in the worked cases, and in captures by others, which are read
//! where they lie and never copied here.

use std::path::Path;

use bytes::Bytes;
use serde_json::Value;
use sse::{Decoder, EventKind};

/// What the gateway does not serve yet.
const NOT_SERVED: [&str; 4] = [
    "embeddings-base64.json",
    "images-generation.json",
    "speech-3.8-wav-passthrough.json",
    "speech-wav.json",
];

/// One answer.
pub(crate) struct Source {
    /// The file.
    pub(crate) name: String,
    /// What came over the wire.
    pub(crate) body: Vec<u8>,
    /// The body is a stream of events.
    pub(crate) streamed: bool,
}

impl Source {
    /// The data of the events; a whole answer is one.
    pub(crate) fn events(&self) -> Vec<Bytes> {
        if self.streamed { decode(&[&self.body]) } else { vec![self.body.clone().into()] }
    }
}

/// The data of the events of a stream that arrives in these pieces.
pub(crate) fn decode(pieces: &[&[u8]]) -> Vec<Bytes> {
    let mut decoder = Decoder::new(1 << 20);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        events.extend(std::iter::from_fn(|| decoder.next_event()).map(Result::unwrap));
    }
    events.extend(std::iter::from_fn(|| decoder.finish()));
    events.retain(|event| event.kind != EventKind::Comment);
    events.into_iter().map(|event| event.data).collect()
}

/// All answers of the worked cases and of the captures.
pub(crate) fn sources() -> Vec<Source> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut sources: Vec<Source> =
        files(&golden).iter().flat_map(|(name, text)| of_case(name, text)).collect();
    sources.extend(captures());
    sources
}

/// The answers of one worked case; none where it is about the request only.
fn of_case(name: &str, text: &[u8]) -> Vec<Source> {
    let case: Value = serde_json::from_slice(text).unwrap();
    let exchanges = case["upstream_exchanges"].as_array().map_or(&[][..], Vec::as_slice);
    let answers: Vec<&Value> = std::iter::once(&case)
        .chain(exchanges)
        .map(|exchange| &exchange["upstream_response"])
        .filter(|answer| !answer.is_null())
        .collect();
    assert_eq!(answers.is_empty(), case["client_response"].is_null(), "{name}");
    answers.into_iter().map(|answer| of_answer(name, answer)).collect()
}

fn of_answer(name: &str, answer: &Value) -> Source {
    let body = match (&answer["sse"], &answer["raw"]) {
        (Value::Array(events), _) => {
            let events: Vec<_> = events.iter().map(|event| format!("data: {event}")).collect();
            events.join("\r\n\r\n") + "\r\n\r\n"
        }
        (_, Value::String(raw)) => raw.clone(),
        _ => answer["body"].to_string(),
    };
    Source { name: name.into(), body: body.into(), streamed: answer["body"].is_null() }
}

fn captures() -> Vec<Source> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/samples/googleai");
    let streamed = |name: &str| name.starts_with("streaming-");
    files(&folder)
        .into_iter()
        .map(|(name, body)| Source { streamed: streamed(&name), name, body })
        .collect()
}

#[expect(
    clippy::print_stdout,
    reason = "whoever runs the tests should know what they did not test"
)]
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: no {}", folder.display());
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// The worked cases here are those of the specification, but for what is not served yet.
#[test]
fn every_worked_case_is_here() {
    let shared = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/golden"));
    let here = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"));
    for (name, text) in shared {
        if name == "README.md" || NOT_SERVED.contains(&name.as_str()) {
            continue;
        }
        let found = here.iter().find(|(known, _)| *known == name);
        let read = |text: &[u8]| {
            let mut case: Value = serde_json::from_slice(text).unwrap();
            case["notes"].take();
            case
        };
        assert!(found.is_some_and(|(_, kept)| read(kept) == read(&text)), "{name}");
    }
}
