//! What the watch is shown of a gateway.

use std::time::Duration;

use keypool::{Health, Platform, Pool, Timestamp, Totals};
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
    let dead = gateway.totals(now).dead;
    let mut news = Vec::new();
    if is_thorough || desk.dead != Some(dead) || desk.watch.awaits_deaths() {
        desk.dead = Some(dead);
        let dead = Platform::ALL.iter().flat_map(|one| dead_keys(&gateway.pool(*one), now));
        let is_alive = |id: &_| {
            let mut pools = Platform::ALL.iter();
            pools.any(|one| gateway.pool(*one).health(id) == Some(Health::Alive))
        };
        news = desk.watch.deaths(dead.collect(), is_alive, rules, now);
    }
    for platform in Platform::ALL {
        let totals = expected_of(*platform, gateway, now);
        news.extend(desk.watch.pool(*platform, totals, rules, now));
    }
    news
}

/// The numbers of a pool that has keys; where none has, of the Gemini API's.
fn expected_of(platform: Platform, gateway: &Gateway, now: Timestamp) -> Option<Totals> {
    let totals = gateway.pool(platform).totals(now);
    let is_expected = totals.total > 0
        || (platform == Platform::Gemini && gateway.pool(Platform::Vertex).totals(now).total == 0);
    is_expected.then_some(totals)
}

fn dead_keys(pool: &Pool, now: Timestamp) -> Vec<DeadKey> {
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
