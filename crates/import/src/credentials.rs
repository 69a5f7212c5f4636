//! Keys and client tokens of a source.

use std::sync::Arc;

use keypool::Platform;
use secret::{ClientToken, PoolKey};
use store::{NewKey, Source, Store, StoreError};

use crate::content::{Content, OldKey};
use crate::remark::{NoCredential, Remark};
use crate::report::{Counts, Report};

/// Tokens that stand in the projects' example files.
const SAMPLES: [&str; 2] = ["sk-123456", "your_token_1"];

/// Characters that all keys of Google's usual shape begin with.
const HEAD: usize = "AIzaSy".len();

/// What could be read of the keys and tokens.
#[derive(Default)]
pub(crate) struct Credentials {
    keys: Vec<GoodKey>,
    tokens: Vec<ClientToken>,
}

/// A key that could be read.
struct GoodKey {
    secret: Arc<PoolKey>,
    platform: Platform,
    enabled: bool,
}

impl Credentials {
    /// Reads them; tells the report what is none.
    pub(crate) fn read(content: &Content, report: &mut Report) -> Self {
        let mut credentials = Self::default();
        report.keys.found = content.keys.len() as u64;
        for (index, key) in content.keys.iter().enumerate() {
            match parse_key(key) {
                Ok(secret) => {
                    let (secret, platform) = (Arc::new(secret), key.platform);
                    credentials.keys.push(GoodKey { secret, platform, enabled: key.enabled });
                }
                Err(problem) => {
                    report.keys.malformed += 1;
                    report.explain(Remark::NoKey { number: index + 1, why: problem });
                }
            }
        }
        report.tokens.found = content.tokens.len() as u64;
        for (index, token) in content.tokens.iter().enumerate() {
            match ClientToken::parse(token) {
                Ok(token) => credentials.tokens.push(token),
                Err(problem) => {
                    report.tokens.malformed += 1;
                    report.explain(Remark::NoToken { number: index + 1, why: problem.into() });
                }
            }
        }
        for (name, problem) in &content.unreadable {
            report.explain(Remark::Unreadable { name, problem: problem.clone() });
        }
        if content.tokens.iter().any(|token| SAMPLES.contains(&token.as_str())) {
            report.note(Remark::SampleToken);
        }
        if content.failing > 0 {
            report.note(Remark::FailureCounts(content.failing));
        }
        credentials
    }

    /// Everything that must not be seen in a log.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let keys = self.keys.iter().map(|key| key.secret.expose());
        keys.chain(self.tokens.iter().map(ClientToken::expose))
    }

    /// Whether `text` is one of the client tokens.
    pub(crate) fn has_token(&self, text: &str) -> bool {
        self.tokens.iter().any(|token| token.expose() == text)
    }

    /// Whether there are client tokens.
    pub(crate) fn has_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Takes over what is new, or with `write` false only counts it.
    pub(crate) async fn take_over(
        &self,
        store: &Store,
        report: &mut Report,
        write: bool,
    ) -> Result<(), StoreError> {
        let new_key = |key: &GoodKey| NewKey {
            enabled: key.enabled,
            platform: key.platform,
            ..NewKey::new(Arc::clone(&key.secret))
        };
        let keys: Vec<NewKey> = self.keys.iter().map(new_key).collect();
        let (keys, tokens) = if write {
            let keys = store.import_keys(keys, Source::Import).await?;
            (keys, store.import_tokens(&self.tokens, Source::Import).await?)
        } else {
            (store.preview_keys(keys).await?, store.preview_tokens(&self.tokens).await?)
        };
        let count = |counts: &mut Counts, new, duplicate, removed| {
            *counts = Counts { new, duplicate, removed, ..*counts };
        };
        count(&mut report.keys, keys.added, keys.existing, keys.removed);
        count(&mut report.tokens, tokens.added, tokens.existing, tokens.revoked);
        Ok(())
    }
}

fn parse_key(key: &OldKey) -> Result<PoolKey, NoCredential> {
    let secret = PoolKey::parse(&key.text)?;
    let rest = secret.expose().as_bytes().get(HEAD..).unwrap_or_default();
    if rest.len() > HEAD && rest.iter().all(|byte| Some(byte) == rest.first()) {
        return Err(NoCredential::Sample);
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_counted_and_explained_without_being_quoted() {
        let keys = ["AIzaSyOne", " AIzaSyTwo\n", "AIza Three", "请输入", "AIzaSyxxxxxxxxxxxxxxxxx"];
        let content = Content {
            keys: keys.map(|key| OldKey::enabled(key.to_owned())).into(),
            tokens: vec!["sk-123456".to_owned(), "two words".to_owned()],
            ..Content::default()
        };
        let mut report = Report::default();
        let credentials = Credentials::read(&content, &mut report);
        assert_eq!(
            credentials.secrets().collect::<Vec<_>>(),
            ["AIzaSyOne", "AIzaSyTwo", "sk-123456"]
        );
        assert_eq!((report.keys.found, report.keys.malformed), (5, 3));
        assert_eq!((report.tokens.found, report.tokens.malformed), (2, 1));
        assert_eq!(report.malformed.len(), 4);
        assert!(
            report.malformed.iter().all(|line| !line.to_string().contains("Three")),
            "{report:?}"
        );
        assert_eq!(report.notes[0], Remark::SampleToken);
    }
}
