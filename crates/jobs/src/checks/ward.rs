//! What the checks of a running gateway have to do with it.

use std::sync::MutexGuard;
use std::time::Duration;

use keypool::{Platform, Pool};
use relay::{CheckReport, Checks, Gateway};

use super::asker::{Ask, Asker};

/// The gateway, as far as checks are concerned.
pub(super) trait Ward: Sync {
    /// How Google is asked.
    type Asker: Ask;

    /// How often the keys that fail are checked; none: never.
    fn interval(&self) -> Option<Duration>;

    /// Asks as the settings say now, or tells why nobody can.
    fn asker(&self) -> Result<Self::Asker, String>;

    /// The keys for one of Google's APIs.
    fn pool(&self, platform: Platform) -> MutexGuard<'_, Pool>;

    /// Where a check is asked for.
    fn checks(&self) -> &Checks;

    /// The pool has learned something by a check.
    fn learned(&self, report: &CheckReport);
}

impl Ward for Gateway {
    type Asker = Asker;

    fn interval(&self) -> Option<Duration> {
        self.configuration().settings.jobs.check_interval
    }

    fn asker(&self) -> Result<Asker, String> {
        Asker::new(&self.configuration().settings).map_err(|error| error.to_string())
    }

    fn pool(&self, platform: Platform) -> MutexGuard<'_, Pool> {
        Self::pool(self, platform)
    }

    fn checks(&self) -> &Checks {
        &self.checks
    }

    fn learned(&self, report: &CheckReport) {
        let CheckReport { alive, dead, unclear, revived, .. } = *report;
        for (result, keys) in [("alive", alive), ("dead", dead), ("unclear", unclear)] {
            self.metrics.keys_checked(result, keys);
        }
        self.metrics.keys_revived(revived);
        self.learned.notify_one();
    }
}
