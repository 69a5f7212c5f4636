//! How much of a window a cell (project × model) may use, as far as it is known.

use std::time::Duration;

use crate::meter::Amount;
use crate::{Policy, Timestamp, Window};

/// The windows that are counted, in the order in which [`Limits`] keeps them.
pub(crate) const COUNTED: [Window; 4] =
    [Window::MinuteRequests, Window::MinuteTokens, Window::DayRequests, Window::DayTokens];

/// How soon after a probe that went well the next one may follow.
const NEXT_PROBE: Duration = Duration::from_mins(1);

/// The limits of a cell, by window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits([Limit; 4]);

/// How much every window allows; without end where no limit is known.
///
/// This is all that most choices have to know of limits, and lies in the cell itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ceilings([u64; 4]);

impl Default for Ceilings {
    fn default() -> Self {
        Self([u64::MAX; 4])
    }
}

impl Ceilings {
    /// Whether no limit is known.
    pub(crate) fn are_unknown(self) -> bool {
        self == Self::default()
    }

    /// Whether a request of so many tokens fits on top of what was used. One that is larger than
    /// a whole window fits where nothing was used: estimates may be wrong.
    pub(crate) fn have_room(self, tokens: u64, minute: Amount, day: Amount) -> bool {
        let [minute_requests, minute_tokens, day_requests, day_tokens] = self.0;
        let fits = |used: u64, most: u64| used.saturating_add(tokens.clamp(1, most.max(1))) <= most;
        minute.requests < minute_requests
            && day.requests < day_requests
            && fits(minute.tokens, minute_tokens)
            && fits(day.tokens, day_tokens)
    }

    /// Whether they allow less in any window.
    pub(crate) fn are_lower_than(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(own, other)| *own < other)
    }

    /// Every window that has one.
    pub(crate) fn known(self) -> impl Iterator<Item = (Window, u64)> {
        COUNTED.into_iter().zip(self.0).filter(|(_, most)| *most != u64::MAX)
    }
}

/// One window's limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    /// What Google said.
    pub(crate) learned: Option<Known>,
    /// What the administrator said: never more than this.
    pub(crate) declared: Option<u64>,
}

/// A limit that Google has named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its size.
    pub(crate) value: u64,
    /// When Google last refused something because of it.
    pub(crate) met: Timestamp,
    /// From when on one request beyond may be tried.
    pub(crate) probe_at: Timestamp,
}

impl Limits {
    pub(crate) fn get(&self, window: Window) -> Option<&Limit> {
        self.0.get(place(window)?)
    }

    /// Every window whose limit is known, and the limit.
    pub(crate) fn known(&self) -> impl Iterator<Item = (Window, u64, &Limit)> {
        let known = COUNTED.into_iter().zip(&self.0);
        known.filter_map(|(window, limit)| Some((window, limit.value()?, limit)))
    }

    pub(crate) fn value(&self, window: Window) -> Option<u64> {
        self.get(window)?.value()
    }

    /// What the administrator allows, and nothing else.
    pub(crate) fn declared(declared: [Option<u64>; 4]) -> Self {
        Self(declared.map(|declared| Limit { declared, learned: None }))
    }

    /// What they allow.
    pub(crate) fn ceilings(&self) -> Ceilings {
        Ceilings(self.0.map(|limit| limit.value().unwrap_or(u64::MAX)))
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.known().next().is_none()
    }

    /// Takes Google's word for a limit.
    pub(crate) fn learn(&mut self, window: Window, value: u64, met: Timestamp, policy: &Policy) {
        if let Some(limit) = place(window).and_then(|place| self.0.get_mut(place)) {
            limit.learned = Some(Known { value, met, probe_at: met + policy.probe_after });
        }
    }

    /// Takes over what others have learned, if it is newer: they were refused later, or have found
    /// out since then that there is more.
    pub(crate) fn take_over(
        &mut self,
        window: Window,
        value: u64,
        met: Timestamp,
        policy: &Policy,
    ) {
        let known = self.get(window).and_then(|limit| limit.learned);
        if known.is_none_or(|known| (known.met, known.value) < (met, value)) {
            self.learn(window, value, met, policy);
        }
    }

