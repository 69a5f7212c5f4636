use std::net::IpAddr;
use std::time::Duration;

use keypool::Timestamp;
use secret::ClientToken;
use store::{
    Cost, ImportedTokens, Source, Store, StoreError, TokenGrant, TokenLimits, TokenUpdate,
    TokenUsage, TokenUse,
};

use crate::database::Database;

pub(crate) async fn are_created_listed_and_revoked(database: &Database) {
    let store = database.open().await;
    let token = ClientToken::generate().unwrap();
    let id = store.create_token(" bot ", &token, &TokenGrant::default()).await.unwrap();
    let stored = store.list_tokens().await.unwrap().remove(0);
    assert_eq!((stored.id.as_str(), stored.name.as_str()), (id.as_str(), "bot"));
    assert_eq!(stored.digest, token.digest());
    assert_eq!(stored.mask, token.mask());
    assert_eq!(stored.source, Source::Admin);
    assert_eq!((stored.revoked_at, stored.last_used_at), (None, None));

    let other = ClientToken::generate().unwrap();
    let error = store.create_token("bot", &other, &TokenGrant::default()).await.unwrap_err();
    assert!(matches!(&error, StoreError::NameTaken(name) if name == "bot"), "{error}");
    let error = store.create_token("other", &token, &TokenGrant::default()).await.unwrap_err();
    assert!(matches!(&error, StoreError::TokenExists(name) if name == "bot"), "{error}");

    let moment = Timestamp::from_millis(1_800_000_000_000);
    let from = Some(IpAddr::from([203, 0, 113, 7]));
    let token_use = TokenUse { token_id: id.clone(), at: moment, from };
    store.note_token_uses(std::slice::from_ref(&token_use)).await.unwrap();
    // Whoever asks from within says no address, which is no news of it.
    store.note_token_uses(&[TokenUse { from: None, ..token_use }]).await.unwrap();
    let used = store.list_tokens().await.unwrap().remove(0);
    assert_eq!((used.last_used_at, used.last_used_from), (Some(moment), from));

    let revoked = store.revoke_token("bot").await.unwrap().unwrap();
    assert_eq!(revoked.id, id);
    assert!(revoked.revoked_at.is_some());
    assert!(store.revoke_token("bot").await.unwrap().is_none());
    assert!(store.revoke_token(&id).await.unwrap().is_none());
    // The name is free again, the token is not.
    let second = store.create_token("bot", &other, &TokenGrant::default()).await.unwrap();
    assert!(store.create_token("third", &token, &TokenGrant::default()).await.is_err());
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
        let grant = TokenGrant { tags: tags.to_vec(), ..TokenGrant::default() };
        store.create_token(name, &ClientToken::generate().unwrap(), &grant).await
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
    let renamed = TokenUpdate { name: Some(" nightly ".to_owned()), ..TokenUpdate::default() };
    let token = update(&listed[0].id, renamed).await.unwrap().unwrap();
    assert_eq!((token.name.as_str(), token.tags), ("nightly", tags(&["paid"])));
    let namesake = TokenUpdate { name: Some("laptop".to_owned()), ..TokenUpdate::default() };
    let error = update("nightly", namesake.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::NameTaken(_)), "{error}");
    update("laptop", namesake).await.unwrap().unwrap();
    let none = TokenUpdate { tags: Some(Vec::new()), ..TokenUpdate::default() };
    assert!(update("nightly", none).await.unwrap().unwrap().tags.is_empty());
    assert!(update("batch", paid.clone()).await.unwrap().is_none());
    store.revoke_token("nightly").await.unwrap().unwrap();
    assert!(update("nightly", paid).await.unwrap().is_none());
}

