//! `/admin/jobs`: work at the server, its progress and its results.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use keypool::KeyId;
use serde::Deserialize;
use store::NewKey;

use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::jobs::JobsWords;
use crate::work::{self, Action, Done, FileAction, Job, Outcome, Subject};

/// Results that a page shows.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "jobs.html")]
pub(crate) struct JobsPage {
    shell: Shell,
    w: &'static JobsWords,
    jobs: Vec<Arc<Job>>,
}

#[derive(Template)]
#[template(path = "job.html")]
pub(crate) struct JobPage {
    shell: Shell,
    w: &'static JobsWords,
    job: Arc<Job>,
    code: String,
    codes: Vec<(&'static str, usize)>,
    results: Vec<Done>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    code: String,
}

pub(crate) async fn list(State(console): State<Console>, shell: Shell) -> Page<JobsPage> {
    let w = JobsWords::of(shell.language);
    Page(JobsPage { shell, w, jobs: console.jobs.all() })
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<JobPage>, Error> {
    let Query(Wanted { code }) = wanted?;
    let job = find(&console, &id)?;
    let (w, codes) = (JobsWords::of(shell.language), job.codes());
    let mut results = job.results(&code);
    results.truncate(SHOWN);
    Ok(Page(JobPage { shell, w, job, code, codes, results }))
}

/// `POST /admin/jobs/{id}/cancel`.
pub(crate) async fn cancel(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    find(&console, &id)?.cancel.cancel();
    Ok(Redirect::to(&format!("/admin/jobs/{id}")))
}

/// `POST /admin/jobs/{id}/remove?code=…`: removes the keys that had this result; of files, forgets
/// those that could not be deleted.
pub(crate) async fn remove(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Redirect, Error> {
    let Query(Wanted { code }) = wanted?;
    if code.is_empty() {
        return Err(Error::invalid("code", "is empty"));
    }
    let done = find(&console, &id)?;
    let ids = done.results(&code).into_iter().map(|done| done.id);
    let actor = &identity.actor;
    let job = match done.subject() {
        Subject::Keys => {
            let ids = ids.map(KeyId::from).collect();
            work::run(&console, Action::Remove, ids, actor).await?
        }
        Subject::Files => {
            work::run_files(&console, FileAction::Forget, ids.collect(), actor).await?
        }
        Subject::Proxies => return Err(Error::invalid("id", "this job's results stay")),
    };
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

/// `POST /admin/jobs/{id}/undo`: brings back the keys that the job removed.
pub(crate) async fn undo(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    let removed = find(&console, &id)?.take_removed();
    let keys = removed.into_iter().filter_map(|key| {
        Some(NewKey {
            secret: key.secret?,
            platform: key.platform,
            name: key.name,
            project: key.project,
            enabled: key.enabled,
            weight: key.weight,
            tier: key.tier,
            tags: key.tags,
        })
    });
    let job = work::add(&console, keys.collect(), &identity.actor, "restore").await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

fn find(console: &Console, id: &str) -> Result<Arc<Job>, Error> {
    console.jobs.find(id).ok_or(Error::NotFound("There is no such job, or not any more."))
}

impl JobsWords {
    /// What is done, for people.
    pub(crate) fn action(&self, action: &str) -> &'static str {
        match action {
            "verify" => self.verify,
            "enable" => self.enable,
            "disable" => self.disable,
            "remove" => self.remove,
            "tag" => self.tag,
            "restore" => self.restore,
            "delete_files" => self.delete_files,
            "forget_files" => self.forget_files,
            "test_proxies" => self.test_proxies,
            _ => self.add,
        }
    }
}

impl JobPage {
    /// The whole of the bar.
    fn width(&self) -> usize {
        self.job.total.max(1)
    }

    /// What each row is about.
    fn subject(&self) -> &'static str {
        match self.job.subject() {
            Subject::Keys => self.w.key,
            Subject::Files => self.w.file,
            Subject::Proxies => self.w.proxy,
        }
    }

    /// Where a row's thing is shown, if it has a page.
    fn address(&self, done: &Done) -> Option<String> {
        match self.job.subject() {
            Subject::Keys => Some(format!("/admin/keys/{}", done.id)),
            Subject::Files => None,
            Subject::Proxies => Some(format!("/admin/proxies/{}", done.id)),
        }
    }

    /// What can be done to all with this result, in words.
    fn removes(&self) -> Option<&'static str> {
        if self.code.is_empty() || !self.job.is_finished() {
            return None;
        }
        match self.job.subject() {
            Subject::Keys => (self.job.action != "remove").then_some(self.w.delete_these),
            Subject::Files => {
                let stay = ["unreachable", "refused"].contains(&self.code.as_str());
                stay.then_some(self.w.forget_these)
            }
            Subject::Proxies => None,
        }
    }

    /// For styles.
    fn state(done: &Done) -> &'static str {
        match done.outcome {
            Outcome::Ok => "good",
            Outcome::Failed => "bad",
            Outcome::Skipped => "",
        }
    }
}
