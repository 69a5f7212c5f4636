use super::*;
use crate::fixture::{Fixture, SERVED};
use crate::{Lease, QuotaSpent, Scope};

/// A guess which is used up again, and so much later that it is doubted.
fn full_again(pause: Duration) -> Fixture {
    let mut fixture = crate::guess::tests::guess();
    wait(&mut fixture, pause);
    fixture
}

fn wait(fixture: &mut Fixture, pause: Duration) {
    fixture.now = fixture.now + pause;
    for _ in 0..6 {
        fixture.attempt("flash", &SERVED);
    }
    fixture.wait_seconds(2);
}

fn test(fixture: &mut Fixture) -> Option<Lease> {
    match fixture.admit("flash", &[]) {
        Admission::Granted(lease) if lease.chosen_for == ChosenFor::Doubt => Some(lease),
        Admission::Granted(lease) => panic!("{lease:?}"),
        _ => None,
    }
}

fn refusal(fixture: &Fixture) -> Outcome {
    Outcome::QuotaSpent(QuotaSpent {
        window: Window::MinuteRequests,
        scope: Scope::Model,
        until: Some(fixture.now + Duration::from_secs(57)),
        limit: Some(6),
        quota_id: None,
    })
}

fn is_guess(fixture: &Fixture) -> bool {
    fixture.pool.snapshot(fixture.now).keys.iter().any(|key| key.is_guess)
}

#[test]
fn a_guess_that_holds_is_tested_less_and_less() {
    let mut fixture = full_again(Duration::from_mins(5));
    assert!(test(&mut fixture).is_none(), "too soon");
    let mut tested = Vec::new();
    for minutes in [10, 20, 40] {
        wait(&mut fixture, Duration::from_mins(minutes));
        let lease = test(&mut fixture).unwrap();
        assert!(test(&mut fixture).is_none(), "one at a time");
        tested.push(lease.key.id.to_string());
        let outcome = refusal(&fixture);
        fixture.end(lease, &outcome);
        assert!(is_guess(&fixture));
        wait(&mut fixture, Duration::from_mins(minutes));
        assert!(test(&mut fixture).is_none(), "half as often");
    }
    tested.dedup();
    assert_eq!(tested.len(), 3, "another key each time");
}

#[test]
fn what_has_only_just_become_full_or_is_nearly_released_is_not_tested() {
    let mut fixture = full_again(Duration::from_mins(10));
    fixture.now = fixture.now - Duration::from_secs(1);
    assert!(test(&mut fixture).is_none());
    fixture.wait_seconds(58);
    assert!(test(&mut fixture).is_none());
}

#[test]
fn a_wrong_guess_is_given_up_and_not_made_again() {
    let mut fixture = full_again(Duration::from_mins(10));
    let lease = test(&mut fixture).unwrap();
    fixture.end(lease, &SERVED);
    assert!(!is_guess(&fixture));
    assert_eq!(fixture.usable("flash"), ["a", "b", "c"]);
    fixture.wait_seconds(120);
    for _ in 0..6 {
        fixture.attempt("flash", &SERVED);
    }
    for _ in 0..3 {
        let outcome = refusal(&fixture);
        fixture.attempt("flash", &outcome);
    }
    fixture.wait_seconds(56);
    assert!(test(&mut fixture).is_none());
    assert!(!is_guess(&fixture));
}

#[test]
fn another_failure_says_nothing() {
    let mut fixture = full_again(Duration::from_mins(10));
    let lease = test(&mut fixture).unwrap();
    fixture.pool.give_back(lease.ticket, fixture.now);
    assert!(is_guess(&fixture));
    wait(&mut fixture, Duration::from_mins(10));
    assert!(test(&mut fixture).is_some());
}

#[test]
fn it_is_explained_as_it_is() {
    let mut fixture = full_again(Duration::from_mins(10));
    let ask = crate::Ask::new(Some("flash"));
    let (admission, explanation) = fixture.pool.admit_explained(&ask, fixture.now);
    assert!(matches!(admission, Admission::Granted(_)));
    let crate::Decision::Chosen(chosen) = explanation.decision else { panic!("{explanation:?}") };
    assert_eq!((chosen.why, chosen.is_guess), (ChosenFor::Doubt, true));
}
