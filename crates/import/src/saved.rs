//! Settings of a source, held against those here.

use std::collections::BTreeMap;

use settings::{Definition, Resolved, Scope, SettingError, validate};
use store::{Store, StoreError};

use crate::credentials::Credentials;
use crate::remark::Reason;
use crate::report::{Line, Verdict};

/// A setting of the source, and what is to be saved of it.
pub(crate) struct Judged {
    pub(crate) line: Line,
    save: Option<Save>,
}

/// A value on its way into the store.
struct Save {
    definition: Definition,
    value: String,
}

/// What settings are held against.
pub(crate) struct Here<'a> {
    pub(crate) resolved: &'a Resolved,
    /// What was saved here, in clear.
    pub(crate) stored: BTreeMap<String, String>,
    pub(crate) credentials: &'a Credentials,
    /// What is saved here gives way.
    pub(crate) overwrite: bool,
}

impl Judged {
    fn new(name: &str, verdict: Verdict, reason: Option<Reason>) -> Self {
        let line = Line { name: name.to_owned(), value: None, verdict, reason, effective: true };
        Self { line, save: None }
    }

    /// Saves the value, if it is to be saved.
    pub(crate) async fn save(&self, store: &Store) -> Result<(), StoreError> {
        let Some(Save { definition, value }) = &self.save else { return Ok(()) };
        store.import_setting(definition.name, value, definition.is_secret()).await
    }

    /// The value that will be saved for the setting called `name`, if this is it.
    fn saves(&self, name: &str) -> Option<&str> {
        let save = self.save.as_ref()?;
        (save.definition.name == name).then_some(save.value.as_str())
    }
}

impl Here<'_> {
    /// What becomes of the setting.
    pub(crate) fn judge(&self, name: &str, text: &str) -> Judged {
        let Some(definition) = settings::find(name) else {
            return Judged::new(name, Verdict::Unknown, None);
        };
        let here = self.resolved.row(definition.name).ok().and_then(|row| row.value);
        if here.is_none() && matches!(text.trim(), "[]" | "{}") {
            return Judged::new(name, Verdict::Same, None);
        }
        if is_empty(text) {
            let reason = here.is_some().then_some(Reason::EmptyThere);
            let verdict = if here.is_some() { Verdict::LeftOut } else { Verdict::Same };
            return Judged::new(name, verdict, reason);
        }
        if let Some(reason) = self.elsewhere(definition, text) {
            return Judged::new(name, Verdict::LeftOut, Some(reason));
        }
        let value = match validate(definition.name, text) {
            Ok(value) => value,
            Err(error) => return Judged::new(name, verdict(&error), Some(reason(&error))),
        };
        match self.stored.get(definition.name) {
            Some(stored) if *stored == value => Judged::new(name, Verdict::Same, None),
            Some(_) if !self.overwrite => Judged::new(name, Verdict::Kept, None),
            None if !definition.is_secret() && here.as_ref() == Some(&value) => {
                Judged::new(name, Verdict::Same, None)
            }
            _ => self.saved(name, definition, value),
        }
    }

    fn saved(&self, name: &str, definition: Definition, value: String) -> Judged {
        if self.resolved.settings.security.settings_readonly {
            return Judged::new(name, Verdict::LeftOut, Some(Reason::Readonly));
        }
        let renamed = !definition.name.eq_ignore_ascii_case(name);
        let line = Line {
            name: name.to_owned(),
            value: (!definition.is_secret()).then(|| value.clone()),
            verdict: Verdict::New,
            reason: renamed.then_some(Reason::CalledHere(definition.name)),
            effective: definition.effective,
        };
        Judged { line, save: Some(Save { definition, value }) }
    }

    /// Why a setting that exists here is not taken over all the same.
    fn elsewhere(&self, definition: Definition, text: &str) -> Option<Reason> {
        match definition.name {
            "AUTH_TOKEN" => self.password(text),
            "GITHUB_REPO_OWNER" | "GITHUB_REPO_NAME" => Some(Reason::OldRepository),
            "DATABASE_URL" => Some(Reason::OldDatabase),
            _ if definition.part_of == Some("DATABASE_URL") => Some(Reason::OldDatabase),
            _ if definition.scope == Scope::Environment => Some(Reason::EnvironmentOnly),
            _ => None,
        }
    }

    /// Why the administrator's password is not taken over.
    fn password(&self, text: &str) -> Option<Reason> {
        let text = text.trim();
        if self.resolved.settings.security.auth_token.is_some() && !self.overwrite {
            Some(Reason::HasPassword)
        } else if text.starts_with("$2") {
            Some(Reason::Hashed)
        } else if self.credentials.has_token(text) {
            Some(Reason::ClientsPassword)
        } else {
            None
        }
    }
}

