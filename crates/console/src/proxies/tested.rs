use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use keypool::{EgressId, Timestamp};

/// How each way out did when it was tested last, for as long as the process lives.
#[derive(Debug, Default)]
pub(crate) struct Tests(Mutex<HashMap<EgressId, Test>>);

/// A test of a way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) at: Timestamp,
    /// How long the answer took in milliseconds, or why there was none.
    pub(crate) result: Result<u64, String>,
}

impl Tests {
    pub(crate) fn of(&self, way: EgressId) -> Option<Test> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&way).cloned()
    }

    pub(crate) fn keep(&self, way: EgressId, test: Test) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(way, test);
    }
}
