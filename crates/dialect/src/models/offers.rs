//! Names that the gateway offers beside Google's: aliases, and models with an ending that says how
//! they are asked.

use std::collections::HashMap;

use super::{
    Patterns,
    changes::{Changes, Think},
    find,
};
use crate::gemini::SafetySetting;

/// Which names are offered beside Google's own, and what goes with a model's name. Model names are
/// without `models/` and without endings.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    /// Other names for models (`MODEL_ALIASES`): alias to model, which may have an ending.
    pub aliases: HashMap<String, String>,
    /// Models offered with `-search`: with Google Search (`SEARCH_MODELS`).
    pub search: Vec<String>,
    /// Models offered with `-image`: may answer with pictures (`IMAGE_MODELS`).
    pub images: Vec<String>,
    /// Models offered with `-non-thinking`, `-nothinking` and `-thinking` (`THINKING_MODELS`).
    pub thinking: Vec<String>,
    /// How much models think where the client does not say (`THINKING_BUDGET_MAP`), in tokens; a
    /// negative number leaves it to the model.
    pub budgets: HashMap<String, i32>,
    /// Thoughts are asked for where the gateway decides about thinking (`SHOW_THINKING_PROCESS`).
    pub show_thoughts: bool,
    /// The model that makes pictures (`CREATE_IMAGE_MODEL`), offered with `-chat`.
    pub picture_model: Option<String>,
    /// Every model may run code (`TOOLS_CODE_EXECUTION_ENABLED`).
    pub code_execution: bool,
    /// Models that may read URLs (`URL_CONTEXT_MODELS`, if `URL_CONTEXT_ENABLED`).
    pub url_context: Vec<String>,
    /// Google's tools that are added for a model (`MODEL_TOOLS`); goes before the two above.
    pub tools: Patterns<BuiltIns>,
    /// For requests to a model that bring no safety settings (`MODEL_SAFETY_SETTINGS`).
    pub safety_settings: Patterns<Vec<SafetySetting>>,
    /// Models, or aliases, to those that may answer in their place (`MODEL_FALLBACKS`).
    pub fallbacks: HashMap<String, Vec<String>>,
}

/// Which of Google's own tools are added where a request can have them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BuiltIns {
    /// Google Search.
    pub search: bool,
    /// Running code.
    pub code_execution: bool,
    /// Reading URLs.
    pub url_context: bool,
}

/// What a name stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Google's name of the model.
    pub model: String,
    /// What the name asks for beside the model.
    pub changes: Changes,
    /// How many models may answer if this one cannot.
    pub more_models: usize,
}

/// What an ending asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Search,
    Image,
    NonThinking,
    Thinking,
}

/// Endings by how they are spelled; the first spelling of each is the one that is listed. Longer
/// ones come before those that they end in.
const ENDINGS: [(&str, Ending); 5] = [
    ("-search", Ending::Search),
    ("-image", Ending::Image),
    ("-non-thinking", Ending::NonThinking),
    ("-nothinking", Ending::NonThinking),
    ("-thinking", Ending::Thinking),
];

/// What replaced Google's former makers of pictures.
const PICTURES_NOW: &str = "gemini-3.1-flash-image";

impl Offers {
    /// What is meant by a name, given without `models/`, or by its fallback of that turn. A name
    /// that Google itself uses is never taken apart, nor is one whose ending is not offered. What
    /// an ending asks for is asked of the fallbacks, too.
    pub fn resolve(&self, asked: &str, turn: usize) -> Resolved {
        let name = self.meant(asked);
        let (model, endings) = self.take_apart(name);
        let fallbacks = self.fallbacks_of(asked, &model);
        let more_models = fallbacks.len().saturating_sub(turn);
        let fallback = turn.checked_sub(1).and_then(|at| fallbacks.get(at));
        let Some(fallback) = fallback.map(|fallback| self.meant(fallback)) else {
            return Resolved { changes: self.changes(name, &model, &endings), model, more_models };
        };
        let (model, more) = self.take_apart(fallback);
        let endings = [endings, more].concat();
        Resolved { changes: self.changes(fallback, &model, &endings), model, more_models }
    }

    /// The model that makes pictures where the client names none, or one of another company.
    pub fn maker_of_pictures(&self) -> &str {
        let chosen = self.picture_model.as_deref();
        // Google has switched Imagen off.
        chosen.filter(|model| !model.starts_with("imagen")).unwrap_or(PICTURES_NOW)
    }

    /// What an alias stands for; any other name stands for itself.
    fn meant<'n>(&'n self, name: &'n str) -> &'n str {
        self.aliases.get(name).map_or(name, String::as_str)
    }

    /// Those of the name itself go before those of the model.
    fn fallbacks_of(&self, asked: &str, model: &str) -> &[String] {
        let found = self.fallbacks.get(asked).or_else(|| self.fallbacks.get(model));
        found.map_or(&[], Vec::as_slice)
    }

