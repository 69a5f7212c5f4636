//! How often a password may be tried.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// So many wrong ones are everybody's right.
const FREE: u32 = 10;

/// What all addresses together may try beyond that before they wait too.
const FREE_TOGETHER: u32 = 100;

/// The wait after the last free try; it doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_secs(5);

const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Failures are forgotten after this long without another.
const MEMORY: Duration = Duration::from_mins(15);

/// More addresses are not remembered; the limit for all together still holds.
const ADDRESSES: usize = 10_000;

/// Counts wrong passwords, by address and of all together. The clock is given.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    addresses: HashMap<IpAddr, Failures>,
    together: Option<Failures>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    fn wait(self, free: u32, now: Instant) -> Option<Duration> {
        let beyond = self.count.checked_sub(free)?;
        let wait = FIRST_WAIT.saturating_mul(1 << beyond.min(10)).min(LONGEST_WAIT);
        (self.last + wait).checked_duration_since(now).filter(|wait| !wait.is_zero())
    }

    fn is_remembered(self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) < MEMORY
    }

    fn one_more(before: Option<Self>, now: Instant) -> Self {
        let count = before.filter(|before| before.is_remembered(now)).map_or(0, |b| b.count);
        Self { count: count.saturating_add(1), last: now }
    }
}

impl Throttle {
    /// How long this address must wait before it may try again; `None` if it may now.
    pub(crate) fn wait(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let own = self.addresses.get(&address).and_then(|failures| failures.wait(FREE, now));
        let all = self.together.and_then(|failures| failures.wait(FREE_TOGETHER, now));
        own.max(all)
    }

    /// A wrong password came from this address.
    pub(crate) fn failed(&mut self, address: IpAddr, now: Instant) {
        self.together = Some(Failures::one_more(self.together, now));
        if self.addresses.len() >= ADDRESSES {
            self.addresses.retain(|_, failures| failures.is_remembered(now));
        }
        if self.addresses.len() < ADDRESSES || self.addresses.contains_key(&address) {
            let before = self.addresses.get(&address).copied();
            self.addresses.insert(address, Failures::one_more(before, now));
        }
    }

    /// The right password came from this address.
    pub(crate) fn succeeded(&mut self, address: IpAddr) {
        self.addresses.remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn the_eleventh_try_waits_and_each_further_one_longer() {
        let mut throttle = Throttle::default();
        let start = Instant::now();
        for _ in 0..10 {
            assert_eq!(throttle.wait(ONE, start), None);
            throttle.failed(ONE, start);
        }
        assert_eq!(throttle.wait(ONE, start), Some(FIRST_WAIT));
        assert_eq!(throttle.wait(OTHER, start), None);
        let later = start + FIRST_WAIT;
        assert_eq!(throttle.wait(ONE, later), None);
        throttle.failed(ONE, later);
        assert_eq!(throttle.wait(ONE, later), Some(2 * FIRST_WAIT));
        throttle.succeeded(ONE);
        assert_eq!(throttle.wait(ONE, later), None);
    }

    #[test]
    fn failures_are_forgotten() {
        let mut throttle = Throttle::default();
        let start = Instant::now();
        (0..11).for_each(|_| throttle.failed(ONE, start));
        let later = start + MEMORY;
        throttle.failed(ONE, later);
        assert_eq!(throttle.wait(ONE, later), None);
    }

    #[test]
    fn many_addresses_together_wait_too() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        for last in 0..=FREE_TOGETHER {
            throttle.failed(IpAddr::from([10, 0, 0, last as u8]), now);
        }
        assert!(throttle.wait(ONE, now).is_some());
    }
}
