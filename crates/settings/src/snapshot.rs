//! What the settings mean: plain typed values, complete, ready for use.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use crate::hidden::Hidden;
use crate::notifications::Notifications;
use crate::pictures::Pictures;
use crate::prices::ModelPrice;
use crate::quota_limit::QuotaLimit;
use crate::speech::Speech;
use crate::tool::Tool;
use crate::value::SafetySetting;

/// One consistent reading of all settings that have an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The listening side.
    pub server: Server,
    /// Where data is kept and how it is sealed.
    pub storage: Storage,
    /// Who may do what.
    pub security: Security,
    /// The key pool and its retries.
    pub pool: PoolSettings,
    /// The connection to Google.
    pub upstream: UpstreamSettings,
    /// Names of models.
    pub models: Models,
    /// What is added to or taken from chats.
    pub generation: Generation,
    /// How streams are delivered.
    pub stream: Streams,
    /// Speech, spoken and heard.
    pub speech: Speech,
    /// How pictures are made and handed out.
    pub pictures: Pictures,
    /// Logs of the process and of requests.
    pub logging: Logging,
    /// What runs by the clock.
    pub jobs: Jobs,
    /// Backups by the clock.
    pub backups: BackupSettings,
    /// What the owner is told, and how.
    pub notifications: Notifications,
}

/// The listening side: addresses, limits and time limits towards clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Address to listen on (`LISTEN`).
    pub listen: SocketAddr,
    /// Address that clients reach the gateway at, without a slash at its end (`PUBLIC_URL`).
    pub public_url: Option<String>,
    /// Worker threads (`WORKERS`); 0 means one per processor core.
    pub workers: usize,
    /// Largest request body in bytes (`MAX_BODY_SIZE`).
    pub max_body_size: usize,
    /// Longest time for a request's head to arrive (`HEADER_TIMEOUT`).
    pub header_timeout: Duration,
    /// Longest pause while a request's body arrives (`BODY_IDLE_TIMEOUT`).
    pub body_idle_timeout: Duration,
    /// How long an idle client connection is kept (`KEEP_ALIVE_TIMEOUT`).
    pub keep_alive_timeout: Duration,
    /// Client connections open at the same time (`MAX_CONNECTIONS`).
    pub max_connections: usize,
    /// Background responses that are worked on at the same time (`BACKGROUND_RESPONSES_MAX`).
    pub background_responses: usize,
    /// How long running requests may go on after SIGTERM (`SHUTDOWN_GRACE`).
    pub shutdown_grace: Duration,
}

/// Where data is kept and how it is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// `sqlite://…`, `postgres://…` or `mysql://…` (`DATABASE_URL`, or composed from
    /// `DATABASE_TYPE`, `SQLITE_DATABASE`, `MYSQL_*`). May hold a password.
    pub database_url: Hidden,
    /// Where several replicas count client tokens together (`REDIS_URL`).
    pub redis_url: Option<Hidden>,
    /// Text that the sealing key is derived from (`MASTER_KEY`).
    pub master_key: Option<Hidden>,
    /// File that holds that text (`MASTER_KEY_FILE`); none: a file beside the database.
    pub master_key_file: Option<PathBuf>,
}

/// Who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// The administrator's password (`AUTH_TOKEN`).
    pub auth_token: Option<Hidden>,
    /// Client tokens to import at start (`ALLOWED_TOKENS`).
    pub allowed_tokens: Vec<Hidden>,
    /// Bearer for the cron address (`CRON_SECRET`).
    pub cron_secret: Option<Hidden>,
    /// Bearer for `/metrics` (`METRICS_TOKEN`).
    pub metrics_token: Option<Hidden>,
    /// The environment is final; what an administrator stored is ignored (`SETTINGS_READONLY`).
    pub settings_readonly: bool,
    /// May the gateway fetch addresses that clients name (`URL_FETCH`)?
    pub url_fetch: UrlFetch,
    /// Hosts and networks allowed in addition (`URL_FETCH_ALLOW`).
    pub url_fetch_allow: Vec<String>,
    /// Whose word about the client's address is taken (`TRUSTED_PROXIES`).
    pub trusted_proxies: Vec<String>,
    /// A client token sees only its own files (`FILES_USER_ISOLATION_ENABLED`).
    pub files_isolated: bool,
}

