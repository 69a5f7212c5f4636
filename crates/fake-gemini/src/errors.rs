//! Google's error answers, filled in for the request at hand.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::catalogue::recorded;
use crate::html;
use crate::models::Model;
use crate::quota::{Exceeded, Limit, Tier};
use crate::reply::{HTML, Reply};
use crate::route::Target;

const QUOTA_INTRODUCTION: &str = "You exceeded your current quota, please check your plan and \
     billing details. For more information on this error, head to: \
     https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head to: \
     https://ai.dev/rate-limit. ";

/// An error without details.
pub(crate) fn plain(status: StatusCode, name: &str, message: &str) -> Reply {
    Reply::json(status, &body(status, name, message))
}

/// The body of an error without details.
pub(crate) fn body(status: StatusCode, name: &str, message: &str) -> Value {
    json!({"error": {"code": status.as_u16(), "message": message, "status": name}})
}

/// 400 `INVALID_ARGUMENT`.
pub(crate) fn invalid_argument(message: &str) -> Reply {
    plain(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
}

/// 400 with the fields that are wrong: (path, description).
pub(crate) fn bad_fields(violations: &[(String, String)]) -> Reply {
    let message: Vec<&str> = violations.iter().map(|(_, said)| said.as_str()).collect();
    let fields: Vec<Value> = violations
        .iter()
        .map(|(field, said)| match field.as_str() {
            "" => json!({"description": said}),
            field => json!({"field": field, "description": said}),
        })
        .collect();
    let mut body = body(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", &message.join("\n"));
    body["error"]["details"] = json!([
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}
    ]);
    Reply::json(StatusCode::BAD_REQUEST, &body)
}

/// A recorded answer as it is.
pub(crate) fn from_catalogue(id: &str) -> Reply {
    replaced(id, &[])
}

/// A suspended key's answer; its message holds the key.
pub(crate) fn suspended(key: &str, project: &str) -> Reply {
    let number = project_number(project);
    replaced(
        "consumer_suspended",
        &[("api_key:REDACTED", &format!("api_key:{key}")), ("123456789012", &number)],
    )
}

/// The answer of a project that has not enabled the API.
pub(crate) fn service_disabled(project: &str) -> Reply {
    replaced("service_disabled", &[("12345678", &project_number(project))])
}

/// 404 for a model that does not exist, or cannot do this.
pub(crate) fn model_not_found(target: &Target) -> Reply {
    let (model, version) = (target.model.as_deref().unwrap_or_default(), &target.version);
    if target.is_vertex {
        let message = format!(
            "Publisher Model `publishers/google/models/{model}` was not found or your project does \
             not have access to it. Please ensure you are using a valid model version."
        );
        return plain(StatusCode::NOT_FOUND, "NOT_FOUND", &message);
    }
    let method = match target.label.as_str() {
        "models.get" => String::new(),
        label => format!(", or is not supported for {label}"),
    };
    plain(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        &format!(
            "models/{model} is not found for API version {version}{method}. Call \
             ModelService.ListModels to see the list of available models and their supported \
             methods."
        ),
    )
}

/// 429 with `Help`, `QuotaFailure` and `RetryInfo`.
pub(crate) fn quota_exceeded(exceeded: &Exceeded, tier: Tier, model: &Model) -> Reply {
    let line = |(limit, value): &(Limit, u64)| {
        let metric = metric(*limit, tier);
        format!("\n* Quota exceeded for metric: {metric}, limit: {value}, model: {}", model.id)
    };
    let lines: String = exceeded.violations.iter().map(line).collect();
    let violation = |(limit, value): &(Limit, u64)| {
        let mut violation = json!({
            "quotaMetric": metric(*limit, tier),
            "quotaId": quota_id(*limit, tier),
            "quotaDimensions": {"location": "global", "model": model.id},
        });
        // Where a model is not offered, Google names no value.
        if *value > 0 {
            violation["quotaValue"] = json!(value.to_string());
        }
        violation
    };
    let violations: Vec<Value> = exceeded.violations.iter().map(violation).collect();
    let (text, delay) = retry_texts(exceeded.retry_after);
    let message = format!("{QUOTA_INTRODUCTION}{lines}\nPlease retry in {text}.");
    let mut body = body(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", &message);
    body["error"]["details"] = json!([
        {"@type": "type.googleapis.com/google.rpc.Help", "links": [{
            "description": "Learn more about Gemini API quotas",
            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
        }]},
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ]);
    Reply::json(StatusCode::TOO_MANY_REQUESTS, &body)
}

/// The delay as the message says it (exact) and as `RetryInfo` does (whole seconds, cut off).
fn retry_texts(delay: Duration) -> (String, String) {
    if delay < Duration::from_secs(1) {
        let millis = delay.as_secs_f64() * 1000.0;
        return (format!("{millis}ms"), format!("{}s", delay.as_secs_f64()));
    }
    (format!("{}s", delay.as_secs_f64()), format!("{}s", delay.as_secs()))
}

fn metric(limit: Limit, tier: Tier) -> String {
    let name = match (limit, tier) {
        (Limit::TokensPerMinute, Tier::Free) => "generate_content_free_tier_input_token_count",
        (Limit::TokensPerMinute, Tier::Paid1) => "generate_content_paid_tier_input_token_count",
        (Limit::TokensPerMinute, Tier::Paid2) => "generate_content_paid_tier_2_input_token_count",
        (Limit::TokensPerMinute, Tier::Paid3) => "generate_content_paid_tier_3_input_token_count",
        (_, Tier::Free) => "generate_content_free_tier_requests",
        (Limit::RequestsPerMinute, _) => "generate_requests_per_model",
        (Limit::RequestsPerDay, _) => "generate_requests_per_model_per_day",
    };
    format!("generativelanguage.googleapis.com/{name}")
}

fn quota_id(limit: Limit, tier: Tier) -> String {
    let name = match (limit, tier) {
        (Limit::RequestsPerMinute, _) => "GenerateRequestsPerMinutePerProjectPerModel",
        (Limit::RequestsPerDay, _) => "GenerateRequestsPerDayPerProjectPerModel",
        (Limit::TokensPerMinute, Tier::Free) => "GenerateContentInputTokensPerModelPerMinute",
        (Limit::TokensPerMinute, _) => "GenerateContentPaidTierInputTokensPerModelPerMinute",
    };
    let tier = match tier {
        Tier::Free => "FreeTier",
        Tier::Paid1 => "PaidTier1",
        Tier::Paid2 => "PaidTier2",
        Tier::Paid3 => "PaidTier3",
    };
    format!("{name}-{tier}")
}

/// A project's twelve-digit number; a name that is a number is its own.
fn project_number(project: &str) -> String {
    if !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit()) {
        return project.to_owned();
    }
    let hash = project.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:012}", 100_000_000_000 + hash % 900_000_000_000)
}

