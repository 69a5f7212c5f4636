//! What an answer of Google says of resources. Read without holding more of it than that, for answers
//! may carry a whole batch.

mod mentions;

use std::time::Duration;

use jiff::Timestamp as Moment;
use keypool::Timestamp;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::name::{ResourcePath, is_id, kind_of_root};

const HOUR: Duration = Duration::from_hours(1);

/// Of what is longer only the name is kept; whoever lists it asks Google.
const MOST_KEPT: usize = 64 * 1024;

/// Something that an answer tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) name: String,
    /// What it is, as JSON; only its name where nothing more was said, or too much.
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

/// Where an answer may tell of something.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Places<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    file: Option<&'a RawValue>,
    /// The events of an interaction's stream.
    #[serde(borrow)]
    interaction: Option<&'a RawValue>,
    #[serde(borrow)]
    files: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    dest: Option<&'a RawValue>,
}

/// How something is described. Whatever has another type than it should is as good as not there.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Described<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    state: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    done: Option<&'a RawValue>,
    #[serde(borrow)]
    expiration_time: Option<&'a RawValue>,
    #[serde(borrow)]
    expire_time: Option<&'a RawValue>,
    #[serde(borrow, rename = "expire_time")]
    expire_time_in_snake_case: Option<&'a RawValue>,
    #[serde(borrow)]
    display_name: Option<&'a RawValue>,
    #[serde(borrow)]
    mime_type: Option<&'a RawValue>,
    #[serde(borrow)]
    size_bytes: Option<&'a RawValue>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
}

/// Everything that an answer tells of. `kind` is the list that the request was about: some families
/// give an `id` only.
pub(crate) fn told(answer: &[u8], kind: Option<&str>, now: Timestamp) -> Vec<Told> {
    let Ok(answer) = std::str::from_utf8(answer) else { return Vec::new() };
    let Ok(places) = serde_json::from_str::<Places<'_>>(answer) else { return Vec::new() };
    let mut found = Vec::new();
    let whole = |object: &RawValue| Told::of(object.get(), None, now);
    found.extend(Told::of(answer, kind, now));
    found.extend(places.file.and_then(whole));
    let name = read::<String>(places.name);
    let root = name.as_deref().and_then(|name| worked_on(name, kind));
    found.extend(root.and_then(|root| Told::mention(root, now)));
    let interaction = places.interaction;
    found.extend(interaction.and_then(|told| Told::of(told.get(), Some("interactions"), now)));
    if let Some(files) = places.files.filter(|_| kind == Some("files")) {
        let files: Vec<&RawValue> = serde_json::from_str(files.get()).unwrap_or_default();
        found.extend(files.into_iter().filter_map(whole));
    }
    for place in
        [places.response, places.metadata, places.output, places.dest].into_iter().flatten()
    {
        mentions::collect(place, &mut |name| found.extend(Told::mention(name, now)));
    }
    found
}

/// What the work that an answer names is about: Google begins to tune a model by telling of the work.
fn worked_on<'n>(name: &'n str, kind: Option<&str>) -> Option<&'n str> {
    let path = ResourcePath::parse(name);
    let path =
        path.or_else(|| ResourcePath::parse_any(name).filter(|path| Some(path.kind) == kind));
    let path = path.filter(|path| path.is_below)?;
    path.root.filter(|root| name[root.len()..].contains("/operations/"))
}

/// A value that is of this type.
fn read<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(value?.get()).ok()
}

