//! Which requests are wanted, as it stands in addresses.

use axum::extract::Query;
use keypool::{KeyId, Timestamp};
use serde::Deserialize;
use store::RequestFilter;

use crate::error::Error;
use crate::format::absolute;

const HOUR: i64 = 60 * 60 * 1000;

/// The ranges that there are, with how many hours they have.
pub(crate) const RANGES: [(&str, i64); 4] =
    [("1h", 1), ("24h", 24), ("7d", 7 * 24), ("30d", 30 * 24)];

/// Which requests are wanted; what is empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct LogFilter {
    pub(crate) model: String,
    pub(crate) token: String,
    pub(crate) key: String,
    /// A status, such as `429`, or a class of them, such as `5xx`.
    pub(crate) code: String,
    /// `failed`, or what requests came to.
    pub(crate) outcome: String,
    /// `openai`, `responses`, `anthropic` or `gemini`.
    pub(crate) dialect: String,
    /// At least so many milliseconds.
    pub(crate) min_ms: String,
    /// One of [`RANGES`].
    pub(crate) range: String,
    /// So many ranges back.
    pub(crate) back: String,
    /// Not a range, but since this moment, in milliseconds since the epoch …
    pub(crate) from: String,
    /// … and until before this one.
    pub(crate) to: String,
    /// A request's id.
    pub(crate) q: String,
}

impl LogFilter {
    /// One that stands in an address.
    pub(crate) fn read(query: &str) -> Result<Self, Error> {
        let Query(filter) = crate::pages::in_query(query)?;
        Ok(filter)
    }

    /// What the store is asked for.
    pub(crate) fn ask(&self, now: Timestamp) -> Result<RequestFilter, Error> {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (since, until) = match (moment("from", &self.from)?, moment("to", &self.to)?) {
            (None, None) => self.period(now)?,
            interval => interval,
        };
        let (from, to) = match self.code.trim() {
            "" => (None, None),
            code => codes(code).map(|(from, to)| (Some(from), Some(to)))?,
        };
        let is_failed = self.outcome == "failed";
        Ok(RequestFilter {
            request_id: some(&self.q),
            key_id: some(&self.key).map(KeyId::from),
            model: some(&self.model),
            token_id: some(&self.token),
            dialect: some(&self.dialect),
            outcome: some(&self.outcome).filter(|_| !is_failed),
            duration_from: match self.min_ms.trim() {
                "" => None,
                least => {
                    Some(least.parse().map_err(|_| {
                        Error::invalid("min_ms", "is no whole number of milliseconds")
                    })?)
                }
            },
            since,
            until,
            status_from: from.or(is_failed.then_some(400)),
            status_to: to,
            ..RequestFilter::default()
        })
    }

    fn hours(&self) -> Option<i64> {
        RANGES.iter().find(|(name, _)| *name == self.range).map(|(_, hours)| *hours)
    }

    /// How many ranges back.
    pub(crate) fn steps_back(&self) -> Result<u32, Error> {
        match self.back.trim() {
            "" => Ok(0),
            back => back.parse().map_err(|_| Error::invalid("back", "is no number of ranges")),
        }
    }

    fn period(&self, now: Timestamp) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
        let back = i64::from(self.steps_back()?);
        let Some(hours) = self.hours() else { return Ok((None, None)) };
        let at = |steps: i64| {
            let millis = hours.saturating_mul(HOUR).saturating_mul(steps);
            Timestamp::from_millis(now.millis().saturating_sub(millis))
        };
        Ok((Some(at(back + 1)), (back > 0).then(|| at(back))))
    }

    /// As it stands in addresses; fields without a value are left out.
    pub(crate) fn query(&self) -> String {
        self.with("", "")
    }

    fn fields(&self) -> [(&'static str, &str); 12] {
        [
            ("model", &self.model),
            ("token", &self.token),
            ("key", &self.key),
            ("code", &self.code),
            ("outcome", &self.outcome),
            ("dialect", &self.dialect),
            ("min_ms", &self.min_ms),
            ("range", &self.range),
            ("back", &self.back),
            ("from", &self.from),
            ("to", &self.to),
            ("q", &self.q),
        ]
    }

    /// What a field says.
    pub(crate) fn asks_for(&self, field: &str) -> &str {
        self.fields().into_iter().find(|(name, _)| *name == field).map_or("", |(_, own)| own.trim())
    }

    /// The same with one field changed.
    pub(crate) fn with(&self, field: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, own) in self.fields() {
            let text = if name == field { value } else { own.trim() };
            if !text.is_empty() {
                query.append_pair(name, text);
            }
        }
        query.finish()
    }

    /// The moments between which requests are wanted, for people; nothing where that is a range.
    pub(crate) fn interval(&self) -> Option<String> {
        let shown = |text: &str| moment("", text).ok()?.map(absolute);
        match (shown(&self.from), shown(&self.to)) {
            (None, None) => None,
            (from, to) => {
                Some(format!("{} – {}", from.unwrap_or_default(), to.unwrap_or_default()))
            }
        }
    }

    /// The same without an interval.
    pub(crate) fn without_interval(&self) -> String {
        Self { from: String::new(), to: String::new(), ..self.clone() }.query()
    }

    /// The range before this one, or as long a time before this one, as a query; `None` where there
    /// is none.
    pub(crate) fn earlier(&self) -> Option<String> {
        if let Some((from, to)) = self.moments() {
            return Some(self.between(from.saturating_sub(to - from), from));
        }
        self.hours()?;
        Some(self.with("back", &(self.steps_back().ok()?.saturating_add(1)).to_string()))
    }

    /// The range after this one, or as long a time; `None` of the last.
    pub(crate) fn later(&self, now: Timestamp) -> Option<String> {
        if let Some((from, to)) = self.moments() {
            return (to < now.millis()).then(|| self.between(to, to.saturating_add(to - from)));
        }
        self.hours()?;
        match self.steps_back().ok()? {
            0 => None,
            1 => Some(self.with("back", "")),
            back => Some(self.with("back", &(back - 1).to_string())),
        }
    }

    /// Both ends of an interval.
    fn moments(&self) -> Option<(i64, i64)> {
        let read = |text: &str| Some(moment("", text).ok()??.millis());
        Some((read(&self.from)?, read(&self.to)?)).filter(|(from, to)| from < to)
    }

    fn between(&self, from: i64, to: i64) -> String {
        Self { from: from.to_string(), to: to.to_string(), ..self.clone() }.query()
    }

    /// The same of all time.
    pub(crate) fn timeless(&self) -> Self {
        let nothing = String::new;
        Self { range: nothing(), back: nothing(), from: nothing(), to: nothing(), ..self.clone() }
    }
}

