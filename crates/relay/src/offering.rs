//! What the administrator offers beside Google's models and adds to chats, in the dialects' terms.

use dialect::anthropic::Aliases;
use dialect::anthropic::messages;
use dialect::gemini::SafetySetting;
use dialect::models::{Additions, BuiltIns, Offers, strip_prefix};
use dialect::openai::{chat, embeddings, images, responses, speech, transcription};
use dialect::typing::Typing;
use settings::{Settings, Tool};

use crate::fetching::Reading;

/// Made once for a configuration.
#[derive(Debug)]
pub(crate) struct Offering {
    /// Names that only the gateway knows.
    pub(crate) offers: Offers,
    /// Which Gemini model stands for a name of Claude.
    pub(crate) claude: Aliases,
    /// How the text of streams is typed, if it is.
    pub(crate) typing: Option<Typing>,
    safety_settings: Vec<SafetySetting>,
    hide_thoughts: bool,
    list_sources: bool,
    speech: settings::Speech,
}

impl Offering {
    pub(crate) fn new(settings: &Settings) -> Self {
        let generation = &settings.generation;
        Self {
            offers: offers(settings),
            claude: claude(settings),
            typing: settings.stream.typing.as_ref().map(typing),
            safety_settings: safety(&generation.safety),
            hide_thoughts: !generation.show_thoughts,
            list_sources: generation.list_sources,
            speech: settings.speech.clone(),
        }
    }

    /// How OpenAI's chats are translated.
    pub(crate) fn chat_options<'o>(&'o self, reading: Reading<'o>) -> chat::Options<'o> {
        chat::Options {
            media: reading.media,
            additions: self.additions(reading.turn),
            hide_thoughts: self.hide_thoughts,
            list_sources: self.list_sources,
            fan_out: true,
            ..chat::Options::default()
        }
    }

    /// How requests for embeddings are translated.
    pub(crate) fn embeddings_options<'o>(
        &'o self,
        reading: Reading<'o>,
    ) -> embeddings::Options<'o> {
        embeddings::Options { media: reading.media, additions: self.additions(reading.turn) }
    }

    /// How requests for pictures are translated, for the model whose turn it is.
    pub(crate) fn images_options(&self, turn: usize, links: bool) -> images::Options<'_> {
        images::Options { additions: self.additions(turn), links }
    }

    /// How requests for responses are translated.
    pub(crate) fn responses_options<'o>(&'o self, reading: Reading<'o>) -> responses::Options<'o> {
        responses::Options { media: reading.media, additions: self.additions(reading.turn) }
    }

    /// How requests for speech are translated.
    pub(crate) fn speech_options(&self, turn: usize) -> speech::Options<'_> {
        speech::Options {
            model: &self.speech.model,
            voice: &self.speech.voice,
            pace: match self.speech.pace {
                settings::Pace::Slow => speech::Pace::Slow,
                settings::Pace::Normal => speech::Pace::Normal,
                settings::Pace::Fast => speech::Pace::Fast,
            },
            additions: self.additions(turn),
        }
    }

    /// How requests for transcripts are translated.
    pub(crate) fn transcription_options(&self, turn: usize) -> transcription::Options<'_> {
        transcription::Options {
            transcriber: &self.speech.transcriber,
            translator: &self.speech.translator,
            additions: self.additions(turn),
        }
    }

    /// How Anthropic's messages are translated.
    pub(crate) fn messages_options<'o>(&'o self, reading: Reading<'o>) -> messages::Options<'o> {
        let (media, additions) = (reading.media, self.additions(reading.turn));
        messages::Options { media, additions, ..messages::Options::new(&self.claude) }
    }

    fn additions(&self, turn: usize) -> Additions<'_> {
        Additions { offers: Some(&self.offers), safety_settings: &self.safety_settings, turn }
    }
}

fn safety(settings: &[settings::SafetySetting]) -> Vec<SafetySetting> {
    let each = settings.iter().map(|one| SafetySetting {
        category: one.category.clone(),
        threshold: one.threshold.clone(),
    });
    each.collect()
}

fn built_ins(tools: &[Tool]) -> BuiltIns {
    BuiltIns {
        search: tools.contains(&Tool::GoogleSearch),
        code_execution: tools.contains(&Tool::CodeExecution),
        url_context: tools.contains(&Tool::UrlContext),
    }
}

fn typing(typing: &settings::Typing) -> Typing {
    let settings::Typing { min_delay, max_delay, short, long, piece } = *typing;
    Typing { min_delay, max_delay, short, long, piece }
}

fn claude(settings: &Settings) -> Aliases {
    let chosen = &settings.models.claude;
    if chosen.is_empty() {
        return Aliases::default();
    }
    Aliases::new(chosen.iter().map(|(name, model)| (name.clone(), model.clone())))
}

fn plain_name(name: &str) -> String {
    strip_prefix(name).to_owned()
}

fn offers(settings: &Settings) -> Offers {
    let (models, generation) = (&settings.models, &settings.generation);
    let plain = |name: &String| plain_name(name);
    let names = |names: &[String]| names.iter().map(plain).collect();
    let aliases = models.aliases.iter().map(|(alias, model)| (plain(alias), plain(model)));
    let budgets = generation.thinking_budgets.iter().map(|(name, tokens)| (plain(name), *tokens));
    Offers {
        aliases: aliases.collect(),
        search: names(&models.search),
        images: names(&models.images),
        thinking: names(&models.thinking),
        budgets: budgets.collect(),
        show_thoughts: generation.show_thoughts,
        picture_model: settings.pictures.model.as_deref().map(plain_name),
        code_execution: generation.code_execution,
        url_context: names(&generation.url_context),
        tools: generation
            .model_tools
            .iter()
            .map(|(name, tools)| (name.clone(), built_ins(tools)))
            .collect(),
        safety_settings: generation
            .model_safety
            .iter()
            .map(|(name, own)| (name.clone(), safety(own)))
            .collect(),
        fallbacks: models.fallbacks.iter().map(|(name, next)| (plain(name), names(next))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use dialect::openai::speech::VOICES;
    use settings::Kind;

    /// Neither crate may know the other.
    #[test]
    fn the_voices_that_can_be_set_are_those_that_can_be_asked_for() {
        let Some(Kind::Choice(set)) = settings::find("TTS_VOICE_NAME").map(|voice| voice.kind)
        else {
            panic!("TTS_VOICE_NAME is no choice")
        };
        assert_eq!(set, VOICES);
    }
}
