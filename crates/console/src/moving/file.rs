//! A file that is being sent to the console.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::PathBuf;

use tempfile::TempDir;

use crate::error::Error;

/// No larger file is taken; what is larger can be read where it lies, on the command line.
pub(crate) const LARGEST: u64 = 512 * 1024 * 1024;

/// How a backup of this program begins.
const BACKUP: &[u8] = br#"{"gemini_balance_backup""#;

/// In a folder that nobody else can look into, and that goes with it.
#[derive(Debug)]
pub(crate) struct ReceivedFile {
    folder: TempDir,
    file: File,
    size: u64,
}

impl ReceivedFile {
    pub(crate) fn new() -> Result<Self, Error> {
        let folder = private(&mut tempfile::Builder::new()).map_err(|error| refused(&error))?;
        let file = File::create_new(path(&folder)).map_err(|error| refused(&error))?;
        Ok(Self { folder, file, size: 0 })
    }

    /// Takes a piece. What comes after too much is not kept.
    pub(crate) fn add(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.size += piece.len() as u64;
        if self.size > LARGEST {
            return Ok(());
        }
        self.file.write_all(piece).map_err(|error| refused(&error))
    }

    /// The whole of it is here; refuses what was too large, and nothing at all.
    pub(crate) fn finish(self) -> Result<Self, Error> {
        if self.size == 0 {
            return Err(Error::invalid("file", "is empty"));
        }
        if self.size > LARGEST {
            let most = LARGEST / (1024 * 1024);
            return Err(Error::TooLarge(format!(
                "file: is larger than {most} MiB; `gemini-balance import FILE`, or `restore FILE`, \
                 reads it on the server"
            )));
        }
        Ok(self)
    }

    pub(crate) fn path(&self) -> PathBuf {
        path(&self.folder)
    }

    pub(crate) fn is_backup(&self) -> bool {
        let mut begin = [0; BACKUP.len()];
        let read = File::open(self.path()).and_then(|mut file| file.read_exact(&mut begin));
        read.is_ok() && begin == BACKUP
    }

    pub(crate) fn reader(&self) -> std::io::Result<BufReader<File>> {
        File::open(self.path()).map(BufReader::new)
    }
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("upload")
}

#[cfg(unix)]
fn private(builder: &mut tempfile::Builder<'_, '_>) -> std::io::Result<TempDir> {
    use std::os::unix::fs::PermissionsExt as _;
    builder.prefix("gemini-balance-").permissions(std::fs::Permissions::from_mode(0o700)).tempdir()
}

#[cfg(not(unix))]
fn private(builder: &mut tempfile::Builder<'_, '_>) -> std::io::Result<TempDir> {
    builder.prefix("gemini-balance-").tempdir()
}

fn refused(error: &std::io::Error) -> Error {
    let folder = std::env::temp_dir();
    Error::Conflict(format!("The file cannot be kept in {} meanwhile: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_private_and_goes_with_its_owner() {
        let mut file = ReceivedFile::new().unwrap();
        file.add(b"API_KEYS").unwrap();
        file.add(b"=[]").unwrap();
        let file = file.finish().unwrap();
        let path = file.path();
        assert_eq!(std::fs::read(&path).unwrap(), b"API_KEYS=[]");
        assert!(!file.is_backup());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let folder = path.parent().unwrap().metadata().unwrap();
            assert_eq!(folder.permissions().mode() & 0o777, 0o700);
        }
        drop(file);
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        let empty = ReceivedFile::new().unwrap().finish().unwrap_err();
        assert_eq!(empty.to_string(), "file: is empty");
        let mut large = ReceivedFile::new().unwrap();
        large.size = LARGEST;
        large.add(b"x").unwrap();
        assert_eq!(std::fs::metadata(large.path()).unwrap().len(), 0);
        let error = large.finish().unwrap_err().to_string();
        assert!(error.starts_with("file: is larger than 512 MiB"), "{error}");
    }

    #[test]
    fn a_backup_is_known_by_how_it_begins() {
        let mut file = ReceivedFile::new().unwrap();
        file.add(br#"{"gemini_balance_backup":1,"version":"0.1.0"}"#).unwrap();
        assert!(file.finish().unwrap().is_backup());
    }
}
