//! A simulated Gemini API: real wire shapes, scripted faults, true quotas.
//!
//! Tests start it inside the process on a free port, script what each key is worth, and look
//! afterwards at what arrived. The demo and the benchmarks run it as the `fake-gemini` binary.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use fake_gemini::{FakeGemini, KeyPlan, Quota, Script};
//!
//! let google = FakeGemini::start(
//!     Script::new()
//!         .key("AIzaGood", KeyPlan::Valid)
//!         .key("AIzaDead", KeyPlan::Suspended)
//!         .project("small", ["AIzaGood"])
//!         .quota("small", Quota::new().rpm(5).rpd(20)),
//! )
//! .await?;
//! assert!(google.base_url().starts_with("http://127.0.0.1:"));
//! google.script().update(|script| script.key("AIzaDead", KeyPlan::Valid));
//! # Ok(())
//! # }
//! ```
//!
//! What decides an answer, in this order: the route, the credential, the key's plan, the request's
//! own validity, the project's quota, the model's answer.

mod answer;
mod ask;
mod call;
mod catalogue;
mod clock;
mod compat;
mod decide;
mod dictation;
mod embed;
mod errors;
mod faults;
mod feed;
mod hearing;
mod html;
mod inspect;
mod live;
mod long_decode;
mod models;
mod older;
mod picture;
mod plan_text;
mod quota;
mod received;
mod reply;
mod resources;
mod route;
mod schema;
mod script;
mod server;
mod shelf;
mod speech;
mod stream;
mod tickets;
mod tokens;
mod tools;
mod uploads;
mod validate;
mod wire;

pub use clock::VirtualClock;
pub use faults::{ErrorForm, Fault};
pub use plan_text::UnknownPlan;
pub use quota::{Quota, Tier};
pub use received::Received;
pub use script::{KeyPlan, Script, SharedScript};
pub use server::FakeGemini;

#[cfg(test)]
mod tests;
