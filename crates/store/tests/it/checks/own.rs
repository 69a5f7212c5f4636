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
    }
    assert!(store.remove_administrator("ann").await.unwrap());
    assert!(store.preferences("ann").await.unwrap().is_empty());
    assert!(store.saved_views("ann").await.unwrap().is_empty());
    assert_eq!(store.saved_views("bob").await.unwrap().len(), 1);
}
