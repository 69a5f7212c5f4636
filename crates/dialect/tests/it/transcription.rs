//! Speech that is to be written down.

use audio::wav;
use bytes::BytesMut;
use dialect::DialectError;
use dialect::ResponseError;
use dialect::models::Additions;
use dialect::openai::transcription::{
    Options, Task, TranscriptStream, TranscriptionContext, Upload, response, translate,
};
use openapi::Document;
use serde_json::{Value, json};

use crate::chunks;

const TRANSCRIBER: &str = "gemini-3.5-transcribe";
const CHAT: &str = "gemini-3.5-flash-lite";

/// Two seconds of silence.
fn file() -> Vec<u8> {
    let samples = vec![0; 8000 * 2 * 2];
    [wav::header(samples.len(), 8000).as_slice(), &samples].concat()
}

fn ask_for(
    task: Task,
    fields: &[(&str, &str)],
) -> Result<(TranscriptionContext, Value), DialectError> {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let file = file();
    let upload = Upload {
        file: &file,
        file_name: Some("talk.wav"),
        content_type: Some("application/octet-stream"),
        fields: &fields,
    };
    let options =
        Options { transcriber: TRANSCRIBER, translator: CHAT, additions: Additions::default() };
    let (context, body) = translate(task, &upload, &options)?;
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    for part in body["contents"][0]["parts"].as_array_mut().unwrap() {
        if let Some(data) = part.pointer_mut("/inlineData/data") {
            *data = json!(data.as_str().unwrap().len());
        }
    }
    Ok((context, body))
}

fn ask(fields: &[(&str, &str)]) -> (TranscriptionContext, Value) {
    ask_for(Task::Transcribe, fields).unwrap()
}

