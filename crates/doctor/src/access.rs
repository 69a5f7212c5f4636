//! Who can administer the gateway.

use settings::Settings;
use store::Store;

use crate::Check;

const NAME: &str = "administrator's password";

/// A shorter password can be guessed.
const SHORTEST: usize = 12;

/// Passwords of examples and lists, in lower case.
const GUESSED: [&str; 12] = [
    "sk-123456",
    "123456",
    "12345678",
    "123456789012",
    "admin",
    "administrator",
    "password",
    "changeme",
    "change-me",
    "gemini-balance",
    "your-auth-token",
    "your_auth_token",
];

/// Whether there is an administrator, and `AUTH_TOKEN` is no word that anybody would try.
pub(crate) async fn password(settings: &Settings, store: &Store) -> Check {
    let security = &settings.security;
    let Some(password) = &security.auth_token else {
        return match store.administrators().await {
            Ok(administrators) if administrators.is_empty() => Check::warn(
                NAME,
                "nobody administers this gateway",
                "set AUTH_TOKEN, or open the address that the start prints",
            ),
            Ok(administrators) => {
                let names: Vec<_> =
                    administrators.iter().map(|known| known.name.as_str()).collect();
                Check::ok(NAME, format!("no AUTH_TOKEN; {} may sign in", names.join(", ")))
            }
            Err(error) => Check::fail(NAME, error.to_string(), "see to the database first"),
        };
    };
    let advice = "set AUTH_TOKEN to what `openssl rand -base64 24` prints";
    if let Some(problem) = weakness(password.expose()) {
        return Check::warn(NAME, format!("AUTH_TOKEN {problem}"), advice);
    }
    if security.allowed_tokens.iter().any(|token| token.expose() == password.expose()) {
        let says = "AUTH_TOKEN is a client token, too: every client is an administrator";
        return Check::fail(NAME, says, advice);
    }
    Check::ok(NAME, "AUTH_TOKEN is set")
}

fn weakness(password: &str) -> Option<String> {
    let length = password.chars().count();
    if GUESSED.contains(&password.to_lowercase().as_str()) {
        return Some("stands in every list of passwords".to_owned());
    }
    if length < SHORTEST {
        return Some(format!("has {length} characters, fewer than {SHORTEST}"));
    }
    let mut characters: Vec<char> = password.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    (characters.len() < 5).then(|| "repeats a few characters".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_would_try_is_weak() {
        for weak in ["sk-123456", "Password", "short", "aaaaaaaaaaaaaaaaaaaa", "123456789012"] {
            assert!(weakness(weak).is_some(), "{weak}");
        }
        assert_eq!(weakness("correct horse battery staple"), None);
    }
}
