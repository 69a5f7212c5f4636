use keypool::Timestamp;
use store::{Cost, Period, Span, Subject, Tally};

use super::logs::request;
use crate::database::Database;

const HOUR: i64 = 3_600_000;

fn period(from: i64, to: i64) -> Period {
    Period { from: Timestamp::from_millis(from), to: Timestamp::from_millis(to) }
}

pub(crate) async fn is_summed_with_the_requests(database: &Database) {
    let store = database.open().await;
    let mut records: Vec<_> = (0..6).map(request).collect();
    records[1].attempts = 3;
    records[2].status = 429;
    records[3].status = 499;
    records[4].model = Some("gemini-2.5-pro".into());
    records[5].at = Timestamp::from_millis(records[0].at.millis() + HOUR);
    let from = Span::Hour.begin(records[0].at).millis();
    let day = Span::Day.begin(records[0].at).millis();
    store.insert_requests(&records[..3]).await.unwrap();
    store.insert_requests(&records[3..]).await.unwrap();

    let hours = store.traffic(Subject::All, "", Span::Hour, period(from, from + 2 * HOUR)).await;
    let hours = hours.unwrap();
    let first = Tally {
        requests: 5,
        failed: 1,
        rescued: 1,
        prompt: 5 * 15,
        cached: 5 * 4,
        completion: 5 * 20,
        thoughts: 5 * 30,
        cost: Cost::from_nanos(5_000),
    };
    assert_eq!(hours[0], (Timestamp::from_millis(from), first));
    assert_eq!((hours.len(), hours[1].1.requests, hours[1].1.succeeded()), (2, 1, 1));
    assert_eq!(first.tokens(), 5 * 65);
    let one = store.traffic(Subject::All, "", Span::Hour, period(from, from + HOUR)).await.unwrap();
    assert_eq!(one.len(), 1, "the end is excluded");

    let days = period(day, day + 2 * 24 * HOUR);
    let models = store.busiest(Subject::Model, Span::Day, days, 5).await.unwrap();
    let counts: Vec<_> = models.iter().map(|(name, sum)| (name.as_str(), sum.requests)).collect();
    assert_eq!(counts, [("gemini-2.5-flash", 5), ("gemini-2.5-pro", 1)]);
    let keys = store.busiest(Subject::Key, Span::Day, days, 1).await.unwrap();
    assert_eq!((keys.len(), keys[0].1.requests), (1, 6));
    let id = keys[0].0.clone();
    assert_eq!(store.traffic(Subject::Key, &id, Span::Day, days).await.unwrap()[0].1, keys[0].1);
    let tokens = store.busiest(Subject::Token, Span::Minute, days, 5).await.unwrap();
    assert_eq!(tokens[0].0, "token");

    let times = store.latencies("", Span::Day, days).await.unwrap();
    assert_eq!((times.duration.answers(), times.first_byte.answers()), (4, 4));
    assert!((1_234..1_480).contains(&times.duration.quantile(0.5).unwrap()));
    let times = store.latencies("gemini-2.5-pro", Span::Day, days).await.unwrap();
    assert_eq!(times.duration.answers(), 1);
}

pub(crate) async fn is_deleted_by_age_and_kind_of_span(database: &Database) {
    let store = database.open().await;
    store.insert_requests(&[request(0)]).await.unwrap();
    let at = request(0).at;
    let all = period(0, at.millis() + HOUR);
    let later = Timestamp::from_millis(at.millis() + HOUR);
    for subject in Subject::ALL {
        let deleted = store.delete_traffic_before(subject, Span::Minute, later).await.unwrap();
        let is_summed = ![Subject::Key, Subject::Error].contains(&subject);
        assert_eq!(deleted, u64::from(is_summed), "{subject:?}");
    }
    assert_eq!(store.delete_latencies_before(Span::Minute, later).await.unwrap(), 4);
    assert!(store.traffic(Subject::All, "", Span::Minute, all).await.unwrap().is_empty());
    assert_eq!(store.latencies("", Span::Minute, all).await.unwrap().duration.answers(), 0);
    assert_eq!(store.traffic(Subject::All, "", Span::Hour, all).await.unwrap().len(), 1);
    store.delete_requests_before(later).await.unwrap();
    assert_eq!(store.traffic(Subject::All, "", Span::Day, all).await.unwrap().len(), 1);
}

pub(crate) async fn of_several_keys_is_read_at_once(database: &Database) {
    let store = database.open().await;
    let mut records: Vec<_> = (0..4).map(request).collect();
    records[3].key_id = Some("another".into());
    store.insert_requests(&records).await.unwrap();
    let day = Span::Day.begin(records[0].at);
    let before = Timestamp::from_millis(day.millis() - Span::Day.millis());
    let usual = records[0].key_id.clone().unwrap();
    let labels = [usual.as_str(), "another", "nobody"];
    let rows = store.traffic_of(Subject::Key, &labels, Span::Day, &[before, day]).await.unwrap();
    let mut counts: Vec<_> =
        rows.iter().map(|(label, at, sum)| (label.as_str(), *at, sum.requests)).collect();
    counts.sort_by_key(|(.., requests)| *requests);
    assert_eq!(counts, [("another", day, 1), (usual.as_str(), day, 3)]);
    let none = store.traffic_of(Subject::Key, &[], Span::Day, &[day]).await.unwrap();
    assert!(none.is_empty());
}
