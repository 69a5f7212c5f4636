use std::time::Duration;

use keypool::Timestamp;
use store::Chore;

use crate::database::Database;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

pub(crate) async fn are_done_by_one_and_made_up_for(database: &Database) {
    let (one, other) = (database.open().await, database.open().await);
    let at = |hours: u32| Timestamp::from_millis(1_795_000_000_000) + HOUR * hours;
    assert_eq!(one.chore(Chore::Backup).await.unwrap(), None, "it was never done");
    let (first, second) = tokio::join!(
        one.claim_chore(Chore::Backup, at(0), DAY, HOUR),
        other.claim_chore(Chore::Backup, at(0), DAY, HOUR),
    );
    assert_ne!(first.unwrap(), second.unwrap(), "one of them does it");
    one.end_chore(Chore::Backup, at(0), true, "fine").await.unwrap();
    assert!(!one.claim_chore(Chore::Backup, at(23), DAY, HOUR).await.unwrap());
    assert!(one.claim_chore(Chore::Updates, at(23), DAY, HOUR).await.unwrap(), "another one");
    assert!(other.claim_chore(Chore::Backup, at(24), DAY, HOUR).await.unwrap());
    let report = one.chore(Chore::Backup).await.unwrap().unwrap();
    assert_eq!((report.begun_at, report.ended_at), (at(24), Some(at(0))), "it is under way");
    assert!(!one.claim_chore(Chore::Backup, at(24), DAY, HOUR).await.unwrap());
    assert!(one.claim_chore(Chore::Backup, at(25), DAY, HOUR).await.unwrap(), "it was cut off");
    one.end_chore(Chore::Backup, at(25), false, "disk full").await.unwrap();
    let report = other.chore(Chore::Backup).await.unwrap().unwrap();
    assert_eq!((report.is_done, report.detail.as_str()), (false, "disk full"));
    assert!(!one.claim_chore(Chore::Backup, at(25), DAY, HOUR).await.unwrap());
    assert!(one.claim_chore(Chore::Backup, at(26), DAY, HOUR).await.unwrap(), "it had failed");
    one.begin_chore(Chore::Backup, at(27)).await.unwrap();
    one.end_chore(Chore::Backup, at(27), true, "by hand").await.unwrap();
    assert!(!one.claim_chore(Chore::Backup, at(50), DAY, HOUR).await.unwrap());
    one.close().await;
    other.close().await;
}
