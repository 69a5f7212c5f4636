use keypool::Timestamp;
use store::AuditFilter;

use crate::database::Database;

pub(crate) async fn is_narrowed_down_by_time(database: &Database) {
    let store = database.open().await;
    for number in 0..3 {
        store.note("ann", "keys.edit", &number.to_string(), "").await.unwrap();
    }
    let all = store.audit_log(9, &AuditFilter::default()).await.unwrap();
    let objects: Vec<_> = all.iter().map(|entry| entry.object.as_str()).collect();
    assert_eq!(objects, ["2", "1", "0"]);
    let after = Timestamp::from_millis(all[0].at.millis() + 1);
    let until = |until| AuditFilter { until: Some(until), ..AuditFilter::default() };
    assert_eq!(store.audit_log(9, &until(after)).await.unwrap().len(), 3);
    assert!(store.audit_log(9, &until(all[2].at)).await.unwrap().is_empty());
    let since = AuditFilter { since: Some(after), ..AuditFilter::default() };
    assert!(store.audit_log(9, &since).await.unwrap().is_empty());
}

pub(crate) async fn tells_of_each_version_once(database: &Database) {
    let store = database.open().await;
    for version in ["1.0.0", "1.0.0", "1.1.0", "1.1.0"] {
        store.note_version(version).await.unwrap();
    }
    let all = store.audit_log(9, &AuditFilter::default()).await.unwrap();
    let told: Vec<_> = all.iter().map(|one| (one.action.as_str(), one.object.as_str())).collect();
    assert_eq!(told, [("version.start", "1.1.0"), ("version.start", "1.0.0")]);
    assert!(all[0].detail.contains(r#""before":"1.0.0""#), "{}", all[0].detail);
    assert!(all[1].detail.contains(r#""before":null"#), "{}", all[1].detail);
}
