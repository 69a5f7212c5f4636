//! OpenAI's images.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_gemini::{FakeGemini, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Answer, Ask, Client, Gateway, key};

use crate::house::{calls, fault, google, house, parse, rows, setup, spent_for};

mod hosts;

const MODEL: &str = "gemini-3.1-flash-image";
const PATH: &str = "/v1/images/generations";

async fn ask(client: &Client, body: &Value) -> Answer {
    client.post(PATH, body.to_string()).send().await
}

/// Asks for pictures, which must be given.
async fn drawn(client: &Client, body: &Value) -> Value {
    let answer = ask(client, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Width and height of a PNG in base64.
fn size(data: &Value) -> (u32, u32) {
    size_of(&STANDARD.decode(data.as_str().unwrap()).unwrap())
}

fn size_of(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG"), "{png:?}");
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}

/// What Google was asked last.
fn sent(google: &FakeGemini) -> Value {
    serde_json::from_slice(&google.received().pop().unwrap().body).unwrap()
}

/// A form with pictures.
fn form(client: &Client, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Ask {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "--X\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--X--\r\n");
    client
        .request("POST", "/v1/images/edits")
        .header("content-type", "multipart/form-data; boundary=X")
        .body(body)
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0";

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_drawn_past_dead_and_spent_keys_under_all_prefixes() {
    let keys = [("bad", KeyPlan::Leaked), ("spent", spent_for(40)), ("good", KeyPlan::Valid)];
    let (google, gateway) = house(keys).await;
    let client = gateway.client();
    let body = json!({"model": "gpt-image-1", "prompt": "a cat", "size": "1536x1024", "n": 2});
    for path in [PATH, "/openai/v1/images/generations", "/hf/v1/images/generations"] {
        let answer = client.post(path, body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        assert_eq!(answer["data"].as_array().unwrap().len(), 2);
        for picture in answer["data"].as_array().unwrap() {
            assert_eq!(size(&picture["b64_json"]), (24, 16));
        }
        assert_eq!(answer["output_format"], "png");
        let usage = &answer["usage"];
        assert_eq!(usage["output_tokens_details"]["image_tokens"], 2 * 1290);
        assert!(usage["input_tokens"].as_u64().unwrap() > 0);
    }
    assert_eq!((calls(&google, "bad"), calls(&google, "spent")), (1, 1));
    let seen = google.received().pop().unwrap();
    assert_eq!(seen.path, format!("/v1beta/models/{MODEL}:generateContent"));
    for row in rows(&gateway, 3).await {
        assert_eq!((row.operation.as_str(), row.outcome.as_str()), ("images", "served"));
        assert_eq!(row.model.as_deref(), Some(MODEL));
        assert_eq!(row.usage.completion, 2 * 1290);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_left_out_and_directives_are_obeyed() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let body = json!({"model": "gemini-3-pro-image", "prompt": "a cat {n:3} {ratio:16:9}", "quality": "hd"});
    let answer = drawn(&client, &body).await;
    assert_eq!(answer["data"].as_array().unwrap().len(), 3);
    assert_eq!(size(&answer["data"][0]["b64_json"]), (256, 144));
    let sent = sent(&google);
    assert_eq!(sent["contents"][0]["parts"][0]["text"], "a cat");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_bring_their_pictures_along() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let large = [PNG, &vec![7; 2_000_000]].concat();
    let files: [(&str, &[u8]); 2] = [("image[]", PNG), ("image[]", &large)];
    let fields = [("prompt", "blue"), ("model", "gpt-image-1"), ("size", "1024x1024")];
    let answer = form(&client, &fields, &files).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(size(&answer.json()["data"][0]["b64_json"]), (8, 8));
    let sent = sent(&google);
    let parts = &sent["contents"][0]["parts"];
    assert_eq!(parts[1]["inlineData"]["data"], STANDARD.encode(&large));
    assert_eq!(
        (&parts[0]["inlineData"]["mimeType"], &parts[2]["text"]),
        (&json!("image/png"), &json!("blue"))
    );

    for (fields, files, param) in [
        (vec![("prompt", "blue")], vec![("image", PNG), ("mask", PNG)], json!("mask")),
        (vec![("prompt", "blue")], vec![], json!("image")),
        (vec![], vec![("image", PNG)], json!("prompt")),
    ] {
        let answer = form(&client, &fields, &files).send().await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &param));
    }
    let json = client.post("/v1/images/edits", "{}").send().await;
    assert_eq!((json.status, &json.json()["error"]["code"]), (400, &json!("invalid_form")));
    let cut = client
        .request("POST", "/v1/images/edits")
        .header("content-type", "multipart/form-data; boundary=X")
        .body("--X\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nblu");
    assert_eq!(cut.send().await.status, 400);
    let answer = client.post("/v1/images/variations", "{}").send().await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (404, &json!("unknown_url")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_too_large_is_refused_while_it_arrives() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("MAX_BODY_SIZE", "64KB");
    let gateway = setup.start().await;
    let large = [PNG, &vec![7; 100_000]].concat();
    let answer = form(&gateway.client(), &[("prompt", "blue")], &[("image", &large)]).send().await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert!(google.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_the_whole_answer_in_events() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let body = json!({"prompt": "a cat", "stream": true, "partial_images": 2, "n": 2});
    let answer = ask(&gateway.client(), &body).await;
    assert!(answer.header("content-type").unwrap().starts_with("text/event-stream"));
    assert_eq!(answer.header("x-gemini-balance-dropped"), Some("partial_images"));
    let events: Vec<Value> = answer.events().iter().map(|data| parse(data)).collect();
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!(event["type"], "image_generation.completed");
        assert_eq!(size(&event["b64_json"]), (1, 1));
    }
}

fn without_picture(reason: &str, text: &str) -> KeyPlan {
    let parts = if text.is_empty() { json!([]) } else { json!([{"text": text}]) };
    let body = json!({"candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": reason}],
        "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3}});
    fault(Fault::Replay(body.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_will_not_draw_is_told_as_openai_tells_it() {
    for (plan, calls_made) in [
        (without_picture("IMAGE_SAFETY", ""), 1),
        (fault(Fault::BlockedPrompt("PROHIBITED_CONTENT".to_owned())), 1),
    ] {
        let (google, gateway) = house([("one", plan)]).await;
        let answer = ask(&gateway.client(), &json!({"prompt": "a cat"})).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["code"]), (400, &json!("moderation_blocked")));
        assert_eq!(error["type"], "image_generation_user_error");
        assert_eq!(calls(&google, "one"), calls_made);
        assert_eq!(gateway.keys("ready").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_only_talks_is_asked_once_more() {
    let (google, gateway) = house([("one", without_picture("STOP", "I would rather not."))]).await;
    let answer = ask(&gateway.client(), &json!({"prompt": "a cat"})).await;
    let error = &answer.json()["error"];
    assert_eq!((answer.status, &error["type"]), (500, &json!("server_error")));
    assert!(error["message"].as_str().unwrap().contains("I would rather not."));
    assert_eq!(calls(&google, "one"), 2);

    google.script().update(|script| {
        let plans = vec![without_picture("NO_IMAGE", ""), KeyPlan::Valid];
        script.key(key("one"), KeyPlan::Valid).sequence(key("one"), plans)
    });
    let answer = drawn(&gateway.client(), &json!({"prompt": "a cat"})).await;
    assert_eq!(answer["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_pictures_those_are_given_that_came() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    google.script().update(|script| {
        let plans = vec![without_picture("IMAGE_SAFETY", ""), KeyPlan::Valid, KeyPlan::Valid];
        script.sequence(key("one"), plans)
    });
    let answer = drawn(&gateway.client(), &json!({"prompt": "a cat", "n": 3})).await;
    assert_eq!(answer["data"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_maker_of_pictures_can_be_chosen_and_chatted_with() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let gateway = setup.with("CREATE_IMAGE_MODEL", "gemini-3-pro-image").start().await;
    let client = gateway.client();
    for body in [
        json!({"prompt": "a cat"}),
        json!({"prompt": "a cat", "model": "dall-e-3", "response_format": "b64_json"}),
    ] {
        drawn(&client, &body).await;
        assert!(google.received().pop().unwrap().path.contains("gemini-3-pro-image"));
    }
    let list = client.get("/v1/models").send().await.json();
    let names = list["data"].as_array().unwrap();
    assert_eq!(names.last().unwrap()["id"], "gemini-3-pro-image-chat");
    let chat = json!({"model": "gemini-3-pro-image-chat", "messages": [{"role": "user", "content": "a cat"}]});
    let answer = client.post("/v1/chat/completions", chat.to_string()).send().await.json();
    let url = answer["choices"][0]["message"]["images"][0]["image_url"]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/png;base64,"), "{url}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_free_tier_is_asked_of_the_paid_key_where_there_is_one() {
    let google = google([("free", KeyPlan::Valid), ("paid", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("free")]).with("PAID_KEY", key("paid"));
    let gateway = setup.start().await;
    let client = gateway.client();
    for _ in 0..4 {
        drawn(&client, &json!({"prompt": "a cat"})).await;
        assert_eq!(client.chat("hello").send().await.status, 200);
    }
    assert_eq!((calls(&google, "free"), calls(&google, "paid")), (4, 4));
    for path in ["veo-3.1-generate-preview:predictLongRunning", "gemini-2.5-pro:generateContent"] {
        let body = json!({"contents": [{"parts": [{"text": "a cat"}]}]}).to_string();
        let answer = client.post(&format!("/v1beta/models/{path}"), body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!((calls(&google, "free"), calls(&google, "paid")), (4, 6));
    google.script().update(|script| script.key(key("paid"), KeyPlan::Leaked));
    drawn(&client, &json!({"prompt": "a cat"})).await;
    assert_eq!((calls(&google, "free"), calls(&google, "paid")), (5, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn imagen_is_asked_natively_only() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let path = "/v1beta/models/imagen-4.0-generate-001:predict";
    let answer = client.post(path, r#"{"instances":[{"prompt":"a cat"}]}"#).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(google.received().pop().unwrap().path, path);
    drawn(&client, &json!({"model": "imagen-4.0-generate-001", "prompt": "a cat"})).await;
    assert!(google.received().pop().unwrap().path.contains(MODEL));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told_without_asking_google() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for (body, param) in [
        (json!({}), json!("prompt")),
        (json!({"prompt": "a", "n": 11}), json!("n")),
        (json!({"prompt": "a", "size": "big"}), json!("size")),
        (json!({"prompt": "a", "response_format": "gif"}), json!("response_format")),
    ] {
        let answer = ask(&client, &body).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &param));
    }
    assert!(google.received().is_empty());
}

/// The picture behind a link of the gateway, fetched without a credential.
async fn linked(gateway: &Gateway, url: &str) -> Answer {
    let (_, path) = url.split_once("/images/").unwrap();
    gateway.client().anonymous("GET", &format!("/images/{path}")).send().await
}
