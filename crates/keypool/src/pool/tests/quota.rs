//! Limits that are kept before Google has to say them again.

use std::time::Duration;

use crate::fixture::{Fixture, NOON, SERVED, of_project, spec};
use crate::{
    Admission, Ask, ChosenFor, DeclaredLimit, KeySpec, Learned, Outcome, Policy, Pool, QuotaSpent,
    Refusal, ReplicaId, Scope, Strategy, Usage, Window, next_pacific_midnight,
};

fn limit(window: Window, limit: u64, until: Option<crate::Timestamp>) -> Outcome {
    let quota_id = None;
    let limit = Some(limit);
    Outcome::QuotaSpent(QuotaSpent { window, scope: Scope::Model, until, limit, quota_id })
}

fn declared(window: Window, limit: u64) -> DeclaredLimit {
    DeclaredLimit { project: None, tier: None, model: None, window, limit }
}

/// Serves as many requests as are granted at once.
fn serve_all(fixture: &mut Fixture, model: &str) -> usize {
    let mut served = 0;
    while let Admission::Granted(lease) = fixture.admit(model, &[]) {
        fixture.end(lease, &SERVED);
        served += 1;
        assert!(served < 1_000, "without end");
    }
    served
}

#[test]
fn a_learned_limit_is_kept_from_then_on() {
    let mut fixture = Fixture::of(&["a"]);
    for _ in 0..10 {
        fixture.attempt("flash", &SERVED);
    }
    let until = fixture.now + Duration::from_mins(1);
    fixture.attempt("flash", &limit(Window::MinuteRequests, 10, Some(until)));
    fixture.wait_seconds(61);
    for _ in 0..5 {
        assert_eq!(serve_all(&mut fixture, "flash"), 10);
        let (wait, cause, census) = fixture.waits("flash", &[]);
        assert_eq!(wait, Duration::from_millis(60_150));
        assert_eq!((cause.window, cause.limit), (Window::MinuteRequests, Some(10)));
        assert_eq!((census.blocked, census.ready), (1, 0));
        fixture.attempt("pro", &SERVED);
        fixture.wait(wait);
    }
}

#[test]
fn a_daily_limit_lasts_until_midnight_and_is_known_the_next_day() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.pool.set_policy(Policy { probe_after: Duration::MAX, ..Policy::default() });
    fixture.attempt("flash", &SERVED);
    fixture.attempt("flash", &limit(Window::DayRequests, 3, None));
    let midnight = next_pacific_midnight(NOON);
    for day in 0..3 {
        let (wait, cause, _) = fixture.waits("flash", &[]);
        assert_eq!(cause.window, Window::DayRequests);
        assert_eq!(fixture.now + wait, midnight + Duration::from_hours(24 * day));
        fixture.wait(wait);
        assert_eq!(serve_all(&mut fixture, "flash"), 3);
    }
}

#[test]
fn siblings_share_what_their_project_may_use() {
    let mut fixture = Fixture::new(vec![of_project("a1", "a"), of_project("a2", "a"), spec("b")]);
    fixture.pool.declare(vec![declared(Window::MinuteRequests, 4)], fixture.now);
    let mut keys = Vec::new();
    while let Admission::Granted(lease) = fixture.admit("flash", &[]) {
        keys.push(lease.key.id.to_string());
        fixture.end(lease, &SERVED);
    }
    keys.sort();
    assert_eq!(keys, ["a1", "a1", "a2", "a2", "b", "b", "b", "b"]);
    assert_eq!(fixture.waits("flash", &[]).2.blocked, 3);
}

#[test]
fn reservations_count_before_they_are_settled() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.pool.declare(vec![declared(Window::DayRequests, 2)], fixture.now);
    let [one, other] = [fixture.lease("flash"), fixture.lease("flash")];
    fixture.waits("flash", &[]);
    fixture.end(one, &Outcome::LinkBroken(crate::Phase::Connect));
    let third = fixture.lease("flash");
    fixture.end(third, &SERVED);
    fixture.end(other, &Outcome::Cancelled { usage: Usage::default() });
    fixture.waits("flash", &[]);
}

