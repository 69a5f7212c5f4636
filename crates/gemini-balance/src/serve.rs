//! `serve`: the gateway itself.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::net::{IpAddr, SocketAddr};

use anyhow::Context as _;
use secret::SecretCode;
use settings::{LogFormat, Resolved};
use telemetry::LiveRedactor;
use telemetry::logs::{self, LogControl};

use crate::app::App;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::lifecycle::StopSignals;
use crate::output::print;

/// Serves until it is told to stop.
pub(crate) fn run(environment: Environment) -> Result<(), Failure> {
    let logs = start_logs(&environment)?;
    runtime()?.block_on(serve(environment, logs))
}

/// The acceptor, the background jobs and the database need one thread; requests have the workers'.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime could be started")
        .map_err(Failure::from)
}

async fn serve(environment: Environment, logs: Logs) -> Result<(), Failure> {
    let mut signals = StopSignals::listen()?;
    let app = Box::pin(App::start(environment, logs)).await?;
    announce(&app);
    if let Some(code) = &app.setup_code {
        invite(app.address, code);
    }
    signals.next().await;
    tracing::info!("stopping: what runs may finish; another signal ends it at once");
    app.stop(async { signals.next().await }).await
}

/// The log of the process, running.
pub(crate) struct Logs {
    pub(crate) redactor: LiveRedactor,
    pub(crate) control: LogControl,
}

/// Log lines begin before anything can fail.
pub(crate) fn start_logs(environment: &Environment) -> Result<Logs, Failure> {
    let resolved = Resolved::new(environment, &BTreeMap::new())?;
    let logging = &resolved.settings.logging;
    let redactor = LiveRedactor::default();
    let control = logs::init(&logs::LogOptions {
        filter: logging.filter.clone(),
        format: match logging.format {
            LogFormat::Pretty => logs::Format::Pretty,
            LogFormat::Auto if std::io::stderr().is_terminal() => logs::Format::Pretty,
            LogFormat::Auto | LogFormat::Json => logs::Format::Json,
        },
        redactor: redactor.clone(),
    })
    .context("log lines cannot be written")?;
    Ok(Logs { redactor, control })
}

/// Shows how the console is claimed: on standard output, since log lines go to standard error and are
/// kept.
fn invite(address: SocketAddr, code: &SecretCode) {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) => format!("[{ip}]"),
        IpAddr::V4(ip) => ip.to_string(),
    };
    let printed = print(&format!(
        "\nNobody administers this gateway yet. Claim it within 30 minutes at\n\n    \
         http://{host}:{}/admin/setup#code={}\n\nor set AUTH_TOKEN.\n",
        address.port(),
        code.expose(),
    ));
    if printed.is_err() {
        tracing::warn!("nobody can claim the console: standard output is shut; set AUTH_TOKEN");
    }
}

/// Says where it listens, and what is missing before anybody can be served.
fn announce(app: &App) {
    let totals = app.gateway.totals(relay::now());
    let configuration = app.gateway.configuration();
    tracing::info!(address = %app.address, keys = totals.total, "listening");
    if totals.total == 0 {
        tracing::warn!(
            "the pool has no key: add one with `gemini-balance keys add`, or set API_KEYS"
        );
    }
    if configuration.tokens.is_empty() {
        tracing::warn!(
            "no client token exists, so nobody gets in: make one with `gemini-balance tokens create NAME`, or set ALLOWED_TOKENS"
        );
    }
}
