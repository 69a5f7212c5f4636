//! `demo`: the gateway with a simulated Google inside. No account needed, nothing kept.

mod google;
mod traffic;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use anyhow::Context as _;
use fake_gemini::FakeGemini;
use secret::{ClientToken, MasterKey, SecretCode};
use settings::Source as _;

use crate::app::App;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::lifecycle::StopSignals;
use crate::{output, serve};

const USUAL_PORT: u16 = 8000;

/// Serves a demonstration until it is told to stop.
pub(crate) fn run(mut environment: Environment) -> Result<(), Failure> {
    environment.set_default("LOG_LEVEL", "warn");
    let logs = serve::start_logs(&environment)?;
    serve::runtime()?.block_on(async move {
        let mut signals = StopSignals::listen()?;
        let google = FakeGemini::start(google::script())
            .await
            .context("the simulated Google could not be started")?;
        let folder = Folder::create()?;
        let token = ClientToken::generate().context("no client token could be made")?;
        let password = password(&mut environment)?;
        prepare(&mut environment, &google, &folder, &token)?;
        let app = Box::pin(App::start(environment, logs)).await?;
        let address = reachable(app.address);
        output::print(&welcome(address, token.expose(), &password))?;
        let traffic = tokio::spawn(traffic::run(address, token.expose().to_owned()));
        signals.next().await;
        traffic.abort();
        app.stop(async { signals.next().await }).await
    })
}

/// The administrator's password: the one that is set, or one for this demonstration.
fn password(environment: &mut Environment) -> Result<String, Failure> {
    if environment.get("AUTH_TOKEN").is_some() {
        return Ok("your AUTH_TOKEN".to_owned());
    }
    let password = SecretCode::generate().context("no password could be made")?;
    environment.set("AUTH_TOKEN", password.expose());
    Ok(password.expose().to_owned())
}

/// The demonstration brings its own Google, keys and token, and touches nothing of the user's.
fn prepare(
    environment: &mut Environment,
    google: &FakeGemini,
    folder: &Folder,
    token: &ClientToken,
) -> Result<(), Failure> {
    let master_key = MasterKey::generate().context("no master key could be made")?;
    let database = folder.0.join("demo.db");
    if environment.get("LISTEN").is_none() && environment.get("PORT").is_none() {
        environment.set("LISTEN", &free_address().to_string());
    }
    environment.set("DATABASE_URL", &format!("sqlite://{}", database.display()));
    environment.set("MASTER_KEY", master_key.to_text());
    environment.set("BASE_URL", &format!("{}/v1beta", google.base_url()));
    environment.set("API_KEYS", &google::keys().join(","));
    environment.set("ALLOWED_TOKENS", token.expose());
    environment.set("PROXIES", "");
    Ok(())
}

/// Port 8000 of this machine, or any that is free.
fn free_address() -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, USUAL_PORT));
    if TcpListener::bind(usual).is_ok() { usual } else { (Ipv4Addr::LOCALHOST, 0).into() }
}

fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        (Ipv4Addr::LOCALHOST, address.port()).into()
    } else {
        address
    }
}

fn welcome(address: SocketAddr, token: &str, password: &str) -> String {
    format!(
        r#"gemini-balance is serving a demonstration: ten sample keys, some of them dead or exhausted,
a simulated Google behind them, and a little traffic. Nothing leaves this machine.

  Address       http://{address}
  Client token  {token}
  Console       http://{address}/admin
                (name admin, password {password})

OpenAI, whole and streamed:

  curl http://{address}/v1/chat/completions -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{{"model":"gemini-3.8-flash","messages":[{{"role":"user","content":"Hello from curl"}}]}}'

  curl -N http://{address}/v1/chat/completions -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' -d '{{"model":"gemini-3.8-flash","stream":true,"messages":[{{"role":"user","content":"Hello from curl"}}]}}'

Gemini:

  curl http://{address}/v1beta/models/gemini-3.8-flash:generateContent -H 'x-goog-api-key: {token}' -H 'Content-Type: application/json' -d '{{"contents":[{{"parts":[{{"text":"Hello from curl"}}]}}]}}'

  curl -N 'http://{address}/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse' -H 'x-goog-api-key: {token}' -H 'Content-Type: application/json' -d '{{"contents":[{{"parts":[{{"text":"Hello from curl"}}]}}]}}'

How the pool stands:

  curl http://{address}/readyz

Ctrl-C ends it; its data is gone then."#
    )
}

/// A folder that goes with the demonstration.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Result<Self, Failure> {
        let path =
            std::env::temp_dir().join(format!("gemini-balance-demo-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&path)
            .with_context(|| format!("{} could not be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "the demonstration's data stays");
        }
    }
}
