//! The order that Gemini wants contents in.

use crate::{
    gemini::{
        content::{Content, Part, Role as Speaker},
        signatures,
    },
    models::Rules,
};

/// Contents of one speaker in a row become one.
pub(super) fn push<'a>(contents: &mut Vec<Content<'a>>, role: Speaker, parts: Vec<Part<'a>>) {
    if parts.is_empty() {
        return;
    }
    match contents.last_mut() {
        Some(last) if last.role == role => last.parts.extend(parts),
        _ => contents.push(Content { role, parts }),
    }
}

/// Adds what Gemini wants to see at the ends and in between.
pub(super) fn complete(contents: &mut Vec<Content<'_>>, rules: &Rules) {
    if contents.first().is_some_and(|content| content.role == Speaker::Model) {
        contents.insert(0, Content { role: Speaker::User, parts: vec![Part::text(" ")] });
    }
    for content in contents.iter_mut().filter(|content| content.role == Speaker::User) {
        let media = |part: &Part<'_>| matches!(part, Part::Inline(_) | Part::File(_));
        if content.parts.iter().all(media) {
            content.parts.push(Part::text(" "));
        }
    }
    let model_last = contents.last().is_some_and(|content| content.role == Speaker::Model);
    if model_last && !rules.prefill {
        push(contents, Speaker::User, vec![Part::text("Continue.")]);
    }
    if rules.is_generation_3() {
        signatures::fill_in(contents);
    }
}

/// Models without a system instruction read it before the user's first text.
pub(super) fn prepend<'a>(system: Vec<Part<'a>>, contents: &mut Vec<Content<'a>>) {
    let texts = system.into_iter().filter_map(|part| match part {
        Part::Text { text, .. } => Some(text.decode().into_owned()),
        _ => None,
    });
    let mut text = texts.collect::<Vec<_>>().join("\n\n");
    if text.is_empty() {
        return;
    }
    text.push_str("\n\n");
    let first_user = contents.iter_mut().find(|content| content.role == Speaker::User);
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
