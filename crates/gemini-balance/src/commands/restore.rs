//! `restore`: a backup, read into a database of any kind.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use keypool::Timestamp;
use store::{BackupOptions, Restored};

use super::audited;
use super::backup::{failure, passphrase, summary};
use crate::boot::Boot;
use crate::cli::Restore;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output;

/// Puts everything of the backup into the database, or nothing.
pub(super) async fn run(environment: Environment, arguments: Restore) -> Result<(), Failure> {
    let passphrase = arguments.passphrase_file.as_deref().map(passphrase).transpose()?;
    let options = BackupOptions {
        logs: true,
        passphrase,
        replace: arguments.force,
        ..BackupOptions::default()
    };
    let (store, restored) = if arguments.file == Path::new("-") {
        let store = Boot::open(environment).await?.store;
        let restored = store.restore(&options, &mut BufReader::new(io::stdin())).await;
        (store, restored)
    } else {
        let file = File::open(&arguments.file).map_err(|error| {
            Failure::configuration(format!("{} cannot be read: {error}", arguments.file.display()))
        })?;
        let store = Boot::open(environment).await?.store;
        let restored = store.restore(&options, &mut BufReader::new(file)).await;
        (store, restored)
    };
    let restored = restored.map_err(failure)?;
    let detail = serde_json::json!(restored.contents).to_string();
    audited::note(&store, "restore", "", &detail).await?;
    if arguments.json {
        return output::print_json(&restored);
    }
    show(&restored)
}

fn show(restored: &Restored) -> Result<(), Failure> {
    output::print(&format!(
        "restored what version {} wrote down at {}: {}",
        restored.version,
        output::moment(Timestamp::from_millis(restored.made_at)),
        summary(&restored.contents)
    ))?;
    if restored.forgotten > 0 {
        output::hint(&format!(
            "warning: {} cannot be remembered under this master key: API_KEYS may bring them back",
            output::count(restored.forgotten, "removed key")
        ));
    }
    Ok(())
}
