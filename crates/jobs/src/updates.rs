//! Whether there is a newer version: asked once a day of the feed that the owner has named, and of
//! nobody if none is.

use std::sync::Arc;
use std::time::Duration;

use relay::{Elsewhere, Gateway};
use serde::{Deserialize, Serialize};
use settings::Settings;
use store::{Chore, Store};

/// How often it is looked whether the time has come.
const GLANCE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// What a feed may have to say.
const ENOUGH: usize = 4 << 20;

/// So much is kept of what a version brings, in characters.
const NOTES: usize = 2_000;

/// A version that was released.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its number, as its makers write it.
    pub version: String,
    /// Where there is more about it.
    pub url: Option<String>,
    /// What it brings.
    pub notes: String,
    /// When it was released, as the feed says.
    pub published_at: Option<String>,
}

/// A release as GitHub's API tells of it.
#[derive(Deserialize)]
struct Told {
    tag_name: String,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    published_at: Option<String>,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
}

/// The newest release, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Feed {
    One(Told),
    Several(Vec<Told>),
}

/// Asks once a day, as long as there is a feed, until the gateway stops.
pub async fn watch_releases(gateway: Arc<Gateway>, store: Store) {
    while !gateway.stop.is_cancelled() {
        let configuration = gateway.configuration();
        if configuration.settings.jobs.update_feed.is_some() {
            match store.claim_chore(Chore::Updates, relay::now(), DAY, DAY).await {
                Ok(true) => drop(look_for_release(&configuration.settings, &store).await),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "whether to ask for releases is not known"),
            }
        }
        drop(configuration);
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            () = gateway.stop.cancelled() => return,
        }
    }
}

/// Asks now, whenever it was asked before.
pub async fn look_for_release_now(settings: &Settings, store: &Store) -> Result<Release, String> {
    let begun = store.begin_chore(Chore::Updates, relay::now()).await;
    begun.map_err(|error| error.to_string())?;
    look_for_release(settings, store).await
}

/// Asks, and writes down what was said.
async fn look_for_release(settings: &Settings, store: &Store) -> Result<Release, String> {
    let asked = ask(settings).await;
    let (is_done, detail) = match &asked {
        Ok(release) => (true, serde_json::to_string(release).unwrap_or_default()),
        Err(why) => (false, why.clone()),
    };
    if let Err(error) = store.end_chore(Chore::Updates, relay::now(), is_done, &detail).await {
        tracing::warn!(%error, "what the feed of releases said could not be written down");
    }
    asked
}

async fn ask(settings: &Settings) -> Result<Release, String> {
    let feed = settings.jobs.update_feed.as_deref().ok_or("UPDATE_FEED_URL is not set")?;
    let feed = Elsewhere::new(&settings.upstream, feed).map_err(|error| error.to_string())?;
    let (status, body) = feed.ask(None, ENOUGH).await?;
    if !status.is_success() {
        return Err(format!("UPDATE_FEED_URL answers with status {}", status.as_u16()));
    }
    newest(&body).ok_or_else(|| "UPDATE_FEED_URL answers with no release".to_owned())
}

fn newest(feed: &[u8]) -> Option<Release> {
    let told = match serde_json::from_slice(feed).ok()? {
        Feed::One(told) => vec![told],
        Feed::Several(told) => told,
    };
    let finished = told.into_iter().filter(|told| !told.draft && !told.prerelease);
    let told = finished.max_by_key(|told| numbers(&told.tag_name))?;
    let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    Some(Release {
        version: told.tag_name.chars().take(100).collect(),
        url: told.html_url.filter(is_web),
        notes: told.body.unwrap_or_default().chars().take(NOTES).collect(),
        published_at: told.published_at,
    })
}

impl Release {
    /// Whether it is newer than a version.
    pub fn is_newer_than(&self, version: &str) -> bool {
        let released = numbers(&self.version);
        !released.is_empty() && released > numbers(version)
    }
}

/// `v1.20.3` as numbers; what follows a hyphen or plus does not count.
fn numbers(version: &str) -> Vec<u64> {
    let version = version.trim().trim_start_matches(['v', 'V']);
    let version = version.split(['-', '+']).next().unwrap_or_default();
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_finished_release_counts() {
        let feed = br#"[{"tag_name":"v1.9.0"},{"tag_name":"v1.10.0","html_url":"https://x/r",
            "body":"News","published_at":"2026-11-01T00:00:00Z"},
            {"tag_name":"v2.0.0","prerelease":true},{"tag_name":"v3.0.0","draft":true}]"#;
        let release = newest(feed).unwrap();
        assert_eq!((release.version.as_str(), release.notes.as_str()), ("v1.10.0", "News"));
        assert_eq!(release.url.as_deref(), Some("https://x/r"));
        let one = newest(br#"{"tag_name":"0.2","html_url":"javascript:alert(1)"}"#).unwrap();
        assert_eq!((one.version.as_str(), one.url), ("0.2", None));
        assert_eq!(newest(b"[]"), None);
        assert_eq!(newest(b"<html>"), None);
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let release = |version: &str| Release { version: version.to_owned(), ..Release::default() };
        assert!(release("v0.10.0").is_newer_than("0.9.9"));
        assert!(release("1").is_newer_than("0.9.9"));
        assert!(!release("v0.1.0").is_newer_than("0.1.0"));
        assert!(!release("0.1").is_newer_than("0.1.0"));
        assert!(!release("nightly").is_newer_than("0.1.0"));
    }
}
