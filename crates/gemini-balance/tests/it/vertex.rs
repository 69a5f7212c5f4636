//! Vertex AI in express mode: the Gemini API's paths on a pool of its own.

use fake_gemini::{FakeGemini, Fault, KeyPlan, Script};
use serde_json::{Value, json};
use testkit::{Client, Gateway, MODEL, Setup, Surface, TOKEN, eventually, key};

use crate::house::{calls, fault, house, rows, setup, spent_for};

const PATH: &str = "/vertex-express/v1beta";

fn body(text: &str) -> String {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]}).to_string()
}

fn path(method: &str) -> String {
    format!("{PATH}/models/{MODEL}:{method}")
}

/// Google with these keys for the Gemini API, and these for Vertex AI.
async fn google<const N: usize, const M: usize>(
    gemini: [(&str, KeyPlan); N],
    vertex: [(&str, KeyPlan); M],
) -> (FakeGemini, Setup) {
    let names =
        |keys: &[(&str, KeyPlan)]| keys.iter().map(|(name, _)| key(name)).collect::<Vec<_>>();
    let (of_gemini, of_vertex) = (names(&gemini), names(&vertex));
    let script =
        gemini.into_iter().fold(Script::new(), |script, (name, plan)| script.key(key(name), plan));
    let script =
        vertex.into_iter().fold(script, |script, (name, plan)| script.vertex_key(key(name), plan));
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys(of_gemini).vertex_keys(of_vertex);
    (google, setup)
}

