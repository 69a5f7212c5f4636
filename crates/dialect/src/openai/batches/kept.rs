//! What must be kept of a batch's requests to translate their answers: the same for most lines, so
//! each is kept once, and Google gives its number back with the answer.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Request;
use crate::openai::{chat::ChatContext, embeddings::Embeddings};

/// All of a file's contexts may be so long.
const MOST: usize = 1 << 20;

/// What is kept of a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kept {
    Chat(Box<ChatContext>),
    Embeddings(Embeddings),
}

impl Kept {
    pub(super) fn of_chat(context: ChatContext) -> Self {
        Self::Chat(Box::new(context))
    }

    pub(super) fn of_embeddings(embeddings: Embeddings) -> Self {
        Self::Embeddings(embeddings.of_one())
    }

    pub(super) fn model(&self) -> &str {
        match self {
            Self::Chat(context) => context.model(),
            Self::Embeddings(embeddings) => embeddings.model(),
        }
    }
}

/// The requests of a file differ in too much to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// What is kept of all requests of a file.
#[derive(Debug, Default)]
pub struct Contexts {
    texts: Vec<String>,
    numbers: HashMap<String, usize>,
    size: usize,
}

impl Contexts {
    /// Keeps what the answer to a request needs. Gives the key by which Google names the answer, from
    /// which [`Answers`](super::Answers) reads both again.
    pub fn key(&mut self, request: &Request, custom_id: &str) -> Result<String, TooMany> {
        let text = serde_json::to_string(&request.kept).unwrap_or_default();
        let number = match self.numbers.get(&text) {
            Some(number) => *number,
            None if self.size + text.len() > MOST => return Err(TooMany),
            None => {
                self.size += text.len();
                self.texts.push(text.clone());
                self.numbers.insert(text, self.texts.len() - 1);
                self.texts.len() - 1
            }
        };
        Ok(format!("{number}-{custom_id}"))
    }

    /// What is to be kept until there are answers.
    pub fn into_texts(self) -> Vec<String> {
        self.texts
    }
}
