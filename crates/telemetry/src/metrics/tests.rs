use super::*;

fn end() -> RequestEnd {
    RequestEnd {
        dialect: "openai",
        status: 200,
        stream: true,
        duration: Duration::from_millis(300),
        first_byte: Some(Duration::from_millis(40)),
        prompt_tokens: 7,
        completion_tokens: 5,
    }
}

/// The lines that begin with `gemini_balance_` and `name`.
fn lines(metrics: &Metrics, name: &str) -> Vec<String> {
    let start = format!("gemini_balance_{name}");
    let mut lines: Vec<String> = metrics
        .encode()
        .lines()
        .filter(|line| line.starts_with(&start))
        .map(|line| line["gemini_balance_".len()..].into())
        .collect();
    lines.sort();
    lines
}

#[test]
fn a_request_is_counted_once_with_all_it_took() {
    let metrics = Metrics::new("1.2.3");
    metrics.request_began();
    metrics.request_began();
    metrics.request_ended(&end());
    assert_eq!(lines(&metrics, "requests_in_flight"), ["requests_in_flight 1"]);
    let counted: Vec<String> =
        lines(&metrics, "requests_total").into_iter().filter(|line| line.ends_with(" 1")).collect();
    let expected =
        [r#"requests_total{dialect="openai",status_class="2xx",stream="true"} 1"#.to_owned()];
    assert_eq!(counted, expected);
    for line in [
        r#"request_duration_seconds_sum{dialect="openai"} 0.3"#,
        r#"request_duration_seconds_count{dialect="openai"} 1"#,
        r#"request_duration_seconds_bucket{le="0.25",dialect="openai"} 0"#,
        r#"request_duration_seconds_bucket{le="0.5",dialect="openai"} 1"#,
        r#"first_byte_seconds_bucket{le="0.05",dialect="openai"} 1"#,
        r#"tokens_total{kind="prompt"} 7"#,
        r#"tokens_total{kind="completion"} 5"#,
    ] {
        assert_eq!(lines(&metrics, line), [line]);
    }
}

#[test]
fn a_request_without_an_answer_has_no_first_byte() {
    let metrics = Metrics::new("1.2.3");
    metrics.request_ended(&RequestEnd { status: 499, first_byte: None, ..end() });
    let line = r#"first_byte_seconds_count{dialect="openai"} 0"#;
    assert_eq!(lines(&metrics, line), [line]);
    let line = r#"requests_total{dialect="openai",status_class="4xx",stream="true"} 1"#;
    assert_eq!(lines(&metrics, line), [line]);
}

#[test]
fn attempts_are_counted_by_every_outcome_of_the_pool() {
    let metrics = Metrics::new("1.2.3");
    for outcome in Outcome::LABELS {
        metrics.attempt(outcome);
        let line = format!(r#"attempts_total{{outcome="{outcome}"}} 1"#);
        assert_eq!(lines(&metrics, &line), [line]);
    }
}

#[test]
fn the_pool_and_the_queue_are_shown_as_they_are_now() {
    let metrics = Metrics::new("1.2.3");
    metrics.set_pool(&PoolGauges { ready: 5, cooling: 4, dead: 3, disabled: 2 });
    metrics.set_log_queue(100, 3);
    metrics.set_log_queue(0, 4);
    assert_eq!(
        lines(&metrics, "pool_"),
        [
            r#"pool_keys{state="cooling"} 4"#,
            r#"pool_keys{state="dead"} 3"#,
            r#"pool_keys{state="disabled"} 2"#,
            r#"pool_keys{state="ready"} 5"#,
        ]
    );
    assert_eq!(lines(&metrics, "log_queue"), ["log_queue_dropped_total 4", "log_queue_rows 0"]);
}

#[test]
fn the_version_is_an_information() {
    let expected = [r#"build_info{version="1.2.3"} 1"#];
    assert_eq!(lines(&Metrics::new("1.2.3"), "build"), expected);
}

#[test]
fn every_family_is_explained_and_the_text_is_whole() {
    let text = Metrics::new("1.2.3").encode();
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(count("# HELP gemini_balance_"), 15);
    assert_eq!(count("# TYPE gemini_balance_"), 15);
    assert!(text.contains("# UNIT gemini_balance_first_byte_seconds seconds\n"));
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn every_status_belongs_to_a_class() {
    for status in 0..1000 {
        assert!(STATUS_CLASS.values.contains(&status_class(status)), "{status}");
    }
}
