//! The catalogue: every text that people read, in every language. A text that lacks a language
//! does not compile. One file a page.

pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod choices;
pub(crate) mod connect;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod heat;
pub(crate) mod jobs;
pub(crate) mod keyboard;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod models;
pub(crate) mod moving;
pub(crate) mod outcomes;
pub(crate) mod overview;
pub(crate) mod palette;
pub(crate) mod people;
pub(crate) mod play;
pub(crate) mod proxies;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod shell;
pub(crate) mod sign_in;
pub(crate) mod system;
pub(crate) mod tokens;
pub(crate) mod traffic;
pub(crate) mod views;

use std::fmt::Display;

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// The BCP 47 tag, as `lang` attributes and cookies have it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language of this tag, as far as its first part tells.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        match tag.trim().split(['-', '_', ';']).next()? {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` that there is.
    pub(crate) fn of_accept(header: &str) -> Option<Self> {
        header.split(',').find_map(Self::of_tag)
    }

    /// The one to switch to.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }
}

/// Defines the texts of a page: `name: "English", "中文";`. A `{}` stands for what [`fill`] puts
/// there.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($text:ident: $english:literal, $chinese:literal;)+ }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(crate) struct $name {
            $(pub(crate) $text: &'static str,)+
        }

        impl $name {
            const ENGLISH: Self = Self { $($text: $english,)+ };

            /// All of them, English beside Chinese.
            pub(crate) const ALL: &[(&str, &str)] = &[$(($english, $chinese),)+];

            const CHINESE: Self = Self { $($text: $chinese,)+ };

            /// The texts in this language.
            pub(crate) fn of(language: $crate::words::Language) -> &'static Self {
                match language {
                    $crate::words::Language::English => &Self::ENGLISH,
                    $crate::words::Language::Chinese => &Self::CHINESE,
                }
            }
        }

        #[cfg(test)]
        #[test]
        fn places_for_values_are_the_same_in_both_languages() {
            let places = |text: &str| text.matches("{}").count();
            $(assert_eq!(places($english), places($chinese), stringify!($text));)+
        }
    };
}
pub(crate) use words;

/// Every text of the console, English beside Chinese: for tests that look for what was not
/// translated.
pub fn catalogue() -> impl Iterator<Item = (&'static str, &'static str)> {
    let pages: [&[(&str, &str)]; 27] = [
        api::ApiWords::ALL,
        audit::AuditWords::ALL,
        choices::ChoicesWords::ALL,
        connect::ConnectWords::ALL,
        errors::ErrorsWords::ALL,
        files::FilesWords::ALL,
        heat::HeatWords::ALL,
        jobs::JobsWords::ALL,
        keyboard::KeyboardWords::ALL,
        keys::KeysWords::ALL,
        logs::LogsWords::ALL,
        models::ModelsWords::ALL,
        moving::MovingWords::ALL,
        outcomes::OutcomesWords::ALL,
        overview::OverviewWords::ALL,
        palette::PaletteWords::ALL,
        people::PeopleWords::ALL,
        play::PlayWords::ALL,
        proxies::ProxiesWords::ALL,
        settings::SettingsWords::ALL,
        setup::SetupWords::ALL,
        shell::ShellWords::ALL,
        sign_in::SignInWords::ALL,
        system::SystemWords::ALL,
        tokens::TokensWords::ALL,
        traffic::TrafficWords::ALL,
        views::ViewsWords::ALL,
    ];
    pages.into_iter().flatten().copied()
}

/// The text with `value` in its first place.
pub(crate) fn fill(text: &str, value: impl Display) -> String {
    text.replacen("{}", &value.to_string(), 1)
}

/// The text with values in its first two places.
pub(crate) fn fill2(text: &str, first: impl Display, second: impl Display) -> String {
    match text.split_once("{}") {
        Some((before, after)) => format!("{before}{first}{}", fill(after, second)),
        None => text.to_owned(),
    }
}

/// The text with values in its first three places.
pub(crate) fn fill3(
    text: &str,
    first: impl Display,
    second: impl Display,
    third: impl Display,
) -> String {
    match text.split_once("{}") {
        Some((before, after)) => format!("{before}{first}{}", fill2(after, second, third)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_of_a_browser_counts() {
        assert_eq!(Language::of_accept("fr, zh-TW;q=0.9, en"), Some(Language::Chinese));
        assert_eq!(Language::of_accept("en-GB,zh;q=0.5"), Some(Language::English));
        assert_eq!(Language::of_accept("fr"), None);
    }

    #[test]
    fn values_fill_their_places() {
        assert_eq!(fill("{} keys", 3), "3 keys");
        assert_eq!(fill2("{} of {}", "{}", 9), "{} of 9");
        assert_eq!(fill3("{}, {}, {}", 1, "{}", 3), "1, {}, 3");
    }
}
