//! What an answer of Google says of resources.

use std::time::Duration;

use jiff::Timestamp as Moment;
use keypool::Timestamp;
use serde_json::{Map, Value, json};

use super::name::{ResourcePath, family, is_id, kind_of_root};

const HOUR: Duration = Duration::from_hours(1);

/// Fields that name what came out of long work.
const OUTCOMES: [&str; 6] =
    ["name", "uri", "downloadUri", "responsesFile", "responseFile", "fileName"];

/// Fields that hold what clients or models have written.
const WORDS: [&str; 10] = [
    "inlinedResponses",
    "inlinedRequests",
    "inputConfig",
    "requests",
    "contents",
    "candidates",
    "displayName",
    "customMetadata",
    "config",
    "error",
];

/// How deep it is looked for what came out.
const DEEPEST: usize = 12;

/// Something that an answer tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) name: String,
    /// What it is, as JSON; only its name where nothing more was said.
    pub(crate) body: String,
    /// As in `PROCESSING`; empty where that was not said.
    pub(crate) state: String,
    pub(crate) expires: Option<Timestamp>,
    /// When such things end, where Google does not say it.
    pub(crate) usual_end: Option<Timestamp>,
    pub(crate) display_name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) size: Option<u64>,
    /// It is named, and no more.
    pub(crate) is_mention: bool,
}

/// Everything that an answer tells of. `kind` is the list that the request was about: some families
/// give an `id` only.
pub(crate) fn told(answer: &[u8], kind: Option<&str>, now: Timestamp) -> Vec<Told> {
    let Ok(Value::Object(answer)) = serde_json::from_slice(answer) else { return Vec::new() };
    let mut found = Vec::new();
    let whole = |object: &Value| Told::of(object.as_object()?, None, now);
    found.extend(Told::of(&answer, kind, now));
    found.extend(answer.get("file").and_then(whole));
    found.extend(worked_on(&answer).and_then(|root| Told::mention(root, now)));
    // The events of an interaction's stream.
    let within = answer.get("interaction").and_then(Value::as_object);
    found.extend(within.and_then(|object| Told::of(object, Some("interactions"), now)));
    if kind == Some("files") {
        let files = answer.get("files").and_then(Value::as_array);
        found.extend(files.into_iter().flatten().filter_map(whole));
    }
    for field in ["response", "metadata", "output", "dest"] {
        if let Some(value) = answer.get(field) {
            mentions(value, DEEPEST, now, &mut found);
        }
    }
    found
}

/// What the work that an answer names is about: Google begins to tune a model by telling of the work.
fn worked_on(answer: &Map<String, Value>) -> Option<&str> {
    let name = answer.get("name")?.as_str()?;
    let path = ResourcePath::parse(name).filter(|path| path.is_below)?;
    path.root.filter(|root| name[root.len()..].contains("/operations/"))
}

impl Told {
    fn of(object: &Map<String, Value>, kind: Option<&str>, now: Timestamp) -> Option<Self> {
        let text = |field: &str| object.get(field).and_then(Value::as_str);
        let name = match (text("name"), text("id"), kind) {
            (Some(name), ..) if kind_of_root(name).is_some() => name.to_owned(),
            (_, Some(id), Some(_)) if kind_of_root(id).is_some() => id.to_owned(),
            (_, Some(id), Some(kind)) if is_id(id) && family(kind).is_some() => {
                format!("{kind}/{id}")
            }
            _ => return None,
        };
        let kind = kind_of_root(&name)?;
        let metadata = object.get("metadata").and_then(Value::as_object);
        let state = text("state").or_else(|| text("status"));
        let state = state.or_else(|| metadata?.get("state")?.as_str());
        let done = object.get("done").and_then(Value::as_bool);
        let is_operation = kind.ends_with("operations") || done.is_some();
        let state = match (state, done) {
            (Some(state), _) => state,
            (None, Some(true)) => "DONE",
            (None, _) if is_operation => "RUNNING",
            _ => "",
        };
        let expires = ["expirationTime", "expireTime", "expire_time"].into_iter().find_map(text);
        let expires = expires.and_then(moment);
        let label = text("displayName").or_else(|| metadata?.get("displayName")?.as_str());
        let size = object.get("sizeBytes");
        let size = size.and_then(|size| size.as_u64().or_else(|| size.as_str()?.parse().ok()));
        Some(Self {
            body: Value::Object(object.clone()).to_string(),
            state: state.to_owned(),
            expires,
            usual_end: usual_end(kind, now),
            display_name: label.map(str::to_owned),
            mime: text("mimeType").map(str::to_owned),
            size,
            is_mention: false,
            name,
        })
    }

    fn mention(name: &str, now: Timestamp) -> Option<Self> {
        let kind = kind_of_root(name)?;
        Some(Self {
            body: json!({"name": name}).to_string(),
            state: String::new(),
            expires: None,
            usual_end: usual_end(kind, now),
            display_name: None,
            mime: None,
            size: None,
            is_mention: true,
            name: name.to_owned(),
        })
    }

    /// Whether Google may soon say something else of it.
    pub(crate) fn may_change(state: &str, body: &str) -> bool {
        let state = state.to_ascii_uppercase();
        let works = ["PROCESSING", "PENDING", "RUNNING", "QUEUED", "IN_PROGRESS", "CREATING"];
        works.iter().any(|word| state.ends_with(word)) || !body.contains(',')
    }
}

