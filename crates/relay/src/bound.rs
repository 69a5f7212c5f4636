//! Where a request meets what exists in one project only: it is bound to the key that reaches what it
//! names, and what its answer names is bound to the key that gave it.

mod copying;
mod moved;

use bytes::Bytes;
use http::StatusCode;
use keypool::{Bond, KeyId};
use store::Resource;
use upstream::Payload;

use self::copying::Moved;
use crate::answer::Fault;
use crate::clock;
use crate::exchange::InProgress;
use crate::lost::Lost;
use crate::outline::Outline;
use crate::resources::name::{self, ResourcePath, kind_of_root};
use crate::resources::scan::{self, Ambiguous};
use crate::resources::told::{self, Told};
use crate::resources::{Known, Resources};

const REJECTED: &str = "rejected";

const APART: &str = "resources_apart";

const UPLOAD_AGAIN: &str = "Upload again what belongs together, one soon after the other \
                            (FILE_AFFINITY): then it is kept in one project.";

/// What one request may name several of.
const USED_TOGETHER: [&str; 4] = ["files", name::UPLOADS, "fileSearchStores", "cachedContents"];

/// What a request is bound to, and by what name.
#[derive(Clone, Debug)]
pub(crate) struct Tie {
    pub(crate) bond: Bond,
    name: String,
}

impl Tie {
    /// A session that shall go on, or a token of one.
    pub(crate) fn to_session(bond: Bond) -> Self {
        Self { bond, name: "the session".to_owned() }
    }
}

impl InProgress {
    /// Binds the request to what its path names. A name that nobody knows is refused, unless others
    /// than the gateway's clients may have made it.
    pub(crate) async fn bind_to(&mut self, path: &ResourcePath<'_>) -> Result<(), Fault> {
        let Some(root) = path.root else { return Ok(()) };
        match self.own(root).await? {
            Some(known) => self.tie(root, known),
            None if path.family.has_strangers => Ok(()),
            None => Err(not_found(root)),
        }
    }

    /// Binds the request to what its body names. A name that nobody knows is Google's to judge. Gives
    /// the body to send in place of this one, where files had to be copied for it.
    pub(crate) async fn bind_body(
        &mut self,
        body: &Payload,
        outline: &Outline,
    ) -> Result<Option<Payload>, Lost> {
        let names = match scan::names(body.text(), outline) {
            Ok(names) if names.is_empty() => return Ok(None),
            Ok(names) => names,
            Err(Ambiguous) => return Err(Lost::Fault(ambiguous(), REJECTED)),
        };
        let bound = Box::pin(self.bind_names(names)).await;
        let moved = bound.map_err(|fault| Lost::Fault(fault, REJECTED))?;
        Ok((!moved.is_empty()).then(|| moved::renamed(&body.whole(), &moved).into()))
    }

    /// Binds the request to all of them. Gives those that are elsewhere now, and what they are called
    /// there.
    async fn bind_names(&mut self, names: Vec<String>) -> Result<Vec<Moved>, Fault> {
        let mut all = Vec::new();
        for name in names {
            if let Some(known) = self.own(&name).await? {
                all.push((name, known));
            }
        }
        let before = self.tie.clone();
        let tied = all.iter().try_for_each(|(name, known)| self.tie(name, known.clone()));
        let Err(fault) = tied else { return Ok(Vec::new()) };
        if fault.code != Some(APART) || !self.configuration.settings.pool.file_copy {
            return Err(fault);
        }
        self.tie = before;
        self.bring_together(all).await
    }

    /// Binds the request to a key that was asked for by its id.
    pub(crate) fn bind_to_key(&mut self, key: KeyId) {
        let name = format!("the key {key}");
        self.tie = Some(Tie { bond: self.bond_of(key), name });
    }

    /// Binds the request to the key that has just answered for it.
    pub(crate) fn bind_to_answering_key(&mut self, name: &str) {
        if let Some(key) = self.entry.key_id().cloned() {
            let bond = self.bond_of(key);
            self.tie = Some(Tie { bond, name: name.to_owned() });
        }
    }

    /// Lets the request go, if possible, where the client's last file, store or cache went a moment
    /// ago: so that what is made one after the other can be used together.
    pub(crate) async fn prefer_last_project(&mut self) -> Result<(), Fault> {
        let lasts = self.configuration.settings.pool.file_affinity;
        if self.tie.is_some() || lasts.is_zero() {
            return Ok(());
        }
        let owner = self.entry.token_id();
        let mut newest: Option<Resource> = None;
        for kind in USED_TOGETHER {
            let last = self.gateway.resources.list(kind, Some(&owner), None, 1).await?;
            newest = newest.into_iter().chain(last).max_by_key(|one| one.created_at);
        }
        let recent = newest.filter(|newest| clock::now() < newest.created_at + lasts);
        if let Some(recent) = recent {
            self.prefers = Some(self.up_to_date(Known::of(&recent).bond));
        }
        Ok(())
    }

    /// What is known of a name, which must not be somebody else's.
    pub(crate) async fn own(&self, name: &str) -> Result<Option<Known>, Fault> {
        let known = self.gateway.resources.find(name).await?;
        match known {
            Some(known) if !self.may_see(&known, name) => Err(not_found(name)),
            known => Ok(known),
        }
    }

