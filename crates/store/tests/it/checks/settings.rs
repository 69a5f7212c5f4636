use store::{SettingChange, StoreError};

use crate::database::Database;

pub(crate) async fn are_stored_and_unset(database: &Database) {
    let store = database.open().await;
    assert!(store.stored_settings().await.unwrap().is_empty());
    store.set_setting("POOL_WAIT", "5", false).await.unwrap();
    store.set_setting("POOL_WAIT", "7 – große 🎉", false).await.unwrap();
    store.set_setting("EMPTY", "", false).await.unwrap();
    let long = "x".repeat(500_000);
    store.set_setting("LONG", &long, false).await.unwrap();
    let settings = store.stored_settings().await.unwrap();
    assert_eq!(settings["POOL_WAIT"], "7 – große 🎉");
    assert_eq!(settings["EMPTY"], "");
    assert_eq!(settings["LONG"], long);
    assert!(store.unset_setting("POOL_WAIT").await.unwrap());
    assert!(!store.unset_setting("POOL_WAIT").await.unwrap());
    assert_eq!(store.stored_settings().await.unwrap().len(), 2);
    let error = store.set_setting(&"n".repeat(191), "", false).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLong { .. }));
}

pub(crate) async fn imported_ones_are_known_until_somebody_changes_them(database: &Database) {
    let store = database.open().await;
    store.set_setting("MINE", "1", false).await.unwrap();
    store.import_setting("THEIRS", "1", false).await.unwrap();
    store.import_setting("SECRET", "hunter2-canary", true).await.unwrap();
    let imported =
        async || -> Vec<String> { store.imported_settings().await.unwrap().into_iter().collect() };
    assert_eq!(imported().await, ["SECRET", "THEIRS"]);
    assert_eq!(store.stored_settings().await.unwrap()["SECRET"], "hunter2-canary");
    store.set_setting("THEIRS", "2", false).await.unwrap();
    assert_eq!(imported().await, ["SECRET"]);
    store.close().await;
}

pub(crate) async fn secret_ones_are_sealed(database: &Database) {
    let store = database.open().await;
    store.set_setting("AUTH_TOKEN", "hunter2-canary", true).await.unwrap();
    store.set_setting("PLAIN", "v", false).await.unwrap();
    assert_eq!(store.stored_settings().await.unwrap()["AUTH_TOKEN"], "hunter2-canary");
    let sealed = database.texts("SELECT value FROM settings WHERE name = 'AUTH_TOKEN'").await;
    assert!(!sealed[0].contains("hunter2-canary"));
    // Moved to another setting, it does not open; the others are not hurt.
    database.execute("UPDATE settings SET name = 'CRON_SECRET' WHERE name = 'AUTH_TOKEN'").await;
    let settings = store.stored_settings().await.unwrap();
    assert_eq!(settings.into_keys().collect::<Vec<_>>(), ["PLAIN"]);
}

pub(crate) async fn are_changed_only_over_what_was_seen(database: &Database) {
    let store = database.open().await;
    let change = |value| [SettingChange { name: "A", value: Some(value), secret: false }];
    let seen = store.stored_settings().await.unwrap();
    assert!(store.change_settings_seen(&change("1"), &seen).await.unwrap());
    let revision = store.revision().await.unwrap();
    assert!(!store.change_settings_seen(&change("2"), &seen).await.unwrap(), "somebody was faster");
    assert_eq!(store.stored_settings().await.unwrap()["A"], "1");
    assert_eq!(store.revision().await.unwrap(), revision, "nothing was changed");
    let seen = store.stored_settings().await.unwrap();
    assert!(store.change_settings_seen(&change("2"), &seen).await.unwrap());
    assert_eq!(store.stored_settings().await.unwrap()["A"], "2");
    assert_eq!(store.mark("x"), store.mark("x"));
    assert_ne!(store.mark("x"), store.mark("y"));
    store.close().await;
}
