//! Whether data can be written where it is to lie.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::Check;

const NAME: &str = "data folder";

/// Whether files can be made in the folder of `file`, and nobody else can read it.
pub fn folder(file: &Path) -> Check {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let shown = folder.display();
    match try_writing(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Check::warn(
            NAME,
            format!("{shown} is not there yet"),
            "the first start makes it; in a container, mount a volume there",
        ),
        Err(error) => Check::fail(
            NAME,
            format!("{shown} cannot be written: {error}"),
            "give it to the user that runs the gateway, and see whether the disk is full",
        ),
        Ok(()) if is_open_to_all(file) => Check::warn(
            NAME,
            format!("{} can be read by every user of this machine", file.display()),
            format!("chmod 600 {}", file.display()),
        ),
        Ok(()) => Check::ok(NAME, format!("{shown} can be written")),
    }
}

/// The file that a database URL names, if it names one.
pub fn database_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    (path != ":memory:").then(|| Path::new(path).to_owned())
}

fn try_writing(folder: &Path) -> io::Result<()> {
    let draft = folder.join(format!(".doctor-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).open(&draft)?;
    fs::remove_file(&draft)
}

#[cfg(unix)]
fn is_open_to_all(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|about| about.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open_to_all(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sqlite_has_a_file() {
        let file = |url| database_file(url).map(|file| file.display().to_string());
        assert_eq!(file("sqlite://data/gb.db").as_deref(), Some("data/gb.db"));
        assert_eq!(file("sqlite:///data/gb.db?mode=rwc").as_deref(), Some("/data/gb.db"));
        assert_eq!(file("sqlite::memory:"), None);
        assert_eq!(file("postgres://host/data"), None);
    }
}
