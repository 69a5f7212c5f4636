//! The table of all settings, one file a group of them.

mod generation;
mod jobs;
mod logging;
mod media;
mod models;
mod notifications;
mod pictures;
mod pool;
mod security;
mod server;
mod storage;
mod stream;
mod upstream;

use crate::definition::{Definition, Group};

/// All settings in reading order.
pub fn definitions() -> impl Iterator<Item = Definition> {
    let tables: [(Group, &[Definition]); 13] = [
        (Group::Server, server::TABLE),
        (Group::Storage, storage::TABLE),
        (Group::Security, security::TABLE),
        (Group::Pool, pool::TABLE),
        (Group::Upstream, upstream::TABLE),
        (Group::Models, models::TABLE),
        (Group::Generation, generation::TABLE),
        (Group::Stream, stream::TABLE),
        (Group::Media, media::TABLE),
        (Group::Media, pictures::TABLE),
        (Group::Jobs, jobs::TABLE),
        (Group::Notifications, notifications::TABLE),
        (Group::Logging, logging::TABLE),
    ];
    tables
        .into_iter()
        .flat_map(|(group, table)| table.iter().map(move |definition| definition.in_group(group)))
}

/// The setting called `name` (in any case), or that has it as another name.
pub fn find(name: &str) -> Option<Definition> {
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    definitions().find(|definition| same(definition.name)).or_else(|| {
        definitions().find(|definition| definition.aliases.iter().any(|alias| same(alias)))
    })
}

/// The setting whose name is most alike, if it is alike enough to be meant.
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_uppercase();
    let enough = (name.len() / 3).max(2);
    definitions()
        .map(|definition| (distance(&name, definition.name), definition.name))
        .min()
        .filter(|(distance, _)| *distance <= enough)
        .map(|(_, nearest)| nearest)
}

/// Edits (insert, delete, replace) from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, left) in from.bytes().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(to.bytes()) {
            let replaced = diagonal + usize::from(left != right);
            diagonal = *cell;
            *cell = replaced.min(before + 1).min(diagonal + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
