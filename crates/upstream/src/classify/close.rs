//! What it means that Google closes a WebSocket: a code and a sentence, which begins as the messages of
//! error bodies do, and may be cut off.

use keypool::Timestamp;

use super::error_body::ErrorBody;
use super::{Verdict, class, judge};

/// Sentences about quotas, whose HTTP status says everything where there is one.
const OF_QUOTA: [&str; 3] =
    ["you exceeded your current quota", "quota exceeded for", "resource has been exhausted"];

/// Judges a close frame of Google's.
///
/// `None` for codes that say nothing about key, quota or request: the connection has just ended.
pub fn classify_close(code: u16, reason: &str, now: Timestamp) -> Option<Verdict> {
    let error = ErrorBody { message: reason.to_owned(), ..ErrorBody::default() };
    let status = if matches!(code, 1000 | 1001 | 1005 | 1006) {
        None
    } else {
        status_of_words(&reason.to_ascii_lowercase()).or_else(|| status_of_code(code))
    };
    Some(judge(status?, &error, now))
}

/// The words come first: Google has told of keys that are not valid with the code for requests that
/// are not.
fn status_of_words(reason: &str) -> Option<u16> {
    if OF_QUOTA.iter().any(|start| reason.starts_with(start)) {
        return Some(429);
    }
    class::status_of_beginning(reason)
}

fn status_of_code(code: u16) -> Option<u16> {
    match code {
        1002 | 1003 | 1007 | 1009 | 1010 => Some(400),
        1008 => Some(403),
        1012 | 1013 => Some(503),
        1011 | 1014 => Some(500),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use keypool::{DeathReason, Outcome};

    use super::*;
    use crate::Class;

    const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000);

    fn outcome(code: u16, reason: &str) -> Outcome {
        classify_close(code, reason, NOW).unwrap().outcome
    }

    #[test]
    fn dead_keys_and_spent_quotas_are_told_by_their_words() {
        let invalid = "API key not valid. Please pass a valid API key.";
        let denied = "Your project has been denied access. Please contact support.";
        for code in [1007, 1008] {
            assert_eq!(outcome(code, invalid), Outcome::KeyDead(DeathReason::Invalid));
            assert_eq!(outcome(code, denied), Outcome::KeyDead(DeathReason::ProjectDenied));
        }
        let spent = "You exceeded your current quota, please check your plan. Please retry in 20s.";
        let Outcome::QuotaSpent(spent) = outcome(1011, spent) else { panic!() };
        assert_eq!(spent.until, Some(NOW + std::time::Duration::from_secs(20)));
    }

    #[test]
    fn other_words_are_judged_by_their_code() {
        assert_eq!(outcome(1007, "Request contains an invalid argument."), Outcome::ClientFault);
        assert_eq!(outcome(1008, "Operation is not supported."), Outcome::KeyRefused);
        assert_eq!(outcome(1011, "Internal error encountered."), Outcome::ModelBusy);
        let unknown = classify_close(1008, "models/x is not found for API version v1beta", NOW);
        assert_eq!(unknown.unwrap().class, Class::UnknownModel);
        for code in [1000, 1001, 1005, 1006, 4000] {
            assert_eq!(classify_close(code, "", NOW), None, "{code}");
        }
    }

    #[test]
    fn words_count_only_at_the_beginning() {
        let repeated = "Unknown name \"API key not valid\": Cannot find field.";
        assert_eq!(outcome(1007, repeated), Outcome::ClientFault);
    }
}
