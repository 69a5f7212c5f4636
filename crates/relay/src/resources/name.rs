//! Names of what exists in one project only, as they stand in paths and bodies.

/// A collection of such things.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Family {
    /// As it stands in names: `files`.
    pub(crate) collection: &'static str,
    /// The field of a list that holds its members.
    pub(crate) list: &'static str,
    /// Whether members may have been made otherwise than through the gateway: by Google itself, or
    /// in AI Studio. Those are anybody's; of the others an unknown name is nobody's.
    pub(crate) has_strangers: bool,
}

const fn ours(collection: &'static str) -> Family {
    Family { collection, list: collection, has_strangers: false }
}

const fn open(collection: &'static str) -> Family {
    Family { collection, list: collection, has_strangers: true }
}

const FAMILIES: [Family; 18] = [
    ours("files"),
    ours("cachedContents"),
    Family { collection: "batches", list: "operations", has_strangers: false },
    ours("operations"),
    ours("fileSearchStores"),
    ours("corpora"),
    ours("generatedFiles"),
    ours("interactions"),
    ours("environments"),
    ours("triggers"),
    ours("webhooks"),
    ours("credentials"),
    ours("auth_tokens"),
    // Of the OpenAI-compatible layer.
    ours("videos"),
    // Made of nothing, and kept nowhere: only passed through.
    ours("decisions"),
    open("tunedModels"),
    open("agents"),
    open("voices"),
];

/// Collections that Google has added since: what is made in them is bound like the rest.
static OTHERS: Family = open("others");

/// Below a version, and no collections of what clients make; nor is the beginning of an
/// administrator's address.
const NO_COLLECTIONS: [&str; 5] = ["models", "dynamic", "openai", "upload", "api"];

/// Kinds in the register that are the gateway's own, so that no path leads to them.
pub(crate) const UPLOADS: &str = "uploads";
pub(crate) const FILE_COPIES: &str = "fileCopies";
pub(crate) const BATCH_INPUTS: &str = "batchInputs";
pub(crate) const BATCH_OUTPUTS: &str = "batchOutputs";
pub(crate) const OPENAI_BATCHES: &str = "openaiBatches";

const OWN_KINDS: [&str; 5] = [UPLOADS, FILE_COPIES, BATCH_INPUTS, BATCH_OUTPUTS, OPENAI_BATCHES];

const LONGEST_COLLECTION: usize = 64;

/// Names longer than this are nobody's.
const LONGEST_ID: usize = 1024;

/// Where a path below the API's version leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ResourcePath<'a> {
    pub(crate) family: &'static Family,
    /// The list: `files`, `models/veo/operations`.
    pub(crate) kind: &'a str,
    /// The name that is bound to a project: `files/abc`. None for the list itself.
    pub(crate) root: Option<&'a str>,
    /// Whether it is about something below the root.
    pub(crate) is_below: bool,
    /// What follows the colon: `download`.
    pub(crate) method: Option<&'a str>,
}

impl Family {
    /// Whether nothing is known of its collection but what answers have told.
    pub(crate) fn is_new(&self) -> bool {
        self.collection == OTHERS.collection
    }
}

impl<'a> ResourcePath<'a> {
    /// Reads a path without its version; `None` if it is about none of the families.
    pub(crate) fn parse(rest: &'a str) -> Option<Self> {
        let (path, method) = without_method(rest);
        let kind = kind_of(path)?;
        let family = family(kind.rsplit('/').next()?)?;
        Self::within(family, kind, path, method)
    }

    /// The same, also for collections that nobody knew when this was written.
    pub(crate) fn parse_any(rest: &'a str) -> Option<Self> {
        let (path, method) = without_method(rest);
        let collection = path.split('/').next()?;
        if family(collection).is_some() || !is_collection(collection) {
            return Self::parse(rest);
        }
        Self::within(&OTHERS, collection, path, method)
    }