/// The days that rows of a log are kept, once these settings are saved; `None` is for ever.
pub(crate) fn days_kept(judged: &[Judged], resolved: &Resolved, log: &str) -> Option<u32> {
    let value = |name: &str| {
        let saved = judged.iter().find_map(|judged| judged.saves(name)).map(str::to_owned);
        saved.or_else(|| resolved.row(name).ok()?.value)
    };
    let enabled = value(&format!("AUTO_DELETE_{log}_LOGS_ENABLED"))? == "true";
    let days = value(&format!("AUTO_DELETE_{log}_LOGS_DAYS"))?.parse().ok()?;
    enabled.then_some(days)
}

/// A cleared number is saved as the text `None` by the Python project.
fn is_empty(text: &str) -> bool {
    matches!(text.trim(), "" | "None" | "null")
}

fn verdict(error: &SettingError) -> Verdict {
    match error {
        SettingError::Invalid { .. } => Verdict::Invalid,
        SettingError::Unknown { .. } => Verdict::Unknown,
        _ => Verdict::LeftOut,
    }
}

/// The error without the name, which stands before it anyway.
fn reason(error: &SettingError) -> Reason {
    let text = error.to_string();
    let rest = text.strip_prefix(error.name());
    Reason::NotAccepted(rest.map_or(text.as_str(), |rest| rest.trim_start_matches(": ")).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::report::Report;

    fn judge(stored: &[(&str, &str)], name: &str, text: &str) -> Line {
        let owned = stored.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let stored: BTreeMap<String, String> = owned.collect();
        let resolved = Resolved::new(&BTreeMap::new(), &stored).unwrap();
        let content = Content { tokens: vec!["sk-client-token".to_owned()], ..Content::default() };
        let credentials = Credentials::read(&content, &mut Report::default());
        let here =
            Here { resolved: &resolved, stored, credentials: &credentials, overwrite: false };
        here.judge(name, text).line
    }

    #[test]
    fn settings_are_saved_where_they_differ() {
        let line = judge(&[], "MAX_FAILURES", "7");
        assert_eq!((line.verdict, line.value.as_deref()), (Verdict::New, Some("7")));
        assert_eq!(judge(&[], "LOG_LEVEL", "INFO").verdict, Verdict::Same);
        assert_eq!(judge(&[], "CUSTOM_HEADERS", "{}").verdict, Verdict::Same);
        assert_eq!(judge(&[], "FILTERED_MODELS", "[]").verdict, Verdict::New, "none are hidden");
        assert_eq!(judge(&[("MAX_FAILURES", "7")], "MAX_FAILURES", "7").verdict, Verdict::Same);
        assert_eq!(judge(&[("MAX_FAILURES", "8")], "MAX_FAILURES", "7").verdict, Verdict::Kept);
        let renamed = judge(&[], "HEALTH_CHECK_MODEL", "gemini-x");
        assert_eq!(renamed.reason, Some(Reason::CalledHere("TEST_MODEL")));
        assert!(judge(&[], "TTS_SPEED", "fast").effective);
        assert!(!judge(&[], "OSS_REGION", "cn-hangzhou").effective);
    }

    #[test]
    fn what_is_not_saved_says_why() {
        for (name, text, verdict) in [
            ("NO_SUCH_THING", "1", Verdict::Unknown),
            ("MAX_FAILURES", "abc", Verdict::Invalid),
            ("MAX_FAILURES", "None", Verdict::LeftOut),
            ("MYSQL_PASSWORD", "canary", Verdict::LeftOut),
            ("AUTH_TOKEN", "$2a$10$canary", Verdict::LeftOut),
            ("AUTH_TOKEN", "sk-client-token", Verdict::LeftOut),
        ] {
            let line = judge(&[], name, text);
            assert_eq!((line.verdict, line.value), (verdict, None), "{name}");
            let reason = line.reason.map(|reason| reason.to_string()).unwrap_or_default();
            assert_eq!(reason.is_empty(), verdict == Verdict::Unknown, "{name}");
            assert!(!reason.contains("canary") && !reason.starts_with(name), "{reason}");
        }
    }

    #[test]
    fn a_password_is_taken_over_unless_there_is_one() {
        assert_eq!(judge(&[], "AUTH_TOKEN", "open sesame").verdict, Verdict::New);
        assert_eq!(judge(&[], "AUTH_TOKEN", "open sesame").value, None);
        let kept = judge(&[("AUTH_TOKEN", "mine")], "AUTH_TOKEN", "open sesame");
        assert_eq!(kept.verdict, Verdict::LeftOut);
    }
}
