//! `groundingMetadata`: what Google searched for, found, and based the answer on.

use serde::Deserialize;

use crate::json::{Text, number::Integer};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
#[expect(clippy::struct_field_names, reason = "Google's names")]
pub(crate) struct Grounding<'a> {
    pub(crate) web_search_queries: Option<Vec<Text<'a>>>,
    pub(crate) grounding_chunks: Option<Vec<Chunk<'a>>>,
    pub(crate) grounding_supports: Option<Vec<Support<'a>>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Chunk<'a> {
    pub(crate) web: Option<Source<'a>>,
    pub(crate) maps: Option<Source<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Source<'a> {
    pub(crate) uri: Option<Text<'a>>,
    pub(crate) title: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct Support<'a> {
    pub(crate) segment: Option<Segment<'a>>,
    pub(crate) grounding_chunk_indices: Option<Vec<Integer>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(crate) struct Segment<'a> {
    pub(crate) part_index: Option<Integer>,
    pub(crate) start_index: Option<Integer>,
    pub(crate) end_index: Option<Integer>,
    pub(crate) text: Option<Text<'a>>,
}
