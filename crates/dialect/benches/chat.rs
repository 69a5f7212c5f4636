//! What translating costs on the request path.

use std::hint::black_box;

use bytes::BytesMut;
use criterion::{Criterion, Throughput};
use dialect::{
    gemini,
    openai::chat::{self, ChatContext, ChatStream, Stamp},
};

fn stamp() -> Stamp {
    Stamp {
        created: 1_790_000_000,
        fallback_id: String::new(),
        call_ids: Box::new(|| "call_0".to_owned()),
    }
}

fn text_request(content: &str) -> String {
    format!(
        r#"{{"model":"gemini-3.8-flash","stream":true,"temperature":0.7,"messages":[{{"role":"system","content":"You are a helpful assistant."}},{{"role":"user","content":"{content}"}}]}}"#
    )
}

fn image_request(bytes: usize) -> String {
    let image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB".repeat(bytes / 32);
    format!(
        r#"{{"model":"gemini-3.8-flash","messages":[{{"role":"user","content":[{{"type":"text","text":"What is this?"}},{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{image}"}}}}]}}]}}"#
    )
}

const EVENT: &str = r#"{"candidates": [{"content": {"parts": [{"text": " jumps over the lazy\n dog and"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 21,"candidatesTokenCount": 50,"totalTokenCount": 166,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 21}],"thoughtsTokenCount": 95},"modelVersion": "gemini-3.8-flash","responseId": "RUy4aObyJcTujrEPqtKYKQ"}"#;

const ANSWER: &str = r#"{
  "candidates": [{"content": {"parts": [{"text": "The quick brown fox.\nIt jumps."}], "role": "model"}, "finishReason": "STOP", "index": 0}],
  "usageMetadata": {"promptTokenCount": 21, "candidatesTokenCount": 50, "totalTokenCount": 71},
  "modelVersion": "gemini-3.8-flash", "responseId": "RUy4aObyJcTujrEPqtKYKQ"
}"#;

fn context() -> ChatContext {
    chat::request(text_request("Hi").as_bytes()).map(|(context, _)| context).unwrap_or_default()
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    let kilobyte = text_request(&"Twelve words of English with\\n a line break. ".repeat(20));
    for (name, body) in [
        ("1 KB", kilobyte),
        ("200 KB image", image_request(200 * 1024)),
        ("17 MB image", image_request(17 << 20)),
    ] {
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| chat::request(black_box(body.as_bytes())));
        });
    }
    group.finish();
}

fn answers(criterion: &mut Criterion) {
    let context = context();
    criterion.bench_function("answer/whole", |bencher| {
        bencher.iter(|| chat::response(&context, black_box(ANSWER.as_bytes()), &mut stamp()));
    });
    criterion.bench_function("answer/stream event", |bencher| {
        let mut stream = ChatStream::new(context.clone(), stamp());
        let mut out = BytesMut::with_capacity(1 << 16);
        bencher.iter(|| {
            out.clear();
            stream.event(black_box(EVENT.as_bytes()), &mut out).map(|seen| seen.content)
        });
    });
    criterion.bench_function("answer/observe event", |bencher| {
        bencher.iter(|| gemini::observe(black_box(EVENT.as_bytes())).has_content);
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    requests(&mut criterion);
    answers(&mut criterion);
    criterion.final_summary();
}
