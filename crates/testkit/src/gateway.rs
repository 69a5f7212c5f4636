//! The running program.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;

use serde_json::Value;

use crate::process::Process;
use crate::wait::GLANCE;
use crate::{Client, Output, Records, Run, Setup, TOKEN, eventually, in_time};

/// A gateway that serves until it is stopped or dropped.
#[derive(Debug)]
pub struct Gateway {
    setup: Setup,
    arguments: Vec<String>,
    process: Process,
    address: SocketAddr,
}

impl Gateway {
    pub(crate) async fn start(setup: Setup, arguments: &[&str]) -> Self {
        let process = Process::start(setup.command(arguments));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut gateway = Self { setup, arguments, process, address };
        gateway.until_ready().await;
        gateway
    }

    /// Starts it once more on the same data, after it has ended.
    pub async fn start_again(&mut self) {
        assert!(self.process.status().is_some(), "it is running still");
        self.process = Process::start(self.setup.command(&self.arguments));
        self.until_ready().await;
    }

    async fn until_ready(&mut self) {
        self.address = in_time("the program listens", self.listens()).await;
        let client = self.client();
        eventually("/readyz answers 200", || async {
            client.get("/readyz").send().await.status == 200
        })
        .await;
    }

    async fn listens(&mut self) -> SocketAddr {
        loop {
            if let Some(address) = logged_address(&self.process.stderr) {
                return address;
            }
            if let Some(address) = printed_address(&self.process.stdout) {
                return address;
            }
            if self.process.status().is_some() {
                let status = self.process.ended().await;
                panic!("it did not start ({status}): {}", self.process.stderr.text());
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// How it was set up.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client with [`TOKEN`].
    pub fn client(&self) -> Client {
        self.client_with(TOKEN)
    }

    /// A client with this token.
    pub fn client_with(&self, token: &str) -> Client {
        Client::new(self.address, token)
    }

    /// What it printed since its last start.
    pub fn stdout(&self) -> &Output {
        &self.process.stdout
    }

    /// What it logged since its last start.
    pub fn stderr(&self) -> &Output {
        &self.process.stderr
    }

    /// Runs another command on the same data.
    pub async fn run(&self, arguments: &[&str]) -> Run {
        self.setup.run(arguments).await
    }

    /// Runs another command on the same data with `--json`.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        self.setup.json(arguments).await
    }

    /// What it has written down.
    pub async fn records(&self) -> Records {
        self.setup.records().await
    }

    /// How many keys are `total`, `ready`, `cooling`, `dead` or `disabled`, as the running pool has it.
    pub async fn keys(&self, state: &str) -> u64 {
        let answer = self.client().get("/readyz").send().await;
        answer.json()["keys"][state].as_u64().unwrap()
    }

    /// How a key stands in the database, by its whole text; as `keys list --json` shows it.
    pub async fn standing(&self, key: &str) -> Value {
        let mask = secret::mask(key);
        let list = self.json(&["keys", "list"]).await;
        let found = list.as_array().unwrap().iter().find(|item| item["key"] == mask.as_str());
        found.unwrap_or_else(|| panic!("{mask} is not in {list}")).clone()
    }

    /// A line of what the system knows of its memory, as `VmRSS` or `VmHWM` (the most it ever had).
    pub fn memory(&self, line: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        let kilobytes = found.unwrap().trim().trim_end_matches("kB").trim();
        kilobytes.parse::<u64>().unwrap() * 1024
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.process.signal("TERM");
    }

    /// Ends it as `kill -9` does.
    pub async fn kill(&mut self) {
        self.process.kill();
        assert_eq!(self.process.ended().await.signal(), Some(9));
    }

    /// Sends SIGTERM and waits for the exit code.
    pub async fn stop(&mut self) -> Option<i32> {
        self.terminate();
        self.exit_code().await
    }

    /// Waits until it has ended; gives its exit code.
    pub async fn exit_code(&mut self) -> Option<i32> {
        self.process.ended().await.code()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let text = self.process.stderr.text();
            let lines: Vec<_> = text.lines().collect();
            let tail = lines[lines.len().saturating_sub(12)..].join("\n");
            // The test's harness shows it with the failure; a broken pipe must not hide that.
            let _ = writeln!(std::io::stderr(), "-- the gateway's last lines:\n{tail}");
        }
    }
}

/// `serve` logs where it listens.
fn logged_address(stderr: &Output) -> Option<SocketAddr> {
    let lines = stderr.json_lines();
    let line = lines.iter().find(|line| line["message"] == "listening")?;
    line["address"].as_str()?.parse().ok()
}

/// `demo` prints it.
fn printed_address(stdout: &Output) -> Option<SocketAddr> {
    let text = stdout.text();
    let (_, rest) = text.split_once("http://")?;
    rest.split_once('\n')?.0.trim().parse().ok()
}
