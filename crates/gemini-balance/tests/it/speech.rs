//! Texts that are spoken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_gemini::{FakeGemini, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Client, Gateway, key};

use crate::house::{all_calls, fault, google, house, parse, setup};
use crate::streams::rows;

/// Gives its speech all at once.
const OLD: &str = "gemini-2.5-flash-preview-tts";
/// Gives it piece by piece.
const STREAMING: &str = "gemini-3.1-flash-tts-preview";
/// Answers with a file where nobody asks for samples.
const NEW: &str = "gemini-3.8-flash-tts";

/// Forty letters: two seconds.
const TEXT: &str = "The quick brown fox jumps over the dog. ";

/// Bytes of the samples of that.
const BYTES: usize = 2 * 24_000 * 2;

fn say(client: &Client, model: &str, more: &Value) -> Ask {
    let mut body = json!({"model": model, "input": TEXT, "voice": "alloy"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    client.post("/v1/audio/speech", body.to_string())
}

/// What the file of a format begins with.
fn begins(format: &str, file: &[u8]) -> bool {
    match format {
        "mp3" => matches!(file, [0xff, second, ..] if second & 0xe6 == 0xe2),
        "aac" => matches!(file, [0xff, second, ..] if second & 0xf6 == 0xf0),
        "opus" => file.starts_with(b"OggS") && file.get(28..36) == Some(b"OpusHead"),
        "flac" => file.starts_with(b"fLaC"),
        "wav" => file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WAVE"),
        _ => true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_model_speaks_in_every_format() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for model in [OLD, STREAMING, NEW] {
        for (format, content_type) in [
            ("mp3", "audio/mpeg"),
            ("opus", "audio/ogg; codecs=opus"),
            ("aac", "audio/aac"),
            ("flac", "audio/flac"),
            ("wav", "audio/wav"),
            ("pcm", "audio/pcm"),
        ] {
            let answer =
                say(&gateway.client(), model, &json!({"response_format": format})).send().await;
            let case = format!("{model} {format}");
            assert_eq!(answer.status, 200, "{case}: {}", answer.text());
            assert_eq!(answer.header("content-type"), Some(content_type), "{case}");
            assert!(answer.ended_well, "{case}");
            assert!(begins(format, &answer.body), "{case}: {:?}", &answer.body[..40]);
            match format {
                "pcm" => assert_eq!(answer.body.len(), BYTES, "{case}"),
                "wav" => assert_eq!(answer.body.len(), BYTES + 44, "{case}"),
                _ => assert!(answer.body.len() > 6000, "{case}: {}", answer.body.len()),
            }
        }
    }
    for row in rows(&gateway, 18).await {
        assert_eq!(
            (row.status, row.outcome.as_str(), row.operation.as_str()),
            (200, "served", "speech")
        );
        assert_eq!(row.usage.completion, 50, "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streaming_model_is_heard_before_it_has_ended() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    google.script().update(|script| script.pace(std::time::Duration::from_millis(300)));
    let more = json!({"response_format": "pcm", "input": TEXT.repeat(4)});
    let mut live = say(&gateway.client(), STREAMING, &more).open().await;
    assert_eq!(live.status, 200);
    let first = live.chunk().await.unwrap();
    assert!(google.open_streams() == 1 && first.len() < BYTES, "{}", first.len());
    let mut bytes = first.len();
    while let Some(chunk) = live.chunk().await {
        bytes += chunk.len();
    }
    assert!(live.ended_well());
    assert_eq!(bytes, BYTES * 4);
}

/// The file in the events of an answer, and the last event.
fn told(answer: &Answer) -> (Vec<u8>, Value) {
    let events: Vec<Value> = answer.events().iter().map(|event| parse(event)).collect();
    let (last, deltas) = events.split_last().unwrap();
    let mut file = Vec::new();
    for delta in deltas {
        assert_eq!(delta["type"], "speech.audio.delta");
        file.extend(STANDARD.decode(delta["audio"].as_str().unwrap()).unwrap());
    }
    (file, last.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_carry_the_file_and_what_it_cost() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for model in [OLD, STREAMING, NEW] {
        for format in ["mp3", "pcm"] {
            let more = json!({"response_format": format, "stream_format": "sse"});
            let answer = say(&gateway.client(), model, &more).send().await;
            assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
            let (file, last) = told(&answer);
            assert!(begins(format, &file), "{model} {format}");
            assert!(format == "mp3" || file.len() == BYTES, "{model}: {}", file.len());
            assert_eq!(last["type"], "speech.audio.done", "{last}");
            assert_eq!(last["usage"]["output_tokens"], 50, "{last}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_administrator_names_what_the_client_does_not() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let gateway = setup()
        .google(&google)
        .keys([key("one")])
        .with("TTS_MODEL", STREAMING)
        .with("TTS_VOICE_NAME", "Puck")
        .with("TTS_SPEED", "slow")
        .start()
        .await;
    let client = gateway.client();
    for prefix in ["", "/openai", "/hf"] {
        let path = format!("{prefix}/v1/audio/speech");
        let answer = client.post(&path, json!({"model": "tts-1", "input": "Hi"}).to_string());
        let answer = answer.send().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("audio/mpeg")));
    }
    let asked = google.received().pop().unwrap();
    assert_eq!(asked.model.as_deref(), Some(STREAMING));
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body["contents"][0]["parts"][0]["text"], "Speak slowly: Hi");
    let voice = "/generationConfig/speechConfig/voiceConfig/prebuiltVoiceConfig/voiceName";
    assert_eq!(body.pointer(voice), Some(&json!("Puck")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_wants_to_write_is_urged_to_speak() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for model in [OLD, STREAMING] {
        for text in ["Who are you? (refuse me)", "Who are you? (answer me)"] {
            google.forget_received();
            let more = json!({"input": text, "response_format": "pcm"});
            let answer = say(&gateway.client(), model, &more).send().await;
            assert_eq!(answer.status, 200, "{model} {text}: {}", answer.text());
            assert!(!answer.body.is_empty());
            assert_eq!(all_calls(&google), 2, "{model} {text}");
            let body = String::from_utf8(google.received()[1].body.to_vec()).unwrap();
            assert!(body.contains(&format!("Say: {text}")), "{body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_a_moment_are_tried_again() {
    let (google, gateway) = house([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let instead = |plan: KeyPlan| {
        google.script().update(|script| {
            ["one", "two"]
                .into_iter()
                .fold(script, |script, name| script.sequence(key(name), vec![plan.clone()]))
        });
    };
    for model in [OLD, STREAMING] {
        for plan in [fault(Fault::EmptyCandidates), fault(Fault::Status500)] {
            instead(plan.clone());
            let answer =
                say(&gateway.client(), model, &json!({"response_format": "wav"})).send().await;
            assert_eq!(answer.status, 200, "{model} {plan:?}: {}", answer.text());
            assert_eq!(answer.body.len(), BYTES + 44, "{model} {plan:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_speech_is_never_an_empty_success() {
    let (_google, gateway) = house([("one", fault(Fault::EmptyCandidates))]).await;
    for model in [OLD, STREAMING, NEW] {
        let answer = say(&gateway.client(), model, &json!({})).send().await;
        assert_eq!(answer.status, 502, "{model}: {}", answer.text());
        assert_eq!(answer.json()["error"]["code"], "upstream_empty_response");
    }
    let (_google, gateway) = house([("one", fault(Fault::BlockedPrompt("SAFETY".into())))]).await;
    for model in [OLD, STREAMING, NEW] {
        let answer = say(&gateway.client(), model, &json!({})).send().await;
        assert_eq!(answer.status, 400, "{model}: {}", answer.text());
        assert_eq!(answer.json()["error"]["code"], "content_filter");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_speech_that_breaks_off_does_not_seem_whole() {
    let (_google, gateway) = house([("one", fault(Fault::CutAfterEvents(2)))]).await;
    let client = gateway.client();
    let answer = say(&client, STREAMING, &json!({"response_format": "wav"})).send().await;
    assert!(answer.status == 200 && !answer.ended_well && answer.body.len() > 1000);
    let answer = say(&client, STREAMING, &json!({"stream_format": "sse"})).send().await;
    let (file, last) = told(&answer);
    assert!(answer.ended_well && !file.is_empty());
    assert!(last["error"]["message"].is_string(), "{last}");
    for row in rows(&gateway, 2).await {
        assert_eq!(row.outcome, "link_broken");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told_without_asking_google() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for (more, param) in [
        (json!({"response_format": "midi"}), "response_format"),
        (json!({"input": ""}), "input"),
        (json!({"speed": 5}), "speed"),
        (json!({"voice": {"id": "voice_1"}}), "voice"),
    ] {
        let answer = say(&gateway.client(), OLD, &more).send().await;
        assert_eq!(answer.status, 400, "{more}");
        assert_eq!(answer.json()["error"]["param"], param, "{}", answer.text());
    }
    let answer = gateway.client().get("/v1/audio/speech").send().await;
    assert_eq!(answer.status, 405);
    assert_eq!(all_calls(&google), 0);
}

fn two_speakers() -> Value {
    let voice = |speaker: &str, name: &str| {
        json!({"speaker": speaker,
            "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": name}}})
    };
    json!({"multiSpeakerVoiceConfig": {"speakerVoiceConfigs": [voice("Joe", "Kore"), voice("Jane", "Puck")]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn two_may_speak() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for model in [OLD, NEW] {
        let more = json!({"input": "Joe: How are you?\nJane: Fine.", "response_format": "pcm",
            "extra_body": {"google": {"speech_config": two_speakers()}}});
        let answer = say(&gateway.client(), model, &more).send().await;
        assert_eq!(answer.status, 200, "{model}: {}", answer.text());
    }
    let body: Value = serde_json::from_slice(&google.received()[1].body).unwrap();
    let parts = &body["contents"][0]["parts"];
    assert_eq!(parts[1], json!({"text": "Fine.", "speechMetadata": {"speaker": "Jane"}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn googles_own_surface_hands_speech_through() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let body = json!({
        "contents": [{"role": "user", "parts": [{"text": "Joe: How are you?\nJane: Fine."}]}],
        "generationConfig": {"responseModalities": ["AUDIO"], "speechConfig": two_speakers()},
    });
    for (model, mime) in [(OLD, "audio/L16;codec=pcm;rate=24000"), (NEW, "audio/wav")] {
        let path = format!("/v1beta/models/{model}:generateContent");
        let answer = gateway.client().post(&path, body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let part = &answer.json()["candidates"][0]["content"]["parts"][0]["inlineData"];
        assert_eq!(part["mimeType"], mime);
        let asked: Value = serde_json::from_slice(&google.received().pop().unwrap().body).unwrap();
        assert_eq!(asked, body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_models_speak_where_one_cannot() {
    let google = google([("one", KeyPlan::Valid)]).await;
    google.script().update(|script| script.key_on_model(key("one"), OLD, fault(Fault::Status503)));
    let gateway = gateway_with_fallback(&google).await;
    let answer = say(&gateway.client(), OLD, &json!({"response_format": "pcm"})).send().await;
    assert_eq!((answer.status, answer.body.len()), (200, BYTES), "{}", answer.text().len());
    assert_eq!(rows(&gateway, 1).await[0].model.as_deref(), Some(NEW));
}

async fn gateway_with_fallback(google: &FakeGemini) -> Gateway {
    let fallbacks = json!({OLD: [NEW]}).to_string();
    setup().google(google).keys([key("one")]).with("MODEL_FALLBACKS", fallbacks).start().await
}
