//! `/admin/setup/data`: bringing keys and data, which is looked at before anything is written.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::multipart::MultipartRejection;
use axum::extract::rejection::FormRejection;
use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use keypool::Timestamp;
use secret::Passphrase;
use serde::Deserialize;

use super::{Step, upload};
use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::moving::{Brought, Contents, Delivery, LARGEST, PASTED, Stage, Wishes};
use crate::page::Page;
use crate::shell::Shell;
use crate::words::moving::{MovingWords, Spoken};
use crate::words::setup::SetupWords;

#[derive(Template)]
#[template(path = "setup_data.html")]
struct DataPage {
    shell: Shell,
    w: &'static SetupWords,
    step: Step,
    /// What was wrong with what was brought last.
    problem: String,
}

#[derive(Template)]
#[template(path = "setup_delivery.html")]
struct DeliveryPage {
    shell: Shell,
    w: &'static SetupWords,
    step: Step,
    delivery: Arc<Delivery>,
    stage: Stage,
}

#[derive(Deserialize)]
pub(crate) struct Pasted {
    text: String,
}

#[derive(Deserialize)]
pub(crate) struct Server {
    url: String,
    #[serde(default)]
    timezone: String,
    without_logs: Option<String>,
    overwrite: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Opening {
    passphrase: String,
}

pub(crate) async fn show(shell: Shell) -> Response {
    if !shell.may_change() {
        return Redirect::to("/admin").into_response();
    }
    Page(DataPage::new(shell, String::new())).into_response()
}

/// `POST /admin/setup/data/text`.
pub(crate) async fn paste(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    pasted: Result<Form<Pasted>, FormRejection>,
) -> Result<Response, Error> {
    let Form(Pasted { text }) = pasted?;
    received(&console, shell, &identity, Brought::text(&text))
}

/// `POST /admin/setup/data/url`.
pub(crate) async fn server(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    server: Result<Form<Server>, FormRejection>,
) -> Result<Response, Error> {
    let Form(Server { url, timezone, without_logs, overwrite }) = server?;
    let wishes = Wishes {
        overwrite: overwrite.is_some(),
        without_logs: without_logs.is_some(),
        timezone: Some(timezone),
    };
    let brought = Brought::url(&url, &wishes).await;
    received(&console, shell, &identity, brought)
}

/// `POST /admin/setup/data/file`.
pub(crate) async fn file(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Error> {
    let brought = upload::read(form?).await;
    received(&console, shell, &identity, brought)
}

/// `/admin/setup/data/{id}`: what it holds, and what becomes of it.
pub(crate) async fn delivery(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let delivery = find(&console, &identity, &id)?;
    Ok(Page(DeliveryPage::new(shell, delivery)).into_response())
}

/// `POST /admin/setup/data/{id}/unlock`: tries a passphrase on a backup.
pub(crate) async fn unlock(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    opening: Result<Form<Opening>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Opening { passphrase }) = opening?;
    console.unlock(&find(&console, &identity, &id)?, parse(&passphrase)?).await?;
    Ok(Redirect::to(&format!("/admin/setup/data/{id}")))
}

/// `POST /admin/setup/data/{id}/confirm`: takes it over.
pub(crate) async fn confirm(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let delivery = find(&console, &identity, &id)?;
    let is_backup = matches!(delivery.stage(), Stage::Ready(Contents::Backup(_)));
    let taking = console.take(&delivery, &identity)?;
    if is_backup {
        // Whoever asks again would have to sign in first, so this answer says how it went.
        taking.await.map_err(|_| Error::Internal)?;
        return Ok(Page(DeliveryPage::new(shell, delivery)).into_response());
    }
    Ok(Redirect::to(&format!("/admin/setup/data/{id}")).into_response())
}

/// `POST /admin/setup/data/{id}/forget`.
pub(crate) async fn forget(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    if !console.deliveries.forget(&id, &identity.actor) {
        return Err(GONE);
    }
    Ok(Redirect::to("/admin/setup/data"))
}

const GONE: Error = Error::NotFound("There is nothing here of yours, or not any more.");

fn find(console: &Console, identity: &Identity, id: &str) -> Result<Arc<Delivery>, Error> {
    console.deliveries.find(id, &identity.actor).ok_or(GONE)
}

/// Goes to the preview, or says beside the forms what is wrong.
fn received(
    console: &Console,
    shell: Shell,
    identity: &Identity,
    brought: Result<Brought, Error>,
) -> Result<Response, Error> {
    match brought {
        Ok(brought) => {
            let delivery = console.receive(identity, brought);
            Ok(Redirect::to(&format!("/admin/setup/data/{}", delivery.id)).into_response())
        }
        Err(Error::Refused { field, said }) => {
            let problem = format!("{field}: {}", said.of(shell.language));
            Ok((StatusCode::BAD_REQUEST, Page(DataPage::new(shell, problem))).into_response())
        }
        Err(error @ (Error::Invalid { .. } | Error::Conflict(_) | Error::TooLarge(_))) => {
            let (status, _) = error.status_and_code();
            Ok((status, Page(DataPage::new(shell, error.to_string()))).into_response())
        }
        Err(error) => Err(error),
    }
}

pub(super) fn parse(passphrase: &str) -> Result<Passphrase, Error> {
    Passphrase::parse(passphrase).map_err(|error| Error::invalid("passphrase", error.to_string()))
}

impl DataPage {
    fn new(shell: Shell, problem: String) -> Self {
        let w = SetupWords::of(shell.language);
        Self { shell, w, step: Step::Data, problem }
    }