impl Told {
    fn of(object: &str, kind: Option<&str>, now: Timestamp) -> Option<Self> {
        let described: Described<'_> = serde_json::from_str(object).ok()?;
        let text = read::<String>;
        let name = match (text(described.name), text(described.id), kind) {
            (Some(name), ..) if kind_of_root(&name).is_some() => name,
            (Some(name), _, Some(kind)) if is_member(&name, kind) => name,
            (_, Some(id), Some(_)) if kind_of_root(&id).is_some() => id,
            (_, Some(id), Some(kind)) if is_id(&id) && !kind.contains('/') => {
                format!("{kind}/{id}")
            }
            _ => return None,
        };
        let (kind, _) = name.rsplit_once('/')?;
        let inner: Described<'_> = read(described.metadata).unwrap_or_default();
        let state = text(described.state).or_else(|| text(described.status));
        let state = state.or_else(|| text(inner.state));
        let done = read::<bool>(described.done);
        let is_operation = kind.ends_with("operations") || done.is_some();
        let state = match (state, done) {
            (Some(state), _) => state,
            (None, Some(true)) => "DONE".to_owned(),
            (None, _) if is_operation => "RUNNING".to_owned(),
            _ => String::new(),
        };
        let expires =
            [described.expiration_time, described.expire_time, described.expire_time_in_snake_case];
        let expires = expires.into_iter().find_map(text).and_then(|time| moment(&time));
        let size = || text(described.size_bytes)?.parse().ok();
        let body = if object.len() > MOST_KEPT {
            json!({"name": name}).to_string()
        } else {
            object.to_owned()
        };
        Some(Self {
            body,
            state,
            expires,
            usual_end: usual_end(kind, now),
            display_name: text(described.display_name).or_else(|| text(inner.display_name)),
            mime: text(described.mime_type),
            size: read::<u64>(described.size_bytes).or_else(size),
            is_mention: false,
            name,
        })
    }

    /// What has this name, which must be that of a thing of its own.
    fn mention(name: &str, now: Timestamp) -> Option<Self> {
        let (kind, _) = name.rsplit_once('/')?;
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

/// Whether a name is that of a member of a list.
fn is_member(name: &str, kind: &str) -> bool {
    let id = name.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/'));
    id.is_some_and(is_id)
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

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
        assert_eq!(names(&film, None), [pair("models/veo/operations/o", "RUNNING")]);
        assert_eq!(names(&json!({"name": "tunedModels/t/permissions/p"}), None), []);
        let work = json!({"name": "gizmos/g/operations/o"});
        assert_eq!(names(&work, Some("gizmos")), [pair("gizmos/g", "")]);
        assert_eq!(names(&work, Some("widgets")), []);
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
    fn what_is_too_long_is_kept_by_its_name_only() {
        let answers = json!([{"response": {"candidates": "x".repeat(MOST_KEPT)}}]);
        let metadata = json!({"state": "BATCH_STATE_SUCCEEDED"});
        let response = json!({"inlinedResponses": {"inlinedResponses": answers}});
        let batch = json!({"name": "batches/b", "metadata": metadata, "response": response});
        let [batch] = told(batch.to_string().as_bytes(), None, NOW).try_into().unwrap();
        assert_eq!(batch.body, r#"{"name":"batches/b"}"#);
        assert_eq!(batch.state, "BATCH_STATE_SUCCEEDED");
        assert!(Told::may_change(&batch.state, &batch.body), "a list asks Google");
        let odd = json!({"name": 5, "id": "v1_x", "status": {}, "metadata": [], "done": "yes"});
        assert_eq!(names(&odd, Some("interactions")), [pair("interactions/v1_x", "")]);
    }

    #[test]
    fn ids_are_names_where_the_family_has_no_others() {
        let answer = json!({"id": "v1_x", "status": "in_progress"});
        let expected = [pair("interactions/v1_x", "in_progress")];
        assert_eq!(names(&answer, Some("interactions")), expected);
        let event = json!({"event_type": "interaction.created", "interaction": {"id": "v1_y"}});
        assert_eq!(names(&event, Some("interactions")), [pair("interactions/v1_y", "")]);
        assert_eq!(names(&answer, None), []);
        let new = json!({"name": "gizmos/g", "state": "READY"});
        assert_eq!(names(&new, Some("gizmos")), [pair("gizmos/g", "READY")]);
        assert_eq!(names(&new, Some("widgets")), []);
        assert_eq!(names(&json!({"id": "g"}), Some("gizmos")), [pair("gizmos/g", "")]);
    }
}
