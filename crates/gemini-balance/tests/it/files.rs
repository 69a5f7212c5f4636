//! Files: uploaded through the gateway, bound to the project that they are in, seen by whoever uploaded
//! them.

use bytes::Bytes;
use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::{Value, json};
use testkit::{Answer, Client, Gateway, MODEL, eventually, key};

use crate::house::{google, house, setup};

const UPLOADS: &str = "/upload/v1beta/files";

/// Begins an upload; gives the address to go on at, without what leads to the gateway.
async fn begin(client: &Client, path: &str, metadata: &Value, size: usize) -> String {
    let begun = begun(client, path, metadata, size).await;
    assert_eq!((begun.status, begun.text().as_str()), (200, ""), "{}", begun.text());
    assert_eq!(begun.header("x-goog-upload-status"), Some("active"));
    assert_eq!(begun.header("x-goog-upload-control-url"), None, "it is Google's own");
    let url = begun.header("x-goog-upload-url").unwrap().to_owned();
    let base = format!("http://{}", client.address());
    let path = url.strip_prefix(&base).unwrap_or_else(|| panic!("{url} leads elsewhere"));
    path.to_owned()
}

async fn begun(client: &Client, path: &str, metadata: &Value, size: usize) -> Answer {
    let ask = client.post(path, metadata.to_string());
    ask.header("x-goog-upload-protocol", "resumable")
        .header("x-goog-upload-command", "start")
        .header("x-goog-upload-header-content-length", &size.to_string())
        .header("x-goog-upload-header-content-type", "text/plain")
        .send()
        .await
}

/// A piece of a file, sent without a credential as SDKs do.
async fn piece(client: &Client, url: &str, command: &str, offset: usize, bytes: Bytes) -> Answer {
    let ask = client.anonymous("POST", url).header("x-goog-upload-command", command);
    ask.header("x-goog-upload-offset", &offset.to_string()).body(bytes).send().await
}

/// Uploads a file and gives what Google says of it.
pub(crate) async fn upload(client: &Client, bytes: impl Into<Bytes>) -> Value {
    let bytes = bytes.into();
    let metadata = json!({"file": {"displayName": "notes"}});
    let url = begin(client, UPLOADS, &metadata, bytes.len()).await;
    let ended = piece(client, &url, "upload, finalize", 0, bytes).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_eq!(ended.header("x-goog-upload-status"), Some("final"));
    ended.json()["file"].clone()
}

/// A prompt that names files.
pub(crate) fn prompt(uris: &[&str]) -> String {
    let files =
        uris.iter().map(|uri| json!({"fileData": {"mimeType": "text/plain", "fileUri": uri}}));
    let parts: Vec<_> = files.chain([json!({"text": "what is in it?"})]).collect();
    json!({"contents": [{"role": "user", "parts": parts}]}).to_string()
}

pub(crate) async fn generate(client: &Client, uris: &[&str]) -> Answer {
    let path = format!("/v1beta/models/{MODEL}:generateContent");
    client.post(&path, prompt(uris)).send().await
}

