//! What somebody brings, and what it is.

use import::{Import, ImportError, Options};
use keypool::Platform;
use secret::Passphrase;
use store::NewKey;

use super::file::ReceivedFile;
use crate::error::Error;
use crate::words::moving::Spoken;
use crate::work;

/// Schemes of the databases that are read over the network; files are sent.
const SCHEMES: [&str; 4] = ["mysql", "mariadb", "postgres", "postgresql"];

/// How another project's data is to be taken over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    /// Settings that were saved here give way.
    pub(crate) overwrite: bool,
    /// Logs stay behind.
    pub(crate) without_logs: bool,
    /// The zone of the Python project's clock.
    pub(crate) timezone: Option<String>,
}

/// What was brought.
#[derive(Debug)]
pub(crate) enum Brought {
    /// Keys out of a pasted text, in which some stood twice, and some were none.
    Keys { keys: Vec<NewKey>, repeated: usize, malformed: usize },
    /// Another project's data.
    Project(Project),
    /// A backup of this program, and the passphrase that opens it.
    Backup { file: ReceivedFile, passphrase: Option<Passphrase> },
}

/// Another project's data, and the file that it is read from.
#[derive(Debug)]
pub(crate) struct Project {
    pub(super) import: Import,
    file: Option<(ReceivedFile, String)>,
}

impl Brought {
    /// A pasted text: the lines of a `.env` file, or whatever holds keys.
    pub(crate) fn text(text: &str) -> Result<Self, Error> {
        if is_settings(text) {
            let import = Import::of_text(PASTED, text.to_owned());
            let import = import.map_err(|error| refused("text", &error))?;
            return Ok(Self::Project(Project { import, file: None }));
        }
        let found = work::find_keys(text, Platform::Gemini, &[]);
        if found.keys.is_empty() {
            return Err(Error::invalid("text", "holds no key, and no setting of a .env file"));
        }
        let (repeated, malformed) = (found.duplicates, found.malformed);
        Ok(Self::Keys { keys: found.keys, repeated, malformed })
    }

    /// A database at a server.
    pub(crate) async fn url(url: &str, wishes: &Wishes) -> Result<Self, Error> {
        let scheme = url.trim().split("://").next().unwrap_or_default();
        let scheme = scheme.split('+').next().unwrap_or_default();
        if !url.contains("://") || !SCHEMES.contains(&scheme) {
            let accepted = "names no database server; accepted: mysql://… and postgres://…, while \
                            an SQLite file is uploaded";
            return Err(Error::invalid("url", accepted));
        }
        let import = Import::open(url.trim(), wishes.options()).await;
        let import = import.map_err(|error| refused("url", &error))?;
        Ok(Self::Project(Project { import, file: None }))
    }

    /// A file: another project's database or `.env` file, a list of keys, or a backup.
    pub(crate) async fn file(
        file: ReceivedFile,
        name: &str,
        wishes: &Wishes,
        passphrase: Option<Passphrase>,
    ) -> Result<Self, Error> {
        let file = file.finish()?;
        if file.is_backup() {
            return Ok(Self::Backup { file, passphrase });
        }
        let path = file.path().display().to_string();
        let name = shown(name);
        let import = Import::open(&path, wishes.options()).await;
        let import = import.map_err(|error| {
            let said = Spoken::with(|w| w.import_error(&error));
            Error::Refused { field: "file", said: said.map(|text| text.replace(&path, &name)) }
        })?;
        Ok(Self::Project(Project { import, file: Some((file, name)) }))
    }

    /// A name for what was pasted, sent or named.
    pub(super) fn in_the_words_of(&self, text: &str) -> String {
        match self {
            Self::Project(Project { file: Some((file, name)), .. }) => {
                text.replace(&file.path().display().to_string(), name)
            }
            _ => text.to_owned(),
        }
    }
}

impl Wishes {
    fn options(&self) -> Options {
        Options {
            project: None,
            timezone: self.timezone.clone().filter(|zone| !zone.trim().is_empty()),
            overwrite: self.overwrite,
            without_logs: self.without_logs,
        }
    }
}

fn refused(field: &'static str, error: &ImportError) -> Error {
    Error::Refused { field, said: Spoken::with(|w| w.import_error(error)) }
}

/// What a pasted text is called.
pub(crate) const PASTED: &str = "the pasted text";

/// The last part of what a browser calls a file; never empty.
fn shown(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if name.is_empty() { "the file".to_owned() } else { name.chars().take(100).collect() }
}

/// The first line that says something sets a variable.
fn is_settings(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let name = first.and_then(|line| line.split_once('=')).map(|(name, _)| name.trim());
    let name = name.map(|name| name.strip_prefix("export ").unwrap_or(name).trim());
    name.is_some_and(|name| {
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.chars().all(|letter| {
                letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_'
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AIzaSyPasted00000000000000000000000one1";

    #[test]
    fn a_pasted_text_is_settings_or_keys() {
        for text in ["API_KEYS=[]", "# mine\n\nexport TEST_MODEL = x", "\u{feff}A1_B=c"] {
            assert!(is_settings(text), "{text}");
        }
        for text in ["", KEY, "name,key\nlaptop,AIza=", "key = \"AIza\"", "1A=2"] {
            assert!(!is_settings(text), "{text}");
        }
        let both = format!("API_KEYS=[\"{KEY}\"]\nMAX_RETRIES=5");
        assert!(matches!(Brought::text(&both).unwrap(), Brought::Project(_)));
        let twice = format!("my key is {KEY}, I say {KEY}");
        let Brought::Keys { keys, repeated, .. } = Brought::text(&twice).unwrap() else {
            panic!("a text with keys")
        };
        assert_eq!((keys.len(), repeated), (1, 1));
        assert!(Brought::text("nothing").unwrap_err().to_string().starts_with("text: "));
    }

    #[tokio::test]
    async fn files_are_sent_and_not_named() {
        for url in ["/etc/passwd", "sqlite:///etc/passwd", "file:./x", "http://x/", "://"] {
            let error = Brought::url(url, &Wishes::default()).await.unwrap_err().to_string();
            assert!(error.starts_with("url: names no database server"), "{error}");
        }
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_file_is_said_in_its_own_name() {
        let mut file = ReceivedFile::new().unwrap();
        file.add(&[0xff, 0xfe, 0x00]).unwrap();
        let wishes = Wishes::default();
        let error = Brought::file(file, r"C:\old\odd.bin", &wishes, None).await.unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("file: odd.bin: holds nothing"), "{error}");
        assert_eq!(shown(" "), "the file");
    }
}
