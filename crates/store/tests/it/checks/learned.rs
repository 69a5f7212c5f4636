use keypool::{
    CellName, DeathReason, Domain, Health, KeyId, Learned, LearnedCell, LearnedKey, LearnedLimit,
    LearnedUsage, ReplicaId, Subject, Timestamp, Used, Window,
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
    used_by("one", name, requests)
}

fn used_by(replica: &str, name: CellName, requests: u64) -> Learned {
    Learned::Usage(LearnedUsage {
        by: ReplicaId::new(replica),
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
            until: Timestamp::from_millis(1_800_000_060_001),
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

pub(crate) async fn is_told_to_others_as_it_changes(database: &Database) {
    let (writer, reader) = (database.open().await, database.open().await);
    let id = add(&writer, CANARY).await;
    let start = reader.revisions().await.unwrap();
    let cell = name(Domain::Key(id.clone()), Some("m"));
    let first = vec![dead(&id, DeathReason::Leaked), limited(cell.clone(), Window::DayRequests, 9)];
    let number = writer.share_learned(first.clone(), start.learned).await.unwrap();
    assert_eq!(number, start.learned + 1);
    assert_eq!(writer.share_learned(Vec::new(), 7).await.unwrap(), 7);
    let revisions = reader.revisions().await.unwrap();
    assert_eq!(revisions.learned, number);
    assert_eq!(revisions.configuration, start.configuration, "nothing to be loaded anew");
    let news = async |seen| sorted(reader.learned_since(seen).await.unwrap());
    assert_eq!(news(start.learned).await, sorted(first));
    assert!(news(number).await.is_empty());

    let block = blocked(cell.clone(), Window::DayRequests);
    let later = vec![block.clone(), used(cell, 3)];
    writer.share_learned(later.clone(), number).await.unwrap();
    assert_eq!(news(number).await, sorted(later));

    // A revival is a word of its own, whoever says it.
    let alive = Learned::Key(LearnedKey { id: id.clone(), health: Health::Alive });
    let before = reader.revisions().await.unwrap();
    writer.save_learned(vec![alive.clone()]).await.unwrap();
    assert_eq!(news(before.learned).await, std::slice::from_ref(&alive));
    writer.save_learned(vec![dead(&id, DeathReason::Leaked)]).await.unwrap();
    let before = reader.revisions().await.unwrap();
    assert!(writer.revive_key(&id).await.unwrap());
    assert_eq!(news(before.learned).await, [alive]);
    assert!(reader.revisions().await.unwrap().configuration > before.configuration);
    let all = reader.load_learned().await.unwrap();
    assert!(!all.iter().any(|entry| matches!(entry, Learned::Key(_))));
}

pub(crate) async fn what_others_found_out_meanwhile_stays(database: &Database) {
    let store = database.open().await;
    let id = add(&store, CANARY).await;
    let cell = name(Domain::Key(id.clone()), Some("m"));
    let until = |millis| {
        Learned::Cell(LearnedCell {
            name: cell.clone(),
            until: Timestamp::from_millis(millis),
            window: Window::MinuteRequests,
            limit: None,
            quota_id: None,
        })
    };
    let limit = |limit, met| {
        let (name, window) = (cell.clone(), Window::MinuteRequests);
        Learned::Limit(LearnedLimit { name, window, limit, met: Timestamp::from_millis(met) })
    };
    let seen = store.revisions().await.unwrap().learned;
    let news = vec![until(60_000), limit(5, 2_000)];
    let number = store.share_learned(news.clone(), seen).await.unwrap();
    // Somebody who has not heard of it.
    store.share_learned(vec![until(30_000), limit(20, 1_000)], seen).await.unwrap();
    assert_eq!(sorted(store.load_learned().await.unwrap()), sorted(news));
    store.share_learned(vec![Learned::CellOver(cell.clone())], seen).await.unwrap();
    assert_eq!(store.load_learned().await.unwrap().len(), 2);
    store.share_learned(vec![Learned::CellOver(cell.clone())], number).await.unwrap();
    assert_eq!(store.load_learned().await.unwrap(), [limit(5, 2_000)]);
    store.share_learned(vec![limit(6, 2_000)], number).await.unwrap();
    assert_eq!(store.load_learned().await.unwrap(), [limit(6, 2_000)], "a limit was raised");

    // A key that a person has revived since it died does not die by the old word.
    assert!(store.revive_key(&id).await.unwrap());
    let revived = store.list_keys().await.unwrap()[0].revived_at.unwrap();
    let died = |since| {
        let health = Health::Dead { reason: DeathReason::Leaked, since };
        Learned::Key(LearnedKey { id: id.clone(), health })
    };
    let earlier = Timestamp::from_millis(revived.millis() - 1);
    store.save_learned(vec![died(earlier)]).await.unwrap();
    assert_eq!(store.load_learned().await.unwrap().len(), 1);
    let later = Timestamp::from_millis(revived.millis() + 1);
    store.save_learned(vec![died(later)]).await.unwrap();
    assert_eq!(store.load_learned().await.unwrap().len(), 2);
}

pub(crate) async fn everybody_counts_for_himself(database: &Database) {
    let store = database.open().await;
    let cell = || name(Domain::Project("p".into()), Some("m"));
    let counts = vec![used_by("one", cell(), 7), used_by("two", cell(), 5)];
    store.save_learned(counts.clone()).await.unwrap();
    assert_eq!(sorted(store.load_learned().await.unwrap()), counts);
    let seen = store.revisions().await.unwrap().learned;
    store.save_learned(vec![used_by("two", cell(), 6)]).await.unwrap();
    assert_eq!(store.learned_since(seen).await.unwrap(), [used_by("two", cell(), 6)]);
    let all = [used_by("one", cell(), 7), used_by("two", cell(), 6)];
    assert_eq!(sorted(store.load_learned().await.unwrap()), all);
}

/// Numbers become visible in their order: whoever asks for what is newer than what it has seen
/// misses nothing, however many write at the same time.
pub(crate) async fn of_many_writers_at_once_nothing_is_missed(database: &Database) {
    const EACH: u64 = 8;
    let reader = database.open().await;
    let mut seen = reader.revisions().await.unwrap().learned;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let store = database.open().await;
        writers.spawn(async move {
            for number in 1..=EACH {
                let model = format!("{writer}-{number}");
                let cell = name(Domain::Project("p".into()), Some(&model));
                let row = limited(cell, Window::DayRequests, number);
                store.share_learned(vec![row], 0).await.unwrap();
            }
        });
    }
    let mut met = std::collections::BTreeSet::new();
    loop {
        let is_last = writers.is_empty();
        let newest = reader.revisions().await.unwrap().learned;
        let news = reader.learned_since(seen).await.unwrap();
        met.extend(news.iter().map(Learned::subject));
        seen = newest;
        if is_last {
            break;
        }
        while let Some(ended) = writers.try_join_next() {
            ended.unwrap();
        }
    }
    assert_eq!(met.len() as u64, 4 * EACH);
}
