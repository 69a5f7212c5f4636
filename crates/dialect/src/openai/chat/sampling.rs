//! The fields that shape the answer: sampling, lengths, penalties, thinking.

use serde_json::json;

use super::{
    Options,
    body::{ChatBody, ThinkingSwitch},
};
use crate::{
    DialectError,
    gemini::{
        audio::AudioFormat,
        generation::{GenerationConfig, Sampling},
        thinking::{Effort, ThinkingConfig},
    },
    json::{Text, choice::TextOrList, choice::TextOrObject, number::Integer},
    models::Rules,
};

/// Gemini's greatest number of candidates.
const MAX_CANDIDATES: i64 = 8;

/// Gemini's greatest number of stop sequences; OpenAI allows four.
const MAX_STOPS: usize = 5;

/// Builds the configuration; adds the fields that have no counterpart to `dropped`.
pub(super) fn read(
    body: &mut ChatBody<'_>,
    rules: &Rules,
    options: &Options<'_>,
    dropped: &mut Vec<&'static str>,
) -> Result<GenerationConfig, DialectError> {
    let mut config = GenerationConfig {
        max_output_tokens: max_tokens(body, rules)?,
        candidate_count: candidates(body.n, rules)?,
        stop_sequences: stops(body.stop.take())?,
        seed: body.seed.map(|Integer(seed)| seed_of(seed)),
        thinking_config: thinking(body, rules, options.hide_thoughts)?,
        ..GenerationConfig::default()
    };
    let sampling = Sampling { temperature: body.temperature, top_p: body.top_p, top_k: body.top_k };
    config.sample(sampling, rules, dropped);
    set_penalties(body, rules.penalties, &mut config, dropped);
    set_logprobs(body, &mut config);
    set_modalities(body, rules, &mut config)?;
    Ok(config)
}

fn max_tokens(body: &ChatBody<'_>, rules: &Rules) -> Result<Option<u64>, DialectError> {
    let (param, tokens) = match (body.max_completion_tokens, body.max_tokens) {
        (Some(tokens), _) => ("max_completion_tokens", tokens.0),
        (None, Some(tokens)) => ("max_tokens", tokens.0),
        (None, None) => return Ok(None),
    };
    if tokens < 1 {
        let message = format!("Invalid value for '{param}': must be at least 1.");
        return Err(DialectError::invalid(param, message));
    }
    let wanted = tokens as u64;
    Ok(Some(rules.max_output.map_or(wanted, |most| wanted.min(most))))
}

fn candidates(n: Option<Integer>, rules: &Rules) -> Result<Option<i64>, DialectError> {
    match n {
        None | Some(Integer(1)) => Ok(None),
        Some(Integer(..=0)) => {
            Err(DialectError::invalid("n", "Invalid value for 'n': must be at least 1."))
        }
        Some(Integer(n)) if n > MAX_CANDIDATES => Err(DialectError::invalid(
            "n",
            format!("Invalid value for 'n': must be at most {MAX_CANDIDATES}."),
        )),
        Some(Integer(n)) => Ok(rules.candidates.then_some(n)),
    }
}

/// What speech must be; formats that take an encoder are refused.
pub(super) fn audio_format(body: &ChatBody<'_>) -> Result<AudioFormat, DialectError> {
    let wanted = body.modalities.as_ref().map_or([].as_slice(), |list| &list.0);
    if !wanted.iter().any(|text| text.decode() == "audio") {
        return Ok(AudioFormat::AsItIs);
    }
    let format = body.audio.as_ref().and_then(|audio| audio.format.as_ref()).map(Text::decode);
    match format.as_deref() {
        None => Ok(AudioFormat::AsItIs),
        Some("wav") => Ok(AudioFormat::Wav),
        Some("pcm16" | "pcm") => Ok(AudioFormat::Pcm),
        Some(other) => {
            let param = "audio.format";
            let message = format!(
                "Unsupported value for '{param}': '{other}'; this model gives wav and pcm16."
            );
            Err(DialectError::unsupported(param, message))
        }
    }
}

/// How many calls the wanted choices take.
pub(super) fn calls(
    n: Option<Integer>,
    rules: &Rules,
    fan_out: bool,
) -> Result<usize, DialectError> {
    match n {
        Some(Integer(n)) if n > 1 && !rules.candidates && !fan_out => {
            Err(DialectError::unsupported(
                "n",
                "Unsupported value for 'n': this model gives one choice per request.",
            ))
        }
        Some(Integer(n @ 2..=MAX_CANDIDATES)) if !rules.candidates => Ok(n as usize),
        _ => Ok(1),
    }
}

fn stops(stop: Option<TextOrList<'_, Text<'_>>>) -> Result<Vec<String>, DialectError> {
    let texts = match stop {
        None => return Ok(Vec::new()),
        Some(TextOrList::Text(text)) => vec![text],
        Some(TextOrList::List(texts)) => texts,
    };
    let texts: Vec<String> = texts
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| text.decode().into_owned())
        .collect();
    if texts.len() > MAX_STOPS {
        let message = format!("Invalid value for 'stop': at most {MAX_STOPS} sequences.");
        return Err(DialectError::invalid("stop", message));
    }
    Ok(texts)
}