async fn ask(client: &Client, text: &str) -> testkit::Answer {
    client.post(&path("generateContent"), body(text)).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_api_is_asked_with_its_own_keys_in_turn() {
    let good = KeyPlan::Valid;
    let (google, setup) =
        google([("g1", good.clone()), ("g2", good.clone())], [("v1", good.clone()), ("v2", good)])
            .await;
    let gateway = setup.start().await;
    let client = gateway.client();
    for number in 0..6 {
        let answer = ask(&client, "hello").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(Surface::Gemini.text(&answer), "You said: hello");
        assert_eq!(client.generate("hello").send().await.status, 200, "{number}");
    }
    let seen = google.received();
    let vertex = seen.iter().filter(|seen| seen.path.starts_with("/v1beta1/publishers/google/"));
    let vertex: Vec<_> = vertex.collect();
    assert_eq!((seen.len(), vertex.len()), (12, 6));
    for seen in &vertex {
        assert_eq!(seen.path, format!("/v1beta1/publishers/google/models/{MODEL}:generateContent"));
        assert_eq!(seen.query, None, "a key stands in no address");
        assert!([key("v1"), key("v2")].contains(seen.key.as_ref().unwrap()));
    }
    for name in ["g1", "g2", "v1", "v2"] {
        assert_eq!(calls(&google, name), 3, "{name}");
    }
    let rows = rows(&gateway, 12).await;
    let of_vertex = rows.iter().filter(|row| row.dialect == "vertex").count();
    assert_eq!((of_vertex, rows.len()), (6, 12));
    assert!(rows.iter().all(|row| row.outcome == "served" && row.usage.total > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_counts_and_what_only_vertex_knows_go_through() {
    let (google, setup) = google([("g", KeyPlan::Valid)], [("v", KeyPlan::Valid)]).await;
    let gateway = setup.start().await;
    let client = gateway.client();
    let stream =
        client.post(&path("streamGenerateContent?alt=sse"), body("one two three")).send().await;
    let text: String =
        stream.events().iter().map(|event| Surface::Gemini.event_text(event)).collect();
    assert_eq!((stream.status, text.as_str()), (200, "You said: one two three"));
    let array = client.post(&path("streamGenerateContent"), body("hello")).send().await;
    assert!(array.json().as_array().is_some_and(|events| !events.is_empty()));
    let counted = client.post(&path("countTokens"), body("hello")).send().await;
    assert!(counted.json()["totalTokens"].as_u64().unwrap() > 0);
    // As Google's own SDK asks Vertex AI.
    let publisher = format!("/vertex-express/v1beta1/publishers/google/models/{MODEL}");
    let answer = client.post(&format!("{publisher}:generateContent"), body("hello")).send().await;
    assert_eq!(Surface::Gemini.text(&answer), "You said: hello");
    let listed = client.get("/vertex-express/v1beta1/publishers/google/models").send().await;
    let name = &listed.json()["publisherModels"][0]["name"];
    assert!(name.as_str().unwrap().starts_with("publishers/google/models/"));
    assert_eq!((calls(&google, "v"), calls(&google, "g")), (5, 0));

    // The models are those of the Gemini API.
    let models = client.get(&format!("{PATH}/models")).send().await.json();
    assert!(models["models"].as_array().unwrap().len() > 5);
    let one = client.get(&format!("{PATH}/models/{MODEL}")).send().await;
    assert_eq!(one.json()["name"], format!("models/{MODEL}"));
    assert_eq!((calls(&google, "v"), calls(&google, "g")), (5, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_spent_and_failing_keys_are_passed_over() {
    let (google, setup) = google(
        [("g", KeyPlan::Valid)],
        [
            ("dead", KeyPlan::Suspended),
            ("spent", spent_for(3600)),
            ("busy", fault(Fault::Status503)),
            ("ok", KeyPlan::Valid),
        ],
    )
    .await;
    let gateway = setup.start().await;
    let client = gateway.client();
    let mut asked = 0;
    while ["dead", "spent", "busy"].iter().any(|name| calls(&google, name) == 0) {
        asked += 1;
        assert!(asked < 30, "{:?}", google.calls_by_key());
        let answer = ask(&client, "hello").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    for _ in 0..5 {
        assert_eq!(ask(&client, "hello").await.status, 200);
    }
    assert_eq!((calls(&google, "dead"), calls(&google, "spent"), calls(&google, "g")), (1, 1, 0));
    eventually("what was learned is kept", || async {
        let dead = gateway.standing(&key("dead")).await;
        let spent = gateway.standing(&key("spent")).await;
        dead["state"] == "dead"
            && spent["state"] == "cooling"
            && dead["dead_reason"] == "suspended"
            && dead["platform"] == "vertex"
    })
    .await;
    assert_eq!(gateway.standing(&key("g")).await["platform"], "gemini");
    let totals = (gateway.keys("total").await, gateway.keys("dead").await);
    assert_eq!(totals, (5, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learned_outlives_a_restart() {
    let (google, setup) = google([], [("dead", KeyPlan::Leaked), ("ok", KeyPlan::Valid)]).await;
    let mut gateway = setup.start().await;
    while calls(&google, "dead") == 0 {
        assert_eq!(ask(&gateway.client(), "hello").await.status, 200);
    }
    gateway.stop().await;
    gateway.start_again().await;
    for _ in 0..6 {
        assert_eq!(ask(&gateway.client(), "hello").await.status, 200);
    }
    assert_eq!((calls(&google, "dead"), gateway.keys("dead").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_pool_helps_out_with_the_others_keys() {
    let (google, gateway) = house([("g", KeyPlan::Valid)]).await;
    let refused = ask(&gateway.client(), "hello").await;
    let error = Surface::Gemini.error(&refused);
    assert_eq!((refused.status, error.code.as_str()), (503, "UNAVAILABLE"));
    assert!(error.message.contains("keys add --vertex"), "{}", error.message);
    assert_eq!(calls(&google, "g"), 0);

    let (google, setup) = self::google([], [("v", KeyPlan::Valid)]).await;
    let gateway = setup.start().await;
    assert_eq!(gateway.client().generate("hello").send().await.status, 503);
    assert_eq!(gateway.client().chat("hello").send().await.status, 503);
    assert_eq!(calls(&google, "v"), 0);
    assert_eq!(ask(&gateway.client(), "hello").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_googles_and_hold_no_key() {
    let (google, setup) = google([], [("v", KeyPlan::Valid)]).await;
    let gateway = setup.start().await;
    let client = gateway.client();
    let unknown = client.post(&format!("{PATH}/models/gemini-none:generateContent"), body("hello"));
    let unknown = unknown.send().await;
    let error = Surface::Gemini.error(&unknown);
    assert_eq!((unknown.status, error.code.as_str()), (404, "NOT_FOUND"));
    assert!(error.message.contains("Publisher Model"), "{}", error.message);
    let invalid = client.post(&path("generateContent"), r#"{"contents": [{"parts": []}]}"#);
    let invalid = invalid.send().await;
    assert_eq!(
        (invalid.status, Surface::Gemini.error(&invalid).code.as_str()),
        (400, "INVALID_ARGUMENT")
    );
    google.script().update(|script| script.vertex_key(key("v"), KeyPlan::Suspended));
    let dead = ask(&client, "hello").await;
    assert_eq!(dead.status, 503);
    for answer in [&unknown, &invalid, &dead] {
        assert!(!answer.text().contains(&key("v")), "{}", answer.text());
    }
    for nowhere in ["/vertex-express/v9/models", "/vertex-express/v1beta/models/a%20b:x"] {
        let answer = client.post(nowhere, "{}").send().await;
        assert!([400, 404].contains(&answer.status), "{nowhere}: {}", answer.status);
    }
    let log = gateway.stderr().text();
    assert!(!log.contains(&key("v")), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_come_in_as_to_the_gemini_api_and_within_their_limits() {
    let (google, setup) = google([], [("v", KeyPlan::Valid)]).await;
    let gateway = setup.start().await;
    let client = gateway.client();
    for (header, value) in [("x-goog-api-key", "wrong"), ("authorization", "Bearer wrong")] {
        let refused = client.anonymous("POST", &path("generateContent")).header(header, value);
        let refused = refused.body(body("hello")).send().await;
        assert_eq!(
            (refused.status, Surface::Gemini.error(&refused).code.as_str()),
            (401, "UNAUTHENTICATED")
        );
    }
    assert_eq!(client.anonymous("GET", &format!("{PATH}/models")).send().await.status, 401);
    assert!(google.received().is_empty());
    let in_query = client.anonymous("POST", &format!("{}?key={TOKEN}", path("generateContent")));
    let answer =
        in_query.header("content-type", "application/json").body(body("hello")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(google.received().pop().unwrap().query, None);

    let command = ["tokens", "create", "guest", "--requests-per-day", "1"];
    let token = gateway.run(&command).await.ok();
    let guest = gateway.client_with(token.trim());
    eventually("the token is known", || async {
        guest.get("/v1/responses/none").send().await.status == 404
    })
    .await;
    assert_eq!(ask(&guest, "hello").await.status, 200);
    let over = ask(&guest, "hello").await;
    assert_eq!(
        (over.status, Surface::Gemini.error(&over).code.as_str()),
        (429, "RESOURCE_EXHAUSTED")
    );
    assert_eq!(calls(&google, "v"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_managed_by_the_command_line() {
    let (google, setup) = google([("both", KeyPlan::Valid)], []).await;
    let gateway = setup.start().await;
    let (good, bad) = (key("good"), key("bad"));
    google.script().update(|script| {
        script.vertex_key(key("good"), KeyPlan::Valid).vertex_key(key("bad"), KeyPlan::Expired)
    });
    gateway.run(&["keys", "add", "--vertex", &good, &bad]).await.ok();
    // The same credential for another API is another key.
    gateway.run(&["keys", "add", "--vertex", &key("both")]).await.ok();
    eventually("the keys are taken up", || async { gateway.keys("total").await == 4 }).await;
    assert_eq!(ask(&gateway.client(), "hello").await.status, 200);
    let checked = gateway.json(&["keys", "check", &good, &bad]).await;
    assert_eq!((&checked[0]["result"], &checked[1]["result"]), (&json!("alive"), &json!("dead")));
    let exported = gateway.json(&["keys", "export", "--reveal"]).await;
    let platforms: Vec<&Value> =
        exported.as_array().unwrap().iter().map(|key| &key["platform"]).collect();
    assert_eq!(platforms, ["gemini", "vertex", "vertex", "vertex"]);
    gateway.run(&["keys", "remove", &good]).await.ok();
    eventually("the key is gone", || async { gateway.keys("total").await == 3 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_by_the_clock_ask_vertex_ai() {
    let (google, setup) = google([], [("v", KeyPlan::Invalid)]).await;
    let gateway = setup.with("CRON_SECRET", "the-clock").start().await;
    assert_eq!(ask(&gateway.client(), "hello").await.status, 503);
    google.script().update(|script| script.vertex_key(key("v"), KeyPlan::Valid));
    let cron = gateway.client().anonymous("GET", "/api/cron/health-check");
    let checked = cron.header("authorization", "Bearer the-clock").send().await;
    assert_eq!(checked.status, 200, "{}", checked.text());
    assert_eq!(gateway.keys("dead").await, 0);
    assert_eq!(ask(&gateway.client(), "hello").await.status, 200);
    let check = google.received().into_iter().find(|seen| seen.operation == "countTokens").unwrap();
    assert!(check.path.starts_with("/v1beta1/publishers/google/models/"), "{}", check.path);
}

/// What the gateway's administrator sees of its keys.
async fn listed(gateway: &Gateway, query: &str) -> Value {
    let administrator = gateway.client_with(PASSWORD);
    administrator.get(&format!("/api/admin/keys{query}")).send().await.json()
}

const PASSWORD: &str = "the administrator's own";

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_and_add_them() {
    let (_google, setup) = google([("g", KeyPlan::Valid)], [("v", KeyPlan::Valid)]).await;
    let gateway = setup.with("AUTH_TOKEN", PASSWORD).start().await;
    assert_eq!(listed(&gateway, "").await["total"], 2);
    let vertex = listed(&gateway, "?platform=vertex").await;
    assert_eq!(
        (&vertex["matching"], &vertex["keys"][0]["platform"]),
        (&json!(1), &json!("vertex"))
    );
    let administrator = gateway.client_with(PASSWORD);
    let more = json!({"keys": key("more"), "platform": "vertex"}).to_string();
    assert_eq!(administrator.post("/api/admin/keys", more).send().await.status, 202);
    eventually("the key is taken up", || async {
        listed(&gateway, "?platform=vertex").await["matching"] == 2
    })
    .await;
    let wrong = json!({"keys": key("more"), "platform": "bard"}).to_string();
    assert_eq!(administrator.post("/api/admin/keys", wrong).send().await.status, 400);

    // The Python project's way: a list of its own.
    let config = administrator.get("/api/config").send().await.json();
    assert_eq!(config["API_KEYS"].as_array().unwrap().len(), 1);
    assert_eq!(config["VERTEX_API_KEYS"].as_array().unwrap().len(), 2);
    let kept = json!({"VERTEX_API_KEYS": [config["VERTEX_API_KEYS"][0], key("newest")]});
    let put =
        administrator.request("PUT", "/api/config").header("content-type", "application/json");
    let changed = put.body(kept.to_string()).send().await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    eventually("the list is taken up", || async {
        let list = gateway.json(&["keys", "list"]).await;
        let vertex = list.as_array().unwrap().iter().filter(|key| key["platform"] == "vertex");
        let masks: Vec<_> = vertex.map(|key| key["key"].clone()).collect();
        masks.len() == 2 && masks.contains(&secret::mask(&key("newest")).into())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_declared_and_prospects_told_for_each_api() {
    let good = KeyPlan::Valid;
    let (google, setup) =
        google([("g", good.clone())], [("v1", good.clone()), ("v2", good.clone())]).await;
    let limits = json!([
        {"platform": "vertex", "model": MODEL, "requests_per_day": 3},
        {"model": MODEL, "requests_per_day": 100},
    ]);
    let setup = setup.with("AUTH_TOKEN", PASSWORD).with("POOL_WAIT", "0");
    let gateway = setup.with("QUOTA_LIMITS", limits.to_string()).start().await;
    let client = gateway.client();
    for _ in 0..5 {
        assert_eq!(ask(&client, "hello").await.status, 200);
        assert_eq!(client.generate("hello").send().await.status, 200);
    }
    let administrator = gateway.client_with(PASSWORD);
    let forecast = administrator.get("/api/admin/forecast").send().await.json();
    let [gemini, vertex] = ["gemini", "vertex"].map(|platform| {
        let mut models = forecast["models"].as_array().unwrap().iter();
        let found = models.find(|one| one["platform"] == platform && one["model"] == MODEL);
        found.unwrap_or_else(|| panic!("nothing of {platform} in {forecast}"))
    });
    assert_eq!((&gemini["left_today"], &vertex["left_today"]), (&json!(95), &json!(1)));
    assert!(vertex["empty_at"].is_i64(), "{forecast}");
    let quota = administrator.get("/api/admin/quota").send().await.json();
    let limits = quota.as_array().unwrap().iter().map(|row| row["day_requests"]["limit"].clone());
    assert_eq!(limits.collect::<Vec<_>>(), [100, 3, 3]);

    assert_eq!(ask(&client, "hello").await.status, 200);
    let over = ask(&client, "hello").await;
    assert_eq!(over.status, 429, "{}", over.text());
    assert!(over.header("retry-after").is_some());
    assert_eq!((calls(&google, "v1"), calls(&google, "v2")), (3, 3), "Google has not refused any");
    assert_eq!(client.generate("hello").send().await.status, 200);
}
