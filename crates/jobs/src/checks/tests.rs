use std::sync::{Mutex, MutexGuard};

use keypool::{
    Admission, Ask, DeathReason, Health, KeySpec, Learned, LearnedKey, Outcome, PerPlatform, Phase,
    Policy, Pool, Usage,
};
use relay::Checks;

use super::fixture::{FakeGoogle, TAKES, secret};
use super::*;

const DEAD: Outcome = Outcome::KeyDead(DeathReason::Invalid);
const SERVED: Outcome = Outcome::Served {
    usage: Usage { prompt: 1, completion: 1, thoughts: 0, cached: 0, tool_prompt: 0, total: 2 },
};

/// A pool without a gateway.
struct House {
    pools: PerPlatform<Mutex<Pool>>,
    checks: Checks,
    google: FakeGoogle,
    interval: Mutex<Option<Duration>>,
    reports: Mutex<Vec<CheckReport>>,
}

impl House {
    fn new(keys: &[&str], interval: Option<Duration>) -> Arc<Self> {
        let mut pool = Pool::new(Policy::default());
        let keys = keys.iter().map(|key| KeySpec::new(*key, secret(key)));
        pool.sync(keys.collect(), relay::now());
        Arc::new(Self {
            pools: PerPlatform { gemini: pool, vertex: Pool::new(Policy::default()) }
                .map(Mutex::new),
            checks: Checks::default(),
            google: FakeGoogle::default(),
            interval: Mutex::new(interval),
            reports: Mutex::default(),
        })
    }

    /// Lets the checks run until the test ends.
    fn attend(self: &Arc<Self>) {
        let house = Arc::clone(self);
        tokio::spawn(async move { attend(&*house).await });
    }

    /// One attempt with each key.
    fn attempts(&self, keys: usize, outcome: &Outcome) {
        let mut pool = self.pool(Platform::Gemini);
        for _ in 0..keys {
            let admission = pool.admit(&Ask::new(Some("flash")), relay::now());
            let Admission::Granted(lease) = admission else { panic!("{admission:?}") };
            pool.settle(lease.ticket, outcome, relay::now());
        }
    }

    fn dead(&self) -> usize {
        self.pool(Platform::Gemini).totals(relay::now()).dead
    }

    /// When Google was asked since the last call, in whole seconds since then.
    fn asked(&self, since: Instant) -> Vec<u64> {
        let asked = self.google.take_asked();
        asked.iter().map(|(_, at)| at.duration_since(since).as_secs()).collect()
    }
}

impl Ward for House {
    type Asker = FakeGoogle;

    fn interval(&self) -> Option<Duration> {
        *self.interval.lock().unwrap()
    }

    fn asker(&self) -> Result<FakeGoogle, String> {
        Ok(self.google.clone())
    }

    fn pool(&self, platform: Platform) -> MutexGuard<'_, Pool> {
        self.pools.of(platform).lock().unwrap()
    }

    fn checks(&self) -> &Checks {
        &self.checks
    }

    fn learned(&self, report: &CheckReport) {
        self.reports.lock().unwrap().push(report.clone());
    }
}

async fn pass(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn dead_keys_are_asked_about_every_interval_until_they_work() {
    let house = House::new(&["a", "b"], Some(Duration::from_hours(2)));
    house.google.refuse(&["a", "b"], 1);
    house.attempts(1, &DEAD);
    let began = Instant::now();
    house.attend();
    pass(Duration::from_mins(100)).await;
    assert_eq!(house.asked(began), [0; 0], "too early");
    pass(Duration::from_mins(100)).await;
    assert_eq!(house.asked(began).len(), 1, "and the one that works is not bothered");
    assert_eq!(house.dead(), 1);
    pass(Duration::from_mins(80)).await;
    assert_eq!((house.asked(began).len(), house.dead()), (1, 0));
    let told = house.pool(Platform::Gemini).take_changes();
    let is_alive = |key: &LearnedKey| key.health == Health::Alive;
    assert!(matches!(&told[..], [Learned::Key(key)] if is_alive(key)), "{told:?}");
    pass(Duration::from_hours(3)).await;
    assert_eq!(house.asked(began), [0; 0], "nothing fails any more");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_interval_may_change_and_nothing_is_checked_without_one() {
    let house = House::new(&["a"], None);
    house.google.refuse(&["a"], u32::MAX);
    house.attempts(1, &DEAD);
    house.attend();
    pass(Duration::from_hours(3)).await;
    assert_eq!(house.google.take_asked().len(), 0);
    let began = Instant::now();
    *house.interval.lock().unwrap() = Some(Duration::from_hours(1));
    pass(Duration::from_secs(3)).await;
    assert_eq!(house.asked(began).len(), 1, "the hour is long over");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn avoided_keys_are_asked_about_and_those_refused_twice_are_out() {
    let house = House::new(&["a", "b"], None);
    house.attempts(2, &Outcome::LinkBroken(Phase::Cut));
    house.attempts(1, &Outcome::KeyRefused);
    let refused = house.pool(Platform::Gemini).failing(relay::now())[0].id.clone();
    house.google.refuse(&[refused.as_str()], 2);
    house.attend();
    let report = house.checks.ask().await;
    let expected = CheckReport { checked: 1, dead: 1, ..CheckReport::default() };
    assert_eq!((report, house.dead()), (expected, 1));
    let report = house.checks.ask().await;
    let expected = CheckReport { checked: 1, alive: 1, revived: 1, ..CheckReport::default() };
    assert_eq!((report, house.dead()), (expected, 0));
    assert_eq!(house.checks.ask().await, CheckReport::default());
    assert_eq!(house.reports.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn whoever_asks_during_a_check_gets_its_result() {
    let house = House::new(&["a"], None);
    house.attempts(1, &DEAD);
    house.attend();
    let ask = || {
        let house = Arc::clone(&house);
        tokio::spawn(async move { house.checks.ask().await })
    };
    let (first, leaver) = (ask(), ask());
    pass(TAKES / 2).await;
    leaver.abort();
    let second = ask();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!((first.revived, &first), (1, &second));
    assert_eq!(house.google.take_asked().len(), 1);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn keys_that_died_together_come_back_by_themselves() {
    let names = ["a", "b", "c", "d", "e"];
    let house = House::new(&names, None);
    house.attempts(5, &SERVED);
    house.google.refuse(&names, 2);
    let began = Instant::now();
    house.attend();
    house.attempts(5, &DEAD);
    assert_eq!(house.dead(), 5);
    pass(Duration::from_secs(25)).await;
    let asked = house.asked(began);
    assert_eq!(asked.len(), 10, "{asked:?}");
    assert!(asked[..5].iter().all(|at| (5..=8).contains(at)), "{asked:?}");
    assert!(asked[5..].iter().all(|at| (15..=22).contains(at)), "{asked:?}");
    assert_eq!(house.dead(), 5);
    pass(Duration::from_secs(25)).await;
    assert_eq!((house.asked(began).len(), house.dead()), (5, 0));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn keys_that_stay_dead_are_left_alone_in_the_end() {
    let names = ["a", "b", "c"];
    let house = House::new(&names, None);
    house.attempts(3, &SERVED);
    house.google.refuse(&names, u32::MAX);
    house.attend();
    house.attempts(3, &DEAD);
    pass(Duration::from_hours(1)).await;
    assert_eq!(house.google.take_asked().len(), 30);
    pass(Duration::from_hours(3)).await;
    assert_eq!((house.google.take_asked().len(), house.dead()), (0, 3));
}
