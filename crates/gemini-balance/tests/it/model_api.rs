//! A model as scripts see it: how it stands, what it is called, and changes of that.

use fake_gemini::KeyPlan;
use serde_json::json;
use testkit::{MODEL, Surface, eventually, key};

use crate::house::{google, setup};

const PASSWORD: &str = "an administrator's password";

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_read_hidden_and_named_as_one_change() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().with("AUTH_TOKEN", PASSWORD).google(&google).keys([key("one")]);
    let gateway = setup.start().await;
    let administrator = gateway.client_with(PASSWORD);
    let address = format!("/api/admin/models/{MODEL}");
    let read = || async { administrator.get(&address).send().await.json() };
    assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    eventually("it is listed", || async {
        let listed = administrator.get("/api/admin/models").send().await.json();
        listed[0]["model"] == MODEL && listed[0]["requests"] == 1
    })
    .await;
    let model = read().await;
    assert_eq!(
        model["keys"],
        json!({
            "ready": 1, "cooling": 0, "exhausted": 0, "dead": 0, "disabled": 0
        })
    );
    assert_eq!(model["forecasts"][0]["used_today"], 1);
    assert_eq!(model["projects"][0]["day_requests"]["used"], 1);
    assert_eq!((&model["day"]["requests"], &model["month"]["succeeded"]), (&json!(1), &json!(1)));
    assert!(model["price"]["read"].as_f64().unwrap() > 0.0);

    let change = |body: serde_json::Value| {
        let ask = administrator.request("PATCH", &address);
        let ask = ask.header("content-type", "application/json").body(body.to_string());
        async move { ask.send().await }
    };
    let fallbacks = json!(["gemini-2.5-flash-lite"]);
    let wanted = json!({"hidden": true, "aliases": ["own", "other"], "fallbacks": fallbacks});
    assert_eq!(change(wanted).await.status, 204);
    let model = read().await;
    assert_eq!((&model["hidden"], &model["fallbacks"]), (&json!(true), &fallbacks));
    assert_eq!(model["aliases"], json!(["own", "other"]));

    assert_eq!(change(json!({"hidden": false, "aliases": ["other"]})).await.status, 204);
    let model = read().await;
    assert_eq!((&model["hidden"], &model["aliases"]), (&json!(false), &json!(["other"])));
    assert_eq!(model["fallbacks"], fallbacks, "what is left out stays");
    eventually("the name leads to it", || async {
        let ask = gateway.client().ask(Surface::OpenAi, "other", "hi", false);
        ask.send().await.status == 200
    })
    .await;

    // All or nothing: a stand-in that is none keeps the rest from being saved.
    let refused = change(json!({"hidden": true, "fallbacks": ["nothing-of-googles"]})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("nothing-of-googles"), "{}", refused.text());
    assert_eq!(read().await["hidden"], json!(false));
    assert_eq!(change(json!({"shape": 1})).await.status, 400);
    let unknown = administrator.get("/api/admin/models/never-asked").send().await.json();
    assert!(unknown["forecasts"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_lists_is_told_with_what_is_new_and_what_ends() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().with("AUTH_TOKEN", PASSWORD).google(&google).keys([key("one")]);
    let gateway = setup.start().await;
    let administrator = gateway.client_with(PASSWORD);
    let list = || async { administrator.get("/api/admin/models").send().await.json() };
    assert_eq!(list().await, json!([]), "nobody has looked or asked");
    gateway.records().await.saw_models(&["gemini-3.1-flash-lite", "gone-since"]).await;
    let path = "/api/admin/models/refresh";
    let seen = administrator.post(path, "{}").send().await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    let listed = list().await;
    assert_eq!(seen.json()["listed"], listed.as_array().unwrap().len());
    let model = |name: &str| {
        let all = listed.as_array().unwrap().iter();
        all.clone().find(|model| model["model"] == name).cloned().unwrap_or_default()
    };
    let known = model("gemini-3.1-flash-lite");
    assert_eq!((&known["new"], &known["retires_on"]), (&json!(false), &json!("2027-05-07")));
    assert_eq!((&known["listed"], &known["requests"]), (&json!(true), &json!(0)));
    assert_eq!((&known["context"], &known["family"]), (&json!(1_048_576), &json!("gemini-3")));
    let late = model("gemini-3.8-flash");
    assert_eq!((&late["new"], &late["retires_on"]), (&json!(true), &json!(null)));
    assert_eq!(model("gone-since"), json!(null), "it is not listed any more");
    let gone = administrator.get("/api/admin/models/gone-since").send().await.json();
    assert_eq!((&gone["listed"], gone["first_seen"].is_i64()), (&json!(false), true));

    let act = |body: serde_json::Value| {
        let ask = administrator.post("/api/admin/models/act", body.to_string());
        async move { ask.send().await.status }
    };
    let models = json!(["gemini-3.8-flash", "gemini-3.7-flash"]);
    assert_eq!(act(json!({"action": "hide", "models": models})).await, 204);
    let hidden = list().await.as_array().unwrap().clone();
    assert_eq!(hidden.iter().filter(|model| model["hidden"] == true).count(), 2);
    let audit = administrator.get("/api/admin/audit").send().await.text();
    assert_eq!(audit.matches("settings.save").count(), 1, "both are one change: {audit}");
    assert_eq!(act(json!({"action": "show", "models": models})).await, 204);
    assert_eq!(act(json!({"action": "dance", "models": models})).await, 400);
    assert_eq!(act(json!({"action": "hide", "models": []})).await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_tried_with_three_keys_as_a_job() {
    let plans = ["a", "b", "c", "d"].map(|name| (name, KeyPlan::Valid));
    let google = google(plans.into_iter().chain([("bad", KeyPlan::Leaked)])).await;
    let names = ["a", "b", "c", "d", "bad"].map(key);
    let gateway = setup().with("AUTH_TOKEN", PASSWORD).google(&google).keys(names).start().await;
    let administrator = gateway.client_with(PASSWORD);
    let disable = json!({"action": "disable", "filter": {"q": &key("bad")[35..]}}).to_string();
    assert_eq!(administrator.post("/api/admin/keys/act", disable).send().await.status, 202);
    eventually("the bad one is out", || async { gateway.keys("disabled").await == 1 }).await;
    let test = |model: &str| {
        let path = format!("/api/admin/models/{model}/test");
        let administrator = &administrator;
        async move {
            let begun = administrator.post(&path, "{}").send().await;
            assert_eq!(begun.status, 202, "{}", begun.text());
            let job = format!("/api/admin/jobs/{}", begun.json()["job"].as_str().unwrap());
            let read = || async { administrator.get(&job).send().await.json() };
            eventually("the test is over", || async { read().await["finished"] == true }).await;
            read().await
        }
    };
    for model in [MODEL, "gemini-embedding-001", "gemini-2.5-flash-image"] {
        let job = test(model).await;
        assert_eq!((&job["action"], &job["about"]), (&json!("test_model"), &json!(model)));
        assert_eq!((&job["total"], &job["ok"]), (&json!(3), &json!(3)), "{job}");
        let results = job["results"].as_array().unwrap();
        let ids: std::collections::BTreeSet<_> =
            results.iter().map(|done| done["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 3, "three keys, each once");
        assert!(results.iter().all(|done| done["code"] == "answers"), "{job}");
    }
    let pictures = google.received().iter().filter(|call| call.path.contains("image:")).count();
    assert_eq!(pictures, 0, "no picture was made");
    let job = test("no-such-model").await;
    assert_eq!((&job["failed"], &job["results"][0]["code"]), (&json!(3), &json!("not_found")));
    assert!(job["results"][0]["message"].as_str().unwrap().contains("no-such-model"), "{job}");
}
