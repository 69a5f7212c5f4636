//! Streamed answers that take more than handing on the events of one call: told by a future, which
//! the client's connection drives. No task and no channel here either; a reader who leaves drops the
//! future, and with it every call that it waits for.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use dialect::gemini;
use dialect::typing::Typing;
use futures_util::future::BoxFuture;
use http_body::Frame;
use sse::{Event, EventKind};
use tokio::time::sleep;

use super::{Failure, Teller, Translate, pool_usage};
use crate::body::{Body, EndedEarly};
use crate::calls::{Gathered, Supplies};
use crate::lost::Lost;

/// Where an answer comes from.
pub(crate) enum Source {
    /// Event by event.
    Events(Supplies),
    /// All at once, some time.
    Whole(BoxFuture<'static, Result<Gathered, Lost>>),
}

/// The body of an answer that `teller` tells, with its text typed if there is a `typing`.
pub(crate) fn narrated<T: Translate + 'static>(
    teller: Teller<T>,
    source: Source,
    typing: Option<Typing>,
) -> Body {
    let outbox = Outbox::default();
    let narrator = Narrator { teller, outbox: outbox.clone(), typing };
    let narration: BoxFuture<'static, ()> = Box::pin(narrator.narrate(source));
    Body::frames(Box::pin(Narrated { narration: Some(narration), outbox }))
}

struct Narrator<T> {
    teller: Teller<T>,
    outbox: Outbox,
    typing: Option<Typing>,
}

impl<T: Translate> Narrator<T> {
    async fn narrate(mut self, source: Source) {
        self.say().await;
        let told = match source {
            Source::Events(supplies) => self.events(supplies).await,
            Source::Whole(whole) => self.whole(whole).await,
        };
        if let Err(failure) = told {
            self.teller.fail(*failure);
        }
        self.outbox.put(self.teller.told());
    }

    async fn events(&mut self, mut supplies: Supplies) -> Result<(), Box<Failure>> {
        while let Some(data) = self.wait(supplies.next()).await? {
            self.teller.entry.usage(pool_usage(supplies.spent()));
            self.tell(data?).await?;
        }
        self.teller.finish()
    }

    async fn whole(
        &mut self,
        whole: BoxFuture<'static, Result<Gathered, Lost>>,
    ) -> Result<(), Box<Failure>> {
        let Gathered { body, usage } = self.wait(whole).await?.map_err(Failure::lost)?;
        self.teller.entry.usage(pool_usage(usage));
        self.tell(body).await?;
        self.teller.finish()
    }

    /// Waits for `future`, and does meanwhile what is due.
    async fn wait<F: Future>(&mut self, future: F) -> Result<F::Output, Box<Failure>> {
        let mut future = pin!(future);
        loop {
            let vigil = &mut self.teller.vigil;
            let next = std::future::poll_fn(|context| match future.as_mut().poll(context) {
                Poll::Ready(value) => Poll::Ready(Ok(value)),
                Poll::Pending => vigil.poll_due(context).map(Err),
            });
            match next.await {
                Ok(value) => return Ok(value),
                Err(due) => self.teller.due(due)?,
            }
            self.say().await;
        }
    }

    async fn tell(&mut self, data: Bytes) -> Result<(), Box<Failure>> {
        let typed = self.typing.as_ref().and_then(|typing| gemini::typed(&data, typing));
        let Some((pieces, pause)) = typed else {
            self.teller.event(&event(data))?;
            self.say().await;
            return Ok(());
        };
        for piece in pieces {
            self.teller.event(&event(piece.into()))?;
            self.say().await;
            self.wait(sleep(pause)).await?;
        }
        Ok(())
    }

    /// Waits until the client has taken what was told.
    async fn say(&mut self) {
        if let Some(bytes) = self.teller.told() {
            self.outbox.put(Some(bytes));
            self.outbox.taken().await;
        }
    }
}

/// An event that never was on the wire.
fn event(data: Bytes) -> Event {
    Event { raw: Bytes::new(), data, kind: EventKind::Data }
}

/// Room for one piece between who tells and who reads. Both are the same task.
#[derive(Clone, Default)]
struct Outbox(Arc<Mutex<Option<Bytes>>>);

impl Outbox {
    fn put(&self, bytes: Option<Bytes>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
    }

    fn take(&self) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whoever takes it also polls next.
    async fn taken(&self) {
        let is_empty = || self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none();
        std::future::poll_fn(|_| if is_empty() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

struct Narrated {
    /// `None` once everything was told.
    narration: Option<BoxFuture<'static, ()>>,
    outbox: Outbox,
}

impl http_body::Body for Narrated {
    type Data = Bytes;
    type Error = EndedEarly;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, EndedEarly>>> {
        let over = match &mut self.narration {
            Some(narration) => narration.as_mut().poll(context).is_ready(),
            None => return Poll::Ready(None),
        };
        if over {
            self.narration = None;
        }
        match self.outbox.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None if over => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}
