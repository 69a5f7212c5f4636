//! `POST /v1/completions`, the older API without messages, as a chat of one message.
//!
//! [`translate()`] makes chat requests of it. Their answers are translated by
//! [`chat::response`] and [`ChatStream`](chat::ChatStream), whose context knows that the client
//! wants text completions.

use serde::Deserialize;
use serde_json::json;

use super::chat::{self, ChatContext, Options, TextCompletion};
use crate::{
    DialectError,
    json::{Object, Text, choice::TextOrList, number::Integer},
};

/// Calls that one request may take, prompts times choices.
const MAX_CALLS: i64 = 8;

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Body<'a> {
    prompt: Option<TextOrList<'a, Text<'a>>>,
    suffix: Option<Text<'a>>,
    echo: Option<bool>,
    n: Option<Integer>,
    logprobs: Option<Integer>,
}

/// Gemini's requests for a request of text completions, one for each prompt. Each must be sent
/// [`ChatContext::calls`] divided by their number times, and the answers joined in that order by
/// [`gemini::merge`](crate::gemini::merge) or
/// [`FanOut::of_prompts`](crate::gemini::FanOut::of_prompts). More than one needs
/// [`Options::fan_out`].
pub fn translate(
    body: &[u8],
    options: &Options<'_>,
) -> Result<(ChatContext, Vec<Vec<u8>>), DialectError> {
    let read: Body<'_> = crate::json::parse(body)?;
    let prompts = prompts(read.prompt)?;
    if read.suffix.is_some_and(|suffix| !suffix.is_empty()) {
        let message = "Unsupported parameter: 'suffix' is not supported by this model.";
        return Err(DialectError::unsupported("suffix", message));
    }
    let choices = choices(&prompts, read.n, options)?;
    let text = std::str::from_utf8(body).unwrap_or_default();
    let mut chat = Object::read(text).unwrap_or_default();
    for name in ["prompt", "suffix", "echo", "best_of", "logprobs", "top_logprobs"] {
        chat.remove(name);
    }
    if prompts.len() > 1 {
        chat.remove("n");
    }
    let mut contexts = Vec::with_capacity(prompts.len());
    let mut bodies = Vec::with_capacity(prompts.len());
    for prompt in &prompts {
        chat.put("messages", &json!([{"role": "user", "content": prompt.decode()}]));
        let request = chat.to_vec();
        let (context, upstream) = chat::translate(&request, options)?.without_fetching(&request)?;
        contexts.push(context);
        bodies.push(upstream);
    }
    let mut context = contexts.into_iter().next().ok_or(DialectError::missing("prompt"))?;
    if prompts.len() > 1 {
        context.more_calls = prompts.len() * choices - 1;
    }
    context.dropped.extend(read.logprobs.map(|_| "logprobs"));
    let echo = if read.echo == Some(true) { prompts.as_slice() } else { &[] };
    let echo = echo.iter().map(|prompt| prompt.decode().into_owned()).collect();
    context.text = Some(Box::new(TextCompletion { echo, choices }));
    Ok((context, bodies))
}

fn prompts<'a>(prompt: Option<TextOrList<'a, Text<'a>>>) -> Result<Vec<Text<'a>>, DialectError> {
    let prompts = match prompt.ok_or_else(|| DialectError::missing("prompt"))? {
        TextOrList::Text(text) => vec![text],
        TextOrList::List(texts) => texts,
    };
    if prompts.is_empty() || prompts.iter().any(Text::is_empty) {
        let message = "Invalid value for 'prompt': expected a text, or a list of texts.";
        return Err(DialectError::invalid("prompt", message));
    }
    Ok(prompts)
}

/// Choices for each prompt.
fn choices(
    prompts: &[Text<'_>],
    n: Option<Integer>,
    options: &Options<'_>,
) -> Result<usize, DialectError> {
    let n = n.map_or(1, |Integer(n)| n);
    if prompts.len() > 1 && !options.fan_out {
        let message = "Unsupported value for 'prompt': one prompt per request.";
        return Err(DialectError::unsupported("prompt", message));
    }
    if n < 1 || n.saturating_mul(prompts.len() as i64) > MAX_CALLS {
        let param = if prompts.len() > 1 { "prompt" } else { "n" };
        let message = format!(
            "Invalid value for '{param}': 1 to {MAX_CALLS} choices of all prompts together."
        );
        return Err(DialectError::invalid(param, message));
    }
    Ok(n as usize)
}
