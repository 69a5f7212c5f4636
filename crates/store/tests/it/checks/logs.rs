use std::sync::Arc;

use keypool::{KeyId, Timestamp, Usage};
use store::{Cost, ErrorFilter, ErrorRecord, LogCounts, RequestFilter, RequestRecord};
use uuid::Uuid;

use crate::database::Database;

pub(crate) fn request(number: i64) -> RequestRecord {
    RequestRecord {
        request_id: format!("0199aaaa-0000-7000-8000-{number:012}").into(),
        at: Timestamp::from_millis(1_800_000_000_000 + number),
        token_id: Some("token".into()),
        token_name: Some("bot".into()),
        dialect: "openai",
        operation: "generate",
        model: Some("gemini-2.5-flash".into()),
        key_id: Some(KeyId::from("0199bbbb-0000-7000-8000-000000000001")),
        key_mask: Some("AIzaSy…wxyz".into()),
        status: 200,
        outcome: "served",
        attempts: 1,
        stream: false,
        duration_ms: 1_234,
        first_byte_ms: Some(321),
        usage: Usage {
            prompt: 10,
            completion: 20,
            thoughts: 30,
            cached: 4,
            tool_prompt: 5,
            total: 65,
        },
        cost: Cost::from_nanos(1_000),
        error: None,
        trail: None,
    }
}

pub(crate) fn error(number: i64) -> ErrorRecord {
    ErrorRecord {
        request_id: format!("0199aaaa-0000-7000-8000-{number:012}").into(),
        at: Timestamp::from_millis(1_800_000_000_000 + number),
        attempt: 2,
        key_id: Some(KeyId::from("0199bbbb-0000-7000-8000-000000000001")),
        key_mask: Some("AIzaSy…wxyz".into()),
        token_id: Some("token".into()),
        model: Some("gemini-2.5-flash".into()),
        status: Some(429),
        outcome: "quota_spent",
        message: "You exceeded your current quota".into(),
        request_body: None,
    }
}

