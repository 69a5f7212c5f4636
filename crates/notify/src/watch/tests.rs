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
    let mut pool = |ready, minute| {
        let totals = Some(totals(ready, 10 - ready));
        told(watch.pool(Platform::Gemini, totals, &rules, at(minute)))
    };
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
    assert_eq!(told(watch.pool(Platform::Gemini, Some(pool), &rules, at(0))), []);
    let pool = Totals { cooling: 1, dead: 9, ..pool };
    let message = watch.pool(Platform::Gemini, Some(pool), &rules, at(1)).remove(0);
    assert_eq!(message.text, "1 of 10 enabled keys usable (10 %).");
}

#[test]
fn what_nobody_asked_for_is_not_told() {
    let rules = rules(&[("NOTIFY_EVENTS", "pool_low"), ("NOTIFY_GROUP_TIME", "0")]);
    let mut watch = Watch::default();
    let mut pool = |ready, dead, minute| {
        told(watch.pool(Platform::Gemini, Some(totals(ready, dead)), &rules, at(minute)))
    };
    assert_eq!(pool(0, 3, 0), []);
    assert_eq!(pool(1, 9, 1), [("pool_low", "problem")]);
}

#[test]
fn each_of_googles_apis_has_a_pool_that_can_be_empty() {
    let rules = rules(&[]);
    let mut watch = Watch::default();
    let mut pool =
        |platform, totals: Option<Totals>, minute| watch.pool(platform, totals, &rules, at(minute));
    assert_eq!(told(pool(Platform::Gemini, Some(totals(3, 0)), 0)), []);
    let message = pool(Platform::Vertex, Some(totals(0, 2)), 0).remove(0);
    assert_eq!(message.title, "The key pool of Vertex AI is empty");
    assert_eq!(message.details["platform"], "vertex");
    let message = pool(Platform::Gemini, Some(totals(0, 3)), 1).remove(0);
    assert_eq!(message.title, "The key pool is empty");
    // Whoever takes the last key away expects nothing of the pool any more.
    assert_eq!(told(pool(Platform::Vertex, None, 2)), []);
    assert_eq!(told(pool(Platform::Vertex, Some(totals(2, 0)), 3)), []);
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
    let mut look = |empty_at, minute| {
        let forecasts =
            [(Platform::Gemini, forecast(empty_at)), (Platform::Vertex, forecast(None))];
        watch.forecasts(&forecasts, &rules, &zone, at(minute))
    };
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

    let short = [(Platform::Vertex, forecast(Some(40)))];
    assert_eq!(told(watch.forecasts(&short, &rules, &zone, at(30))), []);
    let message = watch.forecasts(&short, &rules, &zone, at(33)).remove(0);
    assert_eq!(message.title, "The quota of flash at Vertex AI will not last");
    assert_eq!(message.details["platform"], "vertex");
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
