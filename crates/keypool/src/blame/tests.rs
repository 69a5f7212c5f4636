use std::time::Duration;

use super::*;
use crate::fixture::{Fixture, SERVED, spec};
use crate::{Admission, DeathReason, KeyId, KeyState, Outcome, WaitFor};

const DEAD: Outcome = Outcome::KeyDead(DeathReason::Invalid);
const MUTE: Outcome = Outcome::LinkBroken(Phase::FirstByte);

fn ten() -> Fixture {
    Fixture::new((0..10).map(|id| spec(&format!("k{id}"))).collect())
}

fn dead(fixture: &Fixture) -> usize {
    fixture.pool.totals(fixture.now).dead
}

#[track_caller]
fn waits_for(fixture: &mut Fixture, model: &str) -> (WaitFor, Duration) {
    let (wait, cause, _) = fixture.waits(model, &[]);
    (cause.what, wait)
}

#[test]
fn a_model_that_fails_for_everybody_is_probed_now_and_then() {
    let mut fixture = ten();
    for _ in 0..20 {
        fixture.attempt("flash", &Outcome::ModelBusy);
    }
    assert_eq!(waits_for(&mut fixture, "flash"), (WaitFor::Model, Duration::from_secs(1)));
    fixture.attempt("pro", &SERVED);
    fixture.wait_seconds(1);
    let probe = fixture.lease("flash");
    assert_eq!(waits_for(&mut fixture, "flash").0, WaitFor::Model);
    fixture.end(probe, &Outcome::ModelBusy);
    assert_eq!(waits_for(&mut fixture, "flash"), (WaitFor::Model, Duration::from_secs(2)));
    fixture.wait_seconds(2);
    fixture.attempt("flash", &SERVED);
    for _ in 0..19 {
        fixture.attempt("flash", &Outcome::ModelBusy);
    }
    fixture.attempt("flash", &SERVED);
}

#[test]
fn google_as_a_whole_is_probed_once_for_all_models() {
    let mut fixture = ten();
    for turn in 0..40 {
        let model = ["flash", "pro", "lite"][turn % 3];
        fixture.attempt(model, &Outcome::LinkBroken(Phase::Cut));
    }
    for model in ["flash", "new"] {
        assert_eq!(waits_for(&mut fixture, model), (WaitFor::Google, Duration::from_secs(1)));
    }
    fixture.wait_seconds(1);
    let probe = fixture.lease("pro");
    assert_eq!(waits_for(&mut fixture, "flash").0, WaitFor::Google);
    // A probe that is given up leaves room for another.
    fixture.pool.give_back(probe.ticket, fixture.now);
    fixture.attempt("flash", &Outcome::ClientFault);
    fixture.attempt("pro", &SERVED);
}

#[test]
fn keys_that_die_one_by_one_are_believed() {
    let mut fixture = ten();
    for turn in 0..7 {
        fixture.attempt("flash", &DEAD);
        assert_eq!(dead(&fixture), turn + 1);
    }
    fixture.attempt("flash", &SERVED);
}

#[test]
fn many_working_keys_that_die_at_once_are_out_but_suspects() {
    let mut fixture = ten();
    for _ in 0..10 {
        fixture.attempt("flash", &SERVED);
    }
    let older = fixture.lease("flash");
    let mut died = vec![fixture.attempt("flash", &DEAD), fixture.attempt("flash", &DEAD)];
    // It began before anything was wrong.
    fixture.end(older, &SERVED);
    assert_eq!(fixture.pool.take_suspects(), []);
    let under_way: Vec<_> = (0..3).map(|_| fixture.lease("flash")).collect();
    for lease in under_way {
        died.push(lease.key.id.to_string());
        fixture.end(lease, &DEAD);
        assert_eq!(dead(&fixture), died.len());
    }
    let suspects = fixture.pool.take_suspects();
    assert_eq!(suspects.iter().map(KeyId::as_str).collect::<Vec<_>>(), died);
    assert_eq!(fixture.pool.take_suspects(), []);
    died.push(fixture.attempt("flash", &DEAD));
    assert_eq!(fixture.pool.take_suspects(), [died[5].as_str().into()]);
    // Others go on at once.
    fixture.attempt("flash", &SERVED);
    fixture.attempt("flash", &DEAD);
    assert_eq!((dead(&fixture), fixture.pool.take_suspects()), (7, vec![]));
}

