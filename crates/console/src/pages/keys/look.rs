//! How somebody wants the table of keys to look.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::words::keys::KeysWords;

/// A column that may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Project,
    Trend,
    Requests,
    Success,
    LastUsed,
    InFlight,
    Weight,
    Tier,
    FirstByte,
    Proxy,
}

/// How much room rows have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Density {
    Compact,
    #[default]
    Normal,
    Roomy,
}

/// What is shown, and how dense.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) columns: Vec<Column>,
    pub(crate) density: Density,
}

impl Column {
    pub(crate) const ALL: [Self; 10] = [
        Self::Project,
        Self::Trend,
        Self::Requests,
        Self::Success,
        Self::LastUsed,
        Self::InFlight,
        Self::Weight,
        Self::Tier,
        Self::FirstByte,
        Self::Proxy,
    ];

    /// What is shown to those who never chose.
    const USUAL: [Self; 5] =
        [Self::Project, Self::Trend, Self::Requests, Self::Success, Self::LastUsed];

    /// The name in forms, and in addresses to sort by.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Trend => "trend",
            Self::Requests => "requests",
            Self::Success => "success",
            Self::LastUsed => "used",
            Self::InFlight => "in_flight",
            Self::Weight => "weight",
            Self::Tier => "tier",
            Self::FirstByte => "first_byte",
            Self::Proxy => "proxy",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == name)
    }

    pub(crate) fn label(self, words: &KeysWords) -> &'static str {
        match self {
            Self::Project => words.project,
            Self::Trend => words.trend,
            Self::Requests => words.requests,
            Self::Success => words.success,
            Self::LastUsed => words.last_used,
            Self::InFlight => words.in_flight,
            Self::Weight => words.weight,
            Self::Tier => words.tier,
            Self::FirstByte => words.first_byte,
            Self::Proxy => words.proxy,
        }
    }

    pub(crate) fn is_in(self, look: &Look) -> bool {
        look.shows(self)
    }

    pub(crate) fn is_sortable(self) -> bool {
        !matches!(self, Self::Trend | Self::InFlight | Self::Tier | Self::FirstByte | Self::Proxy)
    }

    pub(crate) fn is_number(self) -> bool {
        !matches!(self, Self::Project | Self::Trend | Self::Proxy)
    }
}

impl Density {
    pub(crate) const ALL: [Self; 3] = [Self::Compact, Self::Normal, Self::Roomy];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Normal => "normal",
            Self::Roomy => "roomy",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|density| density.as_str() == name)
    }

    pub(crate) fn label(self, words: &KeysWords) -> &'static str {
        match self {
            Self::Compact => words.compact,
            Self::Normal => words.normal,
            Self::Roomy => words.roomy,
        }
    }
}

impl Look {
    pub(crate) const COLUMNS: &str = "keys.columns";
    pub(crate) const DENSITY: &str = "keys.density";

    /// What somebody has kept, or the usual.
    pub(crate) fn of(preferences: &BTreeMap<String, String>) -> Self {
        let columns = match preferences.get(Self::COLUMNS) {
            Some(names) => names.split(',').filter_map(Column::of_name).collect(),
            None => Column::USUAL.to_vec(),
        };
        let density = preferences.get(Self::DENSITY).and_then(|name| Density::of_name(name));
        Self { columns, density: density.unwrap_or_default() }
    }

    /// What a form says.
    pub(crate) fn read(form: &[u8]) -> Result<Self, Error> {
        let (mut chosen, mut density) = (Vec::new(), Density::default());
        for (name, value) in url::form_urlencoded::parse(form) {
            match &*name {
                "column" => chosen.push(
                    Column::of_name(&value)
                        .ok_or_else(|| Error::invalid("column", "there is no such column"))?,
                ),
                "density" => {
                    density = Density::of_name(&value).ok_or_else(|| {
                        Error::invalid("density", "accepted are compact, normal and roomy")
                    })?;
                }
                _ => {}
            }
        }
        let columns = Column::ALL.into_iter().filter(|column| chosen.contains(column)).collect();
        Ok(Self { columns, density })
    }

    /// As [`Look::of`] reads it.
    pub(crate) fn column_names(&self) -> String {
        self.columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn shows(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_read_back() {
        assert_eq!(Look::of(&BTreeMap::new()).columns, Column::USUAL);
        let look = Look::read(b"column=weight&column=project&density=compact").unwrap();
        assert_eq!(look.columns, [Column::Project, Column::Weight]);
        let kept = BTreeMap::from([
            (Look::COLUMNS.to_owned(), look.column_names()),
            (Look::DENSITY.to_owned(), look.density.as_str().to_owned()),
        ]);
        assert_eq!(Look::of(&kept), look);
        let none = Look::read(b"").unwrap();
        assert_eq!((none.columns.len(), none.density), (0, Density::Normal));
        for wrong in [&b"column=secret"[..], b"density=tight"] {
            assert!(Look::read(wrong).is_err());
        }
    }
}
