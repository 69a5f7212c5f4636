//! `/admin/models`: what Google lists and what is asked for, how well it is served, and what is left
//! of it today.

use askama::Template;
use axum::extract::{RawForm, State};
use axum::response::Redirect;
use jiff::tz::TimeZone;
use keypool::{Forecast, Platform, Timestamp};
use settings::{ModelPrice, list_prices};
use store::{Period, Span};

use crate::State as Console;
use crate::access::Identity;
use crate::changes::models as changes;
use crate::error::Error;
use crate::models::{self, Entry, Overview};
use crate::page::Page;
use crate::shell::Shell;
use crate::traffic::Range;
use crate::words::models::ModelsWords;
use crate::words::overview::OverviewWords;

#[derive(Template)]
#[template(path = "models.html")]
pub(crate) struct ModelsPage {
    shell: Shell,
    w: &'static ModelsWords,
    ow: &'static OverviewWords,
    /// The busiest family first.
    families: Vec<Family>,
    last_look: Option<Timestamp>,
    is_readonly: bool,
    /// Whether a key is left that Google accepts.
    has_valid: bool,
    prices_as_of: &'static str,
}

/// Models that belong together.
struct Family {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    entry: Entry,
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
    let overview = Overview::read(&console, now).await?;
    let totals = console.gateway.totals(now);
    let day = day(now);
    let mut families: Vec<Family> = Vec::new();
    for entry in overview.entries {
        let first_byte = if entry.day.requests > 0 {
            let times = console.store.latencies(&entry.name, Span::Hour, day).await?;
            times.first_byte.quantile(0.5)
        } else {
            None
        };
        let today = Today::of(&entry.name, &forecasts, ow, &zone);
        let price = configuration.price(&entry.name).map(of_a_million);
        let row = Row { entry, first_byte, price, today };
        match families.iter_mut().find(|family| family.name == row.entry.facts.family) {
            Some(family) => family.rows.push(row),
            None => {
                families.push(Family { name: row.entry.facts.family.clone(), rows: vec![row] });
            }
        }
    }
    Ok(Page(ModelsPage {
        w: ModelsWords::of(shell.language),
        ow,
        shell,
        families,
        last_look: overview.last_look,
        is_readonly: overview.is_readonly,
        has_valid: totals.ready + totals.cooling > 0,
        prices_as_of: &list_prices().as_of,
    }))
}

/// The last 24 hours.
fn day(now: Timestamp) -> Period {
    let month = Range::Month.period(now);
    Period { from: Timestamp::from_millis(month.to.millis() - Span::Day.millis()), ..month }
}

/// `POST /admin/models/act`: hides the chosen models, or offers them again.
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    RawForm(form): RawForm,
) -> Result<Redirect, Error> {
    let (mut action, mut chosen) = (String::new(), Vec::new());
    for (name, value) in url::form_urlencoded::parse(&form) {
        match &*name {
            "action" => action = value.into_owned(),
            "id" => chosen.push(value.into_owned()),
            _ => {}
        }
    }
    changes::hide(&console, &identity, chosen, &action).await?;
    Ok(Redirect::to("/admin/models"))
}

/// `POST /admin/models/refresh`: looks at Google's list now.
pub(crate) async fn refresh(State(console): State<Console>) -> Result<Redirect, Error> {
    models::look(&console).await?;
    Ok(Redirect::to("/admin/models"))
}

/// What a million tokens cost that are read, and that are written.
pub(super) fn of_a_million(price: &ModelPrice) -> (String, String) {
    let dollars = |nanos: u64| format!("{:.2}", nanos as f64 / 1e9);
    let million = 1_000_000;
    (dollars(price.input.nanos(million)), dollars(price.output.nanos(million)))
}

impl ModelsPage {
    fn may_change(&self) -> bool {
        self.shell.may_change() && !self.is_readonly
    }

    /// Columns of the table.
    fn width(&self) -> usize {
        if self.may_change() { 11 } else { 10 }
    }
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
