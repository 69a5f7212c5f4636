//! What runs by the clock.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of scheduled work.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "CHECK_INTERVAL_HOURS",
        Kind::Integer { min: 0, max: 8760 },
        "1",
        "Hours between two checks of keys that were taken out; 0 never checks.",
    ),
    Definition::new(
        "TIMEZONE",
        Kind::TimeZone,
        "UTC",
        "Time zone in which times are shown, daily work is scheduled, and the days and months of \
         client tokens' limits begin.",
    ),
    Definition::new(
        "BACKUP_INTERVAL_HOURS",
        Kind::Integer { min: 0, max: 8760 },
        "0",
        "Hours between two backups that are made by themselves; 0 makes none.",
    ),
    Definition::new(
        "BACKUP_KEEP",
        Kind::Integer { min: 1, max: 1000 },
        "7",
        "So many of these backups are kept; older ones are deleted.",
    ),
    Definition::new(
        "BACKUP_FOLDER",
        Kind::Text,
        "data/backups",
        "Folder of these backups, on the machine of the gateway that makes them. It is made if it is \
         not there.",
    ),
    Definition::new(
        "BACKUP_PASSPHRASE",
        Kind::LongSecret { min: 12 },
        "",
        "Seals the secrets in these backups, so that they can be restored under another master key. \
         Without it they stay sealed under the master key, which is needed to restore them.",
    ),
    Definition::new(
        "UPDATE_FEED_URL",
        Kind::Url,
        "",
        "Address of a list of releases as GitHub's API gives it, like \
         https://api.github.com/repos/OWNER/NAME/releases, that is asked once a day whether there is \
         a newer version. Without it, nobody is asked.",
    ),
    Definition::new(
        "GITHUB_REPO_OWNER",
        Kind::Text,
        "",
        "Owner of the repository that is asked for newer versions.",
    )
    .idle(),
    Definition::new("GITHUB_REPO_NAME", Kind::Text, "", "Name of that repository.").idle(),
];
