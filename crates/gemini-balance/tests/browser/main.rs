//! The console in a real browser: Debian's Chromium against the built program. Without a browser
//! every test says that it was skipped.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers and checks are tests too, though not marked as such"
)]

mod browser;
mod house;

mod access;
mod every_page;
mod stories;
