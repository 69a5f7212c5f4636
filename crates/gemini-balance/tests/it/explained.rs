//! What an administrator can find out about a request afterwards.

use fake_gemini::FakeGemini;
use fake_gemini::{Fault, KeyPlan, Quota, Script};
use serde_json::Value;
use testkit::{Answer, Gateway, MODEL, Surface, eventually, key};

use crate::house::{fault, house, setup, spent_for};

const PASSWORD: &str = "an administrator's password";

/// What the admin API says about a request, once it is written down.
async fn explained(gateway: &Gateway, answer: &Answer) -> Value {
    let id = answer.header("x-request-id").unwrap();
    let administrator = gateway.client_with(PASSWORD);
    let path = format!("/api/admin/requests/{id}");
    eventually("the request is in the log", || async {
        administrator.get(&path).send().await.status == 200
    })
    .await;
    administrator.get(&path).send().await.json()
}

fn outcomes(request: &Value) -> Vec<&str> {
    let attempts = request["attempts"].as_array().unwrap();
    attempts.iter().map(|attempt| attempt["outcome"].as_str().unwrap()).collect()
}

/// How many keys were skipped in a decision for this reason.
fn skipped<'a>(decision: &'a Value, why: &str) -> Option<&'a Value> {
    let skipped = decision["explained"]["skipped"].as_array().unwrap();
    skipped.iter().find(|group| group["why"] == why)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_tells_which_keys_were_skipped_and_what_each_attempt_came_to() {
    let google = FakeGemini::start(
        Script::new()
            .key(key("bad"), KeyPlan::Leaked)
            .key(key("spent"), spent_for(40))
            .key(key("busy"), fault(Fault::Status503))
            .keys([key("off"), key("good")], &KeyPlan::Valid),
    )
    .await
    .unwrap();
    let keys = ["bad", "spent", "busy", "off", "good"].map(key);
    let setup = setup().google(&google).keys(keys).with("AUTH_TOKEN", PASSWORD);
    let gateway = setup.start().await;
    assert_eq!(gateway.run(&["keys", "disable", &key("off")]).await.code, Some(0));
    eventually("the key is disabled", || async { gateway.keys("disabled").await == 1 }).await;

    // However the round over the keys begins, after a few requests each key has been met.
    let mut seen = Vec::new();
    let mut last = None;
    for number in 0..5 {
        let surface = Surface::ALL[number % 2];
        let answer = gateway.client().ask(surface, MODEL, "hello", number % 2 == 0).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let request = explained(&gateway, &answer).await;
        assert_eq!(request["decisions"].as_array().unwrap().len(), outcomes(&request).len());
        assert_eq!(*outcomes(&request).last().unwrap(), "served", "{request}");
        assert_eq!(request["attempt_count"], outcomes(&request).len());
        seen.extend(outcomes(&request).into_iter().map(str::to_owned));
        for attempt in request["attempts"].as_array().unwrap() {
            assert!(attempt["mask"].as_str().unwrap().starts_with("AIzaSy…"), "{attempt}");
            assert!(attempt["chosen_for"].is_string() && attempt["status"].is_u64(), "{attempt}");
        }
        let failed = outcomes(&request).len() - 1;
        assert_eq!(request["errors"].as_array().unwrap().len(), failed, "{request}");
        last = Some(request);
    }
    for outcome in ["key_dead", "quota_spent", "model_busy"] {
        assert_eq!(seen.iter().filter(|one| *one == outcome).count(), 1, "{outcome}: {seen:?}");
    }
    let last = last.unwrap();
    let decision = &last["decisions"][0];
    assert_eq!(decision["explained"]["chosen"]["mask"], secret::mask(&key("good")));
    for why in ["disabled", "dead", "spent", "avoided"] {
        let group = skipped(decision, why).unwrap_or_else(|| panic!("{why}: {decision}"));
        assert_eq!(group["keys"], 1, "{why}: {decision}");
    }
    let frees_at = skipped(decision, "spent").unwrap()["frees_at"].as_i64().unwrap();
    let wait = frees_at - last["at"].as_i64().unwrap();
    assert!((1_000..=40_000).contains(&wait), "{wait} ms");
    let headers = last["headers"].as_array().unwrap();
    assert!(headers.iter().any(|header| header[0] == "content-type"), "{headers:?}");
    let text = last.to_string();
    assert!(!text.contains(testkit::TOKEN), "{text}");
    assert!(!text.contains("CANARY"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_explained_too() {
    let (_google, gateway) = house_with_password([("one", spent_for(40))]).await;
    gateway.client().generate("hello").send().await;
    let answer = gateway.client().generate("hello").send().await;
    assert_eq!(answer.status, 429);
    let request = explained(&gateway, &answer).await;
    assert_eq!(request["outcome"], "pool_exhausted");
    assert_eq!(request["attempts"].as_array().unwrap().len(), 0);
    let wait = &request["decisions"][0]["explained"]["wait"];
    assert_eq!(wait["cause"]["what"], "quota", "{request}");
    assert_eq!(skipped(&request["decisions"][0], "spent").unwrap()["frees_at"], wait["until"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_paged_and_the_pool_and_its_prospects_are_shown() {
    let quota = Quota::new().rpd(40);
    let script = Script::new().key(key("one"), KeyPlan::Valid).standard_quota(quota);
    let google = FakeGemini::start(script).await.unwrap();
    let limits = format!(r#"[{{"model":"{MODEL}","requests_per_day":40}}]"#);
    let setup = setup().google(&google).keys([key("one")]).with("AUTH_TOKEN", PASSWORD);
    let gateway = setup.with("QUOTA_LIMITS", limits).start().await;
    for _ in 0..10 {
        assert_eq!(gateway.client().generate("hello").send().await.status, 200);
    }
    let administrator = gateway.client_with(PASSWORD);
    let page = |query: String| {
        let ask = administrator.get(&format!("/api/admin/requests?{query}"));
        async { ask.send().await.json() }
    };
    eventually("all are in the log", || async {
        page("limit=20".to_owned()).await["requests"].as_array().unwrap().len() == 10
    })
    .await;
    let first = page("limit=6".to_owned()).await;
    let second = page(format!("limit=6&before={}", first["next"])).await;
    assert_eq!(first["requests"].as_array().unwrap().len(), 6);
    assert_eq!(second["requests"].as_array().unwrap().len(), 4);
    assert!(second["next"].is_null());
    let wrong = administrator.get("/api/admin/requests?limit=many").send().await;
    assert_eq!(
        (wrong.status, wrong.json()["error"]["code"].as_str()),
        (400, Some("invalid_query"))
    );

    let pool = administrator.get("/api/admin/pool").send().await.json();
    assert_eq!((&pool["totals"]["ready"], &pool["keys"][0]["state"]), (&1.into(), &"ready".into()));
    let forecast = administrator.get("/api/admin/forecast").send().await.json();
    let model = &forecast["models"][0];
    assert_eq!((&model["model"], &model["left_today"]), (&MODEL.into(), &30.into()), "{forecast}");
    // As many as the last minute has seen are left three times.
    let rate = model["rate_per_minute"].as_i64().unwrap();
    let left = model["empty_at"].as_i64().unwrap() - forecast["now"].as_i64().unwrap();
    assert_eq!(left / 1000, 30 * 60 / rate, "{forecast}");
    assert!(model["says"].as_str().unwrap().starts_with("At this rate the pool is empty at "));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_administrator_may_look() {
    let (_google, gateway) = house_with_password([("one", KeyPlan::Valid)]).await;
    for path in ["/api/admin/requests", "/api/admin/requests/x", "/api/admin/pool", "/api/admin/no"]
    {
        assert_eq!(gateway.client().get(path).send().await.status, 401, "a client token: {path}");
        let nobody = gateway.client().anonymous("GET", path).send().await;
        assert_eq!(
            (nobody.status, nobody.json()["error"]["code"].as_str()),
            (401, Some("unauthorized"))
        );
    }
    let administrator = gateway.client_with(PASSWORD);
    assert_eq!(administrator.get("/api/admin/no").send().await.status, 404);
    assert_eq!(administrator.get("/api/admin/requests/unknown").send().await.status, 404);

    let (_google, unclaimed) = house([("one", KeyPlan::Valid)]).await;
    let answer = unclaimed.client_with("").get("/api/admin/pool").send().await;
    assert_eq!(answer.status, 401);
    assert!(answer.text().contains("AUTH_TOKEN"), "{}", answer.text());
}

async fn house_with_password<const N: usize>(keys: [(&str, KeyPlan); N]) -> (FakeGemini, Gateway) {
    let names = keys.each_ref().map(|(name, _)| key(name));
    let google = crate::house::google(keys).await;
    let gateway = setup().google(&google).keys(names).with("AUTH_TOKEN", PASSWORD).start().await;
    (google, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_tells_what_speaks_against_it_for_a_model_and_a_client() {
    let script = Script::new().key(key("spent"), spent_for(40)).key(key("good"), KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys(["spent", "good"].map(key));
    let gateway = setup.with("AUTH_TOKEN", PASSWORD).start().await;
    let administrator = gateway.client_with(PASSWORD);
    eventually("one key is out of quota", || async {
        gateway.client().chat("hi").send().await;
        gateway.keys("cooling").await == 1
    })
    .await;
    let keys = administrator.get("/api/admin/keys?status=cooling").send().await.json();
    let path = format!("/api/admin/keys/{}/why", keys["keys"][0]["id"].as_str().unwrap());
    let why = async |query: &str| {
        let answer = administrator.get(&format!("{path}{query}")).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let failing = |told: &Value| {
        let steps = told["steps"].as_array().unwrap().iter();
        let failing: Vec<_> = steps.filter(|step| step["holds"] == false).cloned().collect();
        assert_eq!(failing.len(), 1, "{told}");
        failing[0]["check"].as_str().unwrap().to_owned()
    };
    let told = why(&format!("?model={MODEL}")).await;
    assert!(["quota", "count"].contains(&failing(&told).as_str()), "{told}");
    assert!(told["decision"]["chosen"]["mask"].as_str().unwrap().contains('…'));

    gateway.run(&["tokens", "create", "guest", "--model", "another*"]).await.ok();
    let tokens = administrator.get("/api/admin/tokens").send().await.json();
    let guest = tokens.as_array().unwrap().iter().find(|token| token["name"] == "guest").unwrap();
    let guest = guest["id"].as_str().unwrap();
    assert_eq!(failing(&why(&format!("?model={MODEL}&token_id={guest}")).await), "model");
    let unknown = administrator.get(&format!("{path}?token_id=nobody")).send().await;
    assert_eq!(unknown.status, 404);
    let wrong = administrator.get(&format!("{path}?modle=x")).send().await;
    assert_eq!(wrong.status, 400, "{}", wrong.text());
}
