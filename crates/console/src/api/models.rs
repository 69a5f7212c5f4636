//! `/api/admin/models`: what is asked for, who can serve it, and what it is called.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use keypool::{Forecast, KnownLimit, Platform, QuotaCell};
use serde::{Deserialize, Serialize};
use settings::ModelPrice;
use utoipa::ToSchema;

use super::{Begun, ErrorBody};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::models::{self as changes, ModelChange};
use crate::error::Error;
use crate::models::{self, Entry, Facts, Keys, Model, Overview};
use crate::traffic::Sums;
use crate::work;

/// A model, how it stands, and what its requests of the last 30 days came to.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedModel)]
pub(crate) struct Listed {
    model: String,
    #[serde(flatten)]
    month: Sums,
    #[serde(flatten)]
    facts: Facts,
    keys: Keys,
    /// Whether lists leave it out and requests for it are refused.
    hidden: bool,
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
    #[serde(flatten)]
    facts: Facts,
    keys: Keys,
    /// What projects may use of it, as far as Google or an administrator has said.
    limits: Vec<KnownLimit>,
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
    /// Names with an ending that asks for something besides.
    variants: Vec<String>,
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

/// Lists the models that were asked for in the last 30 days, the busiest first, then the others that
/// Google lists.
#[utoipa::path(
    get, path = "/api/admin/models", tag = "Models", operation_id = "listModels",
    responses((status = 200, description = "The models", body = [Listed], example = json!([{
        "model": "gemini-3.1-flash-lite", "requests": 120, "succeeded": 119, "rescued": 4, "failed": 1,
        "prompt_tokens": 88_000, "cached_tokens": 12_000, "completion_tokens": 21_000,
        "thought_tokens": 9_000, "list_price": 0.1575, "family": "gemini-3", "listed": true,
        "first_seen": 1_795_241_400_000_i64, "new": false, "retires_on": "2027-05-07",
        "retired": false, "replacement": null, "context": 1_048_576, "max_output": 65_536,
        "methods": ["generateContent", "countTokens"], "hidden": false, "keys": {
            "ready": 9, "cooling": 1, "exhausted": 0, "dead": 2, "disabled": 0
        }
    }])))
)]
pub(crate) async fn list(State(console): State<Console>) -> Result<Json<Vec<Listed>>, Error> {
    let overview = Overview::read(&console, relay::now()).await?;
    let named = overview.entries.into_iter().filter(|entry| !entry.name.is_empty());
    Ok(Json(named.map(Listed::from).collect()))
}

/// How many models Google lists.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelsSeen)]
pub(crate) struct Seen {
    listed: usize,
}

/// Looks at Google's list of models now; by itself that is done four times a day.
#[utoipa::path(
    post, path = "/api/admin/models/refresh", tag = "Models", operation_id = "refreshModels",
    request_body(content = serde_json::Value, example = json!({})),
    responses(
        (status = 200, description = "It is written down", body = Seen, example = json!({"listed": 48})),
        (status = 503, description = "Google told of no models", body = ErrorBody),
    )
)]
pub(crate) async fn refresh(State(console): State<Console>) -> Result<Json<Seen>, Error> {
    Ok(Json(Seen { listed: models::look(&console).await? }))
}

/// Models that are to be hidden or offered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ModelAction)]
pub(crate) struct Wanted {
    /// `hide` or `show`.
    action: String,
    models: Vec<String>,
}

/// Hides several models from lists and refuses requests for them, or offers them again.
#[utoipa::path(
    post, path = "/api/admin/models/act", tag = "Models", operation_id = "actOnModels",
    request_body(content = Wanted, example = json!({
        "action": "hide", "models": ["gemini-2.5-pro", "gemini-2.5-flash"]
    })),
    responses(
        (status = 204, description = "It is done, with one entry in the settings' history"),
        (status = 400, description = "No model is meant, or there is no such action", body = ErrorBody),
        (status = 409, description = "The environment is final", body = ErrorBody),
    )
)]
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(Wanted { action, models }) = wanted?;
    changes::hide(&console, &identity, models, &action).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries a model with three keys chosen by chance, as a job: a small request with each, or, where an
/// answer would be a picture or a film, a look at its description.
#[utoipa::path(
    post, path = "/api/admin/models/{id}/test", tag = "Models", operation_id = "testModel",
    params(("id" = String, Path, description = "The model's name")),
    request_body(content = serde_json::Value, example = json!({})),
    responses(
        (status = 202, description = "The job that does it", body = Begun, example = json!({
            "job": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "total": 3
        })),
        (status = 409, description = "No key is valid", body = ErrorBody),
    )
)]
pub(crate) async fn test(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let job = work::test_model(&console, &identity, &id).await?;
    Ok(Begun::accepted(&job))
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
        let Model { names, .. } = model;
        Self {
            model: model.name,
            facts: model.facts,
            keys: model.keys,
            limits: model.limits,
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
            variants: names.variants,
        }
    }
}

impl From<Entry> for Listed {
    fn from(entry: Entry) -> Self {
        let Entry { name, facts, keys, month, is_hidden, .. } = entry;
        Self { model: name, month, facts, keys, hidden: is_hidden }
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
