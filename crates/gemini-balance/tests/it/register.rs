//! What clients have made at Google, as the administrator sees it and takes it away.

use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::{Value, json};
use testkit::{Answer, Client, Gateway, MODEL, eventually, key};

use crate::files::{other_client, upload};
use crate::house::setup;

const PASSWORD: &str = "correct horse battery staple";

/// A gateway with so many keys, each of a project of its own.
async fn many(keys: usize) -> (FakeGemini, Gateway) {
    let names: Vec<_> = (0..keys).map(|number| key(&format!("k{number}"))).collect();
    let script = Script::new().keys(names.clone(), &KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys(names).with("AUTH_TOKEN", PASSWORD);
    (google, setup.start().await)
}

async fn send(client: &Client, method: &str, path: &str, body: Value) -> Answer {
    let ask = client.request(method, path).header("content-type", "application/json");
    ask.body(body.to_string()).send().await
}

async fn list(administrator: &Client, query: &str) -> Value {
    let answer = administrator.get(&format!("/api/admin/files{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn names(list: &Value) -> Vec<&str> {
    list["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect()
}

/// Does something to files, and gives the results of the job: names with codes.
async fn act(administrator: &Client, body: Value) -> Vec<(String, String)> {
    let begun = send(administrator, "POST", "/api/admin/files/act", body).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let path = format!("/api/admin/jobs/{}", begun.json()["job"].as_str().unwrap());
    eventually("the job is finished", || async {
        administrator.get(&path).send().await.json()["finished"] == true
    })
    .await;
    let job = administrator.get(&path).send().await.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = job["results"].as_array().unwrap().iter();
    results.map(|result| (text(&result["key"]), text(&result["code"]))).collect()
}

async fn cache(client: &Client) -> String {
    let body = json!({"model": format!("models/{MODEL}"), "ttl": "300s", "displayName": "law"});
    let made = client.post("/v1beta/cachedContents", body.to_string()).send().await;
    made.json()["name"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_listed_whoever_made_it_and_deleted_at_google() {
    let (google, gateway) = many(3).await;
    let administrator = gateway.client_with(PASSWORD);
    assert_eq!(list(&administrator, "").await["matching"], 0);
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let first = upload(&mine, "one, two").await["name"].as_str().unwrap().to_owned();
    let second = upload(&other, "three").await["name"].as_str().unwrap().to_owned();
    let cache = cache(&other).await;

    let all = list(&administrator, "").await;
    assert_eq!(names(&all), [&cache, &second, &first], "the newest first");
    let file = &all["files"][1];
    assert_eq!((&file["type"], &file["state"]), (&json!("file"), &json!("live")));
    assert_eq!((&file["display_name"], &file["size"]), (&json!("notes"), &json!(5)));
    assert_eq!(file["token_name"], "other");
    assert!(file["key"].as_str().unwrap().contains('…'), "{file}");
    assert!(!all.to_string().contains(&key("k0")), "a key in clear");
    let bytes: u64 =
        all["projects"].as_array().unwrap().iter().map(|one| one["bytes"].as_u64().unwrap()).sum();
    assert_eq!(bytes, 13, "of two files");
    assert_eq!(names(&list(&administrator, "?type=cache").await), [&cache]);
    let token = file["token_id"].as_str().unwrap();
    let own = list(&administrator, &format!("?token={token}&sort=made&per=25")).await;
    assert_eq!(names(&own), [&second, &cache]);
    let largest = list(&administrator, "?type=file&sort=-size").await;
    assert_eq!(names(&largest), [&first, &second]);
    assert_eq!(list(&administrator, "?type=store").await["matching"], 0);

    let done = act(&administrator, json!({"action": "delete", "names": [first]})).await;
    assert_eq!(done, [(first.clone(), "deleted".to_owned())]);
    assert!(google.content(&first).is_none(), "it is gone at Google");
    assert_eq!(mine.get(&format!("/v1beta/{first}")).send().await.status, 404);
    let done = act(&administrator, json!({"action": "delete", "names": [first]})).await;
    assert_eq!(done[0].1, "gone");
    let filter = json!({"action": "delete", "filter": {"token": token}});
    let mut done = act(&administrator, filter).await;
    done.sort();
    let mut expected = [cache, second].map(|name| (name, "deleted".to_owned()));
    expected.sort();
    assert_eq!(done, expected);
    assert_eq!(list(&administrator, "").await["matching"], 0);
    assert_eq!(google.strays(), 0);
    for (body, field) in [
        (json!({"action": "delete"}), "names"),
        (json!({"action": "burn", "names": ["files/a"]}), "action"),
        (json!({"action": "delete", "filter": {"token": "nobody's"}}), "names"),
    ] {
        let refused = send(&administrator, "POST", "/api/admin/files/act", body).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text().contains(field), "{}", refused.text());
    }
    let audit = administrator.get("/api/admin/audit").send().await.text();
    assert!(audit.contains("files.delete"), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_key_made_is_out_of_reach_and_can_only_be_forgotten() {
    let (google, gateway) = many(1).await;
    let administrator = gateway.client_with(PASSWORD);
    let file = upload(&gateway.client(), "a").await["name"].as_str().unwrap().to_owned();
    google.script().update(|script| script.key(key("k0"), KeyPlan::Leaked));
    assert_ne!(gateway.client().generate("hello").send().await.status, 200);
    let all = list(&administrator, "").await;
    assert_eq!(all["files"][0]["state"], "unreachable", "{all}");
    assert_eq!(all["counts"], json!({"live": 1, "unreachable": 1, "expired": 0}));
    assert_eq!(names(&list(&administrator, "?state=unreachable").await), [&file]);
    let delete = json!({"action": "delete", "filter": {"state": "unreachable"}});
    assert_eq!(act(&administrator, delete).await, [(file.clone(), "unreachable".to_owned())]);
    assert_eq!(list(&administrator, "").await["matching"], 1, "it stays");
    let forget = json!({"action": "forget", "names": [file]});
    assert_eq!(act(&administrator, forget).await, [(file.clone(), "forgotten".to_owned())]);
    assert_eq!(list(&administrator, "").await["matching"], 0);
    assert!(google.content(&file).is_some(), "Google has it still");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_deletes_a_key_is_told_what_goes_with_it() {
    let (_google, gateway) = many(2).await;
    let administrator = gateway.client_with(PASSWORD);
    let keys = administrator.get("/api/admin/keys").send().await.json();
    let keys: Vec<String> =
        (0..2).map(|at| keys["keys"][at]["id"].as_str().unwrap().into()).collect();
    upload(&gateway.client(), "a").await;
    upload(&gateway.client(), "b").await;
    let maker = list(&administrator, "").await["files"][0]["key_id"].as_str().unwrap().to_owned();
    let other = keys.iter().find(|key| **key != maker).unwrap().clone();
    let made = list(&administrator, &format!("?key={maker}")).await["matching"].as_u64().unwrap();
    assert_eq!(made, 2, "they follow each other");

    // As long as another key of the project is there, nothing is lost.
    for key in &keys {
        let path = format!("/api/admin/keys/{key}");
        let changed = send(&administrator, "PATCH", &path, json!({"project": "shop"})).await;
        assert_eq!(changed.status, 204);
    }
    eventually("the pool knows the project", || async {
        names(&list(&administrator, "?project=shop").await).len() == 2
    })
    .await;
    let gone = administrator.request("DELETE", &format!("/api/admin/keys/{other}")).send().await;
    assert_eq!((gone.status, gone.text().as_str()), (204, ""));
    eventually("the key has left", || async { gateway.keys("total").await == 1 }).await;
    let begun = json!({"action": "remove", "ids": [maker]});
    let begun = send(&administrator, "POST", "/api/admin/keys/act", begun).await;
    assert_eq!((begun.status, begun.json()["lost_files"].as_u64()), (202, Some(2)));
    eventually("they are out of reach", || async {
        list(&administrator, "").await["counts"]["unreachable"] == 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_cleaned_away() {
    let (_google, gateway) = many(1).await;
    let administrator = gateway.client_with(PASSWORD);
    let body = json!({"model": format!("models/{MODEL}"), "ttl": "0s"});
    gateway.client().post("/v1beta/cachedContents", body.to_string()).send().await;
    upload(&gateway.client(), "a").await;
    eventually("the cache has expired", || async {
        list(&administrator, "?state=expired").await["matching"] == 1
    })
    .await;
    let cleaned = administrator.request("DELETE", "/api/admin/files/expired").send().await;
    assert_eq!(cleaned.json(), json!({"forgotten": 1}));
    let left = list(&administrator, "").await;
    assert_eq!((left["matching"].as_u64(), left["counts"]["expired"].as_u64()), (Some(1), Some(0)));
}