#[test]
fn whoever_is_revived_before_it_was_told_is_no_suspect() {
    let mut fixture = ten();
    for _ in 0..10 {
        fixture.attempt("flash", &SERVED);
    }
    let died: Vec<KeyId> = (0..4).map(|_| fixture.attempt("flash", &DEAD).into()).collect();
    fixture.pool.revive(&died[0], fixture.now);
    assert_eq!(fixture.pool.take_suspects(), died[1..]);
}

#[test]
fn deaths_are_counted_for_each_proxy() {
    let mut fixture = ten();
    let [good, bad] = [EgressId(1), EgressId(2)];
    for _ in 0..10 {
        fixture.attempt("flash", &SERVED);
    }
    for turn in 0..6 {
        let lease = fixture.lease("flash");
        let (egress, outcome) = if turn % 2 == 0 { (good, SERVED) } else { (bad, DEAD) };
        fixture.pool.settle_via(lease.ticket, &outcome, egress, fixture.now);
    }
    assert_eq!((dead(&fixture), fixture.pool.take_suspects().len()), (3, 3));
}

#[test]
fn a_proxy_that_fails_takes_no_key_along() {
    let mut fixture = ten();
    let [good, bad] = [EgressId(1), EgressId(2)];
    for turn in 0..40 {
        let Admission::Granted(lease) = fixture.admit("flash", &[]) else { panic!("{turn}") };
        let failed = Outcome::LinkBroken(Phase::Connect);
        let (egress, outcome) = if turn % 2 == 0 { (good, SERVED) } else { (bad, failed) };
        fixture.pool.settle_via(lease.ticket, &outcome, egress, fixture.now);
    }
    assert_eq!(fixture.pool.failing(fixture.now).len(), 0);
    assert_eq!(fixture.pool.egress_shut(good, fixture.now), None);
    let until = fixture.pool.egress_shut(bad, fixture.now).unwrap();
    assert_eq!(fixture.pool.egress_shut(bad, until), None);
}

#[test]
fn a_link_that_cannot_be_made_is_not_the_keys_fault() {
    let mut fixture = ten();
    for _ in 0..19 {
        fixture.attempt("flash", &Outcome::LinkBroken(Phase::Connect));
    }
    let snapshot = fixture.pool.snapshot(fixture.now);
    assert!(snapshot.keys.iter().all(|key| key.avoided.is_empty()));
    fixture.attempt("flash", &Outcome::LinkBroken(Phase::Tls));
    assert_eq!(waits_for(&mut fixture, "flash").0, WaitFor::Google);
}

#[test]
fn a_mute_key_is_met_once_while_others_answer() {
    let mut fixture = ten();
    let mut met = 0;
    let mut leases = Vec::new();
    for _ in 0..600 {
        let lease = fixture.lease("flash");
        if lease.key.id.as_str() == "k3" {
            met += 1;
            leases.push((fixture.now + Duration::from_secs(30), lease));
        } else {
            fixture.end(lease, &SERVED);
        }
        fixture.wait_seconds(1);
        while leases.first().is_some_and(|(end, _)| *end <= fixture.now) {
            let (_, lease) = leases.remove(0);
            fixture.end(lease, &MUTE);
        }
    }
    assert_eq!(met, 1);
    assert_eq!(fixture.state("k3"), KeyState::Ready);
}

#[test]
fn when_nobody_answers_no_key_is_to_blame() {
    let mut fixture = ten();
    for _ in 0..10 {
        fixture.attempt("flash", &MUTE);
    }
    let snapshot = fixture.pool.snapshot(fixture.now);
    assert!(snapshot.keys.iter().all(|key| key.avoided.is_empty()), "{snapshot:?}");
}

#[test]
fn a_key_is_trusted_after_its_first_whole_answer() {
    let mut fixture = Fixture::of(&["a", "b"]);
    let first = fixture.lease("flash");
    let mut second = fixture.lease("flash");
    assert_ne!(first.key.id, second.key.id);
    let trusted = first.key.clone();
    fixture.end(first, &SERVED);
    // It has begun to answer, but may fall silent.
    fixture.pool.answered(&mut second.ticket, fixture.now);
    for _ in 0..3 {
        let lease = fixture.lease("flash");
        assert_eq!(lease.key.id, trusted.id, "the other one is still on trial");
    }
    fixture.end(second, &SERVED);
}
