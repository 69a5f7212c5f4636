//! Moving in: keys, client tokens, settings and logs of the Python or the Next.js project are taken
//! over from its database, from its `.env` file, or from a list of keys.
//!
//! ```no_run
//! # async fn example(store: &store::Store, resolved: &settings::Resolved) -> Result<(), import::ImportError> {
//! use import::{Import, Options, Target};
//!
//! let import = Import::open("data/default_db", Options::default()).await?;
//! let target = Target { store, resolved };
//! let plan = import.plan(&target, &|_| {}).await?;
//! if plan.keys.new > 0 {
//!     let done = import.apply(&target, &|_| {}).await?;
//!     assert_eq!(done.keys.new, plan.keys.new);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The source is only read. What is here already stays as it is, so an import can be repeated, and
//! goes on where it was interrupted: a row of a log gets its id from its contents.

mod error;
mod import;
mod remark;
mod report;
mod source;

mod content;
mod env_file;
mod nextjs;
mod python;

mod credentials;
mod keyring;
mod logs;
mod moment;
mod records;
mod saved;

pub use error::ImportError;
pub use import::{Import, Options, Progress, Target};
pub use remark::{NoCredential, NoSource, OldLogName, Reason, Remark};
pub use report::{Counts, Line, Report, Verdict};
pub use source::Project;
