//! `openapi`: the admin API described for programs.

use crate::failure::Failure;
use crate::output;

/// Prints the document that a running gateway serves at `/api/openapi.json`.
pub(super) fn run() -> Result<(), Failure> {
    output::print_json(&console::openapi_document())
}