#[test]
fn a_large_request_goes_where_its_tokens_fit() {
    let mut fixture = Fixture::of(&["a", "b"]);
    fixture.pool.declare(vec![declared(Window::MinuteTokens, 1_000)], fixture.now);
    let large = Ask { tokens: 800, ..Ask::new(Some("flash")) };
    let mut keys = Vec::new();
    for _ in 0..2 {
        let Admission::Granted(lease) = fixture.pool.admit(&large, fixture.now) else {
            panic!("there is room")
        };
        keys.push(lease.key.id.clone());
        let usage = Usage { prompt: 700, ..Usage::default() };
        fixture.end(lease, &Outcome::Served { usage });
        fixture.wait_seconds(10);
    }
    assert_ne!(keys[0], keys[1]);
    match fixture.pool.admit(&large, fixture.now) {
        Admission::Wait { until, cause, census } => {
            assert_eq!(until, NOON + Duration::from_millis(60_150));
            assert_eq!((cause.window, cause.limit), (Window::MinuteTokens, Some(1_000)));
            assert_eq!(census.ready, 2, "smaller ones fit");
        }
        other => panic!("no wait: {other:?}"),
    }
    let small = Ask { tokens: 300, ..large };
    assert!(matches!(fixture.pool.admit(&small, fixture.now), Admission::Granted(_)));
}

#[test]
fn limits_and_use_survive_a_restart_and_a_reset_meanwhile() {
    let mut before = Fixture::of(&["a"]);
    before.attempt("flash", &SERVED);
    before.attempt("flash", &limit(Window::MinuteRequests, 5, None));
    before.wait_seconds(300);
    for _ in 0..3 {
        before.attempt("flash", &SERVED);
    }
    before.pool.declare(vec![declared(Window::DayRequests, 100)], before.now);
    let mut stored = before.pool.take_changes();
    stored.extend(before.pool.take_usage(before.now));
    assert!(before.pool.take_usage(before.now).is_empty());
    let json = serde_json::to_string(&stored).unwrap();
    let restart = |after: Duration| {
        let now = before.now + after;
        let mut pool = Pool::new(Policy::default()).named(ReplicaId::new("after"));
        pool.declare(vec![declared(Window::DayRequests, 8)], now);
        pool.sync(vec![spec("a")], now);
        pool.restore(serde_json::from_str(&json).unwrap(), now);
        Fixture { pool, now }
    };
    let mut soon = restart(Duration::from_secs(30));
    assert_eq!(serve_all(&mut soon, "flash"), 2);
    let (wait, cause, _) = soon.waits("flash", &[]);
    assert_eq!((wait, cause.window), (Duration::from_millis(30_150), Window::MinuteRequests));
    soon.wait(wait);
    // Four were served today before the restart, two after it.
    assert_eq!(serve_all(&mut soon, "flash"), 2);
    assert_eq!(soon.waits("flash", &[]).1.window, Window::DayRequests);

    let mut tomorrow = restart(Duration::from_hours(12));
    assert_eq!(serve_all(&mut tomorrow, "flash"), 5);
    tomorrow.wait_seconds(61);
    assert_eq!(serve_all(&mut tomorrow, "flash"), 3);
}

#[test]
fn a_limit_that_was_raised_is_found_out_carefully() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.attempt("flash", &limit(Window::MinuteRequests, 20, None));
    let mut per_minute = Vec::new();
    fixture.wait_seconds(300);
    assert_eq!(serve_all(&mut fixture, "flash"), 20);
    fixture.wait(Duration::from_hours(24));
    for _ in 0..4 {
        per_minute.push(serve_all(&mut fixture, "flash"));
        fixture.wait_seconds(61);
    }
    assert_eq!(per_minute, [22, 24, 26, 28]);
    for _ in 0..28 {
        fixture.attempt("flash", &SERVED);
    }
    fixture.attempt("flash", &limit(Window::MinuteRequests, 28, None));
    fixture.wait_seconds(300);
    fixture.pool.tick(fixture.now);
    fixture.pool.take_changes();
    for _ in 0..10 {
        assert_eq!(serve_all(&mut fixture, "flash"), 28);
        fixture.wait_seconds(61);
    }
    assert_eq!(fixture.pool.take_changes(), []);
}