/// Which addresses named by clients the gateway may fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFetch {
    /// None at all.
    Off,
    /// Public addresses, and those of the list.
    Public,
    /// Only those of the list.
    Allowlist,
}

/// The key pool and its retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Google keys to import at start (`API_KEYS`).
    pub api_keys: Vec<Hidden>,
    /// Keys of Vertex AI in express mode, the same.
    pub vertex_api_keys: Vec<Hidden>,
    /// Google key of a project with billing, to import at start (`PAID_KEY`).
    pub paid_key: Option<Hidden>,
    /// Attempts per request in all, at least 1 (`MAX_RETRIES`).
    pub max_attempts: u32,
    /// Repeated link failures before a key is avoided for a while (`MAX_FAILURES`).
    pub max_failures: u32,
    /// Retries allowed as a share of requests, in percent (`RETRY_BUDGET_PERCENT`).
    pub retry_budget_percent: u32,
    /// Retries per second that are always allowed (`RETRY_BUDGET_FLOOR`).
    pub retry_budget_floor: u32,
    /// How long a client's files go where its last one went (`FILE_AFFINITY`).
    pub file_affinity: Duration,
    /// Whether files are copied to other projects (`FILE_COPY`).
    pub file_copy: bool,
    /// Share of the requests that may be hedged, in percent (`HEDGE_PERCENT`); 0 for none.
    pub hedge_percent: u32,
    /// How often an empty answer is asked for anew (`EMPTY_RETRIES`).
    pub empty_retries: u32,
    /// Longest wait for a key to become free (`POOL_WAIT`); zero means never wait.
    pub pool_wait: Duration,
    /// In which order projects are used (`POOL_STRATEGY`).
    pub strategy: PoolStrategy,
    /// Limits of quotas that are known beforehand (`QUOTA_LIMITS`).
    pub quota_limits: Vec<QuotaLimit>,
}

/// In which order the pool uses projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolStrategy {
    /// They take turns, the one with more headroom first.
    Balanced,
    /// Keys take turns, whatever their projects.
    RoundRobin,
    /// One is used up before the next is begun.
    FillFirst,
    /// The fastest of the next few.
    LeastLatency,
}

/// The connection to Google.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamSettings {
    /// `BASE_URL` without its version segment and without a slash at the end: scheme, authority and
    /// path prefix, e.g. `https://generativelanguage.googleapis.com`.
    pub base_url: String,
    /// The version segment of `BASE_URL`, or `v1beta` if it has none.
    pub default_version: String,
    /// Whether `BASE_URL` ended with a version segment.
    pub base_url_has_version: bool,
    /// Where Vertex AI in express mode is, with version and publisher.
    pub vertex_express_base_url: String,
    /// Headers added to every call (`CUSTOM_HEADERS`): name (lower case) to value.
    pub custom_headers: IndexMap<String, Hidden>,
    /// Headers added to calls of some models (`MODEL_HEADERS`): name (lower case) to value.
    pub model_headers: IndexMap<String, IndexMap<String, Hidden>>,
    /// Outbound proxies (`PROXIES`), `http://`, `https://`, `socks5://` or `socks5h://`; may hold
    /// passwords. Empty means direct.
    pub proxies: Vec<Hidden>,
    /// A key always takes the same proxy (`PROXIES_USE_CONSISTENCY_HASH_BY_API_KEY`).
    pub proxies_sticky: bool,
    /// Proxies that take nothing new, by their ids (`PROXY_STATES`).
    pub proxy_states: BTreeMap<String, ProxyState>,
    /// How many keys a proxy takes beside others, by its id (`PROXY_WEIGHTS`); else 100.
    pub proxy_weights: BTreeMap<String, i32>,
    /// Tells from which address it was called (`EXIT_IP_URL`).
    pub exit_ip_url: Option<String>,
    /// Longest time to connect, TLS included (`CONNECT_TIMEOUT`).
    pub connect_timeout: Duration,
    /// Longest wait for the first byte of an answer (`FIRST_BYTE_TIMEOUT`, else `TIME_OUT`).
    pub first_byte_timeout: Duration,
    /// Longest pause inside an answer (`IDLE_TIMEOUT`, else `TIME_OUT`).
    pub idle_timeout: Duration,
    /// Longest time for a request with all its attempts (`TOTAL_TIMEOUT`).
    pub total_timeout: Duration,
    /// How long an idle upstream connection is kept (`POOL_IDLE_TIMEOUT`).
    pub pool_idle_timeout: Duration,
    /// Largest single event of a stream in bytes (`MAX_EVENT_SIZE`).
    pub max_event_size: usize,
}

