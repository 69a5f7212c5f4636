//! A conversation, as Gemini's contents.
//!
//! Gemini is strict where other APIs are not: roles alternate, the results of a step stand together
//! in the order of its calls and right after them, nothing is empty. So histories are put in order
//! and repaired here; each repair avoids a 400.

use super::{
    content::{Content, Part, Role, long_bytes},
    signatures,
    step::{Given, Step},
};
use crate::models::Rules;

/// A conversation as it is read, message by message.
#[derive(Default)]
pub(crate) struct History<'a> {
    /// Instructions stand before everything else, whenever they are given.
    hoist: bool,
    /// One element an instruction before anything was said.
    system: Vec<Vec<Part<'a>>>,
    contents: Vec<Content<'a>>,
    /// Calls of the last assistant message, and what came after it.
    step: Step<'a>,
}

/// A conversation, ready to send.
pub(crate) struct Turns<'a> {
    pub(crate) system: Vec<Part<'a>>,
    pub(crate) contents: Vec<Content<'a>>,
}

impl<'a> History<'a> {
    /// An empty history. With `hoist`, instructions stand before everything else, whenever they are
    /// given.
    pub(crate) fn new(hoist: bool) -> Self {
        Self { hoist, ..Self::default() }
    }

    /// An instruction, texts only.
    pub(crate) fn instruct(&mut self, parts: Vec<Part<'a>>) {
        if parts.is_empty() {
            return;
        }
        if self.hoist || (self.contents.is_empty() && self.step.is_empty()) {
            self.system.push(parts);
            return;
        }
        // Further up it would change the order of the conversation, and spoil the prefix cache.
        self.say(parts.into_iter().map(wrap_system).collect());
    }

    /// Something that the user says. While results of a step are still coming in it stands after
    /// all of them.
    pub(crate) fn say(&mut self, parts: Vec<Part<'a>>) {
        if self.step.is_empty() {
            push(&mut self.contents, Role::User, parts);
        } else {
            self.step.say(parts);
        }
    }

    /// What the model said, and the calls that it made with it.
    pub(crate) fn reply(&mut self, parts: Vec<Part<'a>>) {
        if parts.is_empty() {
            return;
        }
        self.close_step();
        self.step = Step::new(&parts);
        push(&mut self.contents, Role::Model, parts);
    }

    /// What the model said further in the same turn, unless something came in between.
    pub(crate) fn go_on(&mut self, parts: Vec<Part<'a>>) {
        if !self.step.is_waiting() {
            return self.reply(parts);
        }
        self.step.add(&parts);
        push(&mut self.contents, Role::Model, parts);
    }

    /// What a call of the last step gave back.
    pub(crate) fn answer(&mut self, given: Given<'_, 'a>, rules: &Rules) {
        self.step.answer(given, rules.is_generation_3());
    }

    /// The whole conversation. Where the model spoke last and may not, the user says `resume`.
    pub(crate) fn finish(mut self, rules: &Rules, resume: &'a str) -> Turns<'a> {
        self.close_step();
        if self.contents.is_empty() {
            // A conversation of instructions only: the last one is what the user says.
            let said = self.system.pop().unwrap_or_else(|| vec![Part::text(" ")]);
            push(&mut self.contents, Role::User, said);
        }
        let mut system: Vec<Part<'a>> = self.system.into_iter().flatten().collect();
        if !rules.system_instruction {
            prepend(std::mem::take(&mut system), &mut self.contents);
        }
        complete(&mut self.contents, rules, resume);
        Turns { system, contents: self.contents }
    }

    fn close_step(&mut self) {
        let parts = std::mem::take(&mut self.step).close();
        push(&mut self.contents, Role::User, parts);
    }
}

impl Turns<'_> {
    /// The history holds calls, so the tools must stay declared.
    pub(crate) fn has_calls(&self) -> bool {
        let calls = |part: &Part<'_>| matches!(part, Part::Call(_));
        self.contents.iter().any(|content| content.parts.iter().any(calls))
    }

    /// How much of it need not be copied to be sent.
    pub(crate) fn long_bytes(&self) -> usize {
        long_bytes(&self.contents)
    }
}

/// Contents of one speaker in a row become one.
fn push<'a>(contents: &mut Vec<Content<'a>>, role: Role, parts: Vec<Part<'a>>) {
    if parts.is_empty() {
        return;
    }
    match contents.last_mut() {
        Some(last) if last.role == role => last.parts.extend(parts),
        _ => contents.push(Content { role, parts }),
    }
}

/// Adds what Gemini wants to see at the ends and in between.
fn complete<'a>(contents: &mut Vec<Content<'a>>, rules: &Rules, resume: &'a str) {
    if contents.first().is_some_and(|content| content.role == Role::Model) {
        contents.insert(0, Content { role: Role::User, parts: vec![Part::text(" ")] });
    }
    for content in contents.iter_mut().filter(|content| content.role == Role::User) {
        let media = |part: &Part<'_>| matches!(part, Part::Inline(_) | Part::File(_));
        if content.parts.iter().all(media) {
            content.parts.push(Part::text(" "));
        }
    }
    let model_last = contents.last().is_some_and(|content| content.role == Role::Model);
    if model_last && !rules.prefill {
        push(contents, Role::User, vec![Part::text(resume)]);
    }
    if rules.is_generation_3() {
        signatures::fill_in(contents);
    }
}

/// Models without a system instruction read it before the user's first text.
fn prepend<'a>(system: Vec<Part<'a>>, contents: &mut Vec<Content<'a>>) {
    let texts = system.into_iter().filter_map(|part| match part {
        Part::Text { text, .. } => Some(text.decode().into_owned()),
        _ => None,
    });
    let mut text = texts.collect::<Vec<_>>().join("\n\n");
    if text.is_empty() {
        return;
    }
    text.push_str("\n\n");
    let first_user = contents.iter_mut().find(|content| content.role == Role::User);
    let Some(user) = first_user else { return };
    for part in &mut user.parts {
        if let Part::Text { text: said, .. } = part {
            text.push_str(&said.decode());
            *said = text.into();
            return;
        }
    }
    user.parts.insert(0, Part::text(text));
}

fn wrap_system(part: Part<'_>) -> Part<'_> {
    match part {
        Part::Text { text, .. } => {
            Part::text(format!("<system_message>\n{}\n</system_message>", text.decode()))
        }
        other => other,
    }
}