#[test]
fn tags_restrict_a_request_to_some_keys() {
    let tagged = |id: &str, tags: &[&str]| KeySpec {
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        ..spec(id)
    };
    let keys = vec![
        spec("a"),
        tagged("b", &["team"]),
        tagged("c", &["paid", "team"]),
        KeySpec { project: Some("p".to_owned()), ..tagged("d", &["paid"]) },
        of_project("e", "p"),
    ];
    let mut fixture = Fixture::new(keys);
    let mut keys = |tags: &[&str]| {
        let tags: Vec<_> = tags.iter().map(|&tag| tag.to_owned()).collect();
        let mut granted = std::collections::BTreeSet::new();
        for _ in 0..10 {
            let ask = Ask { tags: &tags, ..Ask::new(Some("flash")) };
            match fixture.pool.admit(&ask, fixture.now) {
                Admission::Granted(lease) => {
                    granted.insert(lease.key.id.to_string());
                    fixture.end(lease, &SERVED);
                }
                Admission::Refused { why, .. } => assert_eq!(why, Refusal::NoneTagged),
                other @ Admission::Wait { .. } => panic!("{other:?}"),
            }
        }
        granted.into_iter().collect::<Vec<_>>().concat()
    };
    assert_eq!(keys(&[]), "abcde");
    assert_eq!(keys(&["team"]), "bc");
    assert_eq!(keys(&["paid"]), "cd");
    assert_eq!(keys(&["paid", "team"]), "bcd");
    assert_eq!(keys(&["nobody"]), "");
}

#[test]
fn a_prompt_goes_where_its_beginning_went_while_there_is_headroom() {
    let mut fixture = Fixture::of(&["a", "b", "c"]);
    fixture.pool.declare(vec![declared(Window::MinuteRequests, 20)], fixture.now);
    let ask = Ask { prefix: Some(42), ..Ask::new(Some("flash")) };
    let mut granted = Vec::new();
    for _ in 0..19 {
        let Admission::Granted(lease) = fixture.pool.admit(&ask, fixture.now) else {
            panic!("there is room")
        };
        granted.push((lease.key.id.to_string(), lease.chosen_for));
        fixture.end(lease, &SERVED);
    }
    assert!(granted[1..18].iter().all(|one| *one == (granted[0].0.clone(), ChosenFor::Sticky)));
    assert_ne!(granted[18].0, granted[0].0, "the last tenth is left to others");
}

#[test]
fn round_robin_is_by_key_and_balance_by_project() {
    let keys = || {
        let shared = (0..3).map(|id| of_project(&format!("p{id}"), "p"));
        shared.chain([spec("a"), KeySpec { weight: 2, ..spec("b") }]).collect::<Vec<_>>()
    };
    let share = |strategy| {
        let mut fixture = Fixture::new(keys());
        fixture.pool.set_policy(Policy { strategy, ..Policy::default() });
        let turns = fixture.turns("flash", 24);
        ["p", "a", "b"].map(|name| turns.iter().filter(|turn| turn.starts_with(name)).count())
    };
    assert_eq!(share(Strategy::Balanced), [6, 6, 12]);
    assert_eq!(share(Strategy::RoundRobin), [12, 4, 8]);
    assert_eq!(share(Strategy::FillFirst), [0, 0, 24]);
}

#[test]
fn the_fastest_project_is_found() {
    let mut fixture = Fixture::of(&["slow", "fast", "middle"]);
    let strategy = Strategy::LeastLatency;
    fixture.pool.set_policy(Policy { strategy, ..Policy::default() });
    let mut turns = Vec::new();
    for _ in 0..10 {
        let lease = fixture.lease("flash");
        let key = lease.key.id.to_string();
        fixture.wait(Duration::from_millis(match key.as_str() {
            "slow" => 900,
            "middle" => 500,
            _ => 100,
        }));
        fixture.end(lease, &SERVED);
        turns.push(key);
    }
    assert_eq!(turns[3..], ["fast"; 7]);
}

#[test]
fn what_is_known_of_a_project_moves_with_its_last_key() {
    let mut fixture = Fixture::new(vec![spec("a"), of_project("b", "p")]);
    for _ in 0..4 {
        fixture.attempt_with("a", "flash", &SERVED);
    }
    fixture.attempt_with("a", "flash", &limit(Window::DayRequests, 4, None));
    fixture.pool.take_changes();
    fixture.pool.sync(vec![of_project("a", "p"), of_project("b", "p")], fixture.now);
    assert_eq!(fixture.waits("flash", &[]).1.limit, Some(4));
    let changes = fixture.pool.take_changes();
    assert!(
        changes.iter().any(|change| matches!(change,
        Learned::Limit(limit) if limit.name.domain.to_string() == "project:p" && limit.limit == 4))
    );
}
