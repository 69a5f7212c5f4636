//! Asking about many keys: a few at a time, twice before one is called dead, and never believing
//! that most of them died together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use keypool::{EgressId, KeyId, Platform};
use secret::PoolKey;

use super::asker::{Ask, Finding, Heard};

/// Keys that are asked about at the same time.
const AT_ONCE: usize = 8;

/// Between the first refusal and the second question.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// Fewer keys that die in one check are no mass.
const MASS: usize = 3;

/// A key that is asked about.
#[derive(Clone, Debug)]
pub(super) struct Examinee {
    pub(super) id: KeyId,
    pub(super) platform: Platform,
    pub(super) secret: Arc<PoolKey>,
    pub(super) standing: Standing,
}

/// What is known of a key beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was refused for good.
    Dead,
    /// Nothing speaks against it, but it has not served lately.
    Unproven,
    /// It has served.
    Proven,
}

/// What is found out about each key, in their order.
pub(super) async fn examine(asker: &impl Ask, keys: &[Examinee]) -> Vec<Finding> {
    let mut heard = ask_all(asker, keys.iter(), false).await;
    let is_news = |key: &Examinee, heard: &Heard| {
        key.standing != Standing::Dead && matches!(heard.finding, Finding::Dead { .. })
    };
    let mut refused: Vec<_> =
        keys.iter().zip(&mut heard).filter(|(key, heard)| is_news(key, heard)).collect();
    if !refused.is_empty() {
        tokio::time::sleep(SECOND_LOOK).await;
        let again = ask_all(asker, refused.iter().map(|(key, _)| *key), true).await;
        for ((_, heard), again) in refused.iter_mut().zip(again) {
            heard.finding = again.finding;
        }
    }
    let doubts = masses(keys, &heard);
    let findings = keys.iter().zip(heard).map(|(key, heard)| {
        match doubts.get(&(key.platform, heard.egress)) {
            Some(doubt) if is_news(key, &heard) => Finding::Unclear { why: doubt.clone() },
            _ => heard.finding,
        }
    });
    findings.collect()
}

async fn ask_all<'a>(
    asker: &impl Ask,
    keys: impl Iterator<Item = &'a Examinee>,
    again: bool,
) -> Vec<Heard> {
    let questions: Vec<_> = keys.map(|key| asker.ask(key, again)).collect();
    stream::iter(questions).buffered(AT_ONCE).collect().await
}

/// The ways out to an API on which most of the keys died that had served before, and what there is to say
/// about that.
fn masses(keys: &[Examinee], heard: &[Heard]) -> BTreeMap<(Platform, EgressId), String> {
    let mut counts: BTreeMap<(Platform, EgressId), (usize, usize)> = BTreeMap::new();
    let proven = keys.iter().zip(heard).filter(|(key, _)| key.standing == Standing::Proven);
    for (key, heard) in proven {
        let (asked, died) = counts.entry((key.platform, heard.egress)).or_default();
        *asked += 1;
        *died += usize::from(matches!(heard.finding, Finding::Dead { .. }));
    }
    let masses = counts.into_iter().filter(|(_, (asked, died))| *died >= MASS && died * 2 > *asked);
    masses
        .map(|(way, (asked, died))| {
            let doubt = format!(
                "{died} of {asked} keys that had served were refused at once, which looks like an outage of Google or of the proxy; no key is taken out for that"
            );
            (way, doubt)
        })
        .collect()
}

#[cfg(test)]
mod tests;
