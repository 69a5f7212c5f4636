//! `/admin/models/{name}`: which keys can still serve a model, and what it is called.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use jiff::tz::TimeZone;
use keypool::{LimitSource, QuotaCell, QuotaUse, Window};
use serde::Deserialize;

use super::models::{Today, of_a_million};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::models::{self as changes, ModelChange};
use crate::error::Error;
use crate::heat::{HeatMap, Measure};
use crate::models::Model;
use crate::page::Page;
use crate::pool::find;
use crate::shell::Shell;
use crate::words::heat::HeatWords;
use crate::words::models::ModelsWords;
use crate::words::overview::OverviewWords;
use crate::work::{self, Done, Job, Outcome, TEST_MODEL};

#[derive(Template)]
#[template(path = "model.html")]
pub(crate) struct ModelPage {
    shell: Shell,
    w: &'static ModelsWords,
    ow: &'static OverviewWords,
    hw: &'static HeatWords,
    model: Model,
    today: Option<Today>,
    /// Its projects, the hottest first.
    heat: HeatMap,
    price: Option<(String, String)>,
    /// The last time that it was tried with some keys.
    trial: Option<Arc<Job>>,
    problem: String,
    /// The stand-in that was moved, which keeps the focus.
    at: String,
}

/// What a project may use of it in a window.
struct LimitRow {
    tier: String,
    window: &'static str,
    amount: String,
    source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    at: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Path(model): Path<String>,
    place: Result<Query<Place>, QueryRejection>,
) -> Result<Page<ModelPage>, Error> {
    let Query(Place { at }) = place?;
    let page = ModelPage::new(&console, shell, model, String::new()).await?;
    Ok(Page(ModelPage { at, ..page }))
}

/// `POST /admin/models/{name}/test`: tries it with three keys.
pub(crate) async fn test(
    State(console): State<Console>,
    identity: Identity,
    Path(model): Path<String>,
) -> Result<Redirect, Error> {
    let job = work::test_model(&console, &identity, &model).await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    action: String,
    #[serde(default)]
    value: String,
}

/// `POST /admin/models/{name}/change`.
pub(crate) async fn change(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    Path(model): Path<String>,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, Error> {
    let Form(Wanted { action, value }) = wanted?;
    let wanted = ModelChange::of_name(&action, &value);
    let changed = match wanted {
        Ok(wanted) => changes::change(&console, &identity, &model, vec![wanted]).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(()) if ["raise", "lower"].contains(&action.as_str()) => {
            let at: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            Ok(Redirect::to(&format!("{}?at={at}", address(&model))).into_response())
        }
        Ok(()) => Ok(Redirect::to(&address(&model)).into_response()),
        Err(Error::Invalid { problem, .. }) => {
            let page = ModelPage::new(&console, shell, model, problem).await?;
            Ok((StatusCode::BAD_REQUEST, Page(page)).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Where a model is shown.
pub(super) fn address(model: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(model.as_bytes()).collect();
    format!("/admin/models/{}", encoded.replace('+', "%20"))
}

impl ModelPage {
    async fn new(
        console: &Console,
        shell: Shell,
        model: String,
        problem: String,
    ) -> Result<Self, Error> {
        let now = relay::now();
        let mut model = Model::read(console, model, now).await?;
        let configuration = console.gateway.configuration();
        let zone = TimeZone::get(&configuration.settings.logging.timezone).unwrap_or(TimeZone::UTC);
        let ow = OverviewWords::of(shell.language);
        let cells = std::mem::take(&mut model.cells);
        Ok(Self {
            w: ModelsWords::of(shell.language),
            ow,
            hw: HeatWords::of(shell.language),
            today: Today::of(&model.name, &model.forecasts, ow, &zone),
            heat: HeatMap::new(cells, Measure::Day, |id| {
                Some(find(&console.gateway, id, now)?.mask)
            }),
            price: model.price.as_ref().map(of_a_million),
            trial: console.jobs.newest(TEST_MODEL, &model.name),
            at: String::new(),
            model,
            problem,
            shell,
        })
    }

    fn address(&self) -> String {
        address(&self.model.name)
    }

    fn may_change(&self) -> bool {
        self.shell.may_change() && !self.model.is_readonly
    }

    fn standings(&self) -> [(&'static str, &'static str, u64); 5] {
        let (words, keys) = (self.shell.words, &self.model.keys);
        let standings = [
            ("ready", words.ready, keys.ready),
            ("cooling", words.cooling, keys.cooling),
            ("exhausted", words.exhausted, keys.exhausted),
            ("invalid", words.invalid, keys.dead),
            ("disabled", words.disabled, keys.disabled),
        ];
        standings.map(|(state, label, count)| (state, label, count as u64))
    }

    /// Everything that is known of what projects may use, with whose word it is.
    fn limits(&self) -> Vec<LimitRow> {
        let w = self.w;
        let number = |number: u64| crate::format::count(number);
        let known = self.model.limits.iter().map(|limit| LimitRow {
            tier: limit.tier.to_string(),
            window: w.window(limit.window),
            amount: if limit.least == limit.most {
                number(limit.least)
            } else {
                format!("{} – {}", number(limit.least), number(limit.most))
            },
            source: match limit.source {
                LimitSource::Declared => w.declared.to_owned(),
                LimitSource::Learned => crate::words::fill(w.learned, limit.projects),
            },
        });
        let free = self.model.facts.free_tier.map(|free| {
            let windows = [
                (Window::MinuteRequests, free.rpm),
                (Window::MinuteTokens, free.tpm),
                (Window::DayRequests, free.rpd),
            ];
            windows.map(|(window, most)| LimitRow {
                tier: w.free.to_owned(),
                window: w.window(window),
                amount: number(most),
                source: w.published.to_owned(),
            })
        });
        known.chain(free.into_iter().flatten()).collect()
    }

    /// Used, and of how much.
    fn amount(&self, quota: &QuotaUse) -> String {
        let limit = quota.limit.map_or_else(|| "?".to_owned(), crate::format::count);
        crate::words::fill2(self.w.used_of, crate::format::count(quota.used), limit)
    }

    /// Of a result, for styles.
    fn state(done: &Done) -> &'static str {
        if done.outcome == Outcome::Ok { "good" } else { "bad" }
    }

    /// The cell of a row: there is but one model.
    fn cell(row: &crate::heat::Row) -> Option<&QuotaCell> {
        row.cells.first()?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_has_an_address() {
        assert_eq!(address("gemini-2.5-pro"), "/admin/models/gemini-2.5-pro");
        assert_eq!(address("tunedModels/a b"), "/admin/models/tunedModels%2Fa%20b");
    }
}
