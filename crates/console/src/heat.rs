//! Which projects' quotas are getting used up: projects and models, side by side.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use keypool::{Domain, KeyId, QuotaCell, QuotaUse};
use serde::Deserialize;

use crate::format::Given;

/// The most that is shown of each.
const PROJECTS: usize = 12;
const MODELS: usize = 6;

/// Which quota is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Measure {
    /// Requests of the day.
    #[default]
    Day,
    /// Requests of the last minute.
    Minute,
    /// Tokens of the last minute.
    Tokens,
}

impl Measure {
    pub(crate) const ALL: [Self; 3] = [Self::Day, Self::Minute, Self::Tokens];

    /// As it stands in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Minute => "minute",
            Self::Tokens => "tokens",
        }
    }

    /// How much of it a project has used.
    pub(crate) fn of(self, cell: &QuotaCell) -> QuotaUse {
        match self {
            Self::Day => cell.day_requests,
            Self::Minute => cell.minute_requests,
            Self::Tokens => cell.minute_tokens,
        }
    }

    /// How full it is, in percent, if that is known.
    pub(crate) fn heat(self, cell: &QuotaCell) -> Option<u64> {
        if self == Self::Day { cell.heat() } else { self.of(cell).percent() }
    }
}

impl Given<Self> for Measure {
    fn given(&self) -> Self {
        *self
    }
}

/// The hottest projects and the models that are asked for most.
#[derive(Debug, Default)]
pub(crate) struct HeatMap {
    pub(crate) measure: Measure,
    pub(crate) models: Vec<Arc<str>>,
    pub(crate) rows: Vec<Row>,
}

/// A project.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its name, or a key of it as it may be shown.
    pub(crate) name: String,
    /// Where its keys are shown.
    pub(crate) address: String,
    /// How many keys share its quota.
    pub(crate) keys: usize,
    /// What it has used of each model; nothing of those that it was not asked for.
    pub(crate) cells: Vec<Option<QuotaCell>>,
}

impl HeatMap {
    /// `mask` tells of a key how it may be shown.
    pub(crate) fn new(
        cells: Vec<QuotaCell>,
        measure: Measure,
        mask: impl Fn(&KeyId) -> Option<Arc<str>>,
    ) -> Self {
        let mut asked: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        for cell in &cells {
            *asked.entry(Arc::clone(&cell.model)).or_default() += cell.day_requests.used;
        }
        let mut models: Vec<_> = asked.into_iter().collect();
        models.sort_by_key(|(_, used)| Reverse(*used));
        let models: Vec<Arc<str>> =
            models.into_iter().take(MODELS).map(|(model, _)| model).collect();
        let mut projects: HashMap<Domain, Vec<QuotaCell>> = HashMap::new();
        for cell in cells.into_iter().filter(|cell| models.contains(&cell.model)) {
            projects.entry(cell.domain.clone()).or_default().push(cell);
        }
        let mut projects: Vec<_> = projects.into_iter().collect();
        projects.sort_by_cached_key(|(domain, cells)| {
            let hottest = cells.iter().filter_map(|cell| measure.heat(cell)).max();
            let used: u64 = cells.iter().map(|cell| measure.of(cell).used).sum();
            (Reverse(hottest), Reverse(used), domain.clone())
        });
        projects.truncate(PROJECTS);
        let rows =
            projects.into_iter().map(|(domain, cells)| Row::new(&domain, cells, &models, &mask));
        Self { measure, rows: rows.collect(), models }
    }
}

impl Row {
    fn new(
        domain: &Domain,
        cells: Vec<QuotaCell>,
        models: &[Arc<str>],
        mask: impl Fn(&KeyId) -> Option<Arc<str>>,
    ) -> Self {
        let count = cells.first().map_or(0, |cell| cell.keys);
        let mut by_model: HashMap<Arc<str>, QuotaCell> =
            cells.into_iter().map(|cell| (Arc::clone(&cell.model), cell)).collect();
        let (name, address) = match domain {
            Domain::Project(name) | Domain::Vertex(name) => {
                let query: String = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("project", name)
                    .finish();
                (name.to_string(), format!("/admin/keys?{query}"))
            }
            Domain::Key(id) => {
                let mask = mask(id).map_or_else(|| id.to_string(), |mask| mask.to_string());
                (mask, format!("/admin/keys/{id}"))
            }
        };
        let cells = models.iter().map(|model| by_model.remove(model)).collect();
        Self { name, address, keys: count, cells }
    }
}

/// The step of the scale for a percentage.
pub(crate) fn step(percent: impl Given<u64>) -> u64 {
    percent.given().min(100) / 10
}

#[cfg(test)]
mod tests {
    use keypool::Window;

    use super::*;

    fn cell(domain: Domain, model: &str, used: u64, limit: Option<u64>) -> QuotaCell {
        QuotaCell {
            domain,
            is_guess: false,
            keys: 2,
            model: model.into(),
            day_requests: QuotaUse { used, limit },
            minute_requests: QuotaUse::default(),
            minute_tokens: QuotaUse::default(),
            closed_until: None,
            closed_for: None,
        }
    }

    #[test]
    fn the_hottest_come_first_and_the_map_stays_small() {
        let project = |name: &str| Domain::Project(name.into());
        let mut cells: Vec<_> = (0..20)
            .map(|number| cell(project(&format!("p{number:02}")), "flash", number, Some(100)))
            .collect();
        cells.push(cell(Domain::Key("k".into()), "pro", 900, None));
        let closed = cell(project("a b"), "pro", 1, None);
        cells.push(QuotaCell { closed_for: Some(Window::DayRequests), ..closed });
        for number in 0..9 {
            cells.push(cell(project("p19"), &format!("other{number}"), 0, None));
        }
        let map = HeatMap::new(cells, Measure::Day, |_| None);
        assert_eq!((map.models.len(), map.rows.len()), (6, 12));
        assert_eq!((&*map.models[0], &*map.models[1]), ("pro", "flash"));
        assert_eq!(map.rows[0].address, "/admin/keys?project=a+b");
        assert_eq!(map.rows[0].cells[0].as_ref().unwrap().heat(), Some(100));
        assert!(map.rows[0].cells[1].is_none());
        assert_eq!((map.rows[1].name.as_str(), map.rows[1].keys), ("p19", 2));
        let mut busy = cell(project("busy"), "flash", 1, None);
        busy.minute_tokens = QuotaUse { used: 30, limit: Some(40) };
        let heats = Measure::ALL.map(|measure| measure.heat(&busy));
        assert_eq!(heats, [None, None, Some(75)]);
        let map =
            HeatMap::new(vec![cell(project("a"), "flash", 9, None), busy], Measure::Tokens, |_| {
                None
            });
        assert_eq!(map.rows[0].name, "busy");
        assert_eq!((step(0_u64), step(9_u64), step(99_u64), step(100_u64)), (0, 0, 9, 10));
    }
}
