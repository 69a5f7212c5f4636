use keypool::Timestamp;
use store::{Resource, ResourceColumn, ResourceFilter, ResourceOrder, ResourcePlace, Store};

use crate::database::Database;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn file(name: &str, token: &str) -> Resource {
    Resource {
        name: name.to_owned(),
        kind: "files".to_owned(),
        key_id: "key-1".to_owned(),
        project: Some("shop".to_owned()),
        token_id: token.to_owned(),
        state: "PROCESSING".to_owned(),
        display_name: Some("Zahlen, März 🎉".to_owned()),
        mime: Some("text/plain".to_owned()),
        size: Some(2 << 30),
        created_at: NOW,
        expires_at: Some(at(2_000_000)),
        body: r#"{"name":"canary-of-a-file"}"#.to_owned(),
    }
}

pub(crate) async fn belong_to_whoever_made_them(database: &Database) {
    let store = database.open().await;
    let keep = async |resource: &Resource, now| store.keep_resource(resource, now).await.unwrap();
    let find = async |name: &str| store.find_resource(name).await.unwrap();
    let mine = file("files/a", "mine");
    assert!(keep(&mine, NOW).await);
    assert_eq!(find("files/a").await, Some(mine.clone()));
    assert_eq!(find("files/A").await, None);
    assert_eq!(find("files/b").await, None);
    assert!(!keep(&file("files/a", "other"), NOW).await, "it is somebody's");
    assert_eq!(find("files/a").await, Some(mine.clone()));

    let active = Resource { state: "ACTIVE".to_owned(), created_at: at(9), ..mine.clone() };
    assert!(keep(&active, NOW).await);
    let expected = Resource { created_at: NOW, ..active };
    assert_eq!(find("files/a").await, Some(expected), "it was not made anew");
    let plain = b"canary-of-a-file";
    let contents = database.contents().await;
    assert!(!contents.windows(plain.len()).any(|window| window == plain));

    assert!(keep(&file("files/a", "other"), at(2_000_000)).await, "it had expired");
    assert_eq!(find("files/a").await.unwrap().token_id, "other");
    assert!(store.forget_resource("files/a").await.unwrap());
    assert!(!store.forget_resource("files/a").await.unwrap());

    let long = format!("interactions/{}", "x".repeat(500));
    assert!(keep(&file(&long, "mine"), NOW).await);
    assert_eq!(find(&long).await.unwrap().name, long);
    assert_eq!(find(&long[..long.len() - 1]).await, None);
    let endless = Resource { expires_at: None, ..file("batches/b", "mine") };
    assert!(keep(&endless, NOW).await);
    assert_eq!(store.forget_expired_resources(at(1_999_999)).await.unwrap(), 0);
    assert_eq!(store.forget_expired_resources(at(2_000_000)).await.unwrap(), 1);
    assert_eq!(find(&long).await, None);
    assert_eq!(find("batches/b").await, Some(endless));
}

pub(crate) async fn are_listed_page_by_page(database: &Database) {
    let store = database.open().await;
    for number in 0..25 {
        let token = if number % 5 == 0 { "other" } else { "mine" };
        let made = file(&format!("files/{number:02}"), token);
        let made = Resource { created_at: at(1_000_000 + number / 3), ..made };
        assert!(store.keep_resource(&made, NOW).await.unwrap());
    }
    let over = Resource { expires_at: Some(NOW), ..file("files/over", "mine") };
    assert!(store.keep_resource(&over, at(1)).await.unwrap());
    let cache = Resource { kind: "cachedContents".to_owned(), ..file("cachedContents/c", "mine") };
    assert!(store.keep_resource(&cache, NOW).await.unwrap());

    let mut seen: Vec<Resource> = Vec::new();
    loop {
        let behind = seen.last().map(|last| {
            let (created_at, name) = (last.created_at, last.name.clone());
            ResourcePlace { created_at, name }
        });
        let page = store.list_resources("files", Some("mine"), behind.as_ref(), NOW, 7).await;
        let page = page.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.iter().all(|resource| resource.token_id == "mine"));
    assert!(seen.is_sorted_by(|one, next| one.created_at >= next.created_at));
    let mut names: Vec<_> = seen.iter().map(|resource| &resource.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 20);
    let all = store.list_resources("files", None, None, NOW, 100).await.unwrap();
    assert_eq!(all.len(), 25);
}

