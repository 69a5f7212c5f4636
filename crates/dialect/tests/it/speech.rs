//! Texts that are to be spoken.

use audio::Format;
use bytes::BytesMut;
use dialect::DialectError;
use dialect::Usage;
use dialect::models::{Additions, Offers};
use dialect::openai::speech::{
    Options, Pace, SpeechContext, SpeechRequest, delta, done, translate,
};
use openapi::Document;
use serde_json::{Value, json};

use crate::chunks;

const OLD: &str = "gemini-2.5-flash-preview-tts";
const NEW: &str = "gemini-3.8-flash-tts";

fn options() -> Options<'static> {
    Options { model: OLD, voice: "Zephyr", pace: Pace::Normal, additions: Additions::default() }
}

fn ask(body: &Value) -> Result<(SpeechContext, SpeechRequest), DialectError> {
    translate(body.to_string().as_bytes(), &options())
}

fn upstream(body: &Value) -> String {
    String::from_utf8(ask(body).unwrap().1.body).unwrap()
}

fn text(request: &[u8]) -> String {
    let request: Value = serde_json::from_slice(request).unwrap();
    request["contents"][0]["parts"][0]["text"].as_str().unwrap().to_owned()
}

#[test]
fn older_models_are_told_in_the_text_how_to_speak() {
    let body = json!({"model": "tts-1", "input": "Hello \"you\".", "voice": "alloy",
        "instructions": "Speak like a pirate. ", "speed": 0.8});
    insta::assert_snapshot!(upstream(&body), @r#"{"contents":[{"role":"user","parts":[{"text":"Speak like a pirate. Speak slowly: Hello \"you\"."}]}],"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}}}}"#);
    let (context, request) = ask(&body).unwrap();
    assert_eq!((context.model(), context.is_streamed()), (OLD, false));
    assert_eq!((context.format(), context.wants_events()), (Format::Mp3, false));
    let urged = text(&request.urged.unwrap());
    assert_eq!(urged, "Say the following. Speak like a pirate. Speak slowly: Hello \"you\".");
}

#[test]
fn a_text_without_instructions_is_spoken_as_it_is() {
    let (_, request) = ask(&json!({"model": OLD, "input": "Who are you?"})).unwrap();
    assert_eq!(text(&request.body), "Who are you?");
    assert_eq!(text(&request.urged.unwrap()), "Say: Who are you?");
}

#[test]
fn newer_models_are_told_beside_the_text() {
    let body = json!({"model": format!("models/{NEW}"), "input": "Hi <laugh>", "voice": "kore",
        "instructions": "Cheerful", "response_format": "wav", "stream_format": "sse"});
    insta::assert_snapshot!(upstream(&body), @r#"{"contents":[{"role":"user","parts":[{"text":"Hi <laugh>","speechMetadata":{"style":"Cheerful"}}]}],"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}},"responseFormat":{"audio":{"mimeType":"AUDIO_L16"}}}}"#);
    let (context, request) = ask(&body).unwrap();
    assert_eq!((context.model(), context.is_streamed(), request.urged), (NEW, true, None));
    assert_eq!((context.format(), context.wants_events()), (Format::Wav, true));
    insta::assert_snapshot!(upstream(&json!({"model": NEW, "input": "Hi"})), @r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Zephyr"}}},"responseFormat":{"audio":{"mimeType":"AUDIO_L16"}}}}"#);
}

const TALK: &str = "A talk.\nJoe: How are you?\nJane: Fine.";

fn speakers() -> Value {
    let voice = |name: &str| json!({"prebuilt_voice_config": {"voice_name": name}});
    json!({"google": {"speech_config": {"multi_speaker_voice_config": {"speaker_voice_configs": [
        {"speaker": "Joe", "voice_config": voice("Kore")},
        {"speaker": "Jane", "voice_config": voice("Puck")},
    ]}}}})
}

#[test]
fn two_may_speak() {
    let body = json!({"model": OLD, "input": TALK, "voice": "nova", "extra_body": speakers()});
    insta::assert_snapshot!(upstream(&body), @r#"{"contents":[{"role":"user","parts":[{"text":"A talk.\nJoe: How are you?\nJane: Fine."}]}],"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"multiSpeakerVoiceConfig":{"speakerVoiceConfigs":[{"speaker":"Joe","voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}},{"speaker":"Jane","voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Puck"}}}]}}}}"#);
    let mut body = json!({"model": NEW, "input": TALK, "instructions": "Friendly"});
    body["google"] = speakers()["google"].clone();
    insta::assert_snapshot!(upstream(&body), @r#"{"contents":[{"role":"user","parts":[{"text":"A talk.","speechMetadata":{"style":"Friendly"}},{"text":"How are you?","speechMetadata":{"style":"Friendly","speaker":"Joe"}},{"text":"Fine.","speechMetadata":{"style":"Friendly","speaker":"Jane"}}]}],"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"multiSpeakerVoiceConfig":{"speakerVoiceConfigs":[{"speaker":"Joe","voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}},{"speaker":"Jane","voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Puck"}}}]}},"responseFormat":{"audio":{"mimeType":"AUDIO_L16"}}}}"#);
}

#[test]
fn what_the_administrator_sets_counts_where_the_client_says_nothing() {
    let aliases = [("tts-1".to_owned(), NEW.to_owned())].into();
    let offers = Offers { aliases, ..Offers::default() };
    let safety = [dialect::gemini::SafetySetting {
        category: "HARM_CATEGORY_HARASSMENT".into(),
        threshold: "OFF".into(),
    }];
    let additions = Additions { offers: Some(&offers), safety_settings: &safety, turn: 0 };
    let options = Options { voice: "Puck", pace: Pace::Fast, additions, ..options() };
    let ask = |body: Value| translate(body.to_string().as_bytes(), &options).unwrap();
    let (context, request) = ask(json!({"input": "Hi"}));
    assert_eq!(context.model(), OLD);
    insta::assert_snapshot!(String::from_utf8(request.body).unwrap(), @r#"{"contents":[{"role":"user","parts":[{"text":"Speak fast: Hi"}]}],"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Puck"}}}},"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}]}"#);
    let (context, _) = ask(json!({"model": "tts-1", "input": "Hi"}));
    assert_eq!(context.model(), NEW, "an alias goes before the default");
    let (context, _) = ask(json!({"model": "gpt-4o-mini-tts", "input": "Hi", "speed": 1}));
    assert_eq!(context.model(), OLD);
    let (context, request) = ask(json!({"input": "Hi", "voice": "somebody", "speed": 1.0}));
    assert_eq!(context.dropped(), ["voice"]);
    assert_eq!(text(&request.body), "Hi", "the client's pace goes before the administrator's");
}

#[test]
fn speeds_become_words() {
    for (speed, words) in [
        (0.25, "Speak very slowly: Hi"),
        (0.9, "Speak slowly: Hi"),
        (1.0, "Hi"),
        (1.25, "Speak fast: Hi"),
        (4.0, "Speak very fast: Hi"),
    ] {
        let (_, request) = ask(&json!({"model": OLD, "input": "Hi", "speed": speed})).unwrap();
        assert_eq!(text(&request.body), words);
    }
}

#[test]
fn mistakes_name_their_field() {
    for (more, param, code) in [
        (json!({"input": null}), "input", "missing_required_parameter"),
        (json!({"input": "  "}), "input", "invalid_value"),
        (json!({"input": 3}), "input", "invalid_value"),
        (json!({"response_format": "ogg"}), "response_format", "unsupported_value"),
        (json!({"stream_format": "ws"}), "stream_format", "invalid_value"),
        (json!({"speed": 9}), "speed", "invalid_value"),
        (json!({"voice": {"id": "voice_1"}}), "voice", "unsupported_value"),
        (json!({"model": "gemini-2.5-flash"}), "model", "unsupported_value"),
    ] {
        let mut body = json!({"model": OLD, "input": "Hi"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let mistake = ask(&body).unwrap_err();
        assert_eq!((mistake.status, mistake.param.as_deref()), (400, Some(param)), "{body}");
        assert_eq!(mistake.code, Some(code), "{body}: {mistake}");
    }
    let message = ask(&json!({"model": OLD, "input": "Hi", "response_format": "ogg"})).unwrap_err();
    assert!(message.to_string().contains("mp3, opus, aac, flac, wav, pcm"), "{message}");
}

#[test]
fn events_keep_to_openais_document() {
    let Some(document) = Document::openai() else { return };
    let mut out = BytesMut::new();
    delta(&[1, 2, 3], &mut out);
    done(&Usage { prompt: 1, completion: 2, ..Usage::default() }, &mut out);
    let events = chunks(&out);
    document.validator("SpeechAudioDeltaEvent").check("a piece", &events[0]);
    document.validator("SpeechAudioDoneEvent").check("the end", &events[1]);
}
