use std::sync::atomic::Ordering;
use std::time::Duration;

use keypool::Outcome;
use prometheus_client::encoding::{EncodeMetric, text};
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use self::closed_family::{ClosedFamily, Label};

mod closed_family;

static DIALECT: Label =
    Label { name: "dialect", values: &["anthropic", "gemini", "openai", "responses"] };
static STATUS_CLASS: Label =
    Label { name: "status_class", values: &["1xx", "2xx", "3xx", "4xx", "5xx"] };
static STREAM: Label = Label { name: "stream", values: &["false", "true"] };
static OUTCOME: Label = Label { name: "outcome", values: Outcome::LABELS };
static FINDING: Label = Label { name: "result", values: &["alive", "dead", "unclear"] };
static TOKEN_KIND: Label = Label { name: "kind", values: &["completion", "prompt"] };
static CLIENT_LIMIT: Label = Label {
    name: "limit",
    values: &[
        "concurrency",
        "day_budget",
        "day_requests",
        "day_tokens",
        "minute_requests",
        "minute_tokens",
        "month_budget",
    ],
};
static KEY_STATE: Label =
    Label { name: "state", values: &["cooling", "dead", "disabled", "ready"] };

/// Seconds. A whole answer takes up to minutes.
const REQUEST_BUCKETS: [f64; 14] =
    [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0];
/// Seconds. A model that thinks is silent for long.
const FIRST_BYTE_BUCKETS: [f64; 12] =
    [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// Every Prometheus family of the gateway; their names begin with `gemini_balance_`.
///
/// All label values come from closed sets (no key, no token, no model name): the number of series
/// is fixed, all of them exist from the start, and counting takes no lock but a histogram's own.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: ClosedFamily<Counter, 3>,
    requests_in_flight: Gauge,
    request_duration: ClosedFamily<Histogram, 1>,
    first_byte: ClosedFamily<Histogram, 1>,
    attempts: ClosedFamily<Counter, 1>,
    client_limits: ClosedFamily<Counter, 1>,
    hedges: Counter,
    key_checks: ClosedFamily<Counter, 1>,
    keys_revived: Counter,
    tokens: ClosedFamily<Counter, 1>,
    pool_keys: ClosedFamily<Gauge, 1>,
    replicas: Gauge,
    log_queue_rows: Gauge,
    log_queue_dropped: Counter,
}

/// What became of a client's request.
#[derive(Debug, Clone, Copy)]
pub struct RequestEnd {
    /// The API it came by: `openai`, `responses`, `anthropic` or `gemini`.
    pub dialect: &'static str,
    /// The HTTP status that was sent, or 499 if the client left before.
    pub status: u16,
    /// The answer was a stream.
    pub stream: bool,
    /// From the request's head to the answer's last byte.
    pub duration: Duration,
    /// From the request's head to the answer's first byte, if there was one.
    pub first_byte: Option<Duration>,
    /// Tokens read, as Google counted them.
    pub prompt_tokens: u64,
    /// Tokens written, thoughts included, as Google counted them.
    pub completion_tokens: u64,
}

/// How many keys of the pool are in which state.
#[derive(Debug, Clone, Copy, Default)]
pub struct PoolGauges {
    /// Usable for every model.
    pub ready: usize,
    /// Usable, but out of quota for some model.
    pub cooling: usize,
    /// Refused by Google for good.
    pub dead: usize,
    /// Disabled by a person.
    pub disabled: usize,
}

const CLIENT_LIMITS: (&str, &str) =
    ("client_limits", "Requests refused because their client token is at its limit");

const KEY_CHECKS: (&str, &str) =
    ("key_checks", "Keys that Google was asked about, by what was found");

const ATTEMPTS: (&str, &str) = ("attempts", "Calls to Google, by what they came to");

impl Metrics {
    /// All families, at zero. `version` is the program's.
    pub fn new(version: &str) -> Self {
        let mut registry = registry(version);
        Self {
            requests: counters(
                &mut registry,
                ("requests", "Requests answered, by API, status and whether streamed"),
                [&DIALECT, &STATUS_CLASS, &STREAM],
            ),
            requests_in_flight: gauge(
                &mut registry,
                ("requests_in_flight", "Requests being answered now"),
            ),
            request_duration: seconds(
                &mut registry,
                ("request_duration", "From a request's head to its answer's last byte"),
                || Histogram::new(REQUEST_BUCKETS),
            ),
            first_byte: seconds(
                &mut registry,
                ("first_byte", "From a request's head to its answer's first byte"),
                || Histogram::new(FIRST_BYTE_BUCKETS),
            ),
            attempts: counters(&mut registry, ATTEMPTS, [&OUTCOME]),
            client_limits: counters(&mut registry, CLIENT_LIMITS, [&CLIENT_LIMIT]),
            key_checks: counters(&mut registry, KEY_CHECKS, [&FINDING]),
            keys_revived: counter(
                &mut registry,
                ("keys_revived", "Dead keys that a check found to work again"),
            ),
            tokens: counters(
                &mut registry,
                ("tokens", "Tokens of models, as Google counted them"),
                [&TOKEN_KIND],
            ),
            pool_keys: family(
                &mut registry,
                ("pool_keys", "Keys in the pool, by state"),
                [&KEY_STATE],
                Gauge::default,
            ),
            replicas: gauge(
                &mut registry,
                ("replicas", "Processes that count client tokens together; 0 without Redis"),
            ),
            log_queue_rows: gauge(
                &mut registry,
                ("log_queue_rows", "Rows of the request log waiting for the database"),
            ),
            hedges: counter(
                &mut registry,
                ("hedges", "Second calls sent beside ones that took long to be answered"),
            ),
            log_queue_dropped: counter(
                &mut registry,
                ("log_queue_dropped", "Rows of the request log lost because the queue was full"),
            ),
            registry,
        }
    }

