use std::sync::Arc;
use std::time::Duration;

use secret::PoolKey;

use crate::fixture::{Fixture, NOON, SERVED, of_project, spec, spent, spent_for};
use crate::roster::ProjectSlot;
use crate::{
    Admission, CellName, DeathReason, DeclaredLimit, Health, KeySpec, KeyState, Learned,
    LearnedKey, LearnedLimit, Outcome, Policy, Pool, ReplicaId, Scope, Window,
    next_pacific_midnight,
};

/// A new process with the same keys, which has read what the old one stored.
fn restart(fixture: &mut Fixture, keys: Vec<KeySpec>, after: Duration) -> Fixture {
    let stored = fixture.pool.take_changes();
    let json = serde_json::to_string(&stored).unwrap();
    let now = fixture.now + after;
    let mut pool = Pool::new(Policy::default());
    pool.sync(keys, now);
    pool.restore(serde_json::from_str(&json).unwrap(), now);
    Fixture { pool, now }
}

#[test]
fn what_was_learned_survives_a_restart() {
    let keys = || vec![spec("a"), spec("b"), of_project("c", "p"), of_project("d", "p")];
    let mut before = Fixture::new(keys());
    before.attempt_with("a", "flash", &Outcome::KeyDead(DeathReason::Leaked));
    let minute = spent_for(before.now, 60);
    before.attempt_with("b", "flash", &minute);
    before.attempt_with("c", "pro", &spent(Window::Spend, Scope::Project));
    before.attempt_with("b", "pro", &spent(Window::DayRequests, Scope::Model));

    let mut after = restart(&mut before, keys(), Duration::from_secs(1));
    assert_eq!(after.state("a"), KeyState::Dead { reason: DeathReason::Leaked, since: NOON });
    assert_eq!(after.pool.take_changes(), []);
    assert_eq!(after.waits("flash", &[]).0, Duration::from_secs(4));
    after.wait_seconds(4);
    assert_eq!(after.usable("flash"), ["c", "d"]);
    assert_eq!(after.usable("pro"), ["c", "d"]);
    after.wait_seconds(55);
    assert_eq!(after.usable("flash"), ["b", "c", "d"]);
    assert_eq!(after.usable("pro"), ["c", "d"]);
}

#[test]
fn what_ended_meanwhile_is_dropped_and_told_to_the_store() {
    let mut before = Fixture::of(&["a"]);
    before.attempt("flash", &spent(Window::DayRequests, Scope::Model));
    let to_midnight = next_pacific_midnight(NOON).saturating_since(NOON);
    let mut after = restart(&mut before, vec![spec("a")], to_midnight);
    assert_eq!(after.usable("flash"), ["a"]);
    assert_eq!(after.state("a"), KeyState::Ready);
    assert!(matches!(after.pool.take_changes().as_slice(), [Learned::CellOver(_)]));
}

#[test]
fn what_concerns_unknown_keys_is_left_out() {
    let mut before = Fixture::of(&["a"]);
    let minute = spent_for(before.now, 60);
    before.attempt("flash", &minute);
    before.attempt("pro", &Outcome::KeyDead(DeathReason::Leaked));
    let mut after = restart(&mut before, vec![spec("b")], Duration::ZERO);
    assert_eq!(after.usable("flash"), ["b"]);
}

#[test]
fn another_replicas_news_can_come_at_any_time() {
    let mut fixture = Fixture::of(&["a"]);
    let news = |health| vec![Learned::Key(LearnedKey { id: "a".into(), health })];
    let dead = Health::Dead { reason: DeathReason::Expired, since: NOON };
    fixture.pool.restore(news(dead), NOON);
    assert_eq!(fixture.pool.health(&"a".into()), Some(dead));
    assert!(fixture.usable("flash").is_empty());
    fixture.pool.restore(news(Health::Alive), NOON);
    assert_eq!(fixture.usable("flash"), ["a"]);
    assert_eq!(fixture.pool.take_changes(), []);
}

#[test]
fn learned_state_of_keys_that_stay_is_kept() {
    let mut fixture = Fixture::of(&["a", "b", "c"]);
    let minute = spent_for(fixture.now, 60);
    fixture.attempt_with("a", "flash", &minute);
    fixture.attempt_with("b", "flash", &Outcome::KeyDead(DeathReason::Invalid));
    let renamed = KeySpec { name: Some("renamed".to_owned()), ..spec("a") };
    fixture.pool.sync(vec![spec("d"), spec("b"), renamed], fixture.now);
    assert_eq!(fixture.usable("flash"), ["d"]);
    assert_eq!(fixture.usable("pro"), ["a", "d"]);
}