    fn file_about(&self) -> String {
        crate::words::fill(self.w.file_about, LARGEST / (1024 * 1024))
    }
}

impl DeliveryPage {
    fn new(shell: Shell, delivery: Arc<Delivery>) -> Self {
        let w = SetupWords::of(shell.language);
        let stage = delivery.stage();
        Self { shell, w, step: Step::Data, delivery, stage }
    }

    /// What imports and backups have to say, in words.
    fn says(&self) -> &'static MovingWords {
        MovingWords::of(self.shell.language)
    }

    fn said<'s>(&self, said: &'s Spoken) -> &'s str {
        said.of(self.shell.language)
    }

    fn is_busy(&self) -> bool {
        matches!(self.stage, Stage::Looking | Stage::Taking)
    }

    /// What it holds, once that is known, and whether it was taken over.
    fn contents(&self) -> Option<(&Contents, bool)> {
        match &self.stage {
            Stage::Ready(contents) => Some((contents, false)),
            Stage::Done(contents) => Some((contents, true)),
            _ => None,
        }
    }

    /// Where it comes from.
    fn place<'r>(&self, report: &'r import::Report) -> &'r str {
        if report.place == PASTED { self.w.pasted } else { &report.place }
    }

    fn counts(&self, report: &import::Report) -> [(&'static str, &'static str, import::Counts); 4] {
        [
            ("keys", self.w.keys, report.keys),
            ("tokens", self.w.tokens, report.tokens),
            ("requests", self.w.requests, report.requests),
            ("errors", self.w.errors, report.errors),
        ]
    }

    /// Settings that change something, or cannot.
    fn telling(report: &import::Report) -> Vec<&import::Line> {
        report.settings.iter().filter(|line| line.verdict != import::Verdict::Same).collect()
    }

    fn same(report: &import::Report) -> usize {
        report.settings.len() - Self::telling(report).len()
    }

    fn made_at(restored: &store::Restored) -> Timestamp {
        Timestamp::from_millis(restored.made_at)
    }

    fn in_backup(&self, restored: &store::Restored) -> [(&'static str, &'static str, u64); 6] {
        let held = &restored.contents;
        [
            ("keys", self.w.keys, held.keys),
            ("tokens", self.w.tokens, held.tokens),
            ("settings", self.w.settings, held.settings),
            ("administrators", self.w.administrators, held.administrators),
            ("requests", self.w.requests, held.requests),
            ("rows", self.w.all_rows, held.rows),
        ]
    }
}
