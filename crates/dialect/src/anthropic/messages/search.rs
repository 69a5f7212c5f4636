//! What Google searched for and found, as the blocks of Anthropic's web search.

use serde::Serialize;

use crate::{
    gemini::grounding::Grounding,
    json::{self, Text},
    stamp::Ids,
};

/// Searches that were made for an answer.
#[derive(Debug, Default)]
pub(super) struct Searches {
    queries: Vec<String>,
    results: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Found {
    r#type: &'static str,
    url: String,
    title: String,
    encrypted_content: &'static str,
    page_age: Option<&'static str>,
}

#[derive(Serialize)]
struct Call<'a> {
    r#type: &'static str,
    id: &'a str,
    name: &'static str,
    input: Input<'a>,
    caller: Caller,
}

/// Who made a call: here always the model itself.
#[derive(Serialize)]
struct Caller {
    r#type: &'static str,
}

const MODEL: Caller = Caller { r#type: "direct" };

#[derive(Serialize)]
struct Input<'a> {
    query: &'a str,
}

#[derive(Serialize)]
struct Results<'a> {
    r#type: &'static str,
    tool_use_id: &'a str,
    content: &'a [Found],
    caller: Caller,
}

impl Searches {
    /// Reads `groundingMetadata`; `None` where it tells of no search.
    pub(super) fn read(grounding: &str) -> Option<Self> {
        let grounding: Grounding<'_> = serde_json::from_str(grounding).ok()?;
        let decoded = |text: &Text<'_>| text.decode().into_owned();
        let chunks = grounding.grounding_chunks.into_iter().flatten();
        let found = chunks.filter_map(|chunk| chunk.web).filter_map(|web| {
            Some(Found {
                r#type: "web_search_result",
                url: decoded(&web.uri?),
                title: web.title.as_ref().map(decoded).unwrap_or_default(),
                encrypted_content: "",
                page_age: None,
            })
        });
        let queries = grounding.web_search_queries.iter().flatten();
        let searches = Self { queries: queries.map(decoded).collect(), results: found.collect() };
        let none = searches.queries.is_empty() && searches.results.is_empty();
        (!none).then_some(searches)
    }

    /// How many searches there were.
    pub(super) fn count(&self) -> u64 {
        self.queries.len().max(1) as u64
    }

    /// The blocks, each as JSON: a call and its results for every query. Google does not say which
    /// query found what, so the first has all results.
    pub(super) fn blocks(&self, ids: &mut Ids) -> Vec<Vec<u8>> {
        let queries = if self.queries.is_empty() { &[String::new()] } else { &*self.queries };
        let mut blocks = Vec::with_capacity(2 * queries.len());
        let mut results = self.results.as_slice();
        for query in queries {
            let id = format!("srv{}", ids.choose(None));
            let input = Input { query };
            let call = Call {
                r#type: "server_tool_use",
                id: &id,
                name: "web_search",
                input,
                caller: MODEL,
            };
            blocks.push(json::to_vec(&call));
            let kind = "web_search_tool_result";
            let found = Results { r#type: kind, tool_use_id: &id, content: results, caller: MODEL };
            blocks.push(json::to_vec(&found));
            results = &[];
        }
        blocks
    }
}