    /// A request has arrived; [`Metrics::request_ended`] must follow exactly once.
    pub fn request_began(&self) {
        self.requests_in_flight.inc();
    }

    /// A request is over.
    pub fn request_ended(&self, end: &RequestEnd) {
        self.requests_in_flight.dec();
        let stream = if end.stream { "true" } else { "false" };
        add(self.requests.get([end.dialect, status_class(end.status), stream]), 1);
        observe(self.request_duration.get([end.dialect]), end.duration);
        if let Some(first_byte) = end.first_byte {
            observe(self.first_byte.get([end.dialect]), first_byte);
        }
        add(self.tokens.get(["prompt"]), end.prompt_tokens);
        add(self.tokens.get(["completion"]), end.completion_tokens);
    }

    /// A call to Google is over; `outcome` is its [`Outcome::label`].
    pub fn attempt(&self, outcome: &str) {
        add(self.attempts.get([outcome]), 1);
    }

    /// A request was refused because its client token is at this limit, such as `day_tokens`.
    pub fn client_limit(&self, limit: &str) {
        add(self.client_limits.get([limit]), 1);
    }

    /// A second call to Google was sent beside one that took long.
    pub fn hedge(&self) {
        self.hedges.inc();
    }

    /// So many keys were asked about with the result `alive`, `dead` or `unclear`.
    pub fn keys_checked(&self, result: &str, keys: usize) {
        add(self.key_checks.get([result]), keys as u64);
    }

    /// So many dead keys came back by a check.
    pub fn keys_revived(&self, keys: usize) {
        self.keys_revived.inc_by(keys as u64);
    }

    /// The pool's state now.
    pub fn set_pool(&self, pool: &PoolGauges) {
        let PoolGauges { ready, cooling, dead, disabled } = *pool;
        let keys = [("ready", ready), ("cooling", cooling), ("dead", dead), ("disabled", disabled)];
        for (state, count) in keys {
            if let Some(gauge) = self.pool_keys.get([state]) {
                gauge.set(count as i64);
            }
        }
    }

    /// So many processes count client tokens together; 0 if Redis is not reached.
    pub fn set_replicas(&self, replicas: u64) {
        self.replicas.set(replicas as i64);
    }

    /// The log queue now: rows waiting, and rows dropped since the start because it was full.
    pub fn set_log_queue(&self, rows: usize, dropped: u64) {
        self.log_queue_rows.set(rows as i64);
        self.log_queue_dropped.inner().store(dropped, Ordering::Relaxed);
    }

    /// Everything as `OpenMetrics` text, of media type
    /// `application/openmetrics-text; version=1.0.0; charset=utf-8`.
    pub fn encode(&self) -> String {
        let mut encoded = String::new();
        if text::encode(&mut encoded, &self.registry).is_err() {
            // Writing to a string does not fail; half a text would be wrong, none is noticed.
            encoded.clear();
        }
        encoded
    }
}

/// A family's name without prefix and unit, and its help.
type Described = (&'static str, &'static str);

/// A family with closed labels, registered.
fn family<M, const N: usize>(
    registry: &mut Registry,
    (name, help): Described,
    labels: [&'static Label; N],
    make: fn() -> M,
) -> ClosedFamily<M, N>
where
    M: Clone + EncodeMetric + TypedMetric + std::fmt::Debug + Send + Sync + 'static,
{
    let (closed, open) = ClosedFamily::new(labels, make);
    registry.register(name, help, open);
    closed
}

/// A registry that names the running program.
fn registry(version: &str) -> Registry {
    let mut registry = Registry::with_prefix("gemini_balance");
    let build = Info::new([("version", version.to_owned())]);
    registry.register("build", "The running program", build);
    registry
}

/// Counters, registered.
fn counters<const N: usize>(
    registry: &mut Registry,
    described: Described,
    labels: [&'static Label; N],
) -> ClosedFamily<Counter, N> {
    family(registry, described, labels, Counter::default)
}

/// A histogram of durations by dialect, registered.
fn seconds(
    registry: &mut Registry,
    (name, help): Described,
    make: fn() -> Histogram,
) -> ClosedFamily<Histogram, 1> {
    let (closed, open) = ClosedFamily::new([&DIALECT], make);
    registry.register_with_unit(name, help, Unit::Seconds, open);
    closed
}

fn gauge(registry: &mut Registry, (name, help): Described) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

fn counter(registry: &mut Registry, (name, help): Described) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

fn add(counter: Option<&Counter>, count: u64) {
    if let Some(counter) = counter {
        counter.inc_by(count);
    }
}

fn observe(histogram: Option<&Histogram>, duration: Duration) {
    if let Some(histogram) = histogram {
        histogram.observe(duration.as_secs_f64());
    }
}

fn status_class(status: u16) -> &'static str {
    match status {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}

#[cfg(test)]
mod tests;