/// Gemini's seed has 32 bits.
fn seed_of(seed: i64) -> i64 {
    if i32::try_from(seed).is_ok() { seed } else { seed & 0x7fff_ffff }
}

fn set_penalties(
    body: &ChatBody<'_>,
    accepted: bool,
    config: &mut GenerationConfig,
    dropped: &mut Vec<&'static str>,
) {
    let told = |penalty: Option<f64>| penalty.filter(|penalty| *penalty != 0.0);
    let (presence, frequency) = (told(body.presence_penalty), told(body.frequency_penalty));
    if accepted {
        config.presence_penalty = presence;
        config.frequency_penalty = frequency;
        return;
    }
    dropped.extend(presence.map(|_| "presence_penalty"));
    dropped.extend(frequency.map(|_| "frequency_penalty"));
}

fn set_logprobs(body: &ChatBody<'_>, config: &mut GenerationConfig) {
    if body.logprobs == Some(true) {
        config.response_logprobs = Some(true);
        config.logprobs = body.top_logprobs.map(|Integer(number)| number.clamp(0, 20));
    }
}

fn set_modalities(
    body: &mut ChatBody<'_>,
    rules: &Rules,
    config: &mut GenerationConfig,
) -> Result<(), DialectError> {
    let wanted = body.modalities.take().map(|list| list.0).unwrap_or_default();
    let has = |name: &str| wanted.iter().any(|text| text.decode() == name);
    let unsupported = |what: &str| {
        let message =
            format!("Unsupported value for 'modalities': this model cannot answer with {what}.");
        Err(DialectError::unsupported("modalities", message))
    };
    if has("audio") {
        if !rules.speech {
            return unsupported("audio");
        }
        config.response_modalities = vec!["AUDIO"];
        let voice = body.audio.take().and_then(|audio| audio.voice).and_then(|voice| match voice {
            TextOrObject::Text(name) => Some(name.decode()),
            TextOrObject::Object(voice) => voice.id.map(|id| id.decode()),
        });
        config.speech_config =
            voice.map(|name| json!({"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": name}}}));
    } else if has("image") {
        if !rules.images {
            return unsupported("images");
        }
        config.response_modalities = vec!["TEXT", "IMAGE"];
    }
    Ok(())
}

fn thinking(
    body: &ChatBody<'_>,
    rules: &Rules,
    hide: bool,
) -> Result<Option<ThinkingConfig>, DialectError> {
    let effort = effort(body)?;
    let reasoning = body.reasoning.as_ref();
    let asked = body.enable_thinking == Some(true)
        || body.include_reasoning == Some(true)
        || effort.is_some()
        || reasoning.is_some_and(|reasoning| reasoning.enabled != Some(false))
        || body.thinking.as_ref().and_then(ThinkingSwitch::enabled) == Some(true);
    let hidden = hide
        || effort == Some(Effort::None)
        || reasoning.is_some_and(|reasoning| reasoning.exclude == Some(true))
        || body.include_reasoning == Some(false);
    Ok(ThinkingConfig::new(rules.thinking, effort, asked && !hidden))
}

/// The first of the fields in which clients say how much to think.
fn effort(body: &ChatBody<'_>) -> Result<Option<Effort>, DialectError> {
    if let Some(name) = &body.reasoning_effort {
        return named_effort("reasoning_effort", name).map(Some);
    }
    if let Some(reasoning) = &body.reasoning {
        if let Some(name) = &reasoning.effort {
            return named_effort("reasoning.effort", name).map(Some);
        }
        if let Some(tokens) = reasoning.max_tokens {
            return Ok(Some(Effort::Tokens(as_tokens(tokens))));
        }
        if reasoning.enabled == Some(false) {
            return Ok(Some(Effort::None));
        }
    }
    if let Some(switch) = &body.thinking {
        return Ok(match (switch.enabled(), switch.budget_tokens) {
            (Some(false), _) => Some(Effort::None),
            (_, Some(tokens)) => Some(Effort::Tokens(as_tokens(tokens))),
            (_, None) => None,
        });
    }
    Ok((body.enable_thinking == Some(false)).then_some(Effort::None))
}

fn as_tokens(Integer(tokens): Integer) -> u32 {
    u32::try_from(tokens.max(0)).unwrap_or(u32::MAX)
}

fn named_effort(param: &str, name: &Text<'_>) -> Result<Effort, DialectError> {
    let name = name.decode();
    Effort::parse(&name).ok_or_else(|| {
        let names = "none, minimal, low, medium, high, xhigh";
        let message = format!("Invalid value for '{param}': '{name}' is none of {names}.");
        DialectError::invalid(param, message)
    })
}

impl ThinkingSwitch<'_> {
    fn enabled(&self) -> Option<bool> {
        match self.kind.as_ref()?.decode().as_ref() {
            "enabled" | "adaptive" => Some(true),
            "disabled" => Some(false),
            _ => None,
        }
    }
}
