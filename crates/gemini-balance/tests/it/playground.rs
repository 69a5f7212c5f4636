//! Requests of the console's own: made like a client's, without a token, told as they go.

use fake_gemini::{FakeGemini, Fault, KeyPlan};
use serde_json::{Value, json};
use testkit::{Gateway, MODEL, Passage, eventually, key};

use crate::house::{calls, fault, google, rows, setup};

const PASSWORD: &str = "correct horse battery staple";
const PLAY: &str = "/api/admin/play";

/// Nobody has a client token here: the console needs none.
async fn house<const N: usize>(keys: [(&str, KeyPlan); N]) -> (FakeGemini, Gateway) {
    let names = keys.clone().map(|(name, _)| key(name));
    let google = google(keys).await;
    let setup = setup().google(&google).keys(names).without("ALLOWED_TOKENS");
    let gateway = setup.with("AUTH_TOKEN", PASSWORD).start().await;
    (google, gateway)
}

/// A conversation's beginning, with more members.
fn chat(dialect: &str, text: &str, more: &Value) -> Value {
    let mut play = json!({"kind": "chat", "dialect": dialect, "model": MODEL,
        "turns": [{"role": "user", "text": text}]});
    for (name, value) in more.as_object().unwrap() {
        play[name] = value.clone();
    }
    play
}

/// What is told of a request of the playground.
struct Told(Vec<Value>);

impl Told {
    async fn of(gateway: &Gateway, play: Value) -> Self {
        let answer = gateway.client_with(PASSWORD).post(PLAY, play.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.header("content-type").unwrap().starts_with("text/event-stream"));
        let events = answer.events();
        let told: Vec<Value> =
            events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        assert_eq!(
            (&told[0]["event"], &told[told.len() - 1]["event"]),
            (&json!("request"), &json!("end"))
        );
        Self(told)
    }

    fn all(&self, event: &str) -> Vec<&Value> {
        self.0.iter().filter(|told| told["event"] == event).collect()
    }

    fn one(&self, event: &str) -> &Value {
        let all = self.all(event);
        assert_eq!(all.len(), 1, "{event}: {all:?}");
        all[0]
    }

