//! What a run is made of.

use std::time::Duration;

use fake_gemini::{Fault, KeyPlan, Quota, Script};

/// How long clients go on asking.
pub(crate) const LASTS: Duration = Duration::from_secs(150);

/// In milliseconds.
pub(crate) const MINUTE: i64 = 60_000;

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    None,
    Invalid,
    Suspended,
    /// Every second call is answered 503.
    Half,
    /// The connection is closed before a byte of the answer.
    CutsAtOnce,
    /// It is closed after the answer's head.
    CutsAfterHead,
    /// It is closed in the middle of the answer, after the first event of a stream.
    CutsInTheMiddle,
    /// Nothing ever comes.
    Mute,
    /// Half an answer comes, or the first event of a stream, and then nothing more.
    Stalls,
}

/// A key of a run.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) secret: String,
    /// A name of its own where nobody else is in the project.
    pub(crate) project: String,
    pub(crate) trouble: Trouble,
    pub(crate) limits: Limits,
}

/// What a project may do with each model.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) per_minute: Option<u64>,
    pub(crate) per_day: Option<u64>,
}

/// When clients ask.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arrivals {
    /// At random, so many a second on average.
    Random(f64),
    /// As regularly as a clock.
    Every(Duration),
}

/// A run.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) keys: Vec<Key>,
    pub(crate) models: &'static [&'static str],
    pub(crate) arrivals: Arrivals,
    pub(crate) streamed: bool,
    /// `POOL_WAIT`.
    pub(crate) wait: Duration,
    /// How long after the beginning it is midnight in California.
    pub(crate) midnight_after: Option<Duration>,
    /// Whether minutes are those of Google's clock, which then shows a half when the run begins.
    pub(crate) fixed_minutes: bool,
    /// Whether the gateway has to find out which keys share a project.
    pub(crate) is_secret: bool,
    pub(crate) bar: Bar,
}

/// What has to be seen beyond what holds for every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bar {
    /// Nearly all that is possible is served.
    Share,
    /// The same, and a spent day is heard of once by each project and model.
    Days,
    /// Every request is served of which no byte was out, and bad keys are found out.
    BadKeys,
    /// Refusals say truly when another try will succeed.
    Promises,
}

impl Case {
    /// Whether the gateway is told the project of a key.
    pub(crate) fn tells_project(&self, key: &Key) -> bool {
        !self.is_secret && !key.is_alone()
    }

    /// Until when a request that Google took at `at` counts against the minute.
    pub(crate) fn counts_until(&self, at: i64) -> i64 {
        if self.fixed_minutes { at - at.rem_euclid(MINUTE) + MINUTE } else { at + MINUTE }
    }

    /// What Google knows.
    pub(crate) fn script(&self) -> Script {
        let mut script = Script::new().keep_received(1_000_000);
        for key in &self.keys {
            script = key.scripted(script, self);
        }
        // Streams take some seconds, as they do.
        script.pace(Duration::from_millis(400))
    }
}

/// The name of the project that several keys share.
pub(crate) const SHARED: &str = "shared";

impl Key {
    /// Whether its project has no other key.
    pub(crate) fn is_alone(&self) -> bool {
        self.project != SHARED
    }

    fn scripted(&self, script: Script, case: &Case) -> Script {
        let quota = self.limits.quota(case.fixed_minutes);
        let script = script.project(&self.project, [&self.secret]).quota(&self.project, quota);
        let fault = KeyPlan::Fault;
        // Whole answers take a while, too.
        let good = if case.streamed {
            KeyPlan::Valid
        } else {
            fault(Fault::SlowFirstByte(Duration::from_millis(300)))
        };
        let plan = match self.trouble {
            Trouble::None => good,
            Trouble::Half => {
                return script.cycle(&self.secret, vec![fault(Fault::Status503), good]);
            }
            Trouble::Invalid => KeyPlan::Invalid,
            Trouble::Suspended => KeyPlan::Suspended,
            Trouble::CutsAtOnce => fault(Fault::CutBeforeFirstByte),
            Trouble::CutsAfterHead => fault(Fault::CutAfterEvents(0)),
            Trouble::CutsInTheMiddle => fault(Fault::CutMidEvent),
            Trouble::Mute => fault(Fault::Hang),
            Trouble::Stalls => fault(Fault::HangAfterFirstEvent),
        };
        script.key(&self.secret, plan)
    }
}

impl Limits {
    fn quota(self, fixed_minutes: bool) -> Quota {
        let mut quota = if fixed_minutes { Quota::new().fixed_minutes() } else { Quota::new() };
        quota = self.per_minute.map_or(quota, |limit| quota.rpm(limit));
        self.per_day.map_or(quota, |limit| quota.rpd(limit))
    }
}
