//! The demonstration's Google: ten keys, of which three are dead and one has used up its day.

use std::time::Duration;

use fake_gemini::{KeyPlan, Quota, Script};

/// Streams come at a pace that can be watched.
const PACE: Duration = Duration::from_millis(40);

const PLANS: [KeyPlan; 10] = [
    KeyPlan::Valid,
    KeyPlan::Invalid,
    KeyPlan::Valid,
    KeyPlan::Suspended,
    KeyPlan::Valid,
    KeyPlan::Valid,
    KeyPlan::Leaked,
    KeyPlan::Valid,
    KeyPlan::Valid,
    KeyPlan::Valid,
];

/// This key's project allows three requests a day.
const EXHAUSTED: usize = 9;

/// The keys, as `API_KEYS` would name them.
pub(super) fn keys() -> Vec<String> {
    (0..PLANS.len()).map(key).collect()
}

pub(super) fn script() -> Script {
    let script = Script::new()
        .pace(PACE)
        .keep_received(0)
        .project("small-project", [key(EXHAUSTED)])
        .quota("small-project", Quota::new().rpd(3));
    PLANS.into_iter().enumerate().fold(script, |script, (index, plan)| script.key(key(index), plan))
}

fn key(index: usize) -> String {
    format!("AIzaSyDemoKey{index:02}NotARealOneAtAll00000{index:03}")
}
