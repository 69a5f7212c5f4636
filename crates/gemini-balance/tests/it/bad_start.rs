//! A start that cannot be right ends at once, with one line that names the variable.

use std::fs;
use std::net::TcpListener;

use testkit::Setup;

use crate::house::setup;

/// Starts to serve and gives what it complains about.
async fn refused(setup: &Setup, code: i32) -> String {
    let error = setup.run(&["serve"]).await.fails(code);
    assert!(!error.contains("panicked"), "{error}");
    // Log lines may come before; the reason is one line.
    let reasons: Vec<_> = error.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(reasons.len(), 1, "{error}");
    reasons[0].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_value_is_named_with_what_is_accepted() {
    for (name, value) in [
        ("LISTEN", "nowhere"),
        ("LISTEN", "127.0.0.1:99999"),
        ("PORT", "eighty"),
        ("WORKERS", "-1"),
        ("MAX_RETRIES", "99"),
        ("POOL_WAIT", "soon"),
        ("BASE_URL", "ftp://example.com"),
        ("BASE_URL", "not a url"),
        ("PROXIES", "gopher://proxy:1"),
        ("CUSTOM_HEADERS", "{\"a b\": \"c\"}"),
        ("CUSTOM_HEADERS", "nonsense"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("MAX_BODY_SIZE", "10 elephants"),
        ("DATABASE_URL", "oracle://x"),
        ("TRUSTED_PROXIES", "proxy.internal"),
        ("REQUEST_LOG_MAX_SIZE", "plenty"),
        ("SETTINGS_READONLY", "perhaps"),
        ("MASTER_KEY", "short"),
        ("API_KEYS", "[\"a\""),
        ("API_KEYS", "AIza\u{e4}"),
        ("ALLOWED_TOKENS", "[\"a b\"]"),
    ] {
        let mut setup = setup();
        if name == "PORT" {
            setup = setup.without("LISTEN");
        }
        let setup = setup.with(name, value);
        let line = refused(&setup, 2).await;
        assert!(line.contains(name), "{name}={value}: {line}");
        assert!(line.len() < 400, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = refused(&setup().with("LISTEN", address.clone()), 2).await;
    assert!(
        line.contains("LISTEN") && line.contains(&address) && line.contains("in use"),
        "{line}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_refused_and_left_as_it_is() {
    let mut gateway = setup().start().await;
    assert_eq!(gateway.stop().await, Some(0));
    let setup = gateway.setup();
    let file = setup.database();
    let whole = fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    damaged[100..4096].fill(0xa5);
    let no_database = b"This is a text, and a rather long one for a file of this name.".to_vec();
    let cut = whole[..whole.len() / 2].to_vec();
    for bytes in [damaged, no_database, cut] {
        fs::write(&file, &bytes).unwrap();
        let line = refused(setup, 2).await;
        assert!(line.contains("DATABASE_URL") && line.contains("gemini-balance.db"), "{line}");
        assert_eq!(fs::read(&file).unwrap(), bytes, "a refused start changes nothing");
    }
    fs::write(&file, whole).unwrap();
    gateway.start_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_read_is_named() {
    let setup = setup();
    fs::create_dir_all(setup.database()).unwrap();
    let line = refused(&setup, 2).await;
    assert!(line.contains("DATABASE_URL") && line.contains("gemini-balance.db"), "{line}");

    let setup = setup.with("DATABASE_URL", "sqlite:///proc/nowhere/x.db");
    let line = refused(&setup, 2).await;
    assert!(line.contains("DATABASE_URL") && line.contains("/proc/nowhere/x.db"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let mut gateway = setup().start().await;
    assert_eq!(gateway.stop().await, Some(0));
    let file = gateway.setup().database();
    let insert = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'future', 1, x'00', 0)";
    let Some(_) = crate::sqlite::query(&file, insert) else { return };
    let bytes = fs::read(&file).unwrap();
    let line = refused(gateway.setup(), 2).await;
    assert!(line.contains("DATABASE_URL") && line.contains("newer"), "{line}");
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_master_key_is_named_and_nothing_is_lost() {
    let mut gateway = setup().keys([testkit::key("one")]).start().await;
    assert_eq!(gateway.stop().await, Some(0));
    let directory = gateway.setup().directory().to_owned();
    let other = setup().with("MASTER_KEY", "another master key, long enough").with(
        "DATABASE_URL",
        format!("sqlite://{}", directory.join("data/gemini-balance.db").display()),
    );
    let line = refused(&other, 2).await;
    assert!(line.contains("MASTER_KEY"), "{line}");
    gateway.start_again().await;
    assert_eq!(gateway.keys("ready").await, 1);
}
