//! The runs that have to be seen.

use std::time::Duration;

use keypool::{DeathReason, Outcome, Phase, Policy, Timestamp};

use crate::google::{Fault, Quota};
use crate::scenario::{Demand, Outage, Scenario, SimKey};

/// Ten in the morning in Los Angeles, in winter.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_284_000_000);

pub(crate) const WHOLE: (u64, u64) = (300, 2_000);
pub(crate) const STREAMED: (u64, u64) = (2_000, 8_000);

/// How many input tokens a request has.
pub(crate) const TOKENS: (u64, u64) = (10, 2_000);

const TEN_A_MINUTE: Quota = Quota { rpm: Some(10), tpm: None, rpd: None };

/// All runs, in the order of the table.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = loads();
    all.extend([90, 150].map(shared_project));
    all.extend([90, 150].map(secret_project));
    all.extend([90, 150].map(two_secret_projects));
    all.push(outsiders(80));
    all.extend([80, 120, 200].map(thousand_keys));
    all.extend([80, 150].map(tokens));
    all.extend([daily_quota(), long_day(), bad_keys(false), bad_keys(true)]);
    all.extend([outages(), clock_steps()]);
    all
}

/// Three clients who ask for each model alike.
fn demands(models: usize, rate: f64, tokens: (u64, u64)) -> Vec<Demand> {
    let demand = |model, client: usize| Demand {
        client: format!("client {client}"),
        model,
        rate: rate / (3 * models) as f64,
        tokens,
        tags: Vec::new(),
    };
    (0..models).flat_map(|model| (0..3).map(move |client| demand(model, client))).collect()
}

/// Ten keys of ten requests a minute each, and so much of what they can serve.
pub(crate) fn ten_keys(name: &str, load: f64) -> Scenario {
    Scenario {
        name: name.to_owned(),
        seed: 1,
        start: START,
        lasts: Duration::from_mins(20),
        keys: vec![SimKey::new(None, Fault::None); 10],
        models: vec!["flash".into()],
        is_secret: false,
        outsiders: 0.0,
        quotas: vec![vec![TEN_A_MINUTE]; 10],
        declared: Vec::new(),
        demands: demands(1, load * 100.0 / 60.0, TOKENS),
        takes: WHOLE,
        streamed: false,
        pool_wait: Duration::from_secs(5),
        outages: Vec::new(),
        clock_steps: Vec::new(),
        policy: Policy::default(),
    }
}

/// At 80, 120 and 200 percent, whole and streamed.
pub(crate) fn loads() -> Vec<Scenario> {
    let mut all = Vec::new();
    for (form, takes) in [("whole", WHOLE), ("streamed", STREAMED)] {
        for percent in [80, 120, 200] {
            let name = format!("10 keys, {percent} %, {form}");
            let streamed = takes == STREAMED;
            all.push(Scenario { takes, streamed, ..ten_keys(&name, f64::from(percent) / 100.0) });
        }
    }
    all
}

/// Five of ten keys belong to one project: six projects can serve sixty a minute.
pub(crate) fn shared_project(percent: u32) -> Scenario {
    let name = format!("five of ten keys in one project, {percent} %");
    let base = ten_keys(&name, 0.6 * f64::from(percent) / 100.0);
    let keys = (0..10).map(|number| SimKey::new((number < 5).then_some("shared"), Fault::None));
    Scenario { keys: keys.collect(), ..base }
}

/// The same, and the pool has to find out.
pub(crate) fn secret_project(percent: u32) -> Scenario {
    let name = format!("five of ten keys in one project, undeclared, {percent} %");
    Scenario { name, is_secret: true, ..shared_project(percent) }
}

/// Ten keys belong to two projects, which the pool has to find out.
pub(crate) fn two_secret_projects(percent: u32) -> Scenario {
    let name = format!("ten keys in two projects, undeclared, {percent} %");
    let base = ten_keys(&name, 0.2 * f64::from(percent) / 100.0);
    let project = |number| if number % 2 == 0 { "even" } else { "odd" };
    let keys = (0..10).map(|number| SimKey::new(Some(project(number)), Fault::None));
    Scenario { is_secret: true, keys: keys.collect(), ..base }
}

/// Ten keys of projects that others use, too, about half of them.
pub(crate) fn outsiders(percent: u32) -> Scenario {
    let name = format!("10 keys that others use, too, {percent} %");
    let base = ten_keys(&name, 0.5 * f64::from(percent) / 100.0);
    Scenario { outsiders: 5.0 / 60.0, ..base }
}

