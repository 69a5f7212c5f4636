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
        "GITHUB_REPO_OWNER",
        Kind::Text,
        "",
        "Owner of the repository that is asked for newer versions.",
    )
    .idle(),
    Definition::new("GITHUB_REPO_NAME", Kind::Text, "", "Name of that repository.").idle(),
];
