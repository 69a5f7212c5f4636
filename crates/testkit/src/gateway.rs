//! The running program.

use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

use crate::{Client, Output, Records, Run, Setup, TOKEN, eventually};

/// A gateway that serves until it is stopped or dropped.
#[derive(Debug)]
pub struct Gateway {
    setup: Setup,
    child: Child,
    address: SocketAddr,
    stdout: Output,
    stderr: Output,
}

impl Gateway {
    pub(crate) async fn start(setup: Setup) -> Self {
        let mut gateway = Self {
            child: spawn(&setup),
            setup,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            stdout: Output::default(),
            stderr: Output::default(),
        };
        gateway.until_ready().await;
        gateway
    }

    /// Starts it once more on the same data, after it has ended.
    pub async fn start_again(&mut self) {
        assert!(self.child.try_wait().unwrap().is_some(), "it is running still");
        self.child = spawn(&self.setup);
        self.stdout = Output::default();
        self.stderr = Output::default();
        self.until_ready().await;
    }

    async fn until_ready(&mut self) {
        self.stdout.gather(self.child.stdout.take().unwrap());
        self.stderr.gather(self.child.stderr.take().unwrap());
        let mut address = None;
        while address.is_none() {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it did not start ({status}): {}", self.stderr.text());
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            address = listening(&self.stderr);
        }
        self.address = address.unwrap();
        let client = self.client();
        eventually("/readyz answers 200", || async {
            client.get("/readyz").send().await.status == 200
        })
        .await;
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
        &self.stdout
    }

    /// What it logged since its last start.
    pub fn stderr(&self) -> &Output {
        &self.stderr
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

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        signal("TERM", self.child.id());
    }

    /// Ends it as `kill -9` does.
    pub async fn kill(&mut self) {
        self.child.kill().unwrap();
        assert_eq!(self.ended().await.signal(), Some(9));
    }

    /// Sends SIGTERM and waits for the exit code.
    pub async fn stop(&mut self) -> Option<i32> {
        self.terminate();
        self.exit_code().await
    }

    /// Waits until it has ended; gives its exit code.
    pub async fn exit_code(&mut self) -> Option<i32> {
        self.ended().await.code()
    }

    async fn ended(&mut self) -> ExitStatus {
        let child = std::cell::RefCell::new(&mut self.child);
        eventually("the program ends", || async {
            child.borrow_mut().try_wait().unwrap().is_some()
        })
        .await;
        self.child.wait().unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let text = self.stderr.text();
            let tail: Vec<_> = text.lines().rev().take(30).collect();
            let tail: Vec<_> = tail.into_iter().rev().collect();
            // The test's harness shows it with the failure; a broken pipe must not hide that.
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("-- the gateway's last lines:\n{}\n", tail.join("\n")).as_bytes(),
            );
        }
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(setup: &Setup) -> Child {
    let mut command = setup.command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn listening(stderr: &Output) -> Option<SocketAddr> {
    let lines = stderr.json_lines();
    let line = lines.iter().find(|line| line["message"] == "listening")?;
    line["address"].as_str()?.parse().ok()
}

/// By the system's own tool: sending signals takes unsafe code or one more dependency.
fn signal(name: &str, process: u32) {
    let status =
        Command::new("/bin/sh").args(["-c", &format!("kill -{name} {process}")]).status().unwrap();
    assert!(status.success(), "SIG{name} could not be sent");
}