/// Thirty files of three keys, some of which expire, and a cache.
async fn fill(store: &Store) {
    for number in 0..30_u32 {
        let made = file(&format!("files/{number:02}"), if number < 10 { "one" } else { "two" });
        let made = Resource {
            key_id: format!("key-{}", number % 3),
            project: (number % 3 == 0).then(|| "shop".to_owned()),
            size: (number % 2 == 0).then_some(u64::from(number) * 10),
            created_at: at(1_000_000 + i64::from(number)),
            expires_at: (number % 5 != 0).then(|| at(3_000_000 - i64::from(number) * 1_000)),
            ..made
        };
        assert!(store.keep_resource(&made, NOW).await.unwrap());
    }
    let cache = Resource { kind: "cachedContents".to_owned(), ..file("cachedContents/c", "one") };
    assert!(store.keep_resource(&cache, NOW).await.unwrap());
}

pub(crate) async fn are_surveyed_by_key(database: &Database) {
    let store = database.open().await;
    fill(&store).await;
    let mut groups = store.survey_resources(None, at(2_990_000)).await.unwrap();
    groups.sort_by(|one, other| (&one.kind, &one.key_id).cmp(&(&other.kind, &other.key_id)));
    let numbers: Vec<_> = groups
        .iter()
        .map(|group| (group.kind.as_str(), group.key_id.as_str(), group.count, group.over))
        .collect();
    let expected = [
        ("cachedContents", "key-1", 1, 1),
        ("files", "key-0", 10, 5),
        ("files", "key-1", 10, 5),
        ("files", "key-2", 10, 6),
    ];
    assert_eq!(numbers, expected);
    assert_eq!(groups[1].project.as_deref(), Some("shop"));
    assert_eq!(groups[1].bytes, 60, "of files/06; 12, 18 and 24 are over");
    let own = store.survey_resources(Some("one"), NOW).await.unwrap();
    assert_eq!(own.iter().map(|group| group.count).sum::<u64>(), 11);
}

pub(crate) async fn are_filtered_and_ordered(database: &Database) {
    let store = database.open().await;
    fill(&store).await;
    let names = async |filter: &ResourceFilter, order, offset, limit| {
        let page = store.page_of_resources(filter, order, offset, limit, at(2_990_000)).await;
        let names = page.unwrap().into_iter().map(|resource| resource.name);
        names.collect::<Vec<_>>()
    };
    let all = ResourceFilter::default();
    let order = |by, downwards| ResourceOrder { by, downwards };
    let newest = order(ResourceColumn::Made, true);
    assert_eq!(names(&all, newest, 0, 2).await, ["files/29", "files/28"]);
    assert_eq!(names(&all, newest, 29, 9).await.len(), 2);
    let largest = names(&all, order(ResourceColumn::Size, true), 0, 31).await;
    assert_eq!(largest[..2], ["cachedContents/c", "files/28"]);
    assert!(largest[16..].iter().all(|name| name.ends_with(['1', '3', '5', '7', '9'])));
    let soonest = names(&all, order(ResourceColumn::Expires, false), 0, 31).await;
    assert_eq!(soonest[..2], ["cachedContents/c", "files/29"]);
    assert_eq!(soonest[25..].len(), 6, "those that never expire are last");
    let some = ResourceFilter {
        kinds: Some(vec!["files".to_owned(), "batches".to_owned()]),
        token_id: Some("two".to_owned()),
        key_ids: Some(vec!["key-0".to_owned()]),
        is_over: Some(true),
    };
    let found = store.names_of_resources(&some, at(2_990_000)).await.unwrap();
    assert_eq!(found, ["files/12", "files/18", "files/21", "files/24", "files/27"]);
    let living = ResourceFilter { is_over: Some(false), ..some };
    let found = store.names_of_resources(&living, at(2_990_000)).await.unwrap();
    assert_eq!(found, ["files/15"]);
    let nothing = ResourceFilter { kinds: Some(Vec::new()), ..ResourceFilter::default() };
    assert_eq!(store.names_of_resources(&nothing, NOW).await.unwrap(), [""; 0]);
}
