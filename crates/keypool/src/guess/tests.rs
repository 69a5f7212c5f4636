use super::*;
use crate::fixture::{Fixture, SERVED, of_project, spec};
use crate::{Admission, KeySpec, Outcome, QuotaSpent, Scope, Window};

/// A minute's six requests are spent until then.
fn spent(until: Timestamp) -> Outcome {
    Outcome::QuotaSpent(QuotaSpent {
        window: Window::MinuteRequests,
        scope: Scope::Model,
        until: Some(until),
        limit: Some(6),
        quota_id: Some("PerMinute".to_owned()),
    })
}

/// Each of so many keys has served two requests, and is refused then; at last it is known by all
/// until when.
fn refused(keys: Vec<KeySpec>, mut until: impl FnMut(usize) -> u64) -> Fixture {
    let count = keys.len();
    let mut fixture = Fixture::new(keys);
    for _ in 0..2 * count {
        fixture.attempt("flash", &SERVED);
    }
    for place in 0..count {
        fixture.wait_seconds(1);
        let until = fixture.now + Duration::from_secs(until(place) - place as u64);
        fixture.attempt("flash", &spent(until));
    }
    fixture
}

/// The keys that are taken for one project once somebody has asked, for it is then that guesses are
/// made.
fn guessed(fixture: &mut Fixture) -> Vec<String> {
    drop(fixture.admit("flash", &[]));
    let keys = fixture.pool.snapshot(fixture.now).keys.into_iter();
    let mut keys: Vec<_> = keys.filter(|key| key.is_guess).map(|key| key.id.to_string()).collect();
    keys.sort();
    keys
}

fn three() -> Vec<KeySpec> {
    ["a", "b", "c"].map(spec).to_vec()
}

/// Three keys that are taken for one project, a moment before its release.
pub(crate) fn guess() -> Fixture {
    let mut fixture = refused(three(), |_| 58);
    fixture.wait_seconds(54);
    assert_eq!(guessed(&mut fixture), [""; 0], "others may still be refused");
    fixture.wait_seconds(1);
    assert_eq!(guessed(&mut fixture), ["a", "b", "c"]);
    fixture
}

#[test]
fn keys_that_add_up_to_the_limit_are_one_project_and_that_is_shown() {
    let mut fixture = guess();
    let snapshot = fixture.pool.snapshot(fixture.now);
    assert!(snapshot.keys.iter().all(|key| key.domain == Domain::Key("a".into())));
    assert!(snapshot.keys.iter().all(|key| key.blocks.len() == 1), "{snapshot:?}");
    // Of six requests of a minute that all began at the same moment none is counted twice.
    fixture.wait_seconds(5);
    for _ in 0..6 {
        fixture.attempt("flash", &SERVED);
    }
    assert_eq!(fixture.waits("flash", &[]).1.limit, Some(6));
}

#[test]
fn keys_that_do_not_add_up_or_are_released_apart_are_not() {
    let four = ["a", "b", "c", "d"].map(spec).to_vec();
    for mut fixture in [refused(four, |_| 50), refused(three(), |place| 50 + place as u64)] {
        fixture.wait_seconds(49);
        assert_eq!(guessed(&mut fixture), [""; 0]);
        fixture.wait_seconds(30);
        assert_eq!(guessed(&mut fixture), [""; 0]);
    }
}

#[test]
fn keys_of_a_declared_project_are_not() {
    let keys = vec![spec("a"), spec("b"), of_project("c", "p")];
    let mut fixture = refused(keys, |_| 50);
    fixture.wait_seconds(49);
    assert_eq!(guessed(&mut fixture), [""; 0]);
}

