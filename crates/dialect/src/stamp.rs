//! Time and ids, which this crate cannot make itself.

use std::{borrow::Cow, collections::HashSet};

/// Time and ids of one answer.
pub struct Stamp {
    /// Unix seconds.
    pub created: i64,
    /// Stands for `responseId` where Gemini leaves it out: any unique text without a prefix.
    pub fallback_id: String,
    /// Makes ids of tool calls, prefix included (`call_` or `toolu_`, and 24 letters or
    /// digits).
    pub call_ids: Box<dyn FnMut() -> String + Send + Sync>,
}

/// Makes sure that no id comes twice.
pub(crate) struct Ids {
    used: HashSet<String>,
    make: Box<dyn FnMut() -> String + Send + Sync>,
}

impl Ids {
    /// Takes the source of ids out of the stamp; `history` holds ids that are taken.
    pub(crate) fn new(history: &[String], stamp: &mut Stamp) -> Self {
        let make = std::mem::replace(&mut stamp.call_ids, Box::new(String::new));
        Self { used: history.iter().cloned().collect(), make }
    }

    /// Gives the source back.
    pub(crate) fn give_back(self, stamp: &mut Stamp) {
        stamp.call_ids = self.make;
    }

    /// The id that Gemini gave, if it is new, or else one of ours.
    pub(crate) fn choose(&mut self, given: Option<Cow<'_, str>>) -> String {
        if let Some(id) = given.filter(|id| !id.is_empty())
            && self.used.insert(id.clone().into_owned())
        {
            return id.into_owned();
        }
        let id = (self.make)();
        self.used.insert(id.clone());
        id
    }
}
