use serde::Serialize;

/// What was looked at, and how it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at, in few words.
    pub name: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub says: String,
    /// What to do about it, if anything.
    pub advice: Option<String>,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could.
    Warn,
    /// Something does not work.
    Fail,
}

impl Verdict {
    /// In one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

impl Check {
    /// All is well.
    pub fn ok(name: impl Into<String>, says: impl Into<String>) -> Self {
        Self { name: name.into(), verdict: Verdict::Ok, says: says.into(), advice: None }
    }

    /// It works, but something could be done.
    pub fn warn(
        name: impl Into<String>,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { verdict: Verdict::Warn, ..Self::fail(name, says, advice) }
    }

    /// It does not work, and something must be done.
    pub fn fail(
        name: impl Into<String>,
        says: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let advice = Some(advice.into());
        Self { name: name.into(), verdict: Verdict::Fail, says: says.into(), advice }
    }
}
