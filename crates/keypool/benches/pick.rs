//! What it costs to choose a key and to settle it, in a pool of 50,000 keys and 20 models.

use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use keypool::{
    Admission, Ask, DeclaredLimit, KeyId, KeySpec, Lease, Outcome, Policy, Pool, QuotaSpent, Scope,
    Timestamp, Usage, Window,
};
use secret::PoolKey;

const KEYS: u32 = 50_000;
const MODELS: usize = 20;
const NOW: Timestamp = Timestamp::from_millis(1_795_291_200_000);

fn model(number: usize) -> String {
    format!("gemini-{number}-flash-preview")
}

fn full_pool() -> Pool {
    let mut pool = Pool::new(Policy::default());
    pool.sync(specs(), NOW);
    pool
}

fn specs() -> Vec<KeySpec> {
    let spec = |key: u32| {
        let secret = format!("AIzaSyBENCHBENCHBENCHBENCH{key:012}");
        let secret = PoolKey::parse(&secret).unwrap_or_else(|_| unreachable!("it is well-formed"));
        KeySpec::new(KeyId::new(format!("0199-{key:08}")), Arc::new(secret))
    };
    (0..KEYS).map(spec).collect()
}

fn admit(pool: &mut Pool, model: &str, now: Timestamp) -> Option<Lease> {
    match pool.admit(&Ask::new(Some(model)), now) {
        Admission::Granted(lease) => Some(lease),
        _ => None,
    }
}

fn spent(now: Timestamp, seconds: u64) -> Outcome {
    Outcome::QuotaSpent(QuotaSpent {
        window: Window::MinuteRequests,
        scope: Scope::Model,
        until: Some(now + Duration::from_secs(seconds)),
        limit: Some(10),
        quota_id: Some("GenerateRequestsPerMinutePerProjectPerModel-FreeTier".to_owned()),
    })
}

/// Blocks all but so many keys for every model.
fn block_all_but(pool: &mut Pool, left: u32) {
    let outcome = spent(NOW, 3_600);
    for number in 0..MODELS {
        for _ in left..KEYS {
            if let Some(lease) = admit(pool, &model(number), NOW) {
                pool.settle(lease.ticket, &outcome, NOW);
            }
        }
    }
}

fn pick_and_settle(criterion: &mut Criterion, name: &str, pool: &mut Pool) {
    let models: Vec<_> = (0..MODELS).map(model).collect();
    let usage = Usage::default();
    let mut turn = 0;
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            turn += 1;
            if let Some(lease) = admit(pool, &models[turn % MODELS], NOW) {
                pool.settle(lease.ticket, &Outcome::Served { usage }, NOW);
            }
        });
    });
}

/// Choosing alone: the tickets are settled outside the measured time.
fn pick(criterion: &mut Criterion, name: &str, pool: &mut Pool) {
    let models: Vec<_> = (0..MODELS).map(model).collect();
    let mut turn = 0;
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            let mut left = times;
            while left > 0 {
                let batch = left.min(1_000);
                let mut leases = Vec::with_capacity(1_000);
                let start = std::time::Instant::now();
                for _ in 0..batch {
                    turn += 1;
                    leases.push(admit(pool, &models[turn % MODELS], NOW));
                }
                spent += start.elapsed();
                for lease in leases.into_iter().flatten() {
                    pool.settle(lease.ticket, &Outcome::ClientFault, NOW);
                }
                left -= batch;
            }
            spent
        });
    });
}

fn all(criterion: &mut Criterion) {
    let mut pool = full_pool();
    pick(criterion, "pick, all ready", &mut pool);
    pick_and_settle(criterion, "pick and settle, all ready", &mut pool);

    block_all_but(&mut pool, 50);
    pick(criterion, "pick, 49,950 of 50,000 blocked for each model", &mut pool);
    pick_and_settle(criterion, "pick and settle, most blocked", &mut pool);

    block_all_but(&mut pool, 0);
    pick(criterion, "refuse, all blocked", &mut pool);

    criterion.bench_function("look at a slice of 512, all blocked", |bencher| {
        bencher.iter(|| {
            let mut exhausted = 0_u32;
            pool.look(1_024, 512, NOW, |key| exhausted += u32::from(key.is_exhausted));
            exhausted
        });
    });
    let keys = specs();
    criterion.bench_function("totals, all blocked", |bencher| bencher.iter(|| pool.totals(NOW)));
    criterion.bench_function("sync the same keys, all blocked", |bencher| {
        bencher.iter_batched(|| keys.clone(), |keys| pool.sync(keys, NOW), BatchSize::LargeInput);
    });
    let later = NOW + Duration::from_hours(1);
    criterion.bench_function("pick while a million blocks end", |bencher| {
        bencher.iter(|| {
            if let Some(lease) = admit(&mut pool, &model(0), later) {
                pool.settle(lease.ticket, &Outcome::ClientFault, later);
            }
        });
    });

    let mut pool = full_pool();
    let limit =
        |window, limit| DeclaredLimit { project: None, tier: None, model: None, window, limit };
    let limits = [
        (Window::MinuteRequests, 1_000_000),
        (Window::MinuteTokens, 250_000_000),
        (Window::DayRequests, 1_000_000_000),
    ];
    pool.declare(limits.map(|(window, most)| limit(window, most)).to_vec(), NOW);
    pick(criterion, "pick, all limits known", &mut pool);
    pick_and_settle(criterion, "pick and settle, all limits known", &mut pool);

    let mut pool = full_pool();
    pool.declare(vec![limit(Window::MinuteRequests, 1)], NOW);
    let mut now = NOW;
    criterion.bench_function("pick and settle, full after each", |bencher| {
        bencher.iter(|| {
            now = now + Duration::from_millis(2);
            if let Some(lease) = admit(&mut pool, "flash", now) {
                pool.settle(lease.ticket, &Outcome::Served { usage: Usage::default() }, now);
            }
        });
    });

    let mut pool = full_pool();
    let mut now = NOW;
    criterion.bench_function("pick, block and release", |bencher| {
        bencher.iter(|| {
            now = now + Duration::from_millis(1);
            if let Some(lease) = admit(&mut pool, "flash", now) {
                pool.settle(lease.ticket, &spent(now, 60), now);
            }
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = all
}
criterion_main!(benches);
