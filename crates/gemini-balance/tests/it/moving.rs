//! Moving in from the Python and the Next.js project.

use std::fs;
use std::path::{Path, PathBuf};

use fake_gemini::KeyPlan;
use keypool::KeyId;
use serde_json::{Value, json};
use testkit::{Predecessor, Setup, eventually, key};

use crate::house::{google, setup};

/// Ends like no other key, and is in no pool.
const GONE: &str = "AIzaSyCANARY000000000000000000000gone9";
/// 2025-07-01 18:00:00.5 in Shanghai.
const MOMENT: i64 = 1_751_364_000_500;

/// What must not be seen in any output, log or file.
const CANARY: &str = "CANARY";

fn insert_python_settings() -> String {
    let one = key("one");
    let two = key("two");
    let settings = [
        (
            "API_KEYS",
            json!([
                one,
                format!(" {two}\n"),
                one,
                "AIza broken",
                format!("AIzaSy{}", "x".repeat(33))
            ])
            .to_string(),
        ),
        ("ALLOWED_TOKENS", r#"["sk-CANARY-token-one","sk-CANARY-token-two"]"#.to_owned()),
        ("AUTH_TOKEN", "sk-CANARY-token-one".to_owned()),
        ("MAX_FAILURES", "5".to_owned()),
        ("TIME_OUT", "None".to_owned()),
        ("STREAM_MIN_DELAY", "abc".to_owned()),
        ("SHOW_SEARCH_LINK", "True".to_owned()),
        ("TOOLS_CODE_EXECUTION_ENABLED", "true".to_owned()),
        ("THINKING_BUDGET_MAP", r#"{"gemini-2.5-pro": 1024.0}"#.to_owned()),
        ("CUSTOM_HEADERS", r#"{"X-Team": "CANARY-header"}"#.to_owned()),
        ("SMMS_SECRET_TOKEN", "CANARY-smms".to_owned()),
        ("MYSQL_PASSWORD", "CANARY-mysql".to_owned()),
        ("ENABLE_TTS", "CANARY-unknown".to_owned()),
        ("AUTO_DELETE_REQUEST_LOGS_ENABLED", "false".to_owned()),
        ("PROXIES", "[]".to_owned()),
    ];
    let rows: Vec<_> =
        settings.iter().map(|(name, value)| format!("('{name}', '{}')", escaped(value))).collect();
    format!("INSERT INTO t_settings (`key`, value) VALUES {}", rows.join(", "))
}

/// MySQL takes a backslash for an escape.
fn escaped(text: &str) -> String {
    text.replace("\\n", "").replace('\'', "''")
}

/// Five requests, one of them without a time; two errors; one file.
fn insert_python_logs() -> String {
    let one = key("one");
    let two = key("two");
    format!(
        "INSERT INTO t_request_log (request_time, model_name, api_key, is_success, status_code, \
         latency_ms) VALUES
         ('2025-07-01 18:00:00.500000', 'gemini-2.5-pro', '{one}', 1, 200, 812),
         ('2025-07-01 18:00:01', 'gemini-2.5-pro', '{two}', 0, 429, 90),
         ('2025-07-01 18:00:01', 'gemini-2.5-pro', '{two}', 0, 429, 90),
         ('2025-07-01 18:00:02', 'gemini-2.5-flash', '{GONE}', 0, NULL, 300000),
         (NULL, 'gemini-2.5-flash', '{one}', 1, 200, 1);
         INSERT INTO t_error_logs (gemini_key, model_name, error_type, error_log, error_code, \
         request_msg, request_time) VALUES
         ('{two}', 'gemini-2.5-pro', 'gemini-chat-stream', 'quota, says {two}', 429, \
         '{{\"contents\": \"of {one}\"}}', '2025-07-01 18:00:01'),
         ('{GONE}', NULL, 'openai-embedding', 'refused: {GONE} for sk-CANARY-token-two', 403, NULL, \
         '2025-07-01 18:00:02');
         INSERT INTO t_file_records (name, mime_type, size_bytes, state, create_time, update_time, \
         expiration_time, uri, api_key) VALUES
         ('files/a', 'text/plain', 1, 'ACTIVE', '2025-07-01 10:00:00', '2025-07-01 10:00:00', \
         '2025-07-03 10:00:00', 'https://host/files/a', '{one}')"
    )
}

/// Rows as they are counted: found, new, here already, malformed.
#[track_caller]
fn assert_counts(report: &Value, kind: &str, expected: [u64; 4]) {
    let counts =
        ["found", "new", "duplicate", "malformed"].map(|name| report[kind][name].as_u64().unwrap());
    assert_eq!(counts, expected, "{kind}: {report}");
}

fn verdict<'r>(report: &'r Value, name: &str) -> &'r str {
    let settings = report["settings"].as_array().unwrap();
    let line = settings.iter().find(|line| line["name"] == name);
    line.and_then(|line| line["verdict"].as_str()).unwrap_or("missing")
}

/// What people and clients would notice of the data.
async fn contents(setup: &Setup) -> Value {
    let records = setup.records().await;
    json!([
        setup.json(&["keys", "list"]).await,
        setup.json(&["tokens", "list"]).await,
        setup.json(&["config", "list", "--changed"]).await,
        records.requests().await.len(),
        records.errors().await.len(),
    ])
}

/// The files below the data directory.
fn data(setup: &Setup) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(setup.directory().join("data")).unwrap();
    // The journal goes when the last connection is closed.
    let read = |path: PathBuf| Some((path.display().to_string(), fs::read(&path).ok()?));
    files.filter_map(|file| read(file.unwrap().path())).collect()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The whole way: a plan that changes nothing, an import, and another that adds nothing.
async fn python_moves_in(old: &Predecessor) {
    old.execute(&insert_python_settings()).await;
    old.execute(&insert_python_logs()).await;
    let setup = setup().without("ALLOWED_TOKENS");
    let before = contents(&setup).await;

    let plan = setup.json(&["import", &old.url, "--dry-run"]).await;
    assert_eq!(contents(&setup).await, before, "a dry run writes nothing");
    let done = setup.json(&["import", &old.url, "--from", "python"]).await;
    for report in [&plan, &done] {
        assert_counts(report, "keys", [5, 2, 1, 2]);
        assert_counts(report, "tokens", [2, 2, 0, 0]);
        assert_counts(report, "requests", [5, 4, 0, 1]);
        assert_counts(report, "errors", [2, 2, 0, 0]);
        assert_eq!(report["files"], 1);
        for (name, expected) in [
            ("MAX_FAILURES", "new"),
            ("TIME_OUT", "same"),
            ("STREAM_MIN_DELAY", "invalid"),
            ("SHOW_SEARCH_LINK", "same"),
            ("CUSTOM_HEADERS", "new"),
            ("MYSQL_PASSWORD", "left_out"),
            ("AUTH_TOKEN", "left_out"),
            ("ENABLE_TTS", "unknown"),
            ("PROXIES", "same"),
        ] {
            assert_eq!(verdict(report, name), expected, "{name}");
        }
        assert!(!report.to_string().contains(CANARY), "{report}");
    }
    assert_eq!(setup.json(&["config", "get", "MAX_FAILURES"]).await["value"], "5");
    assert_eq!(setup.json(&["keys", "list"]).await.as_array().unwrap().len(), 2);

    let again = setup.run(&["import", &old.url]).await.ok();
    assert!(again.contains("Done.") && !again.contains(CANARY), "{again}");
    let again = setup.json(&["import", &old.url, "--dry-run"]).await;
    assert_counts(&again, "keys", [5, 0, 3, 2]);
    assert_counts(&again, "requests", [5, 0, 4, 1]);
    assert_counts(&again, "errors", [2, 0, 2, 0]);
    assert_eq!(verdict(&again, "MAX_FAILURES"), "same");
    look_at_records(&setup).await;
    for (name, bytes) in data(&setup) {
        assert!(!contains(&bytes, CANARY), "{name} holds a secret in clear");
    }
}

async fn look_at_records(setup: &Setup) {
    let records = setup.records().await;
    let requests = records.requests().await;
    assert_eq!(requests.len(), 4, "counts before and after are equal");
    let first = &requests[0];
    // MySQL's times have no fractions.
    assert!((MOMENT - first.at.millis()).abs() <= 500, "{first:?}");
    assert_eq!((first.status, first.outcome.as_str(), first.duration_ms), (200, "served", 812));
    assert_eq!(first.key_mask.as_deref(), Some(secret_mask(&key("one")).as_str()));
    assert!(first.key_id.is_some(), "the key is known here");
    let last = &requests[3];
    assert_eq!((last.status, last.outcome.as_str()), (500, "link_broken"));
    assert_eq!((last.key_id.as_ref(), last.key_mask.as_deref()), (None, Some("AIzaSy…one9")));
    let errors = records.errors().await;
    assert_eq!(errors.len(), 2);
    assert_eq!((errors[0].status, errors[0].outcome.as_str()), (Some(429), "quota_spent"));
    assert!(errors[0].message.starts_with("gemini-chat-stream: quota, says AIzaSy…"));
    assert!(errors[0].request_body.as_ref().unwrap().contains("of AIzaSy…"));
}

fn secret_mask(key: &str) -> String {
    format!("{}…{}", &key[..6], &key[key.len() - 4..])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_project_moves_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("default_db");
    let old = Predecessor::python_in(&file).await;
    python_moves_in(&old).await;
    let source = fs::read(&file).unwrap();
    let setup = setup();
    setup.run(&["import", file.to_str().unwrap()]).await.ok();
    assert!(fs::read(&file).unwrap() == source, "the source is only read");
    let servers = Predecessor::python_on_servers().await;
    if servers.is_empty() {
        println!("skipped: TEST_DATABASE_URLS names no MySQL server");
    }
    for old in servers {
        python_moves_in(&old).await;
        old.remove().await;
    }
}

/// Three keys, one of them disabled; two requests, one of which names its key by the end; an error.
fn insert_nextjs(times: &str) -> String {
    let one = key("one");
    let two = key("two");
    format!(
        r#"INSERT INTO "ApiKey" ("key", "failCount", "enabled") VALUES
           ('{one}', 0, true), ('{two}', 7, false), ('two words', 0, true);
           INSERT INTO "Setting" VALUES ('AUTH_TOKEN', '$2b$10$CANARY.hash'),
           ('ALLOWED_TOKENS', 'sk-CANARY-a
sk-CANARY-b'), ('HEALTH_CHECK_MODEL', 'gemini-2.5-pro'), ('PROXY_URL', '');
           INSERT INTO "RequestLog" ("apiKey", "model", "statusCode", "isSuccess", "latency",
           "createdAt") VALUES ('{one}', 'gemini-2.5-pro', 200, true, 81.25, {times}),
           ('{}', 'gemini-2.5-pro', 503, false, 5, {times});
           INSERT INTO "ErrorLog" ("apiKey", "errorType", "errorMessage", "createdAt")
           VALUES (NULL, 'API', 'failed with {two}', {times})"#,
        &two[two.len() - 4..]
    )
}

async fn nextjs_moves_in(old: &Predecessor) {
    let setup = setup().without("ALLOWED_TOKENS");
    let plan = setup.json(&["import", &old.url, "--dry-run"]).await;
    let done = setup.json(&["import", &old.url, "--from", "nextjs"]).await;
    for report in [&plan, &done] {
        assert_counts(report, "keys", [3, 2, 0, 1]);
        assert_counts(report, "tokens", [2, 2, 0, 0]);
        assert_counts(report, "requests", [2, 2, 0, 0]);
        assert_counts(report, "errors", [1, 1, 0, 0]);
        assert_eq!(verdict(report, "AUTH_TOKEN"), "left_out");
        assert_eq!(verdict(report, "HEALTH_CHECK_MODEL"), "new");
        assert!(!report.to_string().contains(CANARY), "{report}");
        assert!(report["notes"].to_string().contains("failure counts (1 keys"), "{report}");
    }
    assert_eq!(setup.json(&["config", "get", "TEST_MODEL"]).await["value"], "gemini-2.5-pro");
    let keys = setup.json(&["keys", "list"]).await;
    assert_eq!((&keys[0]["state"], &keys[1]["state"]), (&json!("ready"), &json!("disabled")));
    let again = setup.json(&["import", &old.url]).await;
    assert_counts(&again, "requests", [2, 0, 2, 0]);
    assert_counts(&again, "errors", [1, 0, 1, 0]);
    let requests = setup.records().await.requests().await;
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].at.millis(), MOMENT);
    assert_eq!(requests[0].duration_ms, 81);
    assert_eq!(requests[1].key_id.as_ref().map(KeyId::as_str), keys[1]["id"].as_str());
    for (name, bytes) in data(&setup) {
        assert!(!contains(&bytes, CANARY), "{name} holds a secret in clear");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nextjs_project_moves_in() {
    let folder = tempfile::tempdir().unwrap();
    let old = Predecessor::nextjs_in(&folder.path().join("dev.db")).await;
    old.execute(&insert_nextjs(&MOMENT.to_string())).await;
    nextjs_moves_in(&old).await;
    let servers = Predecessor::nextjs_on_servers().await;
    if servers.is_empty() {
        println!("skipped: TEST_DATABASE_URLS names no PostgreSQL server");
    }
    for old in servers {
        old.execute(&insert_nextjs("'2025-07-01 10:00:00.5'")).await;
        nextjs_moves_in(&old).await;
        old.remove().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_env_file_and_a_list_of_keys_move_in() {
    let setup = setup().without("ALLOWED_TOKENS");
    let file = setup.directory().join("old.env");
    let one = key("one");
    let text = format!(
        "# old\nDATABASE_TYPE=mysql\nMYSQL_PASSWORD=CANARY\nAPI_KEYS=[\"{one}\", \"{one}\"]\n\
         AUTH_TOKEN='open sesame CANARY'\nALLOWED_TOKENS=[\"sk-CANARY-abc\"]\nMAX_RETRIES=99\n\
         SAFETY_SETTINGS=[{{\"category\": \"HARM_CATEGORY_HARASSMENT\", \"threshold\": \"OFF\"}}]\n\
         FAKE_STREAM_ENABLED=True # yes\n"
    );
    fs::write(&file, text).unwrap();
    let done = setup.json(&["import", "old.env"]).await;
    assert_counts(&done, "keys", [2, 1, 1, 0]);
    assert_counts(&done, "tokens", [1, 1, 0, 0]);
    for (name, expected) in [
        ("DATABASE_TYPE", "left_out"),
        ("AUTH_TOKEN", "new"),
        ("MAX_RETRIES", "invalid"),
        ("SAFETY_SETTINGS", "new"),
        ("FAKE_STREAM_ENABLED", "new"),
    ] {
        assert_eq!(verdict(&done, name), expected, "{name}");
    }
    assert!(!done.to_string().contains(CANARY), "{done}");
    assert_eq!(verdict(&setup.json(&["import", "old.env"]).await, "FAKE_STREAM_ENABLED"), "same");

    fs::write(setup.directory().join("keys.txt"), format!("# mine\n{one}\n{}\n", key("two")))
        .unwrap();
    let done = setup.json(&["import", "keys.txt"]).await;
    assert_counts(&done, "keys", [2, 1, 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_here_stays() {
    let setup = setup().without("ALLOWED_TOKENS");
    let folder = tempfile::tempdir().unwrap();
    let old = Predecessor::python_in(&folder.path().join("default_db")).await;
    old.execute(&insert_python_settings()).await;
    setup.run(&["keys", "add", &key("two")]).await.ok();
    setup.run(&["keys", "remove", &key("two")]).await.ok();
    setup.run(&["config", "set", "MAX_FAILURES", "9"]).await.ok();
    let done = setup.json(&["import", &old.url]).await;
    assert_eq!(done["keys"]["removed"], 1, "{done}");
    assert_eq!(verdict(&done, "MAX_FAILURES"), "kept");
    assert_eq!(setup.json(&["config", "get", "MAX_FAILURES"]).await["value"], "9");
    let done = setup.json(&["import", &old.url, "--overwrite"]).await;
    assert_eq!(verdict(&done, "MAX_FAILURES"), "new");
    assert_eq!(setup.json(&["config", "get", "MAX_FAILURES"]).await["value"], "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_takes_it_up() {
    let google = google([("one", KeyPlan::Valid), ("two", KeyPlan::Valid)]).await;
    let folder = tempfile::tempdir().unwrap();
    let old = Predecessor::python_in(&folder.path().join("default_db")).await;
    old.execute(&insert_python_settings()).await;
    old.execute(&insert_python_logs()).await;
    let gateway = setup().google(&google).start().await;
    gateway.run(&["import", &old.url]).await.ok();
    eventually("the keys are in the pool", || async { gateway.keys("total").await == 2 }).await;
    let client = gateway.client_with("sk-CANARY-token-two");
    eventually("the client gets in", || async { client.chat("hello").send().await.status == 200 })
        .await;
    assert!(!gateway.stderr().text().contains(CANARY) && !gateway.stdout().text().contains(CANARY));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_told_in_one_line() {
    let setup = setup();
    setup.json(&["keys", "list"]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let old = Predecessor::python_in(Path::new(&path("whole"))).await;
    old.execute(&insert_python_logs()).await;
    let mut bytes = fs::read(path("whole")).unwrap();
    for byte in &mut bytes[3000..8000] {
        *byte = 0x5a;
    }
    fs::write(path("damaged"), &bytes).unwrap();
    fs::write(path("binary"), [0xff; 100]).unwrap();
    fs::write(path("empty"), "").unwrap();
    let foreign = Predecessor::nextjs_in(Path::new(&path("foreign"))).await;
    foreign.execute(r#"DROP TABLE "ApiKey"; DROP TABLE "RequestLog"; DROP TABLE "ErrorLog""#).await;
    let own = setup.database().display().to_string();
    for (arguments, code, words) in [
        (vec![path("missing")], 2, "No such file"),
        (vec![folder.path().display().to_string()], 2, "is a directory"),
        (vec![path("damaged")], 2, "is damaged"),
        (vec![path("binary")], 2, "holds nothing that can be imported"),
        (vec![path("empty")], 2, "holds nothing that can be imported"),
        (vec![path("foreign")], 2, "is no database of the Python project"),
        (vec![path("whole"), "--from".into(), "nextjs".into()], 2, "the other project"),
        (vec![path("whole"), "--timezone".into(), "Mars/Base".into()], 2, "no such time zone"),
        (vec![own], 2, "this very program"),
        (vec!["oracle://u:CANARY@h/d".into()], 2, "no known kind of database"),
        (vec!["mysql://u:CANARY@127.0.0.1:1/d".into()], 1, "cannot be reached"),
        (vec!["postgresql+asyncpg://u:CANARY@127.0.0.1:1/d".into()], 1, "cannot be reached"),
    ] {
        let arguments: Vec<&str> =
            std::iter::once("import").chain(arguments.iter().map(String::as_str)).collect();
        let run = setup.run(&arguments).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        assert!(run.stderr.contains(words) && !run.stderr.contains(CANARY), "{}", run.stderr);
    }
    assert_eq!(setup.json(&["keys", "list"]).await, json!([]));
}