    fn changes(&self, name: &str, model: &str, endings: &[Ending]) -> Changes {
        let plain = endings.is_empty();
        let images = endings.contains(&Ending::Image);
        let tools = self.tools.get(model).copied().unwrap_or(BuiltIns {
            search: false,
            code_execution: self.code_execution && plain,
            url_context: self.url_context.iter().any(|known| known == model),
        });
        Changes {
            search: endings.contains(&Ending::Search),
            may_search: tools.search && !images,
            images: images || self.picture_chat().as_deref() == Some(name),
            think: self.think(model, endings),
            show_thoughts: self.show_thoughts,
            code_execution: tools.code_execution && !images,
            url_context: tools.url_context,
        }
    }

    /// What is set for a model whatever API it is asked by; of a request that names Google's model
    /// in Google's own API this is all that is changed.
    pub fn of_model(&self, model: &str) -> Changes {
        let tools = self.tools.get(model).copied().unwrap_or_default();
        Changes {
            may_search: tools.search,
            code_execution: tools.code_execution,
            url_context: tools.url_context,
            ..Changes::default()
        }
    }

    fn take_apart(&self, name: &str) -> (String, Vec<Ending>) {
        if find(name).is_some() {
            return (name.to_owned(), Vec::new());
        }
        if self.picture_chat().as_deref() == Some(name) {
            return (self.maker_of_pictures().to_owned(), Vec::new());
        }
        let (mut model, mut endings) = (name, Vec::new());
        while let Some((rest, ending)) = split(model) {
            model = rest;
            endings.push(ending);
            let offered =
                |ending: &Ending| self.offered(*ending).iter().any(|known| known == model);
            if endings.iter().all(offered) {
                return (model.to_owned(), endings);
            }
        }
        (name.to_owned(), Vec::new())
    }

    fn offered(&self, ending: Ending) -> &[String] {
        match ending {
            Ending::Search => &self.search,
            Ending::Image => &self.images,
            Ending::NonThinking | Ending::Thinking => &self.thinking,
        }
    }

    fn think(&self, model: &str, endings: &[Ending]) -> Option<Think> {
        if endings.contains(&Ending::NonThinking) {
            return Some(Think::Least);
        }
        let budget = self.budgets.get(model).copied().map(|tokens| match u32::try_from(tokens) {
            Ok(tokens) => Think::Tokens(tokens),
            Err(_) => Think::Freely,
        });
        budget.or_else(|| endings.contains(&Ending::Thinking).then_some(Think::Freely))
    }

    fn picture_chat(&self) -> Option<String> {
        self.picture_model.as_ref().map(|model| format!("{model}-chat"))
    }

    /// The names that are offered beside a model that Google lists (without `models/`), each with
    /// what goes behind its title in a list.
    pub fn beside(&self, model: &str) -> Vec<(String, &'static str)> {
        let mut names = Vec::new();
        for (list, ending, title) in [
            (&self.search, "-search", " For Search"),
            (&self.images, "-image", " For Image"),
            (&self.thinking, "-non-thinking", " Non Thinking"),
        ] {
            let name = format!("{model}{ending}");
            if list.iter().any(|known| known == model) && find(&name).is_none() {
                names.push((name, title));
            }
        }
        names
    }

    /// The names that are offered beside all models of a list, whose names `listed` tells.
    pub fn beside_all(&self, listed: &dyn Fn(&str) -> bool) -> Vec<String> {
        let meant = |name: &str| listed(&self.take_apart(name).0);
        let mut names: Vec<String> = self
            .aliases
            .iter()
            .filter(|(alias, name)| meant(name) && !listed(alias))
            .map(|(alias, _)| alias.clone())
            .collect();
        names.sort_unstable();
        names.extend(self.picture_chat().filter(|name| meant(name)));
        names
    }
}

