//! From the store to what the gateway works with.

use std::collections::HashMap;
use std::sync::Arc;

use keypool::{
    DeclaredLimit, Health, KeyId, KeySpec, Learned, PerPlatform, Platform, Policy, Pool, ReplicaId,
    Strategy, Timestamp, Window,
};
use relay::{Configuration, Gateway, InvalidUpstream, Meters, TokenTable};
use secret::Redactor;
use settings::{PoolStrategy, QuotaLimit, QuotaOwner, Resolved, SettingError, Settings, Source};
use store::{Store, StoreError, StoredKey};

/// Why the configuration could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The environment holds values that are not accepted.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Settings(Vec<SettingError>),
    /// The settings describe no way to Google.
    #[error(transparent)]
    Upstream(#[from] InvalidUpstream),
}

/// Reads the configuration from the environment and the store.
#[derive(Clone)]
pub struct Loader {
    store: Store,
    environment: Arc<dyn Source + Send + Sync>,
    meters: Arc<Meters>,
}

/// One whole version of the configuration.
pub struct Loaded {
    /// Settings and tokens.
    pub configuration: Configuration,
    /// The keys of each pool.
    pub keys: PerPlatform<Vec<KeySpec>>,
    /// Which keys a person declared alive, and when.
    revived: HashMap<KeyId, Timestamp>,
    redactor: Redactor,
}

impl Loader {
    /// Reads from `store`, over what `environment` says; client tokens are counted at `meters`.
    pub fn new(
        store: Store,
        environment: Arc<dyn Source + Send + Sync>,
        meters: Arc<Meters>,
    ) -> Self {
        Self { store, environment, meters }
    }

    /// The store that is read.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Reads everything. What an administrator stored and cannot be used is told in the log and
    /// left out, so that a slip never takes the gateway down.
    pub async fn load(&self) -> Result<Loaded, LoadError> {
        let stored = self.store.stored_settings().await?;
        let resolved =
            Resolved::new(self.environment.as_ref(), &stored).map_err(LoadError::Settings)?;
        for warning in &resolved.warnings {
            tracing::warn!("a stored setting is ignored: {warning}");
        }
        let keys = self.store.list_keys().await?;
        let tokens = self.store.list_tokens().await?;
        Ok(assemble(resolved.settings, &keys, TokenTable::new(&tokens, &self.meters))?)
    }
}

fn assemble(
    settings: Settings,
    keys: &[StoredKey],
    tokens: TokenTable,
) -> Result<Loaded, InvalidUpstream> {
    for key in keys.iter().filter(|key| key.secret.is_none()) {
        tracing::error!(key = %key.mask, id = %key.id, "a stored key does not open under this master key; it is left out");
    }
    let redactor = redactor(&settings, keys);
    let revived = keys.iter().filter_map(|key| Some((key.id.clone(), key.revived_at?))).collect();
    let specs = keys.iter().filter_map(StoredKey::spec);
    let (gemini, vertex) = specs.partition(|spec| spec.platform == Platform::Gemini);
    let configuration = Configuration::new(settings, tokens)?;
    Ok(Loaded { configuration, keys: PerPlatform { gemini, vertex }, revived, redactor })
}

/// Everything that must never be shown, by value.
fn redactor(settings: &Settings, keys: &[StoredKey]) -> Redactor {
    let keys = keys.iter().filter_map(|key| key.secret.as_ref()).map(|key| key.expose());
    let security = &settings.security;
    let backups = &settings.backups.passphrase;
    let own = [&security.auth_token, &security.cron_secret, &security.metrics_token, backups];
    let own = own.into_iter().flatten().map(settings::Hidden::expose);
    let tokens = security.allowed_tokens.iter().map(settings::Hidden::expose);
    let upstream = &settings.upstream;
    let of_models = upstream.model_headers.values().flat_map(|headers| headers.values());
    let headers = upstream.custom_headers.values().chain(of_models).map(settings::Hidden::expose);
    let channels = settings.notifications.secrets().map(settings::Hidden::expose);
    let all = keys.chain(own).chain(tokens).chain(headers).chain(channels);
    let secrets: Vec<&[u8]> = all.map(str::as_bytes).collect();
    match Redactor::new(secrets.into_iter()) {
        Ok(redactor) => redactor,
        Err(error) => {
            tracing::error!(%error, "secrets can only be redacted by their shape");
            Redactor::default()
        }
    }
}

impl Loaded {
    /// Puts this version in force. Requests that are running keep the version they began with.
    pub fn apply(self, gateway: &Gateway, now: Timestamp) {
        gateway.redactor.replace(self.redactor);
        for platform in Platform::ALL {
            let mut pool = gateway.pool(*platform);
            pool.set_policy(policy(&self.configuration.settings));
            pool.declare(declared_limits(&self.configuration.settings, *platform), now);
            pool.sync(self.keys.of(*platform).clone(), now);
            for (key, revived) in &self.revived {
                if let Some(Health::Dead { since, .. }) = pool.health(key)
                    && *revived > since
                {
                    pool.revive(key, now);
                }
            }
        }
        gateway.configure(self.configuration);
        gateway.learned.notify_one();
    }

    /// New pools with this version's keys, which know what was learned before.
    pub fn pools(
        &self,
        replica: &ReplicaId,
        learned: &[Learned],
        now: Timestamp,
    ) -> PerPlatform<Pool> {
        let settings = &self.configuration.settings;
        let pool = |platform: Platform| {
            let mut pool = Pool::new(policy(settings)).named(replica.clone());
            pool.declare(declared_limits(settings, platform), now);
            pool.sync(self.keys.of(platform).clone(), now);
            pool.restore(learned.to_vec(), now);
            pool
        };
        PerPlatform { gemini: pool(Platform::Gemini), vertex: pool(Platform::Vertex) }
    }

    /// Fills a redactor before there is a gateway.
    pub fn protect(&self, redactor: &telemetry::LiveRedactor) {
        redactor.replace(self.redactor.clone());
    }
}

fn policy(settings: &Settings) -> Policy {
    let strategy = match settings.pool.strategy {
        PoolStrategy::RoundRobin => Strategy::RoundRobin,
        PoolStrategy::FillFirst => Strategy::FillFirst,
        PoolStrategy::LeastLatency => Strategy::LeastLatency,
        PoolStrategy::Balanced => Strategy::Balanced,
    };
    Policy { strategy, max_failures: settings.pool.max_failures.max(1), ..Policy::default() }
}

/// The declared limits of one of Google's APIs, one for each window.
pub fn declared_limits(settings: &Settings, platform: Platform) -> Vec<DeclaredLimit> {
    let owner = match platform {
        Platform::Gemini => QuotaOwner::Gemini,
        Platform::Vertex => QuotaOwner::Vertex,
    };
    let declared = settings.pool.quota_limits.iter().filter(|limit| limit.platform == owner);
    declared.flat_map(by_window).collect()
}

fn by_window(declared: &QuotaLimit) -> impl Iterator<Item = DeclaredLimit> {
    let windows = [
        (Window::MinuteRequests, declared.requests_per_minute),
        (Window::MinuteTokens, declared.tokens_per_minute),
        (Window::DayRequests, declared.requests_per_day),
        (Window::DayTokens, declared.tokens_per_day),
    ];
    windows.into_iter().filter_map(|(window, limit)| {
        Some(DeclaredLimit {
            project: declared.project.clone(),
            tier: declared.tier,
            model: declared.model.clone(),
            window,
            limit: limit?.get(),
        })
    })
}
