//! Plans as words, for command lines.

use std::str::FromStr;
use std::time::Duration;

use crate::faults::{ErrorForm, Fault};
use crate::script::KeyPlan;

/// Why a text names no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlan(String);

impl std::fmt::Display for UnknownPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is no plan; the plans are: {}", self.0, PLANS.join(", "))
    }
}

impl std::error::Error for UnknownPlan {}

/// The forms that [`KeyPlan::from_str`] understands.
const PLANS: &[&str] = &[
    "valid",
    "invalid",
    "expired",
    "suspended",
    "leaked",
    "service-disabled",
    "location",
    "500",
    "502",
    "503",
    "429",
    "slow:SECONDS",
    "hang",
    "hang-after-first",
    "cut",
    "cut-mid-event",
    "cut-after:EVENTS",
    "no-finish",
    "mid-stream-error",
    "mid-stream-error-bare",
    "garbage",
    "garbage-json",
    "empty",
    "blocked:REASON",
    "redirect:URL",
    "error:ID (of errors.json)",
    "paced:CHUNKS:MILLISECONDS",
    "close-at-setup:CODE:REASON",
    "close-after-turn:CODE:REASON",
];

impl FromStr for KeyPlan {
    type Err = UnknownPlan;

    /// `valid`, `suspended`, `503`, `slow:2.5`, `paced:50:20` …; the error lists them all.
    fn from_str(text: &str) -> Result<Self, UnknownPlan> {
        Ok(match text {
            "valid" => Self::Valid,
            "invalid" => Self::Invalid,
            "expired" => Self::Expired,
            "suspended" => Self::Suspended,
            "leaked" => Self::Leaked,
            "service-disabled" => Self::ServiceDisabled,
            "location" => Self::LocationUnsupported,
            _ => Self::Fault(fault(text).ok_or_else(|| UnknownPlan(text.to_owned()))?),
        })
    }
}

fn fault(text: &str) -> Option<Fault> {
    let (name, argument) = text.split_once(':').map_or((text, None), |(n, a)| (n, Some(a)));
    Some(match (name, argument) {
        ("500", None) => Fault::Status500,
        ("502", None) => Fault::Html502,
        ("503", None) => Fault::Status503,
        ("429", None) => Fault::Status429NoDetails,
        ("hang", None) => Fault::Hang,
        ("hang-after-first", None) => Fault::HangAfterFirstEvent,
        ("cut", None) => Fault::CutBeforeFirstByte,
        ("cut-mid-event", None) => Fault::CutMidEvent,
        ("no-finish", None) => Fault::StreamWithoutFinish,
        ("mid-stream-error", None) => Fault::MidStreamError(ErrorForm::Data),
        ("mid-stream-error-bare", None) => Fault::MidStreamError(ErrorForm::Bare),
        ("garbage", None) => Fault::Garbage,
        ("garbage-json", None) => Fault::GarbageJson,
        ("empty", None) => Fault::EmptyCandidates,
        ("slow", Some(seconds)) => {
            Fault::SlowFirstByte(Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?)
        }
        ("cut-after", Some(events)) => Fault::CutAfterEvents(events.parse().ok()?),
        ("blocked", Some(reason)) => Fault::BlockedPrompt(reason.to_owned()),
        ("redirect", Some(url)) => Fault::Redirect(url.to_owned()),
        ("error", Some(id)) => Fault::ErrorBody(id.to_owned()),
        ("paced", Some(pace)) => {
            let (chunks, millis) = pace.split_once(':')?;
            let delay = Duration::from_millis(millis.parse().ok()?);
            Fault::Paced { chunks: chunks.parse().ok()?, delay }
        }
        ("close-at-setup", Some(close)) => {
            let (code, reason) = close.split_once(':')?;
            Fault::CloseAtSetup(code.parse().ok()?, reason.to_owned())
        }
        ("close-after-turn", Some(close)) => {
            let (code, reason) = close.split_once(':')?;
            Fault::CloseAfterTurn(code.parse().ok()?, reason.to_owned())
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_plans() {
        assert_eq!("leaked".parse(), Ok(KeyPlan::Leaked));
        assert_eq!(
            "paced:50:20".parse(),
            Ok(KeyPlan::Fault(Fault::Paced { chunks: 50, delay: Duration::from_millis(20) }))
        );
        assert_eq!(
            "slow:0.5".parse(),
            Ok(KeyPlan::Fault(Fault::SlowFirstByte(Duration::from_millis(500))))
        );
        let refused = "slow:fast".parse::<KeyPlan>().unwrap_err().to_string();
        assert!(refused.starts_with("`slow:fast` is no plan; the plans are: valid"), "{refused}");
    }
}