#[test]
fn a_removed_key_takes_its_blocks_along() {
    let mut fixture = Fixture::of(&["a", "b"]);
    let minute = spent_for(fixture.now, 60);
    fixture.attempt_with("a", "flash", &minute);
    fixture.attempt_with("b", "flash", &Outcome::ModelBusy);
    fixture.pool.take_changes();
    fixture.pool.sync(vec![spec("c"), spec("d")], fixture.now);
    assert_eq!(fixture.usable("flash"), ["c", "d"]);
    assert_eq!(fixture.pool.lanes.owned().count(), 0);
    assert!(matches!(fixture.pool.take_changes().as_slice(), [Learned::CellOver(_)]));

    fixture.pool.sync(Vec::new(), fixture.now);
    assert!(fixture.usable("flash").is_empty());
    assert_eq!(fixture.pool.totals(fixture.now).total, 0);
}

#[test]
fn enabling_a_key_revives_it() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.attempt("flash", &Outcome::KeyDead(DeathReason::Invalid));
    fixture.pool.take_changes();
    for enabled in [true, false] {
        fixture.pool.sync(vec![KeySpec { enabled, ..spec("a") }], fixture.now);
        assert!(fixture.usable("flash").is_empty());
    }
    fixture.pool.sync(vec![spec("a")], fixture.now);
    assert_eq!(fixture.usable("flash"), ["a"]);
    let revived = LearnedKey { id: "a".into(), health: Health::Alive };
    assert_eq!(fixture.pool.take_changes(), [Learned::Key(revived)]);
}

#[test]
fn nothing_is_told_to_the_store_about_a_removed_key() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.attempt("flash", &Outcome::KeyDead(DeathReason::Invalid));
    fixture.pool.sync(Vec::new(), fixture.now);
    assert_eq!(fixture.pool.take_changes(), []);
}

#[test]
fn a_new_secret_is_a_new_beginning() {
    let mut fixture = Fixture::of(&["a"]);
    let under_way = fixture.lease("flash");
    let minute = spent_for(fixture.now, 60);
    fixture.attempt("flash", &minute);
    fixture.attempt("pro", &Outcome::KeyDead(DeathReason::Invalid));
    let secret = Arc::new(PoolKey::parse("AIzaSyANOTHERANOTHERANOTHER1").unwrap());
    fixture.pool.sync(vec![KeySpec::new("a", secret)], fixture.now);
    // The old secret's fate is not the new one's.
    fixture.end(under_way, &Outcome::KeyDead(DeathReason::Invalid));
    assert_eq!(fixture.pool.totals(fixture.now).in_flight, 0);
    let lease = fixture.lease("flash");
    assert_eq!(&*lease.key.mask, "AIzaSy…HER1");
    fixture.end(lease, &SERVED);
}

#[test]
fn a_key_whose_project_becomes_known_brings_its_blocks() {
    let mut fixture = Fixture::new(vec![spec("a"), of_project("b", "p"), spec("c")]);
    let minute = spent_for(fixture.now, 60);
    fixture.attempt_with("a", "flash", &minute);
    fixture.pool.take_changes();
    let keys = vec![of_project("a", "p"), of_project("b", "p"), spec("c")];
    fixture.pool.sync(keys, fixture.now);
    assert_eq!(fixture.usable("flash"), ["c"]);
    let changes = fixture.pool.take_changes();
    assert!(
        matches!(&changes[..], [Learned::Cell(new), Learned::CellOver(old)]
            if new.name.domain.to_string() == "project:p" && old.domain.to_string() == "key:a"),
        "{changes:?}"
    );

    // Leaving a project that stays does not take its blocks along.
    fixture.pool.sync(vec![spec("a"), of_project("b", "p"), spec("c")], fixture.now);
    assert_eq!(fixture.usable("flash"), ["a", "c"]);
    fixture.wait_seconds(60);
    assert_eq!(fixture.usable("flash"), ["a", "b", "c"]);
}

#[test]
fn a_key_is_shown_as_one_flat_object() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.attempt("flash", &Outcome::KeyDead(DeathReason::Leaked));
    let shown = serde_json::to_value(fixture.pool.snapshot(fixture.now)).unwrap();
    let key = &shown["keys"][0];
    assert_eq!(key["state"], "dead");
    assert_eq!(key["reason"], "leaked");
    assert_eq!(key["since"], NOON.millis());
    assert_eq!(key["domain"]["key"], "a");
    assert_eq!(key["counters"]["failed"], 1);
}

#[test]
fn the_totals_and_the_snapshot_agree() {
    let off = KeySpec { enabled: false, ..spec("off") };
    let mut fixture = Fixture::new(vec![spec("dead"), spec("cooling"), spec("ready"), off]);
    fixture.attempt_with("dead", "flash", &Outcome::KeyDead(DeathReason::Invalid));
    let minute = spent_for(fixture.now, 60);
    fixture.attempt_with("cooling", "flash", &minute);
    let mut expected = ["dead", "cooling", "ready", "disabled"];
    for _ in 0..2 {
        let snapshot = fixture.pool.snapshot(fixture.now);
        let states: Vec<_> = snapshot.keys.iter().map(|key| key.state.as_str()).collect();
        assert_eq!(states, expected);
        assert_eq!(snapshot.totals, fixture.pool.totals(fixture.now));
        let count = |state| states.iter().filter(|one| **one == state).count();
        assert_eq!(snapshot.totals.ready, count("ready"));
        assert_eq!(snapshot.totals.cooling, count("cooling"));
        assert_eq!((snapshot.totals.dead, snapshot.totals.disabled), (1, 1));
        assert_eq!(snapshot.keys[1].blocks.len(), count("cooling"));
        // The block is over, though nothing has happened since.
        fixture.wait_seconds(60);
        expected[1] = "ready";
    }
}

