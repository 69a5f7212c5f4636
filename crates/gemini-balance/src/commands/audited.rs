//! What is done from the command line stands in the audit log, too.

use store::Store;

use crate::failure::Failure;

/// How the audit log calls whoever has a shell.
const ACTOR: &str = "command line";

/// Writes down what was done, to what; `detail` is in words or JSON, and holds no secret.
pub(super) async fn note(
    store: &Store,
    action: &str,
    object: &str,
    detail: &str,
) -> Result<(), Failure> {
    Ok(store.note(ACTOR, action, object, detail).await?)
}
