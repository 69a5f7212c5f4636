//! The Gemini surface is transparent.

use fake_gemini::{Fault, KeyPlan};
use testkit::{MODEL, Surface, key};

use crate::house::{fault, house, parse};

/// Legal JSON that nobody would write, with a field that no version of the API knows.
const ODD: &str = "{ \"contents\" :[ {\"parts\":[{\"text\":\"\\u0068\\/i\"}]}],\n\t\"zz\\u0041\": 1.0e+2,\n \"future\":{\"b\":1,\"a\":[ ]}\r\n}";

#[tokio::test(flavor = "multi_thread")]
async fn a_body_reaches_google_byte_for_byte() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for method in ["generateContent", "streamGenerateContent?alt=sse", "streamGenerateContent"] {
        let path = format!("/v1beta/models/{MODEL}:{method}");
        gateway.client().post(&path, ODD).send().await;
        assert_eq!(google.received().last().unwrap().body, ODD, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_back_byte_for_byte_with_their_status() {
    let whole = "{\"candidates\" : [ {\"content\":{\"parts\":[{\"text\":\"\\u0068i\"}]},\n\"finishReason\":\"STOP\",\"future\":1.50}],  \"new\":{}}\n";
    let error = "{\n  \"error\": {\n  \"code\": 418,\n    \"message\": \"I am a \\u0074eapot.\", \"status\":\"TEAPOT\",\"more\":[]\n  }\n}\n";
    for (captured, status) in [(whole, 200), (error, 418)] {
        let (_google, gateway) = house([("one", fault(Fault::Replay(captured.to_owned())))]).await;
        let answer = gateway.client().generate("hello").send().await;
        assert_eq!((answer.status, answer.text().as_str()), (status, captured));
        assert!(answer.header("content-type").unwrap().starts_with("application/json"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_back_byte_for_byte() {
    let events = "data: {\"candidates\" : [{\"content\":{\"parts\":[{\"text\":\"a\\u0062\"}]}}]}\r\n\r\ndata: {\"candidates\":[{\"finishReason\":\"STOP\"}], \"future\": [1.0]}\r\n\r\n";
    let (_google, gateway) = house([("one", fault(Fault::Replay(events.to_owned())))]).await;
    let answer = gateway.client().generate_stream("hello").send().await;
    assert_eq!(answer.text(), events);
    assert!(answer.ended_well);
    assert!(answer.header("content-type").unwrap().starts_with("text/event-stream"));
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_models_that_nobody_knows_are_googles_to_judge() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for path in [
        "/v1beta/models/gemini-2.5-flash:dreamOfSheep",
        "/v1alpha/models/gemini-99:generateContent",
        "/v1/tunedModels/mine-1:generateContent",
        "/v1beta/models/gemini-99",
    ] {
        let method = if path.contains(':') { "POST" } else { "GET" };
        let answer = gateway.client().request(method, path).body("{}").send().await;
        let seen = google.received().pop().unwrap();
        assert_eq!((seen.path.as_str(), seen.method.as_str()), (path, method));
        assert_eq!(Some(answer.status), seen.status, "{path}: {}", answer.text());
    }
    assert_eq!(google.received().len(), 4, "no mistake is repeated");
    assert_eq!(gateway.keys("ready").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_surface_answers_under_all_its_names() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let body = r#"{"contents":[{"parts":[{"text":"hello"}]}]}"#;
    for prefix in ["/v1beta", "/v1alpha", "/v1", "/gemini/v1beta", "/gemini/v1"] {
        let path = format!("{prefix}/models/{MODEL}:generateContent");
        let answer = gateway.client().post(&path, body).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(Surface::Gemini.text(&answer).contains("hello"));
        let expected = path.trim_start_matches("/gemini");
        assert_eq!(google.received().last().unwrap().path, expected);
    }
    let list = gateway.client().get("/v1beta/models?pageSize=3").send().await.json();
    assert_eq!(list["models"].as_array().unwrap().len(), 3);
    let next = list["nextPageToken"].as_str().unwrap();
    let path = format!("/v1beta/models?pageSize=3&pageToken={next}");
    let second = gateway.client().get(&path).send().await.json();
    assert_ne!(second["models"][0], list["models"][0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_travel_on_unless_they_are_the_clients_own_business() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let path = format!("/v1beta/models/{MODEL}:generateContent?fields=candidates&%24.xgafv=2");
    let ask = gateway.client().post(&path, r#"{"contents":[{"parts":[{"text":"hello"}]}]}"#);
    ask.header("x-goog-api-client", "google-genai-sdk/9.9 gl-python/3.14")
        .header("x-future", "1")
        .header("cookie", "session=secret")
        .header("x-forwarded-for", "203.0.113.9")
        .header("referer", "https://internal.example/")
        .header("proxy-authorization", "Basic secret")
        .header("x-goog-user-project", "other")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .send()
        .await;
    let seen = google.received().pop().unwrap();
    let value = |name: &str| seen.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(value("x-goog-api-client"), Some("google-genai-sdk/9.9 gl-python/3.14"));
    assert_eq!(value("x-future"), Some("1"));
    assert_eq!(value("x-goog-api-key"), Some(key("one").as_str()));
    assert_eq!(value("host"), Some(google.address().to_string().as_str()));
    for name in [
        "authorization",
        "cookie",
        "x-forwarded-for",
        "referer",
        "proxy-authorization",
        "x-goog-user-project",
        "x-hop",
    ] {
        assert_eq!(value(name), None, "{name}");
    }
    assert!(seen.query.unwrap().contains("fields=candidates"));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_handed_on_one_by_one() {
    let hang = || fault(Fault::HangAfterFirstEvent);
    let (_google, gateway) = house([("one", hang())]).await;
    // Google is silent after its first event: whoever waits for more before handing it on, fails.
    for surface in Surface::ALL {
        let mut live = gateway.client().ask(surface, MODEL, "hello there", true).open().await;
        let mut text = String::new();
        while text.is_empty() {
            text = surface.event_text(&live.next_event().await.unwrap());
        }
    }
    let path = format!("/v1beta/models/{MODEL}:streamGenerateContent");
    let body = r#"{"contents":[{"parts":[{"text":"hello there"}]}]}"#;
    let mut live = gateway.client().post(&path, body).open().await;
    let first = String::from_utf8(live.chunk().await.unwrap().to_vec()).unwrap();
    let element = parse(&format!("{first}]"));
    assert!(element[0]["candidates"].is_array(), "{first}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_array_form_streams_the_same_elements() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let body = r#"{"contents":[{"parts":[{"text":"some words to say"}]}]}"#;
    let path = format!("/v1beta/models/{MODEL}:streamGenerateContent");
    let array = gateway.client().post(&path, body).send().await;
    assert!(array.header("content-type").unwrap().starts_with("application/json"));
    let events = gateway.client().post(&format!("{path}?alt=sse"), body).send().await.events();
    let text = |elements: &[serde_json::Value]| -> String {
        elements.iter().map(|one| Surface::Gemini.event_text(&one.to_string())).collect()
    };
    let events: Vec<_> = events.iter().map(|event| parse(event)).collect();
    let array = array.json();
    assert_eq!(array.as_array().unwrap().len(), events.len());
    assert_eq!(text(array.as_array().unwrap()), text(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn counting_and_embedding_pass_through() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let path = format!("/v1beta/models/{MODEL}:countTokens");
    let body = r#"{"contents":[{"parts":[{"text":"hello"}]}]}"#;
    let counted = gateway.client().post(&path, body).send().await;
    assert!(counted.json()["totalTokens"].is_u64(), "{}", counted.text());
    let path = "/v1beta/models/gemini-embedding-001:embedContent";
    let body = r#"{"content":{"parts":[{"text":"hello"}]}}"#;
    let embedded = gateway.client().post(path, body).send().await;
    assert!(embedded.json()["embedding"]["values"].is_array(), "{}", embedded.text());
}
