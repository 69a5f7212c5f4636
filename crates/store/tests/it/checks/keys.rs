use std::sync::Arc;

use keypool::{EgressId, KeyId, Platform};
use secret::PoolKey;
use store::{AddKey, ImportedKeys, KeyUpdate, NewKey, Source, Store, StoreError};

use crate::database::Database;

pub(crate) const CANARY: &str = "AIzaSyCANARY0000000000000000000000000wxyz";

pub(crate) fn key(text: &str) -> NewKey {
    NewKey::new(PoolKey::parse(text).unwrap())
}

pub(crate) async fn add(store: &Store, text: &str) -> KeyId {
    match store.add_key(key(text), Source::Admin).await.unwrap() {
        AddKey::Added(id) => id,
        AddKey::Exists(_) => panic!("{text} was there"),
    }
}

pub(crate) async fn are_added_found_and_changed(database: &Database) {
    let store = database.open().await;
    let mut new = key(CANARY);
    new.name = Some("Käthe".to_owned());
    new.project = Some("projects/42".to_owned());
    new.enabled = false;
    new.weight = 1_000;
    new.tier = 3;
    new.tags = vec!["a".to_owned(), "b:c".to_owned()];
    let AddKey::Added(id) = store.add_key(new.clone(), Source::Import).await.unwrap() else {
        panic!("there already")
    };
    assert_eq!(
        store.add_key(key(CANARY), Source::Admin).await.unwrap(),
        AddKey::Exists(id.clone())
    );

    let stored = store.list_keys().await.unwrap().remove(0);
    assert_eq!(stored.id, id);
    assert_eq!(stored.mask, "AIzaSy…wxyz");
    assert_eq!(stored.source, Source::Import);
    let spec = stored.spec().unwrap();
    assert_eq!(spec.secret.expose(), CANARY);
    assert_eq!((spec.name, spec.project), (new.name, new.project));
    assert_eq!((spec.enabled, spec.weight, spec.tier), (false, 1_000, 3));
    assert_eq!(spec.tags, new.tags);

    assert!(store.set_key_enabled(&id, true).await.unwrap());
    let changes = KeyUpdate {
        name: Some(None),
        project: None,
        weight: Some(2),
        tier: Some(0),
        tags: Some(Vec::new()),
        note: None,
        egress: Some(Some(EgressId(42))),
    };
    assert!(store.update_key(&id, changes).await.unwrap());
    let stored = store.list_keys().await.unwrap().remove(0);
    assert_eq!((stored.egress, stored.spec().unwrap().egress), (Some(EgressId(42)), stored.egress));
    assert_eq!((stored.name, stored.project.as_deref()), (None, Some("projects/42")));
    assert_eq!((stored.enabled, stored.weight, stored.tier), (true, 2, 0));
    assert!(stored.tags.is_empty());
    assert!(stored.updated_at >= stored.created_at);

    let nobody = KeyId::from("nobody");
    assert!(!store.set_key_enabled(&nobody, true).await.unwrap());
    assert!(!store.update_key(&nobody, KeyUpdate::default()).await.unwrap());
    assert!(!store.revive_key(&nobody).await.unwrap());
    assert!(!store.remove_key(&nobody).await.unwrap());
}

pub(crate) async fn of_any_shape_are_found_by_mask_and_name(database: &Database) {
    let store = database.open().await;
    let first = add(&store, CANARY).await;
    let second = add(&store, "AIzaSyCANARY1111111111111111111111111wxyz").await;
    let name = KeyUpdate { name: Some(Some("second".to_owned())), ..KeyUpdate::default() };
    store.update_key(&second, name).await.unwrap();
    let found = async |reference: &str| -> Vec<KeyId> {
        store.find_keys(reference).await.unwrap().into_iter().map(|key| key.id).collect()
    };
    assert_eq!(found(first.as_str()).await, std::slice::from_ref(&first));
    assert_eq!(found(CANARY).await, std::slice::from_ref(&first));
    assert_eq!(found("second").await, std::slice::from_ref(&second));
    assert_eq!(found("Second").await, []);
    assert_eq!(found("AIzaSy…wxyz").await, [first.clone(), second.clone()]);
    assert_eq!(found("AIzaSy...wxyz").await, [first, second]);
    assert_eq!(found("' OR 1=1 --").await, []);
}