fn replaced(id: &str, replacements: &[(&str, &str)]) -> Reply {
    let Some(recorded) = recorded(id) else {
        let message = format!("errors.json has no entry named {id}");
        return plain(StatusCode::NOT_IMPLEMENTED, "UNIMPLEMENTED", &message);
    };
    let status = StatusCode::from_u16(recorded.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if id == "html_404" {
        return html::not_found("/v1beta/nothing");
    }
    let mut body = recorded.body.clone();
    for (from, to) in replacements {
        replace_texts(&mut body, from, to);
    }
    match body {
        Value::String(text) => Reply::whole(status, HTML, text),
        body => Reply::json(status, &body),
    }
}

fn replace_texts(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) => *text = text.replace(from, to),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_texts(item, from, to)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| replace_texts(field, from, to));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_read_as_googles_do() {
        let texts = |millis| retry_texts(Duration::from_millis(millis));
        assert_eq!(texts(21_518), ("21.518s".into(), "21s".into()));
        assert_eq!(texts(500), ("500ms".into(), "0.5s".into()));
    }

    #[test]
    fn project_numbers_are_stable_and_long() {
        assert_eq!(project_number("123"), "123");
        assert_eq!(project_number("small"), project_number("small"));
        assert_eq!(project_number("small").len(), 12);
    }
}