/// A gateway with keys of so many projects.
async fn many(keys: usize) -> (FakeGemini, Gateway) {
    let names: Vec<_> = (0..keys).map(|number| key(&format!("k{number}"))).collect();
    let script = Script::new().keys(names.clone(), &KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys(names).start().await;
    (google, gateway)
}

/// A client with a token of its own.
pub(crate) async fn other_client(gateway: &Gateway) -> Client {
    let token = gateway.run(&["tokens", "create", "other"]).await.ok();
    let client = gateway.client_with(token.trim());
    eventually("the token is known", || async {
        client.get("/v1beta/files").send().await.status == 200
    })
    .await;
    client
}

fn name(file: &Value) -> String {
    file["name"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_used_listed_and_deleted() {
    let (google, gateway) = many(6).await;
    let client = gateway.client();
    let content = "all that there is to know, ".repeat(3000);
    let (first, rest) = content.split_at(40_000);
    let url = begin(&client, UPLOADS, &json!({"file": {"displayName": "n"}}), content.len()).await;
    let answer = piece(&client, &url, "upload", 0, Bytes::from(first.to_owned())).await;
    assert_eq!(answer.header("x-goog-upload-status"), Some("active"));
    let rest = Bytes::from(rest.to_owned());
    let ended = piece(&client, &url, "upload, finalize", 40_000, rest).await;
    let file = ended.json()["file"].clone();
    let name = name(&file);
    assert_eq!(google.content(&name).unwrap(), content);
    let again = piece(&client, &url, "query", 0, Bytes::new()).await;
    assert_eq!(again.status, 404, "it has ended");

    let uri = file["uri"].as_str().unwrap();
    for number in 0..12 {
        let used = match number % 3 {
            0 => generate(&client, &[uri]).await,
            1 => generate(&client, &[&name]).await,
            _ => {
                let content = json!([
                    {"type": "file", "file": {"file_id": name}},
                    {"type": "text", "text": "what is in it?"},
                ]);
                let messages = json!([{"role": "user", "content": content}]);
                let body = json!({"model": MODEL, "messages": messages, "stream": number % 2 == 0});
                client.post("/v1/chat/completions", body.to_string()).send().await
            }
        };
        assert_eq!(used.status, 200, "{}", used.text());
        let seen = client.get(&format!("/v1beta/{name}")).send().await;
        assert_eq!(seen.json()["uri"], file["uri"]);
    }
    assert_eq!(google.strays(), 0);

    let list = client.get("/v1beta/files").send().await.json();
    assert_eq!(list["files"][0]["name"], file["name"]);
    assert_eq!(list["files"][0]["sizeBytes"], content.len().to_string());
    let gone = client.request("DELETE", &format!("/v1beta/{name}")).send().await;
    assert_eq!((gone.status, gone.json()), (200, json!({})));
    assert_eq!(client.get(&format!("/v1beta/{name}")).send().await.status, 404);
    assert_eq!(client.get("/v1beta/files").send().await.json(), json!({}));
    assert!(google.content(&name).is_none());
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_a_file() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let file = upload(&mine, "a secret").await;
    let name = name(&file);
    let before = google.received().len();
    let path = format!("/v1beta/{name}");
    for method in ["GET", "DELETE"] {
        let refused = other.request(method, &path).send().await;
        let unknown = other.request(method, "/v1beta/files/unheard-of").send().await;
        assert_eq!((refused.status, unknown.status), (404, 404));
        let expected = unknown.text().replace("files/unheard-of", &name);
        assert_eq!(refused.text(), expected);
        assert_eq!(refused.json()["error"]["status"], "NOT_FOUND");
    }
    assert_eq!(other.get("/v1beta/files").send().await.json(), json!({}));
    let uri = file["uri"].as_str().unwrap();
    assert_eq!(generate(&other, &[uri]).await.status, 404);
    // Whatever way the name is written.
    let hidden = prompt(&[uri]).replace("/files/", "/\\u0066iles/");
    let single = prompt(&[uri]).replace('"', "'");
    let path = format!("/v1beta/models/{MODEL}:generateContent");
    assert_eq!(other.post(&path, hidden).send().await.status, 404);
    assert_eq!(other.post(&path, single).send().await.status, 400);
    let packed = other.post(&path, prompt(&[uri])).header("content-encoding", "gzip").send().await;
    assert_eq!(packed.status, 415);
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": [
        {"type": "file", "file": {"file_id": name}}, {"type": "text", "text": "what?"},
    ]}]});
    let refused = other.post("/v1/chat/completions", body.to_string()).send().await;
    assert_eq!(refused.status, 404);
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains(&name));
    // A list of the whole project is nobody's business, however it is asked for.
    let list = other.post("/v1beta/files?$httpMethod=GET", "{}");
    list.header("x-http-method-override", "GET").send().await;
    let seen = &google.received()[before..];
    assert!(
        seen.iter()
            .all(|one| one.query.is_none() && !one.headers.contains_key("x-http-method-override"))
    );
    assert!(seen.iter().all(|one| one.method == "POST" && one.path == "/v1beta/files"), "{seen:?}");

    // The name of a file is free for nobody else, and a text that is a name is a text.
    let taken = begun(&other, UPLOADS, &json!({"file": {"name": name}}), 1).await;
    assert_eq!((taken.status, taken.json()["error"]["status"].as_str()), (409, Some("ABORTED")));
    let body = json!({"contents": [{"parts": [{"text": name}]}]}).to_string();
    assert_eq!(other.post(&path, body).send().await.status, 200);
    assert_eq!(generate(&mine, &[uri]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_shared_where_the_administrator_wants_it() {
    let google = google([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one"), key("two")]);
    let gateway = setup.with("FILES_USER_ISOLATION_ENABLED", "false").start().await;
    let (mine, other) = (gateway.client(), other_client(&gateway).await);
    let file = upload(&mine, "for all").await;
    let path = format!("/v1beta/{}", name(&file));
    assert_eq!(other.get("/v1beta/files").send().await.json()["files"][0]["name"], file["name"]);
    for _ in 0..4 {
        assert_eq!(generate(&other, &[file["uri"].as_str().unwrap()]).await.status, 200);
    }
    assert_eq!(other.request("DELETE", &path).send().await.status, 200);
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_cut_is_gone_on_with() {
    let (google, gateway) = many(5).await;
    let client = gateway.client();
    let content: Vec<u8> =
        (0..300_000_u32).map(|number| number.to_le_bytes()[number as usize % 3]).collect();
    let content = Bytes::from(content);
    let url = begin(&client, UPLOADS, &json!({}), content.len()).await;
    // A question lies between the two.
    google.script().update(|script| script.cut_uploads([120_000, usize::MAX, 50_000]));
    let mut offset = 0;
    let mut cuts = 0;
    let file = loop {
        let rest = content.slice(offset..);
        let answer = piece(&client, &url, "upload, finalize", offset, rest).await;
        if answer.status == 200 {
            break answer.json()["file"].clone();
        }
        assert_eq!(answer.status, 502, "{}", answer.text());
        cuts += 1;
        let stands = piece(&client, &url, "query", 0, Bytes::new()).await;
        assert_eq!(stands.header("x-goog-upload-status"), Some("active"));
        offset = stands.header("x-goog-upload-size-received").unwrap().parse().unwrap();
    };
    assert_eq!((cuts, offset), (2, 170_000));
    assert_eq!(google.content(&name(&file)).unwrap(), content);
    let wrong = begin(&client, UPLOADS, &json!({}), 9).await;
    assert_eq!(piece(&client, &wrong, "upload", 5, Bytes::from_static(b"12345")).await.status, 400);
    assert_eq!(piece(&client, &wrong, "cancel", 0, Bytes::new()).await.status, 200);
    assert_eq!(piece(&client, &wrong, "query", 0, Bytes::new()).await.status, 404);
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_keys_cost_an_upload_nothing() {
    let keys = [
        ("a", KeyPlan::Leaked),
        ("b", KeyPlan::Invalid),
        ("c", KeyPlan::Suspended),
        ("d", KeyPlan::Valid),
    ];
    for way in ["resumable", "raw", "multipart"] {
        let (google, gateway) = house(keys.clone()).await;
        let client = gateway.client();
        let file = match way {
            "resumable" => upload(&client, "some bytes").await,
            "raw" => {
                let ask = client.request("POST", &format!("{UPLOADS}?uploadType=media"));
                let ask = ask.header("content-type", "text/plain").body("some bytes");
                let answer = ask.send().await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                answer.json()["file"].clone()
            }
            _ => {
                let body = "--edge\r\nContent-Type: application/json\r\n\r\n\
                            {\"file\":{\"displayName\":\"notes\"}}\r\n--edge\r\n\
                            Content-Type: text/plain\r\n\r\nsome bytes\r\n--edge--\r\n";
                let ask =
                    client.request("POST", UPLOADS).header("x-goog-upload-protocol", "multipart");
                let ask = ask.header("content-type", "multipart/related; boundary=edge");
                let answer = ask.body(body).send().await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                answer.json()["file"].clone()
            }
        };
        assert_eq!(google.content(&name(&file)).unwrap(), "some bytes", "{way}");
        assert_eq!(file["mimeType"], "text/plain", "{way}");
        let used = generate(&client, &[file["uri"].as_str().unwrap()]).await;
        assert_eq!(used.status, 200, "{}", used.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_takes_no_memory() {
    let google = google([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one"), key("two")]);
    let gateway = setup.with("MAX_BODY_SIZE", "1MB").start().await;
    let client = gateway.client();
    upload(&client, "the first").await;
    let block: Vec<u8> =
        (0..1 << 20).map(|number: u32| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let content = Bytes::from(block.repeat(64));
    let before = gateway.memory("VmRSS");
    let file = upload(&client, content.clone()).await;
    let grown = gateway.memory("VmHWM").saturating_sub(before);
    assert_eq!(google.content(&name(&file)).unwrap(), content);
    assert!(grown <= 32 << 20, "64 MB took {grown} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_uploaded_together_can_be_used_together() {
    let (google, gateway) = many(8).await;
    let client = gateway.client();
    let mut uris = Vec::new();
    for number in 0..5 {
        let file = upload(&client, format!("file {number}")).await;
        uris.push(file["uri"].as_str().unwrap().to_owned());
    }
    let all: Vec<_> = uris.iter().map(String::as_str).collect();
    let answer = generate(&client, &all).await;
    assert_eq!(answer.status, 200, "{}", answer.text());

    gateway.run(&["config", "set", "FILE_AFFINITY", "0"]).await.ok();
    eventually("files are spread", || async {
        let file = upload(&client, "another").await;
        let answer = generate(&client, &[&uris[0], file["uri"].as_str().unwrap()]).await;
        let message = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        answer.status == 400
            && message.contains(file["name"].as_str().unwrap())
            && message.contains("FILE_AFFINITY")
    })
    .await;
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_are_made_where_files_are_and_files_go_where_stores_and_caches_are() {
    let (google, gateway) = many(8).await;
    for number in 0..3 {
        let token = gateway.run(&["tokens", "create", &format!("client{number}")]).await.ok();
        let client = gateway.client_with(token.trim());
        eventually("the token is known", || async {
            client.get("/v1beta/files").send().await.status == 200
        })
        .await;
        let made = |path: &str, body: Value| {
            let ask = client.post(path, body.to_string());
            async move {
                let answer = ask.send().await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                answer.json()
            }
        };
        let store = made("/v1beta/fileSearchStores", json!({})).await;
        let import = format!("/v1beta/{}:importFile", name(&store));
        let late = upload(&client, "a late one").await;
        made(&import, json!({"fileName": late["name"]})).await;
        let second = made("/v1beta/fileSearchStores", json!({})).await;
        let import = format!("/v1beta/{}:importFile", name(&second));
        made(&import, json!({"fileName": late["name"]})).await;

        let cache = made("/v1beta/cachedContents", json!({"model": MODEL})).await;
        let file = upload(&client, "used with the cache").await;
        let mut body: Value = serde_json::from_str(&prompt(&[&name(&file)])).unwrap();
        body["cachedContent"] = cache["name"].clone();
        made(&format!("/v1beta/models/{MODEL}:generateContent"), body).await;
    }
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_with_a_key_that_is_gone_is_out_of_reach_and_still_listed() {
    let names = ["a1", "a2", "b"].map(key);
    let script = Script::new().project("a", [&names[0], &names[1]]).key(&names[2], KeyPlan::Valid);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).start().await;
    for name in &names[..2] {
        gateway.run(&["keys", "add", name, "--project", "a"]).await.ok();
    }
    eventually("the keys serve", || async { gateway.keys("ready").await == 2 }).await;
    let client = gateway.client();
    let file = upload(&client, "kept").await;
    let uri = file["uri"].as_str().unwrap();
    gateway.run(&["keys", "add", &names[2]]).await.ok();
    eventually("another project is there", || async { gateway.keys("ready").await == 3 }).await;
    let path = format!("/v1beta/{}", name(&file));
    for (dies, status) in [(0, 200), (1, 503)] {
        google.script().update(|script| script.key(&names[dies], KeyPlan::Leaked));
        for _ in 0..3 {
            let answer = generate(&client, &[uri]).await;
            assert_eq!(answer.status, status, "{}", answer.text());
        }
        assert_eq!(client.get(&path).send().await.status, status);
    }
    let error = client.get(&path).send().await;
    let message = error.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("no other key can reach it"), "{message}");
    let list = client.get("/v1beta/files").send().await.json();
    assert_eq!(list["files"][0]["name"], file["name"]);
    assert_eq!(generate(&client, &[]).await.status, 200, "others go on");
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_survive_a_restart_and_are_known_to_other_processes() {
    let (google, mut gateway) = many(6).await;
    let file = upload(&gateway.client(), "kept").await;
    let begun = begin(&gateway.client(), UPLOADS, &json!({}), 4).await;
    assert_eq!(gateway.stop().await, Some(0));
    gateway.start_again().await;
    let client = gateway.client();
    for _ in 0..4 {
        assert_eq!(generate(&client, &[file["uri"].as_str().unwrap()]).await.status, 200);
    }
    let ended = piece(&client, &begun, "upload, finalize", 0, Bytes::from_static(b"more")).await;
    assert_eq!(ended.status, 200, "{}", ended.text());
    let database = format!("sqlite://{}", gateway.setup().database().display());
    let sibling = setup().google(&google).with("DATABASE_URL", database).start().await;
    let list = sibling.client().get("/v1beta/files?pageSize=1").send().await.json();
    let next = list["nextPageToken"].as_str().unwrap();
    let path = format!("/v1beta/files?pageSize=1&pageToken={next}");
    let rest = sibling.client().get(&path).send().await.json();
    assert_ne!(rest["files"][0]["name"], list["files"][0]["name"]);
    assert_eq!(rest["nextPageToken"], Value::Null);
    for _ in 0..4 {
        let answer = generate(&sibling.client(), &[file["uri"].as_str().unwrap()]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_acts_for_a_token_only_as_long_as_that_may_come_in() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let client = other_client(&gateway).await;
    let url = begin(&client, UPLOADS, &json!({}), 4).await;
    let stranger = url.replace("upload_id=", "upload_id=x");
    assert_eq!(piece(&client, &stranger, "query", 0, Bytes::new()).await.status, 404);
    assert_eq!(piece(&client, &url, "query", 0, Bytes::new()).await.status, 200);
    gateway.run(&["tokens", "revoke", "other"]).await.ok();
    eventually("the upload is over", || async {
        piece(&client, &url, "query", 0, Bytes::new()).await.status == 404
    })
    .await;
    let anonymous = client.anonymous("POST", UPLOADS).header("x-goog-upload-command", "start");
    assert_eq!(anonymous.send().await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_an_upload_is_the_one_that_clients_use() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let start = || {
        let ask = gateway.client().post("/gemini/upload/v1beta/files", "{}");
        ask.header("x-goog-upload-protocol", "resumable").header("x-goog-upload-command", "start")
    };
    let url = |answer: &Answer| answer.header("x-goog-upload-url").unwrap().to_owned();
    let forwarded =
        start().header("x-forwarded-proto", "https").header("x-forwarded-host", "ai.example.org");
    assert!(
        url(&forwarded.send().await)
            .starts_with("https://ai.example.org/upload/v1beta/files?upload_id=")
    );
    gateway.run(&["config", "set", "PUBLIC_URL", "https://gate.example.org/ai/"]).await.ok();
    eventually("the setting is in force", || async {
        url(&start().send().await)
            .starts_with("https://gate.example.org/ai/upload/v1beta/files?upload_id=")
    })
    .await;
}
