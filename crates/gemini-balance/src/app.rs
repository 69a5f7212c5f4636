//! The composition root: all parts of a serving gateway, put together and taken apart in order.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jobs::{Loaded, Loader, NewestLesson, TokenKeeper};
use keypool::{Platform, ReplicaId};
use relay::front::{self, Listener, Workers};
use relay::{Archive, Gallery, Gateway, KeptSessions, Meters, Parts, Resources};
use secret::{ClientToken, PoolKey, SecretCode};
use settings::{Hidden, Settings};
use shared::Shared;
use store::{LogBounds, LogWriter, NewKey, Source, Store};
use telemetry::logs::LogControl;
use telemetry::{LiveRedactor, Metrics};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use uuid::Uuid;

use crate::boot::Boot;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::serve::Logs;

/// What remains to be written when the last connection has ended gets this long.
const FLUSH: Duration = Duration::from_secs(10);

/// After the grace period, streams get this long to say that they end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Tokens that stand in example files, the predecessors' among them.
const SAMPLES: [&str; 4] = ["sk-123456", "your_token_1", "sk-choose-a-long-one", "changeme"];

/// A gateway that is serving.
pub(crate) struct App {
    pub(crate) gateway: Arc<Gateway>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// With which whoever started the program may claim its console, if nobody has.
    pub(crate) setup_code: Option<SecretCode>,
    store: Store,
    newest: Arc<NewestLesson>,
    accepting: JoinHandle<Workers>,
    background: JoinSet<()>,
    /// Writes down what client tokens use.
    tokens: JoinHandle<TokenKeeper>,
    /// Writes down live sessions that can go on.
    sessions: KeptSessions,
    /// Shares what they use with other processes.
    redis: Option<JoinHandle<()>>,
}

impl App {
    /// Opens the store, takes over what the environment brings, and begins to serve.
    pub(crate) async fn start(environment: Environment, logs: Logs) -> Result<Self, Failure> {
        let Logs { redactor, control } = logs;
        let Boot { environment, resolved, store } = Boot::open(environment).await?;
        prepare(&store, &resolved.settings).await?;
        let environment = Arc::new(environment);
        let meters = Arc::<Meters>::default();
        let loader = Loader::new(store.clone(), environment.clone(), Arc::clone(&meters));
        // Read before what they number: what is changed meanwhile is taken up twice, not never.
        let revisions = store.revisions().await?;
        let first = loader.load().await.map_err(anyhow::Error::from)?;
        first.protect(&redactor);
        let settings = &first.configuration.settings;
        let listener = bind(settings.server.listen)?;
        let address = listener.local_address().context("the listening socket has no address")?;
        let log = LogWriter::start(store.clone(), bounds(settings));
        let replica = ReplicaId::new(Uuid::now_v7().to_string());
        let tokens = TokenKeeper::new(store.clone(), Arc::clone(&meters), replica.as_str());
        let (shared, redis) = share(settings, &replica)?.unzip();
        let common = Common { redactor, meters, shared };
        let gateway = gateway(&store, first, replica.clone(), log, common).await?;
        let sessions = keep_sessions(&gateway, &store);
        tokens.hear(&gateway.token_day()).await?;
        let state = console::State::new(Arc::clone(&gateway), store.clone(), environment);
        let setup_code = state.open_for_claim().await.map_err(anyhow::Error::from)?;
        gateway.mount(console::Console::new(state, Handle::current()));
        let workers = start_workers(&gateway)?;
        let max_connections = gateway.configuration().settings.server.max_connections;
        let mut background = JoinSet::new();
        let newest = Arc::<NewestLesson>::default();
        background.spawn(jobs::keep_learned(
            Arc::clone(&gateway),
            store.clone(),
            replica,
            revisions.learned,
            Arc::clone(&newest),
        ));
        background.spawn(jobs::take_up_changes(
            Arc::clone(&gateway),
            loader,
            revisions.configuration,
            Arc::clone(&newest),
            move |settings: &Settings| follow(&control, settings),
        ));
        let tokens = tokio::spawn(tokens.run(Arc::clone(&gateway)));
        let redis = redis.map(|keeper| tokio::spawn(keeper.run()));
        keep_house(&mut background, &gateway, &store);
        let stop = gateway.stop.clone();
        let accepting = tokio::spawn(front::serve(listener, workers, max_connections, stop));
        Ok(Self {
            gateway,
            address,
            setup_code,
            store,
            newest,
            accepting,
            background,
            tokens,
            sessions,
            redis,
        })
    }

