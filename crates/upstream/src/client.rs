//! The client: one attempt, through one egress, over one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keypool::{EgressId, Phase};
use tokio::time::Instant;

use crate::answer_head::AnswerHead;
use crate::connect::{Dialer, Target, Tls};
use crate::connection::{Connection, NoAnswer};
use crate::egress::{Egress, choose, mix};
use crate::pool::Pool;
use crate::proxy::ProxyKind;
use crate::request_head::HeadTemplate;
use crate::{Answer, AnswerBody, Broken, Call, Options, OptionsError, ProxyUrl};

/// Sends calls to Google. Every worker has its own, with its own connections.
#[derive(Debug)]
pub struct Client {
    plan: Arc<Plan>,
    ways: Vec<Egress>,
    /// Counts the calls while proxies are chosen anew for each.
    calls: AtomicU64,
}

/// What clients of the same options share.
#[derive(Debug)]
struct Plan {
    options: Options,
    target: Target,
    tls: Option<Tls>,
    template: HeadTemplate,
}

impl Client {
    /// A client with its own connections. Reads the system's root certificates when TLS is needed,
    /// which takes some milliseconds: make one, and the other workers' by [`Client::sibling`].
    pub fn new(options: &Options) -> Result<Self, OptionsError> {
        let base = &options.base;
        let target = Target::of(base).ok_or(OptionsError::Base)?;
        let has_login = !base.username().is_empty() || base.password().is_some();
        if has_login || base.query().is_some() || base.fragment().is_some() {
            return Err(OptionsError::BaseExtras);
        }
        let secure =
            target.secure || options.proxies.iter().any(|proxy| proxy.kind == ProxyKind::Https);
        let tls = if secure { Some(Tls::new()?) } else { None };
        let template = HeadTemplate::new(base, &options.custom_headers);
        Ok(Self::of(Arc::new(Plan { options: options.clone(), target, tls, template })))
    }

    /// Another client with the same options and connections of its own; costs next to nothing.
    pub fn sibling(&self) -> Self {
        Self::of(Arc::clone(&self.plan))
    }

    fn of(plan: Arc<Plan>) -> Self {
        let options = &plan.options;
        let way = |proxy: Option<&ProxyUrl>| {
            let (target, tls) = (plan.target.clone(), plan.tls.clone());
            let dialer = Dialer::new(target, proxy.cloned(), tls, options.connect_timeout);
            Egress::new(dialer, proxy, Pool::new(options.pool_idle_timeout))
        };
        let ways = if options.proxies.is_empty() {
            vec![way(None)]
        } else {
            options.proxies.iter().map(|proxy| way(Some(proxy))).collect()
        };
        Self { plan, ways, calls: AtomicU64::new(0) }
    }

    /// The way out that a seed leads to at the moment, while proxies are sticky.
    pub fn egress(&self, seed: u64) -> EgressId {
        choose(&self.ways, seed).map_or(EgressId::DIRECT, Egress::id)
    }

    /// Sends one call and waits for the head of the answer.
    ///
    /// The call goes out once, with one exception: if a kept connection turns out to have been
    /// closed by the other side before any byte of an answer, it goes out again on a new one.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer, Broken> {
        let seed = if self.plan.options.sticky {
            call.egress_seed
        } else {
            mix(call.egress_seed ^ self.calls.fetch_add(1, Ordering::Relaxed))
        };
        let Some(way) = choose(&self.ways, seed) else {
            return Err(Broken::unsent(Phase::Connect, "there is no way out"));
        };
        let mut sent_before = false;
        if let Some(mut connection) = way.pool.take() {
            match self.exchange(&mut connection, &call).await {
                Ok(head) => return Ok(self.answer(head, connection, way, &call)),
                Err(failed) if failed.was_stale() => sent_before = failed.broken.sent,
                Err(failed) => return Err(failed.broken),
            }
        }
        let again = |broken: Broken| Broken { sent: broken.sent || sent_before, ..broken };
        // Boxed because it is large and rare: every request in flight would carry its size.
        let mut connection = Box::pin(way.open(call.deadline)).await.map_err(again)?;
        match self.exchange(&mut connection, &call).await {
            Ok(head) => Ok(self.answer(head, connection, way, &call)),
            Err(failed) => Err(again(failed.broken)),
        }
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        call: &Call<'_>,
    ) -> Result<AnswerHead, NoAnswer> {
        let Plan { options, template, .. } = &*self.plan;
        if let Err(broken) = template.write(call, &mut connection.outgoing) {
            return Err(NoAnswer { broken, heard: true });
        }
        let limit = Instant::now() + options.first_byte_timeout;
        let limit = call.deadline.map_or(limit, |deadline| deadline.min(limit));
        connection.exchange(call.method, &call.body, options.max_head_bytes, limit).await
    }

    fn answer(
        &self,
        head: AnswerHead,
        connection: Box<Connection>,
        way: &Egress,
        call: &Call<'_>,
    ) -> Answer {
        let pool = head.keep_alive.then(|| Arc::clone(&way.pool));
        let idle_timeout = self.plan.options.idle_timeout;
        let body = AnswerBody::new(connection, head.framing, pool, idle_timeout, call.deadline);
        Answer { status: head.status, headers: head.headers, body }
    }
}

impl NoAnswer {
    /// Whether the connection had ended before the request came, as far as can be known.
    fn was_stale(&self) -> bool {
        self.broken.phase == Phase::Cut && !self.heard
    }
}
