use proptest::prelude::*;

use super::*;
use crate::limits::Calendar;

/// Noon of a day in the middle of a month.
const NOON: i64 = 1_763_640_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOON + seconds * 1000)
}

struct Bench {
    meter: Meter,
    calendar: Calendar,
    limits: TokenLimits,
}

impl Bench {
    fn new(limits: TokenLimits) -> Self {
        Self { meter: Meter::default(), calendar: Calendar::new("UTC"), limits }
    }

    fn ask(&self, amount: Amount, now: Timestamp) -> Result<Reserved, Refused> {
        self.share(amount, now, 1)
    }

    fn share(&self, amount: Amount, now: Timestamp, replicas: u64) -> Result<Reserved, Refused> {
        self.meter.reserve(&self.limits, amount, &self.calendar.day(now), now, replicas)
    }

    fn standing(&self, now: Timestamp) -> Standing {
        self.meter.standing(&self.calendar.day(now), now)
    }
}

fn tokens(tokens: u64) -> Amount {
    Amount { requests: 1, tokens, nanos: tokens * 10 }
}

#[track_caller]
fn refused(answer: Result<Reserved, Refused>) -> (Limit, u64) {
    let refused = answer.unwrap_err();
    (refused.limit, refused.wait.as_secs())
}

#[test]
fn the_third_request_of_a_minute_waits_until_the_first_has_left_it() {
    let bench = Bench::new(TokenLimits { requests_per_minute: Some(2), ..TokenLimits::default() });
    bench.ask(tokens(0), at(0)).unwrap();
    bench.ask(tokens(0), at(20)).unwrap();
    assert_eq!(refused(bench.ask(tokens(0), at(31))), (Limit::MinuteRequests, 30));
    assert!(bench.ask(tokens(0), at(60)).is_err());
    assert!(bench.ask(tokens(0), at(61)).is_ok(), "as was promised");
    assert_eq!(refused(bench.ask(tokens(0), at(61))), (Limit::MinuteRequests, 20));
}

#[test]
fn tokens_are_reserved_by_guess_and_corrected_by_count() {
    let limits = TokenLimits { tokens_per_minute: Some(100), ..TokenLimits::default() };
    let bench = Bench::new(limits);
    let first = bench.ask(tokens(60), at(0)).unwrap();
    assert_eq!(refused(bench.ask(tokens(60), at(1))), (Limit::MinuteTokens, 60));
    bench.meter.settle(&first, Some(tokens(30)));
    let second = bench.ask(tokens(60), at(2)).unwrap();
    bench.meter.settle(&second, None);
    let standing = bench.standing(at(3));
    assert_eq!((standing.minute_requests, standing.minute_tokens), (1, 30));
    assert_eq!((standing.day, standing.in_flight), (tokens(30), 0), "what came to nothing is none");
}

#[test]
fn a_request_larger_than_the_whole_limit_is_served_when_nothing_else_was_used() {
    let limits = TokenLimits { tokens_per_day: Some(100), ..TokenLimits::default() };
    let bench = Bench::new(limits);
    let large = bench.ask(tokens(500), at(0)).unwrap();
    bench.meter.settle(&large, Some(tokens(80)));
    assert!(bench.ask(tokens(500), at(1)).is_err());
    assert!(bench.ask(tokens(20), at(1)).is_ok());
}

#[test]
fn running_requests_are_counted_until_they_end() {
    let bench = Bench::new(TokenLimits { concurrency: Some(1), ..TokenLimits::default() });
    let running = bench.ask(tokens(1), at(0)).unwrap();
    assert_eq!(refused(bench.ask(tokens(1), at(3600))), (Limit::Concurrency, 1));
    bench.meter.settle(&running, Some(tokens(1)));
    assert!(bench.ask(tokens(1), at(3600)).is_ok());
}

#[test]
fn days_end_at_midnight_and_months_with_their_last_day() {
    let limits = TokenLimits {
        requests_per_day: Some(1),
        budget_per_month: Some(Cost::from_nanos(25)),
        ..TokenLimits::default()
    };
    let bench = Bench::new(limits);
    bench.ask(tokens(2), at(0)).unwrap();
    assert_eq!(refused(bench.ask(tokens(0), at(1))), (Limit::DayRequests, 12 * 3600 - 1));
    let tomorrow = at(12 * 3600);
    assert!(bench.ask(tokens(0), tomorrow).is_ok());
    let (limit, wait) = refused(bench.ask(tokens(1), at(36 * 3600)));
    assert_eq!(limit, Limit::MonthBudget, "the longest wait is told");
    let next_month = at(36 * 3600 + wait as i64);
    assert_eq!(&*bench.calendar.day(next_month).name, "2025-12-01");
    assert!(bench.ask(tokens(1), next_month).is_ok());
}

#[test]
fn what_others_used_counts_for_days_and_months() {
    let limits = TokenLimits {
        requests_per_day: Some(10),
        budget_per_month: Some(Cost::from_nanos(1_000)),
        ..TokenLimits::default()
    };
    let bench = Bench::new(limits);
    let today = bench.calendar.day(at(0)).name.clone();
    bench.meter.learn(&today, Amount { requests: 9, tokens: 0, nanos: 0 });
    assert!(bench.ask(tokens(0), at(0)).is_ok());
    assert_eq!(refused(bench.ask(tokens(0), at(0))).0, Limit::DayRequests);
    let earlier = Arc::from("2025-11-01");
    bench.meter.learn(&earlier, Amount { requests: 1, tokens: 1, nanos: 1_000 });
    assert_eq!(refused(bench.ask(tokens(1), at(0))).0, Limit::MonthBudget);
    assert_eq!(bench.standing(at(0)).month, Cost::from_nanos(1_000));
}

