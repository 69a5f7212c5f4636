//! The calls to Google that one answer takes: side by side where a model gives one choice a call,
//! in a row where a call gives only the beginning of a long answer.

mod asked;
mod row;
mod supply;
mod whole;

use bytes::Bytes;
use dialect::Usage;
use dialect::gemini;
use futures_util::future::try_join_all;

pub(crate) use asked::Asked;
pub(crate) use supply::Supplies;

use crate::attempts::Unusable;
use crate::exchange::Exchange;
use crate::lost::Lost;
use supply::Supply;

/// Calls that are made side by side, each on behalf of the same request.
pub(crate) struct Calls {
    each: Vec<(Exchange, Asked)>,
    /// They ask about so many prompts, equally often about each.
    prompts: usize,
}

/// Google's answer to all calls, as if it were the answer to one.
pub(crate) struct Gathered {
    pub(crate) body: Bytes,
    /// What all calls cost together.
    pub(crate) usage: Usage,
}

impl Calls {
    /// Calls on behalf of `exchange`.
    pub(crate) fn new(exchange: &Exchange, asked: Vec<Asked>, prompts: usize) -> Self {
        let each = asked.into_iter().map(|asked| (exchange.branch(asked.is_streamed()), asked));
        Self { each: each.collect(), prompts }
    }

    /// Waits until all of the answer is there.
    pub(crate) async fn gather(self) -> Result<Gathered, Lost> {
        let gathering =
            self.each.into_iter().map(|(exchange, asked)| whole::gather(exchange, asked));
        let mut answers = try_join_all(gathering).await?;
        let usage = answers.iter().fold(Usage::default(), |sum, answer| sum.plus(&answer.usage));
        if answers.len() == 1
            && let Some(only) = answers.pop()
        {
            return Ok(only);
        }
        let bodies: Vec<&[u8]> = answers.iter().map(|answer| &*answer.body).collect();
        let body = gemini::merge(self.prompts, &bodies).ok_or_else(|| {
            Unusable::Malformed("cannot be joined with the others.".to_owned()).lost()
        })?;
        Ok(Gathered { body: body.into(), usage })
    }

    /// Waits until each call's answer has begun.
    pub(crate) async fn begin(self) -> Result<Supplies, Lost> {
        let beginning =
            self.each.into_iter().map(|(exchange, asked)| Supply::begin(exchange, asked));
        Ok(Supplies::new(try_join_all(beginning).await?, self.prompts))
    }
}
