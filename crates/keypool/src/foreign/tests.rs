use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::meter::Entry;
use crate::{CellName, Domain};

const DAY_ENDS: Timestamp = Timestamp::from_millis(86_400_000);

fn at(millis: i64) -> Moment {
    let now = Timestamp::from_millis(millis);
    let day_ends = if now < DAY_ENDS { DAY_ENDS } else { DAY_ENDS + Duration::from_hours(24) };
    Moment { now, day_ends }
}

fn amount(requests: u64, tokens: u64) -> Amount {
    Amount { requests, tokens }
}

/// What somebody says at a moment whose own meter this is.
fn word(by: &str, meter: &Meter, moment: Moment) -> LearnedUsage {
    LearnedUsage {
        by: ReplicaId::new(by),
        name: CellName { domain: Domain::Project("p".into()), model: Some("flash".into()) },
        day_ends: moment.day_ends,
        day: meter.day(moment).into(),
        minute: meter.minute(moment.now).into(),
        at: meter.last_use().unwrap_or(moment.now),
    }
}

#[test]
fn a_report_replaces_the_one_before() {
    let mut foreign = Foreign::default();
    let mut other = Meter::default();
    for second in 0..3 {
        let now = at(1_000_000 + second * 20_000);
        other.count(100, now);
        foreign.report(&word("b", &other, now), now);
        // Told twice, it is the same.
        foreign.report(&word("b", &other, now), now);
    }
    let now = at(1_060_000);
    assert_eq!(foreign.minute().minute(now.now), amount(3, 300));
    assert_eq!(foreign.minute().minute(at(1_060_150).now), amount(2, 200));
    assert_eq!(foreign.minute().minute(at(1_080_150).now), amount(1, 100));
    assert_eq!(foreign.day(now), amount(3, 300));
    assert!(!foreign.is_empty(at(2_000_000)));
}

#[test]
fn everybody_counts() {
    let mut foreign = Foreign::default();
    let now = at(1_000_000);
    for by in ["b", "c"] {
        let mut other = Meter::default();
        other.count(10, now);
        foreign.report(&word(by, &other, now), now);
    }
    assert_eq!(foreign.day(now), amount(2, 20));
    assert_eq!(foreign.minute().minute(now.now), amount(2, 20));
}

#[test]
fn a_new_day_begins_with_nothing_but_its_first_minute() {
    let mut foreign = Foreign::default();
    let mut other = Meter::default();
    let evening = at(86_390_000);
    other.count(10, evening);
    foreign.report(&word("b", &other, evening), evening);
    let morning = at(86_410_000);
    assert_eq!(foreign.day(morning), amount(0, 0), "though nobody has said anything yet");
    assert_eq!(foreign.minute().minute(morning.now), amount(1, 10));
    other.count(10, morning);
    foreign.report(&word("b", &other, morning), morning);
    assert_eq!(foreign.day(morning), amount(1, 10));
    assert!(foreign.minute().minute(morning.now).requests >= 2);
    assert_eq!(foreign.minute().minute(at(86_480_000).now), amount(0, 0));
    // What was said yesterday and is read today only is of yesterday.
    let mut late = Foreign::default();
    late.report(&word("c", &Meter::default(), evening), morning);
    assert!(late.is_empty(morning));
}

#[test]
fn an_estimate_that_was_too_high_is_taken_back() {
    let mut foreign = Foreign::default();
    let mut other = Meter::default();
    let entry = other.count(1_000, at(5_000));
    foreign.report(&word("b", &other, at(5_000)), at(5_000));
    other.correct(entry, Some(400), at(7_000));
    foreign.report(&word("b", &other, at(7_000)), at(7_000));
    assert_eq!(foreign.minute().minute(at(7_000).now), amount(1, 400));
    other.correct(Entry { tokens: 400, ..entry }, None, at(8_000));
    foreign.report(&word("b", &other, at(8_000)), at(8_000));
    assert_eq!(foreign.minute().minute(at(8_000).now), amount(0, 0));
    assert_eq!(foreign.day(at(8_000)), amount(0, 0));
}

#[test]
fn two_projects_that_are_one_have_used_the_sum() {
    let now = at(1_000_000);
    let mut parts = ["b", "b", "c"].map(|by| {
        let (mut foreign, mut other) = (Foreign::default(), Meter::default());
        other.count(10, now);
        foreign.report(&word(by, &other, now), now);
        foreign
    });
    let [whole, rest @ ..] = &mut parts;
    for part in rest.iter() {
        whole.merge(part);
    }
    assert_eq!(whole.day(now), amount(3, 30));
    assert_eq!(whole.minute().minute(now.now), amount(3, 30));
    // The others find out too, and say so.
    let mut other = Meter::default();
    other.count(10, now);
    other.count(10, now);
    whole.report(&word("b", &other, now), now);
    assert_eq!(whole.day(now), amount(3, 30));
    assert_eq!(whole.minute().minute(now.now), amount(3, 30));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Right after a report as much is counted as the other counts itself, or a little more: what
    /// it used since the report before counts as if used at its last use. Its day is exact. The
    /// minute is to a tenth of a second, since uses of one burst leave the minute together.
    #[test]
    fn nothing_is_missed(
        uses in proptest::collection::vec((0i64..3_000, 0u64..1_000, any::<bool>()), 1..300),
    ) {
        let (mut foreign, mut other) = (Foreign::default(), Meter::default());
        let (mut now, mut used) = (1_000_000, Vec::new());
        let mut reported = now;
        for (pause, tokens, tells) in uses {
            now += pause;
            // Whoever has used something says so every second.
            if tells || now - reported > 1_000 {
                foreign.report(&word("b", &other, at(now)), at(now));
                reported = now;
                let (told, own) = (foreign.minute().minute(at(now).now), other.minute(at(now + 100).now));
                prop_assert!(told.requests >= own.requests && told.tokens >= own.tokens);
                let since = |time: &&i64| **time > now - SPAN.as_millis() as i64 - 4_200;
                prop_assert!(told.requests as usize <= used.iter().filter(since).count());
                prop_assert_eq!(foreign.day(at(now)), other.day(at(now)));
            }
            other.count(tokens, at(now));
            used.push(now);
        }
    }
}
