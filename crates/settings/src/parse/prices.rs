//! Prices of models: a JSON list.

use super::{Problem, collection, quoted};
use crate::prices::ModelPrice;

/// Every request looks through them.
const MOST: usize = 200;

pub(super) fn prices(text: &str) -> Result<Vec<ModelPrice>, Problem> {
    let mut prices: Vec<ModelPrice> = serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(&collection::with_double_quotes(text)))
        .map_err(|error| quoted(text, &format!("is no such list ({error})")))?;
    if prices.len() > MOST {
        return Err(format!("has {} entries, more than {MOST}", prices.len()));
    }
    for (index, price) in prices.iter_mut().enumerate() {
        check(price).map_err(|problem| format!("entry {}: {problem}", index + 1))?;
    }
    Ok(prices)
}

fn check(price: &mut ModelPrice) -> Result<(), Problem> {
    let model = price.model.trim();
    let model = model.strip_prefix("models/").unwrap_or(model).to_owned();
    if model.is_empty() {
        return Err("model: is empty".to_owned());
    }
    if model.find('*').is_some_and(|place| place + 1 < model.len()) {
        return Err(format!("model: {model:?} has a * that is not at its end"));
    }
    price.model = model;
    match &price.until {
        Some(day) if !is_day(day) => Err(format!("until: {day:?} is no day like 2026-12-31")),
        _ => Ok(()),
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |text: &str, digits: usize, most: u32| {
        text.len() == digits && text.parse().is_ok_and(|number: u32| (1..=most).contains(&number))
    };
    number(year, 4, 9999) && number(month, 2, 12) && number(day, 2, 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_and_written_alike() {
        let text = concat!(
            r#"[{"model":"gemini-9-*","input":0.75,"cached_input":0.075,"output":3,"#,
            r#""long":{"over":200000,"input":1,"output":6},"until":"2026-12-31"}]"#
        );
        let read = prices(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!(prices(&text.replace('"', "'")).unwrap(), read, "Python's quotes do too");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (entry, problem) in [
            (r#"{"model":"m","input":1}"#, "output"),
            (r#"{"model":"m","input":-1,"output":1}"#, "from 0 to 1000000"),
            (r#"{"model":"m","input":1,"output":1,"cost":1}"#, "cost"),
            (r#"{"model":" ","input":1,"output":1}"#, "entry 1: model: is empty"),
            (r#"{"model":"a*b","input":1,"output":1}"#, "not at its end"),
            (r#"{"model":"m","input":1,"output":1,"until":"soon"}"#, "until: \"soon\" is no day"),
            (r#"{"model":"m","input":1,"output":1,"until":"2026-13-01"}"#, "is no day"),
        ] {
            let error = prices(&format!("[{entry}]")).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
    }
}
