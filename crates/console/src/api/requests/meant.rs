use keypool::{KeyId, Timestamp};
use serde::{Deserialize, Serialize};
use store::RequestFilter;

/// Which requests are meant; without a condition all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Meant {
    /// Only those that this key served last.
    key_id: Option<String>,
    /// Only those of this client token.
    token_id: Option<String>,
    /// Only those for this model.
    model: Option<String>,
    /// Only those since this moment, in milliseconds since the Unix epoch.
    since: Option<i64>,
    /// Only those before this moment.
    until: Option<i64>,
    /// Only those with this status or a higher one: 400 for requests that failed.
    status_from: Option<u16>,
    /// Only those with this status or a lower one.
    status_to: Option<u16>,
    /// Only those that came to this, such as `quota_spent`.
    outcome: Option<String>,
    /// Only those in this API: `openai`, `responses`, `anthropic` or `gemini`.
    dialect: Option<String>,
    /// Only those that took at least so many milliseconds.
    duration_from: Option<u32>,
}

impl Meant {
    pub(super) fn filter(&self) -> RequestFilter {
        let meant = self.clone();
        RequestFilter {
            key_id: meant.key_id.map(KeyId::from),
            token_id: meant.token_id,
            model: meant.model,
            since: meant.since.map(Timestamp::from_millis),
            until: meant.until.map(Timestamp::from_millis),
            status_from: meant.status_from,
            status_to: meant.status_to,
            outcome: meant.outcome,
            dialect: meant.dialect,
            duration_from: meant.duration_from,
            ..RequestFilter::default()
        }
    }

    /// The same in words; nothing if all are meant.
    pub(super) fn said(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        let fields = value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let said = fields.map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name}={text}"),
            None => format!("{name}={value}"),
        });
        said.collect::<Vec<_>>().join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_said_in_words() {
        assert_eq!(Meant::default().said(), "");
        let model = Some("gemini-2.5-pro".to_owned());
        let meant = Meant { model, status_from: Some(400), ..Meant::default() };
        assert_eq!(meant.said(), "model=gemini-2.5-pro&status_from=400");
        assert_eq!(meant.filter().status_from, Some(400));
    }
}