/// Google deletes these, also where it does not say so.
fn usual_end(kind: &str, now: Timestamp) -> Option<Timestamp> {
    let lasts = match kind.rsplit('/').next()? {
        "files" | "generatedFiles" => HOUR * 48,
        "auth_tokens" => HOUR * 20,
        "interactions" | "operations" => HOUR * 24 * 60,
        _ => return None,
    };
    Some(now + lasts)
}

fn moment(text: &str) -> Option<Timestamp> {
    Some(Timestamp::from_millis(text.parse::<Moment>().ok()?.as_millisecond()))
}

fn mentions(value: &Value, depth: usize, now: Timestamp, found: &mut Vec<Told>) {
    let Some(deeper) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(items) => items.iter().for_each(|item| mentions(item, deeper, now, found)),
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(text) if OUTCOMES.contains(&field.as_str()) => {
                        found.extend(
                            name_at_the_end(text).and_then(|name| Told::mention(name, now)),
                        );
                    }
                    Value::String(_) => {}
                    value if !WORDS.contains(&field.as_str()) => {
                        mentions(value, deeper, now, found);
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// The name that is this text, or stands at the end of this address of Google's.
fn name_at_the_end(text: &str) -> Option<&str> {
    let text =
        text.split(['?', ':']).next().filter(|_| !text.starts_with("http")).or_else(|| {
            let path = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
            let path = path.split_once('/')?.1.split(['?', ':']).next()?;
            path.split_once('/').map(|(_, name)| name)
        })?;
    kind_of_root(text).is_some().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn names(answer: &Value, kind: Option<&str>) -> Vec<(String, String)> {
        let told = told(answer.to_string().as_bytes(), kind, NOW);
        told.into_iter().map(|told| (told.name, told.state)).collect()
    }

    fn pair(name: &str, state: &str) -> (String, String) {
        (name.to_owned(), state.to_owned())
    }

    #[test]
    fn a_file_is_told_with_all_that_matters() {
        let answer = json!({"file": {
            "name": "files/a", "displayName": "numbers", "mimeType": "text/csv", "sizeBytes": "12",
            "expirationTime": "2026-11-28T06:28:54.123456789Z", "state": "PROCESSING",
        }});
        let [file] = told(answer.to_string().as_bytes(), None, NOW).try_into().unwrap();
        assert_eq!((file.name.as_str(), file.state.as_str()), ("files/a", "PROCESSING"));
        assert_eq!((file.size, file.mime.as_deref()), (Some(12), Some("text/csv")));
        assert_eq!(file.expires, Some(Timestamp::from_millis(1_795_847_334_123)));
        assert!(Told::may_change(&file.state, &file.body));
        assert!(file.body.starts_with(r#"{"name":"files/a""#));
    }

    #[test]
    fn operations_tell_of_what_came_out() {
        let veo = json!({"name": "models/veo/operations/o", "done": true, "response": {
            "generateVideoResponse": {"generatedSamples": [
                {"video": {"uri": "https://g/v1beta/files/out:download?alt=media"}},
            ]},
        }});
        let expected = [pair("models/veo/operations/o", "DONE"), pair("files/out", "")];
        assert_eq!(names(&veo, None), expected);
        let batch = json!({"name": "batches/b", "metadata": {
            "state": "BATCH_STATE_SUCCEEDED",
            "displayName": "files/of-somebody",
            "inputConfig": {"fileName": "files/input"},
            "output": {"responsesFile": "files/batch-b"},
        }});
        let expected = [pair("batches/b", "BATCH_STATE_SUCCEEDED"), pair("files/batch-b", "")];
        assert_eq!(names(&batch, None), expected);
    }

    #[test]
    fn work_tells_of_what_it_is_about() {
        let tuning = json!({"name": "tunedModels/t/operations/o", "metadata": {}});
        assert_eq!(names(&tuning, Some("tunedModels")), [pair("tunedModels/t", "")]);
        let film = json!({"name": "models/veo/operations/o"});
        assert_eq!(names(&film, None), [pair("models/veo/operations/o", "")]);
        assert_eq!(names(&json!({"name": "tunedModels/t/permissions/p"}), None), []);
    }

    #[test]
    fn what_somebody_wrote_tells_nothing() {
        let batch = json!({"name": "batches/b", "response": {"inlinedResponses": {
            "inlinedResponses": [{"metadata": {"name": "files/theirs"}, "response": {}}],
        }}});
        assert_eq!(names(&batch, None), [pair("batches/b", "")]);
        let list =
            json!({"files": [{"name": "files/a"}], "name": "fileSearchStores/s/documents/d"});
        assert_eq!(names(&list, None), []);
        assert_eq!(names(&list, Some("files")), [pair("files/a", "")]);
    }

    #[test]
    fn ids_are_names_where_the_family_has_no_others() {
        let answer = json!({"id": "v1_x", "status": "in_progress"});
        let expected = [pair("interactions/v1_x", "in_progress")];
        assert_eq!(names(&answer, Some("interactions")), expected);
        let event = json!({"event_type": "interaction.created", "interaction": {"id": "v1_y"}});
        assert_eq!(names(&event, Some("interactions")), [pair("interactions/v1_y", "")]);
        assert_eq!(names(&answer, None), []);
    }
}
