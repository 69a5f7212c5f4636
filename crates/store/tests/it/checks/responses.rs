use keypool::Timestamp;
use store::StoreError;

use crate::database::Database;

pub(crate) async fn are_kept_for_their_token_alone(database: &Database) {
    let store = database.open().await;
    let body = format!(r#"{{"text":"canary-of-a-conversation 🎉 {}"}}"#, "x".repeat(500_000));
    store.insert_response("mine", "resp_1", &body).await.unwrap();
    let error = store.insert_response("other", "resp_1", "{}").await.unwrap_err();
    assert!(matches!(error, StoreError::Database(_)), "{error}");
    store.close().await;

    let store = database.open().await;
    let found = async |token: &str, id: &str| store.find_response(token, id).await.unwrap();
    assert_eq!(found("mine", "resp_1").await, Some(body));
    assert_eq!(found("other", "resp_1").await, None);
    assert_eq!(found("mine", "resp_2").await, None);
    assert!(!store.delete_response("other", "resp_1").await.unwrap());
    let contents = database.contents().await;
    let canary = b"canary-of-a-conversation";
    assert!(!contents.windows(canary.len()).any(|window| window == canary));
    assert!(store.delete_response("mine", "resp_1").await.unwrap());
    assert!(!store.delete_response("mine", "resp_1").await.unwrap());
    assert_eq!(found("mine", "resp_1").await, None);
    let error = store.insert_response("mine", &"n".repeat(191), "{}").await.unwrap_err();
    assert!(matches!(error, StoreError::TooLong { .. }));
}

pub(crate) async fn are_deleted_by_age(database: &Database) {
    let store = database.open().await;
    for id in ["resp_1", "resp_2"] {
        store.insert_response("mine", id, "{}").await.unwrap();
    }
    assert_eq!(store.delete_responses_before(Timestamp::from_millis(1)).await.unwrap(), 0);
    assert!(store.find_response("mine", "resp_1").await.unwrap().is_some());
    assert_eq!(store.delete_responses_before(Timestamp::from_millis(i64::MAX)).await.unwrap(), 2);
    assert!(store.find_response("mine", "resp_1").await.unwrap().is_none());
}

pub(crate) async fn that_are_worked_on_end_once(database: &Database) {
    let (here, there) = (database.open().await, database.open().await);
    here.begin_response("mine", "resp_1", "queued").await.unwrap();
    let found = async || here.find_response("mine", "resp_1").await.unwrap().unwrap();
    assert_eq!(found().await, "queued");
    let began = here.response_renewed("resp_1").await.unwrap().unwrap();
    assert!(there.advance_response("resp_1", "in progress").await.unwrap());
    assert!(here.renew_response("resp_1").await.unwrap());
    assert_eq!(found().await, "in progress");
    assert!(there.response_renewed("resp_1").await.unwrap().unwrap() >= began);

    assert!(!there.abandon_response("resp_1", began, "abandoned").await.unwrap());
    assert!(there.end_response("resp_1", "cancelled").await.unwrap());
    assert!(!here.end_response("resp_1", "completed").await.unwrap());
    assert!(!here.advance_response("resp_1", "in progress").await.unwrap());
    assert!(!here.renew_response("resp_1").await.unwrap());
    assert_eq!(here.response_renewed("resp_1").await.unwrap(), None);
    assert_eq!(found().await, "cancelled");
}

pub(crate) async fn that_nobody_works_on_are_abandoned_or_gone(database: &Database) {
    let store = database.open().await;
    store.begin_response("mine", "resp_1", "queued").await.unwrap();
    store.begin_response("mine", "resp_2", "queued").await.unwrap();
    let later = Timestamp::from_millis(i64::MAX);
    assert!(store.abandon_response("resp_1", later, "failed").await.unwrap());
    assert!(!store.abandon_response("resp_1", later, "failed again").await.unwrap());
    let found = store.find_response("mine", "resp_1").await.unwrap();
    assert_eq!(found.as_deref(), Some("failed"));

    assert!(!store.delete_response("other", "resp_2").await.unwrap());
    assert!(store.renew_response("resp_2").await.unwrap());
    assert!(store.delete_response("mine", "resp_2").await.unwrap());
    assert!(!store.renew_response("resp_2").await.unwrap());
    assert!(!store.end_response("resp_2", "completed").await.unwrap());
    assert_eq!(store.find_response("mine", "resp_2").await.unwrap(), None);
}
