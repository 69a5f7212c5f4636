use super::*;
use crate::Scope;

const DAY_ENDS: Timestamp = Timestamp::from_millis(86_400_000);

fn at(millis: i64) -> Moment {
    Moment { now: Timestamp::from_millis(millis), day_ends: DAY_ENDS }
}

fn spent(window: Window, limit: u64) -> QuotaSpent {
    QuotaSpent { window, scope: Scope::Model, until: None, limit: Some(limit), quota_id: None }
}

fn learned(window: Window, limit: u64, millis: i64) -> Cell {
    let mut cell = Cell::default();
    cell.change_limits(|limits| {
        limits.learn(window, limit, at(millis).now, &Policy::default());
    });
    cell
}

const SERVED: Fate = Fate::Used(None);

#[test]
fn a_known_limit_is_kept() {
    let mut cell = learned(Window::MinuteRequests, 3, 0);
    for second in 0..3 {
        assert_eq!(cell.obstacle(10, at(second * 1_000)), None);
        let reservation = cell.reserve(10, at(second * 1_000));
        cell.settle(reservation, SERVED, at(second * 1_000 + 500));
    }
    let full = Full { until: at(60_150).now, window: Window::MinuteRequests, limit: 3 };
    assert_eq!(cell.obstacle(10, at(2_500)), Some(full));
    assert_eq!(cell.obstacle(10, at(60_149)), Some(full));
    assert_eq!(cell.obstacle(10, at(60_150)), None);
    assert_eq!(cell.pressure(at(2_500)), 1000);
}

#[test]
fn what_one_cell_learns_is_not_its_neighbours() {
    let declared = Arc::new(Limits::declared([Some(5), None, None, None]));
    let mut one = Cell::limited(Arc::clone(&declared));
    let other = Cell::limited(declared);
    let limit = |cell: &Cell| cell.limits().unwrap().value(Window::MinuteRequests);
    one.change_limits(|limits| {
        limits.learn(Window::MinuteRequests, 1, at(0).now, &Policy::default());
    });
    assert_eq!((limit(&one), limit(&other)), (Some(1), Some(5)));
    let full = |mut cell: Cell| {
        let _ = cell.reserve(0, at(0));
        cell.obstacle(0, at(1)).is_some()
    };
    assert!(full(one));
    assert!(!full(other));
}

#[test]
fn tokens_are_reserved_by_estimate_and_settled_by_usage() {
    let mut cell = learned(Window::MinuteTokens, 1_000, 0);
    let reservation = cell.reserve(900, at(0));
    assert!(cell.obstacle(200, at(0)).is_some());
    cell.settle(reservation, Fate::Used(Some(300)), at(1_000));
    assert_eq!(cell.obstacle(700, at(1_000)), None);
    let full = cell.obstacle(701, at(1_000)).unwrap();
    assert_eq!((full.until, full.limit), (at(60_150).now, 1_000));
    // What is larger than the window needs it empty.
    assert!(cell.obstacle(5_000, at(1_000)).is_some());
    assert_eq!(cell.obstacle(5_000, at(60_150)), None);
}

#[test]
fn what_google_did_not_count_is_given_back() {
    let mut cell = learned(Window::DayRequests, 1, 0);
    let reservation = cell.reserve(1, at(0));
    let full = cell.obstacle(1, at(0)).unwrap();
    assert_eq!((full.until, full.window), (DAY_ENDS, Window::DayRequests));
    cell.settle(reservation, Fate::Unused, at(10));
    assert_eq!(cell.obstacle(1, at(10)), None);
    assert_eq!(cell.reserved, 0);
}

#[test]
fn a_limit_that_others_have_used_up_is_full() {
    let mut cell = Cell::default();
    let until = at(40_000).now;
    let policy = Policy::default();
    assert!(cell.spend(&spent(Window::MinuteRequests, 8), until, 0, 0, &policy, at(0)));
    assert!(!cell.spend(&spent(Window::MinuteRequests, 8), until, 0, 0, &policy, at(0)));
    assert_eq!(cell.obstacle(1, at(0)).map(|full| full.until), Some(until));
    assert!(cell.spend(&spent(Window::DayRequests, 20), DAY_ENDS, 0, 0, &policy, at(0)));
    assert_eq!(cell.obstacle(1, at(70_000)).map(|full| full.until), Some(DAY_ENDS));
    let next_day = Moment { day_ends: DAY_ENDS + Duration::from_hours(24), ..at(86_400_000) };
    assert_eq!(cell.obstacle(1, next_day), None);
}

#[test]
fn one_request_beyond_an_old_limit_is_tried_at_a_time() {
    let mut cell = learned(Window::MinuteRequests, 2, 0);
    let day = 90_000_000;
    let moment = |millis| Moment { now: Timestamp::from_millis(millis), day_ends: Timestamp::MAX };
    for _ in 0..2 {
        let reservation = cell.reserve(1, moment(day));
        assert!(!reservation.is_probe);
        cell.settle(reservation, SERVED, moment(day));
    }
    assert_eq!(cell.obstacle(1, moment(day)), None);
    let probe = cell.reserve(1, moment(day));
    assert!(probe.is_probe);
    assert!(cell.obstacle(1, moment(day)).is_some());
    cell.settle(probe, SERVED, moment(day + 100));
    assert!(cell.raise(moment(day + 100)));
    assert_eq!(cell.limits().unwrap().value(Window::MinuteRequests), Some(3));
    assert!(cell.obstacle(1, moment(day + 100)).is_some(), "not again at once");
}

#[test]
fn every_outcome_tells_whether_google_counted() {
    let usage = Usage { prompt: 5, tool_prompt: 2, completion: 100, ..Usage::default() };
    assert_eq!(Fate::of(&Outcome::Served { usage }), Fate::Used(Some(7)));
    let usage = Usage::default();
    assert_eq!(Fate::of(&Outcome::Cancelled { usage }), Fate::Used(None));
    assert_eq!(Fate::of(&Outcome::LinkBroken(Phase::Connect)), Fate::Unused);
    assert_eq!(Fate::of(&Outcome::LinkBroken(Phase::Cut)), Fate::Used(None));
    assert_eq!(Fate::of(&Outcome::ModelBusy), Fate::Used(None));
    assert_eq!(Fate::of(&Outcome::QuotaSpent(spent(Window::Spend, 1))), Fate::Unused);
}