/// Two processes with the same keys.
fn replicas(keys: &dyn Fn() -> Vec<KeySpec>) -> [Fixture; 2] {
    ["one", "two"].map(|name| {
        let mut pool = Pool::new(Policy::default()).named(ReplicaId::new(name));
        pool.sync(keys(), NOON);
        Fixture { pool, now: NOON }
    })
}

/// All that one has learned and used comes to the other, and back to itself.
fn tell(from: &mut Fixture, to: &mut Fixture) {
    let mut news = from.pool.take_changes();
    news.extend(from.pool.take_usage(from.now));
    from.pool.restore(news.clone(), from.now);
    to.pool.restore(news, to.now);
}

fn requests_per(window: Window, limit: u64) -> Vec<DeclaredLimit> {
    vec![DeclaredLimit { project: None, tier: None, model: None, window, limit }]
}

#[test]
fn what_others_use_counts_once_however_often_it_is_told() {
    let [mut one, mut two] = replicas(&|| vec![spec("a")]);
    for replica in [&mut one, &mut two] {
        replica.pool.declare(requests_per(Window::MinuteRequests, 10), NOON);
    }
    for _ in 0..3 {
        one.attempt("flash", &SERVED);
        two.attempt("flash", &SERVED);
        tell(&mut one, &mut two);
        tell(&mut two, &mut one);
    }
    let left = |fixture: &mut Fixture| {
        let granted = (0..10).map_while(|_| match fixture.admit("flash", &[]) {
            Admission::Granted(lease) => Some(lease),
            _ => None,
        });
        granted.count()
    };
    assert_eq!(left(&mut one), 4, "three of its own, three of the other's");
    tell(&mut one, &mut two);
    assert_eq!(left(&mut two), 0);
    assert_eq!(two.waits("flash", &[]).1.limit, Some(10));
    two.wait_seconds(61);
    assert_eq!(left(&mut two), 10);
}

#[test]
fn a_days_use_is_shared_after_restarts_and_forgotten_at_midnight() {
    let [mut one, mut two] = replicas(&|| vec![spec("a")]);
    for _ in 0..5 {
        one.attempt("flash", &SERVED);
    }
    two.attempt("flash", &SERVED);
    let mut stored = one.pool.take_usage(NOON);
    stored.extend(two.pool.take_usage(NOON));
    let mut pool = Pool::new(Policy::default()).named(ReplicaId::new("three"));
    pool.declare(requests_per(Window::DayRequests, 8), NOON);
    pool.sync(vec![spec("a")], NOON);
    pool.restore(stored, NOON);
    let mut three = Fixture { pool, now: NOON };
    three.attempt("flash", &SERVED);
    three.attempt("flash", &SERVED);
    assert_eq!(three.waits("flash", &[]).1.window, Window::DayRequests);
    three.now = next_pacific_midnight(NOON);
    assert_eq!(three.usable("flash"), ["a"]);
}

#[test]
fn a_limit_that_others_met_earlier_or_a_raise_undone_changes_nothing() {
    let mut fixture = Fixture::of(&["a"]);
    let name = CellName { domain: "key:a".parse().unwrap(), model: Some("flash".into()) };
    let mut restore = |limit, met| {
        let window = Window::MinuteRequests;
        let limit = LearnedLimit { name: name.clone(), window, limit, met };
        fixture.pool.restore(vec![Learned::Limit(limit)], NOON);
        let cell = fixture.pool.lanes.at("flash").quotas.get(ProjectSlot(0)).unwrap();
        cell.limits().unwrap().value(window).unwrap()
    };
    let before = NOON - Duration::from_secs(9);
    assert_eq!(restore(10, before), 10);
    assert_eq!(restore(11, before), 11, "it was raised");
    assert_eq!(restore(10, before), 11, "that was said before");
    assert_eq!(restore(5, NOON), 5, "it was met again");
    assert_eq!(restore(11, before), 5);
}

#[test]
fn what_was_just_learned_is_not_overruled_by_what_was_known_before() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.attempt("flash", &Outcome::KeyDead(DeathReason::Leaked));
    let old = LearnedKey { id: "a".into(), health: Health::Alive };
    fixture.pool.restore(vec![Learned::Key(old.clone())], NOON);
    assert!(fixture.usable("flash").is_empty());
    fixture.pool.take_changes();
    fixture.pool.restore(vec![Learned::Key(old)], NOON);
    assert_eq!(fixture.usable("flash"), ["a"], "somebody has revived it since");
}