    /// Google refused something because of a limit whose size it did not say.
    pub(crate) fn meet(&mut self, window: Window, now: Timestamp, policy: &Policy) {
        if let Some(known) = self.learned_mut(window) {
            known.met = now;
            known.probe_at = now + policy.probe_after;
        }
    }

    /// A request beyond a learned limit was served while so much was used: the limit is higher, by
    /// a tenth at least.
    pub(crate) fn raise(&mut self, window: Window, used: u64, now: Timestamp) {
        if let Some(known) = self.learned_mut(window)
            && used > known.value
        {
            known.value = used.max(known.value + known.value / 10);
            known.probe_at = now + NEXT_PROBE;
        }
    }

    /// Takes over what others have learned, where it is newer.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (limit, other) in self.0.iter_mut().zip(&other.0) {
            let newer = |known: &Known| limit.learned.is_none_or(|own| own.met < known.met);
            if let Some(known) = other.learned.filter(newer) {
                limit.learned = Some(known);
            }
        }
    }

    /// Takes the administrator's word for every window.
    pub(crate) fn declare(&mut self, declared: [Option<u64>; 4]) {
        for (limit, declared) in self.0.iter_mut().zip(declared) {
            limit.declared = declared;
        }
    }

    fn learned_mut(&mut self, window: Window) -> Option<&mut Known> {
        self.0.get_mut(place(window)?)?.learned.as_mut()
    }
}

impl Limit {
    /// The limit to keep to: the lower one, if both are known.
    pub(crate) fn value(&self) -> Option<u64> {
        let learned = self.learned.map(|known| known.value);
        learned.into_iter().chain(self.declared).min()
    }

    /// Whether one request beyond may be tried: a learned limit of old that no declared one backs.
    pub(crate) fn may_probe(&self, now: Timestamp) -> bool {
        self.learned.is_some_and(|known| {
            known.probe_at <= now && self.declared.is_none_or(|declared| declared > known.value)
        })
    }
}

/// Where a window stands, if it is counted.
pub(crate) const fn place(window: Window) -> Option<usize> {
    match window {
        Window::MinuteRequests => Some(0),
        Window::MinuteTokens => Some(1),
        Window::DayRequests => Some(2),
        Window::DayTokens => Some(3),
        Window::Spend | Window::NotOffered | Window::Unknown | Window::Paused => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(0);

    #[test]
    fn the_lower_limit_counts() {
        let mut limits = Limits::default();
        assert!(limits.is_empty());
        limits.learn(Window::DayRequests, 20, NOW, &Policy::default());
        limits.declare([None, None, Some(15), None]);
        assert_eq!(limits.value(Window::DayRequests), Some(15));
        limits.declare([None, None, Some(150), None]);
        assert_eq!(limits.value(Window::DayRequests), Some(20));
        assert_eq!(limits.value(Window::DayTokens), None);
        assert_eq!(limits.value(Window::Spend), None);
    }

    #[test]
    fn an_old_limit_is_probed_and_raised_by_success() {
        let mut limits = Limits::default();
        let window = Window::MinuteRequests;
        limits.learn(window, 100, NOW, &Policy::default());
        let may = |limits: &Limits, now| limits.get(window).unwrap().may_probe(now);
        let tomorrow = NOW + Duration::from_hours(24);
        assert!(!may(&limits, NOW + Duration::from_hours(23)));
        assert!(may(&limits, tomorrow));
        limits.raise(window, 100, tomorrow);
        assert_eq!(limits.value(window), Some(100));
        limits.raise(window, 101, tomorrow);
        assert_eq!(limits.value(window), Some(110));
        assert!(!may(&limits, tomorrow));
        assert!(may(&limits, tomorrow + NEXT_PROBE));
        limits.meet(window, tomorrow + NEXT_PROBE, &Policy::default());
        assert!(!may(&limits, tomorrow + Duration::from_hours(23)));
        limits.declare([Some(100), None, None, None]);
        assert!(!may(&limits, Timestamp::MAX), "the administrator's word is not probed");
    }
}
