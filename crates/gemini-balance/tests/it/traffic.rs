//! What requests came to, in numbers.

use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::Value;
use testkit::{Gateway, eventually, key};

use crate::house::setup;

const PASSWORD: &str = "an administrator's password";

async fn traffic(gateway: &Gateway, range: &str) -> Value {
    let path = format!("/api/admin/traffic?range={range}");
    let answer = gateway.client_with(PASSWORD).get(&path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The sums of a range once they count so many requests.
async fn counted(gateway: &Gateway, range: &str, requests: u64) -> Value {
    eventually("the requests are counted", || async {
        traffic(gateway, range).await["total"]["requests"] == requests
    })
    .await;
    traffic(gateway, range).await
}

#[tokio::test(flavor = "multi_thread")]
async fn is_summed_up_by_time_model_and_client_and_survives_a_restart() {
    let google = FakeGemini::start(
        Script::new().key(key("bad"), KeyPlan::Leaked).key(key("good"), KeyPlan::Valid),
    )
    .await
    .unwrap();
    let keys = ["bad", "good"].map(key);
    let setup = setup().google(&google).keys(keys).with("AUTH_TOKEN", PASSWORD);
    let mut gateway = setup.start().await;
    let mut used = 0;
    for number in 0..4 {
        let answer = gateway.client().chat("hi").send().await;
        assert_eq!(answer.status, 200, "{number}: {}", answer.text());
        used += answer.json()["usage"]["total_tokens"].as_u64().unwrap();
    }
    let unknown = r#"{"model":"no-such-model","messages":[{"role":"user","content":"hi"}]}"#;
    let refused = gateway.client().post("/v1/chat/completions", unknown);
    assert_eq!(refused.send().await.status, 404);

    let told = counted(&gateway, "1h", 5).await;
    let total = &told["total"];
    assert_eq!((&total["failed"], &total["succeeded"]), (&1.into(), &4.into()));
    assert_eq!(total["rescued"], 1, "one request met the leaked key first");
    let tokens = ["prompt_tokens", "completion_tokens", "thought_tokens"];
    let tokens: u64 = tokens.iter().map(|name| total[*name].as_u64().unwrap()).sum();
    assert_eq!(tokens, used);
    assert!(total["list_price"].as_f64().unwrap() > 0.0);
    let steps = told["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 60);
    let in_steps: u64 = steps.iter().map(|step| step["requests"].as_u64().unwrap()).sum();
    assert_eq!(in_steps, 5);
    assert_eq!(told["models"][0]["requests"], 4);
    assert_eq!(told["tokens"][0]["requests"], 5);
    assert!(told["duration"]["p50"].as_u64().is_some());

    assert_eq!(gateway.stop().await, Some(0));
    gateway.start_again().await;
    for range in ["1h", "24h", "7d", "30d", "1y"] {
        assert_eq!(traffic(&gateway, range).await["total"], *total, "{range}");
    }
    assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    counted(&gateway, "1y", 6).await;
    let wrong = gateway.client_with(PASSWORD).get("/api/admin/traffic?range=2h").send().await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("range"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_held_to_its_room_and_the_sums_stay() {
    let google = FakeGemini::start(Script::new().key(key("good"), KeyPlan::Valid)).await.unwrap();
    let setup = setup().google(&google).keys([key("good")]).with("AUTH_TOKEN", PASSWORD);
    let mut gateway = setup.start().await;
    for _ in 0..3 {
        assert_eq!(gateway.client().chat("hi").send().await.status, 200);
    }
    counted(&gateway, "1h", 3).await;
    let logged = async |gateway: &Gateway| {
        let log = gateway.client_with(PASSWORD).get("/api/admin/requests").send().await.json();
        log["requests"].as_array().unwrap().len()
    };
    assert_eq!(logged(&gateway).await, 3);
    gateway.run(&["config", "set", "REQUEST_LOG_MAX_SIZE", "1"]).await.ok();
    gateway.stop().await;
    gateway.start_again().await;
    eventually("the log is empty", || async { logged(&gateway).await == 0 }).await;
    counted(&gateway, "1h", 3).await;
}
