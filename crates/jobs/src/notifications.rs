//! Telling the owner what went wrong, and that it is over.

mod look;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::tz::TimeZone;
use notify::{Channel, Courier, DeliveryError, Digest, Message, Quiet, Watch};
use relay::Gateway;
use settings::Notifications;
use store::{Store, StoreError};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How often the pool is looked at.
const GLANCE: Duration = Duration::from_secs(2);
/// More messages are not on their way at a time.
const UNDER_WAY: usize = 64;

/// Watches a gateway until it stops, and tells its owner through all channels that are configured.
pub async fn notify_owner(gateway: Arc<Gateway>, store: Store) {
    let mut desk = Desk::default();
    // It looks before it sleeps, so that what is dead at the start is known before anybody is served.
    while !gateway.stop.is_cancelled() {
        let configuration = gateway.configuration();
        let rules = &configuration.settings.notifications;
        let channels = Channel::configured(rules);
        if channels.is_empty() {
            desk = Desk::default();
        } else {
            let zone = &configuration.settings.logging.timezone;
            let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
            let news = desk.look(&gateway, &store, rules, &zone).await;
            let told = desk.quiet.pass(news, rules.quiet_hours, &zone, relay::now());
            desk.send(&channels, told);
        }
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            () = gateway.stop.cancelled() => return,
        }
    }
}

/// What is remembered between two looks.
#[derive(Default)]
struct Desk {
    watch: Watch,
    digest: Digest,
    quiet: Quiet,
    /// When everything was looked at last.
    looked: Option<Instant>,
    /// How many keys were dead then or since.
    dead: Option<usize>,
    /// Made when there is something to tell, since that reads the system's root certificates.
    courier: Option<Courier>,
    under_way: JoinSet<()>,
}

impl Desk {
    async fn look(
        &mut self,
        gateway: &Gateway,
        store: &Store,
        rules: &Notifications,
        zone: &TimeZone,
    ) -> Vec<Message> {
        let now = relay::now();
        let is_thorough = self.looked.is_none_or(|looked| looked.elapsed() >= rules.look_interval);
        let mut news = look::at_pool(self, gateway, rules, now, is_thorough);
        if !is_thorough {
            return news;
        }
        self.looked = Some(Instant::now());
        let forecasts = gateway.forecasts(now);
        news.extend(self.watch.forecasts(&forecasts, rules, zone, now));
        match self.look_at_requests(gateway, store, rules, zone).await {
            Ok(told) => news.extend(told),
            Err(error) => {
                tracing::warn!(%error, "requests could not be looked at for notifications");
            }
        }
        news
    }

    async fn look_at_requests(
        &mut self,
        gateway: &Gateway,
        store: &Store,
        rules: &Notifications,
        zone: &TimeZone,
    ) -> Result<Vec<Message>, StoreError> {
        let now = relay::now();
        let failures = look::at_requests(store, now).await?;
        let mut news = Vec::new();
        if let Some(day) = self.digest.due(rules.digest_hour, zone, now) {
            let numbers = look::at_day(store, day).await?;
            news.push(day.message(&numbers, gateway.totals(now), now));
        }
        news.extend(self.watch.failures(failures, rules, now));
        Ok(news)
    }

    /// Sends messages through all channels, each on its own.
    fn send(&mut self, channels: &[Channel], messages: Vec<Message>) {
        while self.under_way.try_join_next().is_some() {}
        for message in messages {
            let (event, state) = (message.about.name(), message.state.name());
            tracing::info!(event, state, title = message.title, "the owner is told");
            let courier = self.courier.get_or_insert_with(Courier::new);
            let message = Arc::new(message);
            for channel in channels {
                if self.under_way.len() >= UNDER_WAY {
                    tracing::warn!(event, channel = channel.name(), "too many notifications wait");
                    continue;
                }
                let (courier, channel) = (courier.clone(), channel.clone());
                self.under_way.spawn(carry(courier, channel, Arc::clone(&message)));
            }
        }
    }
}

async fn carry(courier: Courier, channel: Channel, message: Arc<Message>) {
    if let Err(error) = courier.deliver(&channel, &message).await {
        let (event, channel) = (message.about.name(), channel.name());
        tracing::warn!(event, channel, %error, "a notification did not arrive");
    }
}

/// How a test message went through one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The channel's name.
    pub channel: &'static str,
    /// Why it did not arrive.
    pub error: Option<String>,
}

/// Sends a test message through every channel that is configured, once.
pub async fn send_test(rules: &Notifications) -> Vec<Arrival> {
    let channels = Channel::configured(rules);
    if channels.is_empty() {
        return Vec::new();
    }
    let (courier, message) = (Courier::new(), Message::test(relay::now()));
    let attempts = channels.iter().map(|channel| courier.attempt(channel, &message));
    let results: Vec<Result<(), DeliveryError>> = join_all(attempts).await;
    let arrival = |(channel, result): (&Channel, Result<(), DeliveryError>)| Arrival {
        channel: channel.name(),
        error: result.err().map(|error| error.to_string()),
    };
    channels.iter().zip(results).map(arrival).collect()
}