#[test]
fn a_model_made_for_it_is_told_what_to_give() {
    let (context, body) = ask(&[("model", "whisper-1")]);
    assert_eq!((context.model(), context.stream()), (TRANSCRIBER, false));
    insta::assert_snapshot!(body, @r#"{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"audio/wav","data":42728}}]}],"generationConfig":{"audioTranscriptionConfig":{"mode":"VERBATIM"}}}"#);
    let (context, body) = ask(&[
        ("model", "gpt-4o-transcribe-diarize"),
        ("language", "de"),
        ("prompt", "Müller, Kubernetes"),
        ("keywords[]", "Gemini"),
        ("response_format", "diarized_json"),
        ("stream", "True"),
        ("temperature", "0.2"),
        ("chunking_strategy", "auto"),
        ("include[]", "logprobs"),
    ]);
    assert!(context.stream());
    assert_eq!(context.dropped(), ["temperature", "include"]);
    insta::assert_snapshot!(body, @r#"{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"audio/wav","data":42728}}]}],"generationConfig":{"audioTranscriptionConfig":{"mode":"VERBATIM","languageCodes":["de"],"customVocabulary":["Gemini","Müller","Kubernetes"],"wordTimestamp":true,"diarization":true}}}"#);
}

#[test]
fn any_other_model_is_asked_in_words() {
    let (context, body) = ask(&[("model", CHAT), ("language", "en"), ("prompt", "names: Ada")]);
    assert_eq!(context.model(), CHAT);
    insta::assert_snapshot!(body, @r#"{"contents":[{"role":"user","parts":[{"text":"Transcribe the audio verbatim in its original language. Output only the transcript, and nothing if there is no speech. Language: en. Vocabulary/context: names: Ada"},{"inlineData":{"mimeType":"audio/wav","data":42728}}]}],"generationConfig":{}}"#);
    let (_, body) = ask_for(Task::Translate, &[("model", "gemini-2.5-flash")]).unwrap();
    insta::assert_snapshot!(body, @r#"{"contents":[{"role":"user","parts":[{"text":"Translate the speech into English. Output only the translation, and nothing if there is no speech."},{"inlineData":{"mimeType":"audio/wav","data":42728}}]}],"generationConfig":{"temperature":0}}"#);
    let (context, body) = ask(&[
        ("model", CHAT),
        ("response_format", "verbose_json"),
        ("timestamp_granularities[]", "word"),
        ("stream", "true"),
    ]);
    assert_eq!(
        (context.stream(), context.dropped()),
        (false, ["stream", "timestamp_granularities"].as_slice())
    );
    insta::assert_snapshot!(body, @r#"{"contents":[{"role":"user","parts":[{"text":"Transcribe the audio verbatim in its original language. Cut it into segments of one sentence or less, with start and end in seconds. Name the language of the audio by its ISO 639-1 code. Without speech there are no segments."},{"inlineData":{"mimeType":"audio/wav","data":42728}}]}],"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"language":{"type":"string"},"segments":{"type":"array","items":{"type":"object","properties":{"start":{"type":"number"},"end":{"type":"number"},"text":{"type":"string"}},"required":["start","end","text"]}}},"required":["language","segments"]}}}"#);
}

#[test]
fn translations_have_a_model_of_their_own() {
    let (context, _) = ask_for(Task::Translate, &[("model", "whisper-1")]).unwrap();
    assert_eq!(context.model(), CHAT);
}

#[test]
fn mistakes_name_their_field() {
    let check = |task, fields: &[(&str, &str)], param: &str, code: &str| {
        let mistake = ask_for(task, fields).unwrap_err();
        assert_eq!((mistake.status, mistake.param.as_deref()), (400, Some(param)), "{fields:?}");
        assert_eq!(mistake.code, Some(code), "{fields:?}: {mistake}");
    };
    let transcribe = Task::Transcribe;
    check(transcribe, &[("response_format", "xml")], "response_format", "unsupported_value");
    check(
        Task::Translate,
        &[("response_format", "diarized_json")],
        "response_format",
        "unsupported_value",
    );
    check(Task::Translate, &[("model", TRANSCRIBER)], "model", "unsupported_value");
    check(transcribe, &[("model", "gemma-4-31b-it")], "model", "unsupported_value");
    check(transcribe, &[("stream", "maybe")], "stream", "invalid_value");
    let granularity = "timestamp_granularities";
    check(transcribe, &[("timestamp_granularities[]", "line")], granularity, "invalid_value");
}

fn upload(file: &[u8], name: &str) -> Result<(TranscriptionContext, Vec<u8>), DialectError> {
    let upload = Upload { file, file_name: Some(name), content_type: None, fields: &[] };
    let options =
        Options { transcriber: TRANSCRIBER, translator: CHAT, additions: Additions::default() };
    translate(Task::Transcribe, &upload, &options)
}

#[test]
fn files_that_cannot_be_heard_are_refused() {
    let empty = upload(b"", "a.wav").unwrap_err();
    assert_eq!((empty.status, empty.code), (400, Some("invalid_value")));
    let text = upload(b"hello", "a.txt").unwrap_err();
    assert_eq!((text.status, text.code), (400, Some("unsupported_value")));
    assert!(text.to_string().contains("mp3"), "{text}");
    let large = upload(&vec![0; 15 << 20], "a.wav").unwrap_err();
    assert_eq!((large.status, large.code), (413, Some("request_too_large")));
    assert_eq!(large.param.as_deref(), Some("file"));
}

fn words(text: &str, start: f64) -> Value {
    let word = |(at, word): (usize, &str)| {
        let start = start + at as f64 * 0.5;
        let end = start + 0.5;
        json!({"word": word, "startOffset": format!("{start}s"), "endOffset": format!("{end}s")})
    };
    text.split(' ').enumerate().map(word).collect()
}

fn heard(parts: &Value) -> Vec<u8> {
    let counts = json!({"promptTokenCount": 40, "candidatesTokenCount": 6, "totalTokenCount": 46,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 32}, {"modality": "TEXT", "tokenCount": 8}]});
    let candidate = json!({"content": {"parts": parts}, "finishReason": "STOP"});
    json!({"candidates": [candidate], "usageMetadata": counts}).to_string().into_bytes()
}

fn two_sentences() -> Vec<u8> {
    let piece = |text: &str, start, speaker: &str| {
        json!({"audioTranscription": {"text": text, "languageCode": "en-US",
            "speakerLabel": speaker, "words": words(text, start)}})
    };
    heard(&json!([piece("Hello there.", 0.0, "spk_1"), piece("Who is it?", 1.25, "spk_0")]))
}

fn told(fields: &[(&str, &str)], answer: &[u8]) -> String {
    let (context, _) = ask(fields);
    String::from_utf8(response(&context, answer).unwrap().body).unwrap()
}

#[test]
fn every_format_tells_the_same() {
    let told = |format: &str| told(&[("response_format", format)], &two_sentences());
    insta::assert_snapshot!(told("json"), @r#"{"text":"Hello there. Who is it?","usage":{"type":"tokens","input_tokens":40,"input_token_details":{"text_tokens":8,"audio_tokens":32},"output_tokens":6,"total_tokens":46}}"#);
    insta::assert_snapshot!(told("text"), @"Hello there. Who is it?");
    insta::assert_snapshot!(told("srt"), @r"
    1
    00:00:00,000 --> 00:00:01,000
    Hello there.

    2
    00:00:01,250 --> 00:00:02,750
    Who is it?
    ");
    insta::assert_snapshot!(told("vtt"), @r"
    WEBVTT

    00:00:00.000 --> 00:00:01.000
    Hello there.

    00:00:01.250 --> 00:00:02.750
    Who is it?
    ");
    insta::assert_snapshot!(told("verbose_json"), @r#"{"task":"transcribe","language":"en-US","duration":2.0,"text":"Hello there. Who is it?","segments":[{"id":0,"seek":0,"start":0.0,"end":1.0,"text":"Hello there.","tokens":[],"temperature":0,"avg_logprob":0,"compression_ratio":1,"no_speech_prob":0},{"id":1,"seek":0,"start":1.25,"end":2.75,"text":"Who is it?","tokens":[],"temperature":0,"avg_logprob":0,"compression_ratio":1,"no_speech_prob":0}],"usage":{"type":"duration","seconds":2}}"#);
    insta::assert_snapshot!(told("diarized_json"), @r#"{"task":"transcribe","duration":2.0,"text":"Hello there. Who is it?","segments":[{"type":"transcript.text.segment","id":"seg_000","start":0.0,"end":1.0,"text":"Hello there.","speaker":"A"},{"type":"transcript.text.segment","id":"seg_001","start":1.25,"end":2.75,"text":"Who is it?","speaker":"B"}],"usage":{"type":"tokens","input_tokens":40,"input_token_details":{"text_tokens":8,"audio_tokens":32},"output_tokens":6,"total_tokens":46}}"#);
}

#[test]
fn words_come_if_they_are_asked_for() {
    let fields = [("response_format", "verbose_json"), ("timestamp_granularities[]", "word")];
    let answer =
        heard(&json!([{"audioTranscription": {"text": "Hi you", "words": words("Hi you", 0.0)}}]));
    insta::assert_snapshot!(told(&fields, &answer), @r#"{"task":"transcribe","language":"","duration":2.0,"text":"Hi you","words":[{"word":"Hi","start":0.0,"end":0.5},{"word":"you","start":0.5,"end":1.0}],"usage":{"type":"duration","seconds":2}}"#);
}

#[test]
fn other_models_give_segments_as_json() {
    let document = json!({"language": "en", "segments": [
        {"start": 0, "end": 1.5, "text": "Hello there. ", "speaker": "A"},
        {"start": 1.5, "end": 1.0, "text": "Who is it?", "speaker": "B"},
    ]});
    let answer = heard(&json!([{"text": document.to_string()}]));
    let fields = |format| [("model", CHAT), ("response_format", format)];
    insta::assert_snapshot!(told(&fields("srt"), &answer), @r"
    1
    00:00:00,000 --> 00:00:01,500
    Hello there.

    2
    00:00:01,500 --> 00:00:01,500
    Who is it?
    ");
    insta::assert_snapshot!(told(&fields("diarized_json"), &answer), @r#"{"task":"transcribe","duration":2.0,"text":"Hello there. Who is it?","segments":[{"type":"transcript.text.segment","id":"seg_000","start":0.0,"end":1.5,"text":"Hello there.","speaker":"A"},{"type":"transcript.text.segment","id":"seg_001","start":1.5,"end":1.5,"text":"Who is it?","speaker":"B"}],"usage":{"type":"tokens","input_tokens":40,"input_token_details":{"text_tokens":8,"audio_tokens":32},"output_tokens":6,"total_tokens":46}}"#);
    insta::assert_snapshot!(told(&fields("verbose_json"), &answer), @r#"{"task":"transcribe","language":"en","duration":2.0,"text":"Hello there. Who is it?","segments":[{"id":0,"seek":0,"start":0.0,"end":1.5,"text":"Hello there.","tokens":[],"temperature":0,"avg_logprob":0,"compression_ratio":1,"no_speech_prob":0},{"id":1,"seek":0,"start":1.5,"end":1.5,"text":"Who is it?","tokens":[],"temperature":0,"avg_logprob":0,"compression_ratio":1,"no_speech_prob":0}],"usage":{"type":"duration","seconds":2}}"#);
    let (context, _) = ask(&fields("vtt"));
    let prose = heard(&json!([{"text": "I cannot do that."}]));
    assert!(matches!(response(&context, &prose), Err(ResponseError::Malformed(_))));
}

#[test]
fn silence_is_an_answer() {
    for answer in [heard(&json!([])), heard(&json!([{"text": ""}]))] {
        for model in [TRANSCRIBER, CHAT] {
            let told = |format| told(&[("model", model), ("response_format", format)], &answer);
            assert_eq!(told("text"), "\n");
            assert_eq!(told("srt"), "");
            assert_eq!(told("vtt"), "WEBVTT\n\n");
            let json: Value = serde_json::from_str(&told("verbose_json")).unwrap();
            assert_eq!((&json["text"], &json["segments"]), (&json!(""), &json!([])), "{json}");
            assert_eq!(json["duration"], 2.0);
        }
    }
}

#[test]
fn what_is_no_transcript_is_told_apart() {
    let (context, _) = ask(&[]);
    let read = |answer: &str| response(&context, answer.as_bytes());
    assert!(matches!(read(r#"{"candidates":[]}"#), Err(ResponseError::Empty { .. })));
    assert!(matches!(read(r#"{"error":{"code":503}}"#), Err(ResponseError::Upstream(_))));
    assert!(matches!(read("<html>"), Err(ResponseError::Malformed(_))));
    let blocked = r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#;
    assert!(matches!(read(blocked), Err(ResponseError::Withheld { .. })));
    let filtered = r#"{"candidates":[{"finishReason":"RECITATION"}]}"#;
    assert!(matches!(read(filtered), Err(ResponseError::Withheld { .. })));
}

fn events(fields: &[(&str, &str)], answers: &[Vec<u8>]) -> String {
    let mut stream = TranscriptStream::new(ask(fields).0);
    let mut out = BytesMut::new();
    for answer in answers {
        stream.event(answer, &mut out).unwrap();
    }
    stream.finish(&mut out).unwrap();
    assert_eq!(stream.usage().completion, 6);
    serde_json::to_string_pretty(&chunks(&out)).unwrap()
}

#[test]
fn events_tell_it_as_it_is_heard() {
    let piece = |text: &str| heard(&json!([{"audioTranscription": {"text": text}}]));
    insta::assert_snapshot!(events(&[("stream", "true")], &[piece("Hello"), piece("there.")]), @r#"
    [
      {
        "type": "transcript.text.delta",
        "delta": "Hello"
      },
      {
        "type": "transcript.text.delta",
        "delta": " there."
      },
      {
        "type": "transcript.text.done",
        "text": "Hello there.",
        "usage": {
          "type": "tokens",
          "input_tokens": 40,
          "input_token_details": {
            "text_tokens": 8,
            "audio_tokens": 32
          },
          "output_tokens": 6,
          "total_tokens": 46
        }
      }
    ]
    "#);
}

#[test]
fn who_speaks_is_told_when_all_is_heard() {
    let diarized = [("stream", "true"), ("response_format", "diarized_json")];
    insta::assert_snapshot!(events(&diarized, &[two_sentences()]), @r#"
    [
      {
        "type": "transcript.text.segment",
        "id": "seg_000",
        "start": 0.0,
        "end": 1.0,
        "text": "Hello there.",
        "speaker": "A"
      },
      {
        "type": "transcript.text.segment",
        "id": "seg_001",
        "start": 1.25,
        "end": 2.75,
        "text": "Who is it?",
        "speaker": "B"
      },
      {
        "type": "transcript.text.done",
        "text": "Hello there. Who is it?",
        "usage": {
          "type": "tokens",
          "input_tokens": 40,
          "input_token_details": {
            "text_tokens": 8,
            "audio_tokens": 32
          },
          "output_tokens": 6,
          "total_tokens": 46
        }
      }
    ]
    "#);
}

#[test]
fn events_without_an_end_are_no_transcript() {
    let mut stream = TranscriptStream::new(ask(&[("stream", "true")]).0);
    assert!(stream.finish(&mut BytesMut::new()).is_err(), "it has no end");
}

#[test]
fn what_clients_are_told_keeps_to_openais_document() {
    let Some(document) = Document::openai() else { return };
    for (format, component) in [
        ("json", "CreateTranscriptionResponseJson"),
        ("verbose_json", "CreateTranscriptionResponseVerboseJson"),
        ("diarized_json", "CreateTranscriptionResponseDiarizedJson"),
    ] {
        let words = [("response_format", format), ("timestamp_granularities[]", "word")];
        for (what, fields) in [("plain", &words[..1]), ("with words", &words[..])] {
            let told = serde_json::from_str(&told(fields, &two_sentences())).unwrap();
            document.validator(component).check(&format!("{format}, {what}"), &told);
        }
    }
    for format in ["json", "diarized_json"] {
        let fields = [("stream", "true"), ("response_format", format)];
        let mut stream = TranscriptStream::new(ask(&fields).0);
        let mut out = BytesMut::new();
        stream.event(&two_sentences(), &mut out).unwrap();
        stream.finish(&mut out).unwrap();
        for event in chunks(&out) {
            let component = match event["type"].as_str().unwrap() {
                "transcript.text.delta" => "TranscriptTextDeltaEvent",
                "transcript.text.segment" => "TranscriptTextSegmentEvent",
                _ => "TranscriptTextDoneEvent",
            };
            document.validator(component).check(format, &event);
        }
    }
}
