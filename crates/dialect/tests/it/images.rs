//! Pictures.

use dialect::{
    DialectError,
    models::{Additions, Offers},
    openai::images::{Attached, Form, Images, Options, edit, generation},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::robust::{apply, changes};

const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

fn ask(more: &Value) -> Result<(Images, Value), DialectError> {
    let mut body = json!({"prompt": "a cat"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let (images, body) = generation(body.to_string().as_bytes(), &Options::default())?;
    Ok((images, serde_json::from_slice(&body).unwrap()))
}

fn form(fields: &[(&str, &str)], files: &[&str]) -> Form {
    let own = |text: &&str| (*text).to_owned();
    Form {
        fields: fields.iter().map(|(name, value)| (own(name), own(value))).collect(),
        files: files
            .iter()
            .map(|field| Attached { field: own(field), mime: None, data: PNG.to_owned() })
            .collect(),
    }
}

fn answer(parts: &Value, reason: &str) -> Vec<u8> {
    json!({"candidates": [{"content": {"parts": parts}, "finishReason": reason}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 1290, "totalTokenCount": 1295,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}]}})
    .to_string()
    .into_bytes()
}

fn picture() -> Value {
    json!({"inlineData": {"mimeType": "image/png", "data": PNG}})
}

#[test]
fn a_prompt_becomes_a_content_with_its_proportions() {
    let (images, body) = ask(&json!({"size": "1536x1024", "n": 2, "quality": "high",
        "background": "transparent", "style": "vivid", "user": "u"}))
    .unwrap();
    insta::assert_snapshot!(body, @r#"{"contents":[{"role":"user","parts":[{"text":"a cat"}]}],"generationConfig":{"responseModalities":["IMAGE"],"imageConfig":{"aspectRatio":"3:2","imageSize":"2K"}}}"#);
    assert_eq!((images.model(), images.calls()), ("gemini-3.1-flash-image", 2));
    assert_eq!(images.dropped(), ["background", "style"]);
    assert!(!images.stream() && !images.wants_links());
}

#[test]
fn googles_own_fields_go_through() {
    let (_, body) = ask(&json!({"model": "gemini-3-pro-image", "aspect_ratio": "21:9",
        "image_size": "4K", "extra_body": {"google": {"image_config": {"image_size": "2K"},
        "safety_settings": []}}}))
    .unwrap();
    insta::assert_snapshot!(body, @r#"{"contents":[{"role":"user","parts":[{"text":"a cat"}]}],"generationConfig":{"responseModalities":["IMAGE"],"imageConfig":{"aspectRatio":"21:9","imageSize":"2K"}},"safetySettings":[]}"#);
}

#[test]
fn names_of_others_stand_for_the_maker_of_pictures() {
    for name in ["gpt-image-1", "dall-e-3", "imagen-4.0-generate-001", "chatgpt-image-latest"] {
        let (images, _) = ask(&json!({"model": name})).unwrap();
        assert_eq!(images.model(), "gemini-3.1-flash-image", "{name}");
        assert_eq!(images.wants_links(), name == "dall-e-3");
    }
    for (chosen, expected) in [
        ("gemini-3-pro-image", "gemini-3-pro-image"),
        ("imagen-3.0-generate-002", "gemini-3.1-flash-image"),
    ] {
        let picture_model = Some(chosen.to_owned());
        let offers = Offers { picture_model, ..Offers::default() };
        let additions = Additions { offers: Some(&offers), ..Additions::default() };
        let options = Options { additions, links: true };
        for body in [r#"{"prompt":"a"}"#, r#"{"prompt":"a","model":"gpt-image-1"}"#] {
            let (images, _) = generation(body.as_bytes(), &options).unwrap();
            assert_eq!(images.model(), expected);
            assert!(images.wants_links());
        }
    }
}

#[test]
fn prompts_may_hold_directives() {
    let (images, body) = ask(&json!({"prompt": "a cat {n:3}{ratio:9:16}", "n": 1,
        "size": "1024x1024", "model": "gemini-2.5-flash-image"}))
    .unwrap();
    assert_eq!(images.calls(), 3);
    insta::assert_snapshot!(body, @r#"{"contents":[{"role":"user","parts":[{"text":"a cat"}]}],"generationConfig":{"responseModalities":["IMAGE"],"imageConfig":{"aspectRatio":"9:16"}}}"#);
}

#[test]
fn edits_bring_their_pictures_before_the_prompt() {
    let fields = [
        ("prompt", "blue"),
        ("model", "gpt-image-1"),
        ("n", "2"),
        ("stream", "true"),
        ("input_fidelity", "high"),
    ];
    let (images, body) =
        edit(&form(&fields, &["image[]", "image[]"]), &Options::default()).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["contents"][0]["parts"], json!([picture(), picture(), {"text": "blue"}]));
    assert_eq!((images.calls(), images.stream()), (2, true));
    assert_eq!(images.dropped(), ["input_fidelity"]);
}

#[test]
fn answers_are_told_as_openai_tells_them() {
    let (images, _) = ask(&json!({"output_format": "jpeg"})).unwrap();
    let draft = json!({"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": true});
    let drawn =
        images.read(&answer(&json!([draft, {"text": "Here."}, picture()]), "STOP")).unwrap();
    let drawn = images.joined([drawn]);
    let response = String::from_utf8(images.response(1, &drawn, &[])).unwrap();
    insta::assert_snapshot!(response, @r#"{"created":1,"background":"opaque","data":[{"b64_json":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==","revised_prompt":"Here."}],"output_format":"png","usage":{"input_tokens":5,"output_tokens":1290,"total_tokens":1295,"input_tokens_details":{"text_tokens":5,"image_tokens":0},"output_tokens_details":{"text_tokens":0,"image_tokens":1290}}}"#);
    assert_eq!(images.dropped_of(&drawn), Some("output_format"));
    let linked = images.response(1, &drawn, &["https://x/a.png".to_owned()]);
    let linked: Value = serde_json::from_slice(&linked).unwrap();
    assert_eq!(linked["data"], json!([{"url": "https://x/a.png", "revised_prompt": "Here."}]));
    let events = String::from_utf8(images.events(1, &drawn)).unwrap();
    insta::assert_snapshot!(events, @r#"
    event: image_generation.completed
    data: {"type":"image_generation.completed","created_at":1,"background":"opaque","b64_json":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==","output_format":"png","quality":"auto","size":"auto","usage":{"input_tokens":5,"output_tokens":1290,"total_tokens":1295,"input_tokens_details":{"text_tokens":5,"image_tokens":0},"output_tokens_details":{"text_tokens":0,"image_tokens":1290}}}
    "#);
}

#[test]
fn no_more_pictures_are_told_than_were_asked_for() {
    let (images, _) = ask(&json!({"n": 2})).unwrap();
    let two = images.read(&answer(&json!([picture(), picture()]), "STOP")).unwrap();
    let all = images.joined([two.clone(), two]);
    assert_eq!(all.pictures.len(), 2);
    assert_eq!(all.spent.usage.completion, 2580);
}

#[test]
fn what_is_no_picture_says_why() {
    let (images, _) = ask(&json!({})).unwrap();
    let refusal = |answer: &[u8]| {
        let refusal = images.refusal(&images.joined([images.read(answer).unwrap()]));
        let body: Value = serde_json::from_slice(&refusal.body).unwrap();
        (refusal.status, body["error"].to_string())
    };
    insta::assert_snapshot!(refusal(&answer(&json!([]), "IMAGE_SAFETY")).1, @r#"{"message":"Your request was rejected by Google's safety system: IMAGE_SAFETY.","type":"image_generation_user_error","param":"prompt","code":"moderation_blocked"}"#);
    let blocked = br#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}"#;
    assert_eq!(refusal(blocked).0, 400);
    let told = refusal(&answer(&json!([{"text": "I would rather not."}]), "STOP"));
    insta::assert_snapshot!(told.1, @r#"{"message":"The model made no picture; it said: I would rather not.","type":"server_error","param":null,"code":"server_error"}"#);
    assert_eq!(told.0, 500);
    assert_eq!(refusal(&answer(&json!([]), "NO_IMAGE")).0, 500);
}

#[test]
fn mistakes_name_their_field() {
    let mistake = |more: Value| {
        let error = ask(&more).unwrap_err();
        (error.param.unwrap_or_default(), error.code.unwrap_or_default())
    };
    for (more, param) in [
        (json!({"n": 0}), "n"),
        (json!({"n": 11}), "n"),
        (json!({"prompt": "a {n:50}"}), "prompt"),
        (json!({"size": "huge"}), "size"),
        (json!({"response_format": "gif"}), "response_format"),
        (json!({"model": "../x?"}), "model"),
        (json!({"quality": 3}), "quality"),
    ] {
        assert_eq!(mistake(more), (param.to_owned(), "invalid_value"));
    }
    assert_eq!(mistake(json!({"prompt": " "})).1, "missing_required_parameter");
    let edited = |fields: &[(&str, &str)], files: &[&str]| {
        let error = edit(&form(fields, files), &Options::default()).unwrap_err();
        (error.param.unwrap_or_default(), error.code.unwrap_or_default())
    };
    let prompt = ("prompt", "blue");
    let masked = edited(&[prompt], &["image", "mask"]);
    assert_eq!(masked, ("mask".to_owned(), "unsupported_parameter"));
    assert_eq!(edited(&[prompt], &[]).0, "image");
    assert_eq!(edited(&[prompt], &["image[]"; 17]).0, "image");
    assert_eq!(edited(&[prompt, ("n", "many")], &["image"]).0, "n");
    assert_eq!(edited(&[], &["image"]).0, "prompt");
    let mut broken = form(&[prompt], &["image"]);
    broken.files[0].data = "AAAA".to_owned();
    assert_eq!(edit(&broken, &Options::default()).unwrap_err().param.as_deref(), Some("image"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_valid_json_or_a_mistake_comes_out(changes in changes()) {
        let body = json!({"prompt": "a {n:2} {ratio:1:4}", "model": "m", "size": "1x2", "n": 1,
            "quality": "hd", "extra_body": {"google": {"image_config": {"a": 1}}}});
        match generation(&apply(&body.to_string(), &changes), &Options::default()) {
            Ok((images, body)) => {
                prop_assert!((1..=10).contains(&images.calls()));
                let body: Value = serde_json::from_slice(&body).unwrap();
                prop_assert!(body["contents"][0]["parts"][0]["text"].is_string());
            }
            Err(mistake) => prop_assert_eq!(mistake.status, 400),
        }
        let (images, _) = ask(&json!({"n": 2})).unwrap();
        let answer = String::from_utf8(answer(&json!([{"text": "a"}, picture()]), "STOP")).unwrap();
        if let Ok(drawn) = images.read(&apply(&answer, &changes)) {
            let drawn = images.joined([drawn]);
            let response: Value =
                serde_json::from_slice(&images.response(1, &drawn, &[])).unwrap();
            prop_assert_eq!(response["data"].as_array().unwrap().len(), drawn.pictures.len());
            let refusal: Value = serde_json::from_slice(&images.refusal(&drawn).body).unwrap();
            prop_assert!(refusal["error"]["message"].is_string());
        }
    }
}
