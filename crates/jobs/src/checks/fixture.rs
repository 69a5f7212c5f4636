//! A Google that answers from a list, in virtual time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keypool::{DeathReason, EgressId, Platform};
use secret::PoolKey;
use tokio::time::Instant;

use super::asker::{Ask, Finding, Heard};
use super::examination::{Examinee, Standing};

pub(super) const ALIVE: Finding = Finding::Alive { remark: None };

/// How long an answer takes.
pub(super) const TAKES: Duration = Duration::from_millis(100);

/// Keys are called `name@way`, or by a name alone if they go directly.
#[derive(Clone, Default)]
pub(super) struct FakeGoogle(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// How often each key is refused still.
    refusals: BTreeMap<String, u32>,
    /// Who was asked about when, in order.
    asked: Vec<(String, Instant)>,
    running: usize,
    most_running: usize,
}

impl FakeGoogle {
    /// Refuses keys so many times from now on.
    pub(super) fn refuse(&self, keys: &[&str], times: u32) {
        let mut state = self.0.lock().unwrap();
        state.refusals.extend(keys.iter().map(|key| ((*key).to_owned(), times)));
    }

    /// Hands out who was asked about, and when.
    pub(super) fn take_asked(&self) -> Vec<(String, Instant)> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    pub(super) fn most_running(&self) -> usize {
        self.0.lock().unwrap().most_running
    }

    fn begin(&self, key: &str) -> Finding {
        let mut state = self.0.lock().unwrap();
        state.asked.push((key.to_owned(), Instant::now()));
        state.running += 1;
        state.most_running = state.most_running.max(state.running);
        match state.refusals.get_mut(key) {
            Some(times) if *times > 0 => {
                *times -= 1;
                dead()
            }
            _ => ALIVE,
        }
    }
}

impl Ask for FakeGoogle {
    async fn ask(&self, key: &Examinee, _again: bool) -> Heard {
        let finding = self.begin(key.id.as_str());
        tokio::time::sleep(TAKES).await;
        self.0.lock().unwrap().running -= 1;
        let way = key.id.as_str().split_once('@').map_or("0", |(_, way)| way);
        Heard { finding, egress: EgressId(way.parse().unwrap()) }
    }
}

pub(super) fn dead() -> Finding {
    Finding::Dead { reason: DeathReason::Invalid, words: "API key not valid.".to_owned() }
}

pub(super) fn secret(id: &str) -> Arc<PoolKey> {
    let id = id.replace('@', "-");
    Arc::new(PoolKey::parse(&format!("AIzaSyTESTTESTTESTTEST{id}")).unwrap())
}

pub(super) fn examinees(ids: &[&str], standing: Standing) -> Vec<Examinee> {
    let platform = Platform::Gemini;
    let examinee =
        |id: &&str| Examinee { id: (*id).into(), platform, secret: secret(id), standing };
    ids.iter().map(examinee).collect()
}
