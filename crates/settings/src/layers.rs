//! One value per setting out of the layers, with where it came from.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use indexmap::IndexMap;

use crate::chains;
use crate::compose;
use crate::definition::Definition;
use crate::error::SettingError;
use crate::groups;
use crate::hidden::Hidden;
use crate::parse::parse;
use crate::prices::ModelPrice;
use crate::quota_limit::QuotaLimit;
use crate::resolved::Source;
use crate::tool::Tool;
use crate::value::{SafetySetting, Value};

/// The layer that a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Built in.
    Default,
    /// The environment, or the `.env` file.
    Environment,
    /// Saved by an administrator.
    Stored,
    /// Saved by an import from another project.
    Imported,
}

impl Origin {
    /// Whether it was saved here, by whomever: then it can go back to the layer below.
    pub const fn is_saved(self) -> bool {
        matches!(self, Self::Stored | Self::Imported)
    }
}

/// A setting with its value after the layers are put together.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) definition: Definition,
    pub(crate) value: Option<Value>,
    pub(crate) origin: Origin,
    /// The other setting or alias that the value came through.
    pub(crate) via: Option<&'static str>,
}

/// All settings with their values, by name.
#[derive(Clone, Debug)]
pub(crate) struct Values(IndexMap<&'static str, Entry>);

/// What reading the layers brought besides values.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) errors: Vec<SettingError>,
    pub(crate) warnings: Vec<SettingError>,
}

impl Values {
    pub(crate) fn read(
        environment: &dyn Source,
        stored: &BTreeMap<String, String>,
        findings: &mut Findings,
    ) -> Self {
        let mut entries = IndexMap::new();
        for definition in groups::definitions() {
            let entry = base(definition, environment, findings);
            entries.insert(definition.name, entry);
        }
        let mut values = Self(entries);
        compose::before_store(&mut values, &mut findings.errors);
        if !values.flag("SETTINGS_READONLY") {
            values.overlay(stored, findings);
        }
        compose::after_store(&mut values);
        chains::check(&mut values, findings);
        values
    }

    fn overlay(&mut self, stored: &BTreeMap<String, String>, findings: &mut Findings) {
        for (name, text) in stored {
            match crate::validate::check(name, text) {
                Ok((definition, value)) => {
                    let entry =
                        Entry { definition, value: Some(value), origin: Origin::Stored, via: None };
                    self.0.insert(definition.name, entry);
                }
                Err(error) => findings.warnings.push(error),
            }
        }
    }