fn split(name: &str) -> Option<(&str, Ending)> {
    ENDINGS.iter().find_map(|(text, ending)| {
        name.strip_suffix(text).filter(|rest| !rest.is_empty()).map(|rest| (rest, *ending))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers() -> Offers {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Offers {
            aliases: HashMap::from([("gpt-4o".to_owned(), "gemini-2.5-flash-search".to_owned())]),
            search: names(&["gemini-2.5-flash", "gemini-2.5-pro"]),
            images: names(&["gemini-2.5-flash", "gemini-3.1-flash"]),
            thinking: names(&["gemini-2.5-flash"]),
            budgets: HashMap::from([
                ("gemini-2.5-flash".to_owned(), 500),
                ("gemini-2.5-pro".to_owned(), -1),
            ]),
            picture_model: Some("imagen-3.0-generate-002".to_owned()),
            code_execution: true,
            url_context: names(&["gemini-2.5-pro"]),
            ..Offers::default()
        }
    }

    #[test]
    fn names_are_taken_apart_where_they_are_offered() {
        let told = |asked: &str| {
            let Resolved { model, changes, .. } = offers().resolve(asked, 0);
            let marks = [
                changes.search.then(|| "search".to_owned()),
                changes.images.then(|| "images".to_owned()),
                changes.think.map(|think| format!("{think:?}")),
                changes.code_execution.then(|| "code".to_owned()),
                changes.url_context.then(|| "urls".to_owned()),
            ];
            format!(
                "{asked} = {model} {}",
                marks.into_iter().flatten().collect::<Vec<_>>().join(" ")
            )
        };
        let names = [
            "gemini-2.5-flash",
            "gemini-2.5-flash-search",
            "gemini-2.5-flash-search-non-thinking",
            "gemini-2.5-flash-non-thinking-search",
            "gemini-2.5-flash-nothinking",
            "gemini-2.5-flash-thinking",
            "gemini-2.5-pro",
            "gemini-2.5-pro-search",
            "gemini-2.5-pro-image",
            "gemini-2.5-pro-non-thinking",
            "gemini-2.5-flash-image",
            "gemini-3.1-flash-image",
            "gpt-4o",
            "imagen-3.0-generate-002-chat",
            "-search",
        ];
        insta::assert_snapshot!(names.map(told).join("\n"), @r#"gemini-2.5-flash = gemini-2.5-flash Tokens(500) code
gemini-2.5-flash-search = gemini-2.5-flash search Tokens(500)
gemini-2.5-flash-search-non-thinking = gemini-2.5-flash search Least
gemini-2.5-flash-non-thinking-search = gemini-2.5-flash search Least
gemini-2.5-flash-nothinking = gemini-2.5-flash Least
gemini-2.5-flash-thinking = gemini-2.5-flash Tokens(500)
gemini-2.5-pro = gemini-2.5-pro Freely code urls
gemini-2.5-pro-search = gemini-2.5-pro search Freely urls
gemini-2.5-pro-image = gemini-2.5-pro-image code
gemini-2.5-pro-non-thinking = gemini-2.5-pro-non-thinking code
gemini-2.5-flash-image = gemini-2.5-flash-image code
gemini-3.1-flash-image = gemini-3.1-flash-image code
gpt-4o = gemini-2.5-flash search Tokens(500)
imagen-3.0-generate-002-chat = gemini-3.1-flash-image images code
-search = -search code"#);
    }

    #[test]
    fn fallbacks_keep_what_the_name_asks_for() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let fallbacks = HashMap::from([
            ("gemini-2.5-pro".to_owned(), list(&["gpt-4o", "gemini-3.8-flash"])),
            ("gpt-4o".to_owned(), list(&["gemini-3.8-flash"])),
        ]);
        let offers = Offers { fallbacks, ..offers() };
        let told = |asked: &str, turn: usize| {
            let Resolved { model, changes, more_models } = offers.resolve(asked, turn);
            format!("{model} {} {more_models}", changes.search)
        };
        assert_eq!(told("gemini-2.5-pro", 0), "gemini-2.5-pro false 2");
        assert_eq!(told("gemini-2.5-pro", 1), "gemini-2.5-flash true 1");
        assert_eq!(told("gemini-2.5-pro-search", 2), "gemini-3.8-flash true 0");
        assert_eq!(told("gpt-4o", 1), "gemini-3.8-flash true 0", "the alias has its own");
        assert_eq!(told("gemini-3.8-flash", 0), "gemini-3.8-flash false 0");
    }

    #[test]
    fn tools_of_a_model_go_before_those_of_all() {
        let search = BuiltIns { search: true, ..BuiltIns::default() };
        let tools = [("gemini-2.5-pro".to_owned(), search), ("gemini-3*".to_owned(), search)];
        let offers = Offers { tools: tools.into_iter().collect(), ..offers() };
        let told = |name: &str| {
            let changes = offers.resolve(name, 0).changes;
            (changes.search, changes.may_search, changes.code_execution, changes.url_context)
        };
        assert_eq!(told("gemini-2.5-pro"), (false, true, false, false));
        assert_eq!(told("gemini-2.5-pro-search"), (true, true, false, false));
        assert_eq!(told("gemini-2.5-flash"), (false, false, true, false));
        assert!(offers.of_model("gemini-2.5-flash").is_empty(), "Google's own API");
        assert!(offers.of_model("gemini-3.8-flash").may_search);
    }

    #[test]
    fn models_of_google_may_end_like_an_offer() {
        let offers = Offers { search: vec!["gemini-3.1-flash-image".into()], ..offers() };
        let Resolved { model, changes, .. } = offers.resolve("gemini-3.1-flash-image-search", 0);
        assert_eq!((model.as_str(), changes.search), ("gemini-3.1-flash-image", true));
        assert!(!changes.images);
    }

    #[test]
    fn lists_name_what_is_offered_but_nothing_of_googles_twice() {
        let offers = offers();
        let names: Vec<String> =
            offers.beside("gemini-2.5-flash").into_iter().map(|(name, _)| name).collect();
        // `gemini-2.5-flash-image` is a model of Google.
        assert_eq!(names, ["gemini-2.5-flash-search", "gemini-2.5-flash-non-thinking"]);
        assert!(offers.beside("gemini-3.8-flash").is_empty());
        assert_eq!(offers.beside_all(&|name| name == "gemini-2.5-flash"), ["gpt-4o"]);
        assert_eq!(
            offers.beside_all(&|name| name == "gemini-3.1-flash-image"),
            ["imagen-3.0-generate-002-chat"]
        );
    }
}