/// A moment as addresses have it.
fn moment(field: &'static str, text: &str) -> Result<Option<Timestamp>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let millis = text.parse().map_err(|_| {
        Error::invalid(field, "is no moment in milliseconds since the epoch, like 1795241400000")
    })?;
    Ok(Some(Timestamp::from_millis(millis)))
}

/// The statuses of `429`, or of `4xx`.
fn codes(text: &str) -> Result<(u16, u16), Error> {
    let wrong = || Error::invalid("code", "is no status like 429, nor a class like 5xx");
    if let Some(class) = text.strip_suffix("xx") {
        let class: u16 = class.parse().map_err(|_| wrong())?;
        return if (1..=5).contains(&class) {
            Ok((class * 100, class * 100 + 99))
        } else {
            Err(wrong())
        };
    }
    let code = text.parse().map_err(|_| wrong())?;
    Ok((code, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_filter_is_read_asked_and_written_again() {
        let query = "model=a%2Fb&code=4xx&outcome=served&dialect=openai&min_ms=250&range=24h";
        let filter = LogFilter::read(query).unwrap();
        assert_eq!(filter.query(), query);
        let asked = filter.ask(NOW).unwrap();
        assert_eq!((asked.status_from, asked.status_to), (Some(400), Some(499)));
        assert_eq!(
            (asked.model.as_deref(), asked.outcome.as_deref()),
            (Some("a/b"), Some("served"))
        );
        assert_eq!((asked.duration_from, asked.until), (Some(250), None));
        assert_eq!(asked.since, Some(Timestamp::from_millis(NOW.millis() - 24 * HOUR)));
        let failed = LogFilter { outcome: "failed".into(), ..LogFilter::default() };
        let failed = failed.ask(NOW).unwrap();
        assert_eq!((failed.status_from, failed.outcome), (Some(400), None));
    }

    #[test]
    fn an_interval_stands_in_place_of_a_range() {
        let filter = LogFilter::read("range=1h&from=1795241400000&to=1795245000000").unwrap();
        let asked = filter.ask(NOW).unwrap();
        let moments = [asked.since, asked.until].map(|at| at.map(Timestamp::millis));
        assert_eq!(moments, [Some(1_795_241_400_000), Some(1_795_245_000_000)]);
        assert!(filter.interval().unwrap().contains(" – "));
        assert_eq!(filter.without_interval(), "range=1h");
        assert_eq!(LogFilter::default().interval(), None);
    }

    #[test]
    fn what_cannot_be_is_named() {
        let wrong = [
            ("code", "6xx"),
            ("code", "many"),
            ("min_ms", "soon"),
            ("from", "noon"),
            ("back", "few"),
        ];
        for (field, value) in wrong {
            let filter = LogFilter::read(&format!("{field}={value}")).unwrap();
            let told = filter.ask(NOW).unwrap_err().to_string();
            assert!(told.starts_with(field), "{told}");
        }
    }

    #[test]
    fn ranges_lie_beside_each_other() {
        let filter = LogFilter { range: "1h".into(), ..LogFilter::default() };
        assert_eq!(filter.later(NOW), None);
        let earlier = LogFilter::read(&filter.earlier().unwrap()).unwrap();
        assert_eq!(earlier.query(), "range=1h&back=1");
        let (now, before) = (filter.ask(NOW).unwrap(), earlier.ask(NOW).unwrap());
        assert_eq!(before.until, now.since);
        assert_eq!(before.since.unwrap().millis(), NOW.millis() - 2 * HOUR);
        assert_eq!(earlier.later(NOW).as_deref(), Some("range=1h"));
        assert_eq!(LogFilter::default().earlier(), None);
        let between = LogFilter::read("code=429&from=2000&to=3000").unwrap();
        assert_eq!(between.earlier().as_deref(), Some("code=429&from=1000&to=2000"));
        assert_eq!(between.later(NOW).as_deref(), Some("code=429&from=3000&to=4000"));
        assert_eq!(between.later(Timestamp::from_millis(3000)), None);
        assert_eq!(between.timeless().query(), "code=429");
    }
}
