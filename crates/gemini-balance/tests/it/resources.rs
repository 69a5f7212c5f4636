//! Whatever exists in one project only keeps going there, for the token that made it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use fake_gemini::{FakeGemini, KeyPlan, Script};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use testkit::{Answer, Client, Gateway, MODEL, eventually, key};

use crate::files::{generate, other_client, upload};
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

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(path).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
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

/// Two clients, and what each has made.
struct Crowd {
    google: FakeGemini,
    clients: [Client; 2],
    made: [BTreeMap<String, &'static str>; 2],
    dead: BTreeSet<String>,
    random: StdRng,
}

const PROJECTS: usize = 12;
const KEYS: usize = 20;

fn member(number: usize) -> (String, String) {
    (key(&format!("n{number}")), format!("p{}", number % PROJECTS))
}

impl Crowd {
    /// Whether no key of the project of a name is alive.
    fn is_lost(&self, name: &str) -> bool {
        let projects = self.google.projects_of(name);
        let alive = |number: &usize| {
            let (key, project) = member(*number);
            projects.contains(&project) && !self.dead.contains(&key)
        };
        !(0..KEYS).any(|number| alive(&number))
    }

    fn pick(&mut self, who: usize) -> Option<(String, &'static str)> {
        let all: Vec<_> = self.made[who].iter().map(|(name, kind)| (name.clone(), *kind)).collect();
        all.choose(&mut self.random).cloned()
    }

    async fn make(&mut self, who: usize) {
        let kinds = ["files", "cachedContents", "batches", "operations", "interactions"];
        let kind = *kinds.choose(&mut self.random).unwrap();
        let client = &self.clients[who];
        let body =
            json!({"model": format!("models/{MODEL}"), "batch": {}, "input": "hi"}).to_string();
        let path = match kind {
            "files" => "/upload/v1beta/files?uploadType=media".to_owned(),
            "batches" => format!("/v1beta/models/{MODEL}:batchGenerateContent"),
            "operations" => format!("/v1beta/models/{MODEL}:predictLongRunning"),
            kind => format!("/v1beta/{kind}"),
        };
        let answer = client.post(&path, body).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let made = answer.json();
        let name = match kind {
            "files" => text(&made["file"], "name").to_owned(),
            "interactions" => format!("interactions/{}", text(&made, "id")),
            _ => text(&made, "name").to_owned(),
        };
        assert!(self.made[who].insert(name, kind).is_none());
    }

    /// Uses something by its path or within a prompt.
    async fn reach(&mut self, who: usize, name: &str, kind: &str) -> Answer {
        let client = self.clients[who].clone();
        match kind {
            "files" if self.random.random_bool(0.5) => generate(&client, &[name]).await,
            "interactions" if self.random.random_bool(0.5) => {
                let id = name.trim_start_matches("interactions/");
                let body = json!({"model": MODEL, "input": "hi", "previous_interaction_id": id});
                let answer = client.post("/v1beta/interactions", body.to_string()).send().await;
                if answer.status == 200 {
                    let made = format!("interactions/{}", text(&answer.json(), "id"));
                    self.made[who].insert(made, "interactions");
                }
                answer
            }
            _ => client.get(&format!("/v1beta/{name}")).send().await,
        }
    }

    async fn step(&mut self) {
        let who = usize::from(self.random.random_bool(0.5));
        let choice = self.random.random_range(0..10);
        match (choice, self.pick(who), self.pick(1 - who)) {
            (0..=3, Some((name, kind)), _) => {
                let answer = self.reach(who, &name, kind).await;
                let expected = if self.is_lost(&name) { 503 } else { 200 };
                assert_eq!(answer.status, expected, "{name}: {}", answer.text());
            }
            (4..=5, _, Some((name, kind))) => {
                let answer = self.reach(who, &name, kind).await;
                assert_eq!(answer.status, 404, "{name}: {}", answer.text());
            }
            (6, Some((name, _)), _) => {
                let answer =
                    self.clients[who].request("DELETE", &format!("/v1beta/{name}")).send().await;
                if self.is_lost(&name) && answer.status == 503 {
                    return;
                }
                assert_eq!(answer.status, 200, "{name}: {}", answer.text());
                self.made[who].remove(&name);
            }
            (7, ..) => {
                let list = get(&self.clients[who], "/v1beta/files?pageSize=100").await;
                let listed = list["files"].as_array().into_iter().flatten();
                let listed: BTreeSet<_> =
                    listed.map(|file| text(file, "name").to_owned()).collect();
                let own = self.made[who].iter().filter(|(_, kind)| **kind == "files");
                let own: BTreeSet<_> = own.map(|(name, _)| name.clone()).collect();
                // What comes out of operations are files too.
                assert!(listed.is_superset(&own), "{own:?} in {listed:?}");
                assert!(listed.iter().all(|name| !self.made[1 - who].contains_key(name)));
            }
            _ => self.make(who).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_two_clients_do_nothing_goes_astray_and_nothing_leaks() {
    let script = (0..KEYS).map(member).fold(Script::new(), |script, (key, project)| {
        script.key(&key, KeyPlan::Valid).project(project, [key])
    });
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).start().await;
    let list: Vec<_> = (0..KEYS)
        .map(member)
        .map(|(key, project)| json!({"key": key, "project": project}))
        .collect();
    let file = gateway.setup().directory().join("keys.json");
    std::fs::write(&file, json!(list).to_string()).unwrap();
    gateway.run(&["keys", "import", file.to_str().unwrap()]).await.ok();
    eventually("all keys are here", || async { gateway.keys("ready").await == KEYS as u64 }).await;
    gateway.run(&["config", "set", "FILE_AFFINITY", "0"]).await.ok();
    let clients = [gateway.client(), other_client(&gateway).await];
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| rand::rng().random());
    println!("SEED={seed}");
    let random = StdRng::seed_from_u64(seed);
    let mut crowd =
        Crowd { google, clients, made: Default::default(), dead: BTreeSet::new(), random };
    for step in 1..=200 {
        crowd.step().await;
        if step % 40 == 0 {
            for _ in 0..2 {
                let (dies, _) = member(crowd.random.random_range(0..KEYS));
                crowd.google.script().update(|script| script.key(&dies, KeyPlan::Leaked));
                crowd.dead.insert(dies);
            }
        }
    }
    assert_eq!(crowd.google.strays(), 0, "calls to a wrong project");
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
