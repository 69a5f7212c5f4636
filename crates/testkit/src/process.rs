//! A child process that never outlives its test.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use crate::{Output, eventually};

/// A running program; killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    gathering: Vec<JoinHandle<()>>,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (Output::default(), Output::default());
        let gathering = vec![
            stdout.gather(child.stdout.take().unwrap()),
            stderr.gather(child.stderr.take().unwrap()),
        ];
        Self { child, gathering, stdout, stderr }
    }

    /// Its number in the system.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end, and until all that it said is there.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let child = std::cell::RefCell::new(&mut self.child);
        eventually("the program ends", || async {
            child.borrow_mut().try_wait().unwrap().is_some()
        })
        .await;
        for gathering in self.gathering.drain(..) {
            gathering.join().unwrap();
        }
        self.child.wait().unwrap()
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// Sends a signal by the system's own tool: doing it here takes unsafe code or one more
    /// dependency.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("/bin/sh").args(["-c", &kill]).status().unwrap();
        assert!(status.success(), "SIG{name} could not be sent");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
