//! One step: the calls of an assistant message, and the results that answer them.

use std::borrow::Cow;

use super::content::{CallResult, Output, Part};
use crate::json::Text;

/// Calls waiting for their results, and whatever was said meanwhile.
#[derive(Default)]
pub(crate) struct Step<'a> {
    calls: Vec<OpenCall<'a>>,
    afterwards: Vec<Part<'a>>,
}

/// A result as the client sent it.
pub(crate) struct Given<'g, 'a> {
    /// The call it answers, by id or else by name.
    pub(crate) id: Option<&'g str>,
    pub(crate) name: Option<&'g str>,
    pub(crate) parts: Vec<Part<'a>>,
    /// The client says that the call went wrong.
    pub(crate) failed: bool,
}

struct OpenCall<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    /// The result, and parts that belong right behind it.
    answer: Option<(Part<'a>, Vec<Part<'a>>)>,
}

impl<'a> Step<'a> {
    /// The step that begins with these parts of the model.
    pub(crate) fn new(parts: &[Part<'a>]) -> Self {
        let mut step = Self::default();
        step.add(parts);
        step
    }

    /// More parts of the model.
    pub(crate) fn add(&mut self, parts: &[Part<'a>]) {
        let open = |part: &Part<'a>| match part {
            Part::Call(call) => {
                Some(OpenCall { id: call.id.clone(), name: call.name.clone(), answer: None })
            }
            _ => None,
        };
        self.calls.extend(parts.iter().filter_map(open));
    }

    /// There are calls, and nothing came after them.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.calls.is_empty()
            && self.afterwards.is_empty()
            && self.calls.iter().all(|call| call.answer.is_none())
    }

    /// No calls, and nothing said.
    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.afterwards.is_empty()
    }

    /// Puts a result where it belongs. Several results for one call: the last one counts.
    pub(crate) fn answer(&mut self, given: Given<'_, 'a>, media_inside: bool) {
        let Given { id, name, parts, failed } = given;
        let Some(call) = self.find(id, name) else {
            self.orphan(id.or(name).unwrap_or_default(), parts);
            return;
        };
        let (mut texts, mut media, mut behind) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            match part {
                Part::Text { text, .. } => texts.push(text),
                Part::Inline(inline) if media_inside && inline.may_stand_in_result() => {
                    media.push(*inline);
                }
                other => behind.push(other),
            }
        }
        if !behind.is_empty() {
            behind.push(Part::text(format!("(returned by the tool {})", call.name)));
        }
        let result = CallResult {
            id: call.id.clone(),
            name: call.name.clone(),
            output: if failed { Output::Error(texts) } else { Output::Texts(texts) },
            media,
        };
        call.answer = Some((Part::Result(Box::new(result)), behind));
    }

    fn find(&mut self, id: Option<&str>, name: Option<&str>) -> Option<&mut OpenCall<'a>> {
        let matches = |call: &OpenCall<'a>| match (id, name) {
            (Some(id), _) => call.id == id,
            (None, Some(name)) => call.name == name,
            (None, None) => true,
        };
        let unanswered = self.calls.iter().position(|call| matches(call) && call.answer.is_none());
        let position = unanswered.or_else(|| self.calls.iter().rposition(matches))?;
        self.calls.get_mut(position)
    }

    /// A result that no call asked for stays as text.
    fn orphan(&mut self, id: &str, parts: Vec<Part<'a>>) {
        let mut text = format!("Tool result {id}:\n");
        let mut others = Vec::new();
        for part in parts {
            match part {
                Part::Text { text: said, .. } => text.push_str(&said.decode()),
                other => others.push(other),
            }
        }
        self.afterwards.push(Part::text(text));
        self.afterwards.extend(others);
    }

    /// Something said before the next assistant message.
    pub(crate) fn say(&mut self, parts: Vec<Part<'a>>) {
        self.afterwards.extend(parts);
    }

    /// The user's content that ends the step.
    pub(crate) fn close(self) -> Vec<Part<'a>> {
        let mut results = Vec::new();
        let mut behind = Vec::new();
        for call in self.calls {
            let missing = |id, name| {
                let output = Output::Error(vec![Text::from("tool result missing")]);
                Part::Result(Box::new(CallResult { id, name, output, media: Vec::new() }))
            };
            match call.answer {
                Some((result, extra)) => {
                    results.push(result);
                    behind.extend(extra);
                }
                None => results.push(missing(call.id, call.name)),
            }
        }
        results.extend(behind);
        results.extend(self.afterwards);
        results
    }
}
