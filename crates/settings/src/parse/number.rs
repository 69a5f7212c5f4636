//! Booleans, numbers, lengths of time, sizes.

use std::time::Duration;

use super::{Problem, quoted};

pub(super) fn boolean(text: &str) -> Result<bool, Problem> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(quoted(text, "is neither true nor false")),
    }
}

pub(super) fn integer(text: &str, min: i64, max: i64) -> Result<i64, Problem> {
    let number: i64 = text.parse().map_err(|_| quoted(text, "is no whole number"))?;
    within(text, number, min, max)
}

pub(super) fn decimal(text: &str, min: f64, max: f64) -> Result<f64, Problem> {
    let number: f64 = text.parse().map_err(|_| quoted(text, "is no number"))?;
    if !number.is_finite() {
        return Err(quoted(text, "is no number"));
    }
    within(text, number, min, max)
}

pub(super) fn duration(text: &str, min: u64, max: u64) -> Result<Duration, Problem> {
    let wrong = || quoted(text, "is no length of time");
    let (digits, unit) = split_unit(text);
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    let factor = match unit.as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "ms" => 0.001,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        _ => return Err(wrong()),
    };
    let seconds = within(text, number * factor, min as f64, max as f64)?;
    let millis = (seconds * 1000.0).round();
    Ok(Duration::from_millis(millis as u64))
}

pub(super) fn bytes(text: &str, min: u64, max: u64) -> Result<u64, Problem> {
    let wrong = || quoted(text, "is no size");
    let (digits, unit) = split_unit(text);
    let shift = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(wrong()),
    };
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    let size = number * f64::from(1_u32 << shift);
    within(text, size, min as f64, max as f64).map(|size| size.round() as u64)
}

/// `"1.5 MB"` to `("1.5", "mb")`.
fn split_unit(text: &str) -> (&str, String) {
    let end = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    (digits.trim(), unit.trim().to_ascii_lowercase())
}

fn within<N: PartialOrd + Copy>(text: &str, number: N, min: N, max: N) -> Result<N, Problem> {
    if number < min {
        Err(quoted(text, "is too small"))
    } else if number > max {
        Err(quoted(text, "is too large"))
    } else {
        Ok(number)
    }
}
