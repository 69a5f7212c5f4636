//! `/admin/models/{name}`: which keys can still serve a model, and what it is called.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use jiff::tz::TimeZone;
use keypool::{Census, Platform, QuotaCell, QuotaUse, Timestamp};
use serde::Deserialize;
use settings::Settings;
use store::{Period, Span, Store, StoreError, Subject, Tally};

use super::models::{Today, of_a_million};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::models::{self as changes, ModelChange};
use crate::changes::settings::resolved;
use crate::error::Error;
use crate::heat::HeatMap;
use crate::page::Page;
use crate::shell::Shell;
use crate::traffic::{Range, Sums};
use crate::words::heat::HeatWords;
use crate::words::models::ModelsWords;
use crate::words::overview::OverviewWords;

#[derive(Template)]
#[template(path = "model.html")]
pub(crate) struct ModelPage {
    shell: Shell,
    w: &'static ModelsWords,
    ow: &'static OverviewWords,
    hw: &'static HeatWords,
    model: String,
    census: Census,
    today: Option<Today>,
    /// Its projects, the hottest first.
    heat: HeatMap,
    day: Sums,
    month: Sums,
    first_byte: Option<u64>,
    price: Option<(String, String)>,
    names: Names,
    is_readonly: bool,
    problem: String,
}

/// What settings say of a model.
struct Names {
    is_hidden: bool,
    /// Names that clients may call it by.
    aliases: Vec<String>,
    /// Those that answer when it cannot.
    fallbacks: Vec<String>,
    /// Those that it answers for.
    answers_for: Vec<String>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Path(model): Path<String>,
) -> Result<Page<ModelPage>, Error> {
    ModelPage::new(&console, shell, model, String::new()).await.map(Page)
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
        Ok(wanted) => changes::change(&console, &identity, &model, wanted).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(()) => Ok(Redirect::to(&address(&model)).into_response()),
        Err(Error::Invalid { problem, .. }) => {
            let page = ModelPage::new(&console, shell, model, problem).await?;
            Ok((StatusCode::BAD_REQUEST, Page(page)).into_response())
        }
        Err(error) => Err(error),
    }
}

fn address(model: &str) -> String {
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
        let (month, day, first_byte) = numbers(&console.store, &model, now).await?;
        let settings = resolved(console).await?.settings;
        let gateway = &console.gateway;
        let standing = |platform: &Platform| gateway.pool(*platform).standing(Some(&model)).0;
        let census = Platform::ALL.iter().map(standing).fold(Census::default(), Census::plus);
        let forecasts = gateway.forecasts(now);
        let (mut cells, snapshot) = (gateway.quota_cells(now), gateway.snapshot(now));
        cells.retain(|cell| *cell.model == *model);
        let ow = OverviewWords::of(shell.language);
        let zone = TimeZone::get(&settings.logging.timezone).unwrap_or(TimeZone::UTC);
        let configuration = console.gateway.configuration();
        Ok(Self {
            w: ModelsWords::of(shell.language),
            ow,
            hw: HeatWords::of(shell.language),
            census,
            today: Today::of(&model, &forecasts, ow, &zone),
            heat: HeatMap::new(cells, &snapshot.keys),
            day: day.into(),
            month: month.into(),
            first_byte,
            price: configuration.price(&model).map(of_a_million),
            names: Names::of(&model, &settings),
            is_readonly: settings.security.settings_readonly,
            model,
            problem,
            shell,
        })
    }

    fn address(&self) -> String {
        address(&self.model)
    }

    fn standings(&self) -> [(&'static str, &'static str, u64); 4] {
        let (words, census) = (self.shell.words, &self.census);
        let standings = [
            ("ready", words.ready, census.ready),
            ("exhausted", self.w.out_of_quota, census.blocked),
            ("invalid", words.invalid, census.dead),
            ("disabled", words.disabled, census.disabled),
        ];
        standings.map(|(state, label, count)| (state, label, count as u64))
    }

    /// Used, and of how much.
    fn amount(&self, quota: &QuotaUse) -> String {
        let limit = quota.limit.map_or_else(|| "?".to_owned(), crate::format::count);
        crate::words::fill2(self.w.used_of, crate::format::count(quota.used), limit)
    }

    /// The cell of a row: there is but one model.
    fn cell(row: &crate::heat::Row) -> Option<&QuotaCell> {
        row.cells.first()?.as_ref()
    }
}

impl Names {
    fn of(model: &str, settings: &Settings) -> Self {
        let models = &settings.models;
        let aliases = models.aliases.iter().filter(|(_, meant)| *meant == model);
        let answers = models.fallbacks.iter();
        let answers_for = answers.filter(|(_, next)| next.iter().any(|name| name == model));
        Self {
            is_hidden: models.is_filtered(model),
            aliases: aliases.map(|(alias, _)| alias.clone()).collect(),
            fallbacks: models.fallbacks.get(model).cloned().unwrap_or_default(),
            answers_for: answers_for.map(|(name, _)| name.clone()).collect(),
        }
    }
}

/// What its requests of a month and of a day came to, and when half of its answers had begun.
async fn numbers(
    store: &Store,
    model: &str,
    now: Timestamp,
) -> Result<(Tally, Tally, Option<u64>), StoreError> {
    let month = Range::Month.period(now);
    let from = Timestamp::from_millis(month.to.millis() - Span::Day.millis());
    let day = Period { from, ..month };
    let hours = store.traffic(Subject::Model, model, Span::Hour, month).await?;
    let (mut of_month, mut of_day) = (Tally::default(), Tally::default());
    for (begins, tally) in &hours {
        of_month.add(tally);
        if *begins >= from {
            of_day.add(tally);
        }
    }
    let times = store.latencies(model, Span::Hour, day).await?;
    Ok((of_month, of_day, times.first_byte.quantile(0.5)))
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
