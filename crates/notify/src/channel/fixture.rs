//! Settings and messages for the tests of channels.

use std::collections::BTreeMap;

use keypool::Timestamp;
use settings::{Notifications, Resolved};

use crate::Message;
use crate::post::Post;

pub(super) fn settings(changed: &[(&str, &str)]) -> Notifications {
    let given = changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let given: BTreeMap<String, String> = given.collect();
    Resolved::new(&given, &BTreeMap::new()).unwrap().settings.notifications
}

pub(super) fn message() -> Message {
    Message::test(Timestamp::from_millis(1_700_000_000_000))
}

pub(super) fn json(post: &Post) -> serde_json::Value {
    serde_json::from_slice(&post.body).unwrap()
}
