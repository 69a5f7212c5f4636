//! Names that the gateway offers beside Google's: aliases, and models with an ending that says how
//! they are asked.

use std::collections::HashMap;

use super::{
    changes::{Changes, Think},
    find,
};

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
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Google's name of the model.
    pub model: String,
    /// What the name asks for beside the model.
    pub changes: Changes,
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
    /// What is meant by a name, given without `models/`. A name that Google itself uses is never
    /// taken apart, nor is one whose ending is not offered.
    pub fn resolve(&self, asked: &str) -> Resolved {
        let name = self.aliases.get(asked).map_or(asked, String::as_str);
        let (model, endings) = self.take_apart(name);
        let mut changes = Changes {
            search: endings.contains(&Ending::Search),
            images: endings.contains(&Ending::Image),
            think: self.think(&model, &endings),
            show_thoughts: self.show_thoughts,
            ..Changes::default()
        };
        let plain = !changes.search && !changes.images && endings.is_empty();
        changes.code_execution = self.code_execution && plain;
        changes.url_context = self.url_context.contains(&model);
        if self.picture_chat().as_deref() == Some(name) {
            changes.images = true;
        }
        Resolved { model, changes }
    }

    fn take_apart(&self, name: &str) -> (String, Vec<Ending>) {
        if find(name).is_some() {
            return (name.to_owned(), Vec::new());
        }
        if self.picture_chat().as_deref() == Some(name) {
            let model = name.strip_suffix("-chat").unwrap_or(name);
            let gone = model.starts_with("imagen");
            return (if gone { PICTURES_NOW } else { model }.to_owned(), Vec::new());
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
            let Resolved { model, changes } = offers().resolve(asked);
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
    fn models_of_google_may_end_like_an_offer() {
        let offers = Offers { search: vec!["gemini-3.1-flash-image".into()], ..offers() };
        let Resolved { model, changes } = offers.resolve("gemini-3.1-flash-image-search");
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
