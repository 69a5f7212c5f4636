//! Which of Google's APIs a key is for.

use crate::labels::labels;

labels! {
    /// An API of Google's that has keys of its own. A pool holds keys of one of them, so that no
    /// request is ever given a key that its API would not take.
    pub enum Platform ("API of Google's") {
        /// The Gemini API.
        Gemini = "gemini",
        /// Vertex AI in express mode.
        Vertex = "vertex",
    }
}

#[expect(clippy::derivable_impls, reason = "`labels!` writes the enumeration")]
impl Default for Platform {
    fn default() -> Self {
        Self::Gemini
    }
}

/// One for each of Google's APIs.
#[derive(Clone, Debug, Default)]
pub struct PerPlatform<T> {
    /// For the Gemini API.
    pub gemini: T,
    /// For Vertex AI in express mode.
    pub vertex: T,
}

impl<T> PerPlatform<T> {
    /// That of one API.
    pub fn of(&self, platform: Platform) -> &T {
        match platform {
            Platform::Gemini => &self.gemini,
            Platform::Vertex => &self.vertex,
        }
    }

    /// Makes another thing of each.
    pub fn map<U>(self, mut make: impl FnMut(T) -> U) -> PerPlatform<U> {
        PerPlatform { gemini: make(self.gemini), vertex: make(self.vertex) }
    }
}
