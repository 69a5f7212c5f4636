//! The gateway that the browser visits.

use fake_gemini::{FakeGemini, KeyPlan, Script};
use testkit::{Gateway, Setup, key};

/// The administrator's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A program that is set up, but for its keys and its Google.
pub(crate) fn setup() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_gemini-balance")).with("AUTH_TOKEN", PASSWORD)
}

/// A gateway with a good and a leaked key, and its Google.
pub(crate) async fn small() -> (FakeGemini, Gateway) {
    let script = Script::new().key(key("good"), KeyPlan::Valid).key(key("bad"), KeyPlan::Leaked);
    let google = FakeGemini::start(script).await.unwrap();
    let gateway = setup().google(&google).keys([key("bad"), key("good")]).start().await;
    (google, gateway)
}
