//! Files that a request needs in another project than they are in (`FILE_COPY`). Only what Google has
//! made can be copied, for it hands no uploaded file out again.

use std::pin::Pin;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use keypool::{Bond, Outcome, Usage};
use serde::Deserialize;
use store::Resource;
use upstream::{Outflow, SourceFailed};

use super::{APART, Tie, apart, is_same_project};
use crate::answer::Fault;
use crate::attempts::{self, Plan, Unusable};
use crate::clock;
use crate::exchange::InProgress;
use crate::resources::Known;
use crate::resources::name::{self, kind_of_root};
use crate::routes::uploads;

const CANNOT: &str = "None of both can be copied (FILE_COPY): Google hands out only files that it has \
                      made itself, and none that was uploaded. Upload again what belongs together, \
                      one soon after the other (FILE_AFFINITY): then it is kept in one project.";

/// The kind under which the register knows copies.
const COPIES: &str = name::FILE_COPIES;

/// A file, and its copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) from: String,
    pub(super) to: String,
}

/// Something that a request names.
struct Named {
    name: String,
    bond: Bond,
    /// What must be known to copy it; none if that cannot be done.
    copied: Option<Described>,
}

/// What Google says of a file.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Described {
    source: String,
    size_bytes: String,
    mime_type: String,
    display_name: String,
}

impl Described {
    fn size(&self) -> u64 {
        self.size_bytes.parse().unwrap_or(0)
    }
}

/// A copy is made by requests of its own, so this is a future within itself.
type Together<'e> = Pin<Box<dyn Future<Output = Result<Vec<Moved>, Fault>> + Send + 'e>>;

