mod quota;

use std::time::Duration;

use crate::fixture::{Fixture, SERVED, of_project, spec, spent, spent_for, tried};
use crate::{
    Admission, Ask, Census, DeathReason, KeySpec, Outcome, Policy, Pool, Refusal, Scope, Tried,
    Window,
};

#[test]
fn keys_take_turns_in_equal_parts() {
    let mut fixture = Fixture::of(&["a", "b", "c"]);
    let mut turns = fixture.turns("flash", 9);
    assert_eq!(turns[..3], turns[3..6]);
    assert_eq!(turns[..3], turns[6..]);
    turns.sort();
    assert_eq!(turns, ["a", "a", "a", "b", "b", "b", "c", "c", "c"]);
}

#[test]
fn each_model_has_its_own_round() {
    let mut fixture = Fixture::of(&["a", "b"]);
    let pairs: Vec<_> =
        (0..4).map(|_| (fixture.turns("flash", 1), fixture.turns("pro", 1))).collect();
    assert_ne!(pairs[0].0, pairs[1].0);
    assert_ne!(pairs[0].1, pairs[1].1);
}

#[test]
fn a_round_goes_on_when_a_model_gets_a_lane_of_its_own_and_gives_it_up() {
    let mut fixture = Fixture::of(&["a", "b", "c", "d"]);
    let order = fixture.turns("flash", 4);
    assert_eq!(fixture.attempt("flash", &Outcome::ModelBusy), order[0]);
    assert_eq!(fixture.turns("flash", 2), order[1..3]);
    fixture.wait(Duration::from_hours(1));
    fixture.pool.tick(fixture.now);
    assert_eq!(fixture.turns("flash", 2), [order[3].as_str(), order[0].as_str()]);
}

#[test]
fn the_seed_decides_who_begins() {
    let first = |seed| {
        let mut pool = Pool::new(Policy { seed, ..Policy::default() });
        let keys = (0..100).map(|id| spec(&format!("key-{id}"))).collect();
        pool.sync(keys, crate::fixture::NOON);
        match pool.admit(&Ask::default(), crate::fixture::NOON) {
            Admission::Granted(lease) => lease.key.id.clone(),
            other => panic!("not granted: {other:?}"),
        }
    };
    assert_eq!(first(1), first(1));
    assert!((2..10).any(|seed| first(seed) != first(1)));
}

#[test]
fn a_lease_shows_the_key_only_masked() {
    let mut fixture = Fixture::of(&["wxyz"]);
    let lease = fixture.lease("flash");
    assert_eq!(&*lease.key.mask, "AIzaSy…wxyz");
    assert_eq!(lease.key.secret.expose(), "AIzaSyTESTTESTTESTTESTwxyz");
    assert!(!format!("{lease:?} {:?}", fixture.pool).contains("TESTTEST"));
    fixture.end(lease, &SERVED);
}

#[test]
fn tried_keys_are_not_met_again() {
    let mut fixture = Fixture::of(&["a", "b", "c"]);
    for _ in 0..3 {
        let Admission::Granted(lease) = fixture.admit("flash", &tried(&["a", "c"])) else {
            panic!("b is there");
        };
        assert_eq!(lease.key.id.as_str(), "b");
        fixture.end(lease, &Outcome::ModelBusy);
    }
    let (why, census) = fixture.refusal("flash", &tried(&["a", "b", "c"]));
    assert_eq!(why, Refusal::AllTried);
    assert_eq!(census, Census { total: 3, ready: 3, ..Census::default() });
}

#[test]
fn a_retry_prefers_another_project_but_takes_a_sibling_rather_than_nothing() {
    let keys = vec![of_project("a1", "a"), of_project("a2", "a"), of_project("b1", "b")];
    let mut fixture = Fixture::new(keys);
    let mut met = vec![Tried { key: "a1".into(), avoid_project: true }];
    for expected in ["b1", "a2"] {
        let Admission::Granted(lease) = fixture.admit("flash", &met) else {
            panic!("{expected} is there");
        };
        assert_eq!(lease.key.id.as_str(), expected);
        met.push(Tried { key: lease.key.id.clone(), avoid_project: false });
        fixture.end(lease, &Outcome::ClientFault);
    }
    assert_eq!(fixture.refusal("flash", &met).0, Refusal::AllTried);
}

#[test]
fn a_lower_tier_is_used_up_first() {
    let paid = KeySpec { tier: 1, ..spec("paid") };
    let mut fixture = Fixture::new(vec![paid, spec("free")]);
    assert_eq!(fixture.turns("flash", 2), ["free", "free"]);
    let outcome = spent_for(fixture.now, 30);
    fixture.attempt("flash", &outcome);
    assert_eq!(fixture.turns("flash", 2), ["paid", "paid"]);
    fixture.wait_seconds(30);
    assert_eq!(fixture.turns("flash", 2), ["free", "free"]);
}

