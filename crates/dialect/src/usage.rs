//! Tokens that one answer cost.

/// Token counts of an answer, as Gemini's `usageMetadata` gives them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the request, those read from a cache included (`promptTokenCount`).
    pub prompt: u64,
    /// Tokens of the visible answer, thoughts not included (`candidatesTokenCount`).
    pub completion: u64,
    /// Tokens of thinking, billed as output (`thoughtsTokenCount`).
    pub thoughts: u64,
    /// Part of `prompt` that came from a cache (`cachedContentTokenCount`).
    pub cached: u64,
    /// Tokens that server-side tools added to the input, not part of `prompt`
    /// (`toolUsePromptTokenCount`).
    pub tool_prompt: u64,
    /// Everything together, as Gemini counts it (`totalTokenCount`).
    pub total: u64,
}

impl Usage {
    /// What two calls cost together.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            prompt: self.prompt + other.prompt,
            completion: self.completion + other.completion,
            thoughts: self.thoughts + other.thoughts,
            cached: self.cached + other.cached,
            tool_prompt: self.tool_prompt + other.tool_prompt,
            total: self.total + other.total,
        }
    }

    /// Takes over what a later event of the same stream says.
    ///
    /// Gemini repeats its counts cumulatively and sometimes leaves fields out, so a zero never
    /// replaces a number.
    pub fn merge(&mut self, later: &Self) {
        let take = |mine: &mut u64, theirs: u64| {
            if theirs != 0 {
                *mine = theirs;
            }
        };
        take(&mut self.prompt, later.prompt);
        take(&mut self.completion, later.completion);
        take(&mut self.thoughts, later.thoughts);
        take(&mut self.cached, later.cached);
        take(&mut self.tool_prompt, later.tool_prompt);
        take(&mut self.total, later.total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_event_replaces_only_what_it_names() {
        let mut usage = Usage { prompt: 10, completion: 1, total: 11, ..Usage::default() };
        usage.merge(&Usage { completion: 5, total: 15, ..Usage::default() });
        assert_eq!(usage, Usage { prompt: 10, completion: 5, total: 15, ..Usage::default() });
    }
}