    fn may_see(&self, known: &Known, name: &str) -> bool {
        let is_shared = || !self.files_are_isolated() && kind_of_root(name) == Some("files");
        known.owner == self.entry.token_id() || is_shared()
    }

    /// Whether clients see only their own files.
    pub(crate) fn files_are_isolated(&self) -> bool {
        self.configuration.settings.security.files_isolated
    }

    /// Adds something that the request needs, which must be within reach of what else it needs.
    pub(crate) fn tie(&mut self, name: &str, known: Known) -> Result<(), Fault> {
        let bond = self.up_to_date(known.bond);
        match &self.tie {
            Some(tie) if is_same_project(&tie.bond, &bond) => Ok(()),
            Some(tie) => Err(apart(&tie.name, name, UPLOAD_AGAIN)),
            None => {
                self.tie = Some(Tie { bond, name: name.to_owned() });
                Ok(())
            }
        }
    }

    /// An administrator may have given the key a project since.
    fn up_to_date(&self, bond: Bond) -> Bond {
        let Bond { key, project } = bond;
        let now = self.bond_of(key);
        Bond { project: now.project.or(project), ..now }
    }

    fn bond_of(&self, key: KeyId) -> Bond {
        let project = self.gateway.pool(self.platform).project_of(&key);
        Bond { key, project }
    }

    /// Writes down what an answer tells of, before the client hears of it. `kind` is the list that
    /// the request was about.
    pub(crate) async fn learn(&mut self, answer: &Bytes, kind: Option<&str>) -> Result<(), Fault> {
        self.learn_if(answer, kind, is_news).await
    }

    /// The same after a change, which may be of anything.
    pub(crate) async fn learn_anew(&mut self, answer: &Bytes, kind: &str) -> Result<(), Fault> {
        self.learn_if(answer, Some(kind), |_, told| !told.is_mention).await
    }

    async fn learn_if(
        &mut self,
        answer: &Bytes,
        kind: Option<&str>,
        is_news: fn(&Known, &Told) -> bool,
    ) -> Result<(), Fault> {
        let told = told::told(answer, kind, clock::now());
        if told.is_empty() {
            return Ok(());
        }
        let Some(key) = self.entry.key_id().cloned() else { return Ok(()) };
        let bond = self.bond_of(key);
        for told in told {
            self.learn_one(told, &bond, is_news).await?;
        }
        Ok(())
    }

    async fn learn_one(
        &self,
        told: Told,
        bond: &Bond,
        is_news: fn(&Known, &Told) -> bool,
    ) -> Result<(), Fault> {
        let resources = &self.gateway.resources;
        let known = resources.find(&told.name).await?;
        if known.as_ref().is_some_and(|known| !is_news(known, &told)) {
            return Ok(());
        }
        let name = told.name.clone();
        let is_theirs = known.as_ref().is_some_and(|known| !self.may_see(known, &name));
        let known = known.unwrap_or_else(|| Known {
            owner: self.entry.token_id(),
            bond: bond.clone(),
            expires: told.usual_end,
            state: "".into(),
        });
        if !is_theirs && keep(resources, told, known).await? {
            return Ok(());
        }
        let message = format!("{name} already exists.");
        Err(Fault::new(StatusCode::CONFLICT, "already_exists", message))
    }
}

async fn keep(resources: &Resources, told: Told, known: Known) -> Result<bool, Fault> {
    let Known { owner, bond, expires, .. } = known;
    let kind = told.name.rsplit_once('/').map_or("", |(kind, _)| kind).to_owned();
    let resource = Resource {
        kind,
        key_id: bond.key.to_string(),
        project: bond.project.as_deref().map(str::to_owned),
        token_id: owner.to_string(),
        state: told.state,
        display_name: told.display_name,
        mime: told.mime,
        size: told.size,
        created_at: clock::now(),
        expires_at: told.expires.or(expires),
        body: told.body,
        name: told.name,
    };
    resources.keep(resource).await
}

/// Whether an answer says something new of what is known.
fn is_news(known: &Known, told: &Told) -> bool {
    let ends_otherwise = told.expires.is_some() && told.expires != known.expires;
    !told.is_mention && (*known.state != *told.state || ends_otherwise)
}

/// The same for what does not exist and for what belongs to somebody else.
pub(crate) fn not_found(name: &str) -> Fault {
    let message = format!("{name} does not exist, or has expired.");
    Fault::new(StatusCode::NOT_FOUND, "not_found", message)
}

fn apart(one: &str, other: &str, advice: &str) -> Fault {
    let message = format!(
        "{one} and {other} exist in different projects of Google, and one request can only use what \
         is in one project. {advice}"
    );
    Fault::new(StatusCode::BAD_REQUEST, APART, message)
}

/// Whether the keys of both reach the same.
fn is_same_project(one: &Bond, other: &Bond) -> bool {
    one.key == other.key || one.project.is_some() && one.project == other.project
}

fn ambiguous() -> Fault {
    let message = "The request's body is no strict JSON, so what it names cannot be known.";
    Fault::new(StatusCode::BAD_REQUEST, "invalid_json", message)
}
