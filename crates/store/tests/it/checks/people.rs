use keypool::Timestamp;
use secret::{AdminToken, SecretCode, TokenDigest};
use store::{AdminTokenGrant, NewSession, NewTotp, Role, Scope, Store, StoreError};

use crate::database::Database;

async fn session(store: &Store, actor: &str) -> (TokenDigest, String) {
    let digest = SecretCode::generate().unwrap().digest();
    let session = NewSession {
        digest,
        actor,
        role: Role::Administrator,
        address: "192.0.2.1",
        agent: "a browser",
        lifetime: std::time::Duration::from_mins(1),
    };
    store.begin_session(session).await.unwrap();
    (digest, store.session(&digest).await.unwrap().unwrap().id)
}

async fn made(store: &Store, name: &str, maker: &str, expires_at: Option<Timestamp>) -> AdminToken {
    let token = AdminToken::generate().unwrap();
    let grant = AdminTokenGrant { name, scope: Scope::Full, maker, expires_at };
    store.create_admin_token(&token, &grant).await.unwrap();
    token
}

pub(crate) async fn keep_one_administrator(database: &Database) {
    let store = database.open().await;
    store.add_administrator("ann", Role::Administrator, "hash", false).await.unwrap();
    store.add_administrator("vic", Role::Viewer, "hash", false).await.unwrap();
    for refused in
        [store.remove_administrator("ann").await, store.set_role("ann", Role::Viewer).await]
    {
        assert!(matches!(refused, Err(StoreError::LastAdministrator(_))), "{refused:?}");
    }
    assert!(store.set_role("vic", Role::Administrator).await.unwrap());
    // Of two that remove each other at once, one stays.
    let (first, second) =
        tokio::join!(store.remove_administrator("ann"), store.remove_administrator("vic"));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    assert_eq!(store.administrators().await.unwrap().len(), 1);
    assert!(!store.remove_administrator("nobody").await.unwrap());
    assert!(!store.set_role("nobody", Role::Viewer).await.unwrap());
}

pub(crate) async fn lose_their_sessions_and_tokens(database: &Database) {
    let store = database.open().await;
    store.add_administrator("ann", Role::Administrator, "hash", false).await.unwrap();
    store.add_administrator("bob", Role::Administrator, "hash", false).await.unwrap();
    let (kept, id) = session(&store, "bob").await;
    let (other, _) = session(&store, "bob").await;
    let (anns, _) = session(&store, "ann").await;
    assert!(store.set_password("bob", "another", Some(&id)).await.unwrap());
    assert!(store.session(&other).await.unwrap().is_none());
    assert!(store.session(&kept).await.unwrap().is_some());
    let token = made(&store, "ci", "bob", None).await;
    store.set_role("bob", Role::Viewer).await.unwrap();
    assert!(store.session(&kept).await.unwrap().is_none());
    assert!(store.session(&anns).await.unwrap().is_some());
    assert!(store.admin_token(&token.digest()).await.unwrap().is_none());
}

pub(crate) async fn use_each_code_once(database: &Database) {
    let store = database.open().await;
    store.add_administrator("ann", Role::Administrator, "hash", false).await.unwrap();
    assert!(!store.use_totp_step("ann", 100).await.unwrap(), "there is no second factor");
    let codes = [TokenDigest::of(b"one"), TokenDigest::of(b"two")];
    let totp = NewTotp { secret: "JBSWY3DPEHPK3PXP", step: 100, recovery_codes: &codes };
    assert!(store.set_totp("ann", Some(totp), None).await.unwrap());
    assert!(!store.use_totp_step("ann", 100).await.unwrap(), "used when it was set up");
    let (first, second) =
        tokio::join!(store.use_totp_step("ann", 101), store.use_totp_step("ann", 101));
    assert!(first.unwrap() != second.unwrap(), "one code, used twice at once");
    assert!(!store.use_totp_step("ann", 99).await.unwrap());
    let (first, second) = tokio::join!(
        store.use_recovery_code("ann", &codes[0]),
        store.use_recovery_code("ann", &codes[0])
    );
    assert!(first.unwrap() != second.unwrap(), "one code, used twice at once");
    assert!(!store.use_recovery_code("ann", &TokenDigest::of(b"three")).await.unwrap());
    assert_eq!(store.administrators().await.unwrap()[0].recovery_codes, 1);
    let stored = database.texts("SELECT sealed_totp FROM administrators").await;
    assert!(!stored[0].contains("JBSWY3DPEHPK3PXP"));
    assert!(store.set_totp("ann", None, None).await.unwrap());
    let ann = store.administrators().await.unwrap().remove(0);
    assert_eq!((ann.totp, ann.recovery_codes), (None, 0));
    assert!(!store.use_totp_step("ann", 200).await.unwrap());
    assert!(!store.use_recovery_code("ann", &codes[1]).await.unwrap());
}

pub(crate) async fn make_admin_tokens(database: &Database) {
    let store = database.open().await;
    let token = made(&store, "ci", "ann", None).await;
    let again = AdminTokenGrant { name: "ci", scope: Scope::Read, maker: "ann", expires_at: None };
    let again = store.create_admin_token(&AdminToken::generate().unwrap(), &again).await;
    assert!(matches!(again, Err(StoreError::NameTaken(_))), "{again:?}");
    let found = store.admin_token(&token.digest()).await.unwrap().unwrap();
    assert_eq!((found.scope, found.maker.as_str(), found.last_used_at), (Scope::Full, "ann", None));
    store.see_admin_token(&found.id).await.unwrap();
    assert!(store.admin_tokens().await.unwrap()[0].last_used_at.is_some());
    let old = made(&store, "old", "ann", Some(Timestamp::from_millis(1))).await;
    assert!(store.admin_token(&old.digest()).await.unwrap().is_none(), "it has expired");
    assert_eq!(store.revoke_admin_token(&found.id).await.unwrap().as_deref(), Some("ci"));
    assert_eq!(store.revoke_admin_token(&found.id).await.unwrap(), None);
    assert!(store.admin_token(&token.digest()).await.unwrap().is_none());
    made(&store, "ci", "ann", None).await;
    assert_eq!(store.admin_tokens().await.unwrap().len(), 3);
    let kept = database.texts("SELECT digest FROM admin_tokens").await;
    assert!(kept.iter().all(|digest| !digest.starts_with("gba_")));
}

pub(crate) async fn choose_another_password_than_was_made_for_them(database: &Database) {
    let store = database.open().await;
    let must = async || store.administrators().await.unwrap()[0].must_change;
    store.add_administrator("ann", Role::Administrator, "made", true).await.unwrap();
    assert!(must().await);
    assert!(store.set_password("ann", "chosen", None).await.unwrap());
    assert!(!must().await);
    let token = made(&store, "ci", "ann", None).await;
    let (anns, _) = session(&store, "ann").await;
    assert!(store.reset_password("ann", "made anew", true).await.unwrap());
    assert!(must().await);
    assert!(store.session(&anns).await.unwrap().is_none());
    assert!(store.admin_token(&token.digest()).await.unwrap().is_none(), "revoked with it");
    assert!(!store.reset_password("nobody", "made", true).await.unwrap());
}
