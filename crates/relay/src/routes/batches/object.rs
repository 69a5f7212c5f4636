//! A batch as OpenAI describes it, told from what Google says of it.

use std::collections::BTreeMap;
use std::fmt;

use dialect::openai::batches::{Endpoint, Mistake};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::kept::Input;

/// So long may a batch take.
const WINDOW_IN_SECONDS: i64 = 24 * 3600;

/// How a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    InProgress,
    Completed,
    Failed,
    Expired,
    Cancelling,
    Cancelled,
}

impl Status {
    /// Whether nothing will change any more.
    pub(crate) fn is_final(self) -> bool {
        !matches!(self, Self::InProgress | Self::Cancelling)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::InProgress => "in progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        })
    }
}

/// OpenAI's object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(crate) id: String,
    object: String,
    endpoint: Endpoint,
    model: Option<String>,
    errors: Option<Errors>,
    input_file_id: String,
    completion_window: String,
    pub(crate) status: Status,
    output_file_id: Option<String>,
    error_file_id: Option<String>,
    created_at: i64,
    in_progress_at: Option<i64>,
    expires_at: Option<i64>,
    finalizing_at: Option<i64>,
    pub(crate) completed_at: Option<i64>,
    failed_at: Option<i64>,
    expired_at: Option<i64>,
    pub(crate) cancelling_at: Option<i64>,
    cancelled_at: Option<i64>,
    request_counts: Counts,
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Errors {
    object: String,
    data: Vec<Mistake>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Counts {
    total: u64,
    completed: u64,
    failed: u64,
}

/// What Google says; all that is written by models is skipped.
#[derive(Deserialize)]
struct Operation {
    done: Option<bool>,
    error: Option<Failure>,
    metadata: Option<Work>,
    response: Option<Output>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Work {
    state: String,
    end_time: Option<String>,
    batch_stats: Stats,
    output: Option<Output>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stats {
    #[serde(rename = "requestCount")]
    all: Option<String>,
    #[serde(rename = "successfulRequestCount")]
    successful: Option<String>,
    #[serde(rename = "failedRequestCount")]
    failed: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    responses_file: Option<String>,
}

impl Batch {
    /// One that begins now.
    pub(super) fn new(id: String, asked: Asked, input: &Input, now: i64) -> Self {
        Self {
            id,
            object: "batch".to_owned(),
            endpoint: asked.endpoint,
            model: Some(input.model.clone()).filter(|model| !model.is_empty()),
            errors: None,
            input_file_id: asked.input_file_id,
            completion_window: asked.completion_window,
            status: Status::InProgress,
            output_file_id: None,
            error_file_id: None,
            created_at: now,
            in_progress_at: Some(now),
            expires_at: Some(now + WINDOW_IN_SECONDS),
            finalizing_at: None,
            completed_at: None,
            failed_at: None,
            expired_at: None,
            cancelling_at: None,
            cancelled_at: None,
            request_counts: Counts { total: input.requests, completed: 0, failed: 0 },
            metadata: asked.metadata,
        }
    }

    /// Its lines have mistakes, so that it never begins.
    pub(super) fn fail(&mut self, mistakes: Vec<Mistake>, now: i64) {
        self.status = Status::Failed;
        self.in_progress_at = None;
        self.failed_at = Some(now);
        self.request_counts.total = 0;
        self.errors = Some(Errors { object: "list".to_owned(), data: mistakes });
    }

    /// Takes in what Google says of it; false if that is nothing of the kind.
    pub(super) fn hear(&mut self, answer: &[u8], now: i64) -> bool {
        let Ok(told) = serde_json::from_slice::<Operation>(answer) else { return false };
        let Operation { done, error, metadata, response } = told;
        let work = metadata.unwrap_or_default();
        let end = work.end_time.and_then(|time| time.parse::<Timestamp>().ok());
        let at = Some(end.map_or(now, Timestamp::as_second));
        let is_done = done == Some(true);
        match work.state.trim_start_matches("BATCH_STATE_").trim_start_matches("JOB_STATE_") {
            "SUCCEEDED" => (self.status, self.completed_at) = (Status::Completed, at),
            "CANCELLED" => (self.status, self.cancelled_at) = (Status::Cancelled, at),
            "EXPIRED" => (self.status, self.expired_at) = (Status::Expired, at),
            "FAILED" => (self.status, self.failed_at) = (Status::Failed, at),
            _ if is_done && error.is_some() => {
                (self.status, self.failed_at) = (Status::Failed, at);
            }
            _ if is_done => (self.status, self.completed_at) = (Status::Completed, at),
            _ => {}
        }
        self.finalizing_at = self.completed_at;
        if self.status == Status::Failed {
            let message = error.map_or_else(String::new, |error| error.message);
            let data = vec![Mistake::new("upstream_error", None, message)];
            self.errors = Some(Errors { object: "list".to_owned(), data });
        }
        let of = |count: Option<String>| count.and_then(|count| count.parse().ok());
        let Stats { all, successful, failed } = work.batch_stats;
        let counts = &mut self.request_counts;
        counts.total = of(all).filter(|count| *count > 0).unwrap_or(counts.total);
        counts.completed = of(successful).unwrap_or(counts.completed);
        counts.failed = of(failed).unwrap_or(counts.failed);
        let output = work.output.or(response).and_then(|output| output.responses_file);
        if let Some(file) = output.filter(|_| self.status.is_final()) {
            let id = crate::routes::files::openai_id(&file);
            self.error_file_id = (counts.failed > 0).then(|| super::output::errors_of(&id));
            self.output_file_id = Some(id);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn batch() -> Batch {
        let asked = json!({"input_file_id": "file-a", "endpoint": "/v1/embeddings",
            "completion_window": "24h"});
        let asked = Asked::read(asked.to_string().as_bytes()).ok().unwrap();
        let input = Input { requests: 3, model: "m".to_owned(), ..Input::default() };
        Batch::new("batch_x".to_owned(), asked, &input, 100)
    }

    fn hear(answer: &Value) -> Value {
        let mut batch = batch();
        assert!(batch.hear(answer.to_string().as_bytes(), 200), "{answer}");
        serde_json::to_value(batch).unwrap()
    }

    #[test]
    fn what_google_says_is_told_in_openais_words() {
        let told = hear(&json!({"name": "batches/x", "metadata": {
            "state": "BATCH_STATE_RUNNING", "output": {"responsesFile": "files/early"},
        }}));
        assert_eq!(
            (&told["status"], &told["output_file_id"]),
            (&json!("in_progress"), &Value::Null)
        );
        assert_eq!(told["request_counts"], json!({"total": 3, "completed": 0, "failed": 0}));
        let stats =
            json!({"requestCount": "3", "successfulRequestCount": "2", "failedRequestCount": "1"});
        let told = hear(&json!({"name": "batches/x", "done": true, "metadata": {
            "state": "BATCH_STATE_SUCCEEDED", "batchStats": stats, "endTime": "1970-01-01T00:02:30Z",
        }, "response": {"responsesFile": "files/out"}}));
        assert_eq!((&told["status"], &told["completed_at"]), (&json!("completed"), &json!(150)));
        assert_eq!(told["output_file_id"], "file-out");
        assert_eq!(told["error_file_id"], "file-out.errors");
        assert_eq!(told["request_counts"], json!({"total": 3, "completed": 2, "failed": 1}));
        let told = hear(&json!({"done": true, "error": {"code": 3, "message": "No."}}));
        assert_eq!((&told["status"], &told["failed_at"]), (&json!("failed"), &json!(200)));
        assert_eq!(told["errors"]["data"][0]["message"], "No.");
        for (state, status) in [("CANCELLED", "cancelled"), ("EXPIRED", "expired")] {
            let told = hear(&json!({"metadata": {"state": format!("BATCH_STATE_{state}")}}));
            assert_eq!(
                (&told["status"], &told[format!("{status}_at")]),
                (&json!(status), &json!(200))
            );
        }
        assert!(!batch().hear(b"[]", 1));
    }
}