    /// The values of a member, put together.
    fn said(&self, event: &str, member: &str) -> String {
        self.all(event).iter().map(|told| told[member].as_str().unwrap()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dialect_is_asked_whole_and_as_a_stream_and_told_as_it_came() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for (number, (dialect, path)) in [
        ("chat", "/v1/chat/completions"),
        ("responses", "/v1/responses"),
        ("messages", "/v1/messages"),
        ("gemini", "/v1beta/models/gemini-2.5-flash:"),
    ]
    .into_iter()
    .enumerate()
    {
        for stream in [false, true] {
            let play = chat(dialect, "say *this* please", &json!({"stream": stream}));
            let told = Told::of(&gateway, play).await;
            let request = told.one("request");
            assert!(request["path"].as_str().unwrap().starts_with(path), "{request}");
            assert!(request["headers"].to_string().contains("••••••••"), "{request}");
            assert!(request["body"].as_str().unwrap().contains("say *this* please"));
            let response = told.one("response");
            assert_eq!(response["status"], 200, "{:?}", told.0);
            assert!(told.said("text", "text").contains("say *this* please"), "{:?}", told.0);
            let frames = told.all("frame");
            assert_eq!(frames.len() > 1, stream, "{frames:?}");
            let end = told.one("end");
            assert!(end["html"].as_str().unwrap().contains("<em>this</em>"), "{end}");
            let facts = &end["facts"];
            assert_eq!((&facts["attempts"], &facts["outcome"]), (&json!(1), &json!("served")));
            assert!(facts["usage"]["completion"].as_u64().unwrap() > 0, "{facts}");
            assert!(facts["key"].as_str().unwrap().contains('…'), "{facts}");
            let id =
                response["headers"].as_array().unwrap().iter().find(|one| one[0] == "x-request-id");
            assert_eq!(id.unwrap()[1], facts["id"]);
            let rows = rows(&gateway, number * 2 + 1 + usize::from(stream)).await;
            let row = rows.iter().find(|row| facts["id"] == row.request_id.as_str()).unwrap();
            assert_eq!(row.token_name.as_deref(), Some("console (admin)"));
            assert_eq!((row.status, row.stream), (200, stream));
        }
    }
    let text = format!("{:?}", google.received());
    assert!(!text.contains(PASSWORD), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_refuses_is_told_and_so_is_what_has_no_place() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let told = Told::of(&gateway, chat("gemini", "hi", &json!({"model": "no-such-model"}))).await;
    assert_eq!(told.one("response")["status"], 404);
    assert!(told.said("error", "message").contains("no-such-model"), "{:?}", told.0);
    let told = Told::of(&gateway, chat("messages", "hi", &json!({"effort": "huge"}))).await;
    assert_eq!(told.one("response")["status"], 400);
    assert!(told.said("error", "message").contains("huge"));
    let client = gateway.client_with(PASSWORD);
    for (play, field) in [
        (chat("chat", "hi", &json!({"model": ""})), "model"),
        (chat("chat", "hi", &json!({"key": "nobody"})), "key"),
        (chat("responses", "hi", &json!({"thinking_budget": 5})), "thinking_budget"),
        (json!({"kind": "dance"}), "body"),
    ] {
        let answer = client.post(PLAY, play.to_string()).send().await;
        assert_eq!(answer.status / 100, 4, "{field}");
        assert!(
            answer.json()["error"]["message"].as_str().unwrap().contains(field),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_listening_stops_google() {
    let (google, gateway) = house([("one", fault(Fault::HangAfterFirstEvent))]).await;
    let play = chat("chat", "hello", &json!({"stream": true})).to_string();
    let mut live = gateway.client_with(PASSWORD).post(PLAY, play).open().await;
    live.next_event().await.unwrap();
    eventually("Google is asked", || async { google.open_streams() == 1 }).await;
    drop(live);
    eventually("Google's stream is closed", || async { google.open_streams() == 0 }).await;
    let row = rows(&gateway, 1).await.remove(0);
    assert_eq!((row.outcome.as_str(), row.status), ("cancelled", 499));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_or_a_label_can_be_asked_for() {
    let (google, gateway) =
        house([("one", KeyPlan::Valid), ("two", KeyPlan::Valid), ("three", KeyPlan::Valid)]).await;
    let administrator = gateway.client_with(PASSWORD);
    let keys = administrator.get("/api/admin/keys").send().await.json();
    let ids: Vec<&str> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap()).collect();
    for _ in 0..4 {
        let told = Told::of(&gateway, chat("chat", "hi", &json!({"key": ids[1]}))).await;
        assert_eq!(told.one("end")["facts"]["key_id"], ids[1]);
    }
    let counts = ["one", "two", "three"].map(|name| calls(&google, name));
    assert!(counts.contains(&4) && counts.iter().sum::<u64>() == 4, "{counts:?}");

    let label = administrator.request("PATCH", &format!("/api/admin/keys/{}", ids[2]));
    let label = label.header("content-type", "application/json").body(r#"{"tags":["paid"]}"#);
    assert_eq!(label.send().await.status, 204);
    eventually("the label is known", || async {
        let told = Told::of(&gateway, chat("chat", "hi", &json!({"tag": "paid"}))).await;
        told.one("end")["facts"]["key_id"] == ids[2]
    })
    .await;
    let told = Told::of(&gateway, chat("chat", "hi", &json!({"tag": "nobody's"}))).await;
    assert_eq!(told.one("response")["status"], 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_speech_embeddings_and_transcripts_are_asked_for_as_well() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let image = json!({"kind": "image", "model": "gemini-2.5-flash-image", "prompt": "a cat"});
    let told = Told::of(&gateway, image.clone()).await;
    let picture = told.one("picture").clone();
    assert!(picture["data"].as_str().unwrap().len() > 20, "{picture}");
    let mut change = image;
    change["files"] = json!([{"name": "a.png", "mime": "image/png", "data": picture["data"]}]);
    let told = Told::of(&gateway, change).await;
    assert_eq!(told.one("request")["path"], "/v1/images/edits");
    told.one("picture");

    let speech = json!({"kind": "speech", "model": "gemini-2.5-flash-preview-tts",
        "input": "good morning", "voice": "Kore", "format": "wav"});
    let told = Told::of(&gateway, speech).await;
    let sound = told.one("sound").clone();
    assert!(sound["mime"].as_str().unwrap().starts_with("audio/"), "{}", sound["mime"]);
    let transcript = json!({"kind": "transcription", "model": MODEL,
        "file": {"name": "a.wav", "mime": "audio/wav", "data": sound["data"]}});
    let told = Told::of(&gateway, transcript).await;
    assert_eq!(told.one("response")["status"], 200, "{:?}", told.0);
    assert!(!told.said("text", "text").is_empty());

    let embedding = json!({"kind": "embedding", "model": "gemini-embedding-001",
        "texts": ["a cat", "a dog"], "dimensions": 768});
    let told = Told::of(&gateway, embedding).await;
    let vectors = told.one("vectors");
    assert_eq!(vectors["dimensions"], 768);
    assert!(vectors["similarity"].as_f64().unwrap() <= 1.000_001, "{vectors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_sent_is_shown_without_being_sent() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let play = chat("messages", "hi", &json!({"stream": true})).to_string();
    let answer = gateway.client_with(PASSWORD).post("/api/admin/play/preview", play).send().await;
    let shown = answer.json();
    assert_eq!((answer.status, &shown["path"]), (200, &json!("/v1/messages")));
    let base = format!("http://{}/v1/messages", gateway.address());
    for language in ["curl", "python", "javascript"] {
        let text = shown["snippets"][language].as_str().unwrap();
        assert!(text.contains("YOUR_CLIENT_TOKEN") && text.contains(&base), "{language}: {text}");
    }
    let code = shown["snippets"]["claude_code"].as_str().unwrap();
    assert!(code.contains("ANTHROPIC_BASE_URL") && code.ends_with("claude -p 'hi'"), "{code}");
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_can_be_asked_for_and_a_key_bound_to_one() {
    let (here, there) = (Passage::http().await, Passage::http().await);
    let addresses = [&here, &there].map(|proxy| format!("http://{}", proxy.address()));
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("AUTH_TOKEN", PASSWORD);
    let gateway = setup.with("PROXIES", addresses.join(",")).start().await;
    let administrator = gateway.client_with(PASSWORD);
    let proxies = administrator.get("/api/admin/proxies").send().await.json();
    let id = |proxy: &Passage| {
        let address = proxy.address().to_string();
        let all = proxies.as_array().unwrap().iter();
        let found = all.clone().find(|one| one["address"].as_str().unwrap().contains(&address));
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    for proxy in [&here, &there, &here] {
        let before = proxy.journal().len();
        let told = Told::of(&gateway, chat("chat", "hi", &json!({"proxy": id(proxy)}))).await;
        assert_eq!(told.one("response")["status"], 200);
        let id = told.one("end")["facts"]["id"].as_str().unwrap().to_owned();
        eventually("the trail names the proxy", || async {
            let request = administrator.get(&format!("/api/admin/requests/{id}")).send().await;
            request.text().contains(&proxy.address().to_string())
        })
        .await;
        assert!(proxy.journal().len() >= before, "a kept connection may be used again");
    }
    let wrong = chat("chat", "hi", &json!({"proxy": "0000000000000001"})).to_string();
    assert_eq!(administrator.post(PLAY, wrong).send().await.status, 400);

    let keys = administrator.get("/api/admin/keys").send().await.json();
    let key = format!("/api/admin/keys/{}", keys["keys"][0]["id"].as_str().unwrap());
    for proxy in [&here, &there] {
        let bind = administrator.request("PATCH", &key).header("content-type", "application/json");
        let bind = bind.body(json!({"proxy": id(proxy)}).to_string()).send().await;
        assert_eq!(bind.status, 204, "{}", bind.text());
        eventually("the key is bound", || async {
            administrator.get(&key).send().await.json()["proxy"] == id(proxy)
        })
        .await;
        let homes = administrator.get("/api/admin/proxies").send().await.json();
        let home = homes.as_array().unwrap().iter().find(|one| one["keys"] == 1).unwrap();
        assert_eq!(home["id"], id(proxy));
        let told = Told::of(&gateway, chat("chat", "hi", &json!({}))).await;
        let id = told.one("end")["facts"]["id"].as_str().unwrap().to_owned();
        eventually("the traffic goes there", || async {
            let request = administrator.get(&format!("/api/admin/requests/{id}")).send().await;
            request.text().contains(&proxy.address().to_string())
        })
        .await;
    }
    let none = administrator.request("PATCH", &key).header("content-type", "application/json");
    assert_eq!(none.body(r#"{"proxy": "1"}"#).send().await.status, 400);
    let pasted = json!({"keys": testkit::key("two"), "proxy": id(&there)}).to_string();
    assert_eq!(administrator.post("/api/admin/keys", pasted).send().await.status, 202);
    eventually("a key is bound when it is added", || async {
        let keys = administrator.get("/api/admin/keys").send().await.json();
        keys["keys"].as_array().unwrap().iter().filter(|key| key["proxy"] == id(&there)).count()
            == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_kept_changed_read_and_forgotten() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let administrator = gateway.client_with(PASSWORD);
    let all = "/api/admin/play/conversations";
    let talk = |title: &str, said: &str| {
        json!({"title": title, "dialect": "gemini", "model": MODEL, "system": "Be brief.",
        "options": {"temperature": "1"}, "branches": [[
            {"role": "user", "text": "Say miaow"},
            {"role": "assistant", "answers": [said]},
        ]]})
    };
    let kept = administrator.post(all, talk("Of cats", "*Miaow*").to_string()).send().await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    let one = format!("{all}/{}", kept.json()["id"].as_str().unwrap());
    let read = administrator.get(&one).send().await.json();
    assert_eq!((&read["title"], &read["system"]), (&json!("Of cats"), &json!("Be brief.")));
    let answer = &read["branches"][0][1];
    assert_eq!(answer["answers"], json!(["*Miaow*"]));
    assert!(answer["html"][0].as_str().unwrap().contains("<em>Miaow</em>"), "{answer}");
    assert_eq!(read["options"]["temperature"], "1");

    let put = administrator.request("PUT", &one).header("content-type", "application/json");
    assert_eq!(put.body(talk("Of dogs", "<script>").to_string()).send().await.status, 204);
    let read = administrator.get(&one).send().await.json();
    assert!(!read["branches"][0][1]["html"][0].as_str().unwrap().contains("<script>"));
    let listed = administrator.get(all).send().await.json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["title"]), (1, &json!("Of dogs")));

    for (wrong, says) in [
        (talk(" ", "x"), "title"),
        (json!({"title": "x", "dialect": "gemini", "model": "m", "branches": [[]]}), "branches"),
        (talk("x", &"x".repeat(5_000_000)), "long"),
    ] {
        let refused = administrator.post(all, wrong.to_string()).send().await;
        assert_eq!(refused.status, 400, "{says}: {}", refused.text());
        assert!(refused.text().contains(says), "{says}: {}", refused.text());
    }
    assert_eq!(administrator.request("DELETE", &one).send().await.status, 204);
    assert_eq!(administrator.request("DELETE", &one).send().await.status, 404);
    assert_eq!(administrator.get(&one).send().await.status, 404);
}
