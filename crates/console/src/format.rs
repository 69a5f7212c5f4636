//! Numbers and times as pages show them.

use keypool::Timestamp;

/// A value, or a reference to one, however deep: templates hand over what they have.
pub(crate) trait Given<T> {
    fn given(&self) -> T;
}

impl Given<Timestamp> for Timestamp {
    fn given(&self) -> Timestamp {
        *self
    }
}

impl Given<u64> for u64 {
    fn given(&self) -> u64 {
        *self
    }
}

impl Given<u64> for u32 {
    fn given(&self) -> u64 {
        u64::from(*self)
    }
}

impl<T, G: Given<T> + ?Sized> Given<T> for &G {
    fn given(&self) -> T {
        (**self).given()
    }
}

/// A moment: in full for those without scripts, told relatively by the script.
pub(crate) fn time(at: impl Given<Timestamp>) -> String {
    let at = at.given();
    let full = absolute(at);
    format!(r#"<time datetime="{full}" data-at="{}">{full}</time>"#, at.millis())
}

/// The time of day.
pub(crate) fn clock(at: impl Given<Timestamp>) -> String {
    let at = at.given();
    let full = absolute(at);
    let clock = full.get(11..19).unwrap_or(&full);
    format!(r#"<time datetime="{full}" data-at="{}" data-kind="clock">{clock}</time>"#, at.millis())
}

/// A moment in ISO 8601, to the second.
pub(crate) fn absolute(at: impl Given<Timestamp>) -> String {
    jiff::Timestamp::from_millisecond(at.given().millis())
        .map_or_else(|_| "-".to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// `12,345`.
pub(crate) fn count(number: impl Given<u64>) -> String {
    let number = number.given();
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `412.8 M`.
pub(crate) fn short(number: impl Given<u64>) -> String {
    let number = number.given();
    let units = [(1_000_000_000, "B"), (1_000_000, "M"), (10_000, "k")];
    for (size, unit) in units {
        if number >= size {
            let size = if unit == "k" { 1_000 } else { size };
            return format!("{:.1} {unit}", number as f64 / size as f64);
        }
    }
    count(number)
}

/// The share in percent, `99.31%`; nothing of nothing has none.
pub(crate) fn percent(part: impl Given<u64>, whole: impl Given<u64>) -> String {
    let (part, whole) = (part.given(), whole.given());
    if whole == 0 {
        return "–".to_owned();
    }
    let share = part as f64 * 100.0 / whole as f64;
    if (share - share.round()).abs() < 0.005 {
        format!("{share:.0}%")
    } else {
        format!("{share:.2}%")
    }
}

/// An amount of data: `512 B`, `20 GB`; a KB is 1024 bytes.
pub(crate) fn bytes(number: impl Given<u64>) -> String {
    let number = number.given();
    let units = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    for (size, unit) in units {
        if number >= size {
            let amount = number as f64 / size as f64;
            let digits = if (amount - amount.round()).abs() < 0.05 { 0 } else { 1 };
            return format!("{amount:.digits$} {unit}");
        }
    }
    format!("{number} B")
}

/// How many thousandths of the whole this is; a thousand at the most.
pub(crate) fn thousandths(part: impl Given<u64>, whole: impl Given<u64>) -> u64 {
    let (part, whole) = (u128::from(part.given()), u128::from(whole.given()).max(1));
    u64::try_from((part * 1000).div_ceil(whole).min(1000)).unwrap_or(1000)
}

/// A duration: `754 ms`, `3.9 s`, `4 min`.
pub(crate) fn millis(millis: impl Given<u64>) -> String {
    let millis = millis.given();
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", millis as f64 / 1_000.0),
        _ => format!("{} min", millis / 60_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_shortly() {
        assert_eq!(count(0_u64), "0");
        assert_eq!(count(1_234_567_u64), "1,234,567");
        assert_eq!(short(9_999_u64), "9,999");
        assert_eq!(short(12_345_u64), "12.3 k");
        assert_eq!(short(412_800_000_u64), "412.8 M");
        assert_eq!(percent(9_931_u64, 10_000_u64), "99.31%");
        assert_eq!(percent(3_u64, 3_u64), "100%");
        assert_eq!(percent(0_u64, 0_u64), "–");
        assert_eq!(bytes(512_u64), "512 B");
        assert_eq!(bytes(20_u64 << 30), "20 GB");
        assert_eq!(bytes(1_572_864_u64), "1.5 MB");
        assert_eq!(thousandths(1_u64, 1_000_000_u64), 1, "something is seen");
        assert_eq!((thousandths(0_u64, 9_u64), thousandths(9_u64, 3_u64)), (0, 1000));
        assert_eq!(millis(754_u64), "754 ms");
        assert_eq!(millis(3_900_u64), "3.9 s");
    }

    #[test]
    fn moments_are_told_in_full() {
        let at = Timestamp::from_millis(1_795_241_400_000);
        assert!(time(at).contains("2026-11-21T06:10:00Z"));
        assert!(clock(at).contains(">06:10:00<"));
    }
}
