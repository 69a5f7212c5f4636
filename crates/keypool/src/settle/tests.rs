use std::time::Duration;

use crate::fixture::{Fixture, NOON, SERVED, of_project, spec, spent, spent_for, tried};
use crate::{
    Admission, ChosenFor, DeathReason, KeySpec, KeyState, Learned, Outcome, Phase, QuotaSpent,
    Refusal, Scope, Usage, Window, next_pacific_midnight,
};

const CUT: Outcome = Outcome::LinkBroken(Phase::Cut);

#[test]
fn a_clients_own_mistake_touches_nothing() {
    let mut fixture = Fixture::of(&["a"]);
    for _ in 0..100 {
        fixture.attempt("flash", &Outcome::ClientFault);
        fixture.attempt("flash", &Outcome::Cancelled { usage: Usage::default() });
    }
    let snapshot = fixture.pool.snapshot(fixture.now);
    assert_eq!(snapshot.keys[0].state, KeyState::Ready);
    assert_eq!(snapshot.keys[0].avoided, []);
    assert_eq!(snapshot.keys[0].counters.failed, 0);
    assert_eq!(snapshot.keys[0].counters.last_failed, None);
    assert_eq!(fixture.pool.take_changes(), []);
}

#[test]
fn a_dead_key_is_out_at_its_first_such_answer_and_for_all_models() {
    let mut fixture = Fixture::of(&["a", "b"]);
    fixture.attempt_with("a", "flash", &Outcome::KeyDead(DeathReason::Suspended));
    let state = KeyState::Dead { reason: DeathReason::Suspended, since: NOON };
    assert_eq!(fixture.state("a"), state);
    fixture.wait(Duration::from_hours(24 * 400));
    assert_eq!(fixture.turns("flash", 4), ["b"; 4]);
    assert_eq!(fixture.turns("pro", 4), ["b"; 4]);
    assert_eq!(fixture.state("a"), state);
}

#[test]
fn the_first_reason_of_a_death_is_kept() {
    let mut fixture = Fixture::of(&["a"]);
    let [one, other] = [fixture.lease("flash"), fixture.lease("flash")];
    fixture.end(one, &Outcome::KeyDead(DeathReason::Leaked));
    fixture.wait_seconds(1);
    fixture.end(other, &Outcome::KeyDead(DeathReason::Invalid));
    assert_eq!(fixture.state("a"), KeyState::Dead { reason: DeathReason::Leaked, since: NOON });
}

#[test]
fn a_key_that_falls_silent_within_its_answers_is_mute() {
    for phase in [Phase::FirstByte, Phase::Idle] {
        let mut fixture = Fixture::of(&["a", "b", "c", "d"]);
        fixture.attempt_with("a", "flash", &Outcome::LinkBroken(phase));
        assert!(!fixture.turns("flash", 30).contains(&"a".to_owned()), "{phase}");
        fixture.wait(Duration::from_mins(10));
        assert!(fixture.turns("flash", 4).contains(&"a".to_owned()), "{phase}");
    }
}

#[test]
fn after_a_fault_a_request_goes_to_a_key_that_has_proved_itself() {
    let mut fixture = Fixture::of(&["a", "b", "c", "d", "e"]);
    for key in ["a", "b", "e"] {
        fixture.attempt_with(key, "flash", &SERVED);
    }
    fixture.attempt_with("b", "flash", &CUT);
    fixture.attempt_with("a", "flash", &CUT);
    for (met, sound) in [("a", true), ("a", true), ("b", true), ("c", false), ("e", false)] {
        let Admission::Granted(lease) = fixture.admit("flash", &tried(&[met])) else {
            panic!("not granted")
        };
        assert_eq!(lease.chosen_for == ChosenFor::Sound, sound, "after {met}");
        assert!(!sound || lease.key.id.as_str() == "e", "{} after {met}", lease.key.id);
        fixture.end(lease, &Outcome::ClientFault);
    }
    fixture.attempt_with("e", "flash", &CUT);
    fixture.wait(Duration::from_mins(10));
    let Admission::Granted(lease) = fixture.admit("flash", &tried(&["e"])) else {
        panic!("not granted")
    };
    assert_eq!(lease.chosen_for, ChosenFor::Sound, "faults are forgotten some day");
    assert!(["a", "b"].contains(&lease.key.id.as_str()), "{}", lease.key.id);
}

