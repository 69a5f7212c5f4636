//! A transcript in each of the formats.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    context::{ResponseFormat, Task, TranscriptionContext},
    heard::Transcript,
    lines::Segment,
};
use crate::{gemini::counts::Counts, json::to_vec};

/// The body of an answer.
pub(super) fn body(
    context: &TranscriptionContext,
    transcript: &Transcript,
    counts: &Counts,
) -> Vec<u8> {
    match context.format {
        ResponseFormat::Json => to_vec(&json!({"text": transcript.text, "usage": usage(counts)})),
        ResponseFormat::Text => format!("{}\n", transcript.text).into_bytes(),
        ResponseFormat::Srt => subtitles(transcript, "", ',', true).into_bytes(),
        ResponseFormat::Vtt => subtitles(transcript, "WEBVTT\n\n", '.', false).into_bytes(),
        ResponseFormat::VerboseJson => to_vec(&verbose(context, transcript)),
        ResponseFormat::DiarizedJson => to_vec(&json!({
            "task": "transcribe",
            "duration": duration(context, transcript),
            "text": transcript.text,
            "segments": diarized(transcript),
            "usage": usage(counts),
        })),
    }
}

/// Tokens, as OpenAI counts them.
pub(super) fn usage(counts: &Counts) -> Value {
    let usage = counts.usage();
    let input = usage.prompt + usage.tool_prompt;
    let output = usage.completion + usage.thoughts;
    let audio = counts.prompt_audio.min(input);
    json!({
        "type": "tokens",
        "input_tokens": input,
        "input_token_details": {"text_tokens": input - audio, "audio_tokens": audio},
        "output_tokens": output,
        "total_tokens": input + output,
    })
}

/// Who said what.
pub(super) fn diarized(transcript: &Transcript) -> Vec<Value> {
    let mut labels: Vec<&str> = Vec::new();
    let segment = |(at, segment): (usize, &'_ Segment), speaker: String| {
        json!({
            "type": "transcript.text.segment",
            "id": format!("seg_{at:03}"),
            "start": segment.start,
            "end": segment.end,
            "text": segment.text,
            "speaker": speaker,
        })
    };
    let mut told = Vec::with_capacity(transcript.segments.len());
    for (at, line) in transcript.segments.iter().enumerate() {
        let label = line.speaker.as_deref().unwrap_or_default();
        let known = labels.iter().position(|known| *known == label);
        let number = known.unwrap_or_else(|| {
            labels.push(label);
            labels.len() - 1
        });
        told.push(segment((at, line), letter(number)));
    }
    told
}

/// `A` for the first speaker, `B` for the second.
fn letter(number: usize) -> String {
    match u8::try_from(number) {
        Ok(number) if number < 26 => char::from(b'A' + number).to_string(),
        _ => format!("S{}", number + 1),
    }
}

fn duration(context: &TranscriptionContext, transcript: &Transcript) -> f64 {
    context.duration.unwrap_or_else(|| transcript.end())
}

fn verbose(context: &TranscriptionContext, transcript: &Transcript) -> Value {
    let duration = duration(context, transcript);
    let (task, language) = match context.task {
        Task::Transcribe => {
            let language = transcript.language.as_ref().or(context.language.as_ref());
            ("transcribe", language.map_or("", String::as_str))
        }
        Task::Translate => ("translate", "english"),
    };
    let mut told = json!({
        "task": task,
        "language": language,
        "duration": duration,
        "text": transcript.text,
    });
    if context.wants_segments {
        let segments = transcript.segments.iter().enumerate();
        told["segments"] = segments.map(|(id, segment)| verbose_segment(id, segment)).collect();
    }
    if context.wants_words {
        let words = transcript.words.iter();
        let words = words
            .map(|word| json!({"word": word.text.trim(), "start": word.start, "end": word.end}));
        told["words"] = words.collect();
    }
    told["usage"] = json!({"type": "duration", "seconds": duration.ceil() as u64});
    told
}

/// What no model of Gemini's knows of itself has the value that means nothing.
fn verbose_segment(id: usize, segment: &Segment) -> Value {
    json!({
        "id": id,
        "seek": 0,
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "tokens": [],
        "temperature": 0,
        "avg_logprob": 0,
        "compression_ratio": 1,
        "no_speech_prob": 0,
    })
}

fn subtitles(transcript: &Transcript, head: &str, point: char, numbered: bool) -> String {
    let mut out = head.to_owned();
    for (at, segment) in transcript.segments.iter().enumerate() {
        let (start, end) = (time(segment.start, point), time(segment.end, point));
        // An empty line would end the subtitle.
        let text: Vec<&str> = segment.text.lines().filter(|line| !line.trim().is_empty()).collect();
        let text = text.join("\n");
        // Writing into a String cannot fail.
        let _ = if numbered {
            write!(out, "{}\n{start} --> {end}\n{text}\n\n", at + 1)
        } else {
            write!(out, "{start} --> {end}\n{text}\n\n")
        };
    }
    out
}

/// `00:01:02,500`
fn time(seconds: f64, point: char) -> String {
    let millis = (seconds * 1000.0).round() as u64;
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("{:02}:{:02}:{seconds:02}{point}{millis:03}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_subtitles_want_them() {
        assert_eq!(time(0.0, ','), "00:00:00,000");
        assert_eq!(time(3723.4567, '.'), "01:02:03.457");
        assert_eq!(time(59.9996, ','), "00:01:00,000");
    }

    #[test]
    fn speakers_are_letters_in_the_order_in_which_they_come() {
        let line = |speaker: &str| Segment {
            start: 0.0,
            end: 1.0,
            text: "x".into(),
            speaker: Some(speaker.into()),
        };
        let segments = vec![line("spk_7"), line("spk_2"), line("spk_7")];
        let transcript = Transcript { segments, ..Transcript::default() };
        let told = diarized(&transcript);
        let letters: Vec<_> = told.iter().map(|line| line["speaker"].as_str().unwrap()).collect();
        assert_eq!(letters, ["A", "B", "A"]);
        assert_eq!(letter(25), "Z");
        assert_eq!(letter(26), "S27");
    }
}
