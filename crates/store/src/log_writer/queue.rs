use std::collections::VecDeque;

use super::LogBounds;
use crate::{ErrorRecord, RequestRecord};

/// So many records are written without waiting for more.
pub(super) const FULL_BATCH: usize = 500;

/// The most records of one transaction, when many have gathered.
const LARGEST_BATCH: usize = 2_000;

/// Records that wait, and the count of all that ever came.
pub(super) struct Queue {
    requests: VecDeque<RequestRecord>,
    errors: VecDeque<ErrorRecord>,
    /// Of the waiting records.
    bytes: usize,
    /// The records that the task has taken and not yet settled.
    writing: usize,
    /// Their bytes.
    writing_bytes: usize,
    bounds: LogBounds,
    /// All records that ever came.
    pushed: u64,
    /// Those of them that were written or dropped.
    settled: u64,
    dropped: u64,
    /// Set by the task when it goes to sleep until it is woken.
    dormant: bool,
    /// Somebody waits for what was pushed up to this count.
    hurry_until: u64,
    closed: bool,
}

/// Records on their way into the database.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) requests: Vec<RequestRecord>,
    pub(super) errors: Vec<ErrorRecord>,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.requests.len() + self.errors.len()
    }
}

impl Queue {
    pub(super) fn new(bounds: LogBounds) -> Self {
        Self {
            requests: VecDeque::new(),
            errors: VecDeque::new(),
            bytes: 0,
            writing: 0,
            writing_bytes: 0,
            bounds,
            pushed: 0,
            settled: 0,
            dropped: 0,
            dormant: false,
            hurry_until: 0,
            closed: false,
        }
    }

    /// Returns whether the task must be woken.
    pub(super) fn push_request(&mut self, record: RequestRecord) -> bool {
        let size = record.size();
        if self.closed {
            return self.refuse();
        }
        self.requests.push_back(record);
        self.pushed(size)
    }

    /// Returns whether the task must be woken.
    pub(super) fn push_error(&mut self, record: ErrorRecord) -> bool {
        let size = record.size();
        if self.closed {
            return self.refuse();
        }
        self.errors.push_back(record);
        self.pushed(size)
    }

    fn refuse(&mut self) -> bool {
        self.pushed += 1;
        self.settled += 1;
        self.dropped += 1;
        false
    }

    fn pushed(&mut self, size: usize) -> bool {
        self.pushed += 1;
        self.bytes += size;
        while self.depth() > self.bounds.rows || self.bytes + self.writing_bytes > self.bounds.bytes
        {
            if !self.drop_oldest() {
                break;
            }
        }
        std::mem::take(&mut self.dormant) || self.waiting() == FULL_BATCH
    }

    /// Returns whether there was one.
    fn drop_oldest(&mut self) -> bool {
        let request = self.requests.front().map(|record| record.at);
        let error = self.errors.front().map(|record| record.at);
        let size = match (request, error) {
            (None, None) => return false,
            (Some(request), Some(error)) if error < request => {
                self.errors.pop_front().map(|record| record.size())
            }
            (None, Some(_)) => self.errors.pop_front().map(|record| record.size()),
            (Some(_), _) => self.requests.pop_front().map(|record| record.size()),
        };
        self.bytes = self.bytes.saturating_sub(size.unwrap_or_default());
        self.settled += 1;
        self.dropped += 1;
        true
    }

    /// Takes the oldest records for writing; not so many that none of the newest would find room
    /// while the database takes its time.
    pub(super) fn take(&mut self) -> Batch {
        let most = LARGEST_BATCH.min((self.bounds.rows / 4).max(1));
        let requests = self.requests.len().min(most);
        let errors = self.errors.len().min(most);
        let batch = Batch {
            requests: self.requests.drain(..requests).collect(),
            errors: self.errors.drain(..errors).collect(),
        };
        self.writing = batch.len();
        self.writing_bytes = if self.waiting() == 0 {
            self.bytes
        } else {
            let requests = batch.requests.iter().map(RequestRecord::size);
            requests.chain(batch.errors.iter().map(ErrorRecord::size)).sum()
        };
        self.bytes = self.bytes.saturating_sub(self.writing_bytes);
        batch
    }

    /// The records taken were written, except so many that had to be dropped.
    pub(super) fn settle(&mut self, dropped: usize) {
        self.settled += self.writing as u64;
        self.dropped += dropped as u64;
        self.writing = 0;
        self.writing_bytes = 0;
    }

    /// Notes that somebody waits for all that is there now, and returns the count to wait for.
    pub(super) fn hurry(&mut self) -> u64 {
        self.hurry_until = self.pushed;
        self.pushed
    }

    /// Whether somebody waits.
    pub(super) fn in_hurry(&self) -> bool {
        self.settled < self.hurry_until
    }

    /// Whether there is nothing to write; if so, the next record wakes the task.
    pub(super) fn fall_asleep(&mut self) -> bool {
        self.dormant = self.waiting() == 0;
        self.dormant
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// Whether nothing is left to do, ever.
    pub(super) fn is_finished(&self) -> bool {
        self.closed && self.waiting() == 0
    }

    pub(super) fn waiting(&self) -> usize {
        self.requests.len() + self.errors.len()
    }

    pub(super) fn depth(&self) -> usize {
        self.waiting() + self.writing
    }

    pub(super) fn settled(&self) -> u64 {
        self.settled
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}