#[test]
fn a_revived_key_serves_again() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.attempt("flash", &Outcome::KeyDead(DeathReason::Invalid));
    assert_eq!(fixture.refusal("flash", &[]).0, Refusal::AllDead);
    fixture.pool.revive(&"a".into(), fixture.now);
    fixture.pool.revive(&"nobody".into(), fixture.now);
    assert_eq!(fixture.attempt("flash", &SERVED), "a");
}

#[test]
fn a_spent_quota_blocks_the_model_only_until_the_named_time() {
    let mut fixture = Fixture::of(&["a", "b"]);
    let outcome = spent_for(fixture.now, 30);
    fixture.attempt_with("a", "flash", &outcome);
    assert_eq!(fixture.usable("flash"), ["b"]);
    assert_eq!(fixture.usable("pro"), ["a", "b"]);
    fixture.wait(Duration::from_millis(29_999));
    assert_eq!(fixture.usable("flash"), ["b"]);
    fixture.wait(Duration::from_millis(1));
    assert_eq!(fixture.usable("flash"), ["a", "b"]);
}

#[test]
fn keys_of_a_project_share_its_quota() {
    let keys = vec![of_project("a1", "a"), of_project("a2", "a"), spec("lone")];
    let mut fixture = Fixture::new(keys);
    let outcome = spent_for(fixture.now, 30);
    fixture.attempt_with("a1", "flash", &outcome);
    assert_eq!(fixture.usable("flash"), ["lone"]);
    assert_eq!(fixture.usable("pro"), ["a1", "a2", "lone"]);
}

#[test]
fn a_quota_of_the_whole_project_blocks_all_its_models() {
    let mut fixture = Fixture::new(vec![of_project("a1", "a"), of_project("a2", "a"), spec("b")]);
    let minute = spent_for(fixture.now, 2);
    fixture.attempt_with("a1", "pro", &minute);
    fixture.attempt_with("a2", "flash", &spent(Window::Spend, Scope::Project));
    for model in ["flash", "pro", "never asked for"] {
        assert_eq!(fixture.usable(model), ["b"]);
    }
    fixture.wait_seconds(2);
    assert_eq!(fixture.usable("pro"), ["b"]);
    fixture.wait_seconds(3);
    for model in ["flash", "pro", "never asked for"] {
        assert_eq!(fixture.usable(model), ["a1", "a2", "b"]);
    }
}

#[test]
fn calls_about_no_model_have_a_quota_of_their_own() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.attempt("", &spent(Window::Unknown, Scope::Model));
    assert_eq!(fixture.waits("", &[]).0, Duration::from_secs(5));
    assert_eq!(fixture.usable("flash"), ["a"]);
}

#[test]
fn without_a_named_time_it_waits_longer_and_longer_and_a_success_ends_the_series() {
    let mut fixture = Fixture::of(&["a"]);
    for seconds in [5, 10, 20, 40, 80, 160, 300, 300] {
        fixture.attempt("flash", &spent(Window::Unknown, Scope::Model));
        assert_eq!(fixture.waits("flash", &[]).0, Duration::from_secs(seconds));
        fixture.wait_seconds(seconds);
    }
    fixture.attempt("flash", &SERVED);
    fixture.attempt("flash", &spent(Window::Unknown, Scope::Model));
    assert_eq!(fixture.waits("flash", &[]).0, Duration::from_secs(5));
}

#[test]
fn answers_that_were_under_way_together_are_one_spent_quota() {
    let mut fixture = Fixture::of(&["a"]);
    let leases: Vec<_> = (0..10).map(|_| fixture.lease("flash")).collect();
    for lease in leases {
        fixture.end(lease, &spent(Window::Unknown, Scope::Model));
    }
    assert_eq!(fixture.waits("flash", &[]).0, Duration::from_secs(5));
}

#[test]
fn a_time_that_is_over_is_not_believed() {
    let mut fixture = Fixture::of(&["a"]);
    let outcome = spent_for(fixture.now, 0);
    fixture.attempt("flash", &outcome);
    assert_eq!(fixture.waits("flash", &[]).0, Duration::from_secs(5));
}

