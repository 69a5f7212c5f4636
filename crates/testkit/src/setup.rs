//! A directory to run the program in, and the environment it gets.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use fake_gemini::FakeGemini;
use serde_json::Value;
use tempfile::TempDir;

use crate::output::Run;
use crate::process::Process;
use crate::{Gateway, Records};

/// The client token that every setup lets in, unless it is told otherwise.
pub const TOKEN: &str = "e2e-client-token-5f7b1c9d";

const MASTER_KEY: &str = "a master key for the tests of the whole program";

/// A pool key as Google makes them: `AIza` and 35 characters, `name` among them.
pub fn key(name: &str) -> String {
    format!("AIzaSyCANARY{name:0>27}")
}

/// How the program is to be run. The listening address is free, the log is JSON, nothing of the
/// test's own environment gets through.
#[derive(Debug)]
pub struct Setup {
    binary: PathBuf,
    directory: TempDir,
    environment: BTreeMap<String, String>,
}

impl Setup {
    /// A fresh directory for `binary`, which is `env!("CARGO_BIN_EXE_gemini-balance")` in a test of
    /// that crate.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        let directory = TempDir::new().unwrap();
        let setup = Self { binary: binary.into(), directory, environment: BTreeMap::new() };
        setup
            .with("LISTEN", "127.0.0.1:0")
            .with("LOG_FORMAT", "json")
            .with("WORKERS", "2")
            .with("MASTER_KEY", MASTER_KEY)
            .with("ALLOWED_TOKENS", TOKEN)
    }

    /// Sets a variable.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// Takes a variable away.
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Calls of Google go here.
    pub fn google(self, google: &FakeGemini) -> Self {
        let base = format!("{}/v1beta", google.base_url());
        let vertex = format!("{}/v1beta1/publishers/google", google.base_url());
        self.with("BASE_URL", base).with("VERTEX_EXPRESS_BASE_URL", vertex)
    }

    /// The pool's keys.
    pub fn keys<K: AsRef<str>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys: Vec<_> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
        self.with("API_KEYS", keys.join(","))
    }

    /// The keys of Vertex AI in express mode.
    pub fn vertex_keys<K: AsRef<str>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys: Vec<_> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
        self.with("VERTEX_API_KEYS", keys.join(","))
    }

    /// The directory that it runs in.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Where the database is, unless the environment says otherwise.
    pub fn database(&self) -> PathBuf {
        self.directory().join("data/gemini-balance.db")
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Run {
        let mut process = Process::start(self.command(arguments));
        let code = process.ended().await.code();
        Run { code, stdout: process.stdout.text(), stderr: process.stderr.text() }
    }

    /// Runs a command with `--json`, expects success, and gives the parsed answer.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).await.json()
    }

    /// Starts the gateway and waits until it is ready.
    pub async fn start(self) -> Gateway {
        self.start_as(&["serve"]).await
    }

    /// Starts another command that serves, and waits until it is ready.
    pub async fn start_as(self, arguments: &[&str]) -> Gateway {
        Gateway::start(self, arguments).await
    }

    /// What the gateway has written down. Needs the master key of [`Setup::new`].
    pub async fn records(&self) -> Records {
        Records::open(&self.database(), &self.environment["MASTER_KEY"]).await
    }

    /// The program with its environment, in its directory, not started yet.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(self.directory());
        command.env_clear().envs(&self.environment);
        command
    }
}
