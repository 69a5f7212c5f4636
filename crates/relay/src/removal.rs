//! Taking away what clients made, because an administrator wants it: at Google first, then here.

use std::sync::Arc;

use http::{HeaderMap, Method};
use keypool::{Admission, Ask, Outcome, Platform, Refusal, Usage};
use serde_json::Value;
use store::Resource;
use tokio::time::{Duration, Instant};
use upstream::{Answer, Broken, Call, Class, Client, Payload};

use crate::clock;
use crate::fingerprint::egress_seed;
use crate::gateway::Gateway;
use crate::lease::Held;
use crate::resources::Known;
use crate::resources::name::ResourcePath;

/// Longest time for one.
const PATIENCE: Duration = Duration::from_secs(30);

/// An error answer is shorter.
const ENOUGH: usize = 64 * 1024;

/// What became of a resource that was to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone, at Google and here.
    Removed,
    /// Google had it no more, or never heard of it; it is forgotten here.
    Forgotten,
    /// The register does not know it.
    Unknown,
    /// No key is left that reaches it. It stays in the register.
    NoKey,
    /// It stays, for now; in words without secrets.
    Stays(String),
}

impl Gateway {
    /// Removes a resource: asks Google through a key that reaches it, and forgets it.
    pub async fn remove_resource(self: &Arc<Self>, client: &Client, name: &str) -> Removal {
        let resource = match self.resources.fetch(name).await {
            Ok(Some(resource)) => resource,
            Ok(None) => return Removal::Unknown,
            Err(fault) => return Removal::Stays(fault.message),
        };
        let is_over = resource.expires_at.is_some_and(|end| end <= clock::now());
        let removed = match name_at_google(&resource) {
            Some(at_google) if !is_over => self.ask_to_remove(client, &resource, &at_google).await,
            // An upload that has begun is known here only.
            _ => Removal::Forgotten,
        };
        if matches!(removed, Removal::Removed | Removal::Forgotten) {
            return self.forget(name, removed).await;
        }
        removed
    }

    /// Forgets a resource, and leaves it at Google.
    pub async fn forget_resource(&self, name: &str) -> Removal {
        self.forget(name, Removal::Forgotten).await
    }

    async fn forget(&self, name: &str, removed: Removal) -> Removal {
        match self.resources.forget(name).await {
            Ok(()) => removed,
            Err(fault) => Removal::Stays(fault.message),
        }
    }

    async fn ask_to_remove(
        self: &Arc<Self>,
        client: &Client,
        resource: &Resource,
        name: &str,
    ) -> Removal {
        let mut bond = Known::of(resource).bond;
        let admission = {
            let mut pool = self.pool(Platform::Gemini);
            bond.project = pool.project_of(&bond.key).or(bond.project);
            pool.admit(&Ask { bond: Some(&bond), ..Ask::default() }, clock::now())
        };
        let lease = match admission {
            Admission::Granted(lease) => lease,
            Admission::Refused { why: Refusal::BondBroken, .. } => return Removal::NoKey,
            Admission::Refused { .. } | Admission::Wait { .. } => {
                let message = "The key that reaches it is out of quota, or avoided, just now.";
                return Removal::Stays(message.to_owned());
            }
        };
        let mut held = Held::new(self, Platform::Gemini, lease);
        held.route(&client.egresses(egress_seed(&held.key.id, 0)));
        let version = &self.configuration().settings.upstream.default_version;
        let answer = delete(client, &held, &target(version, name)).await;
        let (outcome, removal) = read(answer).await;
        held.settle(&outcome);
        removal.map_message(|message| self.redactor.redact(&message).into_owned())
    }
}

impl Removal {
    fn map_message(self, change: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Stays(message) => Self::Stays(change(message)),
            other => other,
        }
    }
}