pub(crate) async fn are_read_back_filtered_and_paged(database: &Database) {
    let store = database.open().await;
    let mut records: Vec<RequestRecord> = (0..257).map(request).collect();
    records[256].status = 503;
    records[256].key_id = None;
    records[256].error = Some("no key can serve".into());
    records[256].first_byte_ms = None;
    records[256].stream = true;
    records[256].outcome = "refused";
    store.insert_requests(&records).await.unwrap();
    store.insert_errors(&(0..13).map(error).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(store.count_logs().await.unwrap(), LogCounts { requests: 257, errors: 13 });

    let page = store.recent_requests(3, &RequestFilter::default()).await.unwrap();
    let newest = &page[0];
    assert_eq!(newest.request_id, records[256].request_id.as_ref());
    assert_eq!(newest.at, records[256].at);
    assert_eq!((newest.status, newest.attempts, newest.stream), (503, 1, true));
    assert_eq!((newest.duration_ms, newest.first_byte_ms), (1_234, None));
    assert_eq!(newest.usage, records[256].usage);
    assert_eq!(newest.error.as_deref(), Some("no key can serve"));
    assert_eq!((newest.dialect.as_str(), newest.operation.as_str()), ("openai", "generate"));
    assert_eq!((newest.outcome.as_str(), newest.key_id.as_ref()), ("refused", None));
    assert_eq!(page[1].key_mask.as_deref(), Some("AIzaSy…wxyz"));
    assert_eq!(page[1].token_name.as_deref(), Some("bot"));
    assert_eq!(page[1].first_byte_ms, Some(321));

    let before = RequestFilter { before: Some(page[2].row), ..RequestFilter::default() };
    let next = store.recent_requests(300, &before).await.unwrap();
    assert_eq!(next.len(), 254);
    assert_eq!(next[0].at.millis() + 1, page[2].at.millis());

    let some = RequestFilter {
        status_from: Some(200),
        since: Some(records[250].at),
        key_id: records[0].key_id.clone(),
        model: Some("gemini-2.5-flash".to_owned()),
        token_id: Some("token".to_owned()),
        ..RequestFilter::default()
    };
    assert_eq!(store.recent_requests(300, &some).await.unwrap().len(), 6);
    let one = RequestFilter {
        request_id: Some(records[7].request_id.to_string()),
        ..RequestFilter::default()
    };
    assert_eq!(store.recent_requests(300, &one).await.unwrap().len(), 1);

    let errors = store.recent_errors(100, &ErrorFilter::default()).await.unwrap();
    assert_eq!(errors.len(), 13);
    assert_eq!((errors[0].status, errors[0].attempt), (Some(429), 2));
    assert_eq!(errors[0].message, "You exceeded your current quota");
    let none = ErrorFilter { outcome: Some("served".to_owned()), ..ErrorFilter::default() };
    assert!(store.recent_errors(100, &none).await.unwrap().is_empty());
}

pub(crate) async fn are_followed_and_narrowed_down(database: &Database) {
    let store = database.open().await;
    let records: Vec<RequestRecord> = (0..20).map(request).collect();
    store.insert_requests(&records).await.unwrap();
    let page = store.recent_requests(3, &RequestFilter::default()).await.unwrap();
    let newer = RequestFilter { after: Some(page[2].row), ..RequestFilter::default() };
    assert_eq!(store.recent_requests(300, &newer).await.unwrap().len(), 2);

    let narrow = RequestFilter {
        until: Some(records[10].at),
        dialect: Some("openai".to_owned()),
        outcome: Some("served".to_owned()),
        duration_from: Some(1_234),
        status_to: Some(299),
        ..RequestFilter::default()
    };
    assert_eq!(store.recent_requests(300, &narrow).await.unwrap().len(), 10);
    for nothing in [
        RequestFilter { duration_from: Some(1_235), ..narrow.clone() },
        RequestFilter { status_to: Some(199), ..narrow.clone() },
        RequestFilter { outcome: Some("failed".to_owned()), ..narrow.clone() },
        RequestFilter { dialect: Some("gemini".to_owned()), ..narrow.clone() },
    ] {
        let found = store.recent_requests(300, &nothing).await.unwrap();
        assert!(found.is_empty(), "{nothing:?}");
    }
}

pub(crate) async fn find_a_request_with_its_trail(database: &Database) {
    let store = database.open().await;
    let mut records: Vec<RequestRecord> = (0..3).map(request).collect();
    let (seconds, nanos) = (1_800_000_000, 1_000_000);
    let id = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos));
    records[1].request_id = id.to_string().into();
    records[1].trail = Some(r#"{"attempts":["🎉"]}"#.into());
    records[2].request_id = "made-elsewhere".into();
    store.insert_requests(&records).await.unwrap();

    let (found, trail) = store.request(&records[1].request_id).await.unwrap().unwrap();
    assert_eq!((found.request_id, found.at), (id.to_string(), records[1].at));
    assert_eq!(trail.as_deref(), Some(r#"{"attempts":["🎉"]}"#));
    let (found, trail) = store.request("made-elsewhere").await.unwrap().unwrap();
    assert_eq!((found.at, trail), (records[2].at, None));
    assert!(store.request("unknown").await.unwrap().is_none());
    assert!(store.request(&Uuid::nil().to_string()).await.unwrap().is_none());
}

pub(crate) async fn take_any_text(database: &Database) {
    let store = database.open().await;
    let mut odd = request(1);
    odd.model = Some("🎉".repeat(300).into());
    odd.error = Some("a\0b".into());
    odd.usage.total = u64::MAX;
    odd.request_id = "chosen by the client \0 …".repeat(40).into();
    store.insert_requests(&[odd]).await.unwrap();
    let mut odd = error(1);
    odd.message = "ä".repeat(40_000).into();
    odd.request_body = Some(Arc::from("{\"text\":\"'; DROP TABLE request_log; --\"}"));
    store.insert_errors(&[odd]).await.unwrap();
    let mut bodies: Vec<ErrorRecord> = (0..25).map(error).collect();
    for body in &mut bodies {
        body.request_body = Some("🎉".repeat(300_000).into());
    }
    store.insert_errors(&bodies).await.unwrap();

    let read = store.recent_requests(1, &RequestFilter::default()).await.unwrap().remove(0);
    assert_eq!(read.model.unwrap().chars().count(), 190);
    assert_eq!(read.error.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(read.usage.total, i64::MAX.unsigned_abs());
    let read = store.recent_errors(100, &ErrorFilter::default()).await.unwrap();
    assert_eq!(read.len(), 26);
    assert_eq!(read[25].message.chars().count(), 16_000);
    assert_eq!(read[0].request_body.as_ref().unwrap().chars().count(), 250_000);
}

pub(crate) async fn are_deleted_by_age(database: &Database) {
    let store = database.open().await;
    // Many of the same millisecond: steps must not stumble over them.
    let records: Vec<RequestRecord> = (0..12_000).map(|number| request(number / 6_000)).collect();
    store.insert_requests(&records).await.unwrap();
    store.insert_errors(&[error(0), error(1), error(2)]).await.unwrap();
    let moment = Timestamp::from_millis(1_800_000_000_001);
    assert_eq!(store.delete_requests_before(moment).await.unwrap(), 6_000);
    assert_eq!(store.delete_errors_before(moment).await.unwrap(), 1);
    assert_eq!(store.count_logs().await.unwrap(), LogCounts { requests: 6_000, errors: 2 });
    assert_eq!(store.delete_requests_before(Timestamp::MAX).await.unwrap(), 6_000);
    assert_eq!(store.delete_errors_before(Timestamp::MAX).await.unwrap(), 2);
    assert_eq!(store.count_logs().await.unwrap(), LogCounts::default());
}

pub(crate) async fn are_held_to_their_room(database: &Database) {
    let store = database.open().await;
    assert_eq!(store.delete_requests_beyond(0).await.unwrap(), 0);
    store.insert_requests(&(0..3_000).map(request).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(store.delete_requests_beyond(3_000_000).await.unwrap(), 0);
    let deleted = store.delete_requests_beyond(300_000).await.unwrap();
    let left = store.count_logs().await.unwrap().requests;
    assert_eq!(deleted + left, 3_000);
    assert!((500..2_000).contains(&left), "{left} rows of 150 to 600 bytes each");
    let newest = store.recent_requests(1, &RequestFilter::default()).await.unwrap();
    assert_eq!(newest[0].at, request(2_999).at);

    // The newer ones are larger than those that go first.
    let mut errors: Vec<ErrorRecord> = (0..400).map(error).collect();
    for error in &mut errors[200..] {
        error.request_body = Some("x".repeat(50_000).into());
    }
    store.insert_errors(&errors).await.unwrap();
    store.delete_errors_beyond(1_000_000).await.unwrap();
    let left = store.count_logs().await.unwrap().errors;
    assert!((10..=20).contains(&left), "{left} rows of 50 kB");
    assert!(store.delete_errors_beyond(0).await.unwrap() >= 10);
    assert_eq!(store.count_logs().await.unwrap().errors, 0);
}
