//! What all requests share: one consistent view of settings and tokens, the pool, and where what
//! happened is written down.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use dialect::models::Patterns;
use fetch::{Fetcher, Policy, SetupError};
use http::HeaderMap;
use keypool::{Forecast, PerPlatform, Platform, Pool, QuotaCell, Snapshot, Timestamp, Totals};
use settings::{ModelPrice, Settings};
use shared::Shared;
use store::LogWriter;
use telemetry::{LiveRedactor, Metrics};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::archive::Archive;
use crate::background::Background;
use crate::checks::Checks;
use crate::client_address::TrustedProxies;
use crate::client_options::{self, InvalidUpstream};
use crate::clock;
use crate::explaining::Allowance;
use crate::gallery::Gallery;
use crate::hedging::Hedging;
use crate::limits::{Calendar, Meters, Prices, Standing};
use crate::live::{Handles, KeepHandles};
use crate::mount::Mounted;
use crate::offering::Offering;
use crate::pace::Pace;
use crate::resources::Resources;
use crate::retry_budget::RetryBudget;
use crate::tokens::TokenTable;
use crate::turns::Turns;

/// One whole version of what an administrator configures. A request works with the version that
/// it began with.
#[derive(Debug)]
pub struct Configuration {
    /// The settings.
    pub settings: Settings,
    /// The client tokens that are valid.
    pub tokens: TokenTable,
    /// Every worker's connections to Google are made after these, which make none themselves.
    pub(crate) clients: PerPlatform<upstream::Client>,
    /// What the settings say about names of models and about chats.
    pub(crate) offering: Offering,
    /// The administrator's own headers for calls of a model.
    headers: Patterns<Arc<HeaderMap>>,
    /// Which day it is for the limits of client tokens.
    pub(crate) calendar: Calendar,
    pub(crate) prices: Arc<Prices>,
    pub(crate) trusted_proxies: TrustedProxies,
}

impl Configuration {
    /// Fails if the settings describe no way to Google.
    pub fn new(settings: Settings, tokens: TokenTable) -> Result<Self, InvalidUpstream> {
        let clients = client_options::build(&settings.upstream)?;
        let headers = client_options::model_headers(&settings.upstream)?;
        let offering = Offering::new(&settings);
        let calendar = Calendar::new(&settings.logging.timezone);
        let prices = Arc::new(Prices::new(&settings.models.prices));
        let trusted_proxies = TrustedProxies::new(&settings.security.trusted_proxies);
        Ok(Self { settings, tokens, clients, offering, headers, calendar, prices, trusted_proxies })
    }

    /// What a model costs today, by the administrator's list, then by Google's.
    pub fn price(&self, model: &str) -> Option<&ModelPrice> {
        self.prices.of(model, &self.calendar.day(clock::now()).name)
    }

    /// What is sent with every call of `model`.
    pub(crate) fn headers_of(&self, model: &str) -> Option<Arc<HeaderMap>> {
        self.headers.get(model).cloned()
    }

    /// A client for each of Google's APIs, with connections of its own.
    pub(crate) fn clients(&self) -> PerPlatform<Arc<upstream::Client>> {
        let PerPlatform { gemini, vertex } = &self.clients;
        PerPlatform { gemini: Arc::new(gemini.sibling()), vertex: Arc::new(vertex.sibling()) }
    }
}

