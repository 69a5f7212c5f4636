//! Whatever exists in one project only keeps going there, for the token that made it.

use bytes::Bytes;
use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::{Value, json};
use testkit::{Client, Gateway, MODEL, eventually, key};

use crate::files::{other_client, upload};
use crate::house::setup;

/// A gateway with keys of so many projects, of which nobody has told it.
async fn many(keys: usize) -> (FakeGemini, Gateway) {
    let names: Vec<_> = (0..keys).map(|number| key(&format!("k{number}"))).collect();
    let script = Script::new().keys(names.clone(), &KeyPlan::Valid).ready_after(2);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names).start().await;
    (google, gateway)
}

async fn post(client: &Client, path: &str, body: &Value) -> Value {
    let answer = client.post(path, body.to_string()).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

pub(crate) async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(path).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

pub(crate) fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_are_used_changed_and_deleted_where_they_are() {
    let (google, gateway) = many(6).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let body = json!({"model": format!("models/{MODEL}"), "ttl": "300s", "displayName": "law"});
    let cache = post(&mine, "/v1beta/cachedContents", &body).await;
    let path = format!("/v1beta/{}", text(&cache, "name"));
    for number in 0..6 {
        let field = if number % 2 == 0 { "cachedContent" } else { "cached_content" };
        let body = json!({field: cache["name"], "contents": [{"parts": [{"text": "what?"}]}]});
        let method =
            if number % 3 == 0 { "streamGenerateContent?alt=sse" } else { "generateContent" };
        let path = format!("/v1beta/models/{MODEL}:{method}");
        let used = mine.post(&path, body.to_string()).send().await;
        assert_eq!(used.status, 200, "{}", used.text());
        assert_eq!(other.post(&path, body.to_string()).send().await.status, 404);
    }
    let longer = mine.request("PATCH", &format!("{path}?updateMask=ttl")).body(r#"{"ttl":"600s"}"#);
    assert_eq!(longer.send().await.json()["ttl"], "600s");
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(other.request(method, &path).body("{}").send().await.status, 404, "{method}");
    }
    let list = get(&mine, "/v1beta/cachedContents").await;
    assert_eq!(list["cachedContents"][0]["name"], cache["name"]);
    assert_eq!(list["cachedContents"][0]["ttl"], "600s", "as it was changed");
    assert_eq!(get(&other, "/v1beta/cachedContents").await, json!({}));
    assert_eq!(mine.request("DELETE", &path).send().await.json(), json!({}));
    assert_eq!(mine.get(&path).send().await.status, 404);
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_and_operations_are_followed_to_what_comes_out() {
    let (google, gateway) = many(6).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let input = upload(&mine, "{\"key\":\"1\",\"request\":{}}").await;
    let body =
        json!({"batch": {"displayName": "night", "inputConfig": {"fileName": input["name"]}}});
    let path = format!("/v1beta/models/{MODEL}:batchGenerateContent");
    let batch = post(&mine, &path, &body).await;
    assert_eq!(other.post(&path, body.to_string()).send().await.status, 404, "not its file");
    let film =
        post(&mine, "/v1beta/models/veo-3.1-generate-preview:predictLongRunning", &json!({})).await;
    for (work, begins) in
        [(&batch, "batches/"), (&film, "models/veo-3.1-generate-preview/operations/")]
    {
        let name = text(work, "name");
        assert!(name.starts_with(begins), "{name}");
        assert_eq!(other.get(&format!("/v1beta/{name}")).send().await.status, 404);
        let list = get(&mine, &format!("/v1beta/{}", &begins[..begins.len() - 1])).await;
        assert_eq!(list["operations"][0]["name"], work["name"], "{list}");
        let mut polls = 0;
        let done = loop {
            let seen = get(&mine, &format!("/v1beta/{name}")).await;
            if seen["done"] == true {
                break seen;
            }
            polls += 1;
            assert!(polls < 9, "{seen}");
        };
        let said = done.to_string();
        let at = said.find("files/").unwrap();
        let output = said[at..].split(['"', ':']).next().unwrap().to_owned();
        let download = format!("/v1beta/{output}:download?alt=media");
        let content = mine.get(&download).send().await;
        assert_eq!(content.body, google.content(&output).unwrap());
        assert_eq!(other.get(&download).send().await.status, 404);
    }
    let cancel = mine.post(&format!("/v1beta/{}:cancel", text(&batch, "name")), "{}").send().await;
    assert_eq!(cancel.status, 200);
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn interactions_go_on_where_they_began() {
    let (google, gateway) = many(6).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let path = "/v1beta/interactions";
    let mut last = post(&mine, path, &json!({"model": MODEL, "input": "hello"})).await;
    for number in 0..6 {
        let id = text(&last, "id").to_owned();
        let stream = number % 2 == 1;
        let body = json!({"model": MODEL, "input": "and?", "previous_interaction_id": id, "stream": stream});
        let refused = other.post(path, body.to_string()).send().await;
        assert_eq!(refused.status, 404, "{}", refused.text());
        let answer = mine.post(path, body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        last = if stream {
            let events = answer.events();
            assert_eq!(events.last().unwrap(), "[DONE]");
            let first: Value = serde_json::from_str(&events[0]).unwrap();
            first["interaction"].clone()
        } else {
            answer.json()
        };
    }
    let one = format!("{path}/{}", text(&last, "id"));
    assert_eq!(get(&mine, &one).await["id"], last["id"]);
    let cancelled = mine.post(&format!("{one}/cancel"), "{}").send().await;
    assert_eq!(cancelled.json()["status"], "cancelled");
    assert_eq!(other.request("DELETE", &one).send().await.status, 404);
    assert_eq!(mine.request("DELETE", &one).send().await.status, 200);
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_and_families_of_any_name_are_bound() {
    let (google, gateway) = many(6).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    for family in
        ["fileSearchStores", "corpora", "tunedModels", "agents", "webhooks", "credentials"]
    {
        let made = post(&mine, &format!("/v1beta/{family}"), &json!({"displayName": "x"})).await;
        // Google begins to tune a model by telling of the work.
        let name = made["metadata"]["tunedModel"].as_str().unwrap_or_else(|| text(&made, "name"));
        let path = format!("/v1beta/{name}");
        for _ in 0..3 {
            assert_eq!(get(&mine, &path).await["name"], name);
            get(&mine, &format!("{path}/permissions")).await;
        }
        assert_eq!(other.get(&path).send().await.status, 404, "{family}");
        assert_eq!(other.get(&format!("{path}/x")).send().await.status, 404, "{family}");
        let list = get(&mine, &format!("/v1beta/{family}")).await;
        assert_eq!(list[family][0]["name"], name);
    }
    let store = get(&mine, "/v1beta/fileSearchStores").await["fileSearchStores"][0].clone();
    let name = text(&store, "name");
    let path = format!("/upload/v1beta/{name}:uploadToFileSearchStore?uploadType=media");
    assert_eq!(other.request("POST", &path).body("text").send().await.status, 404);
    let operation = mine.request("POST", &path).body("text").send().await;
    assert_eq!(operation.status, 200, "{}", operation.text());
    assert!(text(&operation.json(), "name").starts_with(&format!("{name}/upload/operations/")));
    let tools = json!([{"fileSearch": {"fileSearchStoreNames": [name]}}]);
    let body = json!({"contents": [{"parts": [{"text": "find"}]}], "tools": tools}).to_string();
    let path = format!("/v1beta/models/{MODEL}:generateContent");
    for _ in 0..4 {
        assert_eq!(mine.post(&path, body.clone()).send().await.status, 200);
    }
    assert_eq!(other.post(&path, body).send().await.status, 404);
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expires_at_google_expires_here() {
    let (google, gateway) = many(4).await;
    let client = gateway.client();
    let body = json!({"model": format!("models/{MODEL}"), "ttl": "2s"});
    let cache = post(&client, "/v1beta/cachedContents", &body).await;
    let path = format!("/v1beta/{}", text(&cache, "name"));
    assert_eq!(client.get(&path).send().await.status, 200);
    let before = google.received().len();
    eventually("it has expired", || async { client.get(&path).send().await.status == 404 }).await;
    let asked = google.received().len();
    assert_eq!(client.get(&path).send().await.status, 404);
    assert_eq!(google.received().len(), asked, "nobody asks for what is over");
    assert!(asked >= before);
    assert_eq!(get(&client, "/v1beta/cachedContents").await, json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_that_nobody_knew_are_bound_by_what_answers_name() {
    let (google, gateway) = many(6).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    assert_eq!(get(&mine, "/v1beta/gizmos").await, json!({}), "Google's own list");
    let asked = google.received().len();
    for version in ["v1beta", "v1alpha", "gemini/v1"] {
        let path = format!("/{version}/gizmos");
        let made = post(&mine, &path, &json!({"colour": "red"})).await;
        let one = format!("/{version}/{}", text(&made, "name"));
        for _ in 0..4 {
            assert_eq!(get(&mine, &one).await["colour"], "red");
            get(&mine, &format!("{one}/parts/p")).await;
        }
        assert_eq!(mine.post(&format!("{one}:turn"), "{}").send().await.status, 200);
        for path in [one.clone(), format!("{one}/parts/p")] {
            assert_eq!(other.get(&path).send().await.status, 404, "{path}");
        }
        assert_eq!(other.request("DELETE", &one).send().await.status, 404);
        assert_eq!(get(&mine, &path).await["gizmos"][0]["name"], made["name"]);
        assert_eq!(get(&other, &path).await, json!({}));
        let upload = format!("/upload/v1beta/{}/parts?uploadType=media", text(&made, "name"));
        assert_eq!(other.post(&upload, "bytes").send().await.status, 404);
        assert_eq!(mine.request("DELETE", &one).send().await.status, 200);
    }
    assert_eq!(mine.get("/v1beta/gizmos/unknown").send().await.status, 404, "as Google says");
    assert!(google.received().len() > asked);
    assert_eq!(mine.anonymous("GET", "/v1beta/gizmos").send().await.status, 401);
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_any_kind_may_be_asked_for_and_put() {
    let (google, gateway) = many(3).await;
    let client = gateway.client();
    let made = post(&client, "/v1beta/environments", &json!({})).await;
    let name = text(&made, "name");
    let path = format!("/upload/v1beta/{name}/files/notes/today.txt");
    let put = client.request("PUT", &path).body(Bytes::from_static(b"\x00\xff bytes"));
    let answer = put.send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = google.received().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("PUT", path.as_str()));
    assert_eq!(seen.body, &b"\x00\xff bytes"[..]);
    let made_by = google.received().into_iter().find(|one| one.path == "/v1beta/environments");
    assert_eq!(seen.key, made_by.unwrap().key);
}
