//! What an administrator sets for some models: headers, tools, safety settings.

use fake_gemini::{FakeGemini, KeyPlan, Received};
use serde_json::{Value, json};
use testkit::{Gateway, MODEL, OTHER_MODEL, key};

use crate::house::{google, setup};
use crate::streams::Spoken;

async fn house(settings: &[(&str, Value)]) -> (FakeGemini, Gateway) {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]);
    let set =
        settings.iter().fold(setup, |setup, (name, value)| setup.with(name, value.to_string()));
    (google, set.start().await)
}

/// What Google received when a model was asked.
async fn sent(
    (google, gateway): &(FakeGemini, Gateway),
    spoken: Spoken,
    model: &str,
    stream: bool,
) -> (Received, Value) {
    let answer = spoken.request(&gateway.client(), model, "hello", stream).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let received = google.received().pop().unwrap();
    let body = serde_json::from_slice(&received.body).unwrap();
    (received, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_a_model_replace_those_of_all() {
    let secret = "canary-of-a-header-value";
    let house = house(&[
        ("CUSTOM_HEADERS", json!({"X-Team": "blue", "X-All": "1"})),
        ("MODEL_HEADERS", json!({"gemini-2.5-p*": {"x-team": secret}})),
    ])
    .await;
    for spoken in Spoken::ALL {
        for (model, team) in [(MODEL, "blue"), (OTHER_MODEL, secret)] {
            let (received, _) = sent(&house, spoken, model, true).await;
            let all = |name| received.headers.get_all(name).iter().collect::<Vec<_>>();
            assert_eq!(all("x-team"), [team], "{spoken:?}");
            assert_eq!(all("x-all"), ["1"]);
            assert_eq!(all("x-goog-api-key").len(), 1);
        }
    }
    let gateway = &house.1;
    let listed = gateway.run(&["config", "list", "--json"]).await.stdout;
    assert!(listed.contains("set (gemini-2.5-p*: x-team)"), "{listed}");
    assert!(!listed.contains(secret));
    assert!(!gateway.stderr().text().contains(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_would_break_calls_are_refused() {
    for name in ["Host", "Content-Length", "Connection", "X-Goog-Api-Key", "Authorization"] {
        for (setting, value) in [
            ("CUSTOM_HEADERS", json!({name: "canary"})),
            ("MODEL_HEADERS", json!({"gemini-*": {name: "canary"}})),
        ] {
            let run = setup().with(setting, value.to_string()).run(&["serve"]).await;
            let error = run.fails(2);
            let told = format!("{setting}: has {:?}", name.to_ascii_lowercase());
            assert!(error.contains(&told) && !error.contains("canary"), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_and_safety_of_a_model_are_added_in_every_dialect() {
    let safety = json!([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}]);
    let house = house(&[
        ("MODEL_TOOLS", json!({OTHER_MODEL: ["google_search", "url_context"]})),
        ("MODEL_SAFETY_SETTINGS", json!({"gemini-2.5-pro*": safety})),
    ])
    .await;
    for spoken in Spoken::ALL {
        for stream in [false, true] {
            let (_, body) = sent(&house, spoken, OTHER_MODEL, stream).await;
            let tools = json!([{"googleSearch": {}}, {"urlContext": {}}]);
            assert_eq!((&body["tools"], &body["safetySettings"]), (&tools, &safety), "{spoken:?}");
            let (received, body) = sent(&house, spoken, MODEL, stream).await;
            assert_eq!(body["tools"], Value::Null);
            if spoken == Spoken::Gemini {
                let own = json!({"contents": [{"role": "user", "parts": [{"text": "hello"}]}]});
                assert_eq!(received.body, own.to_string(), "not a byte is changed");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gemini_client_sends_itself_counts() {
    let safety = json!([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]);
    let (google, gateway) = house(&[
        ("MODEL_TOOLS", json!({"*": ["google_search"]})),
        ("MODEL_SAFETY_SETTINGS", json!({"*": safety})),
    ])
    .await;
    let function = json!([{"functionDeclarations": [{"name": "f"}]}]);
    let own = json!({"contents": [{"role": "user", "parts": [{"text": "a"}]}],
        "safety_settings": [], "tools": function});
    let path = format!("/v1beta/models/{MODEL}:generateContent");
    let answer = gateway.client().post(&path, own.to_string()).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-gemini-balance-dropped"), None);
    let sent: Value = serde_json::from_slice(&google.received()[0].body).unwrap();
    assert_eq!(sent, own, "this model has no search beside functions");
}