pub(crate) async fn removed_do_not_come_back_by_import(database: &Database) {
    let store = database.open().await;
    let id = add(&store, CANARY).await;
    assert!(store.remove_key(&id).await.unwrap());
    assert!(!store.remove_key(&id).await.unwrap());
    assert!(store.list_keys().await.unwrap().is_empty());

    let counts = store.import_keys(vec![key(CANARY)], Source::Env).await.unwrap();
    assert_eq!(counts, ImportedKeys { removed: 1, ..ImportedKeys::default() });
    assert!(store.list_keys().await.unwrap().is_empty());

    // A person may change their mind, also twice.
    let id = add(&store, CANARY).await;
    let counts = store.import_keys(vec![key(CANARY)], Source::Env).await.unwrap();
    assert_eq!(counts.existing, 1);
    assert!(store.remove_key(&id).await.unwrap());
    let counts = store.import_keys(vec![key(CANARY)], Source::Env).await.unwrap();
    assert_eq!(counts.removed, 1);
}

pub(crate) async fn imported_in_bulk_are_counted(database: &Database) {
    let store = database.open().await;
    let keys =
        |range: std::ops::Range<usize>| range.map(|n| key(&format!("AIza{n:036}"))).collect();
    let counts = store.import_keys(keys(0..300), Source::Env).await.unwrap();
    assert_eq!(counts, ImportedKeys { added: 300, existing: 0, removed: 0 });
    let counts = store.import_keys(keys(200..310), Source::Env).await.unwrap();
    assert_eq!(counts, ImportedKeys { added: 10, existing: 100, removed: 0 });
    let twice = vec![key("twice"), key("twice")];
    let counts = store.import_keys(twice, Source::Env).await.unwrap();
    assert_eq!(counts, ImportedKeys { added: 1, existing: 1, removed: 0 });
    let stored = store.list_keys().await.unwrap();
    assert_eq!(stored.len(), 311);
    let order: Vec<&str> =
        stored.iter().map(|key| key.secret.as_ref().unwrap().expose()).take(3).collect();
    assert_eq!(order, [0, 1, 2].map(|n| format!("AIza{n:036}")));
}

pub(crate) async fn added_by_many_at_once_are_stored_once(database: &Database) {
    let stores = [database.open().await, database.open().await];
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move { store.add_key(key(CANARY), Source::Admin).await.unwrap() })
        })
        .collect();
    let mut added = 0;
    for task in tasks {
        added += usize::from(matches!(task.await.unwrap(), AddKey::Added(_)));
    }
    assert_eq!(added, 1);
    assert_eq!(stores[0].list_keys().await.unwrap().len(), 1);
}

pub(crate) async fn do_not_open_in_another_row(database: &Database) {
    let store = database.open().await;
    let first = add(&store, CANARY).await;
    let second = add(&store, "AIzaSyCANARY1111111111111111111111111abcd").await;
    let sealed = database
        .texts(&format!("SELECT sealed_key FROM api_keys WHERE id = '{first}'"))
        .await
        .remove(0);
    database
        .execute(&format!("UPDATE api_keys SET sealed_key = '{sealed}' WHERE id = '{second}'"))
        .await;
    let stored = store.list_keys().await.unwrap();
    assert_eq!(stored.len(), 2);
    assert!(stored[0].spec().is_some());
    assert!(stored[1].spec().is_none());
    assert_eq!(stored[1].mask, "AIzaSy…abcd");
    assert!(store.remove_key(&second).await.unwrap());
}

pub(crate) async fn too_long_texts_are_refused(database: &Database) {
    let store = database.open().await;
    let mut new = NewKey::new(Arc::new(PoolKey::parse(CANARY).unwrap()));
    new.name = Some("ü".repeat(191));
    let error = store.add_key(new.clone(), Source::Admin).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLong { field: "the name", maximum: 190 }), "{error}");
    new.name = Some("ü".repeat(190));
    new.project = Some("p".repeat(151));
    let error = store.add_key(new.clone(), Source::Admin).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLong { .. }), "{error}");
    new.project = Some("p".repeat(150));
    store.add_key(new, Source::Admin).await.unwrap();
}

