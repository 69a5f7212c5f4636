use keypool::Timestamp;
use store::KeptPicture;

use crate::database::Database;

pub(crate) async fn are_found_by_their_signed_name_until_their_time(database: &Database) {
    let store = database.open().await;
    let picture = KeptPicture {
        mime: "image/png".into(),
        bytes: [b"canary-of-a-picture".as_slice(), &vec![7; 3_000_000]].concat(),
        until: Timestamp::from_millis(i64::MAX / 2),
    };
    let name = store.keep_picture(&picture).await.unwrap();
    assert!(name.rsplit('.').next() == Some("png") && name.len() > 64, "{name}");
    store.close().await;

    let store = database.open().await;
    assert_eq!(store.find_picture(&name).await.unwrap(), Some(picture.clone()));
    let other = store.keep_picture(&picture).await.unwrap();
    let (id, _) = name.split_once('-').unwrap();
    let (_, rest) = other.split_once('-').unwrap();
    let later = name.replacen("-3", "-4", 1);
    for forged in
        [&format!("{id}-{rest}"), &later, id, "", "a.png", "--.png", "é-é-é.é", &name[1..]]
    {
        assert_eq!(store.find_picture(forged).await.unwrap(), None, "{forged}");
    }
    let contents = database.contents().await;
    let canary = b"canary-of-a-picture";
    assert!(!contents.windows(canary.len()).any(|window| window == canary));

    let past = KeptPicture { until: Timestamp::from_millis(1_000), ..picture };
    let gone = store.keep_picture(&past).await.unwrap();
    assert_eq!(store.find_picture(&gone).await.unwrap(), None);
    assert_eq!(store.delete_pictures_before(Timestamp::from_millis(2_000)).await.unwrap(), 1);
    assert!(store.find_picture(&other).await.unwrap().is_some());
}
