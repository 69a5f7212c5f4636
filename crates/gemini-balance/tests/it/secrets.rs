//! A pool key appears nowhere, a client token neither.

use std::fs;
use std::path::Path;

use fake_gemini::{ErrorForm, Fault, KeyPlan};
use serde_json::json;
use testkit::{Answer, Gateway, MODEL, Surface, TOKEN, key};

use crate::house::{fault, google, setup};

const ADMINISTRATOR: &str = "canary-administrator-password";
const METRICS: &str = "canary-metrics-token";

/// What must be found nowhere: each key whole, and what is left of it without its mask.
struct Canaries(Vec<String>);

impl Canaries {
    #[track_caller]
    fn absent(&self, place: &str, bytes: impl AsRef<[u8]>) {
        let text = String::from_utf8_lossy(bytes.as_ref()).into_owned();
        for canary in &self.0 {
            if let Some(at) = text.find(canary.as_str()) {
                let around: String = text[..at].chars().rev().take(120).collect();
                let around: String = around.chars().rev().collect();
                panic!("{place} holds {canary} after {around:?}");
            }
        }
    }

    fn absent_from_files(&self, directory: &Path) -> usize {
        let mut files = 0;
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files += self.absent_from_files(&path);
            } else {
                self.absent(&path.display().to_string(), fs::read(&path).unwrap());
                files += 1;
            }
        }
        files
    }
}

fn names() -> [(&'static str, KeyPlan); 12] {
    let key = key("echo");
    let told = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT",
        "message": format!("You sent {key} as your key, see https://x.test/?key={key}."),
        "details": [{"@type": "x", key.as_str(): key}]}});
    let event = format!("data: {told}\r\n\r\n");
    let later = format!(
        "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"hi\"}}]}}}}]}}\r\n\r\n{event}"
    );
    [
        ("sus1", KeyPlan::Suspended),
        ("sus2", KeyPlan::Suspended),
        ("inv", KeyPlan::Invalid),
        ("leaked", KeyPlan::Leaked),
        ("disabled", KeyPlan::ServiceDisabled),
        ("busy", fault(Fault::Status503)),
        ("cut", fault(Fault::CutMidEvent)),
        ("garbage", fault(Fault::Garbage)),
        ("midway", fault(Fault::MidStreamError(ErrorForm::Bare))),
        ("echo", fault(Fault::Replay(told.to_string()))),
        ("echoes", fault(Fault::Replay(later))),
        ("fine", KeyPlan::Valid),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_found_in_answers_logs_files_metrics_or_listings() {
    let google = google(names()).await;
    let keys = names().map(|(name, _)| key(name));
    let setup = setup().google(&google).keys(&keys).without("MASTER_KEY");
    let setup = setup.with("LOG_LEVEL", "trace").with("AUTH_TOKEN", ADMINISTRATOR);
    let setup = setup.with("METRICS_TOKEN", METRICS).with("MAX_FAILURES", "100");
    let mut gateway = setup.with("ERROR_LOG_RECORD_REQUEST_BODY", "true").start().await;
    let made = gateway.run(&["tokens", "create", "laptop"]).await.ok().trim().to_owned();
    let mut canaries = Canaries(keys.iter().map(|key| key[6..key.len() - 4].to_owned()).collect());
    canaries.0.extend([ADMINISTRATOR, METRICS, TOKEN, &made].map(str::to_owned));

    for answer in traffic(&gateway).await {
        canaries.absent("an answer", answer.everything());
    }
    assert!(google.calls_by_key().len() == keys.len(), "each key was in use");
    for arguments in [
        &["keys", "list"][..],
        &["keys", "list", "--json"],
        &["keys", "check", "--json"],
        &["tokens", "list"],
        &["tokens", "list", "--json"],
        &["config", "list"],
        &["config", "list", "--json"],
        &["config", "get", "API_KEYS"],
        &["config", "get", "ALLOWED_TOKENS", "--json"],
        &["keys", "disable", &keys[11]],
        &["keys", "remove", &keys[10]],
        &["keys", "enable", "nonsense"],
    ] {
        let run = gateway.run(arguments).await;
        canaries.absent(&format!("{arguments:?}"), run.stdout + &run.stderr);
    }
    let files = canaries.absent_from_files(&gateway.setup().directory().join("data"));
    assert!(files >= 3, "two databases and a key file");
    assert_eq!(gateway.stop().await, Some(0));
    canaries.absent_from_files(gateway.setup().directory());
    canaries.absent("standard output", gateway.stdout().text());
    canaries.absent("the log", gateway.stderr().text());
    assert!(gateway.stderr().text().contains("\"DEBUG\""), "it was a log of everything");
}

/// Requests of every kind, good and bad.
async fn traffic(gateway: &Gateway) -> Vec<Answer> {
    let client = gateway.client();
    let mut answers = Vec::new();
    for round in 0..30 {
        for surface in Surface::ALL {
            let ask = client.ask(surface, MODEL, &format!("hello {round}"), round % 2 == 0);
            answers.push(ask.send().await);
        }
    }
    let array = format!("/v1beta/models/{MODEL}:streamGenerateContent?key={TOKEN}");
    for _ in 0..6 {
        let body = r#"{"contents":[{"parts":[{"text":"hello"}]}]}"#;
        answers.push(client.anonymous("POST", &array).body(body).send().await);
    }
    let wrong = format!("Bearer {}", key("fine"));
    for ask in [
        client.get("/v1/models"),
        client.get("/v1beta/models"),
        client.get("/readyz"),
        client.get("/healthz"),
        client.get(&format!("/v1beta/nonsense?key={TOKEN}")),
        client.anonymous("GET", "/v1/models").header("authorization", &wrong),
        client.anonymous("GET", "/metrics").header("authorization", &format!("Bearer {METRICS}")),
        client.post("/v1/chat/completions", format!("{{\"model\": \"{}\"}}", key("fine"))),
        client.ask(Surface::Gemini, &key("fine"), "hello", false),
    ] {
        answers.push(ask.send().await);
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_keys_message_is_told_without_the_key() {
    // The only key: its refusal is what the client and the log get to see.
    let google = google([("sus", KeyPlan::Suspended)]).await;
    let gateway = setup().google(&google).keys([key("sus")]).start().await;
    let answer = gateway.client().generate("hello").send().await;
    assert_eq!(answer.status, 503);
    assert!(!answer.everything().contains("CANARY"), "{}", answer.everything());
    let records = gateway.records().await;
    testkit::eventually("it is logged", || async { records.errors().await.len() == 1 }).await;
    let error = records.errors().await.pop().unwrap();
    assert!(error.message.contains("has been suspended"), "{}", error.message);
    assert!(!error.message.contains("CANARY"), "{}", error.message);
}
