use keypool::Timestamp;
use secret::TokenDigest;
use store::KeptSession;

use crate::database::Database;

fn session(handle: &str, key: &str, expires_at: i64) -> KeptSession {
    KeptSession {
        digest: TokenDigest::of(handle.as_bytes()),
        key_id: key.to_owned(),
        project: (key == "k2").then(|| "p".to_owned()),
        token_id: "t".to_owned(),
        expires_at: Timestamp::from_millis(expires_at),
    }
}

pub(crate) async fn are_found_by_their_handles_until_their_time(database: &Database) {
    let at = Timestamp::from_millis;
    let store = database.open().await;
    let first = session("a-canary-of-a-handle", "k1", 1_000);
    store.keep_live_sessions(&[first, session("two", "k2", 3_000)]).await.unwrap();
    // What is said last counts.
    let renewed = session("a-canary-of-a-handle", "k2", 2_000);
    store.keep_live_sessions(std::slice::from_ref(&renewed)).await.unwrap();
    store.close().await;

    let store = database.open().await;
    let found = store.find_live_session(renewed.digest, at(1_999)).await.unwrap();
    assert_eq!(found, Some(renewed.clone()));
    assert_eq!(store.find_live_session(renewed.digest, at(2_000)).await.unwrap(), None);
    let unknown = TokenDigest::of(b"unknown");
    assert_eq!(store.find_live_session(unknown, at(0)).await.unwrap(), None);
    assert_eq!(store.forget_expired_live_sessions(at(2_000)).await.unwrap(), 1);
    assert_eq!(store.find_live_session(renewed.digest, at(0)).await.unwrap(), None);
    let two = TokenDigest::of(b"two");
    assert!(store.find_live_session(two, at(0)).await.unwrap().is_some());
    let contents = database.contents().await;
    let canary = b"a-canary-of-a-handle";
    assert!(!contents.windows(canary.len()).any(|window| window == canary));
}
