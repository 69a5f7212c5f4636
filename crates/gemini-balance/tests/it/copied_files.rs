//! Files of two projects in one request (`FILE_COPY`).

use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::{Value, json};
use testkit::{Client, Gateway, key};

use crate::files::{generate, upload};
use crate::house::setup;

/// A gateway whose files are spread over projects.
async fn spread(copies: bool) -> (FakeGemini, Gateway) {
    let names: Vec<_> = (0..8).map(|number| key(&format!("k{number}"))).collect();
    let script = Script::new().keys(names.clone(), &KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let setup = setup().google(&google).keys(names).with("FILE_AFFINITY", "0");
    let gateway = setup.with("FILE_COPY", copies.to_string()).start().await;
    (google, gateway)
}

/// A film, which Google has made; gives the name of its file.
async fn film(client: &Client) -> String {
    let path = "/v1beta/models/veo-3.1-generate-preview:predictLongRunning";
    let work = client.post(path, "{}").send().await.json();
    let path = format!("/v1beta/{}", work["name"].as_str().unwrap());
    let done = client.get(&path).send().await.json();
    let samples = &done["response"]["generateVideoResponse"]["generatedSamples"];
    let uri = samples[0]["video"]["uri"].as_str().unwrap_or_else(|| panic!("{done}"));
    let name = &uri[uri.find("files/").unwrap()..];
    name.split(':').next().unwrap().to_owned()
}

fn name(file: &Value) -> String {
    file["name"].as_str().unwrap().to_owned()
}

/// Something that is in another project than `file`.
async fn apart(google: &FakeGemini, client: &Client, file: &str) -> String {
    let home = google.projects_of(file);
    for _ in 0..50 {
        let other = name(&upload(client, "another").await);
        if google.projects_of(&other) != home {
            return other;
        }
    }
    panic!("all files go to {home:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_google_has_made_is_copied_to_where_the_rest_is() {
    let (google, gateway) = spread(true).await;
    let client = gateway.client();
    let film = film(&client).await;
    let other = apart(&google, &client, &film).await;
    let seen = google.received().len();
    for _ in 0..3 {
        let uri = format!("https://generativelanguage.googleapis.com/v1beta/{film}");
        let answer = generate(&client, &[&uri, &other]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let asked = &google.received()[seen..];
    let copied: Vec<_> = asked.iter().filter(|one| one.path.ends_with(":download")).collect();
    assert_eq!(copied.len(), 1, "the copy is used again");
    let prompt = asked.iter().rfind(|one| one.operation == "generateContent").unwrap();
    let prompt: Value = serde_json::from_slice(&prompt.body).unwrap();
    let uri = prompt["contents"][0]["parts"][0]["fileData"]["fileUri"].as_str().unwrap().to_owned();
    let copy = uri[uri.find("files/").unwrap()..].to_owned();
    assert_ne!(copy, film);
    assert_eq!(google.content(&copy), google.content(&film));
    assert_eq!(google.projects_of(&copy), google.projects_of(&other));
    let list = client.get("/v1beta/files?pageSize=100").send().await.text();
    assert!(list.contains(&copy), "it is the client's: {list}");
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_uploaded_cannot_be_copied_and_nothing_is_where_nobody_wants_it() {
    for copies in [true, false] {
        let (google, gateway) = spread(copies).await;
        let client = gateway.client();
        let first = if copies { name(&upload(&client, "one").await) } else { film(&client).await };
        let other = apart(&google, &client, &first).await;
        let answer = generate(&client, &[&first, &other]).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&first) && message.contains(&other), "{message}");
        assert!(message.contains("FILE_AFFINITY"), "{message}");
        assert_eq!(message.contains("none that was uploaded"), copies, "{message}");
        assert!(!google.received().iter().any(|one| one.path.ends_with(":download")));
        let alone = json!({"contents": [{"parts": [{"text": other}]}]}).to_string();
        let path = format!("/v1beta/models/{}:generateContent", testkit::MODEL);
        assert_eq!(client.post(&path, alone).send().await.status, 200);
        assert_eq!(google.strays(), 0);
    }
}