/// The shared state of the gateway. The request path takes no other lock than a pool's, and that
/// for microseconds and never across an await.
pub struct Gateway {
    configuration: ArcSwap<Configuration>,
    pools: PerPlatform<Mutex<Pool>>,
    retry_budget: Mutex<RetryBudget>,
    explaining: Mutex<Allowance>,
    pace: Pace,
    /// What client tokens have used.
    pub meters: Arc<Meters>,
    /// Where other processes count them too.
    pub(crate) shared: Option<Shared>,
    /// Second attempts beside slow ones.
    pub(crate) hedging: Hedging,
    /// Where request and error records go.
    pub log: LogWriter,
    /// Where responses are kept.
    pub archive: Archive,
    /// Live sessions that can go on.
    pub(crate) live: Handles,
    /// Where pictures are kept.
    pub(crate) gallery: Gallery,
    /// Whose is what clients made at Google.
    pub(crate) resources: Resources,
    /// Responses that are worked on while nobody waits.
    pub(crate) background: Arc<Background>,
    /// The Prometheus families.
    pub metrics: Arc<Metrics>,
    /// Takes live secrets out of what is shown.
    pub redactor: LiveRedactor,
    /// Those who wait for a key.
    pub(crate) turns: Turns,
    /// Where a check of the failing keys is asked for.
    pub checks: Checks,
    /// Wakes whoever writes down what the pool has learned.
    pub learned: Notify,
    /// Cancelled when no new work shall begin.
    pub stop: CancellationToken,
    /// Cancelled when running streams must end too.
    pub stop_now: CancellationToken,
    store_works: AtomicBool,
    console: OnceLock<Box<dyn Mounted>>,
    fetcher: OnceLock<Fetcher>,
}

/// The parts that a [`Gateway`] is made of.
pub struct Parts {
    /// First configuration.
    pub configuration: Configuration,
    /// The pools, with their keys and what they had learned.
    pub pools: PerPlatform<Pool>,
    /// The write-behind queue of the store.
    pub log: LogWriter,
    /// Where responses are kept.
    pub archive: Archive,
    /// Where pictures are kept.
    pub gallery: Gallery,
    /// Whose is what clients made at Google.
    pub resources: Resources,
    /// The Prometheus families.
    pub metrics: Arc<Metrics>,
    /// The redactor that the log lines use too.
    pub redactor: LiveRedactor,
    /// What client tokens have used; the configuration's tokens are counted there.
    pub meters: Arc<Meters>,
    /// Where several processes count them together.
    pub shared: Option<Shared>,
}

