//! What administrators change, the same for pages and for the JSON API: checked, done in one step,
//! and written into the audit log.

pub(crate) mod settings;