#[test]
fn no_block_is_longer_than_a_day() {
    let mut fixture = Fixture::of(&["a"]);
    let outcome = spent_for(fixture.now, 1_000_000);
    fixture.attempt("flash", &outcome);
    assert_eq!(fixture.waits("flash", &[]).0, Duration::from_hours(25));
}

#[test]
fn a_daily_quota_without_a_time_ends_at_midnight_pacific() {
    for window in [Window::DayRequests, Window::DayTokens] {
        let mut fixture = Fixture::of(&["a"]);
        fixture.attempt("flash", &spent(window, Scope::Model));
        let (wait, cause, _) = fixture.waits("flash", &[]);
        assert_eq!(cause.window, window);
        assert_eq!(fixture.now + wait, next_pacific_midnight(NOON));
    }
}

#[test]
fn a_model_that_is_not_offered_is_left_alone_for_a_day() {
    let mut fixture = Fixture::of(&["a"]);
    fixture.attempt("pro", &spent(Window::NotOffered, Scope::Model));
    assert_eq!(fixture.waits("pro", &[]).0, Duration::from_hours(24));
    assert_eq!(fixture.usable("flash"), ["a"]);
}

#[test]
fn a_block_never_becomes_shorter() {
    let mut fixture = Fixture::of(&["a"]);
    let leases: Vec<_> = (0..3).map(|_| fixture.lease("flash")).collect();
    let midnight = next_pacific_midnight(fixture.now);
    let day = Outcome::QuotaSpent(QuotaSpent {
        window: Window::DayRequests,
        scope: Scope::Model,
        until: Some(midnight),
        limit: Some(20),
        quota_id: None,
    });
    let minute = spent_for(fixture.now, 12);
    for (lease, outcome) in leases.into_iter().zip([&day, &minute, &SERVED]) {
        fixture.end(lease, outcome);
    }
    let (wait, cause, _) = fixture.waits("flash", &[]);
    assert_eq!(fixture.now + wait, midnight);
    assert_eq!((cause.window, cause.limit), (Window::DayRequests, Some(20)));
}

#[test]
fn a_busy_model_makes_its_key_the_last_choice_for_that_model() {
    let mut fixture = Fixture::of(&["a", "b"]);
    fixture.attempt_with("a", "flash", &Outcome::ModelBusy);
    assert_eq!(fixture.turns("flash", 3), ["b"; 3]);
    assert_eq!(fixture.usable("flash"), ["a", "b"]);
    assert!(fixture.turns("pro", 4).contains(&"a".to_owned()));
    assert_eq!(fixture.state("a"), KeyState::Ready);
    fixture.wait_seconds(1);
    assert!(fixture.turns("flash", 4).contains(&"a".to_owned()));
}

#[test]
fn a_key_is_avoided_longer_with_every_failure_in_a_row() {
    let mut fixture = Fixture::of(&["a"]);
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        fixture.attempt("flash", &Outcome::KeyRefused);
        let avoided = fixture.pool.snapshot(fixture.now).keys[0].avoided.clone();
        assert_eq!(avoided[0].until, fixture.now + Duration::from_secs(seconds));
        fixture.wait_seconds(seconds);
        assert_eq!(fixture.pool.snapshot(fixture.now).keys[0].avoided, []);
    }
    fixture.attempt("flash", &SERVED);
    fixture.attempt("flash", &Outcome::KeyRefused);
    let avoided = fixture.pool.snapshot(fixture.now).keys[0].avoided.clone();
    assert_eq!(avoided[0].until, fixture.now + Duration::from_secs(1));
}

#[test]
fn failures_that_were_under_way_together_count_once() {
    let mut fixture = Fixture::of(&["a"]);
    let leases: Vec<_> = (0..10).map(|_| fixture.lease("flash")).collect();
    for lease in leases {
        fixture.end(lease, &Outcome::ModelBusy);
    }
    let avoided = fixture.pool.snapshot(fixture.now).keys[0].avoided.clone();
    assert_eq!(avoided[0].until, fixture.now + Duration::from_secs(1));
}

