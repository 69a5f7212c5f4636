//! `/admin/models`: what is asked for, how well it is served, and what is left of it today.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use jiff::tz::TimeZone;
use keypool::{Forecast, Platform, Timestamp};
use settings::{ModelPrice, list_prices};
use store::{Period, Span, Store, StoreError, Subject};

use crate::State as Console;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::traffic::{Range, Sums};
use crate::words::models::ModelsWords;
use crate::words::overview::OverviewWords;

/// The most models that are shown.
const SHOWN: u64 = 100;

#[derive(Template)]
#[template(path = "models.html")]
pub(crate) struct ModelsPage {
    shell: Shell,
    w: &'static ModelsWords,
    ow: &'static OverviewWords,
    rows: Vec<Row>,
    prices_as_of: &'static str,
}

struct Row {
    model: String,
    month: Sums,
    day: Sums,
    /// Half of the answers of the last day began within so many milliseconds.
    first_byte: Option<u64>,
    /// Dollars per million tokens that are read and written.
    price: Option<(String, String)>,
    today: Option<Today>,
}

/// How the quota of a model stands, at all of Google's APIs that it is asked for at.
pub(super) struct Today {
    pub(super) used: u64,
    pub(super) left: u64,
    pub(super) prospect: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
) -> Result<Page<ModelsPage>, Error> {
    let now = relay::now();
    let configuration = console.gateway.configuration();
    let zone = TimeZone::get(&configuration.settings.logging.timezone).unwrap_or(TimeZone::UTC);
    let forecasts = console.gateway.forecasts(now);
    let ow = OverviewWords::of(shell.language);
    let mut rows = read(&console.store, now).await?;
    for row in &mut rows {
        row.today = Today::of(&row.model, &forecasts, ow, &zone);
        row.price = configuration.price(&row.model).map(of_a_million);
    }
    let w = ModelsWords::of(shell.language);
    Ok(Page(ModelsPage { w, ow, shell, rows, prices_as_of: &list_prices().as_of }))
}

async fn read(store: &Store, now: Timestamp) -> Result<Vec<Row>, StoreError> {
    let month = Range::Month.period(now);
    let day =
        Period { from: Timestamp::from_millis(month.to.millis() - Span::Day.millis()), ..month };
    let of_day = store.busiest(Subject::Model, Span::Hour, day, SHOWN).await?;
    let of_day: BTreeMap<_, _> = of_day.into_iter().collect();
    let mut rows = Vec::new();
    for (model, tally) in store.busiest(Subject::Model, Span::Hour, month, SHOWN).await? {
        let times = store.latencies(&model, Span::Hour, day).await?;
        rows.push(Row {
            month: tally.into(),
            day: of_day.get(&model).copied().unwrap_or_default().into(),
            first_byte: times.first_byte.quantile(0.5),
            price: None,
            today: None,
            model,
        });
    }
    Ok(rows)
}

/// What a million tokens cost that are read, and that are written.
pub(super) fn of_a_million(price: &ModelPrice) -> (String, String) {
    let dollars = |nanos: u64| format!("{:.2}", nanos as f64 / 1e9);
    let million = 1_000_000;
    (dollars(price.input.nanos(million)), dollars(price.output.nanos(million)))
}

impl Today {
    /// Nothing of a model that was not asked for today.
    pub(super) fn of(
        model: &str,
        forecasts: &[(Platform, Forecast)],
        ow: &'static OverviewWords,
        zone: &TimeZone,
    ) -> Option<Self> {
        let of_model = forecasts.iter().filter(|(_, forecast)| *forecast.model == *model);
        of_model
            .map(|(platform, forecast)| Self::new(*platform, forecast, ow, zone))
            .reduce(|all, one| all.plus(&one))
    }

    fn new(
        platform: Platform,
        forecast: &Forecast,
        ow: &'static OverviewWords,
        zone: &TimeZone,
    ) -> Self {
        let prospect = super::overview::prospect(forecast, ow, zone);
        let prospect = match platform {
            Platform::Gemini => prospect,
            Platform::Vertex => format!("Vertex AI: {prospect}"),
        };
        Self { used: forecast.used_today, left: forecast.left_today, prospect }
    }

    fn plus(self, other: &Self) -> Self {
        let prospect = format!("{}; {}", self.prospect, other.prospect);
        Self { used: self.used + other.used, left: self.left + other.left, prospect }
    }
}
