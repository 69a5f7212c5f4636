//! The one-time code with which a console without an administrator is claimed.

use std::time::{Duration, Instant};

use secret::{NoRandomness, SecretCode, TokenDigest};

/// A code is good for this long after the start.
const LIFETIME: Duration = Duration::from_mins(30);

/// So many wrong ones, and no code opens any more until the next start.
const TRIES: u32 = 20;

/// How a presented code did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presented {
    Right,
    Wrong,
    /// Its time is over, or it was tried too often: a restart makes a new one.
    Spent,
}

/// The code of this start.
#[derive(Debug)]
pub(crate) struct SetupCode {
    digest: TokenDigest,
    made: Instant,
    wrong: u32,
}

impl SetupCode {
    /// A new code; the second is what a person types.
    pub(crate) fn generate(now: Instant) -> Result<(Self, SecretCode), NoRandomness> {
        let code = SecretCode::generate()?;
        Ok((Self { digest: code.digest(), made: now, wrong: 0 }, code))
    }

    /// Somebody presents a code.
    pub(crate) fn present(&mut self, code: &str, now: Instant) -> Presented {
        if self.wrong >= TRIES || now.saturating_duration_since(self.made) > LIFETIME {
            return Presented::Spent;
        }
        if TokenDigest::of(code.trim().as_bytes()) == self.digest {
            return Presented::Right;
        }
        self.wrong += 1;
        Presented::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_code_opens_for_a_while() {
        let start = Instant::now();
        let (mut code, typed) = SetupCode::generate(start).unwrap();
        assert_eq!(code.present("", start), Presented::Wrong);
        assert_eq!(code.present(&format!(" {} ", typed.expose()), start), Presented::Right);
        let late = start + LIFETIME + Duration::from_secs(1);
        assert_eq!(code.present(typed.expose(), late), Presented::Spent);
    }

    #[test]
    fn guessing_ends() {
        let now = Instant::now();
        let (mut code, typed) = SetupCode::generate(now).unwrap();
        for _ in 0..TRIES {
            assert_eq!(code.present("guess", now), Presented::Wrong);
        }
        assert_eq!(code.present(typed.expose(), now), Presented::Spent);
    }
}
