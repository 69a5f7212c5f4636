use keypool::{
    CellName, DeathReason, Domain, Health, KeyId, Learned, LearnedCell, LearnedKey, LearnedLimit,
    LearnedUsage, Subject, Timestamp, Used, Window,
};

use crate::checks::keys::{CANARY, add};
use crate::database::Database;

fn dead(id: &KeyId, reason: DeathReason) -> Learned {
    let since = Timestamp::from_millis(1_800_000_000_123);
    Learned::Key(LearnedKey { id: id.clone(), health: Health::Dead { reason, since } })
}

fn name(domain: Domain, model: Option<&str>) -> CellName {
    CellName { domain, model: model.map(Into::into) }
}

fn blocked(name: CellName, window: Window) -> Learned {
    Learned::Cell(LearnedCell {
        name,
        until: Timestamp::from_millis(1_800_000_060_000),
        window,
        limit: Some(250),
        quota_id: Some("GenerateRequestsPerDayPerProjectPerModel-FreeTier".into()),
    })
}

fn limited(name: CellName, window: Window, limit: u64) -> Learned {
    Learned::Limit(LearnedLimit {
        name,
        window,
        limit,
        met: Timestamp::from_millis(1_800_000_000_500),
    })
}

fn used(name: CellName, requests: u64) -> Learned {
    Learned::Usage(LearnedUsage {
        name,
        day_ends: Timestamp::from_millis(1_800_003_600_000),
        day: Used { requests, tokens: requests * 100 },
        minute: Used { requests: 1, tokens: 100 },
        at: Timestamp::from_millis(1_800_000_000_700),
    })
}

fn sorted(mut learned: Vec<Learned>) -> Vec<Learned> {
    learned.sort_by_cached_key(Learned::subject);
    learned
}

pub(crate) async fn survives_a_restart(database: &Database) {
    let store = database.open().await;
    let id = add(&store, CANARY).await;
    let project = Domain::Project("projects/42".into());
    let mut all = vec![
        dead(&id, DeathReason::Leaked),
        blocked(name(project.clone(), Some("gemini-2.5-flash")), Window::DayRequests),
        blocked(name(project.clone(), None), Window::Spend),
        blocked(name(project.clone(), Some("")), Window::Unknown),
        blocked(name(Domain::Key(id.clone()), Some("*")), Window::MinuteTokens),
        limited(name(project.clone(), Some("gemini-2.5-flash")), Window::DayRequests, 20),
        limited(name(project.clone(), Some("gemini-2.5-flash")), Window::MinuteRequests, 5),
        used(name(project.clone(), Some("gemini-2.5-flash")), 7),
        used(name(Domain::Key(id.clone()), Some("gemini-2.5-pro")), i64::MAX as u64 / 100),
    ];
    store.save_learned(all.clone()).await.unwrap();
    store.save_learned(all.clone()).await.unwrap();
    store.close().await;

    let store = database.open().await;
    assert_eq!(sorted(store.load_learned().await.unwrap()), sorted(all.clone()));

    // Later news replace earlier ones; what is over goes.
    let flash = name(project, Some("gemini-2.5-flash"));
    let news = vec![
        dead(&id, DeathReason::Suspended),
        Learned::CellOver(flash.clone()),
        limited(flash.clone(), Window::DayRequests, 50),
        used(flash.clone(), 8),
        Learned::Cell(LearnedCell {
            name: name(Domain::Key(id.clone()), Some("*")),
            until: Timestamp::from_millis(1),
            window: Window::NotOffered,
            limit: None,
            quota_id: None,
        }),
    ];
    store.save_learned(news.clone()).await.unwrap();
    all.retain(|old| !news.iter().any(|new| new.subject() == old.subject()));
    all.extend(news.into_iter().filter(|new| !matches!(new, Learned::CellOver(_))));
    assert_eq!(sorted(store.load_learned().await.unwrap()), sorted(all));
    let end = Timestamp::from_millis(1_800_003_600_000);
    assert_eq!(store.delete_usage_before(end).await.unwrap(), 0);
    let later = Timestamp::from_millis(1_800_003_600_001);
    assert_eq!(store.delete_usage_before(later).await.unwrap(), 2);
    let alive = Learned::Key(LearnedKey { id, health: Health::Alive });
    store.save_learned(vec![alive]).await.unwrap();
    let learned = store.load_learned().await.unwrap();
    assert!(!learned.iter().any(|entry| matches!(entry.subject(), Subject::Key(_))));
}

pub(crate) async fn is_forgotten_with_the_key_and_when_it_is_revived(database: &Database) {
    let store = database.open().await;
    let id = add(&store, CANARY).await;
    let cell = blocked(name(Domain::Key(id.clone()), Some("m")), Window::DayRequests);
    let death = dead(&id, DeathReason::Invalid);

    store.save_learned(vec![death.clone(), cell.clone()]).await.unwrap();
    assert!(store.revive_key(&id).await.unwrap());
    assert_eq!(store.load_learned().await.unwrap(), std::slice::from_ref(&cell));
    assert!(store.list_keys().await.unwrap()[0].revived_at.is_some());

    // Enabling forgets the death only if the key was disabled.
    store.save_learned(vec![death.clone()]).await.unwrap();
    assert!(store.set_key_enabled(&id, true).await.unwrap());
    assert_eq!(store.load_learned().await.unwrap().len(), 2);
    assert!(store.set_key_enabled(&id, false).await.unwrap());
    assert_eq!(store.load_learned().await.unwrap().len(), 2);
    assert!(store.set_key_enabled(&id, true).await.unwrap());
    assert_eq!(store.load_learned().await.unwrap(), [cell]);

    let own = || name(Domain::Key(id.clone()), Some("m"));
    let counts = vec![limited(own(), Window::MinuteRequests, 5), used(own(), 3)];
    store.save_learned(counts).await.unwrap();
    store.save_learned(vec![death.clone()]).await.unwrap();
    assert!(store.remove_key(&id).await.unwrap());
    assert!(store.load_learned().await.unwrap().is_empty());
    // News of a key that was removed meanwhile are no error.
    store.save_learned(vec![death]).await.unwrap();
}

pub(crate) async fn odd_names_do_no_harm(database: &Database) {
    let store = database.open().await;
    let long = "m".repeat(400);
    let project = || Domain::Project("p".repeat(150).into());
    let odd = vec![
        blocked(name(project(), Some(&long)), Window::DayRequests),
        blocked(name(project(), Some("nul\0")), Window::DayRequests),
        Learned::CellOver(name(project(), Some(&long))),
        blocked(name(project(), Some("größe")), Window::DayRequests),
    ];
    store.save_learned(odd.clone()).await.unwrap();
    assert_eq!(store.load_learned().await.unwrap(), odd[3..]);
    // Rows of a newer program are left out.
    database
        .execute(
            "INSERT INTO key_states (key_id, dead_reason, dead_since) VALUES ('k', 'bored', 1)",
        )
        .await;
    assert_eq!(store.load_learned().await.unwrap().len(), 1);
}
