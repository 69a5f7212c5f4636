//! `backup`: everything that the database knows, in one file.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secret::Passphrase;
use store::{BackupError, BackupOptions, Contents};

use crate::boot::Boot;
use crate::cli::Backup;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output;

/// Writes the file, whole or not at all.
pub(super) async fn run(environment: Environment, arguments: Backup) -> Result<(), Failure> {
    let is_stdout = arguments.file == Path::new("-");
    if !is_stdout && !arguments.force && arguments.file.exists() {
        return Err(Failure::configuration(format!(
            "{} is there already; --force puts the backup in its place",
            arguments.file.display()
        )));
    }
    let passphrase = arguments.passphrase_file.as_deref().map(passphrase).transpose()?;
    let options = BackupOptions { logs: arguments.logs, passphrase, ..BackupOptions::default() };
    let store = Boot::open(environment).await?.store;
    if is_stdout {
        let mut out = BufWriter::new(io::stdout());
        let contents = store.backup(&options, &mut out).await.map_err(failure)?;
        output::hint(&summary(&contents));
        return Ok(());
    }
    let draft = Draft::beside(&arguments.file)?;
    let mut out = BufWriter::new(draft.create()?);
    let contents = store.backup(&options, &mut out).await.map_err(failure)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error).context("the backup")?;
    file.sync_all().context("the backup")?;
    draft.becomes(&arguments.file)?;
    if arguments.json {
        return output::print_json(&contents);
    }
    output::print(&format!("{}: {}", arguments.file.display(), summary(&contents)))
}

/// The passphrase in a file.
pub(super) fn passphrase(path: &Path) -> Result<Passphrase, Failure> {
    let wrong = |problem: String| {
        Failure::configuration(format!(
            "--passphrase-file: {} {problem}; accepted: a file with at least 12 characters",
            path.display()
        ))
    };
    let text =
        fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read ({error})")))?;
    Passphrase::parse(&text).map_err(|error| wrong(error.to_string()))
}

/// What a backup holds, in words.
pub(super) fn summary(contents: &Contents) -> String {
    let mut text = [
        output::count(contents.keys, "key"),
        output::count(contents.tokens, "client token"),
        output::count(contents.settings, "saved setting"),
        output::count(contents.administrators, "administrator"),
    ]
    .join(", ");
    if contents.requests > 0 {
        text = format!("{text}, {}", output::count(contents.requests, "logged request"));
    }
    text
}

/// What is wrong with the file or the passphrase is the command's mistake.
pub(super) fn failure(error: BackupError) -> Failure {
    match error {
        BackupError::File(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            Failure::ReaderGone
        }
        BackupError::NotEmpty(_)
        | BackupError::Foreign
        | BackupError::Newer(_)
        | BackupError::OtherMasterKey
        | BackupError::PassphraseNeeded
        | BackupError::WrongPassphrase => Failure::configuration(error.to_string()),
        error => Failure::Failed(error.into()),
    }
}

/// A file that takes another name when it is whole; until then it goes away by itself.
struct Draft(PathBuf);

impl Draft {
    fn beside(file: &Path) -> Result<Self, Failure> {
        let name = file.file_name().context("the backup needs the name of a file")?;
        let mut draft = name.to_owned();
        draft.push(format!(".{}", std::process::id()));
        Ok(Self(file.with_file_name(draft)))
    }

    fn create(&self) -> Result<fs::File, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.0);
        Ok(file.with_context(|| format!("{} cannot be made", self.0.display()))?)
    }

    fn becomes(&self, file: &Path) -> Result<(), Failure> {
        fs::rename(&self.0, file)
            .with_context(|| format!("{} cannot be made", file.display()))
            .map_err(Failure::from)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It has its name by now, or nobody wants it.
        let _ = fs::remove_file(&self.0);
    }
}
