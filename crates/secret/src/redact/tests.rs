use proptest::prelude::*;

use super::*;

const KEY: &str = "AIzaSyCANARY0000000000000000000000000wxyz";

#[test]
fn credentials_are_masked() {
    let cases = [
        (KEY, "AIzaSy…wxyz"),
        ("AQ.Ab8RN6Jcanary", "AQ.Ab8…nary"),
        ("token ya29.a0AfH6SMBcanary end", "token ya29.a…nary end"),
        ("gk_0123456789abcdefghijklmnopqrstu!", "gk_012…rstu!"),
        ("sk-0123456789abcdefghij", "sk-012…ghij"),
        ("x-goog-api-key: 0123456789abcdefXYZ\r\n", "x-goog-api-key: 012345…fXYZ\r\n"),
        (r#"{"apiKey": "custom-key"}"#, r#"{"apiKey": "…ey"}"#),
        (r#"key="custom-key" x"#, r#"key="…ey" x"#),
        (r#"{\"api_key\": \"custom-key\"}"#, r#"{\"api_key\": \"…ey\"}"#),
        ("GET /v1?alt=sse&key=odd!key&x=1", "GET /v1?alt=sse&key=…&x=1"),
        ("?access_token=auth_tokens/0123456789", "?access_token=auth_t…6789"),
        ("Authorization: Bearer sk-123456", "Authorization: Bearer …56"),
        ("authorization: bearer  sk-123456", "authorization: bearer  …56"),
        ("socks5://user:hunter22@proxy:1080/", "socks5://user:…22@proxy:1080/"),
        ("postgres://u:p@ss:w@db/x", "postgres://u:…@db/x"),
    ];
    for (text, expected) in cases {
        assert_eq!(redact(text), expected);
    }
}

#[test]
fn what_google_says_about_a_suspended_key_stays_readable() {
    let text = format!("Permission denied: Consumer 'api_key:{KEY}' has been suspended.");
    let expected = "Permission denied: Consumer 'api_key:AIzaSy…wxyz' has been suspended.";
    assert_eq!(redact(&text), expected);
}

#[test]
fn prose_is_left_alone_and_not_copied() {
    for text in [
        "",
        "API key not valid. Please pass a valid API key.",
        r#"{"key": "value", "keys": ["a"], "monkey": 1}"#,
        "a risk-assessment-of-the-whole-building, see AQ. or AIza",
        "key=AIzaSy…wxyz model=x",
        "api_key:…56, (key=AIzaSy…wxyz). key=…",
        "https://host:8000/path@8:9 http://[::1]:80/ a://user@host",
        "key=",
        r#"{"text":"api_key: "}"#,
        "bearer ",
        "api_key",
    ] {
        assert!(matches!(redact(text), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn bytes_that_are_no_text_are_redacted_too() {
    let bytes = [b"\xff\xfe ", KEY.as_bytes(), b"\xff"].concat();
    let expected = [b"\xff\xfe ", "AIzaSy…wxyz".as_bytes(), b"\xff"].concat();
    assert_eq!(*redact_bytes(&bytes), *expected);
}

proptest! {
    #[test]
    fn a_planted_key_never_gets_through(
        before in ".{0,60}", after in ".{0,60}",
        key in prop_oneof![
            "AIza[0-9A-Za-z_-]{35}",
            r"AQ\.[0-9A-Za-z._-]{10,60}",
            r"ya29\.[0-9A-Za-z_-]{20,60}",
            "gk_[0-9A-Za-z]{31}",
        ],
    ) {
        let text = format!("{before}{key}{after}");
        let redacted = redact(&text);
        prop_assert!(!redacted.contains(&key));
    }

    #[test]
    fn a_labelled_secret_never_gets_through(
        before in ".{0,60}", secret in r"[!#-%(-+.-\[\]^_a-~]{1,60}",
        label in prop::sample::select(vec![
            "key=", "api_key:", "API-KEY=", "apikey: ", "Bearer ", "access_token=",
        ]),
    ) {
        let text = format!("{before}{label}{secret}");
        let redacted = redact(&text);
        let planted = format!("{label}{secret}");
        prop_assert!(!redacted.ends_with(&planted));
    }

    #[test]
    fn a_label_inside_another_secret_still_counts(
        first in "(key=|Bearer |api_key:)?(AIza[a-z]{20}|AQ\\.[a-z]{10}|[a-z]{3})",
        label in "key=|Bearer |api_key: |access_token=",
        secret in "[a-z]{1,20}",
    ) {
        let text = format!("{first}{label}{secret}");
        let redacted = redact(&text);
        prop_assert!(!redacted.ends_with(&secret) || secret.len() <= TAIL);
    }
}
