//! Media that a request names by URL: fetched where the settings allow it, between two readings of
//! the same body.

use bytes::Bytes;
use dialect::media::{FetchedMedia, Wanted};
use dialect::{DialectError, Inset, Translation, Written};
use fetch::{AllowList, FetchError, Limits, Policy};
use settings::{Security, UrlFetch};
use upstream::Payload;

use crate::answer::Fault;
use crate::exchange::Exchange;

/// How a body is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading<'m> {
    /// What was fetched for it.
    pub(crate) media: Option<&'m FetchedMedia>,
    /// For which of the models that may answer: 0 is the one that the client names.
    pub(crate) turn: usize,
}

/// A client's request, to be read for one model or for several.
pub(crate) struct Reader {
    body: Bytes,
    media: Option<FetchedMedia>,
}

impl Reader {
    pub(crate) fn new(body: Bytes) -> Self {
        Self { body, media: None }
    }

    /// Lets go of the client's body: it is not read again.
    pub(crate) fn forget(&mut self) {
        self.body = Bytes::new();
    }

    /// The request in Gemini's words, with whatever had to be fetched for it.
    pub(crate) async fn read<C>(
        &mut self,
        exchange: &Exchange,
        turn: usize,
        translate: &impl Translate<C>,
    ) -> Result<(C, Payload), Fault> {
        let reading = Reading { media: self.media.as_ref(), turn };
        let wanted = match translate.translate(&self.body, reading)? {
            Translation::Ready(context, body) => return Ok((context, self.payload(body))),
            Translation::Fetch(wanted) => wanted,
        };
        let media = self.media.insert(Box::pin(fetch_all(exchange, &wanted)).await?);
        let reading = Reading { media: Some(media), turn };
        let (context, body) = translate.translate(&self.body, reading)?.ready()?;
        Ok((context, self.payload(body)))
    }

    /// What was written, with what it borrows of the client's body.
    fn payload(&self, written: Written) -> Payload {
        let lent = |inset: Inset| (inset.at, self.body.slice(inset.of));
        Payload::new(written.text, written.insets.into_iter().map(lent).collect())
    }
}

/// One reading of a body; once more with what was fetched, and for each model that is asked.
pub(crate) trait Translate<C> {
    fn translate(&self, body: &Bytes, reading: Reading<'_>)
    -> Result<Translation<C>, DialectError>;
}

impl<C, F> Translate<C> for F
where
    F: Fn(&Bytes, Reading<'_>) -> Result<Translation<C>, DialectError>,
{
    fn translate(
        &self,
        body: &Bytes,
        reading: Reading<'_>,
    ) -> Result<Translation<C>, DialectError> {
        self(body, reading)
    }
}

async fn fetch_all(exchange: &Exchange, wanted: &[Wanted]) -> Result<FetchedMedia, Fault> {
    let configuration = &exchange.configuration;
    let Some(first) = wanted.first() else { return Ok(FetchedMedia::default()) };
    let policy = policy(&configuration.settings.security);
    if matches!(policy, Policy::Off) {
        return Err(first.refused().into());
    }
    let fetcher = match exchange.gateway.fetcher() {
        Ok(fetcher) => fetcher.under(policy),
        Err(error) => {
            tracing::error!(%error, "media that clients name cannot be fetched");
            return Err(first.failed("the gateway has no certificates to check others by").into());
        }
    };
    let urls: Vec<&str> = wanted.iter().map(|one| one.url.as_str()).collect();
    let limits = Limits::default();
    let files = fetcher.fetch_all(&urls, &limits).await.map_err(|error| fault(first, &error))?;
    let mut media = FetchedMedia::default();
    for (wanted, file) in wanted.iter().zip(files) {
        let file = file.map_err(|error| fault(wanted, &error))?;
        media.insert(wanted.url.clone(), Some(file.mime), &file.bytes);
    }
    Ok(media)
}

fn fault(wanted: &Wanted, error: &FetchError) -> Fault {
    if let FetchError::Unavailable(reason) = error {
        tracing::info!(?reason, "media that a client named could not be fetched");
    }
    wanted.failed(error.to_string().trim_end_matches('.')).into()
}

/// What may be fetched. Entries of the list were checked when they were saved.
fn policy(security: &Security) -> Policy {
    let allowed = AllowList::parse(&security.url_fetch_allow).unwrap_or_else(|error| {
        tracing::error!(%error, "URL_FETCH_ALLOW is not understood, so nothing is allowed by it");
        AllowList::default()
    });
    match security.url_fetch {
        UrlFetch::Off => Policy::Off,
        UrlFetch::Public => Policy::Public(allowed),
        UrlFetch::Allowlist => Policy::Listed(allowed),
    }
}
