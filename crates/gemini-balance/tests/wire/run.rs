//! One run: a gateway, its Google, and clients.

use std::path::PathBuf;

use fake_gemini::{FakeGemini, VirtualClock};
use testkit::Setup;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::case::{Case, MINUTE};
use crate::load;
use crate::oracle::midnight_after;
use crate::report::Report;

/// Time limits that let a run meet mute keys more than once.
const TIMEOUT: &str = "4";

/// Runs a case to its last answer.
pub(crate) async fn run(case: &Case, starts: &Semaphore) -> Report {
    let starting = starts.acquire().await.unwrap();
    let google = FakeGemini::start(case.script()).await.unwrap();
    let setup = Setup::new(env!("CARGO_BIN_EXE_gemini-balance"))
        .google(&google)
        .keys(case.keys.iter().filter(|key| !case.tells_project(key)).map(|key| &key.secret))
        .with("WORKERS", "1")
        .with("FIRST_BYTE_TIMEOUT", TIMEOUT)
        .with("IDLE_TIMEOUT", TIMEOUT)
        .with("POOL_WAIT", case.wait.as_secs().to_string());
    let setup = on_the_day(case, setup, &google.clock());
    if case.fixed_minutes {
        let now = google.clock().now_millis();
        google.clock().set(now - now.rem_euclid(MINUTE) + MINUTE / 2);
    }
    tell_projects(case, &setup).await;
    let gateway = setup.start().await;
    drop(starting);
    let asked = load::offer(case, &gateway.client(), &google.clock()).await;
    let (dead, case) = (gateway.keys("dead").await, case.clone());
    // While others still go on asking.
    let report = spawn_blocking(move || Report::new(case, &asked, &google.received(), dead));
    report.await.unwrap()
}

/// Keys that share a project are added as an administrator does who knows it.
async fn tell_projects(case: &Case, setup: &Setup) {
    for key in case.keys.iter().filter(|key| case.tells_project(key)) {
        setup.run(&["keys", "add", &key.secret, "--project", &key.project]).await.ok();
    }
}

/// Sets both clocks such that it is midnight in California when the case wants it.
fn on_the_day(case: &Case, setup: Setup, clock: &VirtualClock) -> Setup {
    let Some(after) = case.midnight_after else { return setup };
    let library = faketime().expect("the case is skipped without it");
    let now = clock.now_millis();
    let left = (midnight_after(now) - now) / 1_000;
    let offset = left - after.as_secs() as i64;
    clock.set(now + offset * 1_000);
    setup
        .with("LD_PRELOAD", library.display().to_string())
        .with("FAKETIME", format!("{offset:+}"))
        // Timers go on as they are.
        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
}

/// The library that shows a program another time of day, where it is installed.
pub(crate) fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let library = |folder: PathBuf| folder.join("faketime/libfaketimeMT.so.1");
    folders.flatten().map(|folder| library(folder.path())).find(|library| library.exists())
}
