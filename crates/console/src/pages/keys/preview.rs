//! `POST /admin/keys/preview`: what would become of a text that was pasted. Nothing is kept of it.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use keypool::Platform;
use serde::Deserialize;
use store::{ImportedKeys, Store};

use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::keys::KeysWords;
use crate::work;

/// One line that stands below the field.
#[derive(Template)]
#[template(path = "keys_preview.html")]
pub(crate) struct Preview {
    w: &'static KeysWords,
    /// Removed earlier ones are added again, so they count as new.
    new: u64,
    duplicate: u64,
    malformed: usize,
}

#[derive(Deserialize)]
pub(crate) struct Pasted {
    keys: String,
    #[serde(default)]
    platform: Platform,
}

pub(crate) async fn show(
    State(store): State<Store>,
    shell: Shell,
    pasted: Result<Form<Pasted>, FormRejection>,
) -> Result<Page<Preview>, Error> {
    let Form(Pasted { keys, platform }) = pasted?;
    let found = work::find_keys(&keys, platform, &[]);
    let ImportedKeys { added, existing, removed } = store.preview_keys(found.keys).await?;
    let twice = u64::try_from(found.duplicates).unwrap_or(u64::MAX);
    Ok(Page(Preview {
        w: KeysWords::of(shell.language),
        new: added + removed,
        duplicate: existing + twice,
        malformed: found.malformed,
    }))
}