#[test]
fn the_wait_ends_at_the_nearest_release() {
    let mut fixture = Fixture::of(&["a", "b"]);
    for (key, seconds) in [("a", 40), ("b", 20)] {
        let outcome = spent_for(fixture.now, seconds);
        fixture.attempt_with(key, "flash", &outcome);
    }
    let (wait, cause, census) = fixture.waits("flash", &[]);
    assert_eq!(wait, Duration::from_secs(20));
    assert_eq!(cause.window, Window::MinuteRequests);
    assert_eq!((cause.limit, cause.quota_id.as_deref()), (None, Some("PerMinute")));
    assert_eq!(census, Census { total: 2, blocked: 2, ..Census::default() });

    fixture.wait(Duration::from_millis(19_999));
    assert_eq!(fixture.waits("flash", &[]).0, Duration::from_millis(1));
    fixture.wait(Duration::from_millis(1));
    assert_eq!(fixture.usable("flash"), ["b"]);
    fixture.wait_seconds(20);
    assert_eq!(fixture.usable("flash"), ["a", "b"]);
}

#[test]
fn a_tried_key_counts_for_the_wait_once_its_quota_is_released() {
    let mut fixture = Fixture::of(&["a"]);
    let outcome = spent_for(fixture.now, 7);
    fixture.attempt("flash", &outcome);
    assert_eq!(fixture.waits("flash", &tried(&["a"])).0, Duration::from_secs(7));
}

#[test]
fn nobody_waits_for_the_quota_of_a_dead_key() {
    let mut fixture = Fixture::of(&["a", "b"]);
    let outcome = spent_for(fixture.now, 5);
    fixture.attempt_with("a", "flash", &outcome);
    fixture.attempt_with("a", "pro", &Outcome::KeyDead(DeathReason::Expired));
    let outcome = spent_for(fixture.now, 50);
    fixture.attempt_with("b", "flash", &outcome);
    assert_eq!(fixture.waits("flash", &[]).0, Duration::from_secs(50));
}

#[test]
fn refusals_say_why() {
    let mut fixture = Fixture::new(Vec::new());
    assert_eq!(fixture.refusal("flash", &[]), (Refusal::NoKeys, Census::default()));

    let disabled = |id| KeySpec { enabled: false, ..spec(id) };
    let mut fixture = Fixture::new(vec![disabled("a"), disabled("b")]);
    let (why, census) = fixture.refusal("flash", &[]);
    assert_eq!(why, Refusal::AllDisabled);
    assert_eq!(census, Census { total: 2, disabled: 2, ..Census::default() });

    let mut fixture = Fixture::new(vec![disabled("a"), spec("b")]);
    fixture.attempt("flash", &Outcome::KeyDead(DeathReason::Leaked));
    let (why, census) = fixture.refusal("flash", &[]);
    assert_eq!(why, Refusal::AllDead);
    assert_eq!(census, Census { total: 2, disabled: 1, dead: 1, ..Census::default() });
}

#[test]
fn when_all_quotas_are_released_at_once_every_key_comes_back() {
    let ids: Vec<_> = (0..500).map(|id| format!("k{id:03}")).collect();
    let mut fixture = Fixture::new(ids.iter().map(|id| spec(id)).collect());
    let outcome = spent(Window::DayRequests, Scope::Model);
    for _ in &ids {
        fixture.attempt("flash", &outcome);
    }
    assert_eq!(fixture.waits("flash", &[]).0, Duration::from_hours(12));
    fixture.wait(Duration::from_hours(12));
    let mut turns = fixture.turns("flash", ids.len());
    turns.sort();
    assert_eq!(turns, ids);
}

#[test]
fn names_that_clients_invent_leave_no_trace() {
    let mut fixture = Fixture::of(&["a", "b"]);
    for number in 0..5_000 {
        fixture.attempt(&format!("invented-{number}"), &Outcome::ClientFault);
    }
    assert_eq!(fixture.pool.lanes.owned().count(), 0);
    let endless = "x".repeat(100_000);
    fixture.attempt(&endless, &Outcome::ModelBusy);
    assert_eq!(fixture.pool.lanes.owned().count(), 0);
}

#[test]
fn the_number_of_models_with_learned_state_is_bounded() {
    let mut fixture = Fixture::of(&["a", "b"]);
    fixture.pool.set_policy(Policy { trip_after: 0, ..Policy::default() });
    let blocked = spent(Window::DayRequests, Scope::Model);
    fixture.attempt_with("a", "flash", &blocked);
    for number in 0..2_000 {
        fixture.attempt(&format!("busy-{number}"), &Outcome::ModelBusy);
    }
    assert_eq!(fixture.pool.lanes.owned().count(), 1024);
    // The block outlives the many that are only avoided.
    assert_eq!(fixture.usable("flash"), ["b"]);
}
