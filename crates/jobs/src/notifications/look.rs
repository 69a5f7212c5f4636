//! What the watch is shown of a gateway.

use std::time::Duration;

use keypool::{Health, Pool, Timestamp};
use notify::{DayNumbers, DeadKey, Failures, Message, PastDay};
use relay::Gateway;
use settings::Notifications;
use store::{Period, Span, Store, StoreError, Subject, Tally};

use super::Desk;

/// A burst of errors is looked for in so much time.
const RECENT: Duration = Duration::from_mins(5);
/// The digest names so many models.
const BUSIEST: u64 = 3;

/// The pool. Its dead keys are counted often and looked at seldom, since there can be thousands.
pub(super) fn at_pool(
    desk: &mut Desk,
    gateway: &Gateway,
    rules: &Notifications,
    now: Timestamp,
    is_thorough: bool,
) -> Vec<Message> {
    let pool = gateway.pool();
    let totals = pool.totals(now);
    let mut news = Vec::new();
    if is_thorough || desk.dead != Some(totals.dead) || desk.watch.awaits_deaths() {
        desk.dead = Some(totals.dead);
        let is_alive = |id: &_| matches!(pool.health(id), Some(Health::Alive));
        news = desk.watch.deaths(dead(&pool, now), is_alive, rules, now);
    }
    drop(pool);
    news.extend(desk.watch.pool(totals, rules, now));
    news
}

fn dead(pool: &Pool, now: Timestamp) -> Vec<DeadKey> {
    let failing = pool.failing(now).into_iter().filter(|key| key.is_dead);
    failing
        .filter_map(|key| match pool.health(&key.id)? {
            Health::Dead { reason, .. } => {
                Some(DeadKey { mask: key.secret.mask(), id: key.id, reason })
            }
            Health::Alive => None,
        })
        .collect()
}

/// The requests of the last minutes.
pub(super) async fn at_requests(store: &Store, now: Timestamp) -> Result<Failures, StoreError> {
    let period = Period { from: Span::Minute.begin(now - RECENT), to: now };
    let Tally { requests, failed, .. } = sum(store, Span::Minute, period).await?;
    Ok(Failures { requests, failed })
}

/// The requests of a day. Where days begin at half hours, it is taken half an hour earlier.
pub(super) async fn at_day(store: &Store, day: PastDay) -> Result<DayNumbers, StoreError> {
    let period = Period { from: Span::Hour.begin(day.from), to: Span::Hour.begin(day.to) };
    let tally = sum(store, Span::Hour, period).await?;
    let models = store.busiest(Subject::Model, Span::Hour, period, BUSIEST).await?;
    Ok(DayNumbers {
        requests: tally.requests,
        failed: tally.failed,
        rescued: tally.rescued,
        tokens: tally.tokens(),
        dollars: tally.cost.dollars(),
        models: models.into_iter().map(|(model, tally)| (model, tally.requests)).collect(),
    })
}

async fn sum(store: &Store, span: Span, period: Period) -> Result<Tally, StoreError> {
    let mut sum = Tally::default();
    for (_, tally) in store.traffic(Subject::All, "", span, period).await? {
        sum.add(&tally);
    }
    Ok(sum)
}
