//! An answer that is wanted as a whole.

use bytes::Bytes;
use dialect::gemini::observe;
use http::HeaderMap;

use super::{Asked, Gathered, row};
use crate::attempts::{self, Unusable};
use crate::exchange::Exchange;
use crate::lost::Lost;
use crate::patience::Patience;
use crate::stream::pool_usage;

pub(super) async fn gather(mut exchange: Exchange, asked: Asked) -> Result<Gathered, Lost> {
    if asked.is_long {
        return Box::pin(row::gather(exchange, asked)).await;
    }
    let mut patience = Patience::new(&exchange.configuration.settings.pool);
    let judge = |_: &HeaderMap, body: &Bytes| {
        let observed = observe(body);
        if observed.malformed {
            return Err(Unusable::Malformed("is not JSON.".to_owned()));
        }
        if observed.error.is_some() {
            return Err(Unusable::Error(body.clone()));
        }
        patience.check_observed(&observed)?;
        let usage = observed.usage.unwrap_or_default();
        Ok((Gathered { body: body.clone(), usage }, pool_usage(usage)))
    };
    let (_, gathered) = attempts::whole(&mut exchange, &asked.plan(None), judge).await?;
    Ok(gathered)
}
