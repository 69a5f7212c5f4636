//! The OpenAPI document, and whether the answers are what it says.

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{Client, Gateway, eventually, key};

use crate::house::{google, setup};
use crate::program::Program;

const PASSWORD: &str = "correct horse battery staple";

async fn gateway() -> (fake_gemini::FakeGemini, Gateway) {
    let google = google([("good", KeyPlan::Valid), ("bad", KeyPlan::Leaked)]).await;
    let setup = setup().google(&google).keys([key("bad"), key("good")]);
    let gateway = setup.with("AUTH_TOKEN", PASSWORD).start().await;
    (google, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_printed_and_served_alike() {
    let printed: Value = serde_json::from_str(&Program::new().ok(&["openapi"])).unwrap();
    assert_eq!(printed["openapi"], "3.1.0");
    let (_google, gateway) = gateway().await;
    let path = "/api/openapi.json";
    assert_eq!(gateway.client().anonymous("GET", path).send().await.status, 401);
    let served = gateway.client_with(PASSWORD).get(path).send().await;
    assert_eq!((served.status, served.json()), (200, printed));
}

/// What the document promises of an answer.
#[track_caller]
fn fits(document: &Value, method: &str, path: &str, status: u16, body: &Value) {
    let answers = &document["paths"][path][method]["responses"];
    let answer = &answers[status.to_string()];
    assert!(answer.is_object(), "{method} {path} is not said to answer {status}");
    let schema = &answer["content"]["application/json"]["schema"];
    let whole = json!({"allOf": [schema], "components": document["components"]});
    let validator = jsonschema::validator_for(&whole).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{method} {path}: {errors:#?}\n{body:#}");
}

async fn ask(client: &Client, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let ask = client.request(&method.to_uppercase(), path);
    let ask = match body {
        Some(body) => ask.header("content-type", "application/json").body(body.to_string()),
        None => ask,
    };
    let answer = ask.send().await;
    let body = if answer.body.is_empty() { Value::Null } else { answer.json() };
    (answer.status, body)
}

/// The ids of a key, and of a request that is in the log.
async fn served(gateway: &Gateway, administrator: &Client) -> (String, String) {
    let served = gateway.client().chat("hello").send().await;
    assert_eq!(served.status, 200);
    eventually("the request is in the log", || async {
        let requests = administrator.get("/api/admin/requests").send().await.json();
        requests["requests"].as_array().unwrap().len() == 1
    })
    .await;
    let keys = administrator.get("/api/admin/keys").send().await.json();
    let id = keys["keys"][0]["id"].as_str().unwrap().to_owned();
    (id, served.header("x-request-id").unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_what_the_document_says() {
    let (_google, gateway) = gateway().await;
    let administrator = gateway.client_with(PASSWORD);
    let document = administrator.get("/api/openapi.json").send().await.json();
    let (id, request) = served(&gateway, &administrator).await;

    let (status, begun) = ask(
        &administrator,
        "post",
        "/api/admin/keys/act",
        Some(json!({"action": "verify", "ids": [id]})),
    )
    .await;
    fits(&document, "post", "/api/admin/keys/act", status, &begun);
    let job = begun["job"].as_str().unwrap().to_owned();
    let (status, made) =
        ask(&administrator, "post", "/api/admin/tokens", Some(json!({"name": "laptop"}))).await;
    fits(&document, "post", "/api/admin/tokens", status, &made);
    let (status, begun) =
        ask(&administrator, "post", "/api/admin/keys", Some(json!({"keys": key("new")}))).await;
    fits(&document, "post", "/api/admin/keys", status, &begun);
    let (status, rows) =
        ask(&administrator, "patch", "/api/admin/settings", Some(json!({"MAX_RETRIES": "5"})))
            .await;
    fits(&document, "patch", "/api/admin/settings", status, &rows);

    for (path, id) in [
        ("/api/admin/pool", ""),
        ("/api/admin/forecast", ""),
        ("/api/admin/quota", ""),
        ("/api/admin/traffic", ""),
        ("/api/admin/errors", ""),
        ("/api/admin/keys", ""),
        ("/api/admin/keys/{id}", id.as_str()),
        ("/api/admin/keys/{id}", "nobody"),
        ("/api/admin/jobs", ""),
        ("/api/admin/jobs/{id}", job.as_str()),
        ("/api/admin/jobs/{id}", "nobody"),
        ("/api/admin/tokens", ""),
        ("/api/admin/requests", ""),
        ("/api/admin/requests/summary", ""),
        ("/api/admin/requests/{id}", request.as_str()),
        ("/api/admin/requests/{id}", "nobody"),
        ("/api/admin/files", ""),
        ("/api/admin/proxies", ""),
        ("/api/admin/proxies/{id}", "nobody"),
        ("/api/admin/settings", ""),
        ("/api/admin/audit", ""),
        ("/api/openapi.json", ""),
    ] {
        let (status, body) = ask(&administrator, "get", &path.replace("{id}", id), None).await;
        fits(&document, "get", path, status, &body);
    }
    refuses_as_it_says(&administrator, &document).await;
    let changed = json!({"project": "blue", "tags": ["paid"]});
    let path = format!("/api/admin/keys/{id}");
    assert_eq!(ask(&administrator, "patch", &path, Some(changed)).await.0, 204);
    assert_eq!(ask(&administrator, "delete", &path, None).await.0, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_made_and_changed_as_the_document_says() {
    let (_google, gateway) = gateway().await;
    let administrator = gateway.client_with(PASSWORD);
    let document = administrator.get("/api/openapi.json").send().await.json();
    let (status, made) =
        ask(&administrator, "post", "/api/admin/tokens", Some(json!({"name": "phone"}))).await;
    fits(&document, "post", "/api/admin/tokens", status, &made);
    let path = format!("/api/admin/tokens/{}", made["id"].as_str().unwrap());
    let limits = json!({"limits": {"requests_per_day": 9, "budget_per_month": "2.50"}});
    assert_eq!(ask(&administrator, "patch", &path, Some(limits)).await.0, 204);
    let (status, tokens) = ask(&administrator, "get", "/api/admin/tokens", None).await;
    fits(&document, "get", "/api/admin/tokens", status, &tokens);
    assert!(tokens.to_string().contains(r#""budget_per_month":"2.50""#), "{tokens}");
    let rotate = format!("{path}/rotate");
    let (status, made) =
        ask(&administrator, "post", &rotate, Some(json!({"overlap_hours": 1}))).await;
    fits(&document, "post", "/api/admin/tokens/{id}/rotate", status, &made);
    assert_eq!(ask(&administrator, "delete", &path, None).await.0, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_and_brought_is_as_the_document_says() {
    let (_google, gateway) = gateway().await;
    let administrator = gateway.client_with(PASSWORD);
    let document = administrator.get("/api/openapi.json").send().await.json();
    let (_, made) =
        ask(&administrator, "post", "/api/admin/tokens", Some(json!({"name": "phone"}))).await;
    let token = made["id"].as_str().unwrap();
    let (status, told) = ask(
        &administrator,
        "post",
        &format!("/api/admin/tokens/{token}/try"),
        Some(json!({"protocol": "chat", "model": testkit::MODEL})),
    )
    .await;
    fits(&document, "post", "/api/admin/tokens/{id}/try", status, &told);
    let (status, begun) =
        ask(&administrator, "post", "/api/admin/imports", Some(json!({"text": key("more")}))).await;
    fits(&document, "post", "/api/admin/imports", status, &begun);
    let import = begun["id"].as_str().unwrap().to_owned();
    for id in [import.as_str(), "nobody"] {
        let path = format!("/api/admin/imports/{id}");
        let (status, body) = ask(&administrator, "get", &path, None).await;
        fits(&document, "get", "/api/admin/imports/{id}", status, &body);
    }
}

/// Mistakes are answered as the document says, too.
async fn refuses_as_it_says(administrator: &Client, document: &Value) {
    for (method, path, body) in [
        ("post", "/api/admin/keys", json!({"keys": "none"})),
        ("post", "/api/admin/keys/act", json!({"action": "dance", "ids": ["x"]})),
        ("post", "/api/admin/files/act", json!({"action": "burn", "names": ["x"]})),
        ("post", "/api/admin/proxies", json!({"proxies": "ftp://x"})),
        ("post", "/api/admin/tokens", json!({"name": "laptop"})),
        ("patch", "/api/admin/settings", json!({"MAX_RETRIES": "many"})),
    ] {
        let (status, body) = ask(administrator, method, path, Some(body)).await;
        fits(document, method, path, status, &body);
        assert!(body["error"]["message"].is_string(), "{body}");
    }
}
