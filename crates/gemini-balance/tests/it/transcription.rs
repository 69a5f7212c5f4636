//! Speech that is written down.

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Ask, Client, Gateway, key};

use crate::house::{all_calls, fault, google, house, parse, setup};
use crate::streams::rows;

const TRANSCRIBER: &str = "gemini-3.5-transcribe";
const CHAT: &str = "gemini-3.5-flash-lite";

/// What the simulated Google hears in [`sound`].
const HEARD: &str = "Hello there. I am audio/wav of 1044 bytes.";

/// A WAV file of 16-bit samples, all of which are `sample`.
fn wav(sample: u8) -> Vec<u8> {
    let mut file = b"RIFF\x0c\x04\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend_from_slice(&8000_u32.to_le_bytes());
    file.extend_from_slice(&16_000_u32.to_le_bytes());
    file.extend_from_slice(b"\x02\0\x10\0data\xe8\x03\0\0");
    file.extend([sample; 1000]);
    file
}

fn sound() -> Vec<u8> {
    wav(7)
}

/// A form with a file of this name, and these fields.
fn form(file: &[u8], name: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n");
        body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
    }
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--x--\r\n");
    body
}

fn upload(client: &Client, path: &str, file: &[u8], fields: &[(&str, &str)]) -> Ask {
    client
        .request("POST", path)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(form(file, "talk.wav", fields))
}

