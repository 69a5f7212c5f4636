//! Asking Google about keys outside of the traffic: by the clock, when somebody wants it, and soon
//! after many died at once. A check brings keys back that work, and takes out those that Google
//! refuses for good.

mod asker;
mod examination;
#[cfg(test)]
mod fixture;
mod stored;
mod suspects;
mod timetable;
mod ward;

use std::sync::Arc;
use std::time::Duration;

use keypool::{FailingKey, KeyId, Platform};
use rand::RngExt as _;
use relay::{CheckReport, Gateway};
use tokio::time::Instant;

pub use self::asker::Finding;
pub use self::stored::Checker;

use self::examination::{Examinee, Standing, examine};
use self::suspects::Suspects;
use self::timetable::Timetable;
use self::ward::Ward;

/// How often it is looked whether something is due.
const GLANCE: Duration = Duration::from_secs(1);

/// Checks the keys of a gateway until it stops, one check at a time: those that fail every
/// `CHECK_INTERVAL_HOURS` and whenever [`relay::Checks`] are asked for, and those that died with
/// many others soon after that.
pub async fn check_keys(gateway: Arc<Gateway>) {
    tokio::select! {
        () = attend(&*gateway) => {}
        () = gateway.stop.cancelled() => {}
    }
}

async fn attend<W: Ward>(ward: &W) {
    let mut timetable = Timetable::new(Instant::now(), chance());
    let mut suspects = Suspects::default();
    loop {
        let is_wanted = tokio::select! {
            () = ward.checks().wanted() => true,
            () = tokio::time::sleep(GLANCE) => false,
        };
        let dying = Platform::ALL.iter().flat_map(|one| ward.pool(*one).take_suspects()).collect();
        suspects.watch(dying, Instant::now(), chance());
        if is_wanted || timetable.is_due(ward.interval(), Instant::now()) {
            let failing = failing(ward).collect();
            ward.checks().finish(check(ward, failing).await);
            timetable = Timetable::new(Instant::now(), chance());
        } else {
            check_again(ward, &mut suspects).await;
        }
    }
}

/// Asks about the suspects whose time has come.
async fn check_again<W: Ward>(ward: &W, suspects: &mut Suspects) {
    let due = suspects.due(Instant::now());
    if due.is_empty() {
        return;
    }
    let dead = |ward: &W| -> Vec<FailingKey> {
        failing(ward).filter(|key| key.is_dead && due.contains(&key.id)).collect()
    };
    check(ward, dead(ward)).await;
    let dead: Vec<KeyId> = dead(ward).into_iter().map(|key| key.id).collect();
    for id in due {
        if dead.contains(&id) {
            suspects.failed(&id, Instant::now(), chance());
        }
    }
}

/// The keys of all pools that fail.
fn failing<W: Ward>(ward: &W) -> impl Iterator<Item = FailingKey> {
    Platform::ALL.iter().flat_map(|platform| ward.pool(*platform).failing(relay::now()))
}

/// Asks about keys, and lets their pools learn from the answers.
async fn check<W: Ward>(ward: &W, keys: Vec<FailingKey>) -> CheckReport {
    if keys.is_empty() {
        return CheckReport::default();
    }
    let asker = match ward.asker() {
        Ok(asker) => asker,
        Err(why) => {
            let unclear = keys.len();
            return CheckReport { checked: unclear, unclear, note: Some(why), ..<_>::default() };
        }
    };
    let examinees: Vec<_> = keys.iter().map(examinee).collect();
    let findings = examine(&asker, &examinees).await;
    let report = learn(ward, &keys, &findings);
    let CheckReport { checked, alive, dead, unclear, revived, note } = &report;
    tracing::info!(checked, alive, dead, unclear, revived, note, "failing keys were checked");
    ward.learned(&report);
    report
}

fn examinee(key: &FailingKey) -> Examinee {
    let standing = match key {
        FailingKey { is_dead: true, .. } => Standing::Dead,
        FailingKey { has_served: true, .. } => Standing::Proven,
        FailingKey { .. } => Standing::Unproven,
    };
    let (id, platform) = (key.id.clone(), key.platform);
    Examinee { id, platform, secret: Arc::clone(&key.secret), standing }
}

fn learn<W: Ward>(ward: &W, keys: &[FailingKey], findings: &[Finding]) -> CheckReport {
    let mut report = CheckReport { checked: keys.len(), ..CheckReport::default() };
    let now = relay::now();
    for (key, finding) in keys.iter().zip(findings) {
        match finding {
            Finding::Alive { .. } => {
                report.alive += 1;
                report.revived += usize::from(key.is_dead);
                ward.pool(key.platform).revive(&key.id, now);
            }
            Finding::Dead { reason, .. } => {
                report.dead += 1;
                ward.pool(key.platform).condemn(&key.id, *reason, now);
            }
            Finding::Unclear { why } => {
                report.unclear += 1;
                report.note.get_or_insert_with(|| why.clone());
            }
        }
    }
    report
}

/// Anything from 0 to 1, so that several replicas do not keep step.
fn chance() -> f64 {
    rand::rng().random()
}

#[cfg(test)]
mod tests;