impl Gateway {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let Parts { configuration, pools, .. } = parts;
        let settings = &configuration.settings.pool;
        let now = Instant::now();
        let retry_budget =
            RetryBudget::new(settings.retry_budget_percent, settings.retry_budget_floor, now);
        let pools = pools.map(|mut pool| {
            let client = &configuration.clients.gemini;
            pool.set_egresses(&client.egresses(0), &client.resting());
            Mutex::new(pool)
        });
        Self {
            hedging: Hedging::new(settings.hedge_percent, now),
            configuration: ArcSwap::from_pointee(configuration),
            pools,
            retry_budget: Mutex::new(retry_budget),
            explaining: Mutex::new(Allowance::new(now.into_std())),
            pace: Pace::new(now),
            log: parts.log,
            archive: parts.archive,
            live: Handles::default(),
            gallery: parts.gallery,
            resources: parts.resources,
            background: Arc::default(),
            metrics: parts.metrics,
            meters: parts.meters,
            shared: parts.shared,
            redactor: parts.redactor,
            turns: Turns::default(),
            checks: Checks::default(),
            learned: Notify::new(),
            stop: CancellationToken::new(),
            stop_now: CancellationToken::new(),
            store_works: AtomicBool::new(true),
            console: OnceLock::new(),
            fetcher: OnceLock::new(),
        }
    }

    /// Lets `console` answer what lies below `/admin` and `/api/admin`. The first one stays.
    pub fn mount(&self, console: impl Mounted + 'static) {
        let _ = self.console.set(Box::new(console));
    }

    /// Lets what is known of live sessions be kept there too. The first one stays.
    pub fn keep_live_sessions(&self, keeper: impl KeepHandles + 'static) {
        self.live.keep_in(keeper);
    }

    /// Fetches media that clients name. Made when it is first needed, since that reads the system's
    /// root certificates.
    pub(crate) fn fetcher(&self) -> Result<&Fetcher, SetupError> {
        if let Some(fetcher) = self.fetcher.get() {
            return Ok(fetcher);
        }
        let made = Fetcher::new(Policy::Off)?;
        Ok(self.fetcher.get_or_init(|| made))
    }

    pub(crate) fn console(&self) -> Option<&dyn Mounted> {
        self.console.get().map(Box::as_ref)
    }

    /// The configuration now; hold it for one request.
    pub fn configuration(&self) -> Arc<Configuration> {
        self.configuration.load_full()
    }

    /// Puts a new configuration in force for the requests that begin from now on.
    pub fn configure(&self, configuration: Configuration) {
        let settings = &configuration.settings.pool;
        let now = Instant::now();
        *lock(&self.retry_budget) =
            RetryBudget::new(settings.retry_budget_percent, settings.retry_budget_floor, now);
        self.hedging.set_percent(settings.hedge_percent, now);
        for platform in Platform::ALL {
            let client = configuration.clients.of(*platform);
            self.pool(*platform).set_egresses(&client.egresses(0), &client.resting());
        }
        self.configuration.store(Arc::new(configuration));
    }

    /// How a client token stands against its limits, by id; `None` if it is none that may come in.
    pub fn token_standing(&self, token_id: &str) -> Option<Standing> {
        let (configuration, now) = (self.configuration(), clock::now());
        let client = configuration.tokens.client(token_id)?;
        Some(client.meter.standing(&configuration.calendar.day(now), now))
    }

    /// The day on which a client token is counted now, as in `2026-11-26`.
    pub fn token_day(&self) -> Arc<str> {
        Arc::clone(&self.configuration().calendar.day(clock::now()).name)
    }

    /// The pool of one of Google's APIs, locked. Hold it for as long as a decision takes, and no
    /// other meanwhile.
    pub fn pool(&self, platform: Platform) -> MutexGuard<'_, Pool> {
        lock(self.pools.of(platform))
    }

    /// How all keys stand, in numbers.
    pub fn totals(&self, now: Timestamp) -> Totals {
        let totals = Platform::ALL.iter().map(|platform| self.pool(*platform).totals(now));
        totals.fold(Totals::default(), Totals::plus)
    }

    /// How all keys stand, those for the Gemini API first.
    pub fn snapshot(&self, now: Timestamp) -> Snapshot {
        let mut whole = self.pool(Platform::Gemini).snapshot(now);
        let Snapshot { totals, keys } = self.pool(Platform::Vertex).snapshot(now);
        whole.totals = whole.totals.plus(totals);
        whole.keys.extend(keys);
        whole
    }

    /// The prospects of the models that are in use, those of the Gemini API first.
    pub fn forecasts(&self, now: Timestamp) -> Vec<(Platform, Forecast)> {
        let of = |platform: Platform| {
            let forecasts = self.pool(platform).forecast(now);
            forecasts.into_iter().map(move |forecast| (platform, forecast))
        };
        Platform::ALL.iter().copied().flat_map(of).collect()
    }

    /// What projects have used of models, whichever API they are of.
    pub fn quota_cells(&self, now: Timestamp) -> Vec<QuotaCell> {
        Platform::ALL.iter().flat_map(|platform| self.pool(*platform).quota_cells(now)).collect()
    }

    pub(crate) fn count_request(&self) {
        let now = Instant::now();
        self.pace.count(now);
        lock(&self.retry_budget).request(now);
    }

    /// How many requests were let in during the last minute.
    pub fn requests_last_minute(&self) -> u64 {
        self.pace.last_minute(Instant::now())
    }

    pub(crate) fn may_retry(&self) -> bool {
        lock(&self.retry_budget).retry(Instant::now())
    }

    /// Whether there is time to explain a decision of the pool.
    pub(crate) fn may_explain(&self) -> bool {
        lock(&self.explaining).allows(std::time::Instant::now())
    }

    /// An explanation took so long.
    pub(crate) fn has_explained(&self, took: Duration) {
        lock(&self.explaining).spend(took);
    }

    /// Tells whether the database answered when it was last asked; `/readyz` says so.
    pub fn set_store_works(&self, works: bool) {
        self.store_works.store(works, Ordering::Relaxed);
    }

    pub(crate) fn store_works(&self) -> bool {
        self.store_works.load(Ordering::Relaxed)
    }
}

/// A panic while the lock was held leaves the state usable: every change is made in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
