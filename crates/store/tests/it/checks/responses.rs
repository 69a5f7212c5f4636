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
