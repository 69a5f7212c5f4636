use keypool::{KeyId, Timestamp};
use store::{ErrorKind, ErrorRecord, Mark, Met, Period, Span, Subject};

use super::logs::error;
use crate::database::Database;

fn kind() -> ErrorKind {
    let (outcome, model) = ("quota_spent".to_owned(), Some("gemini-2.5-flash".to_owned()));
    ErrorKind { outcome, status: Some(429), model }
}

pub(crate) async fn are_summed_by_kind(database: &Database) {
    let store = database.open().await;
    let mut records: Vec<ErrorRecord> = (0..6).map(error).collect();
    records[4].outcome = "link_broken";
    records[4].status = None;
    records[4].model = None;
    store.insert_errors(&records).await.unwrap();
    store.insert_errors(&[error(7)]).await.unwrap();
    let from = Span::Day.begin(records[0].at);
    let period = Period { from, to: Timestamp::from_millis(from.millis() + Span::Day.millis()) };
    let sums = store.busiest(Subject::Error, Span::Day, period, 9).await.unwrap();
    let sums: Vec<_> = sums
        .into_iter()
        .map(|(label, tally)| (ErrorKind::from_label(&label).unwrap(), tally.requests))
        .collect();
    let broken = ErrorKind { outcome: "link_broken".to_owned(), status: None, model: None };
    assert_eq!(sums, [(kind(), 6), (broken.clone(), 1)]);
    assert_eq!(store.first_of_kind(&broken).await.unwrap(), Some(records[4].at));
    assert_eq!(store.newest_of_kind(&broken).await.unwrap().unwrap().at, records[4].at);
}

pub(crate) async fn tell_whom_they_concern(database: &Database) {
    let store = database.open().await;
    let mut records: Vec<ErrorRecord> = (0..6).map(error).collect();
    let other = KeyId::from("0199bbbb-0000-7000-8000-000000000002");
    records[1].key_id = Some(other.clone());
    records[2].token_id = None;
    records[3].token_id = Some("another".into());
    records[5].key_id = None;
    store.insert_errors(&records).await.unwrap();
    let usual = records[0].key_id.clone().unwrap();
    let since = records[1].at;
    assert_eq!(store.first_of_kind(&kind()).await.unwrap(), Some(records[0].at));
    let newest = store.newest_of_kind(&kind()).await.unwrap().unwrap();
    assert_eq!((newest.at, newest.token_id.as_deref()), (records[5].at, Some("token")));
    let met = store.met_by(&kind(), since, 100).await.unwrap();
    assert_eq!(met, Met { keys: 2, tokens: 2, attempts: 5 });
    let few = store.met_by(&kind(), since, 2).await.unwrap();
    assert_eq!(few, Met { keys: 1, tokens: 1, attempts: 2 });
    let mut keys = store.keys_that_met(&kind(), since, 100).await.unwrap();
    keys.sort();
    assert_eq!(keys, [usual, other]);
    let unknown = ErrorKind { model: None, ..kind() };
    assert_eq!(store.met_by(&unknown, since, 100).await.unwrap(), Met::default());
    assert!(store.newest_of_kind(&unknown).await.unwrap().is_none());
}

pub(crate) async fn are_marked_and_the_mark_is_taken_back(database: &Database) {
    let store = database.open().await;
    assert!(store.error_marks().await.unwrap().is_empty());
    store.mark_errors(&kind(), Some(Mark::Ignored), "ann").await.unwrap();
    store.mark_errors(&kind(), Some(Mark::Resolved), "bob").await.unwrap();
    let marks = store.error_marks().await.unwrap();
    let mark = &marks[&kind().label()];
    assert_eq!((marks.len(), mark.mark, mark.actor.as_str()), (1, Mark::Resolved, "bob"));
    store.mark_errors(&kind(), None, "ann").await.unwrap();
    assert!(store.error_marks().await.unwrap().is_empty());
}
