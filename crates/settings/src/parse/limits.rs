//! Declared limits: a JSON list, every field of which is checked.

use std::num::NonZeroU64;

use serde_json::{Map, Value};

use super::{Problem, collection, quoted};
use crate::quota_limit::{QuotaLimit, QuotaOwner};

/// Every request looks through them once for each model that is new.
const MOST: usize = 1_000;

/// As long as the store allows the name of a project.
const LONGEST_PROJECT: usize = 150;

/// As long as the pool allows the name of a model.
const LONGEST_MODEL: usize = 256;

const FIELDS: &str = "platform, project, tier, model, requests_per_minute, tokens_per_minute, \
                      requests_per_day, tokens_per_day";

pub(super) fn limits(text: &str) -> Result<Vec<QuotaLimit>, Problem> {
    let entries: Vec<Value> = serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&collection::with_double_quotes(text)))
        .map_err(|error| quoted(text, &format!("is no JSON list ({error})")))?;
    if entries.len() > MOST {
        return Err(format!("has {} entries, more than {MOST}", entries.len()));
    }
    let mut limits: Vec<QuotaLimit> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let here = |problem: Problem| format!("entry {}: {problem}", index + 1);
        let limit = limit(entry).map_err(here)?;
        if let Some(twin) = limits.iter().position(|other| other.concerns_the_same(&limit)) {
            let twin = twin + 1;
            return Err(here(format!(
                "has the same platform, project, tier and model as entry {twin}"
            )));
        }
        limits.push(limit);
    }
    Ok(limits)
}

fn limit(entry: &Value) -> Result<QuotaLimit, Problem> {
    let Value::Object(fields) = entry else { return Err("is no JSON object".to_owned()) };
    let mut limit = QuotaLimit::default();
    for (name, value) in fields {
        take(&mut limit, name, value).map_err(|problem| format!("{name}: {problem}"))?;
    }
    if limit.is_empty() {
        return Err(format!("{} limits nothing", shown(fields)));
    }
    Ok(limit)
}

fn take(limit: &mut QuotaLimit, name: &str, value: &Value) -> Result<(), Problem> {
    // What is null is left out.
    if value.is_null() {
        return Ok(());
    }
    match name {
        "platform" => limit.platform = platform(value)?,
        "project" => limit.project = Some(name_of(value, LONGEST_PROJECT)?.to_owned()),
        "tier" => limit.tier = Some(tier(value)?),
        "model" => limit.model = Some(model(value)?),
        "requests_per_minute" => limit.requests_per_minute = Some(count(value)?),
        "tokens_per_minute" => limit.tokens_per_minute = Some(count(value)?),
        "requests_per_day" => limit.requests_per_day = Some(count(value)?),
        "tokens_per_day" => limit.tokens_per_day = Some(count(value)?),
        _ => return Err(format!("is no field; there are {FIELDS}")),
    }
    Ok(())
}

fn platform(value: &Value) -> Result<QuotaOwner, Problem> {
    let owner = value.as_str().and_then(QuotaOwner::named);
    owner.ok_or_else(|| wrong(value, "platform: there are gemini and vertex"))
}

fn name_of(value: &Value, longest: usize) -> Result<&str, Problem> {
    let name = value.as_str().ok_or_else(|| wrong(value, "text"))?.trim();
    if name.is_empty() {
        return Err("is empty".to_owned());
    }
    if name.contains(char::is_control) {
        return Err("holds a control character".to_owned());
    }
    if name.chars().count() > longest {
        return Err(format!("is longer than {longest} characters"));
    }
    Ok(name)
}

fn model(value: &Value) -> Result<String, Problem> {
    let name = name_of(value, LONGEST_MODEL)?;
    let name = name.strip_prefix("models/").unwrap_or(name);
    match name.find('*') {
        Some(place) if place + 1 < name.len() => {
            Err(format!("{name:?} has a * that is not at its end"))
        }
        _ => Ok(name.to_owned()),
    }
}

fn tier(value: &Value) -> Result<u8, Problem> {
    let number = value.as_u64().and_then(|number| u8::try_from(number).ok());
    number.ok_or_else(|| wrong(value, "whole number from 0 to 255"))
}

fn count(value: &Value) -> Result<NonZeroU64, Problem> {
    let number = value.as_u64().and_then(NonZeroU64::new);
    number.ok_or_else(|| wrong(value, "whole number from 1 on"))
}

fn wrong(value: &Value, expected: &str) -> Problem {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    quoted(&text, &format!("is no {expected}"))
}

fn shown(fields: &Map<String, Value>) -> String {
    let names: Vec<_> = fields.keys().map(String::as_str).collect();
    if names.is_empty() { "it".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_holds_for_all() {
        let text = r#"[
            {"tier": 0, "model": "models/gemini-3.8-flash", "requests_per_minute": 10},
            {"project": "shop", "requests_per_day": 1000, "model": null},
            {"project": "shop", "requests_per_day": 50, "platform": "vertex"}
        ]"#;
        let read = limits(text).unwrap();
        assert_eq!(limits(&text.replace('"', "'")).unwrap(), read, "Python's quotes do too");
        let [flash, shop, vertex] = &read[..] else { panic!("{read:?}") };
        assert_eq!((flash.tier, flash.model.as_deref()), (Some(0), Some("gemini-3.8-flash")));
        assert_eq!(flash.requests_per_minute, NonZeroU64::new(10));
        assert_eq!((shop.project.as_deref(), &shop.model), (Some("shop"), &None));
        assert_eq!((shop.platform, vertex.platform), (QuotaOwner::Gemini, QuotaOwner::Vertex));
        assert_eq!(limits("[]").unwrap(), []);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let problems = [
            "{}",
            "[7]",
            "[{}]",
            r#"[{"model": "m"}]"#,
            r#"[{"requests_per_minute": 0}]"#,
            r#"[{"requests_per_minute": 1}, {"tokens_per_day": "many"}]"#,
            r#"[{"tier": 256, "requests_per_day": 1}]"#,
            r#"[{"model": "a*b", "requests_per_day": 1}]"#,
            r#"[{"project": " ", "requests_per_day": 1}]"#,
            r#"[{"rpm": 1}]"#,
            r#"[{"platform": "bard", "requests_per_day": 1}]"#,
            r#"[{"model": "m", "requests_per_day": 1}, {"model": "models/m", "tokens_per_day": 2}]"#,
        ]
        .map(|text| limits(text).unwrap_err());
        insta::assert_snapshot!(problems.join("\n"));
    }
}
