use std::collections::BTreeMap;

use settings::Resolved;

use super::*;

fn rules(changed: &[(&str, &str)]) -> Notifications {
    let given = changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let given: BTreeMap<String, String> = given.collect();
    Resolved::new(&given, &BTreeMap::new()).unwrap().settings.notifications
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * 60_000)
}

fn totals(ready: usize, dead: usize) -> Totals {
    Totals { total: ready + dead, ready, dead, ..Totals::default() }
}

#[expect(clippy::needless_pass_by_value, reason = "what was told is asked for in place")]
fn told(messages: Vec<Message>) -> Vec<(&'static str, &'static str)> {
    messages.iter().map(|message| (message.about.name(), message.state.name())).collect()
}

#[test]
fn an_empty_pool_is_told_at_once_and_a_low_one_after_a_minute() {
    let rules = rules(&[]);
    let mut watch = Watch::default();
    let mut pool = |ready, minute| told(watch.pool(totals(ready, 10 - ready), &rules, at(minute)));
    assert_eq!(pool(2, 0), [], "a fifth is not below a fifth");
    assert_eq!(pool(1, 1), []);
    assert_eq!(pool(1, 2), [("pool_low", "problem")]);
    assert_eq!(pool(0, 3), [("pool_empty", "problem")]);
    assert_eq!(pool(0, 4), []);
    assert_eq!(pool(1, 5), []);
    assert_eq!(pool(1, 6), [("pool_empty", "over")]);
    assert_eq!(pool(5, 7), []);
    assert_eq!(pool(5, 8), [("pool_low", "over")]);
    assert_eq!(pool(5, 9), []);
}

#[test]
fn keys_out_of_quota_are_usable_and_disabled_ones_do_not_count() {
    let rules = rules(&[("NOTIFY_GROUP_TIME", "0")]);
    let mut watch = Watch::default();
    let pool = Totals { total: 50, cooling: 2, disabled: 40, dead: 8, ..Totals::default() };
    assert_eq!(told(watch.pool(pool, &rules, at(0))), []);
    let pool = Totals { cooling: 1, dead: 9, ..pool };
    let message = watch.pool(pool, &rules, at(1)).remove(0);
    assert_eq!(message.text, "1 of 10 enabled keys usable (10 %).");
}

#[test]
fn what_nobody_asked_for_is_not_told() {
    let rules = rules(&[("NOTIFY_EVENTS", "pool_low"), ("NOTIFY_GROUP_TIME", "0")]);
    let mut watch = Watch::default();
    assert_eq!(told(watch.pool(totals(0, 3), &rules, at(0))), []);
    assert_eq!(told(watch.pool(totals(1, 9), &rules, at(1))), [("pool_low", "problem")]);
}

#[test]
fn a_forecast_must_hold_before_it_is_told() {
    let rules = rules(&[]);
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let forecast = |empty_at: Option<i64>| Forecast {
        model: "flash".into(),
        rate_per_minute: 10,
        used_today: 700,
        left_today: 300,
        unknown_projects: 0,
        empty_at: empty_at.map(at),
        renewed_at: at(8 * 60),
    };
    let mut watch = Watch::default();
    let mut look =
        |empty_at, minute| watch.forecasts(&[forecast(empty_at)], &rules, &zone, at(minute));
    assert_eq!(told(look(Some(40), 0)), []);
    assert_eq!(told(look(None, 1)), []);
    assert_eq!(told(look(Some(40), 2)), []);
    let message = look(Some(40), 5).remove(0);
    assert_eq!(message.title, "The quota of flash will not last");
    assert_eq!(
        message.text,
        "At 10 requests a minute the 300 that are left today are used up at 08:40. The quota is \
         renewed at 16:00."
    );
    assert_eq!(told(look(Some(45), 6)), []);
    assert_eq!(told(look(None, 7)), []);
    assert_eq!(told(look(None, 22)), [("forecast", "over")]);
}

#[test]
fn many_failures_of_few_requests_are_no_burst() {
    let rules = rules(&[]);
    let mut watch = Watch::default();
    let mut look = |failed, requests, minute| {
        watch.failures(Failures { requests, failed }, &rules, at(minute))
    };
    assert_eq!(told(look(19, 19, 0)), []);
    assert_eq!(told(look(59, 200, 1)), []);
    let message = look(60, 200, 2).remove(0);
    assert_eq!(message.title, "30 % of the requests fail");
    assert_eq!(message.text, "In the last five minutes 60 of 200 requests failed.");
    assert_eq!(told(look(90, 200, 3)), []);
    assert_eq!(told(look(0, 0, 4)), []);
    assert_eq!(told(look(0, 50, 9)), [("error_burst", "over")]);
}