impl InProgress {
    /// Copies what is not where the rest is, the least that does it, and binds the request there.
    pub(super) fn bring_together(&mut self, named: Vec<(String, Known)>) -> Together<'_> {
        Box::pin(self.copy_what_is_apart(named))
    }

    async fn copy_what_is_apart(
        &mut self,
        named: Vec<(String, Known)>,
    ) -> Result<Vec<Moved>, Fault> {
        let mut all = Vec::with_capacity(named.len());
        for (name, known) in named {
            let bond = self.up_to_date(known.bond.clone());
            let copied = self.described(&name, known).await;
            all.push(Named { name, bond, copied });
        }
        let target = target(self.tie.as_ref(), &all)?;
        let mut moved = Vec::new();
        for named in all.iter().filter(|named| !is_same_project(&named.bond, &target)) {
            let Some(file) = &named.copied else { continue };
            let to = match self.copy_of(&named.name, &target).await? {
                Some(copy) => copy,
                None => self.copy(named, file, &target).await?,
            };
            moved.push(Moved { from: named.name.clone(), to });
        }
        let name = all.iter().find(|named| is_same_project(&named.bond, &target));
        let name = name.map_or_else(String::new, |named| named.name.clone());
        self.tie = Some(Tie { bond: target, name });
        Ok(moved)
    }

    /// What Google says of a file that can be copied.
    async fn described(&self, name: &str, known: Known) -> Option<Described> {
        if kind_of_root(name) != Some("files") {
            return None;
        }
        let mut branch = self.branch(false);
        branch.tie(name, known).ok()?;
        let target = self.target(name);
        let plan = Plan::without_body(&Method::GET, &target);
        let judge = |_: &HeaderMap, body: &Bytes| {
            let described = serde_json::from_slice::<Described>(body);
            let described = described.map_err(|error| Unusable::Malformed(error.to_string()))?;
            Ok((described, Usage::default()))
        };
        let described = attempts::whole(&mut branch, &plan, judge).await;
        described.ok().map(|(_, described)| described).filter(|file| file.source == "GENERATED")
    }

    fn target(&self, name: &str) -> String {
        format!("/{}/{name}", self.configuration.settings.upstream.default_version)
    }

    /// An earlier copy of the client's, if it is still there.
    async fn copy_of(&self, name: &str, target: &Bond) -> Result<Option<String>, Fault> {
        let found = self.gateway.resources.fetch(&place(name, target)).await?;
        let Some(copy) = found.map(|found| found.body) else { return Ok(None) };
        let known = self.gateway.resources.find(&copy).await?;
        let lives = known.is_some_and(|known| self.may_see(&known, &copy));
        Ok(lives.then_some(copy))
    }

    /// Copies a file from its project to another; gives its name there.
    async fn copy(
        &mut self,
        named: &Named,
        file: &Described,
        target: &Bond,
    ) -> Result<String, Fault> {
        let mut source = self.branch(false);
        source.tie = Some(Tie { bond: named.bond.clone(), name: named.name.clone() });
        let from = format!("{}:download?alt=media", self.target(&named.name));
        let plan = Plan::without_body(&Method::GET, &from);
        let opened = attempts::opened(&mut source, &plan).await;
        let (held, answer) = opened.map_err(|lost| failed(&named.name, lost.message()))?;
        let length = answer.body.size_hint().exact();
        let body = answer.body.map_err(|_| SourceFailed);
        let mut branch = self.branch(false);
        branch.tie = Some(Tie { bond: target.clone(), name: named.name.clone() });
        let mime = Some(&*file.mime_type).filter(|mime| !mime.is_empty());
        let mime = mime.unwrap_or("application/octet-stream");
        let outflow = Outflow::new(body, length);
        let sent = uploads::upload_copy(&mut branch, mime, &file.display_name, outflow).await;
        let copy = sent.map_err(|why| failed(&named.name, &why))?;
        held.settle(&Outcome::Served { usage: Usage::default() });
        self.remember(&named.name, target, &copy).await?;
        Ok(copy)
    }

    async fn remember(&self, name: &str, target: &Bond, copy: &str) -> Result<(), Fault> {
        let known = self.gateway.resources.find(copy).await?;
        let resource = Resource {
            name: place(name, target),
            kind: COPIES.to_owned(),
            key_id: target.key.to_string(),
            project: target.project.as_deref().map(str::to_owned),
            token_id: self.entry.token_id().to_string(),
            state: String::new(),
            display_name: None,
            mime: None,
            size: None,
            created_at: clock::now(),
            expires_at: known.and_then(|known| known.expires),
            body: copy.to_owned(),
        };
        self.gateway.resources.keep(resource).await.map(drop)
    }
}

/// Where all of it can be: where something is that cannot be copied, or else where most bytes are.
fn target(tie: Option<&Tie>, all: &[Named]) -> Result<Bond, Fault> {
    let mut fixed = all.iter().filter(|named| named.copied.is_none());
    let first = tie.map(|tie| (tie.name.as_str(), &tie.bond));
    let first = first.or_else(|| fixed.next().map(|named| (named.name.as_str(), &named.bond)));
    if let Some((name, bond)) = first {
        return match fixed.find(|named| !is_same_project(&named.bond, bond)) {
            Some(other) => Err(apart(name, &other.name, CANNOT)),
            None => Ok(bond.clone()),
        };
    }
    let bytes_beside = |bond: &Bond| {
        let there = all.iter().filter(|named| is_same_project(&named.bond, bond));
        there.filter_map(|named| named.copied.as_ref()).map(Described::size).sum::<u64>()
    };
    let most = all.iter().map(|named| &named.bond).max_by_key(|bond| bytes_beside(bond));
    most.cloned().ok_or_else(|| failed("The file", "nothing is named"))
}

/// The name under which the register knows a copy.
fn place(name: &str, target: &Bond) -> String {
    let project = target.project.as_deref().unwrap_or(target.key.as_ref());
    format!("{COPIES}/{name}@{project}")
}

fn failed(name: &str, why: &str) -> Fault {
    let message = format!("{name} could not be copied to another project (FILE_COPY): {why}");
    Fault::new(StatusCode::BAD_GATEWAY, APART, message)
}
