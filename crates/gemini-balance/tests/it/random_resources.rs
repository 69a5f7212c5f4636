//! Two clients make, use, list and delete whatever Google keeps in projects, at random, while keys die:
//! nothing is asked of a project that does not have it, and nothing of one client is told to the other.

use std::collections::{BTreeMap, BTreeSet};

use fake_gemini::{FakeGemini, KeyPlan, Script};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use testkit::{Answer, Client, Gateway, MODEL, eventually, key};

use crate::files::{generate, other_client, upload};
use crate::house::setup;
use crate::resources::{get, text};

const PROJECTS: usize = 12;
const KEYS: usize = 20;
const STEPS: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    File,
    Cache,
    Batch,
    Film,
    Interaction,
    Store,
}

use Kind::{Batch, Cache, File, Film, Interaction, Store};

const KINDS: [Kind; 6] = [File, Cache, Batch, Film, Interaction, Store];

/// Two clients, and what each has made.
struct Crowd {
    google: FakeGemini,
    clients: [Client; 2],
    made: [BTreeMap<String, Kind>; 2],
    dead: BTreeSet<String>,
    random: StdRng,
    /// What was done, and how often.
    done: BTreeMap<String, usize>,
}

fn member(number: usize) -> (String, String) {
    (key(&format!("n{number}")), format!("p{}", number % PROJECTS))
}

