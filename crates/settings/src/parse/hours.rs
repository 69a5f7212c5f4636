//! Hours of every day.

use super::{Problem, quoted};
use crate::notifications::DailyHours;

/// `23:00-07:30`.
pub(crate) fn daily(text: &str) -> Result<DailyHours, Problem> {
    let hours = text.split_once('-').and_then(|(from, to)| {
        Some(DailyHours { from: minute(from.trim())?, to: minute(to.trim())? })
    });
    let hours = hours.ok_or_else(|| quoted(text, "names no two times of day"))?;
    if hours.from == hours.to {
        return Err(quoted(text, "begins when it ends"));
    }
    Ok(hours)
}

/// The minute of the day in `7:30`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str, below: u16| -> Option<u16> {
        let is_plain = matches!(digits.len(), 1..=2) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|number| is_plain && *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_one_form() {
        assert_eq!(daily("23:00-07:30").unwrap().to_string(), "23:00-07:30");
        assert_eq!(daily("9:05 - 17:00").unwrap().to_string(), "09:05-17:00");
        for wrong in ["23:00", "24:00-07:00", "23:60-07:00", "+1:00-07:00", "7:00-7:00", "a-b"] {
            assert!(daily(wrong).unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
