use super::*;
use crate::world;

fn problem(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

/// A pool of one key that one client asks, and these further fields.
fn with(more: &str) -> String {
    format!(r#"{{"keys": [{{}}], "load": [{{"model": "m", "per_minute": 6}}]{more}}}"#)
}

#[test]
fn a_key_and_a_load_are_enough() {
    let scenario = parse(&with("")).unwrap();
    assert_eq!(scenario.keys, [SimKey::new(None, Fault::None)]);
    assert_eq!(scenario.quotas, [[Quota::default()]]);
    let report = world::run(&scenario);
    assert!((90..150).contains(&report.served), "{report}");
    assert_eq!((report.served, report.possible), (report.arrivals.len(), report.served));
}

#[test]
fn the_example_is_a_pool_file_and_reads_as_it_stands() {
    let scenario = parse(include_str!("../../example.json")).unwrap();
    assert_eq!(scenario.keys.len(), 9);
    assert_eq!(&*scenario.models[1], "gemini-2.5-pro");
    let quota = |key: usize, model: usize| {
        let Quota { rpm, tpm, rpd } = scenario.quotas[key][model];
        [rpm, tpm, rpd].map(Option::unwrap)
    };
    assert_eq!(quota(0, 0), [10, 250_000, 200]);
    assert_eq!(quota(0, 1), [5, 250_000, 200], "the model's own limit counts");
    assert_eq!(quota(6, 1), [60, 250_000, 5_000], "and before it the project's");
    assert_eq!(scenario.declared.len(), 2);
    assert_eq!(scenario.projects(), [0, 0, 0, 3, 4, 5, 6, 7, 8]);
    let report = world::run(&scenario);
    assert!(report.share() > 0.9 && report.waste() <= 0.02, "{report}");
    assert_eq!(report.dead, 1);
}

#[test]
fn what_is_wrong_is_named() {
    for (file, says) in [
        ("{}", "the file: missing field `keys`"),
        ("{", "the file: EOF"),
        (&with(r#", "minute": 3"#), "minute: unknown field `minute`, expected one of `name`"),
        (&with(r#", "minutes": 0"#), "minutes: expected 1 to 10080, not 0"),
        (&with(r#", "minutes": "3""#), "minutes: invalid type: string"),
        (&with(r#", "strategy": "fastest""#), "strategy: unknown strategy \"fastest\""),
        (&with(r#", "start": "noon""#), "start: "),
        (&with(r#", "answers_take_ms": [9, 1]"#), "answers_take_ms: expected [from, to]"),
        (
            r#"{"keys": [{}, {"fault": "lazy"}], "load": []}"#,
            "keys[1].fault: \"lazy\" is no fault: none, half, cuts, mute, invalid",
        ),
        (r#"{"keys": [{"count": 0}], "load": []}"#, "keys: expected 1 to 50000 keys in all, not 0"),
        (r#"{"keys": [{"tier": 300}], "load": []}"#, "keys[0].tier: invalid value"),
        (r#"{"keys": [{}], "load": []}"#, "load: expected at least one entry"),
        (
            r#"{"keys": [{}], "load": [{"model": "m", "per_minute": -1}]}"#,
            "load[0].per_minute: expected a rate above 0, not -1",
        ),
        (
            r#"{"keys": [{}], "load": [{"model": "m", "per_minute": 1, "tags": ["x"]}]}"#,
            "load[0].tags: no key has any of [\"x\"]",
        ),
        (
            &with(r#", "limits": [{"window": "hour", "limit": 1}]"#),
            "limits[0].window: unknown quota window \"hour\"",
        ),
        (
            &with(r#", "limits": [{"window": "day_tokens", "limit": 1}]"#),
            "limits[0].window: day_tokens is not simulated",
        ),
        (
            &with(r#", "limits": [{"window": "day_requests", "limit": 0}]"#),
            "limits[0].limit: expected at least 1",
        ),
        (
            &with(r#", "limits": [{"window": "day_requests", "limit": 1, "project": "p"}]"#),
            "limits[0].project: no key belongs to it",
        ),
        (
            &with(r#", "limits": [{"window": "day_requests", "limit": 1, "model": "n*"}]"#),
            "limits[0].model: nobody asks for it",
        ),
        (
            &with(r#", "outages": [{"from_minute": 2, "to_minute": 2, "answer": "busy"}]"#),
            "outages[0].to_minute: expected more than from_minute, 2",
        ),
        (
            &with(r#", "outages": [{"from_minute": 1, "to_minute": 2, "answer": "tired"}]"#),
            "outages[0].answer: unknown variant `tired`",
        ),
    ] {
        let problem = problem(file);
        assert!(problem.starts_with(says), "{problem}\nshould begin with\n{says}");
    }
}

#[test]
fn tiers_are_kept_to_while_the_lower_one_has_room() {
    let file = r#"{
        "keys": [{"count": 2}, {"tier": 1}],
        "limits": [{"window": "minute_requests", "limit": 30}],
        "load": [{"model": "m", "per_minute": 20}]
    }"#;
    let report = world::run(&parse(file).unwrap());
    assert_eq!(report.calls.get("k2"), None, "{report}");
    assert_eq!(report.served, report.arrivals.len());
}
