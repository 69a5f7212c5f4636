//! Where the master key comes from: a setting, a file, or a file made at the first start.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secret::MasterKey;
use settings::Storage;

use crate::failure::Failure;

/// Used with a database that is no file.
const FALLBACK_FILE: &str = "data/gemini-balance.key";

/// The master key, and the file that was made for it just now, if one was.
pub(crate) struct Found {
    pub(crate) key: MasterKey,
    pub(crate) created: Option<PathBuf>,
}

/// Reads the master key, or makes one in a file beside the database.
pub(crate) fn find(storage: &Storage) -> Result<Found, Failure> {
    if let Some(text) = &storage.master_key {
        let key = parse(text.expose(), "MASTER_KEY")?;
        return Ok(Found { key, created: None });
    }
    if let Some(path) = &storage.master_key_file {
        let text = fs::read_to_string(path).map_err(|error| {
            Failure::configuration(format!(
                "MASTER_KEY_FILE: {} cannot be read ({error}); accepted: a file with at least 16 \
                 characters, which `openssl rand -base64 32` makes",
                path.display()
            ))
        })?;
        let key = parse(&text, &format!("MASTER_KEY_FILE: {}", path.display()))?;
        return Ok(Found { key, created: None });
    }
    let url = storage.database_url.expose();
    match beside(url) {
        Some(path) => read_or_create(&path),
        // A database in memory goes with the process, and so may its key.
        None => Ok(Found { key: generate()?, created: None }),
    }
}

/// The master key, if there is one: none is made.
pub(crate) fn find_existing(storage: &Storage) -> Result<Option<MasterKey>, Failure> {
    let is_given = storage.master_key.is_some() || storage.master_key_file.is_some();
    let file = beside(storage.database_url.expose());
    if is_given || file.is_some_and(|file| file.exists()) {
        return find(storage).map(|found| Some(found.key));
    }
    Ok(None)
}

/// The key file that belongs to a database; none for a database in memory.
fn beside(url: &str) -> Option<PathBuf> {
    let Some(rest) = url.strip_prefix("sqlite:") else { return Some(FALLBACK_FILE.into()) };
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then(|| Path::new(path).with_extension("key"))
}

fn read_or_create(path: &Path) -> Result<Found, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Found { key: parse(&text, &path.display().to_string())?, created: None }),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path),
        Err(error) => {
            Err(Failure::configuration(format!("{} cannot be read: {error}", path.display())))
        }
    }
}

fn create(path: &Path) -> Result<Found, Failure> {
    let key = generate()?;
    match write_new(path, key.to_text()) {
        Ok(()) => Ok(Found { key, created: Some(path.to_owned()) }),
        // Another process made it meanwhile: that one counts.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let text = fs::read_to_string(path).context("the key file")?;
            Ok(Found { key: parse(&text, &path.display().to_string())?, created: None })
        }
        Err(error) => Err(Failure::configuration(format!(
            "the key file {} cannot be made ({error}); make its directory writable, or give \
             MASTER_KEY",
            path.display()
        ))),
    }
}

/// Writes a file that only its owner can read. It appears whole or not at all, and never takes the
/// place of another.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(directory) = directory {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file
        .write_all(format!("{text}\n").as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    written.and(removed)?;
    fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

fn parse(text: &str, place: &str) -> Result<MasterKey, Failure> {
    MasterKey::from_text(text).map_err(|error| {
        Failure::configuration(format!(
            "{place}: {error}; accepted: a text of 16 or more characters"
        ))
    })
}

fn generate() -> Result<MasterKey, Failure> {
    MasterKey::generate().context("no master key could be made").map_err(Failure::from)
}