/// Why a proxy takes nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyState {
    /// For a while: what runs there ends.
    Draining,
    /// For good, until it is switched on again.
    Off,
}

/// Names of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    /// Model that checks of a key call (`TEST_MODEL`).
    pub test_model: String,
    /// Models hidden from lists and refused (`FILTERED_MODELS`).
    pub filtered: Vec<String>,
    /// Name that clients use to name that Google knows (`MODEL_ALIASES`).
    pub aliases: IndexMap<String, String>,
    /// Models, or aliases, to those that are asked after them (`MODEL_FALLBACKS`).
    pub fallbacks: IndexMap<String, Vec<String>>,
    /// Names of Claude, with `*` for anything, to the model that answers for them
    /// (`CLAUDE_MODELS`); empty for the usual ones.
    pub claude: IndexMap<String, String>,
    /// Models also offered with `-image` (`IMAGE_MODELS`).
    pub images: Vec<String>,
    /// Models also offered with `-search` (`SEARCH_MODELS`).
    pub search: Vec<String>,
    /// Models also offered with `-non-thinking` and `-thinking` (`THINKING_MODELS`).
    pub thinking: Vec<String>,
    /// What models cost, before what the price list says (`MODEL_PRICES`).
    pub prices: Vec<ModelPrice>,
    /// Misspelt addresses lead where they were meant to (`URL_NORMALIZATION_ENABLED`).
    pub repairs_addresses: bool,
}

impl Models {
    /// Whether a model (without `models/`) is hidden and refused.
    pub fn is_filtered(&self, model: &str) -> bool {
        self.filtered.iter().any(|name| name == model)
    }
}

/// What is added to or taken from chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Every model may run code (`TOOLS_CODE_EXECUTION_ENABLED`).
    pub code_execution: bool,
    /// Models that may read URLs (`URL_CONTEXT_MODELS`); none unless `URL_CONTEXT_ENABLED`.
    pub url_context: Vec<String>,
    /// Answers of models that search by their name end with their sources (`SHOW_SEARCH_LINK`).
    pub list_sources: bool,
    /// Thoughts are asked for and handed out (`SHOW_THINKING_PROCESS`).
    pub show_thoughts: bool,
    /// Model to thinking budget in tokens (`THINKING_BUDGET_MAP`); negative leaves it to the model.
    pub thinking_budgets: IndexMap<String, i32>,
    /// For chats that bring none (`SAFETY_SETTINGS`); empty leaves it to Google.
    pub safety: Vec<SafetySetting>,
    /// The same for some models, in every API (`MODEL_SAFETY_SETTINGS`).
    pub model_safety: IndexMap<String, Vec<SafetySetting>>,
    /// Tools that are added for some models, in every API (`MODEL_TOOLS`).
    pub model_tools: IndexMap<String, Vec<Tool>>,
}

