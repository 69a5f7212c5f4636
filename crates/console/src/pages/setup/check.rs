//! `/admin/setup/check`: asking Google about some of the keys, and the way out where it refuses the
//! country.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use keypool::KeyId;
use serde::Deserialize;

use super::Step;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::settings as changes;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::jobs::JobsWords;
use crate::words::setup::SetupWords;
use crate::work::{self, Action, Done, Job, Outcome};

/// So many keys are asked about: enough to see what is wrong with all of them.
const SAMPLE: usize = 20;

/// What Google says to whoever asks from a country that it does not serve.
const REGION: &str = "user location is not supported";

#[derive(Template)]
#[template(path = "setup_check.html")]
struct CheckPage {
    shell: Shell,
    w: &'static SetupWords,
    jw: &'static JobsWords,
    step: Step,
    job: Option<Arc<Job>>,
    results: Vec<Done>,
    saved: bool,
    proxies: String,
    problem: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    job: String,
    saved: String,
}

#[derive(Deserialize)]
pub(crate) struct Proxies {
    proxies: String,
    #[serde(default)]
    job: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(Wanted { job, saved }) = wanted?;
    if !shell.may_change() {
        return Ok(Redirect::to("/admin").into_response());
    }
    let mut page = CheckPage::new(shell, console.jobs.find(&job));
    page.saved = !saved.is_empty();
    Ok(Page(page).into_response())
}

/// `POST /admin/setup/check`.
pub(crate) async fn begin(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
) -> Result<Response, Error> {
    let keys = console.store.list_keys().await?;
    let ids = sample(keys.into_iter().map(|key| key.id).collect());
    if ids.is_empty() {
        let mut page = CheckPage::new(shell, None);
        page.w.no_keys.clone_into(&mut page.problem);
        return Ok((StatusCode::CONFLICT, Page(page)).into_response());
    }
    let job = work::run(&console, Action::Verify, ids, &identity.actor).await?;
    Ok(Redirect::to(&format!("/admin/setup/check?job={}", job.id)).into_response())
}

/// `POST /admin/setup/check/proxies`.
pub(crate) async fn set_proxies(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    wanted: Result<Form<Proxies>, FormRejection>,
) -> Result<Response, Error> {
    let Form(Proxies { proxies, job }) = wanted?;
    let value = Some(proxies.clone()).filter(|text| !text.trim().is_empty());
    let planned = changes::plan(&console, &BTreeMap::from([("PROXIES".to_owned(), value)])).await;
    match planned {
        Ok(planned) => {
            changes::save(&console, &identity, &planned).await?;
            let address = format!("/admin/setup/check?job={}&saved=1", url_safe(&job));
            Ok(Redirect::to(&address).into_response())
        }
        Err(Error::Invalid { problem, .. }) => {
            let page =
                CheckPage { problem, proxies, ..CheckPage::new(shell, console.jobs.find(&job)) };
            Ok((StatusCode::BAD_REQUEST, Page(page)).into_response())
        }
        Err(error) => Err(error),
    }
}

fn url_safe(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Some of all, from the first to the last.
fn sample(ids: Vec<KeyId>) -> Vec<KeyId> {
    let total = ids.len();
    if total <= SAMPLE {
        return ids;
    }
    let chosen = |index: usize| index * SAMPLE / total != (index + 1) * SAMPLE / total;
    ids.into_iter().enumerate().filter(|(index, _)| chosen(*index)).map(|(_, id)| id).collect()
}

impl CheckPage {
    fn new(shell: Shell, job: Option<Arc<Job>>) -> Self {
        let results = job.as_ref().map(|job| job.results("")).unwrap_or_default();
        Self {
            w: SetupWords::of(shell.language),
            jw: JobsWords::of(shell.language),
            shell,
            step: Step::Check,
            job,
            results,
            saved: false,
            proxies: String::new(),
            problem: String::new(),
        }
    }

    fn about(&self) -> String {
        crate::words::fill(self.w.check_about, SAMPLE)
    }

    /// Google refuses the country that some key was asked about from.
    fn is_refused(&self) -> bool {
        self.results.iter().any(|done| done.message.to_lowercase().contains(REGION))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_taken_from_all_over() {
        let ids = |count: usize| -> Vec<KeyId> {
            (0..count).map(|number| KeyId::from(number.to_string())).collect()
        };
        assert_eq!(sample(ids(7)).len(), 7);
        for count in [21, 25, 999, 50_000] {
            let chosen = sample(ids(count));
            assert_eq!(chosen.len(), SAMPLE, "{count}");
            let last: usize = chosen.last().unwrap().as_str().parse().unwrap();
            assert!(last > count * 9 / 10, "{count}: {last}");
        }
    }
}
