use super::*;

fn canonical(kind: Kind, text: &str) -> String {
    parse(kind, text).map_or_else(|problem| format!("! {problem}"), |value| value.canonical())
}

#[track_caller]
fn check(kind: Kind, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(canonical(kind, text), *expected, "{text:?}");
    }
}

#[test]
fn switches_have_eight_forms_in_any_case() {
    check(
        Kind::Bool,
        &[
            ("true", "true"),
            ("True", "true"),
            ("1", "true"),
            ("YES", "true"),
            (" on ", "true"),
            ("false", "false"),
            ("0", "false"),
            ("no", "false"),
            ("Off", "false"),
            ("\"true\"", "true"),
            ("maybe", "! \"maybe\" is neither true nor false"),
        ],
    );
}

#[test]
fn numbers_keep_their_bounds() {
    check(
        Kind::Integer { min: 0, max: 10 },
        &[
            ("3", "3"),
            ("0", "0"),
            ("11", "! \"11\" is too large"),
            ("-1", "! \"-1\" is too small"),
            ("3.5", "! \"3.5\" is no whole number"),
            ("None", "! \"None\" is no whole number"),
        ],
    );
    check(
        Kind::Decimal { min: 0.0, max: 1.0 },
        &[
            ("0.016", "0.016"),
            ("1", "1"),
            ("NaN", "! \"NaN\" is no number"),
            ("2", "! \"2\" is too large"),
        ],
    );
}

#[test]
fn times_are_seconds_or_carry_a_unit() {
    check(
        Kind::Seconds { min: 0, max: 3600 },
        &[
            ("300", "300s"),
            ("5s", "5s"),
            ("5m", "300s"),
            ("1h", "3600s"),
            ("1.5", "1500ms"),
            ("250ms", "250ms"),
            ("0", "0s"),
            ("2 min", "120s"),
            ("2h", "! \"2h\" is too large"),
            ("-1", "! \"-1\" is too small"),
            ("5 days", "! \"5 days\" is no length of time"),
            ("s", "! \"s\" is no length of time"),
            ("inf", "! \"inf\" is no length of time"),
        ],
    );
}

#[test]
fn sizes_are_bytes_or_carry_a_unit() {
    check(
        Kind::Bytes { min: 1024, max: 1 << 30 },
        &[
            ("100MB", "100MB"),
            ("104857600", "100MB"),
            ("64k", "64KB"),
            ("1.5 MiB", "1536KB"),
            ("1025", "1025"),
            ("2GB", "! \"2GB\" is too large"),
            ("1", "! \"1\" is too small"),
            ("100 apples", "! \"100 apples\" is no size"),
        ],
    );
}