pub(crate) async fn carry_limits_and_an_end(database: &Database) {
    let store = database.open().await;
    let end = Timestamp::from_millis(1_900_000_000_000);
    let limits = TokenLimits {
        requests_per_minute: Some(2),
        budget_per_month: Some("12.5".parse().unwrap()),
        models: vec!["gemini-*-flash".to_owned()],
        ..TokenLimits::default()
    };
    let grant =
        TokenGrant { limits: limits.clone(), expires_at: Some(end), ..TokenGrant::default() };
    store.create_token("bot", &ClientToken::generate().unwrap(), &grant).await.unwrap();
    let stored = store.list_tokens().await.unwrap().remove(0);
    assert_eq!((&stored.limits, stored.expires_at), (&limits, Some(end)));

    let revision = store.revision().await.unwrap();
    let renamed = TokenUpdate { name: Some("robot".to_owned()), ..TokenUpdate::default() };
    let token = store.update_token("bot", renamed).await.unwrap().unwrap();
    assert_eq!((&token.limits, token.expires_at), (&limits, Some(end)), "what is not named stays");
    let free = TokenUpdate {
        limits: Some(TokenLimits::default()),
        expires_at: Some(None),
        ..TokenUpdate::default()
    };
    let token = store.update_token("robot", free).await.unwrap().unwrap();
    assert_eq!((token.limits, token.expires_at), (TokenLimits::default(), None));
    assert!(store.revision().await.unwrap() > revision, "servers take it up");

    let models = vec!["no model".to_owned()];
    let wrong = TokenLimits { models, ..TokenLimits::default() };
    let wrong = TokenUpdate { limits: Some(wrong), ..TokenUpdate::default() };
    let error = store.update_token("robot", wrong).await.unwrap_err();
    assert!(error.to_string().contains("\"no model\" is no model"), "{error}");
}

pub(crate) async fn get_another_secret(database: &Database) {
    let store = database.open().await;
    let secrets: Vec<ClientToken> = (0..3).map(|_| ClientToken::generate().unwrap()).collect();
    let id = store.create_token("bot", &secrets[0], &TokenGrant::default()).await.unwrap();
    let hour = Duration::from_hours(1);
    let rotated = store.rotate_token("bot", &secrets[1], hour).await.unwrap().unwrap();
    assert_eq!((&rotated.id, rotated.digest), (&id, secrets[1].digest()));
    assert_eq!(rotated.mask, secrets[1].mask());
    store.rotate_token(&id, &secrets[2], Duration::ZERO).await.unwrap().unwrap();

    let stored = store.list_tokens().await.unwrap();
    assert_eq!(stored.len(), 1, "it is the same token");
    assert_eq!(stored[0].digest, secrets[2].digest());
    let until = |secret: &ClientToken| {
        let former = stored[0].former.iter().find(|former| former.digest == secret.digest());
        former.unwrap().valid_until
    };
    let between = until(&secrets[0]).saturating_since(until(&secrets[1]));
    assert!(between > Duration::from_secs(3500) && between <= hour, "{between:?}");

    // What opened something once does not come to open something else.
    let again = store.create_token("other", &secrets[0], &TokenGrant::default()).await;
    assert!(matches!(again, Err(StoreError::TokenExists(_))));
    let again = store.rotate_token("bot", &secrets[1], hour).await;
    assert!(matches!(again, Err(StoreError::TokenExists(_))));
    let counts = store.import_tokens(&secrets, Source::Env).await.unwrap();
    assert_eq!(counts, ImportedTokens { added: 0, existing: 3, revoked: 0 });
    assert!(store.rotate_token("nobody", &secrets[1], hour).await.unwrap().is_none());
}

pub(crate) async fn have_their_use_counted_by_each_process(database: &Database) {
    let store = database.open().await;
    let used = |token: &str, day: &str, requests| TokenUsage {
        token_id: token.to_owned(),
        day: day.to_owned(),
        requests,
        tokens: requests * 100,
        cost: Cost::from_nanos(requests * 1_000),
    };
    let save = async |store: &Store, by, usage: &[TokenUsage]| {
        store.save_token_usage(by, usage).await.unwrap();
    };
    save(&store, "one", &[used("a", "2026-11-30", 3), used("a", "2026-12-01", 1)]).await;
    save(&store, "one", &[used("a", "2026-12-01", 2), used("b", "2026-12-01", 9)]).await;
    save(&store, "two", &[used("a", "2026-12-01", 5)]).await;
    store.close().await;

    let store = database.open().await;
    let since = async |day, except| store.token_usage_since(day, except).await.unwrap();
    let both = [used("a", "2026-12-01", 7), used("b", "2026-12-01", 9)];
    assert_eq!(since("2026-12-01", None).await, both);
    assert_eq!(since("2026-12-01", Some("one")).await, [used("a", "2026-12-01", 5)]);
    assert_eq!(since("2026-11", None).await[0], used("a", "2026-11-30", 3));
    assert_eq!(store.delete_token_usage_before("2026-12-01").await.unwrap(), 1);
    assert_eq!(since("2026-11", None).await, both);
}