/// Its whole name, which the register knows by a digest where it is very long; nothing for what
/// does not exist at Google.
fn name_at_google(resource: &Resource) -> Option<String> {
    let is_named = |name: &str| {
        let path = ResourcePath::parse_any(name);
        path.is_some_and(|path| path.root == Some(name) && path.kind == resource.kind)
    };
    if is_named(&resource.name) {
        return Some(resource.name.clone());
    }
    let body: Value = serde_json::from_str(&resource.body).ok()?;
    let text = |field: &str| body.get(field)?.as_str().map(str::to_owned);
    let with_kind = text("id").map(|id| format!("{}/{id}", resource.kind));
    [text("name"), text("id"), with_kind].into_iter().flatten().find(|name| is_named(name))
}

fn target(version: &str, name: &str) -> String {
    let path = ResourcePath::parse(name);
    // Google refuses to delete what is not empty, unless it is told to.
    let holds_others =
        path.is_some_and(|path| matches!(path.family.collection, "fileSearchStores" | "corpora"));
    let force = if holds_others { "?force=true" } else { "" };
    format!("/{version}/{name}{force}")
}

async fn delete(client: &Client, held: &Held, target: &str) -> Result<Answer, Broken> {
    let call = Call {
        method: &Method::DELETE,
        path_and_query: target,
        headers: &HeaderMap::new(),
        own_headers: None,
        key: &held.key.secret,
        egress: held.egress,
        body: Payload::default(),
        deadline: Some(Instant::now() + PATIENCE),
    };
    client.send(call).await
}

/// What the pool is told, and what became of the resource.
async fn read(answer: Result<Answer, Broken>) -> (Outcome, Removal) {
    let stays = |broken: &Broken| (broken.outcome(), Removal::Stays(broken.to_string()));
    let answer = match answer {
        Ok(answer) => answer,
        Err(broken) => return stays(&broken),
    };
    let Answer { status, headers, body } = answer;
    let body = match body.collect(ENOUGH).await {
        Ok(body) => body,
        Err(broken) => return stays(&broken),
    };
    if status.is_success() {
        return (Outcome::Served { usage: Usage::default() }, Removal::Removed);
    }
    let verdict = upstream::classify(status.as_u16(), &headers, &body, clock::now());
    let is_gone = status.as_u16() == 404 || verdict.class == Class::ForeignResource;
    let removal = if is_gone { Removal::Forgotten } else { Removal::Stays(verdict.message) };
    (verdict.outcome, removal)
}

#[cfg(test)]
mod tests {
    use keypool::Timestamp;

    use super::*;

    fn resource(name: &str, kind: &str, body: &str) -> Resource {
        Resource {
            name: name.to_owned(),
            kind: kind.to_owned(),
            key_id: "k".to_owned(),
            project: None,
            token_id: "t".to_owned(),
            state: String::new(),
            display_name: None,
            mime: None,
            size: None,
            created_at: Timestamp::from_millis(0),
            expires_at: None,
            body: body.to_owned(),
        }
    }

    #[test]
    fn a_long_name_is_found_in_what_google_said() {
        let named = |name, kind, body| name_at_google(&resource(name, kind, body));
        assert_eq!(named("files/a", "files", "{}").as_deref(), Some("files/a"));
        let digest = "0123456789abcdef";
        let long = format!(r#"{{"id":"{}"}}"#, "v".repeat(500));
        let found = named(digest, "interactions", &long).unwrap();
        assert_eq!(found, format!("interactions/{}", "v".repeat(500)));
        let long = r#"{"name":"models/veo/operations/o"}"#;
        let found = named(digest, "models/veo/operations", long);
        assert_eq!(found.as_deref(), Some("models/veo/operations/o"));
        assert_eq!(named("uploads/abc", "uploads", r#"{"target":"/upload/x"}"#), None);
        assert_eq!(named(digest, "files", r#"{"name":"batches/b"}"#), None, "of another kind");
    }

    #[test]
    fn stores_are_deleted_with_what_is_in_them() {
        assert_eq!(target("v1beta", "files/a"), "/v1beta/files/a");
        assert_eq!(target("v1beta", "fileSearchStores/s"), "/v1beta/fileSearchStores/s?force=true");
    }
}
