//! What exists in projects: files, caches, batches and the rest, each seen by keys of its own project
//! only.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value};

use crate::errors;
use crate::reply::Reply;

/// Families whose members are found in requests.
const NAMED: [&str; 5] =
    ["files/", "cachedContents/", "fileSearchStores/", "tunedModels/", "corpora/"];

/// All that exists, by project and name.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    items: BTreeMap<(String, String), Item>,
    pub(crate) uploads: HashMap<String, Upload>,
    /// How often something of another project was asked for.
    pub(crate) strays: u64,
}

/// Something that exists.
#[derive(Clone, Debug, Default)]
pub(crate) struct Item {
    pub(crate) body: Map<String, Value>,
    /// By the virtual clock.
    pub(crate) expires: Option<i64>,
    /// How often it is looked at before what follows is true.
    pub(crate) polls: u32,
    /// What becomes of it.
    pub(crate) outcome: Option<Map<String, Value>>,
    /// What can be downloaded.
    pub(crate) content: Bytes,
    /// By the virtual clock.
    pub(crate) made: i64,
    /// How many sessions it has begun.
    pub(crate) used: u64,
}

/// An upload that has begun.
#[derive(Clone, Debug, Default)]
pub(crate) struct Upload {
    pub(crate) project: String,
    /// Below the version: `files`.
    pub(crate) target: String,
    pub(crate) mime: String,
    pub(crate) metadata: Value,
    pub(crate) received: Vec<u8>,
}

impl Shelf {
    pub(crate) fn put(&mut self, project: &str, name: &str, item: Item) {
        self.items.insert((project.to_owned(), name.to_owned()), item);
    }

    /// What has this name in this project, or Google's refusal.
    pub(crate) fn get(&mut self, project: &str, name: &str, now: i64) -> Result<&mut Item, Reply> {
        self.items.retain(|_, item| item.expires.is_none_or(|end| now < end));
        let place = (project.to_owned(), name.to_owned());
        if !self.items.contains_key(&place) {
            return Err(if self.stray(name) { denial(name) } else { refusal(name) });
        }
        self.items.get_mut(&place).ok_or_else(|| refusal(name))
    }

    /// Something that has not expired, and the project that it is in.
    pub(crate) fn find(&mut self, name: &str, now: i64) -> Option<(&str, &mut Item)> {
        let mut named = self.items.iter_mut().filter(|((_, one), _)| one == name);
        let ((project, _), item) = named.next()?;
        item.expires.is_none_or(|end| now < end).then_some((project.as_str(), item))
    }

    pub(crate) fn take(&mut self, project: &str, name: &str, now: i64) -> Result<Item, Reply> {
        self.get(project, name, now)?;
        let place = (project.to_owned(), name.to_owned());
        self.items.remove(&place).ok_or_else(|| refusal(name))
    }

    /// What a project has of a list.
    pub(crate) fn list(&self, project: &str, kind: &str) -> Vec<Value> {
        let is_member = |name: &str| {
            name.strip_prefix(kind)
                .and_then(|rest| rest.strip_prefix('/'))
                .is_some_and(|id| !id.contains('/'))
        };
        let mine =
            self.items.iter().filter(|((owner, name), _)| owner == project && is_member(name));
        mine.map(|(_, item)| Value::Object(item.body.clone())).collect()
    }

    /// The bytes of something, whatever its project.
    pub(crate) fn content(&self, name: &str) -> Option<Bytes> {
        let mut named = self.items.iter().filter(|((_, one), _)| one == name);
        named.next().map(|(_, item)| item.content.clone())
    }

    /// Which projects have something of this name.
    pub(crate) fn projects_of(&self, name: &str) -> Vec<String> {
        let named = self.items.keys().filter(|(_, one)| one == name);
        named.map(|(project, _)| project.clone()).collect()
    }

    /// Counts a question for what exists elsewhere.
    fn stray(&mut self, name: &str) -> bool {
        let is_elsewhere = self.items.keys().any(|(_, one)| one == name);
        self.strays += u64::from(is_elsewhere);
        is_elsewhere
    }

    /// Refuses a request that names what exists in other projects only. What exists nowhere passes:
    /// tests name files that nobody has made.
    pub(crate) fn reaches(&mut self, project: &str, body: &Value) -> Result<(), Reply> {
        if self.items.is_empty() {
            return Ok(());
        }
        let mut names = Vec::new();
        collect(body, &mut names);
        for name in names {
            let place = (project.to_owned(), name);
            if !self.items.contains_key(&place) && self.stray(&place.1) {
                return Err(denial(&place.1));
            }
        }
        Ok(())
    }
}

impl Item {
    /// Somebody looks: time goes on.
    pub(crate) fn look(&mut self) -> Value {
        if self.polls > 0 {
            self.polls -= 1;
        } else if let Some(outcome) = self.outcome.take() {
            self.body.extend(outcome);
        }
        Value::Object(self.body.clone())
    }
}

fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let found = NAMED.iter().find_map(|family| {
                let at = text.find(family)?;
                (at == 0 || text.starts_with("http")).then(|| &text[at..])
            });
            names
                .extend(found.map(|name| name.split([':', '?']).next().unwrap_or(name).to_owned()));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(fields) => {
            let spoken = fields.iter().filter(|(field, _)| *field != "text");
            spoken.for_each(|(_, value)| collect(value, names));
        }
        _ => {}
    }
}

/// As Google refuses what does not exist.
pub(crate) fn refusal(name: &str) -> Reply {
    match name.split_once('/') {
        Some(("files" | "cachedContents", _)) => denial(name),
        _ => errors::plain(StatusCode::NOT_FOUND, "NOT_FOUND", "Requested entity was not found."),
    }
}

/// As Google refuses what does not exist in a key's project.
pub(crate) fn denial(name: &str) -> Reply {
    let (family, id) = name.split_once('/').unwrap_or((name, ""));
    let message = match family {
        "files" => {
            format!("You do not have permission to access the File {id} or it may not exist.")
        }
        "cachedContents" => "CachedContent not found (or permission denied)".to_owned(),
        _ => "The caller does not have permission".to_owned(),
    };
    errors::plain(StatusCode::FORBIDDEN, "PERMISSION_DENIED", &message)
}
