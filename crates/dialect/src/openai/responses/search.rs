//! What Google searched for.

use crate::{gemini::grounding::Grounding, json::Text};

/// Queries, and addresses of what was found.
pub(super) fn read(grounding: &str) -> (Vec<String>, Vec<String>) {
    let Ok(read) = serde_json::from_str::<Grounding<'_>>(grounding) else {
        return (Vec::new(), Vec::new());
    };
    let owned = |text: &Text<'_>| text.decode().into_owned();
    let queries = read.web_search_queries.iter().flatten().map(owned).collect();
    let chunks = read.grounding_chunks.iter().flatten();
    let found = chunks.filter_map(|chunk| chunk.web.as_ref()?.uri.as_ref()).map(owned).collect();
    (queries, found)
}