/// How streams are delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streams {
    /// Longest silence of a stream that is translated (`STREAM_KEEP_ALIVE_INTERVAL`); zero: it may
    /// be silent.
    pub keep_alive: Duration,
    /// Streams that are made of whole answers (`FAKE_STREAM_ENABLED`).
    pub fake: Option<FakeStream>,
    /// How text is typed (`STREAM_OPTIMIZER_ENABLED`).
    pub typing: Option<Typing>,
}

/// Streams that are made of whole answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeStream {
    /// Time between two signs of life (`FAKE_STREAM_EMPTY_DATA_INTERVAL_SECONDS`).
    pub silence: Duration,
    /// The models that it is for (`FAKE_STREAM_MODELS`); none: all.
    pub models: Vec<String>,
}

impl FakeStream {
    /// Whether streams of a model (without `models/`) are made of whole answers.
    pub fn is_for(&self, model: &str) -> bool {
        let is_named = |name: &String| name.strip_prefix("models/").unwrap_or(name) == model;
        self.models.is_empty() || self.models.iter().any(is_named)
    }
}

/// Text that seems to be typed (`STREAM_…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typing {
    /// Pause after the pieces of a long text.
    pub min_delay: Duration,
    /// Pause after the characters of a short text.
    pub max_delay: Duration,
    /// Texts up to so many characters are short.
    pub short: usize,
    /// Texts from so many characters on are long.
    pub long: usize,
    /// Characters in a piece of a long text.
    pub piece: usize,
}

/// What runs by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jobs {
    /// Time between two checks of the keys that fail (`CHECK_INTERVAL_HOURS`); none: never.
    pub check_interval: Option<Duration>,
    /// Time between two cleanings of what has expired at Google (`FILES_CLEANUP_*`); none: never.
    pub files_cleanup: Option<Duration>,
    /// Tells which versions there are (`UPDATE_FEED_URL`); none: nobody is asked.
    pub update_feed: Option<String>,
}

/// Backups by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSettings {
    /// Time between two (`BACKUP_INTERVAL_HOURS`); none: never.
    pub every: Option<Duration>,
    /// So many are kept (`BACKUP_KEEP`).
    pub keep: usize,
    /// Where they lie (`BACKUP_FOLDER`).
    pub folder: String,
    /// Seals their secrets (`BACKUP_PASSPHRASE`); none: they stay under the master key.
    pub passphrase: Option<Hidden>,
}

/// Logs of the process and of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// Filter directives as `tracing` reads them (`RUST_LOG`, else `LOG_LEVEL`).
    pub filter: String,
    /// Shape of log lines (`LOG_FORMAT`).
    pub format: LogFormat,
    /// Whether requests are recorded in the database (`REQUEST_LOG_ENABLED`).
    pub request_log_enabled: bool,
    /// Rows that may wait to be written (`LOG_QUEUE_ROWS`).
    pub queue_rows: usize,
    /// Bytes that may wait to be written (`LOG_QUEUE_BYTES`).
    pub queue_bytes: usize,
    /// Keep the request's body with an error (`ERROR_LOG_RECORD_REQUEST_BODY`).
    pub record_request_body: bool,
    /// Days that errors are kept (`AUTO_DELETE_ERROR_LOGS_*`); none: for ever.
    pub error_log_days: Option<u32>,
    /// Days that requests are kept (`AUTO_DELETE_REQUEST_LOGS_*`); none: for ever.
    pub request_log_days: Option<u32>,
    /// Bytes that errors may take (`ERROR_LOG_MAX_SIZE`); none: as many as they need.
    pub error_log_bytes: Option<u64>,
    /// Bytes that requests may take (`REQUEST_LOG_MAX_SIZE`); none: as many as they need.
    pub request_log_bytes: Option<u64>,
    /// Days that responses are kept (`RESPONSES_KEEP_DAYS`); 0: none is kept.
    pub response_days: u32,
    /// Time zone for people and of the days that client tokens are counted by, as an IANA name
    /// (`TIMEZONE`).
    pub timezone: String,
}

/// Shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON else.
    Auto,
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}