    /// Takes no new work, lets what runs finish within `SHUTDOWN_GRACE`, and writes everything down.
    /// `hurry` ends the grace early.
    pub(crate) async fn stop(self, hurry: impl Future<Output = ()>) -> Result<(), Failure> {
        let Self {
            gateway, store, newest, accepting, mut background, tokens, sessions, redis, ..
        } = self;
        let grace = gateway.configuration().settings.server.shutdown_grace;
        gateway.stop.cancel();
        let workers = accepting.await.context("the acceptor ended by a panic")?;
        let mut connections = tokio::task::spawn_blocking(move || workers.join());
        tokio::select! {
            _ = &mut connections => {}
            () = ended(grace, hurry) => {
                gateway.stop_now.cancel();
                if timeout(LAST_WORDS, connections).await.is_err() {
                    tracing::warn!("some connections did not end in time");
                }
            }
        }
        gateway.stop_now.cancel();
        while background.join_next().await.is_some() {}
        jobs::save_learned(&gateway, &store, &newest).await;
        let mut tokens = tokens.await.context("the counting of tokens ended by a panic")?;
        if let Err(error) = tokens.save().await {
            tracing::error!(%error, "what client tokens used last could not be written");
        }
        if !gateway.log.shutdown(FLUSH).await {
            tracing::error!("some log rows could not be written");
        }
        if !gateway.archive.flush(FLUSH).await {
            tracing::error!("some responses could not be written");
        }
        if !sessions.flush(FLUSH).await {
            tracing::error!("some live sessions could not be written");
        }
        if let Some(redis) = redis {
            redis.abort();
        }
        store.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Live sessions go on after a restart.
fn keep_sessions(gateway: &Gateway, store: &Store) -> KeptSessions {
    let sessions = KeptSessions::new(store.clone());
    gateway.keep_live_sessions(sessions.clone());
    sessions
}

async fn ended(grace: Duration, hurry: impl Future<Output = ()>) {
    tokio::select! {
        () = tokio::time::sleep(grace) => {}
        () = hurry => {}
    }
}

/// Takes over what the environment brings, and notes which version begins.
async fn prepare(store: &Store, settings: &Settings) -> Result<(), Failure> {
    import(store, settings).await?;
    Ok(store.note_version(env!("CARGO_PKG_VERSION")).await?)
}

/// Adds the keys and tokens of the environment that were never there before.
async fn import(store: &Store, settings: &Settings) -> Result<(), Failure> {
    let keys = parse("API_KEYS", &settings.pool.api_keys, PoolKey::parse)?;
    let keys: Vec<NewKey> = keys.into_iter().map(NewKey::new).collect();
    let imported = store.import_keys(keys, Source::Env).await?;
    if imported.added > 0 {
        tracing::info!(added = imported.added, "keys of API_KEYS joined the pool");
    }
    let keys = parse("VERTEX_API_KEYS", &settings.pool.vertex_api_keys, PoolKey::parse)?;
    let keys = keys.into_iter().map(|key| NewKey::new(key).of(Platform::Vertex));
    let imported = store.import_keys(keys.collect(), Source::Env).await?;
    if imported.added > 0 {
        tracing::info!(added = imported.added, "keys of VERTEX_API_KEYS joined their pool");
    }
    if let Some(key) = &settings.pool.paid_key {
        let keys = parse("PAID_KEY", std::slice::from_ref(key), PoolKey::parse)?;
        let paid = |key| NewKey { tier: 1, tags: vec!["paid".to_owned()], ..NewKey::new(key) };
        let imported = store.import_keys(keys.into_iter().map(paid).collect(), Source::Env).await?;
        if imported.added > 0 {
            tracing::info!("the key of PAID_KEY joined the pool");
        }
    }
    if settings.security.allowed_tokens.iter().any(|token| SAMPLES.contains(&token.expose())) {
        tracing::warn!("ALLOWED_TOKENS holds a token from an example, which anybody may guess");
    }
    let tokens = parse("ALLOWED_TOKENS", &settings.security.allowed_tokens, ClientToken::parse)?;
    let imported = store.import_tokens(&tokens, Source::Env).await?;
    if imported.added > 0 {
        tracing::info!(added = imported.added, "client tokens of ALLOWED_TOKENS were added");
    }
    Ok(())
}

fn parse<T, E: std::fmt::Display>(
    name: &str,
    entries: &[Hidden],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, Failure> {
    let parse = |(index, entry): (usize, &Hidden)| {
        parse(entry.expose())
            .map_err(|error| Failure::configuration(format!("{name}: entry {} {error}", index + 1)))
    };
    entries.iter().enumerate().map(parse).collect()
}

fn bind(address: SocketAddr) -> Result<Listener, Failure> {
    Listener::bind(address).map_err(|error| {
        let problem = match error.kind() {
            ErrorKind::AddrInUse => "is in use by another program".to_owned(),
            ErrorKind::PermissionDenied => "is not allowed to this user".to_owned(),
            _ => format!("cannot be listened on: {error}"),
        };
        Failure::configuration(format!(
            "LISTEN: {address} {problem}; accepted: a free address such as 127.0.0.1:8000"
        ))
    })
}

/// The log's level is the one setting that lives outside of the gateway.
fn follow(control: &LogControl, settings: &Settings) {
    if let Err(error) = control.set_filter(&settings.logging.filter) {
        tracing::warn!(%error, "the log keeps its level");
    }
}

fn bounds(settings: &Settings) -> LogBounds {
    LogBounds { rows: settings.logging.queue_rows, bytes: settings.logging.queue_bytes }
}

/// What the gateway has in common with other parts of the process, or with other processes.
struct Common {
    redactor: LiveRedactor,
    meters: Arc<Meters>,
    shared: Option<Shared>,
}

/// Where several processes count client tokens together, and what keeps the connection there.
fn share(
    settings: &Settings,
    replica: &ReplicaId,
) -> Result<Option<(Shared, shared::Keeper)>, Failure> {
    let Some(url) = &settings.storage.redis_url else { return Ok(None) };
    let made = Shared::new(url.expose(), replica.as_str());
    made.map(Some).map_err(|error| Failure::configuration(format!("REDIS_URL: {error}")))
}

async fn gateway(
    store: &Store,
    loaded: Loaded,
    replica: ReplicaId,
    log: LogWriter,
    common: Common,
) -> Result<Arc<Gateway>, Failure> {
    let learned = store.load_learned().await?;
    let now = relay::now();
    let pools = loaded.pools(&replica, &learned, now);
    let Loaded { configuration, .. } = loaded;
    let archive = Archive::new(store.clone());
    let gallery = Gallery::new(store.clone());
    let resources = Resources::new(store.clone());
    let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION")));
    let Common { redactor, meters, shared } = common;
    Ok(Arc::new(Gateway::new(Parts {
        configuration,
        pools,
        log,
        archive,
        gallery,
        resources,
        metrics,
        redactor,
        meters,
        shared,
    })))
}

/// What goes on by itself for as long as the gateway runs.
fn keep_house(background: &mut JoinSet<()>, gateway: &Arc<Gateway>, store: &Store) {
    background.spawn(relay::keep_turns(Arc::clone(gateway)));
    background.spawn(jobs::check_keys(Arc::clone(gateway)));
    background.spawn(jobs::forget_expired(Arc::clone(gateway), store.clone()));
    background.spawn(jobs::watch_models(Arc::clone(gateway), store.clone()));
    background.spawn(jobs::delete_old_logs(Arc::clone(gateway), store.clone()));
    background.spawn(jobs::keep_backups(Arc::clone(gateway), store.clone()));
    background.spawn(jobs::watch_releases(Arc::clone(gateway), store.clone()));
    background.spawn(jobs::notify_owner(Arc::clone(gateway), store.clone()));
}

fn start_workers(gateway: &Arc<Gateway>) -> Result<Workers, Failure> {
    let count = match gateway.configuration().settings.server.workers {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        count => count,
    };
    Ok(Workers::start(gateway, count).context("no worker could be started")?)
}
