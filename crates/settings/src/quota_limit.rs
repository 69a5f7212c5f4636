//! Limits of Google's quotas, as an administrator declares them.

use std::num::NonZeroU64;

use serde::Serialize;

/// Whose quotas are limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum QuotaOwner {
    /// The Gemini API.
    #[default]
    Gemini,
    /// Vertex AI in express mode.
    Vertex,
}

impl QuotaOwner {
    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "gemini" => Some(Self::Gemini),
            "vertex" => Some(Self::Vertex),
            _ => None,
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_gemini(&self) -> bool {
        *self == Self::Gemini
    }
}

/// What some projects may use of some models. What is left out of project, tier and model holds for
/// all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QuotaLimit {
    /// Of which of Google's APIs.
    #[serde(skip_serializing_if = "QuotaOwner::is_gemini")]
    pub platform: QuotaOwner,
    /// Only for this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Only for projects whose lowest tier is this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<u8>,
    /// Only for this model, without `models/`; `*` at its end stands for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Requests in a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<NonZeroU64>,
    /// Input tokens in a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<NonZeroU64>,
    /// Requests in a day, which ends at midnight Pacific.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_day: Option<NonZeroU64>,
    /// Input tokens in a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_day: Option<NonZeroU64>,
}

impl QuotaLimit {
    /// Whether it is about the very same projects and models as another.
    pub(crate) fn concerns_the_same(&self, other: &Self) -> bool {
        (self.platform, &self.project, self.tier, &self.model)
            == (other.platform, &other.project, other.tier, &other.model)
    }

    /// Whether it limits nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.requests_per_minute.is_none()
            && self.tokens_per_minute.is_none()
            && self.requests_per_day.is_none()
            && self.tokens_per_day.is_none()
    }
}
