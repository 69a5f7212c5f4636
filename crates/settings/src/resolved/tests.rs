use std::net::SocketAddr;
use std::time::Duration;

use super::*;
use crate::definition::Scope;
use crate::groups::definitions;
use crate::layers::Origin;
use crate::value::without_password;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn layer(pairs: Pairs<'_>) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[track_caller]
fn resolve(environment: Pairs<'_>, stored: Pairs<'_>) -> Resolved {
    Resolved::new(&layer(environment), &layer(stored)).unwrap()
}

#[track_caller]
fn errors(environment: Pairs<'_>) -> Vec<String> {
    let errors = Resolved::new(&layer(environment), &BTreeMap::new()).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

fn database(environment: Pairs<'_>) -> String {
    resolve(environment, &[]).settings.storage.database_url.expose().to_owned()
}

#[test]
fn every_default_is_its_own_canonical_text() {
    for definition in definitions().filter(|definition| !definition.default.is_empty()) {
        let value = crate::parse::parse(definition.kind, definition.default).unwrap();
        assert_eq!(value.canonical(), definition.default, "{}", definition.name);
    }
}

#[test]
fn names_are_unique_and_parts_belong_to_something() {
    let mut names: Vec<_> = definitions()
        .flat_map(|definition| definition.aliases.iter().copied().chain([definition.name]))
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    for definition in definitions() {
        assert!(definition.help.ends_with(['.', '?']), "{}", definition.name);
        if let Some(whole) = definition.part_of {
            assert!(names.contains(&whole), "{whole}");
            assert_eq!(definition.scope, Scope::Environment);
        }
    }
}

#[test]
fn all_names_of_the_python_project_are_known() {
    const NAMES: &str = "DATABASE_TYPE SQLITE_DATABASE MYSQL_HOST MYSQL_PORT MYSQL_USER \
        MYSQL_PASSWORD MYSQL_DATABASE MYSQL_SOCKET API_KEYS ALLOWED_TOKENS AUTH_TOKEN BASE_URL \
        CUSTOM_HEADERS VERTEX_API_KEYS VERTEX_EXPRESS_BASE_URL URL_NORMALIZATION_ENABLED \
        MAX_FAILURES TIME_OUT MAX_RETRIES PROXIES PROXIES_USE_CONSISTENCY_HASH_BY_API_KEY \
        TEST_MODEL IMAGE_MODELS SEARCH_MODELS FILTERED_MODELS TOOLS_CODE_EXECUTION_ENABLED \
        URL_CONTEXT_ENABLED URL_CONTEXT_MODELS SHOW_SEARCH_LINK SHOW_THINKING_PROCESS \
        THINKING_MODELS THINKING_BUDGET_MAP SAFETY_SETTINGS TTS_MODEL TTS_VOICE_NAME TTS_SPEED \
        PAID_KEY CREATE_IMAGE_MODEL UPLOAD_PROVIDER SMMS_SECRET_TOKEN PICGO_API_KEY PICGO_API_URL \
        CLOUDFLARE_IMGBED_URL CLOUDFLARE_IMGBED_AUTH_CODE CLOUDFLARE_IMGBED_UPLOAD_FOLDER \
        OSS_ENDPOINT OSS_ENDPOINT_INNER OSS_ACCESS_KEY OSS_ACCESS_KEY_SECRET OSS_BUCKET_NAME \
        OSS_REGION STREAM_OPTIMIZER_ENABLED STREAM_MIN_DELAY STREAM_MAX_DELAY \
        STREAM_SHORT_TEXT_THRESHOLD STREAM_LONG_TEXT_THRESHOLD STREAM_CHUNK_SIZE \
        FAKE_STREAM_ENABLED FAKE_STREAM_EMPTY_DATA_INTERVAL_SECONDS CHECK_INTERVAL_HOURS TIMEZONE \
        LOG_LEVEL ERROR_LOG_RECORD_REQUEST_BODY AUTO_DELETE_ERROR_LOGS_ENABLED \
        AUTO_DELETE_ERROR_LOGS_DAYS AUTO_DELETE_REQUEST_LOGS_ENABLED AUTO_DELETE_REQUEST_LOGS_DAYS \
        FILES_CLEANUP_ENABLED FILES_CLEANUP_INTERVAL_HOURS FILES_USER_ISOLATION_ENABLED \
        ADMIN_SESSION_EXPIRE GITHUB_REPO_OWNER GITHUB_REPO_NAME";
    assert_eq!(NAMES.split_whitespace().count(), 73);
    for name in NAMES.split_whitespace() {
        assert!(crate::find(name).is_some_and(|definition| definition.name == name), "{name}");
    }
}

#[test]
fn the_defaults_are_these() {
    let resolved = resolve(&[], &[]);
    insta::assert_debug_snapshot!("defaults", resolved.settings);
    let rows: Vec<String> = resolved
        .rows()
        .iter()
        .map(|row| {
            let value = row.value.as_deref().unwrap_or("-");
            let restart = if row.restart { " restart" } else { "" };
            let stored = if row.stored_allowed { "" } else { " environment" };
            let effective = if row.effective { "" } else { " idle" };
            format!(
                "{}.{} = {value}{restart}{stored}{effective}\n    {}",
                row.group, row.name, row.kind
            )
        })
        .collect();
    insta::assert_snapshot!("rows", rows.join("\n"));
}

#[test]
fn the_stored_layer_goes_before_the_environment() {
    let environment: Pairs<'_> = &[("MAX_RETRIES", "5"), ("MAX_FAILURES", "9")];
    let resolved = resolve(environment, &[("MAX_RETRIES", "7")]);
    assert_eq!(resolved.settings.pool.max_attempts, 7);
    assert_eq!(resolved.settings.pool.max_failures, 9);
    let origin = |name| resolved.row(name).unwrap().source;
    assert_eq!(origin("MAX_RETRIES"), Origin::Stored);
    assert_eq!(origin("max_failures"), Origin::Environment);
    assert_eq!(origin("POOL_WAIT"), Origin::Default);
}

#[test]
fn a_read_only_environment_is_final() {
    let resolved = resolve(&[("SETTINGS_READONLY", "yes")], &[("MAX_RETRIES", "7")]);
    assert_eq!(resolved.settings.pool.max_attempts, 3);
}

#[test]
fn an_invalid_stored_value_is_a_warning_and_the_layer_below_counts() {
    let stored: Pairs<'_> = &[("MAX_RETRIES", "many"), ("LISTEN", "0.0.0.0:1"), ("MAX_RETRY", "1")];
    let resolved = resolve(&[("MAX_RETRIES", "5")], stored);
    assert_eq!(resolved.settings.pool.max_attempts, 5);
    let warnings: Vec<_> = resolved.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"), @r#"
    LISTEN: is read at start, from the environment only; set it there or in the .env file
    MAX_RETRIES: "many" is no whole number; accepted: a whole number from 0 to 10
    MAX_RETRY: there is no such setting; did you mean MAX_RETRIES?
    "#);
}

#[test]
fn all_errors_of_the_environment_are_told_at_once_and_no_secret_with_them() {
    let lines = errors(&[
        ("LISTEN", "somewhere"),
        ("MAX_RETRIES", "99"),
        ("PROXIES", "ftp://u:canary@host"),
        ("DATABASE_URL", "mongodb://u:canary@host"),
        ("CUSTOM_HEADERS", "authorization: canary"),
        ("API_KEYS", "[\"canary"),
        ("AUTH_TOKEN", "can\nary"),
        ("GOOGLE_API_HOST", "nowhere"),
    ]);
    assert!(!lines.join("\n").contains("canary"));
    insta::assert_snapshot!(lines.join("\n"), @r#"
LISTEN: "somewhere" has no port from 0 to 65535; accepted: an IP address and port, like 0.0.0.0:8000 or [::]:8000
DATABASE_URL: does not start with a known scheme; accepted: sqlite://…, postgres://…, postgresql://…, mysql://… or mariadb://…
AUTH_TOKEN: holds a line end or another control character; accepted: a text without line ends
API_KEYS: starts like a list but has no ] at its end; accepted: secrets separated by commas or spaces, or a JSON list
MAX_RETRIES: "99" is too large; accepted: a whole number from 0 to 10
GOOGLE_API_HOST: "nowhere" is no address (relative URL without a base); accepted: an address starting with http:// or https://
CUSTOM_HEADERS: is no such JSON object; accepted: a JSON object of header names and values, like {"X-Team": "blue"}
PROXIES: has an entry (number 1) that has another scheme; accepted: addresses starting with http://, https://, socks5:// or socks5h://, separated by commas or spaces, or a JSON list
"#);
}

#[test]
fn empty_is_unset() {
    let resolved =
        resolve(&[("MAX_RETRIES", ""), ("ALLOWED_TOKENS", "[\"\"]"), ("AUTH_TOKEN", " ")], &[]);
    assert_eq!(resolved.settings.pool.max_attempts, 3);
    assert!(resolved.settings.security.allowed_tokens.is_empty());
    assert!(resolved.settings.security.auth_token.is_none());
}

#[test]
fn zero_attempts_of_old_installations_mean_one() {
    assert_eq!(resolve(&[("MAX_RETRIES", "0")], &[]).settings.pool.max_attempts, 1);
}

#[test]
fn listen_may_come_in_parts() {
    let listen = |environment| resolve(environment, &[]).settings.server.listen.to_string();
    assert_eq!(listen(&[("PORT", "9000")]), "0.0.0.0:9000");
    assert_eq!(listen(&[("HOST", "::1")]), "[::1]:8000");
    assert_eq!(listen(&[("HOST", "127.0.0.1"), ("PORT", "1")]), "127.0.0.1:1");
    assert_eq!(listen(&[("LISTEN", "127.0.0.1:2"), ("PORT", "http")]), "127.0.0.1:2");
    assert_eq!(resolve(&[("PORT", "1")], &[]).row("LISTEN").unwrap().via, Some("PORT"));
    let _: SocketAddr = resolve(&[], &[]).settings.server.listen;
}

#[test]
fn the_database_may_come_in_the_names_of_the_python_project() {
    assert_eq!(database(&[("SQLITE_DATABASE", "old")]), "sqlite://data/old");
    assert_eq!(database(&[("DATABASE_TYPE", "sqlite")]), "sqlite://data/gemini-balance.db");
    let mysql: Pairs<'_> = &[
        ("DATABASE_TYPE", "mysql"),
        ("MYSQL_HOST", "db"),
        ("MYSQL_USER", "ann"),
        ("MYSQL_PASSWORD", "p@ss/w:rd"),
        ("MYSQL_DATABASE", "pool"),
        ("MYSQL_PORT", "3307"),
    ];
    assert_eq!(database(mysql), "mysql://ann:p%40ss%2Fw%3Ard@db:3307/pool");
    let socket: Pairs<'_> =
        &[("MYSQL_SOCKET", "/run/my.sock"), ("MYSQL_USER", "ann"), ("MYSQL_DATABASE", "pool")];
    assert_eq!(database(socket), "mysql://ann@localhost/pool?socket=%2Frun%2Fmy.sock");
    let both: Pairs<'_> = &[("DATABASE_URL", "sqlite://x.db"), ("DATABASE_TYPE", "mysql")];
    assert_eq!(database(both), "sqlite://x.db");
    insta::assert_snapshot!(
        errors(&[("DATABASE_TYPE", "mysql"), ("MYSQL_HOST", "db")]).join("\n"),
        @r#"MYSQL_USER: is not set, but DATABASE_TYPE=mysql needs it; accepted: a text, or the whole address as DATABASE_URL"#
    );
    insta::assert_snapshot!(errors(&[("SQLITE_DATABASE", "../x")]).join("\n"), @r#"SQLITE_DATABASE: "../x" is no plain file name; accepted: the name of a file below data/ (a path goes into DATABASE_URL)"#);
}

#[test]
fn one_old_time_limit_stands_for_two() {
    let limits = |environment, stored| {
        let upstream = resolve(environment, stored).settings.upstream;
        (upstream.first_byte_timeout.as_secs(), upstream.idle_timeout.as_secs())
    };
    assert_eq!(limits(&[], &[]), (120, 120));
    assert_eq!(limits(&[("TIME_OUT", "300")], &[]), (300, 300));
    assert_eq!(limits(&[("TIME_OUT", "300"), ("IDLE_TIMEOUT", "1m")], &[]), (300, 60));
    assert_eq!(limits(&[("TIME_OUT", "300")], &[("TIME_OUT", "30")]), (30, 30));
    let row = resolve(&[("TIME_OUT", "300")], &[]).row("IDLE_TIMEOUT").unwrap();
    assert_eq!((row.via, row.source), (Some("TIME_OUT"), Origin::Environment));
}

#[test]
fn the_version_is_taken_out_of_the_base_url() {
    let base = |url| {
        let upstream = resolve(&[("BASE_URL", url)], &[]).settings.upstream;
        (upstream.base_url, upstream.default_version, upstream.base_url_has_version)
    };
    let expected = |url: &str, version: &str, has| (url.to_owned(), version.to_owned(), has);
    assert_eq!(base("http://127.0.0.1:9/v1beta/"), expected("http://127.0.0.1:9", "v1beta", true));
    assert_eq!(base("https://g.example"), expected("https://g.example", "v1beta", false));
    assert_eq!(base("https://g.example/a/v1"), expected("https://g.example/a", "v1", true));
    assert_eq!(base("https://g.example/v1alpha2"), expected("https://g.example", "v1alpha2", true));
    assert_eq!(
        base("https://g.example/vault"),
        expected("https://g.example/vault", "v1beta", false)
    );
    assert_eq!(base("https://g.example/v"), expected("https://g.example/v", "v1beta", false));
}

#[test]
fn logging_speaks_python_and_rust() {
    let filter = |environment| resolve(environment, &[]).settings.logging.filter;
    assert_eq!(filter(&[]), "info");
    assert_eq!(filter(&[("LOG_LEVEL", "CRITICAL")]), "error");
    assert_eq!(
        filter(&[("LOG_LEVEL", "DEBUG"), ("RUST_LOG", "warn,relay=trace")]),
        "warn,relay=trace"
    );
    let logging = resolve(&[("AUTO_DELETE_ERROR_LOGS_ENABLED", "off")], &[]).settings.logging;
    assert_eq!((logging.error_log_days, logging.request_log_days), (None, Some(30)));
}

#[test]
fn names_of_the_other_predecessor_are_understood() {
    let resolved =
        resolve(&[("GOOGLE_API_HOST", "https://g.example"), ("PROXY_URL", "http://p:1")], &[]);
    assert_eq!(resolved.settings.upstream.base_url, "https://g.example");
    assert_eq!(resolved.settings.upstream.proxies.len(), 1);
    assert_eq!(resolved.row("PROXIES").unwrap().via, Some("PROXY_URL"));
}

#[test]
fn nothing_that_shows_settings_shows_a_secret() {
    let resolved = resolve(
        &[
            ("API_KEYS", "canary1,canary2"),
            ("ALLOWED_TOKENS", "canary3"),
            ("AUTH_TOKEN", "canary4"),
            ("MASTER_KEY", "canary5 canary5 canary5"),
            ("DATABASE_URL", "postgres://ann:canary6@db:5432/pool?sslmode=off"),
            ("REDIS_URL", "redis://:canary7@cache"),
            ("PROXIES", "socks5://u:canary8@p:1,http://canary9@q:2"),
            ("CUSTOM_HEADERS", r#"{"X-Team": "canary10"}"#),
            ("MODEL_HEADERS", r#"{"gemini-*": {"X-Team": "canary11"}}"#),
        ],
        &[("CRON_SECRET", "canary11")],
    );
    let json = serde_json::to_string(&resolved.rows()).unwrap();
    assert!(!json.contains("canary"), "{json}");
    assert!(!format!("{resolved:?}").contains("canary"));
    let shown = |name| resolved.row(name).unwrap().value.unwrap();
    assert_eq!(shown("API_KEYS"), "set (2)");
    assert_eq!(shown("AUTH_TOKEN"), "set");
    assert_eq!(shown("DATABASE_URL"), "postgres://ann:***@db:5432/pool?sslmode=off");
    assert_eq!(shown("PROXIES"), "socks5://u:***@p:1,http://:***@q:2");
    assert_eq!(shown("CUSTOM_HEADERS"), "set (x-team)");
    assert_eq!(shown("MODEL_HEADERS"), "set (gemini-*: x-team)");
}

#[test]
fn passwords_are_taken_out_of_addresses() {
    for (address, shown) in [
        ("mysql://a:b@c/d", "mysql://a:***@c/d"),
        ("mysql://a:b/x@c/d", "mysql://a:***@c/d"),
        ("redis://c:1", "redis://c:1"),
        ("postgres://c/d?user=a&password=b", "postgres://c/d?***"),
        ("sqlite::memory:", "sqlite::memory:"),
        ("nonsense", "set"),
    ] {
        assert_eq!(without_password(address), shown);
    }
}

#[test]
fn a_change_is_found() {
    let before = resolve(&[], &[]);
    let after = resolve(&[], &[("POOL_WAIT", "1"), ("MAX_RETRIES", "3")]);
    let changed: Vec<_> = after.changes_since(&before).iter().map(|change| change.name).collect();
    assert_eq!(changed, ["POOL_WAIT"]);
    assert_eq!(after.settings.pool.pool_wait, Duration::from_secs(1));
}

#[test]
fn fallbacks_are_models_that_somebody_knows() {
    let chain = |text| ("MODEL_FALLBACKS", text);
    let aliases = ("MODEL_ALIASES", r#"{"smart": "gemini-2.5-pro", "quick": "gemini-2.5-flash"}"#);
    let good = chain(r#"{"smart": ["quick"], "gemini-9-neon": ["gemini-3.8-flash"]}"#);
    let settings = resolve(&[aliases, good], &[]).settings;
    assert_eq!(settings.models.fallbacks["smart"], ["quick"]);
    let unknown = errors(&[chain(r#"{"gemini-2.5-pro": ["quick"]}"#)]);
    assert!(
        unknown[0].starts_with("MODEL_FALLBACKS: names \"quick\", which is neither a model of"),
        "{unknown:?}"
    );
    let same = errors(&[aliases, chain(r#"{"smart": ["gemini-2.5-pro"]}"#)]);
    assert!(same[0].contains("are the same model"), "{same:?}");
}

#[test]
fn saved_fallbacks_that_lead_nowhere_are_left_out_with_a_warning() {
    let chain = ("MODEL_FALLBACKS", r#"{"smart": ["gemini-2.5-flash"]}"#);
    let aliases = ("MODEL_ALIASES", r#"{"smart": "gemini-2.5-pro"}"#);
    for (environment, stored) in
        [(vec![], vec![chain]), (vec![aliases, chain], vec![("MODEL_ALIASES", "{}")])]
    {
        let resolved = resolve(&environment, &stored);
        assert!(resolved.settings.models.fallbacks.is_empty());
        assert_eq!(resolved.warnings.len(), 1);
        assert_eq!(resolved.warnings[0].name(), "MODEL_FALLBACKS");
    }
    assert_eq!(resolve(&[aliases], &[chain]).settings.models.fallbacks.len(), 1);
}
