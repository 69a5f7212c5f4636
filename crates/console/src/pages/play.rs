//! `/admin/play`: the playground, where requests are tried out as clients send them.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use keypool::{KeyId, KeyState, Platform};
use serde::Deserialize;
use settings::list_prices;
use store::{Conversation, Span, Store, StoreError, Subject};

use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::page::Page;
use crate::pool::{Key, each, find};
use crate::proxies;
use crate::shell::Shell;
use crate::traffic::Range;
use crate::words::play::PlayWords;

/// The most keys that can be chosen from; all others are reached by an address that names them.
const KEYS: usize = 200;

/// The most models that are suggested.
const MODELS: u64 = 100;

#[derive(Template)]
#[template(path = "play.html")]
pub(crate) struct PlayPage {
    shell: Shell,
    w: &'static PlayWords,
    tab: Tab,
    wanted: Wanted,
    models: Vec<String>,
    keys: Vec<Key>,
    tags: Vec<String>,
    /// Proxies that a request can be sent through: ids and addresses.
    proxies: Vec<(String, String)>,
    /// What whoever looks has kept, the newest first.
    kept: Vec<Conversation>,
    /// Whether a key can serve.
    has_keys: bool,
}

/// What the address says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    tab: String,
    dialect: String,
    model: String,
    /// Another model, to compare.
    second: String,
    system: String,
    key: String,
    tag: String,
    proxy: String,
    /// A conversation that was kept.
    id: String,
}

/// What is asked of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Chat,
    Image,
    Speech,
    Embedding,
    Transcription,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<PlayPage>, Error> {
    let Query(mut wanted) = wanted?;
    let Choice { keys, tags, has_keys } = Choice::read(&console, &wanted.key).await;
    let tab = Tab::ALL.into_iter().find(|tab| tab.name() == wanted.tab).unwrap_or(Tab::Chat);
    let models = models(&console.store).await?;
    if wanted.model.is_empty() {
        tab.usual_model(&console).clone_into(&mut wanted.model);
    }
    let w = PlayWords::of(shell.language);
    let proxies = proxies::open_choices(&console);
    let kept = console.store.conversations(&identity.actor).await?;
    Ok(Page(PlayPage { shell, w, tab, wanted, models, keys, tags, proxies, kept, has_keys }))
}

/// `POST /admin/play/conversations/{id}/forget`.
pub(crate) async fn forget(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    if !store.forget_conversation(&identity.actor, &id).await? {
        return Err(Error::NotFound("There is no such conversation of yours."));
    }
    Ok(Redirect::to("/admin/play"))
}

/// What can be chosen of the pool.
struct Choice {
    keys: Vec<Key>,
    tags: Vec<String>,
    /// Whether a key can serve.
    has_keys: bool,
}

impl Choice {
    /// The key that is `chosen` already comes first.
    async fn read(console: &Console, chosen: &str) -> Self {
        let now = relay::now();
        let (mut tags, mut has_keys) = (BTreeSet::new(), false);
        let mut ids = vec![KeyId::from(chosen)];
        each(&console.gateway, now, |key| {
            if key.platform != Platform::Gemini {
                return;
            }
            has_keys |= matches!(key.state, KeyState::Ready | KeyState::Cooling);
            for tag in key.tags {
                if !tags.contains(tag) {
                    tags.insert(tag.clone());
                }
            }
            if ids.len() <= KEYS && key.id.as_str() != chosen {
                ids.push(key.id.clone());
            }
        })
        .await;
        let shown = ids.iter().filter_map(|id| find(&console.gateway, id, now));
        let keys = shown.filter(|key| key.platform == Platform::Gemini).map(Key::new).collect();
        Self { keys, tags: tags.into_iter().collect(), has_keys }
    }
}

/// Models that were asked for lately, the busiest first, then those of the price list.
async fn models(store: &Store) -> Result<Vec<String>, StoreError> {
    let month = Range::Month.period(relay::now());
    let busy = store.busiest(Subject::Model, Span::Hour, month, MODELS).await?;
    let mut models: Vec<String> = busy.into_iter().map(|(model, _)| model).collect();
    let listed = list_prices().prices.iter().map(|price| price.model.as_str());
    for model in listed.filter(|model| !model.contains('*')) {
        if !models.iter().any(|known| known == model) {
            models.push(model.to_owned());
        }
    }
    Ok(models)
}

impl Tab {
    const ALL: [Self; 5] =
        [Self::Chat, Self::Image, Self::Speech, Self::Embedding, Self::Transcription];

    /// The name in addresses and requests.
    fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Image => "image",
            Self::Speech => "speech",
            Self::Embedding => "embedding",
            Self::Transcription => "transcription",
        }
    }

    fn label(self, w: &PlayWords) -> &'static str {
        match self {
            Self::Chat => w.chat,
            Self::Image => w.image,
            Self::Speech => w.speech,
            Self::Embedding => w.embedding,
            Self::Transcription => w.transcription,
        }
    }

    /// The model to begin with.
    fn usual_model(self, console: &Console) -> String {
        let fixed = match self {
            Self::Image => "gemini-2.5-flash-image",
            Self::Speech => "gemini-2.5-flash-preview-tts",
            Self::Embedding => "gemini-embedding-001",
            Self::Chat | Self::Transcription => {
                return console.gateway.configuration().settings.models.test_model.clone();
            }
        };
        fixed.to_owned()
    }
}

impl PlayPage {
    fn tabs(&self) -> [(Tab, &'static str); 5] {
        Tab::ALL.map(|tab| (tab, tab.label(self.w)))
    }

    fn is(&self, name: &str) -> bool {
        self.tab.name() == name
    }

    /// The APIs, by the name that requests have for them; the chosen one is marked.
    fn dialects(&self) -> [(&'static str, &'static str, bool); 4] {
        let all = [
            ("chat", "OpenAI Chat"),
            ("responses", "OpenAI Responses"),
            ("messages", "Anthropic"),
            ("gemini", "Gemini"),
        ];
        let chosen = all.iter().position(|(name, _)| *name == self.wanted.dialect).unwrap_or(0);
        let mut position = 0;
        all.map(|(name, label)| {
            position += 1;
            (name, label, position == chosen + 1)
        })
    }
}