fn transcribe(client: &Client, fields: &[(&str, &str)]) -> Ask {
    upload(client, "/v1/audio/transcriptions", &sound(), fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_kinds_of_models_write_down_what_they_hear() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for (model, asked) in [("whisper-1", TRANSCRIBER), (TRANSCRIBER, TRANSCRIBER), (CHAT, CHAT)] {
        let answer = transcribe(&gateway.client(), &[("model", model)]).send().await;
        assert_eq!(answer.status, 200, "{model}: {}", answer.text());
        let told = answer.json();
        assert_eq!(told["text"], HEARD, "{model}");
        assert_eq!(told["usage"]["type"], "tokens");
        assert!(told["usage"]["input_token_details"]["audio_tokens"].as_u64() > Some(0), "{told}");
        assert_eq!(google.received().pop().unwrap().model.as_deref(), Some(asked));
    }
    for row in rows(&gateway, 3).await {
        assert_eq!((row.status, row.operation.as_str()), (200, "transcriptions"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_is_told_by_both_kinds_of_models() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for model in [TRANSCRIBER, CHAT] {
        for (format, content_type) in [
            ("json", "application/json; charset=utf-8"),
            ("text", "text/plain; charset=utf-8"),
            ("srt", "text/plain; charset=utf-8"),
            ("vtt", "text/vtt; charset=utf-8"),
            ("verbose_json", "application/json; charset=utf-8"),
            ("diarized_json", "application/json; charset=utf-8"),
        ] {
            let fields = [("model", model), ("response_format", format)];
            let answer = transcribe(&gateway.client(), &fields).send().await;
            assert_eq!(answer.status, 200, "{model} {format}: {}", answer.text());
            assert_eq!(answer.header("content-type"), Some(content_type), "{model} {format}");
            let text = answer.text();
            match format {
                "text" => assert_eq!(text, format!("{HEARD}\n"), "{model}"),
                "srt" => {
                    assert!(
                        text.starts_with("1\n00:00:00,000 --> 00:00:00,800\nHello there.\n\n2\n"),
                        "{text}"
                    );
                }
                "vtt" => assert!(
                    text.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:00.800\nHello"),
                    "{text}"
                ),
                "json" => assert_eq!(answer.json()["text"], HEARD),
                _ => {
                    let told = answer.json();
                    assert_eq!(told["text"], HEARD, "{model}");
                    assert_eq!(told["segments"].as_array().unwrap().len(), 2, "{told}");
                    assert_eq!(told["duration"], 0.0625, "{told}");
                    let speakers =
                        [&told["segments"][0]["speaker"], &told["segments"][1]["speaker"]];
                    let is_diarized = format == "diarized_json";
                    assert_eq!(is_diarized, speakers == [&json!("A"), &json!("B")], "{told}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_have_their_times() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let fields = [("response_format", "verbose_json"), ("timestamp_granularities[]", "word")];
    let told = transcribe(&gateway.client(), &fields).send().await.json();
    assert_eq!(told["words"][1], json!({"word": "there.", "start": 0.4, "end": 0.8}), "{told}");
    assert_eq!(told["language"], "en-US");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_tell_it_as_it_is_heard() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for model in [TRANSCRIBER, CHAT] {
        let answer =
            transcribe(&gateway.client(), &[("model", model), ("stream", "true")]).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let events: Vec<Value> = answer.events().iter().map(|event| parse(event)).collect();
        let (last, deltas) = events.split_last().unwrap();
        let text: String = deltas.iter().map(|event| event["delta"].as_str().unwrap()).collect();
        assert_eq!(
            (last["type"].as_str(), last["text"].as_str()),
            (Some("transcript.text.done"), Some(text.as_str()))
        );
        assert!(deltas.len() > 1 && text == HEARD, "{model}: {events:?}");
        let asked = google.received().pop().unwrap();
        assert!(asked.path.ends_with(":streamGenerateContent"), "{}", asked.path);
    }
    let fields = [("stream", "true"), ("response_format", "diarized_json")];
    let answer = transcribe(&gateway.client(), &fields).send().await;
    let kinds: Vec<Value> =
        answer.events().iter().map(|event| parse(event)["type"].clone()).collect();
    let segment = "transcript.text.segment";
    assert_eq!(kinds, [segment, segment, "transcript.text.done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn translations_are_asked_of_a_model_that_can() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for prefix in ["", "/openai", "/hf"] {
        let path = format!("{prefix}/v1/audio/translations");
        let answer = upload(&gateway.client(), &path, &sound(), &[("model", "whisper-1")]);
        let answer = answer.send().await;
        assert_eq!((answer.status, &answer.json()["text"]), (200, &json!(HEARD)));
    }
    let asked = google.received().pop().unwrap();
    assert_eq!(asked.model.as_deref(), Some(CHAT));
    let body = String::from_utf8(asked.body.to_vec()).unwrap();
    assert!(body.contains("Translate the speech into English."), "{body}");
    let path = "/v1/audio/translations";
    let answer = upload(&gateway.client(), path, &sound(), &[("model", TRANSCRIBER)]).send().await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("model")));
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_an_answer_and_is_asked_for_once() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway =
        setup().google(&google).keys([key("one")]).with("EMPTY_RETRIES", "2").start().await;
    for (model, stream) in
        [(TRANSCRIBER, "false"), (CHAT, "false"), (TRANSCRIBER, "true"), (CHAT, "true")]
    {
        google.forget_received();
        let fields = [("model", model), ("stream", stream)];
        let path = "/v1/audio/transcriptions";
        let answer = upload(&gateway.client(), path, &wav(0), &fields).send().await;
        assert_eq!(answer.status, 200, "{model} {stream}: {}", answer.text());
        let told =
            if stream == "true" { parse(answer.events().last().unwrap()) } else { answer.json() };
        assert_eq!(told["text"], "", "{model} {stream}");
        assert_eq!(all_calls(&google), 1, "{model} {stream}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_heard_is_refused_without_asking_google() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let path = "/v1/audio/transcriptions";
    let refused = async |ask: Ask, status: u16, param: Option<&str>, code: &str| {
        let answer = ask.send().await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let error = &answer.json()["error"];
        assert_eq!((error["param"].as_str(), error["code"].as_str()), (param, Some(code)));
    };
    let large = [sound(), vec![7; 15 << 20]].concat();
    refused(upload(&client, path, &large, &[]), 413, Some("file"), "request_too_large").await;
    refused(upload(&client, path, b"", &[]), 400, Some("file"), "invalid_value").await;
    let form_of_text = client
        .request("POST", path)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(form(b"hello", "a.txt", &[]));
    refused(form_of_text, 400, Some("file"), "unsupported_value").await;
    let without_file = client
        .request("POST", path)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(
            "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x--\r\n",
        );
    refused(without_file, 400, Some("file"), "missing_required_parameter").await;
    refused(client.post(path, "{}"), 400, None, "invalid_form").await;
    let format = upload(&client, path, &sound(), &[("response_format", "pdf")]);
    refused(format, 400, Some("response_format"), "unsupported_value").await;
    assert_eq!(all_calls(&google), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_out_is_named() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let fields = [("temperature", "0.4"), ("include[]", "logprobs")];
    let answer = transcribe(&gateway.client(), &fields).send().await;
    assert_eq!(answer.header("x-gemini-balance-dropped"), Some("temperature,include"));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_failures_are_told_as_errors() {
    let (_google, gateway) = house([("one", fault(Fault::BlockedPrompt("SAFETY".into())))]).await;
    let answer = transcribe(&gateway.client(), &[]).send().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.json()["error"]["code"], "content_filter");
    let (_google, gateway) = house([("one", fault(Fault::Status503))]).await;
    let answer = transcribe(&gateway.client(), &[]).send().await;
    assert_eq!(answer.status, 503, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_hears_where_one_cannot() {
    let google = google([("one", KeyPlan::Valid)]).await;
    google
        .script()
        .update(|script| script.key_on_model(key("one"), TRANSCRIBER, fault(Fault::Status503)));
    let gateway = with_fallback(&google).await;
    let answer = transcribe(&gateway.client(), &[("model", TRANSCRIBER)]).send().await;
    assert_eq!((answer.status, &answer.json()["text"]), (200, &json!(HEARD)));
    assert_eq!(google.received().pop().unwrap().model.as_deref(), Some(CHAT));
}

async fn with_fallback(google: &FakeGemini) -> Gateway {
    let fallbacks = json!({TRANSCRIBER: [CHAT]}).to_string();
    setup().google(google).keys([key("one")]).with("MODEL_FALLBACKS", fallbacks).start().await
}
