//! The runs that have to be seen.

use std::time::Duration;

use testkit::{MODEL, OTHER_MODEL};

use crate::case::{Arrivals, Bar, Case, Key, Limits, SHARED, Trouble};

const TEN_A_MINUTE: Limits = Limits { per_minute: Some(10), per_day: None };
const UNLIMITED: Limits = Limits { per_minute: None, per_day: None };

/// All of them, in the order of the table.
pub(crate) fn all() -> Vec<Case> {
    let mut all = loads();
    all.push(fixed_minutes());
    all.extend([90, 150].map(shared_project));
    all.extend([90, 150].map(undeclared_project));
    all.extend([80, 120].map(thousand_keys));
    all.extend([midnight(), bad_keys(false), bad_keys(true), refusals()]);
    all
}

fn key(number: usize, limits: Limits) -> Key {
    let secret = testkit::key(&format!("k{number}"));
    Key { secret, project: format!("p{number}"), trouble: Trouble::None, limits }
}

/// Ten keys of ten requests a minute each, and so much of what they can serve.
fn ten_keys(name: &str, percent: u32) -> Case {
    Case {
        name: format!("{name}, {percent} %"),
        keys: (0..10).map(|number| key(number, TEN_A_MINUTE)).collect(),
        models: &[MODEL],
        arrivals: share_of(100, percent),
        streamed: false,
        wait: Duration::from_secs(5),
        midnight_after: None,
        fixed_minutes: false,
        is_secret: false,
        bar: Bar::Share,
    }
}

fn share_of(per_minute: u32, percent: u32) -> Arrivals {
    Arrivals::Random(f64::from(per_minute) / 60.0 * f64::from(percent) / 100.0)
}

fn loads() -> Vec<Case> {
    let mut all = Vec::new();
    for (name, streamed) in [("10 keys, whole", false), ("10 keys, streamed", true)] {
        for percent in [80, 120, 200] {
            all.push(Case { streamed, ..ten_keys(name, percent) });
        }
    }
    all
}

fn fixed_minutes() -> Case {
    Case { fixed_minutes: true, ..ten_keys("10 keys, minutes of the clock", 120) }
}

/// Five of ten keys belong to one project: six projects can serve sixty a minute.
fn shared_project(percent: u32) -> Case {
    let mut case = ten_keys("five of ten keys in one project", percent);
    for key in case.keys.iter_mut().take(5) {
        SHARED.clone_into(&mut key.project);
    }
    Case { arrivals: share_of(60, percent), ..case }
}

/// The same, and the gateway has to find out.
fn undeclared_project(percent: u32) -> Case {
    let name = format!("five of ten keys in one project, undeclared, {percent} %");
    Case { name, is_secret: true, ..shared_project(percent) }
}

/// A thousand keys of one, one, two and four requests a minute.
fn thousand_keys(percent: u32) -> Case {
    let limits = |number: usize| {
        let per_minute = [1, 1, 2, 4].get(number % 4).copied();
        Limits { per_minute, ..UNLIMITED }
    };
    Case {
        keys: (0..1_000).map(|number| key(number, limits(number))).collect(),
        arrivals: share_of(2_000, percent),
        ..ten_keys("1,000 keys, mixed limits", percent)
    }
}

/// Every project may serve seven a day of each of two models: gone long before midnight.
fn midnight() -> Case {
    let limits = Limits { per_day: Some(7), ..UNLIMITED };
    Case {
        name: "daily quota gone, over midnight".to_owned(),
        keys: (0..10).map(|number| key(number, limits)).collect(),
        models: &[MODEL, OTHER_MODEL],
        arrivals: Arrivals::Random(4.0),
        midnight_after: Some(Duration::from_secs(90)),
        bar: Bar::Days,
        ..ten_keys("", 100)
    }
}

/// Four invalid, three suspended, three half-failing, three cutting, two mute among ten good keys.
fn bad_keys(streamed: bool) -> Case {
    let groups = [
        (4, Trouble::Invalid),
        (3, Trouble::Suspended),
        (3, Trouble::Half),
        (1, Trouble::CutsAtOnce),
        (1, Trouble::CutsAfterHead),
        (1, Trouble::CutsInTheMiddle),
        (1, Trouble::Mute),
        (1, Trouble::Stalls),
        (10, Trouble::None),
    ];
    let troubles = groups.into_iter().flat_map(|(count, trouble)| vec![trouble; count]);
    // Bad and good ones mixed.
    let mut keys: Vec<_> =
        troubles.enumerate().map(|(number, trouble)| (number * 7 % 25, trouble)).collect();
    keys.sort_unstable();
    let keys = keys.into_iter().map(|(number, trouble)| Key { trouble, ..key(number, UNLIMITED) });
    let form = if streamed { "streamed" } else { "whole" };
    Case {
        name: format!("15 bad keys among 10 good ones, {form}"),
        keys: keys.collect(),
        arrivals: Arrivals::Random(4.0),
        streamed,
        bar: Bar::BadKeys,
        ..ten_keys("", 100)
    }
}

/// Nobody waits, and somebody asks four times a second until there is room again.
fn refusals() -> Case {
    Case {
        name: "refusals, without waiting".to_owned(),
        arrivals: Arrivals::Every(Duration::from_millis(250)),
        wait: Duration::ZERO,
        bar: Bar::Promises,
        ..ten_keys("", 240)
    }
}
