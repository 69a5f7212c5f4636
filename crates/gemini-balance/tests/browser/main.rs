//! The console in a real browser: Debian's Chromium against the built program. Without a browser
//! every test says that it was skipped.
//!
//! Errands, and the file below `stories/` that runs them. Each also asserts what must hold of every page
//! (`Browser::examine`, `Browser::close`).
//!
//! | errand | where |
//! | --- | --- |
//! | a new owner claims the gateway | `claiming` |
//! | the palette, the dock, charts that lead to requests, the audit log as a file | `about` |
//! | guessing passwords has to wait; cookies | `signing_in` |
//! | 10,000 keys by paste, from a file, verified first | `adding` |
//! | keys are found, sorted, paged; back | `keys` |
//! | all that match are verified; by code deleted, and undone; one row's menu | `acting` |
//! | cooldowns tick; rows stay; why a key was skipped | `cooling` |
//! | columns, saved views, exports | `own` |
//! | a limited client | `limits` |
//! | live requests: hold, restart | `following` |
//! | a trace; errors in groups; filters and keys of the log | `traces` |
//! | a token, its limits, another secret | `tokens` |
//! | numbers | `numbers` |
//! | a setting, reviewed and rolled back | `settings` |
//! | Chinese, in the dark | `languages` |
//! | without a mouse | `keyboard` |
//! | on a phone | `phone` |
//! | people, second factors, viewers | `people` |
//! | what others write stays text | `payloads` |
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
