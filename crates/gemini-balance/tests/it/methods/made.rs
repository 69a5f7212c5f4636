//! What is made through the gateway, so that methods can be about it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::{Client, MODEL};

use super::table::Method;

/// A model that makes films.
const FILMS: &str = "veo-3.1-generate-preview";

/// What a client has made by now, by collection; anew where it was deleted.
pub(super) struct Made {
    pub(super) client: Client,
    pub(super) version: &'static str,
    names: BTreeMap<&'static str, String>,
}

impl Made {
    pub(super) fn new(client: Client, version: &'static str) -> Self {
        Self { client, version, names: BTreeMap::new() }
    }

    /// The path of a method with names in it, below the version. What it is about exists.
    pub(super) async fn path(&mut self, method: &Method) -> String {
        let path = match self.about(method).await {
            Some(name) => {
                let parts = name.split('/').count();
                let last = method.path.split('/').nth(parts - 1).unwrap();
                let behind = last.find(':').map_or("", |colon| &last[colon..]);
                let below: Vec<_> = method.path.split('/').skip(parts).collect();
                let rest = below.iter().map(|part| format!("/{part}")).collect::<String>();
                format!("{name}{behind}{rest}")
            }
            None => method.path.to_owned(),
        };
        let model = match method.id {
            "models.embedContent" | "models.batchEmbedContents" => "gemini-embedding-001",
            "models.predictLongRunning" | "models.operations.list" => FILMS,
            _ => MODEL,
        };
        filled(&path.replace("{model}", model))
    }

    /// The name of what a method is about.
    pub(super) async fn about(&mut self, method: &Method) -> Option<String> {
        let (collection, id) = method.path.split_once('/')?;
        let collection = match collection {
            "models" if id.contains("/operations/") => "operations",
            "models" | "dynamic" => return None,
            other => other,
        };
        Some(self.one_of(collection).await)
    }

    /// Something of a collection, made now if there is none.
    pub(super) async fn one_of(&mut self, collection: &'static str) -> String {
        if let Some(name) = self.names.get(collection) {
            return name.clone();
        }
        let name = self.make(collection).await;
        self.names.insert(collection, name.clone());
        name
    }

    /// Forgets what a method has deleted.
    pub(super) fn forget(&mut self, name: &str) {
        self.names.retain(|_, one| one != name);
    }

    async fn make(&self, collection: &str) -> String {
        let version = self.version;
        match collection {
            "files" => {
                let path = format!("/upload/{version}/files?uploadType=media");
                text(&self.post(&path, "a file".to_owned()).await["file"], "name")
            }
            "operations" => text(&self.film().await, "name"),
            "generatedFiles" => {
                let film = text(&self.film().await, "name");
                let done = ask(&self.client, "GET", &format!("/{version}/{film}")).send().await;
                text(&done.json()["response"]["generateVideoResponse"]["generatedFiles"][0], "name")
            }
            "batches" => {
                let path = format!("/{version}/models/{MODEL}:batchGenerateContent");
                text(&self.post(&path, json!({"batch": {}}).to_string()).await, "name")
            }
            "tunedModels" => {
                let begun = self.post(&format!("/{version}/tunedModels"), "{}".to_owned()).await;
                text(&begun["metadata"], "tunedModel")
            }
            "interactions" => {
                let body = json!({"model": MODEL, "input": "hello"}).to_string();
                let made = self.post(&format!("/{version}/interactions"), body).await;
                format!("interactions/{}", text(&made, "id"))
            }
            other => {
                let body = json!({"displayName": "made"}).to_string();
                text(&self.post(&format!("/{version}/{other}"), body).await, "name")
            }
        }
    }

    async fn film(&self) -> Value {
        let path = format!("/{}/models/{FILMS}:predictLongRunning", self.version);
        self.post(&path, "{}".to_owned()).await
    }

    async fn post(&self, path: &str, body: String) -> Value {
        let answer = ask(&self.client, "POST", path).body(body).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }
}

/// A request as Google's SDKs make it.
pub(super) fn ask(client: &Client, verb: &str, path: &str) -> testkit::Ask {
    client.anonymous(verb, path).header("x-goog-api-key", client.token())
}

/// The path with something in place of the names that need not exist.
fn filled(path: &str) -> String {
    let mut path = path.to_owned();
    while let Some((before, rest)) = path.split_once('{') {
        let (name, behind) = rest.split_once('}').unwrap();
        path = format!("{before}{name}-1{behind}");
    }
    path
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}
