//! What people keep for themselves.

use store::{Role, StoreError};

use crate::database::Database;

pub(crate) async fn preferences_are_of_one_person(database: &Database) {
    let store = database.open().await;
    store.set_preference("ann", "density", "compact").await.unwrap();
    store.set_preference("ann", "density", "roomy").await.unwrap();
    store.set_preference("ann", "columns", "").await.unwrap();
    let anns = store.preferences("ann").await.unwrap();
    assert_eq!((anns.len(), anns["density"].as_str(), anns["columns"].as_str()), (2, "roomy", ""));
    assert!(store.preferences("bob").await.unwrap().is_empty());
    let long = store.set_preference("ann", "columns", &"x".repeat(2_001)).await;
    assert!(matches!(long, Err(StoreError::TooLong { .. })), "{long:?}");
}

pub(crate) async fn views_are_named_pinned_and_deleted(database: &Database) {
    let store = database.open().await;
    store.save_view("ann", "keys", "bad ones", "status=invalid", false).await.unwrap();
    store.save_view("ann", "keys", "bad ones", "status=invalid&per=100", true).await.unwrap();
    store.save_view("ann", "logs", "bad ones", "outcome=failed", false).await.unwrap();
    store.save_view("bob", "keys", "cooling", "status=cooling", false).await.unwrap();
    let anns = store.saved_views("ann").await.unwrap();
    assert_eq!(anns.len(), 2, "one name of a page, one view: {anns:?}");
    let bad = anns.iter().find(|view| view.page == "keys").unwrap();
    assert_eq!((bad.query.as_str(), bad.pinned), ("status=invalid&per=100", true));
    assert!(!store.pin_view("bob", &bad.id, false).await.unwrap(), "it is not bob's");
    assert!(!store.delete_view("bob", &bad.id).await.unwrap(), "it is not bob's");
    assert!(store.pin_view("ann", &bad.id, false).await.unwrap());
    assert!(!store.saved_views("ann").await.unwrap().iter().any(|view| view.pinned));
    assert!(store.delete_view("ann", &bad.id).await.unwrap());
    assert_eq!(store.saved_views("ann").await.unwrap().len(), 1);
}

pub(crate) async fn what_is_somebodys_goes_with_them(database: &Database) {
    let store = database.open().await;
    for name in ["ann", "bob"] {
        store.add_administrator(name, Role::Administrator, "hash", false).await.unwrap();
        store.set_preference(name, "density", "compact").await.unwrap();
        store.save_view(name, "keys", "mine", "q=1", true).await.unwrap();
        store.keep_conversation(name, "mine", "{}").await.unwrap();
    }
    assert!(store.remove_administrator("ann").await.unwrap());
    assert!(store.preferences("ann").await.unwrap().is_empty());
    assert!(store.saved_views("ann").await.unwrap().is_empty());
    assert_eq!(store.saved_views("bob").await.unwrap().len(), 1);
    assert!(store.conversations("ann").await.unwrap().is_empty());
    assert_eq!(store.conversations("bob").await.unwrap().len(), 1);
}

pub(crate) async fn conversations_are_kept_sealed_and_belong_to_one_person(database: &Database) {
    let store = database.open().await;
    let id = store.keep_conversation("ann", "Of cats", "{\"said\":\"miaow\"}").await.unwrap();
    assert!(store.conversation("bob", &id).await.unwrap().is_none(), "it is not bob's");
    assert!(!store.change_conversation("bob", &id, "x", "{}").await.unwrap());
    assert!(!store.forget_conversation("bob", &id).await.unwrap());
    assert!(store.change_conversation("ann", &id, "Of dogs", "{\"said\":\"wuff\"}").await.unwrap());
    let (kept, body) = store.conversation("ann", &id).await.unwrap().unwrap();
    assert_eq!((kept.title.as_str(), body.as_str()), ("Of dogs", "{\"said\":\"wuff\"}"));
    assert_eq!(store.conversations("ann").await.unwrap(), [kept]);
    let long = store.keep_conversation("ann", "long", &"x".repeat(5_000_000)).await;
    assert!(matches!(long, Err(StoreError::TooLong { .. })), "{long:?}");
    assert!(store.forget_conversation("ann", &id).await.unwrap());
    assert!(store.conversations("ann").await.unwrap().is_empty());
}

pub(crate) async fn models_keep_the_moment_at_which_they_were_seen_first(database: &Database) {
    let store = database.open().await;
    let listed = |names: &[&str]| -> Vec<(String, String)> {
        names.iter().map(|name| ((*name).to_owned(), format!("{{\"x\":\"{name}\"}}"))).collect()
    };
    store.saw_models(&listed(&["one"])).await.unwrap();
    let first = store.listed_models().await.unwrap().remove(0);
    assert_eq!((first.name.as_str(), first.first_seen), ("one", first.last_seen));
    store.saw_models(&listed(&["one", "two", "two"])).await.unwrap();
    let [one, two] = store.listed_models().await.unwrap().try_into().unwrap();
    assert_eq!(one.first_seen, first.first_seen);
    assert!(one.last_seen >= first.last_seen && one.last_seen == two.first_seen);
    assert_eq!(two.listing, "{\"x\":\"two\"}");
}
