//! `/api/admin/models`: what is asked for, who can serve it, and what it is called.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::{Forecast, Platform, QuotaCell};
use serde::{Deserialize, Serialize};
use settings::ModelPrice;
use store::{Span, Subject};
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::access::Identity;
use crate::changes::models::{self as changes, ModelChange};
use crate::error::Error;
use crate::models::Model;
use crate::traffic::{Range, Sums};

/// The most models that are listed.
const LISTED: u64 = 500;

/// A model, and what its requests of the last 30 days came to.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedModel)]
pub(crate) struct Listed {
    model: String,
    #[serde(flatten)]
    month: Sums,
}

/// How a model's quota stands today.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelOutlook)]
struct Outlook {
    /// Whose quota it is.
    platform: Platform,
    #[serde(flatten)]
    forecast: Forecast,
}

/// A model, and how it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Model)]
pub(crate) struct Shown {
    model: String,
    keys: Keys,
    /// How its quota stands today at each of Google's APIs; none if nobody has asked for it.
    forecasts: Vec<Outlook>,
    /// What each project has used of it.
    projects: Vec<QuotaCell>,
    /// The last 24 hours.
    day: Sums,
    /// The last 30 days.
    month: Sums,
    /// Half of the answers of the last day began within so many milliseconds.
    first_byte: Option<u64>,
    /// Nothing if it is not known.
    price: Option<Price>,
    /// Whether lists leave it out and requests for it are refused.
    hidden: bool,
    /// Names that clients may call it by.
    aliases: Vec<String>,
    /// Those that answer when it cannot, in this order.
    fallbacks: Vec<String>,
    /// Those that it answers for.
    answers_for: Vec<String>,
}

/// How many keys can serve it.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelKeys)]
struct Keys {
    ready: usize,
    /// Out of quota for this model.
    blocked: usize,
    dead: usize,
    disabled: usize,
}

/// Dollars per million tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = MillionTokens)]
struct Price {
    read: f64,
    written: f64,
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ModelChanges)]
pub(crate) struct Changes {
    hidden: Option<bool>,
    /// All names that clients may call it by; those that are not here lead to it no more.
    aliases: Option<Vec<String>>,
    /// Those that answer when it cannot, in this order.
    fallbacks: Option<Vec<String>>,
}

/// Lists the models that were asked for in the last 30 days, the busiest first.
#[utoipa::path(
    get, path = "/api/admin/models", tag = "Models", operation_id = "listModels",
    responses((status = 200, description = "The models", body = [Listed], example = json!([{
        "model": "gemini-2.5-flash", "requests": 120, "succeeded": 119, "rescued": 4, "failed": 1,
        "prompt_tokens": 88_000, "cached_tokens": 12_000, "completion_tokens": 21_000,
        "thought_tokens": 9_000, "list_price": 0.1575
    }])))
)]
pub(crate) async fn list(State(console): State<Console>) -> Result<Json<Vec<Listed>>, Error> {
    let month = Range::Month.period(relay::now());
    let busiest = console.store.busiest(Subject::Model, Span::Hour, month, LISTED).await?;
    let listed = busiest.into_iter().filter(|(model, _)| !model.is_empty());
    Ok(Json(listed.map(|(model, tally)| Listed { model, month: tally.into() }).collect()))
}

/// Shows one model: who can serve it now, what came of it, what it costs and is called.
#[utoipa::path(
    get, path = "/api/admin/models/{id}", tag = "Models", operation_id = "readModel",
    params(("id" = String, Path, description = "The model's name")),
    responses((status = 200, description = "The model, whether anybody has asked for it or not", body = Shown))
)]
pub(crate) async fn read(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Error> {
    Ok(Json(Model::read(&console, id, relay::now()).await?.into()))
}

/// Hides or shows a model, and changes its other names and who answers when it cannot.
#[utoipa::path(
    patch, path = "/api/admin/models/{id}", tag = "Models", operation_id = "changeModel",
    params(("id" = String, Path, description = "The model's name")),
    request_body(content = Changes, example = json!({
        "hidden": false, "aliases": ["gpt-4o"], "fallbacks": ["gemini-2.5-flash-lite"]
    })),
    responses(
        (status = 204, description = "It is changed, with an entry in the settings' history"),
        (status = 400, description = "A name is not accepted, or stands for another model", body = ErrorBody),
        (status = 409, description = "The environment is final", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    wanted: Result<Json<Changes>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(wanted) = wanted?;
    let model = Model::read(&console, id, relay::now()).await?;
    changes::change(&console, &identity, &model.name, wanted.of(&model)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Changes {
    /// One after the other, beginning with the model as it is.
    fn of(self, model: &Model) -> Vec<ModelChange> {
        let hidden =
            self.hidden.map(|hidden| if hidden { ModelChange::Hide } else { ModelChange::Show });
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        if let Some(aliases) = self.aliases {
            let known = &model.names.aliases;
            gone = known.iter().filter(|alias| !aliases.contains(alias)).cloned().collect();
            new = aliases.into_iter().filter(|alias| !known.contains(alias)).collect();
        }
        let gone = gone.into_iter().map(ModelChange::Unalias);
        let new = new.into_iter().map(ModelChange::Alias);
        let fallbacks = self.fallbacks.map(ModelChange::Fallbacks);
        hidden.into_iter().chain(gone).chain(new).chain(fallbacks).collect()
    }
}

impl From<Model> for Shown {
    fn from(model: Model) -> Self {
        let Model { census, names, .. } = model;
        Self {
            model: model.name,
            keys: Keys {
                ready: census.ready,
                blocked: census.blocked,
                dead: census.dead,
                disabled: census.disabled,
            },
            forecasts: model.forecasts.into_iter().map(Outlook::from).collect(),
            projects: model.cells,
            day: model.day,
            month: model.month,
            first_byte: model.first_byte,
            price: model.price.as_ref().map(Price::from),
            hidden: names.is_hidden,
            aliases: names.aliases,
            fallbacks: names.fallbacks,
            answers_for: names.answers_for,
        }
    }
}

impl From<(Platform, Forecast)> for Outlook {
    fn from((platform, forecast): (Platform, Forecast)) -> Self {
        Self { platform, forecast }
    }
}

impl From<&ModelPrice> for Price {
    fn from(price: &ModelPrice) -> Self {
        let million = 1_000_000;
        Self {
            read: price.input.nanos(million) as f64 / 1e9,
            written: price.output.nanos(million) as f64 / 1e9,
        }
    }
}
