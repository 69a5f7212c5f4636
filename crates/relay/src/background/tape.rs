//! What is told of a response while it is worked on, for whoever reads along.

use dialect::openai::responses::ToldEvent;
use tokio::sync::watch;

/// The events so far. An event's place is its sequence number.
#[derive(Default)]
pub(crate) struct Tape(watch::Sender<Recorded>);

/// What was recorded.
#[derive(Default)]
pub(crate) struct Recorded {
    events: Vec<ToldEvent>,
    ended: bool,
}

impl Tape {
    pub(crate) fn push(&self, event: ToldEvent) {
        self.0.send_modify(|recorded| recorded.events.push(event));
    }

    /// Nothing more will be recorded.
    pub(crate) fn end(&self) {
        self.0.send_modify(|recorded| recorded.ended = true);
    }

    /// The number of the next event.
    pub(crate) fn len(&self) -> u64 {
        self.0.borrow().events.len() as u64
    }

    pub(crate) fn events(&self) -> Vec<ToldEvent> {
        self.0.borrow().events.clone()
    }

    /// To read what is recorded, and to hear of more.
    pub(crate) fn follow(&self) -> watch::Receiver<Recorded> {
        self.0.subscribe()
    }

    /// Waits until nothing more will be recorded.
    pub(crate) async fn ended(&self) {
        // The sender lives as long as this.
        let _ = self.follow().wait_for(Recorded::has_ended).await;
    }
}

impl Recorded {
    /// Events with this number and higher ones.
    pub(crate) fn since(&self, number: u64) -> &[ToldEvent] {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        self.events.get(number..).unwrap_or_default()
    }

    /// The event that ends the stream was recorded.
    pub(crate) fn has_end(&self) -> bool {
        self.events.last().is_some_and(|event| event.end().is_some())
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }
}
