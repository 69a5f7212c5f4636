//! The programs under test, started and stopped.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::process::Tree;
use crate::scenario::TOKEN;

/// A program that is measured.
#[derive(Debug, Clone)]
pub(crate) enum Program {
    Nginx(PathBuf),
    Gateway(PathBuf),
}

/// A program that runs; it is stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) tree: Tree,
    /// Configuration, database and logs.
    folder: TempDir,
}

impl Program {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Nginx(_) => "nginx",
            Self::Gateway(_) => "gemini-balance",
        }
    }

    /// Whether it can be asked in OpenAI's words.
    pub(crate) fn translates(&self) -> bool {
        matches!(self, Self::Gateway(_))
    }

    /// Starts the program on `core` in front of the Google at `upstream`, and waits until it takes
    /// connections.
    pub(crate) fn start(&self, upstream: SocketAddr, core: usize) -> Result<Running> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = fs::File::create(folder.path().join("output.log"))?;
        let mut command = Command::new("taskset");
        command.args(["-c", &core.to_string()]);
        match self {
            Self::Nginx(binary) => nginx(&mut command, binary, folder.path(), address, upstream)?,
            Self::Gateway(binary) => {
                gateway(&mut command, binary, folder.path(), address, upstream);
            }
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start {}", self.name()))?;
        let tree = Tree::of(child.id())?;
        let mut running = Running { child, address, tree, folder };
        running.wait_until_ready().with_context(|| self.name())?;
        Ok(running)
    }
}

fn nginx(
    command: &mut Command,
    binary: &Path,
    folder: &Path,
    address: SocketAddr,
    upstream: SocketAddr,
) -> Result<()> {
    let configuration = include_str!("nginx.conf")
        .replace("FOLDER", &folder.display().to_string())
        .replace("ADDRESS", &address.to_string())
        .replace("UPSTREAM", &upstream.to_string());
    let path = folder.join("nginx.conf");
    fs::write(&path, configuration)?;
    command.arg(binary).arg("-p").arg(folder).arg("-c").arg(path);
    Ok(())
}

fn gateway(
    command: &mut Command,
    binary: &Path,
    folder: &Path,
    address: SocketAddr,
    upstream: SocketAddr,
) {
    let keys: Vec<_> = (0..10).map(|n| format!("AIzaSyBench-{n:0>27}")).collect();
    command
        .arg(binary)
        .arg("serve")
        .current_dir(folder)
        .env_clear()
        .env("LISTEN", address.to_string())
        .env("DATABASE_URL", format!("sqlite://{}/bench.db", folder.display()))
        .env("BASE_URL", format!("http://{upstream}/v1beta"))
        .env("API_KEYS", keys.join(","))
        .env("ALLOWED_TOKENS", TOKEN)
        .env("AUTH_TOKEN", "bench-administrator-password")
        .env("WORKERS", "1")
        .env("LOG_LEVEL", "warn");
}

impl Running {
    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("ended at its start ({status}): {}", self.log());
            }
            if start.elapsed() > Duration::from_secs(20) {
                bail!("does not listen: {}", self.log());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The last lines that the program wrote.
    pub(crate) fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("output.log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // nginx's worker would outlive a master that is killed; so it is asked first.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(5) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
