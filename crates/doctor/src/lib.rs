//! What is wrong with an installation, and what to do about it.
//!
//! Each function looks at one thing and answers with [`Check`]s; [`examine`] asks all that need an
//! open database. Nothing is changed, and no check shows a secret.

mod access;
mod check;
mod disk;
mod exit;
mod folder;
mod pool;
mod redis;
mod stored;
mod ways_out;

use settings::Resolved;
use store::Store;

pub use check::{Check, Verdict};
pub use disk::disk;
pub use exit::{Exit, ExitService};
pub use folder::{database_file, folder};
pub use ways_out::{Reached, reach, reach_all};

/// Everything that can be looked at while the database is open.
pub async fn examine(resolved: &Resolved, store: &Store) -> Vec<Check> {
    let settings = &resolved.settings;
    let has_vertex_keys = pool::has_vertex_keys(&settings.pool, store).await;
    let (mut checks, ways_out, redis) = tokio::join!(
        async {
            let mut checks = stored::settings(resolved);
            checks.push(stored::secrets(store).await);
            checks.push(access::password(settings, store).await);
            checks.extend(pool::keys(store).await);
            checks.push(pool::tokens(store).await);
            checks
        },
        ways_out::all(&settings.upstream, has_vertex_keys),
        redis::answers(&settings.storage),
    );
    checks.extend(ways_out);
    checks.extend(redis);
    checks
}
