use proptest::prelude::*;

use super::*;

const DAY_ENDS: Timestamp = Timestamp::from_millis(86_400_000);

fn at(millis: i64) -> Moment {
    Moment { now: Timestamp::from_millis(millis), day_ends: DAY_ENDS }
}

fn amount(requests: u64, tokens: u64) -> Amount {
    Amount { requests, tokens }
}

#[test]
fn uses_leave_the_minute_but_not_the_day() {
    let mut meter = Meter::default();
    meter.count(100, at(0));
    meter.count(50, at(30_000));
    assert_eq!(meter.minute(at(60_000).now), amount(2, 150));
    assert_eq!(meter.minute(at(60_150).now), amount(1, 50));
    meter.roll(at(90_300));
    assert_eq!(meter.minute(at(90_300).now), amount(0, 0));
    assert_eq!(meter.day(at(90_300)), amount(2, 150));
    let tomorrow = Moment { day_ends: DAY_ENDS + SPAN, ..at(86_400_000) };
    assert_eq!(meter.day(tomorrow), amount(0, 0));
}

#[test]
fn a_request_is_corrected_where_it_was_counted() {
    let mut meter = Meter::default();
    let first = meter.count(100, at(0));
    let second = meter.count(100, at(10_000));
    meter.correct(first, Some(700), at(20_000));
    meter.correct(second, None, at(20_000));
    assert_eq!(meter.minute(at(20_000).now), amount(1, 700));
    assert_eq!(meter.day(at(20_000)), amount(1, 700));
    // Too late for the minute, in time for the day.
    meter.correct(Entry { tokens: 700, ..first }, Some(1_000), at(70_000));
    assert_eq!(meter.minute(at(70_000).now), amount(0, 0));
    assert_eq!(meter.day(at(70_000)), amount(1, 1_000));
}

#[test]
fn it_knows_when_there_is_room_again() {
    let mut meter = Meter::default();
    for second in 0..10 {
        meter.count(10, at(second * 1_000));
    }
    let now = at(10_000).now;
    let frees = |most: u64| meter.minute_frees(None, now, |rest| rest.requests < most);
    assert_eq!(frees(11), Some(now));
    assert_eq!(frees(10), Some(at(60_150).now));
    assert_eq!(frees(8), Some(at(62_150).now));
    assert_eq!(frees(0), None);
    let tokens = meter.minute_frees(None, now, |rest| rest.tokens + 60 <= 100);
    assert_eq!(tokens, Some(at(65_150).now));
}

#[test]
fn a_clock_that_is_set_back_leaves_nothing_in_the_future() {
    let mut meter = Meter::default();
    meter.count(1, at(3_600_000));
    meter.roll(at(10_000));
    assert_eq!(meter.minute(at(10_000).now), amount(1, 1));
    assert_eq!(meter.minute(at(70_150).now), amount(0, 0));
}

#[test]
fn what_others_used_leaves_bit_by_bit() {
    let mut meter = Meter::default();
    meter.fill_minute(amount(8, 80), at(120_000).now, at(100_000));
    let left = |now| meter.minute(at(now).now).requests;
    assert_eq!(left(100_000), 8);
    assert_eq!(left(119_999), 8);
    assert_eq!(left(120_000), 7);
    assert_eq!(left(160_150), 0);
}

#[test]
fn the_first_that_others_used_leaves_when_google_says_so() {
    for requests in 1..20 {
        let mut meter = Meter::default();
        meter.fill_minute(amount(requests, 0), at(101_000).now, at(100_000));
        let left = |now| meter.minute(at(now).now).requests;
        assert_eq!(left(100_000), requests);
        assert_eq!(left(100_999), requests);
        assert!(left(101_000) < requests, "{requests}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Never less than what a plain list would count, and more only by what is a moment older.
    #[test]
    fn it_agrees_with_a_plain_list(
        uses in proptest::collection::vec((0i64..5_000, 0u64..1_000), 1..300),
    ) {
        let mut meter = Meter::default();
        let mut plain = Vec::new();
        let mut now = 0;
        for (pause, tokens) in uses {
            now += pause;
            meter.count(tokens, at(now));
            plain.push((now, tokens));
            let since = |span: i64| plain.iter().filter(|(time, _)| *time > now - span).count();
            let counted = meter.minute(at(now).now).requests as usize;
            let span = SPAN.as_millis() as i64;
            prop_assert!(counted >= since(span));
            prop_assert!(counted <= since(span + GRAIN));
            prop_assert!(meter.bursts.len() <= 604);
        }
    }
}

#[test]
fn room_is_made_by_whatever_leaves_first_of_two_meters() {
    let (mut own, mut other) = (Meter::default(), Meter::default());
    own.count(10, at(1_000));
    other.count(10, at(2_000));
    own.count(10, at(3_000));
    let now = at(4_000).now;
    let frees = |most: u64| own.minute_frees(Some(&other), now, |rest| rest.requests < most);
    assert_eq!(frees(4), Some(now));
    assert_eq!(frees(3), Some(at(61_150).now));
    assert_eq!(frees(2), Some(at(62_150).now));
    assert_eq!(frees(1), Some(at(63_150).now));
    assert_eq!(frees(0), None);
}

#[test]
fn what_was_too_much_is_taken_from_the_newest() {
    let mut meter = Meter::default();
    meter.count(100, at(0));
    meter.count(100, at(10_000));
    meter.take_back(amount(0, 150));
    assert_eq!(meter.minute(at(10_000).now), amount(2, 50));
    assert_eq!(meter.minute(at(60_150).now), amount(1, 0));
    meter.take_back(amount(9, 9_000));
    assert_eq!(meter.minute(at(10_000).now), amount(0, 0));
}
