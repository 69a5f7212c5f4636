use store::{ErrorFilter, LogCounts, Period, RequestFilter, RequestKind, Span, Subject};

use super::logs::{error, request};
use crate::database::Database;

pub(crate) async fn is_by_what_requests_were(database: &Database) {
    let store = database.open().await;
    let mut records: Vec<_> = (0..30).map(request).collect();
    for (number, record) in records.iter_mut().enumerate() {
        record.status = if number % 3 == 0 { 429 } else { 200 };
        record.outcome = if number % 3 == 0 { "quota_spent" } else { "served" };
    }
    records[1].model = None;
    store.insert_requests(&records).await.unwrap();
    assert_eq!(store.oldest_request().await.unwrap(), Some(records[0].at));

    let failed = RequestFilter { status_from: Some(400), ..RequestFilter::default() };
    let counted = store.count_requests(&failed, 10, 100).await.unwrap();
    assert!(!counted.is_bounded);
    let mut spans: Vec<_> =
        counted.groups.iter().map(|group| (group.since, group.requests)).collect();
    spans.sort_unstable();
    let begins = [records[0].at, records[10].at, records[20].at];
    assert_eq!(spans, [(begins[0], 4), (begins[1], 3), (begins[2], 3)]);
    let group = &counted.groups[0];
    assert_eq!((&*group.outcome, group.status, group.attempts), ("quota_spent", 429, 1));
    assert_eq!(group.model.as_deref(), Some("gemini-2.5-flash"));
    assert_eq!((group.token_id.as_deref(), &*group.dialect), (Some("token"), "openai"));

    // Of the newest ten, three or four failed; the others are not looked at.
    let bounded = store.count_requests(&failed, 1_000, 10).await.unwrap();
    assert!(bounded.is_bounded);
    assert_eq!(bounded.groups.iter().map(|group| group.requests).sum::<u64>(), 3);
    let until = RequestFilter { until: Some(records[5].at), ..RequestFilter::default() };
    let counted = store.count_requests(&until, 1_000, 10).await.unwrap();
    assert!(!counted.is_bounded);
    assert_eq!(counted.groups.iter().map(|group| group.requests).sum::<u64>(), 5);

    let from = Span::Hour.begin(records[0].at);
    let period = Period { from, to: Span::Hour.begin(records[29].at) };
    let period =
        Period { to: keypool::Timestamp::from_millis(period.to.millis() + 3_600_000), ..period };
    let kinds = store.busiest(Subject::Kind, Span::Hour, period, 9).await.unwrap();
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(label, tally)| (RequestKind::from_label(label).unwrap().status, tally.requests))
        .collect();
    assert_eq!(kinds, [(200, 20), (429, 10)]);
}

pub(crate) async fn is_over_once_they_are_deleted(database: &Database) {
    let store = database.open().await;
    let mut records: Vec<_> = (0..30).map(request).collect();
    for number in [3, 4, 20] {
        records[number].status = 429;
        records[number].outcome = "quota_spent";
    }
    store.insert_requests(&records).await.unwrap();
    store.insert_errors(&[error(2), error(4), error(20)]).await.unwrap();
    let filter = RequestFilter {
        outcome: Some("quota_spent".to_owned()),
        until: Some(records[10].at),
        ..RequestFilter::default()
    };
    let pieces = store.pieces_of_requests(&filter).await.unwrap();
    assert_eq!(pieces.len(), 1);
    assert_eq!(store.delete_requests(&filter, pieces[0]).await.unwrap(), 2);
    assert_eq!(store.delete_requests(&filter, pieces[0]).await.unwrap(), 0);
    assert_eq!(store.count_logs().await.unwrap(), LogCounts { requests: 28, errors: 2 });
    let left = store.recent_errors(9, &ErrorFilter::default()).await.unwrap();
    let left: Vec<_> = left.iter().map(|error| error.at).collect();
    assert_eq!(left, [error(20).at, error(2).at]);
    let nothing = RequestFilter { since: Some(error(99).at), ..RequestFilter::default() };
    assert!(store.pieces_of_requests(&nothing).await.unwrap().is_empty());
}