#[test]
fn a_key_that_was_served_meanwhile_is_of_another_project() {
    let mut fixture = Fixture::new(three());
    for _ in 0..5 {
        fixture.attempt("flash", &SERVED);
    }
    let until = fixture.now + Duration::from_secs(58);
    let mut leases: Vec<_> = (0..3).map(|_| fixture.lease("flash")).collect();
    let last = leases.remove(0);
    for lease in leases {
        fixture.end(lease, &spent(until));
    }
    fixture.end(last, &Outcome::Cancelled { usage: crate::Usage::default() });
    fixture.wait_seconds(1);
    // Together they have six by now; but the last began when others had no room.
    fixture.attempt("flash", &SERVED);
    let lease = fixture.lease("flash");
    fixture.end(lease, &spent(until));
    fixture.wait_seconds(57);
    assert_eq!(guessed(&mut fixture), [""; 0]);
}

#[test]
fn two_keys_have_to_add_up_twice() {
    let two = || ["a", "b"].map(spec).to_vec();
    let mut fixture = Fixture::new(two());
    for minute in 0..2 {
        for _ in 0..6 {
            fixture.attempt("flash", &SERVED);
        }
        let until = fixture.now + Duration::from_mins(1);
        for _ in 0..2 {
            fixture.wait_seconds(1);
            fixture.attempt("flash", &spent(until));
        }
        fixture.wait_seconds(57);
        assert_eq!(guessed(&mut fixture).len(), 2 * minute);
        fixture.wait_seconds(61);
    }
}

#[test]
fn whoever_leaves_a_guess_takes_nothing_along_and_the_others_go_on() {
    let mut fixture = guess();
    fixture.pool.take_changes();
    let renewed = KeySpec { secret: spec("z").secret, ..spec("a") };
    fixture.pool.sync(vec![renewed, spec("b"), spec("c")], fixture.now);
    assert_eq!(guessed(&mut fixture), ["b", "c"]);
    assert_eq!(fixture.usable("flash"), ["a"]);
    let told = fixture.pool.take_changes();
    let of =
        |id: &str| crate::CellName { domain: Domain::Key(id.into()), model: Some("flash".into()) };
    assert!(told.contains(&crate::Learned::CellOver(of("a"))), "{told:?}");
    assert!(told.iter().any(|one| one.subject() == crate::Subject::Cell(of("b"))), "{told:?}");

    let keys = || vec![spec("b"), of_project("c", "p")];
    fixture.pool.sync(keys(), fixture.now);
    assert_eq!(guessed(&mut fixture), [""; 0], "what is declared counts");
    assert_eq!(fixture.usable("flash"), ["c"]);
    fixture.pool.sync(vec![spec("d")], fixture.now);
    assert_eq!(fixture.usable("flash"), ["d"]);
}

#[test]
fn an_attempt_follows_its_key_into_the_guess() {
    let mut fixture = Fixture::new(three());
    for _ in 0..3 {
        fixture.attempt("flash", &SERVED);
    }
    let early: Vec<_> = (0..3).map(|_| fixture.lease("flash")).collect();
    let until = fixture.now + Duration::from_secs(58);
    for _ in 0..3 {
        fixture.attempt("flash", &spent(until));
    }
    fixture.wait_seconds(57);
    assert_eq!(guessed(&mut fixture), ["a", "b", "c"]);
    for lease in early {
        fixture.end(lease, &SERVED);
    }
    for lane in fixture.pool.lanes.owned_mut() {
        assert!(lane.quotas.all_mut().all(|(_, cell)| cell.reserved == 0));
    }
    assert_eq!(fixture.pool.totals(fixture.now).in_flight, 0);
}

#[test]
fn others_words_for_a_key_are_taken_for_its_guess() {
    let mut fixture = guess();
    fixture.pool.take_changes();
    let name = crate::CellName { domain: Domain::Key("c".into()), model: Some("flash".into()) };
    let until = fixture.now + Duration::from_secs(30);
    let (window, limit, quota_id) = (Window::MinuteRequests, Some(6), None);
    let cell = crate::LearnedCell { name, until, window, limit, quota_id };
    fixture.pool.restore(vec![crate::Learned::Cell(cell)], fixture.now);
    assert_eq!(fixture.waits("flash", &[]).0, Duration::from_secs(30));
    assert!(matches!(fixture.admit("flash", &[]), Admission::Wait { .. }));
}
