//! OpenAI's files, kept as files of the Gemini API.

use fake_gemini::KeyPlan;
use serde_json::{Value, json};
use testkit::{Answer, Client, MODEL};

use crate::files::other_client;
use crate::house::house;

const EDGE: &str = "--------------------------of-a-form";

/// Sends a form.
pub(crate) async fn post_form(client: &Client, parts: &[(&str, &str)]) -> Answer {
    let mut pieces: Vec<String> = parts
        .iter()
        .map(|(head, content)| {
            format!("--{EDGE}\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
        })
        .collect();
    pieces.push(format!("--{EDGE}--\r\n"));
    let body = pieces.concat();
    let ask = client.request("POST", "/v1/files").body(body);
    ask.header("content-type", &format!("multipart/form-data; boundary={EDGE}")).send().await
}

async fn upload(client: &Client, content: &str) -> Value {
    let file = "name=\"file\"; filename=\"notes.txt\"\r\nContent-Type: text/plain";
    let answer = post_form(client, &[("name=\"purpose\"", "user_data"), (file, content)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_used_listed_and_deleted() {
    let keys = [("a", KeyPlan::Leaked), ("b", KeyPlan::Valid), ("c", KeyPlan::Valid)];
    let (google, gateway) = house(keys).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let file = upload(&mine, "all there is to know").await;
    let id = file["id"].as_str().unwrap();
    assert_eq!((&file["object"], &file["filename"]), (&json!("file"), &json!("notes.txt")));
    assert_eq!((&file["bytes"], &file["purpose"]), (&json!(20), &json!("user_data")));
    let name = id.replace("file-", "files/");
    assert_eq!(google.content(&name).unwrap(), "all there is to know");
    for path in ["/v1/chat/completions", "/v1/responses"] {
        let body = if path.ends_with("responses") {
            let content = json!([{"type": "input_file", "file_id": id}]);
            json!({"model": MODEL, "input": [{"role": "user", "content": content}]})
        } else {
            let content = json!([{"type": "file", "file": {"file_id": id}}]);
            json!({"model": MODEL, "messages": [{"role": "user", "content": content}]})
        };
        for _ in 0..3 {
            let answer = mine.post(path, body.to_string()).send().await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        assert_eq!(other.post(path, body.to_string()).send().await.status, 404);
    }
    let one = format!("/openai/v1/files/{id}");
    assert_eq!(mine.get(&one).send().await.json()["id"], id);
    for refused in [other.get(&one), other.request("DELETE", &one), mine.get("/v1/files/file-none")]
    {
        let refused = refused.send().await;
        assert_eq!(refused.status, 404, "{}", refused.text());
        assert_eq!(refused.json()["error"]["type"], "invalid_request_error");
    }
    let second = upload(&mine, "more").await;
    let page = mine.get("/v1/files?limit=1").send().await.json();
    assert_eq!((&page["has_more"], &page["data"][0]["id"]), (&json!(true), &second["id"]));
    let rest = mine.get(&format!("/v1/files?after={}", page["last_id"].as_str().unwrap()));
    let rest = rest.send().await.json();
    assert_eq!((&rest["has_more"], &rest["data"][0]["id"]), (&json!(false), &file["id"]));
    assert_eq!(other.get("/v1/files").send().await.json()["data"], json!([]));
    let gone = mine.request("DELETE", &one).send().await.json();
    assert_eq!(gone, json!({"id": id, "object": "file", "deleted": true}));
    assert!(google.content(&name).is_none());
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_make_no_sense_are_refused_by_name() {
    let (google, gateway) = house([("a", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let file = ("name=\"file\"; filename=\"x\"", "content");
    let late = post_form(&client, &[file, ("name=\"purpose\"", "batch")]).await;
    assert_eq!((late.status, &late.json()["error"]["param"]), (400, &json!("purpose")));
    let none = post_form(&client, &[("name=\"purpose\"", "batch")]).await;
    assert_eq!(none.status, 400, "{}", none.text());
    let plain = client.post("/v1/files", "{}").send().await;
    assert_eq!(plain.status, 400, "{}", plain.text());
    let limit = client.get("/v1/files?limit=0").send().await;
    assert_eq!((limit.status, &limit.json()["error"]["param"]), (400, &json!("limit")));
    for (method, path, status) in [
        ("PUT", "/v1/files", 405),
        ("POST", "/v1/files/file-x/content", 404),
        ("GET", "/v1/files/file-x/other", 404),
        ("POST", "/v1/uploads", 404),
        ("POST", "/v1/vector_stores", 404),
        ("POST", "/v1/batches", 400),
    ] {
        let answer = client.request(method, path).send().await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
    assert_eq!(google.received().len(), 0);
}
