//! The client: one attempt, through one egress, over one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keypool::{EgressId, Phase};
use tokio::time::Instant;
use url::Url;

use crate::answer_head::AnswerHead;
use crate::connect::{Dialer, Target, Tls};
use crate::connection::{Connection, NoAnswer};
use crate::egress::{Egress, by_preference, home, mix};
use crate::options::USUAL_WEIGHT;
use crate::pool::Pool;
use crate::proxy::ProxyKind;
use crate::request_head::HeadTemplate;
use crate::{
    Answer, AnswerBody, Broken, Call, Opened, Options, OptionsError, Outflow, ProxyUrl, socket,
};

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
        Self::with_tls(options, None)
    }

    /// A client like this one for another address, with connections of its own.
    pub fn towards(&self, base: Url) -> Result<Self, OptionsError> {
        let options = Options { base, ..self.plan.options.clone() };
        Self::with_tls(&options, self.plan.tls.clone())
    }

    /// `tls` is what another client has read already.
    fn with_tls(options: &Options, tls: Option<Tls>) -> Result<Self, OptionsError> {
        let base = &options.base;
        let target = Target::of(base).ok_or(OptionsError::Base)?;
        let has_login = !base.username().is_empty() || base.password().is_some();
        if has_login || base.query().is_some() || base.fragment().is_some() {
            return Err(OptionsError::BaseExtras);
        }
        let secure =
            target.secure || options.proxies.iter().any(|proxy| proxy.kind == ProxyKind::Https);
        let tls = match tls {
            Some(tls) => Some(tls),
            None if secure => Some(Tls::new()?),
            None => None,
        };
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
        let weighed = |proxy: &ProxyUrl| {
            let weight = options.weights.get(&proxy.egress()).copied();
            way(Some(proxy)).weighing(weight.unwrap_or(USUAL_WEIGHT))
        };
        let awake = options.proxies.iter().filter(|proxy| !options.rests(proxy));
        let mut ways: Vec<Egress> = awake.map(weighed).collect();
        if ways.is_empty() {
            // Never around them.
            ways.extend(options.proxies.iter().map(|proxy| weighed(proxy).shut()));
        }
        if ways.is_empty() {
            ways.push(way(None));
        }
        Self { plan, ways, calls: AtomicU64::new(0) }
    }

    /// The ways out in the order that a seed prefers them; never empty. While proxies are sticky
    /// the same seed gives the same order, except that ways on which no connection could be opened
    /// a moment ago come last. Without it every call has an order of its own.
    pub fn egresses(&self, seed: u64) -> Vec<EgressId> {
        let seed = if self.plan.options.sticky {
            seed
        } else {
            mix(seed ^ self.calls.fetch_add(1, Ordering::Relaxed))
        };
        by_preference(&self.ways, seed)
    }

    /// The way that a seed takes while every way works; nothing while each call has an order of its
    /// own.
    pub fn home(&self, seed: u64) -> Option<EgressId> {
        self.plan.options.sticky.then(|| home(&self.ways, seed))
    }

    /// Whether there is such a way out.
    pub fn has_way(&self, id: EgressId) -> bool {
        self.ways.iter().any(|way| way.id == id)
    }

    /// The way out, if there is but one.
    pub fn only_egress(&self) -> Option<EgressId> {
        if let [only] = self.ways.as_slice() { Some(only.id) } else { None }
    }

    /// The proxies that take nothing new.
    pub fn resting(&self) -> Vec<EgressId> {
        let Options { proxies, .. } = &self.plan.options;
        let resting = proxies.iter().filter(|proxy| self.plan.options.rests(proxy));
        resting.map(ProxyUrl::egress).collect()
    }

    /// A way out as it may be shown: `direct`, or a proxy's address without its login.
    pub fn egress_name(&self, id: EgressId) -> String {
        let proxy = self.plan.options.proxies.iter().find(|proxy| proxy.egress() == id);
        proxy.map_or_else(|| "direct".to_owned(), ToString::to_string)
    }

    /// Sends one call and waits for the head of the answer.
    ///
    /// The call goes out once, with one exception: if a kept connection turns out to have been
    /// closed by the other side before any byte of an answer, it goes out again on a new one.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer, Broken> {
        let way = self.way(&call)?;
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

    /// Asks for a WebSocket, on a connection of its own, whose messages are no longer than `largest`
    /// bytes. The deadline of the call is that of the handshake.
    pub async fn open_socket(&self, call: Call<'_>, largest: usize) -> Result<Opened, Broken> {
        let way = self.way(&call)?;
        let mut connection = Box::pin(way.open(call.deadline)).await?;
        let Plan { options, template, .. } = &*self.plan;
        template.write(&call, None, &mut connection.outgoing)?;
        let accept = socket::ask(&mut connection);
        let limit = self.limit_of(&call);
        let asked = connection.exchange(call.method, &call.body, options.max_head_bytes, limit);
        let head = asked.await.map_err(|failed| failed.broken)?;
        if socket::agrees(&head, &accept)? {
            return Ok(Opened::Socket(socket::over(*connection, largest).await));
        }
        Ok(Opened::Refused(self.answer(head, connection, way, &call)))
    }

    fn way(&self, call: &Call<'_>) -> Result<&Egress, Broken> {
        let way = self.ways.iter().find(|way| way.id == call.egress);
        let gone = || Broken::unsent(Phase::Connect, "this way out does not exist any more");
        way.ok_or_else(gone)
    }

    /// When the head of the answer must be there.
    fn limit_of(&self, call: &Call<'_>) -> Instant {
        let limit = Instant::now() + self.plan.options.first_byte_timeout;
        call.deadline.map_or(limit, |deadline| deadline.min(limit))
    }

    /// Sends one call whose body comes bit by bit, in place of the call's own, and waits for the head
    /// of the answer.
    ///
    /// It goes out once, on a new connection. While the body moves there is no limit to the time it
    /// takes; `FIRST_BYTE_TIMEOUT` begins anew with every piece of it.
    pub async fn send_streamed(&self, call: Call<'_>, outflow: Outflow) -> Result<Answer, Broken> {
        let way = self.way(&call)?;
        let mut connection = Box::pin(way.open(call.deadline)).await?;
        let Plan { options, template, .. } = &*self.plan;
        template.write(&call, Some(&outflow), &mut connection.outgoing)?;
        let patience = options.first_byte_timeout;
        let exchange =
            connection.exchange_streamed(call.method, outflow, options.max_head_bytes, patience);
        match exchange.await {
            Ok(head) => Ok(self.answer(head, connection, way, &call)),
            Err(failed) => Err(failed.broken),
        }
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        call: &Call<'_>,
    ) -> Result<AnswerHead, NoAnswer> {
        let Plan { options, template, .. } = &*self.plan;
        if let Err(broken) = template.write(call, None, &mut connection.outgoing) {
            return Err(NoAnswer { broken, heard: true });
        }
        let limit = self.limit_of(call);
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
