use jobs::Release;
use keypool::Timestamp;
use serde::Serialize;
use store::{Chore, Store};
use utoipa::ToSchema;

use crate::State;
use crate::changes::settings::resolved;
use crate::error::Error;

/// Whether there is a newer version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Updates {
    /// Whether anybody is asked: `UPDATE_FEED_URL` is set.
    pub(crate) enabled: bool,
    /// The version that runs.
    pub(crate) current: String,
    /// When somebody was asked last.
    pub(crate) checked_at: Option<Timestamp>,
    /// The newest version, as far as is known.
    pub(crate) newest: Option<NewestRelease>,
    /// Whether that is newer than the one that runs.
    pub(crate) is_newer: bool,
    /// Why nothing was found out.
    pub(crate) error: Option<String>,
}

/// A version that was released.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewestRelease {
    pub(crate) version: String,
    /// Where there is more about it.
    pub(crate) url: Option<String>,
    /// What it brings, as its makers say.
    pub(crate) notes: String,
    pub(crate) published_at: Option<String>,
}

impl Updates {
    pub(crate) async fn read(state: &State) -> Result<Self, Error> {
        let feed = resolved(state).await?.settings.jobs.update_feed;
        Self::of(&state.store, feed.is_some()).await
    }

    /// What is written down.
    pub(crate) async fn of(store: &Store, enabled: bool) -> Result<Self, Error> {
        let current = env!("CARGO_PKG_VERSION");
        let report = store.chore(Chore::Updates).await?.filter(|_| enabled);
        let release: Option<Release> =
            report.as_ref().and_then(|report| serde_json::from_str(&report.detail).ok());
        let failed = report.as_ref().filter(|report| !report.is_done && report.ended_at.is_some());
        Ok(Self {
            enabled,
            current: current.to_owned(),
            checked_at: report.as_ref().and_then(|report| report.ended_at),
            is_newer: release.as_ref().is_some_and(|release| release.is_newer_than(current)),
            newest: release.map(|release| NewestRelease {
                version: release.version,
                url: release.url,
                notes: release.notes,
                published_at: release.published_at,
            }),
            error: failed.map(|report| report.detail.clone()),
        })
    }

    /// Asks now.
    pub(crate) async fn look(state: &State) -> Result<Self, Error> {
        let settings = resolved(state).await?.settings;
        if settings.jobs.update_feed.is_none() {
            return Err(Error::Conflict(
                "Nobody is asked for newer versions: set UPDATE_FEED_URL.".to_owned(),
            ));
        }
        // Why it failed is written down, and read below.
        let _ = jobs::look_for_release_now(&settings, &state.store).await;
        Self::read(state).await
    }
}