fn prompt(extra: &Value) -> String {
    let mut body = json!({"contents": [{"role": "user", "parts": [{"text": "what is in it?"}]}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body.to_string()
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

    /// Something that one of them has made.
    fn pick(&mut self, who: usize) -> Option<(String, Kind)> {
        let all: Vec<_> = self.made[who].iter().map(|(name, kind)| (name.clone(), *kind)).collect();
        all.choose(&mut self.random).cloned()
    }

    fn pick_file(&mut self, who: usize) -> Option<String> {
        let files = self.made[who].iter().filter(|(_, kind)| **kind == File);
        let files: Vec<_> = files.map(|(name, _)| name.clone()).collect();
        files.choose(&mut self.random).cloned()
    }

    fn note(&mut self, what: impl Into<String>) {
        *self.done.entry(what.into()).or_default() += 1;
    }

    fn keep(&mut self, who: usize, name: String, kind: Kind) {
        assert!(!self.made[1 - who].contains_key(&name), "{name} is the other's");
        assert!(self.made[who].insert(name, kind).is_none());
    }

    async fn make(&mut self, who: usize) {
        let kind = *KINDS.choose(&mut self.random).unwrap();
        self.note(format!("make {kind:?}"));
        let client = self.clients[who].clone();
        let (path, body) = match kind {
            File => {
                let made = upload(&client, "{\"key\":\"1\",\"request\":{}}\n").await;
                return self.keep(who, text(&made, "name").to_owned(), kind);
            }
            Batch => return self.make_batch(who).await,
            Cache => ("/v1beta/cachedContents", json!({"model": format!("models/{MODEL}")})),
            Film => (
                "/v1beta/models/veo-3.1-generate-preview:predictLongRunning",
                json!({"instances": []}),
            ),
            Interaction => ("/v1beta/interactions", json!({"model": MODEL, "input": "hi"})),
            Store => ("/v1beta/fileSearchStores", json!({"displayName": "law"})),
        };
        let answer = client.post(path, body.to_string()).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let made = answer.json();
        let name = match kind {
            Interaction => format!("interactions/{}", text(&made, "id")),
            _ => text(&made, "name").to_owned(),
        };
        self.keep(who, name, kind);
    }

    /// Makes a batch of a file that somebody has made, if there is one.
    async fn make_batch(&mut self, who: usize) {
        let client = self.clients[who].clone();
        let path = format!("/v1beta/models/{MODEL}:batchGenerateContent");
        let foreign = self.pick_file(1 - who);
        if let Some(file) = foreign {
            let body = json!({"batch": {"inputConfig": {"fileName": file}}});
            let answer = client.post(&path, body.to_string()).send().await;
            assert_eq!(answer.status, 404, "a batch of {file}: {}", answer.text());
        }
        let own = self.pick_file(who);
        let config = own.iter().map(|file| ("inputConfig", json!({"fileName": file})));
        let body = json!({"batch": config.collect::<BTreeMap<_, _>>()});
        let answer = client.post(&path, body.to_string()).send().await;
        if own.is_some_and(|file| self.is_lost(&file)) {
            assert_eq!(answer.status, 503, "{}", answer.text());
            return self.note("batch of a lost file");
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.keep(who, text(&answer.json(), "name").to_owned(), Batch);
    }

    /// Uses something in one of the ways that it can be used in.
    async fn reach(&mut self, who: usize, name: &str, kind: Kind) -> Answer {
        let way = self.random.random_range(0..3);
        self.note(format!("reach {kind:?} {way}"));
        let client = self.clients[who].clone();
        let generates = format!("/v1beta/models/{MODEL}:generateContent");
        let path = format!("/v1beta/{name}");
        match (kind, way) {
            (File, 0 | 1) => generate(&client, &[name]).await,
            (Cache, 0) => {
                client.post(&generates, prompt(&json!({"cachedContent": name}))).send().await
            }
            (Cache, 1) => client.request("PATCH", &path).body(r#"{"ttl": "3000s"}"#).send().await,
            (Batch, 0) => client.post(&format!("{path}:cancel"), "{}").send().await,
            (Interaction, 0) => client.post(&format!("{path}/cancel"), "{}").send().await,
            (Interaction, 1) => self.go_on(who, name).await,
            (Store, 0) => {
                let tools = json!([{"fileSearch": {"fileSearchStoreNames": [name]}}]);
                client.post(&generates, prompt(&json!({"tools": tools}))).send().await
            }
            (Store, 1) => client.get(&format!("{path}/documents")).send().await,
            _ => client.get(&path).send().await,
        }
    }

    async fn go_on(&mut self, who: usize, name: &str) -> Answer {
        let id = name.trim_start_matches("interactions/");
        let stream = self.random.random_bool(0.5);
        let body =
            json!({"model": MODEL, "input": "hi", "previous_interaction_id": id, "stream": stream});
        let path = "/v1beta/interactions";
        let answer = self.clients[who].post(path, body.to_string()).send().await;
        if answer.status == 200 {
            let made = if stream {
                let first: Value = serde_json::from_str(&answer.events()[0]).unwrap();
                first["interaction"].clone()
            } else {
                answer.json()
            };
            self.keep(who, format!("interactions/{}", text(&made, "id")), Interaction);
        }
        answer
    }

    async fn delete(&mut self, who: usize, name: &str) -> Answer {
        self.clients[who].request("DELETE", &format!("/v1beta/{name}")).send().await
    }

    /// Names two files in one prompt.
    async fn both(&mut self, who: usize) {
        let (Some(one), Some(other)) = (self.pick_file(who), self.pick_file(who)) else { return };
        self.note("two files");
        let answer = generate(&self.clients[who], &[&one, &other]).await;
        let [one_in, other_in] = [&one, &other].map(|name| self.google.projects_of(name));
        let is_lost = self.is_lost(&one) || self.is_lost(&other);
        let expected: &[u16] = match (one_in == other_in, is_lost) {
            (true, false) => &[200],
            (true, true) => &[503],
            (false, false) => &[400],
            (false, true) => &[400, 503],
        };
        assert!(expected.contains(&answer.status), "{one}, {other}: {}", answer.text());
        if answer.status == 400 {
            let says = answer.text();
            assert!(says.contains(&one) && says.contains(&other), "{says}");
        }
    }

    /// All that a client has made of a kind is in its list, and nothing of the other's.
    async fn list(&mut self, who: usize) {
        let (kind, path, field) = *[
            (File, "files", "files"),
            (Cache, "cachedContents", "cachedContents"),
            (Batch, "batches", "operations"),
            (Film, "models/veo-3.1-generate-preview/operations", "operations"),
            (Store, "fileSearchStores", "fileSearchStores"),
        ]
        .choose(&mut self.random)
        .unwrap();
        self.note(format!("list {kind:?}"));
        let list = get(&self.clients[who], &format!("/v1beta/{path}?pageSize=100")).await;
        let listed = list[field].as_array().into_iter().flatten();
        let listed: BTreeSet<_> = listed.map(|one| text(one, "name").to_owned()).collect();
        let own = self.made[who].iter().filter(|(_, one)| **one == kind);
        let own: BTreeSet<_> = own.map(|(name, _)| name.clone()).collect();
        // What comes out of work are files, too.
        assert!(listed.is_superset(&own), "{own:?} in {listed:?}");
        assert!(listed.iter().all(|name| !self.made[1 - who].contains_key(name)), "{listed:?}");
        assert!(kind == File || listed == own, "{listed:?} for {own:?}");
    }

    async fn step(&mut self) {
        let who = usize::from(self.random.random_bool(0.5));
        let choice = self.random.random_range(0..12);
        match (choice, self.pick(who), self.pick(1 - who)) {
            (0..=3, Some((name, kind)), _) => {
                let answer = self.reach(who, &name, kind).await;
                let expected = if self.is_lost(&name) { 503 } else { 200 };
                assert_eq!(answer.status, expected, "{name}: {}", answer.text());
            }
            (4..=5, _, Some((name, kind))) => {
                let answer = self.reach(who, &name, kind).await;
                assert_eq!(answer.status, 404, "{name}: {}", answer.text());
                let answer = self.delete(who, &name).await;
                assert_eq!(answer.status, 404, "{name}: {}", answer.text());
            }
            (6, Some((name, _)), _) => {
                self.note("delete");
                let is_lost = self.is_lost(&name);
                let answer = self.delete(who, &name).await;
                let expected = if is_lost { 503 } else { 200 };
                assert_eq!(answer.status, expected, "{name}: {}", answer.text());
                if !is_lost {
                    self.made[who].remove(&name);
                    let gone = self.clients[who].get(&format!("/v1beta/{name}")).send().await;
                    assert_eq!(gone.status, 404, "{name}: {}", gone.text());
                }
            }
            (7, ..) => self.list(who).await,
            (8, ..) => self.both(who).await,
            _ => self.make(who).await,
        }
    }

    fn kill(&mut self) {
        let (dies, _) = member(self.random.random_range(0..KEYS));
        self.google.script().update(|script| script.key(&dies, KeyPlan::Leaked));
        self.dead.insert(dies);
    }
}

/// A gateway that knows the projects of its keys.
async fn house() -> (FakeGemini, Gateway) {
    let script = (0..KEYS).map(member).fold(Script::new(), |script, (key, project)| {
        script.key(&key, KeyPlan::Valid).project(project, [key])
    });
    let google = FakeGemini::start(script.ready_after(2)).await.unwrap();
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
    (google, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_two_clients_do_nothing_goes_astray_and_nothing_leaks() {
    let (google, gateway) = house().await;
    let clients = [gateway.client(), other_client(&gateway).await];
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| rand::rng().random());
    println!("SEED={seed}");
    let mut crowd = Crowd {
        google,
        clients,
        made: Default::default(),
        dead: BTreeSet::new(),
        random: StdRng::seed_from_u64(seed),
        done: BTreeMap::new(),
    };
    for step in 1..=STEPS {
        crowd.step().await;
        if step % 40 == 0 {
            crowd.kill();
            crowd.kill();
        }
    }
    println!("{:#?}", crowd.done);
    for kind in KINDS {
        assert!(crowd.done.contains_key(&format!("make {kind:?}")), "no {kind:?} was made");
    }
    assert_eq!(crowd.google.strays(), 0, "calls to a wrong project");
}
