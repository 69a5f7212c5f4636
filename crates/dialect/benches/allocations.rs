//! What one chunk of a streamed answer allocates, in each dialect:
//! `cargo bench -p dialect --bench allocations`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that prints")]

use bytes::BytesMut;
use dialect::{
    Stamp,
    anthropic::{
        Aliases,
        messages::{self, MessagesStream},
    },
    gemini,
    openai::{
        chat::{self, ChatStream},
        responses::{self, Earlier, ResponsesStream},
    },
};

const CHUNKS: u64 = 1000;

const EVENT: &[u8] = br#"{"candidates": [{"content": {"parts": [{"text": " jumps over the lazy\n dog and"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 21,"candidatesTokenCount": 50,"totalTokenCount": 166,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 21}],"thoughtsTokenCount": 95},"modelVersion": "gemini-3.8-flash","responseId": "RUy4aObyJcTujrEPqtKYKQ"}"#;

fn stamp() -> Stamp {
    Stamp { created: 0, fallback_id: String::new(), call_ids: Box::new(|| "call_0".to_owned()) }
}

/// Prints what a chunk costs once the stream is under way.
fn report(name: &str, mut chunk: impl FnMut(&mut BytesMut)) {
    let mut out = BytesMut::with_capacity(1 << 16);
    chunk(&mut out);
    let counted = allocation_counter::measure(|| {
        for _ in 0..CHUNKS {
            out.clear();
            chunk(&mut out);
        }
    });
    let (count, bytes) = (counted.count_total as f64, counted.bytes_total as f64);
    let chunks = CHUNKS as f64;
    println!("| {name} | {:.1} | {:.0} |", count / chunks, bytes / chunks);
}

fn main() {
    println!("| dialect | allocations a chunk | bytes a chunk |\n| --- | --: | --: |");
    report("Gemini, passed through and observed", |_| assert!(gemini::observe(EVENT).has_content));
    let body = br#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"Hi"}]}"#;
    let mut stream = ChatStream::new(chat::request(body).unwrap().0, stamp());
    report("OpenAI chat", |out| assert!(stream.event(EVENT, out).unwrap().content));
    let body = br#"{"model":"gemini-3.8-flash","input":"Hi"}"#;
    let context = responses::request(body, Earlier::default()).unwrap().0;
    let mut stream = ResponsesStream::new(context, stamp());
    report("OpenAI Responses", |out| assert!(stream.event(EVENT, out).unwrap().content));
    let body =
        br#"{"model":"gemini-3.8-flash","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
    let aliases = Aliases::default();
    let context = messages::request(body, &messages::Options::new(&aliases)).unwrap().0;
    let mut stream = MessagesStream::new(context, stamp());
    report("Anthropic Messages", |out| assert!(stream.event(EVENT, out).unwrap().content));
}