    /// The field of a list that holds its members.
    pub(crate) fn list_field(&self) -> &'a str {
        if self.family.is_new() { self.kind } else { self.family.list }
    }

    fn within(
        family: &'static Family,
        kind: &'a str,
        path: &'a str,
        method: Option<&'a str>,
    ) -> Option<Self> {
        let Some(tail) = path[kind.len()..].strip_prefix('/') else {
            return Some(Self { family, kind, root: None, is_below: false, method });
        };
        let id = tail.split('/').next().filter(|id| is_id(id))?;
        let root = &path[..kind.len() + 1 + id.len()];
        let is_below = root.len() < path.len();
        Some(Self { family, kind, root: Some(root), is_below, method })
    }
}

/// A path and what follows its last colon.
fn without_method(rest: &str) -> (&str, Option<&str>) {
    let last = rest.rfind('/').map_or(0, |slash| slash + 1);
    match rest[last..].split_once(':') {
        Some((id, method)) => (&rest[..last + id.len()], Some(method)),
        None => (rest, None),
    }
}

/// Whether this may be the name of a collection.
fn is_collection(name: &str) -> bool {
    name.len() <= LONGEST_COLLECTION
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && !NO_COLLECTIONS.contains(&name)
        && !OWN_KINDS.contains(&name)
}

/// The family of a collection.
pub(crate) fn family(collection: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.collection == collection)
}

/// The list at the beginning of a path, with the model of a model's operations.
fn kind_of(path: &str) -> Option<&str> {
    let mut ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let first = ends.next()?;
    if &path[..first] != "models" {
        return path.get(..first);
    }
    let (model, third) = (ends.next()?, ends.next()?);
    (path.get(model..third) == Some("/operations")).then(|| &path[..third])
}

/// The kind of a name that stands for a thing of its own, and not for a part of another.
pub(crate) fn kind_of_root(name: &str) -> Option<&str> {
    let path = ResourcePath::parse(name)?;
    (path.root == Some(name)).then_some(path.kind)
}

/// Whether this may be the last part of a name.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(is_id_byte)
}

pub(super) fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~=".contains(&byte)
}

/// All collections that have members.
pub(super) fn collections() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().map(|family| family.collection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_what_is_bound() {
        for (path, kind, root, is_below, method) in [
            ("files", "files", None, false, None),
            ("files:register", "files", None, false, Some("register")),
            ("files/a-1", "files", Some("files/a-1"), false, None),
            ("files/a:download", "files", Some("files/a"), false, Some("download")),
            ("interactions/v1_x/cancel", "interactions", Some("interactions/v1_x"), true, None),
            (
                "fileSearchStores/s/documents/d",
                "fileSearchStores",
                Some("fileSearchStores/s"),
                true,
                None,
            ),
            (
                "fileSearchStores/s/upload/operations/o",
                "fileSearchStores",
                Some("fileSearchStores/s"),
                true,
                None,
            ),
            ("models/veo/operations", "models/veo/operations", None, false, None),
            (
                "models/veo/operations/o",
                "models/veo/operations",
                Some("models/veo/operations/o"),
                false,
                None,
            ),
            ("batches/b:cancel", "batches", Some("batches/b"), false, Some("cancel")),
        ] {
            let read = ResourcePath::parse(path).unwrap();
            assert_eq!((read.kind, read.root), (kind, root), "{path}");
            assert_eq!((read.is_below, read.method), (is_below, method), "{path}");
        }
        for path in ["models/m", "models/m:generateContent", "files/", "files/a b", "x/y"] {
            assert_eq!(ResourcePath::parse(path), None, "{path}");
        }
        for (path, root) in [
            ("gizmos", None),
            ("gizmos/g/parts/p:turn", Some("gizmos/g")),
            ("files/a", Some("files/a")),
        ] {
            assert_eq!(ResourcePath::parse_any(path).unwrap().root, root, "{path}");
        }
        for path in ["models/m", "openai/x", "v1beta/models", "gizmos/", "Gizmos/g", "files/a b"] {
            assert_eq!(ResourcePath::parse_any(path), None, "{path}");
        }
        for kind in OWN_KINDS {
            assert_eq!(ResourcePath::parse_any(kind), None, "{kind}");
            assert_eq!(ResourcePath::parse_any(&format!("{kind}/a")), None, "{kind}");
        }
        assert_eq!(kind_of_root("files/a"), Some("files"));
        for part in ["files", "fileSearchStores/s/documents/d", "files/a:download", "operation"] {
            assert_eq!(kind_of_root(part), None, "{part}");
        }
    }
}
