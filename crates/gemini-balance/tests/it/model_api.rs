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
    assert_eq!(model["keys"], json!({"ready": 1, "blocked": 0, "dead": 0, "disabled": 0}));
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