#[test]
fn processes_that_do_not_hear_of_each_other_share_what_is_allowed() {
    let limits = TokenLimits {
        requests_per_minute: Some(5),
        concurrency: Some(1),
        ..TokenLimits::default()
    };
    let bench = Bench::new(limits);
    for _ in 0..2 {
        let one = bench.share(tokens(0), at(0), 2).unwrap();
        bench.meter.settle(&one, Some(tokens(0)));
    }
    assert_eq!(refused(bench.share(tokens(0), at(0), 2)), (Limit::MinuteRequests, 61));
    assert!(bench.share(tokens(0), at(61), 100).is_ok(), "never none");
}

#[test]
fn news_are_totals_and_told_once() {
    let bench = Bench::new(TokenLimits::default());
    let reserved = bench.ask(tokens(0), at(0)).unwrap();
    bench.meter.settle(&reserved, Some(tokens(7)));
    bench.ask(tokens(1), at(5)).unwrap();
    let from = IpAddr::from([203, 0, 113, 7]);
    bench.meter.is_used_from(from);
    let (news, last_use) = bench.meter.take_news("id");
    let expected = TokenUse { token_id: "id".to_owned(), at: at(5), from: Some(from) };
    assert_eq!(last_use, Some(expected));
    let [usage] = &news[..] else { panic!("{news:?}") };
    assert_eq!((usage.day.as_str(), usage.requests, usage.tokens), ("2025-11-20", 2, 8));
    assert_eq!(usage.cost, Cost::from_nanos(80));
    assert_eq!(bench.meter.take_news("id"), (Vec::new(), None));
}

#[derive(Clone, Debug)]
enum Step {
    Pass(i64),
    Ask(u64),
    /// Ends the running request at this place, having used so much or nothing at all.
    End(prop::sample::Index, Option<u64>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..20_i64).prop_map(Step::Pass),
        (0..60_u64).prop_map(Step::Ask),
        (any::<prop::sample::Index>(), prop::option::of(0..90_u64))
            .prop_map(|(place, used)| Step::End(place, used)),
    ];
    prop::collection::vec(step, 1..120)
}

proptest! {
    /// Whatever comes when: no minute has more requests than allowed, no more run at a time than
    /// allowed, tokens go beyond their limit by no more than running requests used beyond their
    /// guess, and what was promised is kept.
    #[test]
    fn limits_hold_and_every_reservation_is_settled(steps in steps()) {
        let limits = TokenLimits {
            requests_per_minute: Some(5),
            tokens_per_minute: Some(100),
            tokens_per_day: Some(1_000),
            concurrency: Some(3),
            ..TokenLimits::default()
        };
        let bench = Bench::new(limits);
        let mut now = 0;
        let mut running: Vec<Reserved> = Vec::new();
        // When each began, what was reserved and what it used.
        let mut began: Vec<(i64, u64, u64)> = Vec::new();
        let mut ends: Vec<usize> = Vec::new();
        let mut promised: Option<i64> = None;
        for step in steps {
            match step {
                Step::Pass(seconds) => now += seconds,
                Step::Ask(guess) => match bench.ask(tokens(guess), at(now)) {
                    Ok(reserved) => {
                        running.push(reserved);
                        ends.push(began.len());
                        began.push((now, guess, guess));
                    }
                    Err(refused) => {
                        let wait = refused.wait.as_millis().div_ceil(1000) as i64;
                        prop_assert!(refused.limit == Limit::Concurrency || wait > 0);
                        promised = Some(now + wait).filter(|_| running.is_empty());
                    }
                },
                Step::End(place, used) if !running.is_empty() => {
                    let place = place.index(running.len());
                    let reserved = running.remove(place);
                    let index = ends.remove(place);
                    bench.meter.settle(&reserved, used.map(tokens));
                    match used {
                        Some(used) => began[index].2 = used,
                        None => began[index] = (i64::MIN / 2, 0, 0),
                    }
                    promised = None;
                }
                Step::End(..) => {}
            }
            let minute: Vec<_> = began.iter().filter(|(at, ..)| now - at < 60).collect();
            prop_assert!(minute.len() <= 5);
            prop_assert!(running.len() <= 3);
            let used: u64 = minute.iter().map(|(_, _, used)| used).sum();
            let beyond: u64 = minute.iter().map(|(_, guess, used)| used.saturating_sub(*guess)).sum();
            prop_assert!(used <= 100 + beyond);
        }
        for (reserved, index) in running.drain(..).zip(ends) {
            bench.meter.settle(&reserved, Some(tokens(began[index].1)));
            began[index].2 = began[index].1;
        }
        let standing = bench.standing(at(now));
        let total: u64 = began.iter().map(|(_, _, used)| used).sum();
        prop_assert_eq!(standing.in_flight, 0);
        prop_assert_eq!(standing.day.tokens, total);
        if let Some(moment) = promised && moment < 12 * 3600 {
            prop_assert!(bench.ask(tokens(0), at(moment)).is_ok(), "what was promised is kept");
        }
    }
}