#[test]
fn lists_come_in_all_their_forms() {
    check(
        Kind::TextList,
        &[
            (r#"["a", "b"]"#, "a,b"),
            ("a,b", "a,b"),
            ("a, b,", "a,b"),
            ("a b\n\tc", "a,b,c"),
            ("['a', 'b']", "a,b"),
            ("[a, b]", "a,b"),
            (r#"'["a","b"]'"#, "a,b"),
            (r#""a","b""#, "a,b"),
            ("a,b,a", "a,b"),
            ("[]", "[]"),
            (r#"[""]"#, "[]"),
            (r#"["a b", "c,d"]"#, r#"["a b","c,d"]"#),
            ("[\"a\"", "! \"[\\\"a\\\"\" starts like a list but has no ] at its end"),
            (r#"[{"a": 1}]"#, r#"! "[{\"a\": 1}]" is no list of texts"#),
        ],
    );
}

#[test]
fn a_list_of_secrets_is_never_quoted_in_a_problem() {
    assert_eq!(canonical(Kind::SecretList, r#"["canary-1","#).find("canary"), None);
    assert_eq!(canonical(Kind::SecretList, "AIzaA AIzaB\nAIzaC"), "AIzaA,AIzaB,AIzaC");
}

#[test]
fn maps_are_json_or_what_python_prints() {
    let budgets = Kind::NumberMap { min: -1.0, max: 32_767.0 };
    check(
        budgets,
        &[
            (r#"{"a": 1, "b": -1.0}"#, r#"{"a":1,"b":-1}"#),
            ("{'a': 0.5}", r#"{"a":0.5}"#),
            (r#"{"a": "7"}"#, r#"{"a":7}"#),
            ("{}", "{}"),
            ("{'a': 40000}", r#"! "{'a': 40000}" has a number out of bounds at "a""#),
            ("{'a': 'x'}", r#"! "{'a': 'x'}" has no number at "a""#),
            ("a=1", "! \"a=1\" is no such JSON object"),
        ],
    );
    check(Kind::TextMap, &[("{'a': 'b'}", r#"{"a":"b"}"#)]);
    let long = Kind::LongSecret { min: 4 };
    assert_eq!(parse(long, "abc").unwrap_err(), "is too short");
    assert!(parse(long, "äöüß").is_ok());
    let words = Kind::ChoiceMap(&["drain", "off"]);
    check(words, &[("{'a': 'off'}", r#"{"a":"off"}"#), ("{}", "{}")]);
    assert!(parse(words, r#"{"a":"of"}"#).unwrap_err().contains("another word for \"a\""));
}

#[test]
fn headers_are_checked_and_their_values_never_quoted() {
    check(
        Kind::Headers,
        &[
            (r#"{"X-Team": "blue"}"#, r#"{"x-team":"blue"}"#),
            (r#"{"x y": "canary"}"#, r#"! has "x y", which is no header name"#),
            (r#"{"Host": "canary"}"#, r#"! has "host", which the gateway sets itself"#),
            (
                r#"{"Authorization": "canary"}"#,
                r#"! has "authorization", which the gateway sets itself"#,
            ),
            ("{\"a\": \"can\u{e4}ry\"}", r#"! has a value at "a" that no header can carry"#),
            (r#"{"a": "x\r\ny"}"#, r#"! has a value at "a" that no header can carry"#),
            ("canary", "! is no such JSON object"),
        ],
    );
}

#[test]
fn addresses_to_listen_on_are_forgiving() {
    check(
        Kind::SocketAddress,
        &[
            ("0.0.0.0:8000", "0.0.0.0:8000"),
            ("[::]:8000", "[::]:8000"),
            (":9000", "0.0.0.0:9000"),
            ("*:9000", "0.0.0.0:9000"),
            ("9000", "0.0.0.0:9000"),
            ("localhost:9000", "127.0.0.1:9000"),
            ("example.org:80", "! \"example.org\" is no IP address"),
            ("0.0.0.0:99999", "! \"0.0.0.0:99999\" has no port from 0 to 65535"),
        ],
    );
}

#[test]
fn the_address_of_google_has_no_extras() {
    check(
        Kind::Url,
        &[
            ("https://example.org/v1beta/", "https://example.org/v1beta"),
            ("HTTPS://Example.org", "https://example.org"),
            (
                "ftp://example.org",
                "! \"ftp://example.org\" does not start with http:// or https://",
            ),
            ("example.org", "! \"example.org\" is no address (relative URL without a base)"),
            (
                "https://u:canary@example.org",
                "! holds a user name or password, which does not belong there",
            ),
            ("https://example.org/?key=canary", "! holds a ? or #, which does not belong there"),
        ],
    );
}

#[test]
fn addresses_with_passwords_are_checked_without_being_quoted() {
    let database = Kind::ServiceUrl(&["sqlite", "postgres"]);
    check(
        database,
        &[
            ("sqlite://data/x.db", "sqlite://data/x.db"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("postgres://u:canary@db/x", "postgres://u:canary@db/x"),
            ("mongodb://u:canary@db/x", "! does not start with a known scheme"),
            ("postgres:///x", "! names no host"),
        ],
    );
    check(
        Kind::ProxyList,
        &[
            ("http://a:1, socks5://u:p@b:2", "http://a:1,socks5://u:p@b:2"),
            ("http://a:1 ftp://u:canary@b", "! has an entry (number 2) that has another scheme"),
            ("u:canary@b:1", "! has an entry (number 1) that has another scheme"),
            ("http://a:1/path", "! has an entry (number 1) that goes on behind host and port"),
        ],
    );
}

#[test]
fn words_are_found_in_any_case() {
    check(
        Kind::Choice(&["off", "Public"]),
        &[("PUBLIC", "Public"), ("x", "! \"x\" is none of the choices")],
    );
    check(
        Kind::LogLevel,
        &[
            ("DEBUG", "debug"),
            ("WARNING", "warn"),
            ("CRITICAL", "error"),
            ("trace", "trace"),
            ("loud", "! \"loud\" is no log level"),
        ],
    );
    check(
        Kind::TimeZone,
        &[("Asia/Shanghai", "Asia/Shanghai"), ("a b", "! \"a b\" is no name of a time zone")],
    );
}

#[test]
fn safety_settings_are_read_in_both_quotes() {
    check(
        Kind::SafetySettings,
        &[
            (
                "[{'category': 'HARM_CATEGORY_HARASSMENT', 'threshold': 'OFF'}]",
                r#"[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}]"#,
            ),
            (
                r#"[{"category": "HARASSMENT", "threshold": "OFF"}]"#,
                r#"! "HARASSMENT" is no category (HARM_CATEGORY_…)"#,
            ),
        ],
    );
    assert!(canonical(Kind::SafetySettings, "{}").starts_with("! \"{}\" is no such list"));
}

#[test]
fn chains_of_models_are_checked_name_by_name() {
    check(
        Kind::ModelChains,
        &[
            ("{'a': ['b', 'models/c'], 'b': ['c']}", r#"{"a":["b","c"],"b":["c"]}"#),
            (r#"{"a": []}"#, r#"! has no model to try after "a""#),
            (r#"{"a": ["b", "b"]}"#, r#"! names "b" twice after "a""#),
            (r#"{"a": ["b"], "models/a": ["c"]}"#, r#"! names "a" twice"#),
            (r#"{"a": ["b c"]}"#, r#"! has "b c", which is no model's name"#),
            (r#"{"a": ["a"]}"#, "! goes round in a circle: a → a"),
            (
                r#"{"a": ["b"], "b": ["x", "c"], "c": ["a"]}"#,
                "! goes round in a circle: a → b → c → a",
            ),
            (
                r#"{"a": "b"}"#,
                "! \"{\\\"a\\\": \\\"b\\\"}\" is no such JSON object (invalid type: string \"b\", \
                 expected a sequence at line 1 column 9)",
            ),
        ],
    );
}

#[test]
fn what_is_set_by_model_is_checked_like_what_is_set_for_all() {
    check(
        Kind::ModelHeaders,
        &[
            (
                r#"{"gemini-*": {"X-Team": "blue"}, "*": {}}"#,
                r#"{"gemini-*":{"x-team":"blue"},"*":{}}"#,
            ),
            (r#"{"a": {"Host": "canary"}}"#, r#"! has "host", which the gateway sets itself"#),
            (r#"{"a": {"b": "can\u00e4ry"}}"#, r#"! has a value at "b" that no header can carry"#),
            (r#"{"a*b": {}}"#, r#"! has "a*b", which is no model's name"#),
            (r#"{"a": "canary"}"#, "! is no such JSON object"),
        ],
    );
    check(
        Kind::ModelTools,
        &[("{'gemini-*': ['google_search'], 'a': []}", r#"{"gemini-*":["google_search"],"a":[]}"#)],
    );
    let unknown = canonical(Kind::ModelTools, r#"{"a": ["google_maps"]}"#);
    assert!(unknown.contains("unknown variant `google_maps`"), "{unknown}");
    check(
        Kind::ModelSafety,
        &[(
            r#"{"a": [{"category": "HARASSMENT", "threshold": "OFF"}]}"#,
            r#"! "HARASSMENT" is no category (HARM_CATEGORY_…)"#,
        )],
    );
    let shown = parse(Kind::ModelHeaders, r#"{"a": {"X-Team": "canary", "y": "canary"}}"#).unwrap();
    assert_eq!(shown.shown(Kind::ModelHeaders), "set (a: x-team, y)");
    assert!(!format!("{shown:?}").contains("canary"));
}

#[test]
fn a_long_value_is_cut_in_a_problem() {
    let problem = canonical(Kind::Bool, &"x".repeat(500));
    assert!(problem.contains('…') && problem.len() < 120, "{problem}");
}
