use keypool::Timestamp;
use secret::ClientToken;
use store::{ImportedTokens, Source, StoreError, TokenUpdate};

use crate::database::Database;

pub(crate) async fn are_created_listed_and_revoked(database: &Database) {
    let store = database.open().await;
    let token = ClientToken::generate().unwrap();
    let id = store.create_token(" bot ", &token, &[]).await.unwrap();
    let stored = store.list_tokens().await.unwrap().remove(0);
    assert_eq!((stored.id.as_str(), stored.name.as_str()), (id.as_str(), "bot"));
    assert_eq!(stored.digest, token.digest());
    assert_eq!(stored.mask, token.mask());
    assert_eq!(stored.source, Source::Admin);
    assert_eq!((stored.revoked_at, stored.last_used_at), (None, None));

    let other = ClientToken::generate().unwrap();
    let error = store.create_token("bot", &other, &[]).await.unwrap_err();
    assert!(matches!(&error, StoreError::NameTaken(name) if name == "bot"), "{error}");
    let error = store.create_token("other", &token, &[]).await.unwrap_err();
    assert!(matches!(&error, StoreError::TokenExists(name) if name == "bot"), "{error}");

    let moment = Timestamp::from_millis(1_800_000_000_000);
    store.note_token_uses(&[(id.clone(), moment)]).await.unwrap();
    assert_eq!(store.list_tokens().await.unwrap()[0].last_used_at, Some(moment));

    let revoked = store.revoke_token("bot").await.unwrap().unwrap();
    assert_eq!(revoked.id, id);
    assert!(revoked.revoked_at.is_some());
    assert!(store.revoke_token("bot").await.unwrap().is_none());
    assert!(store.revoke_token(&id).await.unwrap().is_none());
    // The name is free again, the token is not.
    let second = store.create_token("bot", &other, &[]).await.unwrap();
    assert!(store.create_token("third", &token, &[]).await.is_err());
    assert_eq!(store.revoke_token(&second).await.unwrap().unwrap().name, "bot");
}

pub(crate) async fn revoked_do_not_come_back_by_import(database: &Database) {
    let store = database.open().await;
    let tokens = || ["sk-one", "sk-two", "sk-one"].map(|text| ClientToken::parse(text).unwrap());
    let counts = store.import_tokens(&tokens(), Source::Env).await.unwrap();
    assert_eq!(counts, ImportedTokens { added: 2, existing: 1, revoked: 0 });
    let names: Vec<String> =
        store.list_tokens().await.unwrap().into_iter().map(|token| token.name).collect();
    assert_eq!(names, ["imported-1", "imported-2"]);

    store.revoke_token("imported-1").await.unwrap().unwrap();
    let counts = store.import_tokens(&tokens(), Source::Env).await.unwrap();
    assert_eq!(counts, ImportedTokens { added: 0, existing: 1, revoked: 2 });
    let more = [ClientToken::parse("sk-three").unwrap()];
    assert_eq!(store.import_tokens(&more, Source::Env).await.unwrap().added, 1);
    let tokens = store.list_tokens().await.unwrap();
    assert_eq!(tokens[2].name, "imported-3");
    assert!(tokens[0].revoked_at.is_some());
}

pub(crate) async fn are_restricted_by_tags(database: &Database) {
    let store = database.open().await;
    let tags = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>();
    let create = async |name: &str, tags: &[String]| {
        store.create_token(name, &ClientToken::generate().unwrap(), tags).await
    };
    create("batch", &tags(&["free", "eu:größe", "free"])).await.unwrap();
    create("laptop", &[]).await.unwrap();
    let error = create("wrong", &tags(&["two words"])).await.unwrap_err();
    assert!(matches!(&error, StoreError::Tag(_)) && error.to_string().contains("two words"));
    let listed = store.list_tokens().await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].tags, ["free", "eu:größe"]);
    assert!(listed[1].tags.is_empty());

    let revision = store.revision().await.unwrap();
    let update = async |reference: &str, changes| store.update_token(reference, changes).await;
    let paid = TokenUpdate { tags: Some(tags(&["paid"])), ..TokenUpdate::default() };
    assert_eq!(update("batch", paid.clone()).await.unwrap().unwrap().tags, ["paid"]);
    assert!(store.revision().await.unwrap() > revision, "servers take it up");
    let renamed = TokenUpdate { name: Some(" nightly ".to_owned()), tags: None };
    let token = update(&listed[0].id, renamed).await.unwrap().unwrap();
    assert_eq!((token.name.as_str(), token.tags), ("nightly", tags(&["paid"])));
    let namesake = TokenUpdate { name: Some("laptop".to_owned()), tags: None };
    let error = update("nightly", namesake.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::NameTaken(_)), "{error}");
    update("laptop", namesake).await.unwrap().unwrap();
    let none = TokenUpdate { tags: Some(Vec::new()), ..TokenUpdate::default() };
    assert!(update("nightly", none).await.unwrap().unwrap().tags.is_empty());
    assert!(update("batch", paid.clone()).await.unwrap().is_none());
    store.revoke_token("nightly").await.unwrap().unwrap();
    assert!(update("nightly", paid).await.unwrap().is_none());
}