/// A thousand keys, three models, limits of two to fifteen a minute.
pub(crate) fn thousand_keys(percent: u32) -> Scenario {
    // Per key and model, on average: (2 + 5 + 10 + 15) / 4 = 8 a minute.
    let quota = |key: usize, model: usize| Quota {
        rpm: Some([2, 5, 10, 15][(key + model) % 4]),
        ..Quota::default()
    };
    let rate = 1_000.0 * 8.0 * 3.0 / 60.0 * f64::from(percent) / 100.0;
    Scenario {
        name: format!("1,000 keys, mixed limits, {percent} %"),
        keys: vec![SimKey::new(None, Fault::None); 1_000],
        models: ["flash", "pro", "lite"].map(Into::into).to_vec(),
        quotas: (0..1_000).map(|key| [0, 1, 2].map(|model| quota(key, model)).to_vec()).collect(),
        demands: demands(3, rate, TOKENS),
        lasts: Duration::from_mins(3),
        ..ten_keys("", 1.0)
    }
}

/// Every project may serve forty a day: gone after some minutes, renewed at midnight.
pub(crate) fn daily_quota() -> Scenario {
    Scenario {
        name: "daily quota gone, over midnight".to_owned(),
        // Two hours before midnight in Los Angeles.
        start: Timestamp::from_millis(1_795_327_200_000),
        lasts: Duration::from_hours(3),
        quotas: vec![vec![Quota { rpd: Some(40), ..TEN_A_MINUTE }]; 10],
        demands: demands(1, 0.5, TOKENS),
        ..ten_keys("", 1.0)
    }
}

/// Half of a key's tokens a minute for every request: what fits is decided by tokens.
pub(crate) fn tokens(percent: u32) -> Scenario {
    Scenario {
        name: format!("10 keys, limits of tokens, {percent} %"),
        quotas: vec![vec![Quota { tpm: Some(100_000), ..Quota::default() }]; 10],
        demands: demands(1, 100.0 / 60.0 * f64::from(percent) / 100.0, (5_000, 15_000)),
        ..ten_keys("", 1.0)
    }
}

/// Four invalid, three suspended, three half-failing, three cutting, two mute among ten good keys.
pub(crate) fn bad_keys(streamed: bool) -> Scenario {
    let groups = [
        (4, Fault::Dead(DeathReason::Invalid)),
        (3, Fault::Dead(DeathReason::Suspended)),
        (3, Fault::Half),
        (3, Fault::Cuts),
        (2, Fault::Mute),
        (10, Fault::None),
    ];
    let keys = groups.into_iter().flat_map(|(count, fault)| vec![SimKey::new(None, fault); count]);
    let form = if streamed { "streamed" } else { "whole" };
    Scenario {
        name: format!("15 bad keys among 10 good ones, {form}"),
        keys: keys.collect(),
        streamed,
        quotas: vec![vec![Quota { rpm: Some(30), ..Quota::default() }]; 25],
        demands: demands(1, 2.0, TOKENS),
        ..ten_keys("", 1.0)
    }
}

/// A model is down for two minutes, and later Google as a whole.
pub(crate) fn outages() -> Scenario {
    let minute = |minute: u64| START + Duration::from_mins(minute);
    let broken = Outcome::LinkBroken(Phase::Connect);
    let dead = Outcome::KeyDead(DeathReason::Invalid);
    let outage =
        |from, to, model, outcome| Outage { from: minute(from), to: minute(to), model, outcome };
    Scenario {
        name: "outages of a model, of Google, of its key check".to_owned(),
        models: ["flash", "pro"].map(Into::into).to_vec(),
        quotas: vec![vec![TEN_A_MINUTE; 2]; 10],
        outages: vec![
            outage(3, 5, Some(0), Outcome::ModelBusy),
            outage(8, 10, None, broken),
            outage(13, 15, None, dead),
        ],
        demands: demands(2, 2.0, TOKENS),
        ..ten_keys("", 1.0)
    }
}

/// The gateway's clock is set forward and back by minutes.
pub(crate) fn clock_steps() -> Scenario {
    let at = |minute: u64| START + Duration::from_mins(minute);
    Scenario {
        name: "clock set by minutes, 120 %".to_owned(),
        clock_steps: vec![(at(5), 120_000), (at(10), -300_000), (at(15), 700)],
        ..ten_keys("", 1.2)
    }
}

/// The day in autumn that has 25 hours, from an hour before it to an hour after.
pub(crate) fn long_day() -> Scenario {
    Scenario {
        name: "a day of 25 hours".to_owned(),
        start: Timestamp::from_millis(1_793_512_800_000),
        lasts: Duration::from_hours(27),
        demands: demands(1, 0.05, TOKENS),
        quotas: vec![vec![Quota { rpd: Some(100), ..TEN_A_MINUTE }]; 10],
        ..ten_keys("", 1.0)
    }
}
