//! Models in turn: where one cannot answer, its fallbacks are asked, until one has begun to.

use std::sync::Arc;

use http::Response;
use tokio::time::Instant;

use crate::answer::Fault;
use crate::body::Body;
use crate::exchange::{Exchange, Served, Unserved};
use crate::lost::Lost;

/// The outcome of a model that does not take the request at all.
const REJECTED: &str = "rejected";

/// Which model is asked, and how patiently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// 0 is the model that the client named, the others are its fallbacks.
    pub(crate) number: usize,
    /// Every model was asked for a key that is free at once; now one is waited for.
    waits: bool,
}

/// A request that can be put to several models.
pub(crate) trait InTurn {
    /// Puts it to the model whose turn it is.
    async fn ask(&mut self, exchange: Exchange, turn: Turn) -> Served;
}

impl Turn {
    /// Readies the exchange for a model that so many others may stand in for.
    pub(crate) fn begins(self, exchange: &mut Exchange, more_models: usize) {
        if self.number == 0 {
            exchange.more_models = more_models;
        }
        exchange.waits = self.waits || exchange.more_models == 0;
    }

    /// This model does not take the request: the client's mistake, unless it asked for another.
    pub(crate) fn rejects(self, mut exchange: Exchange, fault: Fault) -> Served {
        if self.number == 0 {
            return Ok(exchange.reject(&fault));
        }
        Err(exchange.unserved(Lost::Fault(fault, REJECTED)))
    }
}

/// A model that was asked in vain.
struct Failed {
    number: usize,
    model: Option<Arc<str>>,
    lost: Lost,
}

/// Answers a request with the first of its models that can.
pub(crate) async fn answer(mut exchange: Exchange, mut asked: impl InTurn) -> Response<Body> {
    let mut turn = Turn { number: 0, waits: false };
    let mut failed = Vec::new();
    loop {
        let unserved = match asked.ask(exchange, turn).await {
            Ok(response) => return response,
            Err(unserved) => unserved,
        };
        let is_last = turn.waits || unserved.exchange.more_models == 0;
        if is_last || (turn.number == 0 && !unserved.lost.is_of_model()) {
            let Unserved { mut exchange, lost } = unserved;
            return exchange.lose(lost);
        }
        exchange = unserved.exchange;
        match next(&mut exchange, &mut failed, turn, unserved.lost) {
            Some(another) => turn = another,
            None => return lose(exchange, failed),
        }
    }
}

/// Who is asked after a model that cannot answer: its next fallback; after the last, whichever frees
/// first.
fn next(exchange: &mut Exchange, failed: &mut Vec<Failed>, turn: Turn, lost: Lost) -> Option<Turn> {
    exchange.entry.passes_over(lost.outcome(), lost.message());
    let may_go_on = lost.is_of_model() || lost.outcome() == REJECTED;
    failed.push(Failed { number: turn.number, model: exchange.entry.model(), lost });
    if may_go_on && turn.number < exchange.more_models && Instant::now() < exchange.deadline {
        return Some(Turn { number: turn.number + 1, waits: false });
    }
    let frees = failed.iter().filter_map(|one| Some((one.lost.frees_in()?, one.number)));
    frees.min().map(|(_, number)| Turn { number, waits: true })
}

/// The client is told of the model that it asked for.
fn lose(mut exchange: Exchange, failed: Vec<Failed>) -> Response<Body> {
    let Some(Failed { model, lost, .. }) = failed.into_iter().next() else {
        return exchange.lose(crate::lost::unavailable(
            exchange.platform,
            keypool::Refusal::AllTried,
            keypool::Census::default(),
        ));
    };
    exchange.entry.is_about(model);
    exchange.lose(lost)
}
