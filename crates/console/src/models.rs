//! One model as the page and the API tell of it: who can serve it, what came of it, what it is called.
//! What is known of it besides is in [`facts`], all models together are in [`overview`].

mod facts;
mod overview;
mod standing;

pub(crate) use facts::{Catalogue, Facts};
pub(crate) use overview::{Entry, Overview};
pub(crate) use standing::Keys;

use std::time::Duration;

use jobs::ModelsUnseen;
use keypool::{Forecast, KnownLimit, Platform, QuotaCell, Timestamp};
use settings::{ModelPrice, Settings};
use store::{Period, Span, Store, StoreError, Subject, Tally};

use crate::State;
use crate::changes::settings::resolved;
use crate::error::Error;
use crate::traffic::{Range, Sums};

/// A model, and how it stands.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) facts: Facts,
    /// How the keys of the pool stand for it.
    pub(crate) keys: Keys,
    /// What projects may use of it, as far as it is known.
    pub(crate) limits: Vec<KnownLimit>,
    /// At each of Google's APIs; none of a model that nobody has asked for.
    pub(crate) forecasts: Vec<(Platform, Forecast)>,
    /// What each project has used of it.
    pub(crate) cells: Vec<QuotaCell>,
    /// The last 24 hours.
    pub(crate) day: Sums,
    /// The last 30 days.
    pub(crate) month: Sums,
    /// Half of the answers of the last day began within so many milliseconds.
    pub(crate) first_byte: Option<u64>,
    pub(crate) price: Option<ModelPrice>,
    pub(crate) names: Names,
    /// Whether the environment is final, so that nothing of it can be changed here.
    pub(crate) is_readonly: bool,
}

/// What settings say of a model.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) is_hidden: bool,
    /// Names that clients may call it by.
    pub(crate) aliases: Vec<String>,
    /// Those that answer when it cannot.
    pub(crate) fallbacks: Vec<String>,
    /// Those that it answers for.
    pub(crate) answers_for: Vec<String>,
    /// Names with an ending that asks for something besides.
    pub(crate) variants: Vec<String>,
}

/// The longest time that somebody waits for Google's list.
const PATIENCE: Duration = Duration::from_secs(15);

/// Looks at Google's list of models now. Returns how many stand there.
pub(crate) async fn look(state: &State) -> Result<usize, Error> {
    let seen = jobs::see_models(&state.gateway, &state.store);
    match tokio::time::timeout(PATIENCE, seen).await {
        Ok(Ok(count)) => Ok(count),
        Ok(Err(ModelsUnseen::NoModels(error))) => Err(Error::NoModels(error)),
        Ok(Err(ModelsUnseen::Store(error))) => Err(error.into()),
        Err(_) => Err(Error::Conflict("Google's list of models took too long.".to_owned())),
    }
}

impl Model {
    /// Any name has one: nothing is known of a model before it was asked for.
    pub(crate) async fn read(state: &State, name: String, now: Timestamp) -> Result<Self, Error> {
        let (month, day, first_byte) = numbers(&state.store, &name, now).await?;
        let settings = resolved(state).await?.settings;
        let gateway = &state.gateway;
        let limits = |platform: &Platform| gateway.pool(*platform).known_limits(&name);
        let limits = Platform::ALL.iter().flat_map(limits).collect();
        let facts = Catalogue::read(&state.store).await?.facts(&name, now);
        let (mut forecasts, mut cells) = (gateway.forecasts(now), gateway.quota_cells(now));
        forecasts.retain(|(_, forecast)| *forecast.model == *name);
        cells.retain(|cell| *cell.model == *name);
        Ok(Self {
            facts,
            keys: Keys::of(gateway, Some(&name), now),
            limits,
            forecasts,
            cells,
            day: day.into(),
            month: month.into(),
            first_byte,
            price: state.gateway.configuration().price(&name).cloned(),
            names: Names::of(&name, &settings),
            is_readonly: settings.security.settings_readonly,
            name,
        })
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
            variants: variants(model, settings),
        }
    }
}

/// The names under which the settings offer a model besides.
fn variants(model: &str, settings: &Settings) -> Vec<String> {
    let models = &settings.models;
    let offers: [(&[String], &[&str]); 3] = [
        (&models.search, &["-search"]),
        (&models.images, &["-image"]),
        (&models.thinking, &["-thinking", "-non-thinking"]),
    ];
    let offered = offers.iter().filter(|(names, _)| names.iter().any(|name| name == model));
    let endings = offered.flat_map(|(_, endings)| endings.iter());
    endings.map(|ending| format!("{model}{ending}")).collect()
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
