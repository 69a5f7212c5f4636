//! `/admin/jobs`: work at the server, its progress and its results.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use keypool::{KeyId, Timestamp};
use serde::Deserialize;

use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::files::losses;
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
    /// How many files and so on go out of reach with the keys of these results.
    lost: u64,
    now: Timestamp,
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
    let (now, mut results) = (relay::now(), job.results(&code));
    let mut page = JobPage { shell, w, job, code, codes, results: Vec::new(), lost: 0, now };
    if page.removes().is_some() && page.job.subject() == Subject::Keys {
        let ids: Vec<_> = results.iter().map(|done| KeyId::from(done.id.clone())).collect();
        page.lost = losses(&console, &ids).await?.total();
    }
    results.truncate(SHOWN);
    page.results = results;
    Ok(Page(page))
}

/// `POST /admin/jobs/{id}/cancel`.
pub(crate) async fn cancel(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    find(&console, &id)?.cancel.cancel();
    Ok(Redirect::to(&format!("/admin/jobs/{id}")))
}

/// How many keys are to be deleted, typed by whoever wants it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    confirm: String,
}

/// `POST /admin/jobs/{id}/remove?code=…`: removes the keys that had this result; of files, forgets
/// those that could not be deleted.
pub(crate) async fn remove(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    typed: Result<Form<Typed>, FormRejection>,
) -> Result<Redirect, Error> {
    let (Query(Wanted { code }), Form(Typed { confirm })) = (wanted?, typed?);
    if code.is_empty() {
        return Err(Error::invalid("code", "is empty"));
    }
    let done = find(&console, &id)?;
    let ids = done.results(&code).into_iter().map(|done| done.id);
    let actor = &identity.actor;
    let job = match done.subject() {
        Subject::Keys => {
            let ids: Vec<_> = ids.map(KeyId::from).collect();
            super::keys::confirmed(ids.len(), &confirm)?;
            work::run(&console, Action::Remove, ids, actor).await?
        }
        Subject::Files => {
            work::run_files(&console, FileAction::Forget, ids.collect(), actor).await?
        }
        Subject::Proxies | Subject::Requests => {
            return Err(Error::invalid("id", "this job's results stay"));
        }
    };
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

/// `POST /admin/jobs/{id}/undo`: takes back what the job did, and stops it if it still goes on.
pub(crate) async fn undo(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    let job = find(&console, &id)?;
    let job = work::undo(&console, &job, &identity.actor).await?;
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
            "reset" => self.reset,
            "pause" => self.pause,
            "restore" => self.restore,
            "enable_again" => self.enable_again,
            "untag" => self.untag,
            "delete_files" => self.delete_files,
            "forget_files" => self.forget_files,
            "test_proxies" => self.test_proxies,
            "delete_requests" => self.delete_requests,
            "test_model" => self.test_model,
            _ => self.add,
        }
    }
}

impl JobPage {
    /// How many keys have the result that is shown.
    fn chosen(&self) -> usize {
        let named = self.codes.iter().find(|(name, _)| *name == self.code);
        named.map_or(0, |(_, count)| *count)
    }

    fn pace(&self) -> f64 {
        self.job.pace(self.now)
    }

    /// When it ends at the pace so far, in milliseconds.
    fn ends_at(&self) -> Option<i64> {
        let seconds = i64::try_from(self.job.left(self.now)?).ok()?;
        Some(self.now.millis() + seconds * 1000)
    }

    fn is_asked(&self) -> bool {
        self.chosen() > super::keys::UNASKED
    }

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
            Subject::Requests => self.w.piece,
        }
    }

    /// Where a row's thing is shown, if it has a page.
    fn address(&self, done: &Done) -> Option<String> {
        match self.job.subject() {
            Subject::Keys => Some(format!("/admin/keys/{}", done.id)),
            Subject::Files | Subject::Requests => None,
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
            Subject::Proxies | Subject::Requests => None,
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
