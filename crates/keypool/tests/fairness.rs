//! No key starves, whatever becomes of the others.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use keypool::{
    Admission, Ask, KeyId, KeySpec, Lease, Outcome, Policy, Pool, QuotaSpent, Scope, Timestamp,
    Tried, Usage, Window,
};
use proptest::prelude::*;
use secret::PoolKey;

const SERVED: Outcome = Outcome::Served {
    usage: Usage { prompt: 0, completion: 0, thoughts: 0, cached: 0, tool_prompt: 0, total: 0 },
};

fn pool(keys: usize, projects: usize, seed: u64) -> Pool {
    let mut pool = Pool::new(Policy { seed, ..Policy::default() });
    let spec = |key: usize| {
        let secret = Arc::new(PoolKey::parse(&format!("AIzaSyFAIRFAIRFAIR{key:05}")).unwrap());
        let project = (key < 2 * projects).then(|| format!("p{}", key % projects));
        KeySpec { project, ..KeySpec::new(KeyId::new(format!("k{key}")), secret) }
    };
    pool.sync((0..keys).map(spec).collect(), Timestamp::from_millis(0));
    pool
}

fn admit(pool: &mut Pool, model: &str, tried: &[Tried], now: Timestamp) -> Option<Lease> {
    match pool.admit(&Ask { tried, ..Ask::new(Some(model)) }, now) {
        Admission::Granted(lease) => Some(lease),
        _ => None,
    }
}

fn spent(now: Timestamp, millis: u64) -> Outcome {
    Outcome::QuotaSpent(QuotaSpent {
        window: Window::MinuteRequests,
        scope: Scope::Model,
        until: Some(now + Duration::from_millis(millis)),
        limit: None,
        quota_id: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ready_keys_share_equally(keys in 1usize..200, rounds in 1usize..4, seed: u64) {
        let mut pool = pool(keys, 0, seed);
        let now = Timestamp::from_millis(0);
        let mut turns = BTreeMap::new();
        for _ in 0..keys * rounds {
            let lease = admit(&mut pool, "flash", &[], now).unwrap();
            *turns.entry(lease.key.id.clone()).or_insert(0) += 1;
            pool.settle(lease.ticket, &SERVED, now);
        }
        prop_assert_eq!(turns.len(), keys);
        prop_assert!(turns.values().all(|count| *count == rounds));
    }

    /// Every request may retry twice. A key that is usable all the time is met within three rounds:
    /// a round late at most where its project is clearly fuller than others.
    #[test]
    fn a_usable_key_is_met_within_three_rounds(
        keys in 2usize..20,
        projects in 0usize..4,
        requests in proptest::collection::vec(
            (
                0usize..2,
                proptest::collection::vec((0u64..3, 1u64..5_000), 1..4),
                0u64..2_000,
                any::<bool>(),
            ),
            50..300,
        ),
    ) {
        let mut pool = pool(keys, projects, 3);
        let mut now = Timestamp::from_millis(0);
        let mut passed_over: BTreeMap<(String, &str), usize> = BTreeMap::new();
        for (model, attempts, pause, avoid_project) in &requests {
            let model = ["flash", "pro"][*model];
            now = now + Duration::from_millis(*pause);
            let mut tried = Vec::new();
            for (kind, millis) in attempts {
                let Some(lease) = admit(&mut pool, model, &tried, now) else { break };
                let granted = lease.key.id.to_string();
                tried.push(Tried { key: lease.key.id.clone(), avoid_project: *avoid_project });
                let outcome = if *kind == 0 { spent(now, *millis) } else { SERVED };
                let is_fresh = tried.len() == 1;
                pool.settle(lease.ticket, &outcome, now);
                for shown in pool.snapshot(now).keys {
                    let blocked = shown.blocks.iter().any(|one| one.model.as_deref() == Some(model));
                    let count = passed_over.entry((shown.id.to_string(), model)).or_default();
                    if blocked || shown.id.as_str() == granted {
                        *count = 0;
                    } else if is_fresh {
                        *count += 1;
                        prop_assert!(*count <= 3 * keys, "{} starves", shown.id);
                    }
                }
            }
        }
    }
}