#[test]
fn a_success_makes_an_avoided_key_an_equal_again() {
    let mut fixture = Fixture::of(&["a", "b"]);
    fixture.attempt_with("a", "flash", &SERVED);
    fixture.attempt_with("b", "flash", &SERVED);
    let [a, other] = [fixture.lease_of("a", "flash"), fixture.lease_of("a", "flash")];
    fixture.end(a, &Outcome::KeyRefused);
    assert_eq!(fixture.turns("flash", 2), ["b"; 2]);
    fixture.end(other, &SERVED);
    assert!(fixture.turns("flash", 2).contains(&"a".to_owned()));
}

#[test]
fn a_key_is_avoided_from_the_third_broken_link_in_a_row_on() {
    let mut fixture = Fixture::of(&["a", "b"]);
    for outcome in [CUT, CUT, SERVED, CUT, CUT] {
        fixture.attempt_with("a", "flash", &outcome);
        assert!(fixture.turns("flash", 2).contains(&"a".to_owned()));
    }
    fixture.attempt_with("a", "pro", &CUT);
    assert_eq!(fixture.turns("flash", 3), ["b"; 3]);
    assert_eq!(fixture.turns("pro", 3), ["b"; 3]);
    assert_eq!(fixture.state("a"), KeyState::Ready);
    fixture.wait_seconds(1);
    assert!(fixture.turns("flash", 2).contains(&"a".to_owned()));
}

#[test]
fn a_refused_region_is_not_the_keys_fault() {
    let mut fixture = Fixture::of(&["a", "b"]);
    for _ in 0..10 {
        fixture.attempt_with("a", "flash", &Outcome::RegionRefused);
    }
    assert!(fixture.turns("flash", 2).contains(&"a".to_owned()));
}

#[test]
fn a_flood_of_the_same_news_is_one_entry() {
    let mut fixture = Fixture::of(&["a"]);
    let leases: Vec<_> = (0..100).map(|_| fixture.lease("flash")).collect();
    for lease in leases {
        let outcome = spent_for(fixture.now, 60);
        fixture.end(lease, &outcome);
        fixture.wait(Duration::from_millis(3));
    }
    let changes = fixture.pool.take_changes();
    let [Learned::Cell(cell)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(cell.name.domain.to_string(), "key:a");
    assert_eq!(cell.name.model.as_deref(), Some("flash"));
    assert_eq!(cell.until, NOON + Duration::from_millis(60_000 + 99 * 3));
    assert_eq!(fixture.pool.take_changes(), []);

    fixture.wait(Duration::from_secs(61));
    assert!(!fixture.pool.tick(fixture.now));
    let changes = fixture.pool.take_changes();
    assert!(matches!(changes.as_slice(), [Learned::CellOver(_)]), "{changes:?}");
}

#[test]
fn attempts_under_way_are_counted_until_they_end() {
    let mut fixture = Fixture::of(&["a", "b"]);
    let leases: Vec<_> = (0..6).map(|_| fixture.lease("flash")).collect();
    assert_eq!(fixture.pool.totals(fixture.now).in_flight, 6);
    assert_eq!(fixture.pool.snapshot(fixture.now).keys[0].in_flight, 3);
    for lease in leases {
        fixture.end(lease, &SERVED);
    }
    assert_eq!(fixture.pool.totals(fixture.now).in_flight, 0);
    let counters = fixture.pool.snapshot(fixture.now).keys[0].counters;
    assert_eq!((counters.served, counters.last_used), (3, Some(NOON)));
}

#[test]
fn the_end_of_a_removed_keys_attempt_teaches_nothing() {
    let mut fixture = Fixture::of(&["a"]);
    let lease = fixture.lease("flash");
    fixture.pool.sync(vec![spec("b")], fixture.now);
    assert_eq!(fixture.pool.totals(fixture.now).in_flight, 0);
    fixture.end(lease, &Outcome::KeyDead(DeathReason::Leaked));
    assert_eq!(fixture.attempt("flash", &SERVED), "b");
}

#[test]
fn a_disabled_key_is_never_granted_though_it_lives() {
    let mut fixture = Fixture::new(vec![KeySpec { enabled: false, ..spec("a") }, spec("b")]);
    assert_eq!(fixture.turns("flash", 3), ["b"; 3]);
    assert_eq!(fixture.state("a"), KeyState::Disabled);
}