    /// Tells of saved values which of them an import has brought.
    pub(crate) fn mark_imported(&mut self, names: &BTreeSet<String>) {
        for entry in self.0.values_mut() {
            if entry.origin == Origin::Stored && names.contains(entry.definition.name) {
                entry.origin = Origin::Imported;
            }
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.values()
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    /// Gives `name` a value that comes through another setting.
    pub(crate) fn put(&mut self, name: &str, value: Value, origin: Origin, via: &'static str) {
        if let Some(entry) = self.0.get_mut(name) {
            *entry = Entry { value: Some(value), origin, via: Some(via), ..entry.clone() };
        }
    }

    /// Gives `name` its default.
    pub(crate) fn unset(&mut self, name: &str) {
        if let Some(entry) = self.0.get_mut(name) {
            let value = parse_default(entry.definition);
            *entry = Entry { value, origin: Origin::Default, via: None, ..entry.clone() };
        }
    }

    pub(crate) fn given(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|entry| entry.origin != Origin::Default)
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let entry = self.0.get(name);
        debug_assert!(entry.is_some(), "{name} is not in the table");
        entry.and_then(|entry| entry.value.as_ref())
    }
}

/// Typed reading. A name or kind that the table does not have shows in the test of all defaults.
impl Values {
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Bool(true)))
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        match self.value(name) {
            Some(Value::Integer(number)) => u64::try_from(*number).unwrap_or_default(),
            Some(Value::Bytes(size)) => *size,
            _ => 0,
        }
    }

    pub(crate) fn count(&self, name: &str) -> u32 {
        u32::try_from(self.number(name)).unwrap_or(u32::MAX)
    }

    pub(crate) fn size(&self, name: &str) -> usize {
        usize::try_from(self.number(name)).unwrap_or(usize::MAX)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub(crate) fn duration(&self, name: &str) -> Duration {
        match self.value(name) {
            Some(Value::Duration(duration)) => *duration,
            _ => Duration::ZERO,
        }
    }

    pub(crate) fn decimal_seconds(&self, name: &str) -> Duration {
        match self.value(name) {
            Some(Value::Decimal(seconds)) => {
                Duration::try_from_secs_f64(*seconds).unwrap_or_default()
            }
            _ => Duration::ZERO,
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn address(&self, name: &str) -> SocketAddr {
        match self.value(name) {
            Some(Value::Address(address)) => *address,
            _ => SocketAddr::from(([0, 0, 0, 0], 0)),
        }
    }

    pub(crate) fn secret(&self, name: &str) -> Option<Hidden> {
        match self.value(name) {
            Some(Value::Secret(secret)) => Some(secret.clone()),
            _ => None,
        }
    }

    pub(crate) fn secrets(&self, name: &str) -> Vec<Hidden> {
        match self.value(name) {
            Some(Value::Secrets(secrets)) => secrets.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Some(Value::List(list)) => list.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn map(&self, name: &str) -> IndexMap<String, String> {
        match self.value(name) {
            Some(Value::Map(map)) => map.clone(),
            _ => IndexMap::new(),
        }
    }

    /// Parts of numbers are cut off.
    pub(crate) fn whole_numbers(&self, name: &str) -> IndexMap<String, i32> {
        match self.value(name) {
            Some(Value::Numbers(numbers)) => {
                numbers.iter().map(|(name, number)| (name.clone(), *number as i32)).collect()
            }
            _ => IndexMap::new(),
        }
    }

    pub(crate) fn safety(&self, name: &str) -> Vec<SafetySetting> {
        match self.value(name) {
            Some(Value::Safety(settings)) => settings.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn chains(&self, name: &str) -> IndexMap<String, Vec<String>> {
        match self.value(name) {
            Some(Value::Chains(map)) => map.clone(),
            _ => IndexMap::new(),
        }
    }

    pub(crate) fn model_headers(&self, name: &str) -> IndexMap<String, IndexMap<String, Hidden>> {
        match self.value(name) {
            Some(Value::ModelHeaders(map)) => map.clone(),
            _ => IndexMap::new(),
        }
    }

    pub(crate) fn model_tools(&self, name: &str) -> IndexMap<String, Vec<Tool>> {
        match self.value(name) {
            Some(Value::ModelTools(map)) => map.clone(),
            _ => IndexMap::new(),
        }
    }

    pub(crate) fn model_safety(&self, name: &str) -> IndexMap<String, Vec<SafetySetting>> {
        match self.value(name) {
            Some(Value::ModelSafety(map)) => map.clone(),
            _ => IndexMap::new(),
        }
    }

    pub(crate) fn limits(&self, name: &str) -> Vec<QuotaLimit> {
        match self.value(name) {
            Some(Value::Limits(limits)) => limits.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn prices(&self, name: &str) -> Vec<ModelPrice> {
        match self.value(name) {
            Some(Value::Prices(prices)) => prices.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn headers(&self, name: &str) -> IndexMap<String, Hidden> {
        match self.value(name) {
            Some(Value::Headers(map)) => map.clone(),
            _ => IndexMap::new(),
        }
    }
}

/// Default and environment of one setting.
fn base(definition: Definition, environment: &dyn Source, findings: &mut Findings) -> Entry {
    let given = given(definition, environment);
    // A part is not looked at where the whole is given: PORT is often set by platforms for others.
    let unused = definition.part_of.is_some_and(|whole| set(environment, whole).is_some());
    if let Some((name, text)) = given.filter(|_| !unused) {
        match parse(definition.kind, &text) {
            Ok(value) => {
                let via = (name != definition.name).then_some(name);
                let origin = Origin::Environment;
                return Entry { definition, value: Some(value), origin, via };
            }
            Err(problem) => findings.errors.push(SettingError::Invalid {
                name: name.to_owned(),
                problem,
                accepted: definition.kind.accepts(),
            }),
        }
    }
    let value = parse_default(definition);
    Entry { definition, value, origin: Origin::Default, via: None }
}

fn given(definition: Definition, environment: &dyn Source) -> Option<(&'static str, String)> {
    std::iter::once(definition.name)
        .chain(definition.aliases.iter().copied())
        .find_map(|name| Some((name, set(environment, name)?)))
}

/// An empty variable counts as not set.
fn set(environment: &dyn Source, name: &str) -> Option<String> {
    environment.get(name).filter(|text| !text.trim().is_empty())
}

pub(crate) fn parse_default(definition: Definition) -> Option<Value> {
    if definition.default.is_empty() {
        return None;
    }
    parse(definition.kind, definition.default).ok()
}