pub(crate) async fn odd_weights_and_tags_are_refused(database: &Database) {
    let store = database.open().await;
    let mut new = key(CANARY);
    new.tags = vec!["nul \0".to_owned()];
    let error = store.add_key(new.clone(), Source::Admin).await.unwrap_err();
    assert!(matches!(error, StoreError::Tag(_)), "{error}");
    new.tags = vec!["paid".to_owned(), "größe".to_owned(), "paid".to_owned()];
    new.weight = 1_001;
    let error = store.add_key(new.clone(), Source::Admin).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { maximum: 1_000, .. }), "{error}");
    new.weight = 1_000;
    let AddKey::Added(id) = store.add_key(new, Source::Admin).await.unwrap() else { panic!() };
    assert_eq!(store.list_keys().await.unwrap()[0].tags, ["paid", "größe"]);
    let heavier = KeyUpdate { weight: Some(1_001), ..KeyUpdate::default() };
    assert!(store.update_key(&id, heavier).await.is_err());
    let odd = KeyUpdate { tags: Some(vec![String::new()]), ..KeyUpdate::default() };
    assert!(store.update_key(&id, odd).await.is_err());
}

pub(crate) async fn are_added_in_one_step_and_come_back_under_their_id(database: &Database) {
    let store = database.open().await;
    let texts: Vec<String> =
        (0..3).map(|number| format!("AIzaSyTOGETHER000000000000000000000{number:04}")).collect();
    let first = add(&store, &texts[1]).await;
    let keys: Vec<NewKey> = texts.iter().map(|text| key(text)).collect();
    let added = store.add_keys(&keys, Source::Admin).await.unwrap();
    assert_eq!(added[1], AddKey::Exists(first.clone()));
    assert_eq!(store.list_keys().await.unwrap().len(), 3);
    let bad = [key("AIzaSyTOGETHER0000000000000000000009999"), {
        let mut heavy = key("AIzaSyTOGETHER0000000000000000000008888");
        heavy.weight = 1_001;
        heavy
    }];
    assert!(store.add_keys(&bad, Source::Admin).await.is_err());
    assert_eq!(store.list_keys().await.unwrap().len(), 3, "all of them, or none");

    let note = KeyUpdate { note: Some(Some("of the old laptop".into())), ..KeyUpdate::default() };
    assert!(store.update_key(&first, note).await.unwrap());
    let kept = store.key(&first).await.unwrap().unwrap();
    assert_eq!(kept.note.as_deref(), Some("of the old laptop"));
    assert!(store.remove_key(&first).await.unwrap());
    assert!(store.key(&first).await.unwrap().is_none());
    assert_eq!(store.restore_key(&kept).await.unwrap(), AddKey::Added(first.clone()));
    assert_eq!(store.restore_key(&kept).await.unwrap(), AddKey::Exists(first.clone()));
    let back = store.key(&first).await.unwrap().unwrap();
    assert_eq!((back.note, back.secret), (kept.note, kept.secret));
}

pub(crate) async fn are_told_apart_by_the_api_that_they_are_for(database: &Database) {
    let store = database.open().await;
    let gemini = add(&store, CANARY).await;
    let twin = key(CANARY).of(Platform::Vertex);
    let AddKey::Added(vertex) = store.add_key(twin.clone(), Source::Env).await.unwrap() else {
        panic!("a key for another API is another key")
    };
    assert_eq!(
        store.add_key(twin.clone(), Source::Env).await.unwrap(),
        AddKey::Exists(vertex.clone())
    );
    let found = store.find_keys(CANARY).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|key| (key.id, key.platform)).collect();
    let expected = [(gemini.clone(), Platform::Gemini), (vertex.clone(), Platform::Vertex)];
    assert_eq!(found, expected);
    assert_eq!(store.list_keys().await.unwrap()[1].spec().unwrap().platform, Platform::Vertex);

    // Each is removed, and stays out, for itself.
    assert!(store.remove_key(&vertex).await.unwrap());
    let counts = store.import_keys(vec![twin, key(CANARY)], Source::Env).await.unwrap();
    assert_eq!(counts, ImportedKeys { added: 0, existing: 1, removed: 1 });
    assert_eq!(store.list_keys().await.unwrap().len(), 1);
}
