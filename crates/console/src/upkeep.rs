//! What runs by the clock for the installation itself: backups, and whether there is a newer version.

mod backups;
mod updates;

pub(crate) use backups::Backups;
pub(crate) use updates::Updates;
