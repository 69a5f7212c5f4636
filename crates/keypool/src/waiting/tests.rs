use std::collections::BTreeMap;
use std::time::Duration;

use crate::fixture::{Fixture, SERVED, spec, spent_for};
use crate::{Admission, Ask, DeclaredLimit, Lease, Outcome, Timestamp, WaiterId, Window};

/// Keys of which each may serve one request a minute.
fn fixture(keys: &[&str]) -> Fixture {
    let mut fixture = Fixture::of(keys);
    let (project, tier, model) = (None, None, None);
    let window = Window::MinuteRequests;
    let limit = DeclaredLimit { project, tier, model, window, limit: 1 };
    fixture.pool.declare(vec![limit], fixture.now);
    fixture
}

impl Fixture {
    fn enqueue(&mut self, client: &str, model: &str) -> WaiterId {
        self.pool.enqueue(client, &Ask::new(Some(model)), self.now)
    }

    /// Goes to the next moment when somebody may go, and ends whatever goes.
    fn next_to_go(&mut self) -> Vec<WaiterId> {
        let next = self.pool.next_wake().unwrap();
        self.now = self.now.max(next);
        let woken: Vec<(WaiterId, Lease)> = self.pool.wake(self.now);
        let gone = woken.iter().map(|(id, _)| *id).collect();
        for (_, lease) in woken {
            self.end(lease, &SERVED);
        }
        gone
    }
}

#[test]
fn first_come_first_served_and_clients_take_turns() {
    let mut fixture = fixture(&["a"]);
    fixture.attempt("flash", &SERVED);
    let greedy: Vec<_> = (0..4).map(|_| fixture.enqueue("greedy", "flash")).collect();
    let modest: Vec<_> = (0..2).map(|_| fixture.enqueue("modest", "flash")).collect();
    assert_eq!(fixture.pool.waiters(), 6);
    let mut order = Vec::new();
    for _ in 0..6 {
        // The first call finds that nothing is there before its time.
        let gone = [fixture.next_to_go(), fixture.next_to_go()].concat();
        order.extend(gone);
    }
    order.truncate(6);
    let [a, b, c, d] = greedy[..] else { unreachable!() };
    assert_eq!(order, [a, modest[0], b, modest[1], c, d]);
    assert_eq!(fixture.pool.waiters(), 0);
    assert_eq!(fixture.pool.next_wake(), None);
}

#[test]
fn the_next_wake_is_the_nearest_release() {
    let mut fixture = fixture(&["a", "b"]);
    fixture.attempt("flash", &SERVED);
    fixture.wait_seconds(10);
    fixture.attempt("flash", &SERVED);
    assert_eq!(fixture.pool.next_wake(), None);
    fixture.enqueue("one", "flash");
    fixture.pool.wake(fixture.now);
    assert_eq!(fixture.pool.next_wake(), Some(fixture.now + Duration::from_millis(50_150)));
    // A release before its time is noticed, too.
    fixture.pool.sync(vec![spec("a"), spec("b"), spec("c")], fixture.now);
    assert_eq!(fixture.pool.next_wake(), Some(Timestamp::MIN));
    assert_eq!(fixture.pool.wake(fixture.now).len(), 1);
}

#[test]
fn whoever_comes_later_does_not_overtake() {
    let mut fixture = fixture(&["a"]);
    fixture.attempt("flash", &SERVED);
    let waiter = fixture.enqueue("one", "flash");
    fixture.wait(Duration::from_millis(60_150));
    // It is free now, but it is the waiter's.
    fixture.waits("flash", &[]);
    fixture.attempt("pro", &SERVED);
    assert_eq!(fixture.pool.next_wake(), Some(Timestamp::MIN));
    assert_eq!(fixture.next_to_go(), [waiter]);
}

#[test]
fn whoever_leaves_lets_the_next_one_go() {
    let mut fixture = fixture(&["a"]);
    fixture.attempt("flash", &SERVED);
    let [first, second, third] = ["x", "x", "y"].map(|client| fixture.enqueue(client, "flash"));
    fixture.pool.cancel(first, fixture.now);
    fixture.pool.cancel(first, fixture.now);
    fixture.wait(Duration::from_millis(60_150));
    fixture.waits("flash", &[]);
    // The second was given the key, but leaves before it was told.
    fixture.pool.cancel(second, fixture.now);
    assert_eq!(fixture.next_to_go(), [third]);
    assert_eq!(fixture.pool.totals(fixture.now).in_flight, 0);
    assert_eq!(fixture.pool.next_wake(), None);
}

#[test]
fn nobody_waits_behind_another_model_or_label() {
    let team = vec!["team".to_owned()];
    let keys = vec![spec("a"), crate::KeySpec { tags: team.clone(), ..spec("b") }];
    let mut fixture = Fixture::new(keys);
    let minute = spent_for(fixture.now, 60);
    fixture.attempt_with("b", "flash", &minute);
    let tagged = Ask { tags: &team, ..Ask::new(Some("flash")) };
    fixture.pool.enqueue("team", &tagged, fixture.now);
    assert_eq!(fixture.attempt("flash", &SERVED), "a");
    let other = fixture.enqueue("else", "flash");
    let woken = fixture.pool.wake(fixture.now);
    assert_eq!(woken.len(), 1);
    assert_eq!(woken[0].0, other);
}

#[test]
fn shares_are_fair_under_a_flood() {
    let ids: Vec<_> = (0..10).map(|id| format!("k{id}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let mut fixture = fixture(&ids);
    let mut clients: BTreeMap<WaiterId, usize> = BTreeMap::new();
    let mut served = [0; 3];
    for second in 0..600 {
        for (client, requests) in [(0, 10), (1, 3), (2, 1)] {
            for _ in 0..requests {
                if let Admission::Granted(lease) = fixture.admit("flash", &[]) {
                    served[client] += usize::from(second > 60);
                    fixture.end(lease, &Outcome::ClientFault);
                } else {
                    let id = fixture.enqueue(["a", "b", "c"][client], "flash");
                    clients.insert(id, client);
                }
            }
        }
        fixture.wait_seconds(1);
        for (id, lease) in fixture.pool.wake(fixture.now) {
            served[clients[&id]] += usize::from(second > 60);
            fixture.end(lease, &SERVED);
        }
    }
    let [most, least] = [served.iter().max().unwrap(), served.iter().min().unwrap()];
    assert!(*least * 10 >= *most * 8, "{served:?}");
}
