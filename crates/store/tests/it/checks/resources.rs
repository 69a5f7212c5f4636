use keypool::Timestamp;
use store::{Resource, ResourcePlace};

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
