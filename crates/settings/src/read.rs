//! From values to the typed snapshot.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::hidden::Hidden;
use crate::layers::Values;
use crate::notifications::Notifications;
use crate::pictures::Pictures;
use crate::snapshot::{
    BackupSettings, FakeStream, Generation, Jobs, LogFormat, Logging, Models, PoolSettings,
    PoolStrategy, ProxyState, Security, Server, Settings, Storage, Streams, Typing,
    UpstreamSettings, UrlFetch,
};
use crate::speech::Speech;

const FALLBACK_VERSION: &str = "v1beta";

impl Settings {
    pub(crate) fn read(values: &Values) -> Self {
        Self {
            server: server(values),
            storage: storage(values),
            security: security(values),
            pool: pool(values),
            upstream: upstream(values),
            models: models(values),
            generation: generation(values),
            stream: stream(values),
            speech: Speech::read(values),
            pictures: Pictures::read(values),
            logging: logging(values),
            jobs: jobs(values),
            backups: backups(values),
            notifications: Notifications::read(values),
        }
    }
}

fn server(values: &Values) -> Server {
    Server {
        listen: values.address("LISTEN"),
        public_url: values.text("PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned()),
        workers: values.size("WORKERS"),
        max_body_size: values.size("MAX_BODY_SIZE"),
        header_timeout: values.duration("HEADER_TIMEOUT"),
        body_idle_timeout: values.duration("BODY_IDLE_TIMEOUT"),
        keep_alive_timeout: values.duration("KEEP_ALIVE_TIMEOUT"),
        max_connections: values.size("MAX_CONNECTIONS"),
        background_responses: values.size("BACKGROUND_RESPONSES_MAX"),
        shutdown_grace: values.duration("SHUTDOWN_GRACE"),
    }
}

fn storage(values: &Values) -> Storage {
    Storage {
        database_url: values.secret("DATABASE_URL").unwrap_or_else(|| Hidden::new("")),
        redis_url: values.secret("REDIS_URL"),
        master_key: values.secret("MASTER_KEY"),
        master_key_file: values.text("MASTER_KEY_FILE").map(PathBuf::from),
    }
}

fn security(values: &Values) -> Security {
    Security {
        auth_token: values.secret("AUTH_TOKEN"),
        allowed_tokens: values.secrets("ALLOWED_TOKENS"),
        cron_secret: values.secret("CRON_SECRET"),
        metrics_token: values.secret("METRICS_TOKEN"),
        settings_readonly: values.flag("SETTINGS_READONLY"),
        url_fetch: match values.text("URL_FETCH") {
            Some("public") => UrlFetch::Public,
            Some("allowlist") => UrlFetch::Allowlist,
            _ => UrlFetch::Off,
        },
        url_fetch_allow: values.list("URL_FETCH_ALLOW"),
        trusted_proxies: values.list("TRUSTED_PROXIES"),
        files_isolated: values.flag("FILES_USER_ISOLATION_ENABLED"),
    }
}

fn pool(values: &Values) -> PoolSettings {
    PoolSettings {
        api_keys: values.secrets("API_KEYS"),
        vertex_api_keys: values.secrets("VERTEX_API_KEYS"),
        paid_key: values.secret("PAID_KEY"),
        max_attempts: values.count("MAX_RETRIES").max(1),
        max_failures: values.count("MAX_FAILURES"),
        retry_budget_percent: values.count("RETRY_BUDGET_PERCENT"),
        retry_budget_floor: values.count("RETRY_BUDGET_FLOOR"),
        file_affinity: values.duration("FILE_AFFINITY"),
        file_copy: values.flag("FILE_COPY"),
        hedge_percent: values.count("HEDGE_PERCENT"),
        empty_retries: values.count("EMPTY_RETRIES"),
        pool_wait: values.duration("POOL_WAIT"),
        strategy: match values.text("POOL_STRATEGY") {
            Some("round_robin") => PoolStrategy::RoundRobin,
            Some("fill_first") => PoolStrategy::FillFirst,
            Some("least_latency") => PoolStrategy::LeastLatency,
            _ => PoolStrategy::Balanced,
        },
        quota_limits: values.limits("QUOTA_LIMITS"),
    }
}

fn upstream(values: &Values) -> UpstreamSettings {
    let (base_url, version) = split_version(values.text("BASE_URL").unwrap_or_default());
    UpstreamSettings {
        base_url: base_url.to_owned(),
        default_version: version.unwrap_or(FALLBACK_VERSION).to_owned(),
        base_url_has_version: version.is_some(),
        vertex_express_base_url: values
            .text("VERTEX_EXPRESS_BASE_URL")
            .unwrap_or_default()
            .to_owned(),
        custom_headers: values.headers("CUSTOM_HEADERS"),
        model_headers: values.model_headers("MODEL_HEADERS"),
        proxies: values.secrets("PROXIES"),
        proxies_sticky: values.flag("PROXIES_USE_CONSISTENCY_HASH_BY_API_KEY"),
        proxy_states: proxy_states(values),
        proxy_weights: values.whole_numbers("PROXY_WEIGHTS").into_iter().collect(),
        exit_ip_url: values.text("EXIT_IP_URL").map(str::to_owned),
        connect_timeout: values.duration("CONNECT_TIMEOUT"),
        first_byte_timeout: values.duration("FIRST_BYTE_TIMEOUT"),
        idle_timeout: values.duration("IDLE_TIMEOUT"),
        total_timeout: values.duration("TOTAL_TIMEOUT"),
        pool_idle_timeout: values.duration("POOL_IDLE_TIMEOUT"),
        max_event_size: values.size("MAX_EVENT_SIZE"),
    }
}

fn proxy_states(values: &Values) -> BTreeMap<String, ProxyState> {
    let states = values.map("PROXY_STATES").into_iter();
    states
        .map(|(id, word)| {
            let state = if word == "drain" { ProxyState::Draining } else { ProxyState::Off };
            (id, state)
        })
        .collect()
}

fn models(values: &Values) -> Models {
    Models {
        test_model: values.text("TEST_MODEL").unwrap_or_default().to_owned(),
        filtered: values.list("FILTERED_MODELS"),
        aliases: values.map("MODEL_ALIASES"),
        fallbacks: values.chains("MODEL_FALLBACKS"),
        claude: values.map("CLAUDE_MODELS"),
        images: values.list("IMAGE_MODELS"),
        search: values.list("SEARCH_MODELS"),
        thinking: values.list("THINKING_MODELS"),
        prices: values.prices("MODEL_PRICES"),
        repairs_addresses: values.flag("URL_NORMALIZATION_ENABLED"),
    }
}

fn generation(values: &Values) -> Generation {
    let reads_urls = values.flag("URL_CONTEXT_ENABLED");
    Generation {
        code_execution: values.flag("TOOLS_CODE_EXECUTION_ENABLED"),
        url_context: if reads_urls { values.list("URL_CONTEXT_MODELS") } else { Vec::new() },
        list_sources: values.flag("SHOW_SEARCH_LINK"),
        show_thoughts: values.flag("SHOW_THINKING_PROCESS"),
        thinking_budgets: values.whole_numbers("THINKING_BUDGET_MAP"),
        safety: values.safety("SAFETY_SETTINGS"),
        model_safety: values.model_safety("MODEL_SAFETY_SETTINGS"),
        model_tools: values.model_tools("MODEL_TOOLS"),
    }
}

fn stream(values: &Values) -> Streams {
    let fake = values.flag("FAKE_STREAM_ENABLED").then(|| FakeStream {
        silence: Duration::from_secs(values.number("FAKE_STREAM_EMPTY_DATA_INTERVAL_SECONDS")),
        models: values.list("FAKE_STREAM_MODELS"),
    });
    Streams {
        keep_alive: values.duration("STREAM_KEEP_ALIVE_INTERVAL"),
        fake,
        typing: values.flag("STREAM_OPTIMIZER_ENABLED").then(|| typing(values)),
    }
}

fn typing(values: &Values) -> Typing {
    Typing {
        min_delay: values.decimal_seconds("STREAM_MIN_DELAY"),
        max_delay: values.decimal_seconds("STREAM_MAX_DELAY"),
        short: values.size("STREAM_SHORT_TEXT_THRESHOLD"),
        long: values.size("STREAM_LONG_TEXT_THRESHOLD"),
        piece: values.size("STREAM_CHUNK_SIZE"),
    }
}

fn logging(values: &Values) -> Logging {
    let days = |switch, days| values.flag(switch).then(|| values.count(days));
    let bytes = |name| Some(values.number(name)).filter(|bytes| *bytes > 0);
    Logging {
        filter: values
            .text("RUST_LOG")
            .or_else(|| values.text("LOG_LEVEL"))
            .unwrap_or_default()
            .to_owned(),
        format: match values.text("LOG_FORMAT") {
            Some("pretty") => LogFormat::Pretty,
            Some("json") => LogFormat::Json,
            _ => LogFormat::Auto,
        },
        request_log_enabled: values.flag("REQUEST_LOG_ENABLED"),
        queue_rows: values.size("LOG_QUEUE_ROWS"),
        queue_bytes: values.size("LOG_QUEUE_BYTES"),
        record_request_body: values.flag("ERROR_LOG_RECORD_REQUEST_BODY"),
        error_log_days: days("AUTO_DELETE_ERROR_LOGS_ENABLED", "AUTO_DELETE_ERROR_LOGS_DAYS"),
        request_log_days: days("AUTO_DELETE_REQUEST_LOGS_ENABLED", "AUTO_DELETE_REQUEST_LOGS_DAYS"),
        error_log_bytes: bytes("ERROR_LOG_MAX_SIZE"),
        request_log_bytes: bytes("REQUEST_LOG_MAX_SIZE"),
        response_days: values.count("RESPONSES_KEEP_DAYS"),
        timezone: values.text("TIMEZONE").unwrap_or_default().to_owned(),
    }
}

fn jobs(values: &Values) -> Jobs {
    let hours = values.count("CHECK_INTERVAL_HOURS");
    let interval = Duration::from_hours(hours.into());
    let cleanup = Duration::from_hours(values.count("FILES_CLEANUP_INTERVAL_HOURS").into());
    Jobs {
        check_interval: (hours > 0).then_some(interval),
        files_cleanup: values.flag("FILES_CLEANUP_ENABLED").then_some(cleanup),
        update_feed: values.text("UPDATE_FEED_URL").map(str::to_owned),
    }
}

fn backups(values: &Values) -> BackupSettings {
    let hours = values.count("BACKUP_INTERVAL_HOURS");
    BackupSettings {
        every: (hours > 0).then_some(Duration::from_hours(hours.into())),
        keep: values.size("BACKUP_KEEP"),
        folder: values.text("BACKUP_FOLDER").unwrap_or_default().to_owned(),
        passphrase: values.secret("BACKUP_PASSPHRASE"),
    }
}

/// `https://host/v1beta` to (`https://host`, `v1beta`).
fn split_version(base_url: &str) -> (&str, Option<&str>) {
    match base_url.rsplit_once('/') {
        Some((rest, last)) if is_version(last) => (rest, Some(last)),
        _ => (base_url, None),
    }
}

/// `v1`, `v1beta`, `v1beta1`, `v1alpha`.
fn is_version(segment: &str) -> bool {
    let Some(rest) = segment.strip_prefix('v') else { return false };
    let stage = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let stage_name = stage.trim_end_matches(|letter: char| letter.is_ascii_digit());
    stage.len() < rest.len() && matches!(stage_name, "" | "alpha" | "beta")
}
