//! OpenAI's batches, done by Google's.

use fake_gemini::{FakeGemini, KeyPlan, Script};
use openapi::Document;
use serde_json::{Value, json};
use testkit::{Client, Gateway, MODEL, OTHER_MODEL, key};

use crate::files::other_client;
use crate::house::{house, parse, setup};
use crate::openai_files::post_form;

const CHATS: &str = "/v1/chat/completions";

/// Google with six keys, whose batches are ready after so many looks.
async fn many(looks: u32) -> (FakeGemini, Gateway) {
    let names: Vec<_> = (0..6).map(|number| key(&format!("k{number}"))).collect();
    let script = Script::new().keys(names.clone(), &KeyPlan::Valid).ready_after(looks);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names).start().await;
    (google, gateway)
}

fn line(id: &str, url: &str, body: &Value) -> String {
    json!({"custom_id": id, "method": "POST", "url": url, "body": body}).to_string()
}

fn chat(id: &str, said: &str) -> String {
    let messages = json!([{"role": "user", "content": said}]);
    line(id, CHATS, &json!({"model": MODEL, "messages": messages}))
}

/// Uploads lines; gives OpenAI's object for the file.
async fn upload(client: &Client, lines: &str) -> Value {
    let file = "name=\"file\"; filename=\"lines.jsonl\"\r\nContent-Type: application/octet-stream";
    let answer = post_form(client, &[("name=\"purpose\"", "batch"), (file, lines)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn wish(file: &Value, endpoint: &str) -> String {
    let (id, metadata) = (&file["id"], json!({"night": "shift"}));
    json!({"input_file_id": id, "endpoint": endpoint, "completion_window": "24h", "metadata": metadata})
        .to_string()
}

async fn make(client: &Client, lines: &str, endpoint: &str) -> Value {
    let file = upload(client, lines).await;
    let made = client.post("/v1/batches", wish(&file, endpoint)).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.json()["input_file_id"], file["id"]);
    made.json()
}

fn at(batch: &Value) -> String {
    format!("/v1/batches/{}", batch["id"].as_str().unwrap())
}

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(path).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// The lines of a batch's output or error file.
async fn content(client: &Client, id: &Value) -> Vec<Value> {
    let path = format!("/v1/files/{}/content", id.as_str().unwrap());
    let answer = client.get(&path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().lines().map(parse).collect()
}

/// OpenAI's example of a batch has nulls where its schema has none.
fn without_nulls(value: &Value) -> Value {
    let fields = value.as_object().unwrap().clone();
    Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

/// Holds a value against what OpenAI says of it.
fn check(component: &str, value: &Value) {
    if let Some(document) = Document::openai() {
        document.validator(component).check(component, value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_asked_and_their_answers_told() {
    let (google, mut gateway) = many(2).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let tools = json!([{"type": "function", "function": {"name": "get weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}}}}]);
    let messages = json!([{"role": "user", "content": "What is the weather in Oslo?"}]);
    let body = json!({"model": MODEL, "messages": messages, "tools": tools});
    let lines =
        [chat("one", "hello"), String::new(), line("two", CHATS, &body), chat("three", "bye")];
    let lines = lines.join("\n");
    let file = upload(&mine, &lines).await;
    assert_eq!((&file["purpose"], &file["bytes"]), (&json!("batch"), &json!(lines.len())));
    let id = file["id"].as_str().unwrap();
    let seen = get(&mine, &format!("/v1/files/{id}")).await;
    assert_eq!((&seen["purpose"], &seen["bytes"]), (&json!("batch"), &json!(lines.len())));
    assert_eq!(get(&mine, "/v1/files").await["data"][0]["purpose"], "batch");
    let refused = other.post("/v1/batches", wish(&file, CHATS)).send().await;
    assert_eq!((refused.status, &refused.json()["error"]["param"]), (404, &json!("input_file_id")));

    let made = mine.post("/v1/batches", wish(&file, CHATS)).send().await;
    assert_eq!(made.status, 200, "{}", made.text());
    let batch = made.json();
    assert_eq!((&batch["object"], &batch["status"]), (&json!("batch"), &json!("in_progress")));
    assert_eq!((&batch["metadata"]["night"], &batch["model"]), (&json!("shift"), &json!(MODEL)));
    assert_eq!(batch["request_counts"]["total"], 3);
    assert_eq!(other.get(&at(&batch)).send().await.status, 404);
    gateway.stop().await;
    gateway.start_again().await;
    let mine = gateway.client();
    let mut done = get(&mine, &at(&batch)).await;
    assert_eq!(done["status"], "in_progress");
    for _ in 0..3 {
        done = get(&mine, &at(&batch)).await;
    }
    assert_eq!((&done["status"], &done["error_file_id"]), (&json!("completed"), &Value::Null));
    check("Batch", &without_nulls(&done));
    assert_eq!(done["request_counts"], json!({"total": 3, "completed": 3, "failed": 0}));

    are_told(&content(&mine, &done["output_file_id"]).await);
    let output = done["output_file_id"].as_str().unwrap();
    let seen = get(&mine, &format!("/v1/files/{output}")).await;
    assert_eq!(seen["purpose"], "batch_output");
    assert_eq!(get(&mine, "/v1/batches").await["data"][0]["id"], batch["id"]);
    assert_eq!(google.strays(), 0);
}

/// The answers to the three questions.
fn are_told(answers: &[Value]) {
    let ids: Vec<_> = answers.iter().map(|line| line["custom_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["one", "two", "three"]);
    for answer in answers {
        assert_eq!(
            (&answer["response"]["status_code"], &answer["error"]),
            (&json!(200), &Value::Null)
        );
        check("CreateChatCompletionResponse", &answer["response"]["body"]);
        assert!(answer["response"]["request_id"].is_string());
    }
    let said = |answer: &Value| answer["response"]["body"]["choices"][0]["message"].clone();
    assert!(said(&answers[0])["content"].as_str().unwrap().contains("hello"), "{}", answers[0]);
    let call = &said(&answers[1])["tool_calls"][0]["function"]["name"];
    assert_eq!(call, "get weather", "the name that the client gave: {}", answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_refuses_is_in_the_error_file() {
    let (google, gateway) = many(0).await;
    let client = gateway.client();
    let body = |size: u64| {
        let base = json!({"model": "gemini-embedding-2", "input": "hello", "dimensions": size});
        line(&format!("of-{size}"), "/v1/embeddings", &base)
    };
    let lines = [body(128), body(1_000_000)].join("\n");
    let batch = make(&client, &lines, "/v1/embeddings").await;
    let done = get(&client, &at(&batch)).await;
    assert_eq!(done["request_counts"], json!({"total": 2, "completed": 1, "failed": 1}));
    let [good] = &content(&client, &done["output_file_id"]).await[..] else { panic!("{done}") };
    let vector = &good["response"]["body"]["data"][0]["embedding"];
    assert_eq!((&good["custom_id"], vector.as_array().unwrap().len()), (&json!("of-128"), 128));
    let [bad] = &content(&client, &done["error_file_id"]).await[..] else { panic!("{done}") };
    assert_eq!(
        (&bad["custom_id"], &bad["response"]["status_code"]),
        (&json!("of-1000000"), &json!(400))
    );
    let told = &bad["response"]["body"]["error"];
    assert!(told["message"].as_str().unwrap().contains("dimensionality"), "{bad}");
    let errors = format!("/v1/files/{}", done["error_file_id"].as_str().unwrap());
    assert_eq!(get(&client, &errors).await["id"], done["error_file_id"]);
    assert_eq!(client.request("DELETE", &errors).send().await.status, 400);
    let output = format!("/v1/files/{}", done["output_file_id"].as_str().unwrap());
    assert_eq!(client.request("DELETE", &output).send().await.status, 200);
    assert_eq!(client.get(&format!("{errors}/content")).send().await.status, 404);
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_with_mistakes_make_a_batch_that_failed() {
    let (google, gateway) = many(0).await;
    let client = gateway.client();
    let of_other_model =
        json!({"model": OTHER_MODEL, "messages": [{"role": "user", "content": "x"}]});
    let lines = [
        chat("one", "hello"),
        "{".to_owned(),
        chat("one", "again"),
        line("four", CHATS, &json!({"model": MODEL, "messages": [{"role": "nobody"}]})),
        line("five", CHATS, &of_other_model),
        line("six", "/v1/images/generations", &json!({})),
        line(
            "seven",
            CHATS,
            &json!({"model": MODEL, "stream": true, "messages": [{"role": "user", "content": "x"}]}),
        ),
    ];
    let batch = make(&client, &lines.join("\n"), CHATS).await;
    assert_eq!((&batch["status"], &batch["output_file_id"]), (&json!("failed"), &Value::Null));
    let told: Vec<_> = batch["errors"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].as_u64().unwrap(), one["code"].as_str().unwrap(), &one["param"]))
        .collect();
    let (id, role, model, url, stream) = (
        json!("custom_id"),
        json!("body.messages[0].role"),
        json!("body.model"),
        json!("url"),
        json!("body.stream"),
    );
    let expected = [
        (2, "invalid_json_line", &Value::Null),
        (3, "duplicate_custom_id", &id),
        (4, "invalid_value", &role),
        (5, "mismatched_model", &model),
        (6, "invalid_url", &url),
        (7, "unsupported_value", &stream),
    ];
    assert_eq!(told, expected);
    assert_eq!(get(&client, &at(&batch)).await, batch, "it stays as it is");
    let cancel = client.post(&format!("{}/cancel", at(&batch)), "").send().await;
    assert_eq!(cancel.status, 409, "{}", cancel.text());
    let batch = make(&client, &chat("one", "hello"), "/v1/embeddings").await;
    assert_eq!(batch["errors"]["data"][0]["code"], "mismatched_endpoint");
    let batch = make(&client, "\n", CHATS).await;
    assert_eq!(batch["errors"]["data"][0]["code"], "empty_file");
    let begun = google.received().iter().filter(|one| one.path.contains("batch")).count();
    assert_eq!(begun, 0, "Google heard of none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_cancelled_and_lists_have_pages() {
    let (google, gateway) = many(50).await;
    let client = gateway.client();
    let first = make(&client, &chat("a", "hello"), CHATS).await;
    let second = make(&client, &chat("a", "hello"), CHATS).await;
    let cancelled = client.post(&format!("{}/cancel", at(&first)), "").send().await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (200, &json!("cancelling")));
    let seen = get(&client, &at(&first)).await;
    assert_eq!((&seen["status"], &seen["output_file_id"]), (&json!("cancelled"), &Value::Null));
    let page = get(&client, "/v1/batches?limit=1").await;
    assert_eq!((&page["has_more"], &page["data"][0]["id"]), (&json!(true), &second["id"]));
    let rest = get(&client, &format!("/v1/batches?after={}", second["id"].as_str().unwrap())).await;
    assert_eq!(
        (&rest["has_more"], &rest["data"][0]["status"]),
        (&json!(false), &json!("cancelled"))
    );
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_make_no_sense_are_refused_by_name() {
    let (google, gateway) = house([("a", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let file = upload(&client, &chat("a", "hello")).await;
    let plain = post_form(
        &client,
        &[("name=\"purpose\"", "user_data"), ("name=\"file\"; filename=\"x\"", "text")],
    )
    .await;
    let before = google.received().len();
    for (body, status, param) in [
        (json!({}), 400, "input_file_id"),
        (json!({"input_file_id": "file-none"}), 400, "endpoint"),
        (
            json!({"input_file_id": "file-none", "endpoint": CHATS, "completion_window": "24h"}),
            404,
            "input_file_id",
        ),
        (
            json!({"input_file_id": plain.json()["id"], "endpoint": CHATS, "completion_window": "24h"}),
            400,
            "input_file_id",
        ),
        (
            json!({"input_file_id": file["id"], "endpoint": "/v1/responses", "completion_window": "24h"}),
            501,
            "endpoint",
        ),
        (
            json!({"input_file_id": file["id"], "endpoint": CHATS, "completion_window": "1h"}),
            400,
            "completion_window",
        ),
    ] {
        let refused = client.post("/v1/batches", body.to_string()).send().await;
        let told = refused.json();
        assert_eq!(
            (refused.status, &told["error"]["param"]),
            (status, &json!(param)),
            "{body}: {told}"
        );
    }
    for (method, path, status) in [
        ("PUT", "/v1/batches", 405),
        ("GET", "/v1/batches/batch_none", 404),
        ("POST", "/v1/batches/batch_none", 405),
        ("GET", "/v1/batches/batch_none/cancel", 405),
        ("POST", "/v1/batches/batch_none/cancel", 404),
        ("GET", "/v1/batches/batch_none/other", 404),
        ("GET", "/v1/batches?limit=0", 400),
        ("GET", "/v1/batches?after=batch_none", 404),
    ] {
        let answer = client.request(method, path).send().await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
    assert_eq!(google.received().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_names_only_what_is_its_clients() {
    let (google, gateway) = house([("a", KeyPlan::Valid)]).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let file = crate::files::upload(&mine, "a secret").await;
    let content = json!([{"type": "file", "file": {"file_id": file["name"]}}]);
    let messages = json!([{"role": "user", "content": content}]);
    let lines = line("a", CHATS, &json!({"model": MODEL, "messages": messages}));
    let theirs = make(&other, &lines, CHATS).await;
    let error = &theirs["errors"]["data"][0];
    assert_eq!((&error["code"], &error["line"]), (&json!("not_found"), &json!(1)), "{theirs}");
    let own = make(&mine, &lines, CHATS).await;
    let done = get(&mine, &at(&own)).await;
    assert_eq!(
        (&done["status"], &done["request_counts"]["failed"]),
        (&json!("completed"), &json!(0))
    );
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_of_lines_takes_no_memory() {
    let (google, gateway) = house([("a", KeyPlan::Valid)]).await;
    let client = gateway.client();
    upload(&client, &chat("first", "hello")).await;
    let said = "many words ".repeat(50_000);
    let lines: Vec<_> = (0..96).map(|number| chat(&format!("l{number}"), &said)).collect();
    let lines = lines.join("\n");
    let before = gateway.memory("VmRSS");
    let file = upload(&client, &lines).await;
    let grown = gateway.memory("VmHWM").saturating_sub(before);
    let name = file["id"].as_str().unwrap().replace("file-", "files/");
    let sent = google.content(&name).unwrap();
    assert_eq!(sent.split_inclusive(|byte| *byte == b'\n').count(), 96);
    assert!(grown <= 32 << 20, "{} MB took {grown} bytes", lines.len() >> 20);
}
