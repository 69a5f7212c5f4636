//! Scripts that were written for the Python project's admin API.

use fake_gemini::{FakeGemini, KeyPlan};
use serde_json::{Value, json};
use testkit::{Client, Gateway, eventually, key};

use crate::house::{google, setup};

const PASSWORD: &str = "correct horse battery staple";

async fn house() -> (FakeGemini, Gateway) {
    let google = google([("good", KeyPlan::Valid), ("bad", KeyPlan::Leaked)]).await;
    let setup = setup().google(&google).keys([key("bad"), key("good")]);
    let gateway = setup.with("AUTH_TOKEN", PASSWORD).start().await;
    (google, gateway)
}

/// The bad key has been met, and all of it is written down.
async fn served(gateway: &Gateway, administrator: &Client) {
    for _ in 0..2 {
        assert_eq!(gateway.client().chat("hello").send().await.status, 200);
    }
    eventually("the bad key is out", || async { gateway.keys("dead").await == 1 }).await;
    eventually("everything is logged", || async {
        let errors = get(administrator, "/api/logs/errors").await;
        let calls = get(administrator, "/api/stats/details?period=1h").await;
        errors["total"] == 1 && calls.as_array().unwrap().len() == 2
    })
    .await;
}

#[track_caller]
fn ok(answer: &testkit::Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn get(client: &Client, path: &str) -> Value {
    ok(&client.get(path).send().await)
}

async fn post(client: &Client, path: &str, body: Value) -> testkit::Answer {
    client.post(path, body.to_string()).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_the_password() {
    let (google, gateway) = house().await;
    for (method, path) in [
        ("GET", "/api/config"),
        ("GET", "/api/keys/all"),
        ("GET", "/api/config/ui/models"),
        ("POST", "/gemini/v1beta/reset-all-fail-counts"),
        ("POST", "/gemini/v1beta/verify-key/x"),
        ("DELETE", "/api/logs/errors/all"),
        ("GET", "/api/version/check"),
    ] {
        for token in [testkit::TOKEN, "", "auth_token"] {
            let answer = gateway.client_with(token).request(method, path).send().await;
            // After ten wrong ones they have to wait.
            assert!([401, 429].contains(&answer.status), "{method} {path} {token}");
        }
        let cookie = gateway.client().anonymous(method, path).header("cookie", "auth_token=x");
        assert_eq!(cookie.send().await.status, 401, "{method} {path}");
    }
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_listed_as_clients_see_them() {
    let (google, gateway) = house().await;
    let administrator = gateway.client_with(PASSWORD);
    let list = get(&administrator, "/api/config/ui/models").await;
    let seen = get(&gateway.client(), "/v1/models").await;
    assert_eq!((&list["object"], &list["success"]), (&json!("list"), &json!(true)));
    assert!(list["data"].as_array().is_some_and(|models| !models.is_empty()), "{list}");
    let ids = |list: &Value| {
        let models = list["data"].as_array().unwrap().iter();
        models.map(|model| model["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&list), ids(&seen));
    google.script().update(|script| script.key(key("good"), KeyPlan::Leaked));
    let failed = administrator.get("/api/config/ui/models").send().await;
    assert_eq!(failed.status, 503, "{}", failed.text());
    assert!(failed.json()["error"]["message"].as_str().is_some_and(|text| !text.is_empty()));
    let requests = get(&administrator, "/api/admin/requests").await;
    assert!(!requests.to_string().contains("ui/models"), "{requests}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_verified_and_revived() {
    let (_google, gateway) = house().await;
    let administrator = gateway.client_with(PASSWORD);
    served(&gateway, &administrator).await;
    let [good, bad] = ["good", "bad"].map(|name| secret::mask(&key(name)));

    let all = get(&administrator, "/api/keys/all").await;
    assert_eq!(all, json!({"valid_keys": [good], "invalid_keys": [bad], "total_count": 2}));
    let page = get(&administrator, "/api/keys?status=invalid&limit=1&page=1").await;
    assert_eq!(
        (&page["total_items"], &page["total_pages"], &page["current_page"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert!(page["keys"][&bad].as_u64().unwrap() >= 1, "{page}");
    let found = get(&administrator, &format!("/api/keys?search={}", &good[good.len() - 4..])).await;
    assert_eq!(found["keys"].as_object().unwrap().keys().collect::<Vec<_>>(), [&good]);
    assert_eq!(administrator.get("/api/keys?status=odd").send().await.status, 400);

    let verified = post(
        &administrator,
        "/gemini/v1beta/verify-selected-keys",
        json!({"keys": [good, bad, "nobody"]}),
    )
    .await;
    let verified = ok(&verified);
    assert_eq!((&verified["valid_count"], &verified["invalid_count"]), (&json!(1), &json!(2)));
    assert_eq!(verified["successful_keys"], json!([good]));
    assert_eq!(verified["failed_keys"][&bad]["error_code"], 403);
    assert_eq!(verified["failed_keys"]["nobody"]["error_code"], 404);
    let path = format!("/gemini/v1beta/verify-key/{}", good.replace('…', "%E2%80%A6"));
    assert_eq!(ok(&post(&administrator, &path, json!({})).await), json!({"status": "valid"}));
    let path = format!("/gemini/v1beta/verify-key/{}", key("bad"));
    assert_eq!(ok(&post(&administrator, &path, json!({})).await)["status"], "invalid");

    let reset =
        post(&administrator, "/gemini/v1beta/reset-all-fail-counts?key_type=invalid", json!({}))
            .await;
    assert_eq!(ok(&reset)["reset_count"], 1);
    eventually("it is revived", || async { gateway.keys("dead").await == 0 }).await;
    let reset = post(
        &administrator,
        "/gemini/v1beta/reset-selected-fail-counts",
        json!({"keys": [good, "nobody"], "key_type": "valid"}),
    )
    .await;
    assert_eq!((reset.status, reset.json()["success"].as_bool()), (207, Some(false)));
    let nobody = post(&administrator, "/gemini/v1beta/reset-fail-count/nobody", json!({})).await;
    assert_eq!((nobody.status, nobody.json()["success"].as_bool()), (404, Some(false)));
    let path = format!("/gemini/v1beta/reset-fail-count/{}", key("good"));
    assert_eq!(ok(&post(&administrator, &path, json!({})).await)["success"], true);
    for path in ["verify-selected-keys", "reset-selected-fail-counts"] {
        let path = format!("/gemini/v1beta/{path}");
        assert_eq!(post(&administrator, &path, json!({"keys": []})).await.status, 400, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_removed() {
    let (_google, gateway) = house().await;
    let administrator = gateway.client_with(PASSWORD);
    let good = secret::mask(&key("good"));
    let path = format!("/api/config/keys/{}", key("bad"));
    let removed = administrator.request("DELETE", &path).send().await;
    assert_eq!(ok(&removed)["success"], true);
    assert!(!removed.text().contains(&key("bad")));
    let selected = json!({"keys": [good, key("stranger")]});
    let removed = post(&administrator, "/api/config/keys/delete-selected", selected).await;
    let removed = ok(&removed);
    assert_eq!(removed["deleted_count"], 1);
    assert_eq!(removed["not_found_keys"], json!([secret::mask(&key("stranger"))]));
    eventually("both are gone", || async { gateway.keys("total").await == 0 }).await;
    let nothing =
        post(&administrator, "/api/config/keys/delete-selected", json!({"keys": ["x"]})).await;
    assert_eq!(nothing.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_and_written_back() {
    let (_google, gateway) = house().await;
    let administrator = gateway.client_with(PASSWORD);
    let put = |body: Value| {
        let ask = administrator.request("PUT", "/api/config");
        ask.header("content-type", "application/json").body(body.to_string()).send()
    };
    let mut config = get(&administrator, "/api/config").await;
    assert_eq!(config["API_KEYS"].as_array().unwrap().len(), 2);
    assert_eq!(config["MAX_RETRIES"], 3);
    assert!(
        config["URL_NORMALIZATION_ENABLED"].is_boolean() && config["CONNECT_TIMEOUT"].is_number()
    );
    let text = config.to_string();
    for secret in [key("good").as_str(), PASSWORD, testkit::TOKEN] {
        assert!(!text.contains(secret), "{text}");
    }
    // The object as it came changes nothing.
    let before = administrator.get("/api/admin/audit").send().await.json();
    assert_eq!(ok(&put(config.clone()).await), config);
    assert_eq!(administrator.get("/api/admin/audit").send().await.json(), before);

    config["MAX_RETRIES"] = json!(5);
    config["NOBODY_KNOWS_THIS"] = json!("x");
    config["API_KEYS"] = json!([config["API_KEYS"][0], key("new")]);
    let changed = ok(&put(config).await);
    assert_eq!(changed["MAX_RETRIES"], 5);
    let masks = |names: [&str; 2]| names.map(|name| secret::mask(&key(name)));
    eventually("the pool has changed", || async {
        let all = get(&administrator, "/api/keys/all").await;
        all["valid_keys"] == json!(masks(["bad", "new"]))
    })
    .await;
    let wrong = put(json!({"MAX_RETRIES": "many"})).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(put(json!({"API_KEYS": ["not {a} key"]})).await.status, 400);
    assert_eq!(ok(&post(&administrator, "/api/config/reset", json!({})).await)["MAX_RETRIES"], 3);

    for (saved, hours) in [(None, 1), (Some(5), 5)] {
        if let Some(saved) = saved {
            ok(&put(json!({"CHECK_INTERVAL_HOURS": saved})).await);
        }
        for (path, hours) in [("stop", 0), ("start", hours)] {
            let answer = post(&administrator, &format!("/api/scheduler/{path}"), json!({})).await;
            assert!(ok(&answer)["message"].is_string());
            let config = get(&administrator, "/api/config").await;
            assert_eq!(config["CHECK_INTERVAL_HOURS"], hours, "after {path}");
        }
    }
    let version = get(&administrator, "/api/version/check").await;
    assert_eq!(version["current_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(version["update_available"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_are_asked_about() {
    let (google, gateway) = house().await;
    let administrator = gateway.client_with(PASSWORD);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = format!("http://user:secret-of-the-proxy@{nobody}");
    let one =
        post(&administrator, "/api/config/proxy/check", json!({"proxy": proxy, "use_cache": true}))
            .await;
    let one = ok(&one);
    assert_eq!(one["is_available"], false);
    assert!(one["error_message"].is_string() && one["checked_at"].is_string(), "{one}");
    assert!(!one.to_string().contains("secret-of"), "{one}");
    let several = json!({"proxies": [proxy, "nonsense"], "max_concurrent": 2});
    let several = ok(&post(&administrator, "/api/config/proxy/check-all", several).await);
    assert_eq!(several.as_array().unwrap().len(), 2);
    let stats = get(&administrator, "/api/config/proxy/cache-stats").await;
    assert_eq!(stats, json!({"total_cached": 0, "valid_cached": 0, "expired_cached": 0}));
    let cleared = post(&administrator, "/api/config/proxy/clear-cache", json!({})).await;
    assert_eq!(ok(&cleared)["success"], true);
    assert_eq!(google.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_read_and_deleted() {
    let (_google, gateway) = house().await;
    let administrator = gateway.client_with(PASSWORD);
    served(&gateway, &administrator).await;
    let [good, bad] = ["good", "bad"].map(|name| secret::mask(&key(name)));

    let details = get(&administrator, "/api/stats/details?period=1h").await;
    let call = &details[0];
    assert_eq!(
        (&call["key"], &call["status"], &call["status_code"]),
        (&json!(good), &json!("success"), &json!(200))
    );
    assert!(call["timestamp"].is_string() && call["latency_ms"].is_u64(), "{call}");
    let of_key = format!("/api/stats/key-details?key={}&period=24h", key("good"));
    assert_eq!(get(&administrator, &of_key).await, details);
    assert_eq!(administrator.get("/api/stats/details?period=1y").send().await.status, 400);
    let usage = get(&administrator, &format!("/api/key-usage-details/{}", key("good"))).await;
    assert_eq!(usage, json!({testkit::MODEL: 2}));

    let list = get(&administrator, "/api/logs/errors?limit=5&sort_by=id&sort_order=desc").await;
    let row = &list["logs"][0];
    assert_eq!((&list["total"], &row["gemini_key"]), (&json!(1), &json!(bad)));
    let (id, code) = (row["id"].as_i64().unwrap(), row["error_code"].as_u64().unwrap());
    let attention =
        get(&administrator, &format!("/api/stats/attention-keys?status_code={code}")).await;
    assert_eq!(attention, json!([{"key": bad, "count": 1, "status_code": code}]));
    for (query, total) in [
        (format!("error_code_search={code}"), 1),
        ("error_code_search=999".to_owned(), 0),
        (format!("key_search={}", key("bad")), 1),
        ("error_search=no-such-words".to_owned(), 0),
        ("start_date=2000-01-01T00:00:00".to_owned(), 1),
        ("end_date=2000-01-01T00:00:00".to_owned(), 0),
    ] {
        let found = get(&administrator, &format!("/api/logs/errors?{query}")).await;
        assert_eq!(found["total"], total, "{query}");
    }
    assert_eq!(administrator.get("/api/logs/errors?sort_by=odd").send().await.status, 400);
    let details = get(&administrator, &format!("/api/logs/errors/{id}/details")).await;
    assert!(details["error_log"].is_string() && details["id"] == id, "{details}");
    let at = row["request_time"].as_str().unwrap().replace('+', "%2B");
    let lookup = format!("/api/logs/errors/lookup?gemini_key={}&timestamp={at}", key("bad"));
    assert_eq!(get(&administrator, &lookup).await["id"], id);
    let other = format!("/api/logs/errors/lookup?gemini_key={}&timestamp={at}", key("good"));
    assert_eq!(administrator.get(&other).send().await.status, 404);

    let delete = |path: String| administrator.request("DELETE", &path).send();
    assert_eq!(delete(format!("/api/logs/errors/{}", id + 1)).await.status, 404);
    let body = json!({"ids": []}).to_string();
    let none = administrator.request("DELETE", "/api/logs/errors");
    let none = none.header("content-type", "application/json").body(body).send().await;
    assert_eq!(none.status, 400);
    let ask = administrator.request("DELETE", "/api/logs/errors");
    let ask = ask.header("content-type", "application/json").body(json!({"ids": [id]}).to_string());
    assert_eq!(ask.send().await.status, 204);
    assert_eq!(get(&administrator, "/api/logs/errors").await["total"], 0);
    assert_eq!(delete("/api/logs/errors/all".to_owned()).await.status, 204);
    assert_eq!(
        administrator.get(&format!("/api/logs/errors/{id}/details")).send().await.status,
        404
    );
}
