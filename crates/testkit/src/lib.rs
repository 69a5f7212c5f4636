//! The whole gateway inside a test: the built program in a directory of its own, a client that
//! sees every byte, and a look at what was left behind.
//!
//! ```no_run
//! # async fn example() {
//! use fake_gemini::{FakeGemini, KeyPlan, Script};
//! use testkit::{Setup, key};
//!
//! let google = FakeGemini::start(Script::new().key(key("good"), KeyPlan::Valid)).await.unwrap();
//! let gateway = Setup::new("target/debug/gemini-balance")
//!     .google(&google)
//!     .keys([key("good")])
//!     .start()
//!     .await;
//! let answer = gateway.client().generate("hello").send().await;
//! assert_eq!(answer.status, 200);
//! # }
//! ```
//!
//! Nothing here sleeps for a guessed time: [`eventually`] waits for conditions. What a helper
//! cannot do fails the test at the line that called it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a failing helper fails its test"
)]

mod gateway;
mod output;
mod process;
mod setup;

mod answer;
mod ask;
mod client;
mod live;
mod raw;
mod surface;

mod passage;
mod predecessor;
mod records;
mod wait;

pub use answer::Answer;
pub use ask::Ask;
pub use client::{Client, MODEL, OTHER_MODEL};
pub use gateway::Gateway;
pub use live::Live;
pub use output::{Output, Run};
pub use passage::Passage;
pub use predecessor::Predecessor;
pub use raw::Raw;
pub use records::Records;
pub use setup::{Setup, TOKEN, key};
pub use surface::{ErrorAnswer, Surface};
pub use wait::{eventually, in_time};
