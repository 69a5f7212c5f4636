//! The limits of a client token as they are written: counts, and dollars as texts.

use serde::{Deserialize, Serialize};
use store::{Cost, TokenLimits};
use utoipa::ToSchema;

use crate::error::Error;

/// What a token may use; what is left out is not limited.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = TokenLimits)]
pub(crate) struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) requests_per_minute: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) requests_per_day: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tokens_per_minute: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tokens_per_day: Option<u64>,
    /// Dollars by list price, as in `"2.50"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) budget_per_day: Option<String>,
    /// Dollars by list price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) budget_per_month: Option<String>,
    /// Requests at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) concurrency: Option<u64>,
    /// The models that may be asked; `*` stands for anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) models: Vec<String>,
}

impl Limits {
    /// What they mean.
    pub(crate) fn read(self) -> Result<TokenLimits, Error> {
        let money = |field, text: Option<String>| {
            let amount = text.map(|text| text.parse::<Cost>()).transpose();
            amount.map_err(|problem| Error::invalid(field, problem.to_string()))
        };
        Ok(TokenLimits {
            requests_per_minute: self.requests_per_minute,
            requests_per_day: self.requests_per_day,
            tokens_per_minute: self.tokens_per_minute,
            tokens_per_day: self.tokens_per_day,
            budget_per_day: money("budget_per_day", self.budget_per_day)?,
            budget_per_month: money("budget_per_month", self.budget_per_month)?,
            concurrency: self.concurrency,
            models: self.models,
        })
    }
}

impl From<TokenLimits> for Limits {
    fn from(limits: TokenLimits) -> Self {
        Self {
            requests_per_minute: limits.requests_per_minute,
            requests_per_day: limits.requests_per_day,
            tokens_per_minute: limits.tokens_per_minute,
            tokens_per_day: limits.tokens_per_day,
            budget_per_day: limits.budget_per_day.map(|cost| cost.to_string()),
            budget_per_month: limits.budget_per_month.map(|cost| cost.to_string()),
            concurrency: limits.concurrency,
            models: limits.models,
        }
    }
}
