//! Every method of Google's API is routed: `docs/api.md` tells how, these tests that it is so.

mod asked;
mod description;
mod document;
mod made;
mod table;

use fake_gemini::{FakeGemini, KeyPlan, Script};
use serde_json::Value;
use testkit::{Client, Gateway, key};

use self::asked::{Asked, send};
use self::made::{Made, ask};
use self::table::{How, Method, treated};
use crate::files::other_client;
use crate::house::setup;

const VERSIONS: [&str; 3] = ["v1beta", "v1alpha", "v1"];

/// A gateway with keys of several projects, none of which sees what another has.
struct House {
    google: FakeGemini,
    _gateway: Gateway,
    mine: Client,
    other: Client,
}

impl House {
    async fn new() -> Self {
        let keys: Vec<_> = (0..6).map(|number| key(&format!("k{number}"))).collect();
        let script = Script::new().keys(keys.clone(), &KeyPlan::Valid).keep_answers();
        let google = FakeGemini::start(script).await.unwrap();
        let gateway = setup().google(&google).keys(keys).start().await;
        let (mine, other) = (gateway.client(), other_client(&gateway).await);
        Self { google, _gateway: gateway, mine, other }
    }

    /// What the client makes by one version of the API.
    fn made(&self, version: &'static str) -> Made {
        Made::new(self.mine.clone(), version)
    }

    /// The client asks for a method.
    async fn asks(&self, made: &mut Made, method: &Method) -> Asked {
        let below = made.path(method).await;
        let path = format!("/{}/{below}", made.version);
        send(&self.google, &self.mine, method, &path).await
    }

    /// The key that reaches something: each has a project of its own, of the same name.
    fn key_of(&self, name: &str) -> String {
        let [key] = self.google.projects_of(name).try_into().unwrap();
        key
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_any_key_can_do_comes_through_as_it_is() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut made = house.made(version);
        for method in treated(How::Pool) {
            house.asks(&mut made, method).await.came_through(method);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_come_through_as_they_are() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut made = house.made(version);
        for method in treated(How::Streams) {
            let asked = house.asks(&mut made, method).await;
            asked.came_through(method);
            let kind = asked.answer.header("content-type").unwrap();
            assert!(kind.starts_with("text/event-stream"), "{}: {kind}", method.id);
            assert!(asked.answer.ended_well);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_belongs_to_the_key_and_the_token_that_made_it() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut made = house.made(version);
        for method in treated(How::Makes) {
            let asked = house.asks(&mut made, method).await;
            let key = asked.came_through(method);
            let name = name_of(&asked.answer.json(), method);
            assert_eq!(house.key_of(&name), key, "{}", method.id);
            let path = format!("/{version}/{name}");
            for _ in 0..3 {
                let seen = ask(&house.mine, "GET", &path).send().await;
                assert_eq!(seen.status, 200, "{}: {}", method.id, seen.text());
            }
            let hidden = ask(&house.other, "GET", &path).send().await;
            assert_eq!(hidden.status, 404, "{}: {}", method.id, hidden.text());
        }
    }
    assert_eq!(house.google.strays(), 0);
}

/// What an answer says was made.
fn name_of(answer: &Value, method: &Method) -> String {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let name = match method.id {
        "interactions.create" => text(&answer["id"]).map(|id| format!("interactions/{id}")),
        "files.create" => text(&answer["file"]["name"]),
        "files.register" => text(&answer["files"][0]["name"]),
        "tunedModels.create" => text(&answer["metadata"]["tunedModel"]),
        _ => text(&answer["name"]),
    };
    name.unwrap_or_else(|| panic!("{}: nothing was made: {answer}", method.id))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_something_goes_to_its_key_for_its_token() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut made = house.made(version);
        for method in treated(How::Bound) {
            let path = format!("/{version}/{}", made.path(method).await);
            let name = made.about(method).await.unwrap();
            send(&house.google, &house.other, method, &path).await.found_nothing(method);
            let expected = house.key_of(&name);
            let asked = send(&house.google, &house.mine, method, &path).await;
            assert_eq!(asked.came_through(method), expected, "{}", method.id);
            if method.verb == "DELETE" && path.ends_with(&name) {
                made.forget(&name);
                let gone = send(&house.google, &house.mine, method, &path).await;
                assert_eq!(gone.answer.status, 404, "{}: {}", method.id, gone.answer.text());
                let may_be_a_strangers = !gone.received.is_empty();
                assert_eq!(may_be_a_strangers, has_strangers(&name), "{}", method.id);
            }
        }
    }
    assert_eq!(house.google.strays(), 0);
}

/// Whether others than the gateway's clients make such things, so that Google is asked about names
/// that nobody knows.
fn has_strangers(name: &str) -> bool {
    ["tunedModels/", "agents/", "voices/"].iter().any(|collection| name.starts_with(collection))
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_what_the_token_has_made_in_any_project() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut made = house.made(version);
        for method in treated(How::Lists) {
            let collection = method.path.rsplit('/').next().unwrap();
            let name = made.one_of(collection).await;
            let asked = house.asks(&mut made, method).await;
            assert_eq!(asked.answer.status, 200, "{}: {}", method.id, asked.answer.text());
            let field = if collection == "batches" { "operations" } else { collection };
            let list = asked.answer.json();
            let listed = list[field].as_array().unwrap_or_else(|| panic!("{}: {list}", method.id));
            let id = name.rsplit('/').next().unwrap();
            let is_it = |one: &Value| one["name"] == *name || one["id"] == id;
            assert!(listed.iter().any(is_it), "{}: {name} is not in {list}", method.id);
            let path = &asked.path;
            assert!(asked.received.iter().all(|one| one.path != *path), "{}", method.id);
            let theirs = ask(&house.other, "GET", path).send().await;
            assert!(!theirs.text().contains(id), "{}: {}", method.id, theirs.text());
        }
    }
    assert_eq!(house.google.strays(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_reach_the_key_that_they_belong_to() {
    let house = House::new().await;
    for version in VERSIONS {
        let mut made = house.made(version);
        for method in treated(How::Uploads) {
            let path = format!("/upload/{version}/{}", made.path(method).await);
            let about = made.about(method).await;
            let content = format!("{} by {version}", method.id);
            let upload = |client: &Client| {
                let path = format!("{path}?uploadType=media");
                ask(client, method.verb, &path).body(content.clone()).send()
            };
            house.google.forget_received();
            if about.is_some() {
                let hidden = upload(&house.other).await;
                assert_eq!(hidden.status, 404, "{}: {}", method.id, hidden.text());
                assert!(house.google.received().is_empty(), "{}", method.id);
            }
            let answer = upload(&house.mine).await;
            assert_eq!(answer.status, 200, "{}: {}", method.id, answer.text());
            let received = house.google.received();
            let last = received.last().unwrap();
            assert_eq!((last.method.as_str(), last.path.as_str()), (method.verb, path.as_str()));
            assert_eq!(last.body, content, "{}", method.id);
            assert!(answer.body == last.answer, "{}: {}", method.id, answer.text());
            let file = answer.json()["file"]["name"].as_str().map(str::to_owned);
            let key = house.key_of(&about.or(file).unwrap());
            assert!(received.iter().all(|one| one.key.as_ref() == Some(&key)), "{}", method.id);
        }
    }
    assert_eq!(house.google.strays(), 0);
}
