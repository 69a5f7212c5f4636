//! What operators and their machines ask.

use fake_gemini::{Fault, KeyPlan};
use testkit::{Client, MODEL, Surface, eventually, key};

use crate::house::{fault, google, house, setup};

const METRICS: &str = "e2e-metrics-token";
const ADMINISTRATOR: &str = "e2e-administrator-password";

async fn metrics(client: &Client, token: &str) -> String {
    let ask = client.anonymous("GET", "/metrics");
    let answer = ask.header("authorization", &format!("Bearer {token}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

/// The value of a series, by its name with labels.
#[track_caller]
fn value(metrics: &str, series: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in\n{metrics}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn health_readiness_and_version_are_open_to_all() {
    let (_google, gateway) = house([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let client = gateway.client();
    for path in ["/healthz", "/health"] {
        let answer = client.anonymous("GET", path).send().await;
        assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("ok")));
    }
    let ready = client.anonymous("GET", "/readyz").send().await.json();
    assert_eq!(ready["status"], "ready");
    assert_eq!(
        (ready["keys"]["total"].as_u64(), ready["keys"]["ready"].as_u64()),
        (Some(2), Some(2))
    );
    let version = client.anonymous("GET", "/api/version").send().await.json();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(client.anonymous("GET", "/").send().await.status, 200);
    let url = format!("http://{}/readyz", gateway.address());
    assert_eq!(gateway.run(&["healthcheck", "--url", &url]).await.ok(), "healthy\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_for_those_who_may_and_count_what_happens() {
    let google = google([("one", KeyPlan::Valid), ("bad", KeyPlan::Invalid)]).await;
    let setup = setup().google(&google).keys([key("one"), key("bad")]);
    let setup = setup.with("METRICS_TOKEN", METRICS).with("AUTH_TOKEN", ADMINISTRATOR);
    let gateway = setup.start().await;
    let client = gateway.client();
    for token in ["", "x", testkit::TOKEN, " "] {
        let ask = client.anonymous("GET", "/metrics");
        let answer = ask.header("authorization", &format!("Bearer {token}")).send().await;
        assert_eq!(answer.status, 401, "{token:?}");
        assert!(!answer.text().contains("gemini_balance_"));
    }
    assert_eq!(client.anonymous("GET", "/metrics").send().await.status, 401);

    let before = metrics(&client, METRICS).await;
    for _ in 0..3 {
        assert_eq!(client.chat("hello").send().await.status, 200);
        assert_eq!(client.generate_stream("hello").send().await.status, 200);
    }
    client.ask(Surface::OpenAi, "gemini-0-nonsense", "hello", false).send().await;
    client.anonymous("GET", "/v1/models").send().await;
    let after = metrics(&client, ADMINISTRATOR).await;
    let requests = |dialect: &str, class: &str, stream: bool| {
        format!(
            "gemini_balance_requests_total{{dialect=\"{dialect}\",status_class=\"{class}\",stream=\"{stream}\"}}"
        )
    };
    let attempts =
        |outcome: &str| format!("gemini_balance_attempts_total{{outcome=\"{outcome}\"}}");
    for (series, more) in [
        (requests("openai", "2xx", false), 3.0),
        (requests("gemini", "2xx", true), 3.0),
        (requests("openai", "4xx", false), 2.0),
        (attempts("served"), 6.0),
        (attempts("key_dead"), 1.0),
        (attempts("client_fault"), 1.0),
        ("gemini_balance_requests_in_flight".to_owned(), 0.0),
        ("gemini_balance_request_duration_seconds_count{dialect=\"gemini\"}".to_owned(), 3.0),
        ("gemini_balance_first_byte_seconds_count{dialect=\"gemini\"}".to_owned(), 3.0),
        ("gemini_balance_pool_keys{state=\"dead\"}".to_owned(), 1.0),
        ("gemini_balance_log_queue_dropped_total".to_owned(), 0.0),
    ] {
        let moved = value(&after, &series) - value(&before, &series);
        assert!((moved - more).abs() < 0.5, "{series} moved by {moved}, not by {more}");
    }
    assert!(value(&after, "gemini_balance_tokens_total{kind=\"prompt\"}") > 0.0);
    assert!(after.contains("gemini_balance_log_queue_rows") && after.ends_with("# EOF\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_token_for_metrics_nobody_reads_them() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for value in ["Bearer ", "Bearer", "Bearer x", ""] {
        let ask = gateway.client().anonymous("GET", "/metrics").header("authorization", value);
        assert_eq!(ask.send().await.status, 401, "{value:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_models_make_no_new_series() {
    let google = google([("one", KeyPlan::Valid)]).await;
    let setup = setup().google(&google).keys([key("one")]).with("METRICS_TOKEN", METRICS);
    let gateway = setup.start().await;
    let client = gateway.client();
    let before = metrics(&client, METRICS).await.lines().count();
    for number in 0..50 {
        let model = format!("model-{number}");
        client.ask(Surface::ALL[number % 2], &model, "hello", false).send().await;
    }
    assert_eq!(metrics(&client, METRICS).await.lines().count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requests_id_finds_it_in_the_database_and_in_the_log() {
    let (_google, gateway) = house([("bad", KeyPlan::Invalid), ("one", KeyPlan::Valid)]).await;
    let client = gateway.client();
    let records = gateway.records().await;
    let mut ids = Vec::new();
    for (surface, stream) in [
        (Surface::Gemini, false),
        (Surface::Gemini, true),
        (Surface::OpenAi, false),
        (Surface::OpenAi, true),
    ] {
        let answer = client.ask(surface, MODEL, "hello", stream).send().await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        eventually("it is logged", || async { records.request(&id).await.is_some() }).await;
        let row = records.request(&id).await.unwrap();
        assert_eq!((row.status, row.outcome.as_str(), row.stream), (200, "served", stream));
        assert_eq!(row.model.as_deref(), Some(MODEL));
        assert_eq!(row.dialect, if surface == Surface::Gemini { "gemini" } else { "openai" });
        let mask = secret::mask(&key("one"));
        assert_eq!(row.key_mask.as_deref(), Some(mask.as_str()));
        assert!(row.usage.prompt > 0 && row.usage.completion > 0);
        assert!(row.first_byte_ms.is_some_and(|first| first <= row.duration_ms));
        ids.push(id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 4, "each its own");
    let errors = records.errors().await;
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].outcome, "key_dead");
    assert!(ids.contains(&errors[0].request_id));
    let lines = gateway.stderr().json_lines();
    assert!(lines.iter().any(|line| line["request"] == errors[0].request_id.as_str()));
    // Errors and strangers get an id, too.
    for answer in [
        client.anonymous("GET", "/v1/models").send().await,
        client.get("/healthz").send().await,
        client.get("/nonsense").send().await,
    ] {
        assert_eq!(answer.header("x-request-id").unwrap().len(), 36);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_fill_no_log() {
    let (_google, gateway) = house([("one", KeyPlan::Valid)]).await;
    for _ in 0..20 {
        gateway.client_with("wrong").chat("hello").send().await;
    }
    let id = gateway.client().chat("hello").send().await;
    let id = id.header("x-request-id").unwrap();
    let records = gateway.records().await;
    eventually("the last is logged", || async { records.request(id).await.is_some() }).await;
    assert_eq!(records.requests().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_prompt_is_kept_unless_asked_for() {
    let canary = "a prompt that nobody else shall read";
    let (_google, mut gateway) =
        house([("busy", fault(Fault::Status503)), ("one", KeyPlan::Valid)]).await;
    for surface in [Surface::Gemini, Surface::OpenAi, Surface::Gemini, Surface::OpenAi] {
        assert_eq!(gateway.client().ask(surface, MODEL, canary, false).send().await.status, 200);
    }
    assert_eq!(gateway.stop().await, Some(0));
    assert!(!gateway.stderr().text().contains(canary));
    for entry in std::fs::read_dir(gateway.setup().directory().join("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(canary));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_may_ask_from_any_page_with_a_token() {
    let (google, gateway) = house([("one", KeyPlan::Valid)]).await;
    let preflight = gateway.client().anonymous("OPTIONS", "/v1/chat/completions");
    let answer = preflight
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send()
        .await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(answer.header("access-control-allow-credentials").is_none());
    let answer =
        gateway.client().chat("hello").header("origin", "https://app.example").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(google.received().len(), 1);
}
