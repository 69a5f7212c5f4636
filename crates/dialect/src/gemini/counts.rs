//! `usageMetadata`, and its sum over the events of a stream.

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    Usage,
    json::{Text, number::Integer},
};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct UsageMetadata<'a> {
    prompt_token_count: Option<Integer>,
    candidates_token_count: Option<Integer>,
    thoughts_token_count: Option<Integer>,
    cached_content_token_count: Option<Integer>,
    tool_use_prompt_token_count: Option<Integer>,
    total_token_count: Option<Integer>,
    prompt_tokens_details: Option<Vec<ModalityCount<'a>>>,
    candidates_tokens_details: Option<Vec<ModalityCount<'a>>>,
    pub(crate) service_tier: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ModalityCount<'a> {
    modality: Option<Text<'a>>,
    token_count: Option<Integer>,
}

/// `usageMetadata` as the gateway writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenCounts {
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thoughts_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_content_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_use_prompt_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prompt_tokens_details: Vec<WrittenModality>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates_tokens_details: Vec<WrittenModality>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenModality {
    modality: &'static str,
    token_count: u64,
}

/// Counts of one answer; a later event replaces what it names.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    prompt: Option<u64>,
    candidates: Option<u64>,
    thoughts: Option<u64>,
    cached: Option<u64>,
    tool_prompt: Option<u64>,
    total: Option<u64>,
    pub(crate) prompt_audio: u64,
    pub(crate) answer_audio: u64,
    /// How Google served it.
    tier: Option<String>,
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let audio = |count| {
            let audio = WrittenModality { modality: "AUDIO", token_count: count };
            Vec::from_iter((count > 0).then_some(audio))
        };
        let counts = WrittenCounts {
            prompt_token_count: self.prompt,
            candidates_token_count: self.candidates,
            thoughts_token_count: self.thoughts,
            cached_content_token_count: self.cached,
            tool_use_prompt_token_count: self.tool_prompt,
            total_token_count: self.total,
            prompt_tokens_details: audio(self.prompt_audio),
            candidates_tokens_details: audio(self.answer_audio),
            service_tier: self.tier.clone(),
        };
        counts.serialize(serializer)
    }
}

impl UsageMetadata<'_> {
    /// Tokens of this modality in the request and in the answer.
    pub(crate) fn of_modality(&self, name: &str) -> (u64, u64) {
        let tokens = |details: Option<&Vec<ModalityCount<'_>>>| {
            let details = details.into_iter().flatten();
            let named = details.filter(|detail| {
                detail.modality.as_ref().is_some_and(|modality| modality.decode() == name)
            });
            named.filter_map(|detail| detail.token_count).map(|count| count.0.max(0) as u64).sum()
        };
        let (asked, told) = (&self.prompt_tokens_details, &self.candidates_tokens_details);
        (tokens(asked.as_ref()), tokens(told.as_ref()))
    }
}

impl Counts {
    pub(crate) fn merge(&mut self, metadata: &UsageMetadata<'_>) {
        take(&mut self.prompt, metadata.prompt_token_count);
        take(&mut self.candidates, metadata.candidates_token_count);
        take(&mut self.thoughts, metadata.thoughts_token_count);
        take(&mut self.cached, metadata.cached_content_token_count);
        take(&mut self.tool_prompt, metadata.tool_use_prompt_token_count);
        take(&mut self.total, metadata.total_token_count);
        if let Some(details) = &metadata.prompt_tokens_details {
            self.prompt_audio = audio(details);
        }
        if let Some(details) = &metadata.candidates_tokens_details {
            self.answer_audio = audio(details);
        }
        if let Some(tier) = metadata.service_tier.as_ref().map(Text::decode)
            && self.tier.as_deref() != Some(&*tier)
        {
            self.tier = Some(tier.into_owned());
        }
    }

    /// The counts, with the missing ones worked out from the others.
    pub(crate) fn usage(&self) -> Usage {
        let known = |count: Option<u64>| count.unwrap_or(0);
        let (prompt, thoughts) = (known(self.prompt), known(self.thoughts));
        let tool_prompt = known(self.tool_prompt);
        let besides = prompt + thoughts + tool_prompt;
        let completion =
            self.candidates.unwrap_or_else(|| known(self.total).saturating_sub(besides));
        Usage {
            prompt,
            completion,
            thoughts,
            cached: known(self.cached),
            tool_prompt,
            total: self.total.unwrap_or(besides + completion),
        }
    }
}

/// What joins several upstream calls into one answer: the request counts once, answers are summed.
pub(crate) fn joined<'c>(calls: impl IntoIterator<Item = &'c Counts>) -> Counts {
    let mut all = Counts::default();
    for counts in calls {
        if all.prompt.is_none() {
            all.prompt = counts.prompt;
            all.cached = counts.cached;
            all.prompt_audio = counts.prompt_audio;
            all.tier.clone_from(&counts.tier);
        }
        let usage = counts.usage();
        add(&mut all.candidates, usage.completion);
        add(&mut all.thoughts, usage.thoughts);
        add(&mut all.tool_prompt, usage.tool_prompt);
        all.answer_audio += counts.answer_audio;
    }
    all.total = Some(all.usage().total);
    all
}

/// What several requests cost together.
pub(crate) fn summed(requests: &[Counts]) -> Counts {
    let mut all = joined(requests);
    (all.prompt, all.cached, all.prompt_audio, all.total) = (None, None, 0, None);
    for counts in requests {
        add(&mut all.prompt, counts.prompt.unwrap_or(0));
        add(&mut all.cached, counts.cached.unwrap_or(0));
        all.prompt_audio += counts.prompt_audio;
    }
    all.total = Some(all.usage().total);
    all
}

fn add(mine: &mut Option<u64>, theirs: u64) {
    if theirs > 0 {
        *mine = Some(mine.unwrap_or(0) + theirs);
    }
}

fn take(mine: &mut Option<u64>, theirs: Option<Integer>) {
    if let Some(Integer(count)) = theirs {
        // Counts beyond u32 are no counts; this keeps sums of several from overflowing.
        *mine = Some(count.clamp(0, i64::from(u32::MAX)) as u64);
    }
}

fn audio(details: &[ModalityCount<'_>]) -> u64 {
    details
        .iter()
        .filter(|detail| matches!(detail.modality, Some(Text::Verbatim("AUDIO"))))
        .filter_map(|detail| detail.token_count)
        .map(|count| count.0.max(0) as u64)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(events: &[&str]) -> Usage {
        let mut counts = Counts::default();
        for event in events {
            counts.merge(&serde_json::from_str(event).unwrap());
        }
        counts.usage()
    }

    #[test]
    fn later_events_replace_what_they_name() {
        let usage = usage(&[
            r#"{"promptTokenCount":21,"candidatesTokenCount":5,"totalTokenCount":26}"#,
            r#"{"candidatesTokenCount":9,"thoughtsTokenCount":"7","toolUsePromptTokenCount":3}"#,
        ]);
        let total = 26;
        let expected =
            Usage { prompt: 21, completion: 9, thoughts: 7, cached: 0, tool_prompt: 3, total };
        assert_eq!(usage, expected);
    }

    #[test]
    fn a_missing_answer_count_is_what_is_left_of_the_total() {
        let left =
            usage(&[r#"{"promptTokenCount":10,"thoughtsTokenCount":4,"totalTokenCount":20}"#]);
        assert_eq!(left.completion, 6);
        let none = usage(&[r#"{"promptTokenCount":10,"totalTokenCount":4}"#]);
        assert_eq!(none.completion, 0);
    }
}
