//! Limits that the administrator knows without Google having said them.

use serde::{Deserialize, Serialize};

use crate::limits::{COUNTED, place};
use crate::roster::{ProjectSlot, Roster};
use crate::{Domain, Window};

/// A limit as the administrator declares it. What is left out holds for all; of several that
/// concern the same window the one that names the project decides, then the one that names the
/// model, then the one that names the tier, and the last of equals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredLimit {
    /// Only for this project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Only for projects whose lowest tier is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<u8>,
    /// Only for this model; `*` at its end stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// For which window: requests or tokens, per minute or day. Others are not counted.
    pub window: Window,
    /// Never more than so many.
    pub limit: u64,
}

/// All declared limits.
#[derive(Debug, Default)]
pub(crate) struct Declared(Vec<DeclaredLimit>);

impl Declared {
    pub(crate) fn new(limits: Vec<DeclaredLimit>) -> Self {
        Self(limits)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any project may have a limit for this model.
    pub(crate) fn concerns(&self, model: &str) -> bool {
        self.0.iter().any(|limit| limit.concerns_model(model))
    }

    /// The limits of a project for a model, by window.
    pub(crate) fn resolve(&self, domain: &Domain, tier: u8, model: &str) -> [Option<u64>; 4] {
        COUNTED.map(|window| {
            let concerned = self.0.iter().filter(|limit| {
                place(limit.window) == place(window) && limit.concerns(domain, tier, model)
            });
            Some(concerned.max_by_key(|limit| limit.precision())?.limit)
        })
    }
}

impl Roster {
    /// What the administrator allows a project for a model, by window.
    pub(crate) fn declared_for(&self, project: ProjectSlot, model: &str) -> [Option<u64>; 4] {
        if self.declared.is_empty() {
            return [None; 4];
        }
        self.resolve_for(project, &self.declared, model)
    }

    /// What such limits allow a project for a model, by window.
    pub(crate) fn resolve_for(
        &self,
        project: ProjectSlot,
        declared: &Declared,
        model: &str,
    ) -> [Option<u64>; 4] {
        let Some(project) = self.project(project) else { return [None; 4] };
        let tiers = project.keys.iter().filter_map(|key| Some(self.key(*key)?.tier));
        declared.resolve(&project.domain, tiers.min().unwrap_or_default(), model)
    }
}

impl DeclaredLimit {
    fn precision(&self) -> [bool; 3] {
        [self.project.is_some(), self.model.is_some(), self.tier.is_some()]
    }

    fn concerns(&self, domain: &Domain, tier: u8, model: &str) -> bool {
        let project = match (&self.project, domain) {
            (None, _) => true,
            (Some(name), Domain::Project(project)) => **name == **project,
            (Some(_), Domain::Vertex(_) | Domain::Key(_)) => false,
        };
        project && self.tier.is_none_or(|own| own == tier) && self.concerns_model(model)
    }

    fn concerns_model(&self, model: &str) -> bool {
        match self.model.as_deref() {
            None => true,
            Some(pattern) => match pattern.strip_suffix('*') {
                Some(start) => model.starts_with(start),
                None => pattern == model,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(project: &str, tier: Option<u8>, model: &str, limit: u64) -> DeclaredLimit {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let window = Window::DayRequests;
        DeclaredLimit { project: some(project), tier, model: some(model), window, limit }
    }

    #[test]
    fn the_most_precise_declaration_decides() {
        let declared = Declared::new(vec![
            limit("", None, "", 1),
            limit("", Some(1), "", 2),
            limit("", None, "gemini-*", 3),
            limit("", None, "gemini-*", 4),
            limit("p", None, "", 5),
        ]);
        let of = |domain: &str, tier, model| {
            let domain: Domain = domain.parse().unwrap();
            declared.resolve(&domain, tier, model)[2]
        };
        assert_eq!(of("key:k", 0, "gemma"), Some(1));
        assert_eq!(of("key:k", 1, "gemma"), Some(2));
        assert_eq!(of("key:k", 1, "gemini-pro"), Some(4));
        assert_eq!(of("project:p", 1, "gemini-pro"), Some(5));
        assert_eq!(declared.resolve(&Domain::Key("k".into()), 0, "x")[0], None);
        assert!(declared.concerns("anything"));
        assert!(!Declared::new(vec![limit("", None, "pro", 1)]).concerns("flash"));
    }

    #[test]
    fn it_is_written_in_few_words() {
        let read: DeclaredLimit =
            serde_json::from_str(r#"{"window":"day_requests","limit":9}"#).unwrap();
        assert_eq!(read, limit("", None, "", 9));
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"window":"day_requests","limit":9}"#);
    }
}
