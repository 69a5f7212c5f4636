//! What every page needs: who looks, in which language and light, and what is around the content.

mod palette;

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, HOST};
use http::request::Parts;
use store::SavedView;

use crate::access::{Identity, Views};
use crate::assets;
use crate::cookies;
use crate::words::Language;
use crate::words::keyboard::KeyboardWords;
use crate::words::outcomes::OutcomesWords;
use crate::words::palette::PaletteWords;
use crate::words::shell::ShellWords;
use crate::words::views::ViewsWords;

/// The frame of a page, as templates use it.
#[derive(Debug, Clone)]
pub(crate) struct Shell {
    pub(crate) language: Language,
    pub(crate) words: &'static ShellWords,
    /// `light`, `dark`, or nothing: then the system decides.
    pub(crate) theme: &'static str,
    /// The path, for marking where one is.
    pub(crate) path: String,
    /// Where the icons are fetched.
    icons: String,
    /// Who looks; nobody on the pages before signing in.
    pub(crate) identity: Option<Identity>,
    /// The filters that they have saved.
    pub(crate) views: Arc<[SavedView]>,
    /// Whether single keys do something in this browser.
    pub(crate) has_single_keys: bool,
}

/// An entry of the navigation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) path: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) label: &'static str,
}

impl Shell {
    /// Where an asset is fetched.
    #[expect(clippy::unused_self, reason = "templates ask the frame that they have")]
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// Where an icon is found, for `<use href>`.
    pub(crate) fn icon(&self, name: &str) -> String {
        format!("{}#{name}", self.icons)
    }

    /// Whether the one who looks may change things.
    pub(crate) fn may_change(&self) -> bool {
        self.identity.as_ref().is_some_and(Identity::may_change)
    }

    /// Whether a navigation entry leads to where one is.
    pub(crate) fn is_here(&self, entry: &Entry) -> bool {
        let path = self.path.trim_end_matches('/');
        path == entry.path
            || (entry.path != "/admin" && path.starts_with(&format!("{}/", entry.path)))
    }

    /// What became of requests, in words.
    pub(crate) fn outcomes(&self) -> &'static OutcomesWords {
        OutcomesWords::of(self.language)
    }

    /// What single keys do, in words.
    pub(crate) fn keyboard(&self) -> &'static KeyboardWords {
        KeyboardWords::of(self.language)
    }

    pub(crate) fn palette_words(&self) -> &'static PaletteWords {
        PaletteWords::of(self.language)
    }

    pub(crate) fn views_words(&self) -> &'static ViewsWords {
        ViewsWords::of(self.language)
    }

    /// The saved filters of a page.
    pub(crate) fn views_of(&self, page: &str) -> impl Iterator<Item = &SavedView> {
        self.views.iter().filter(move |view| view.page == page)
    }

    pub(crate) fn has_views(&self, page: &str) -> bool {
        self.views_of(page).next().is_some()
    }

    /// Those that stand in the navigation.
    pub(crate) fn pinned(&self) -> Vec<&SavedView> {
        self.views.iter().filter(|view| view.pinned).collect()
    }

    /// The navigation: headings with their entries.
    pub(crate) fn navigation(&self) -> [(&'static str, Vec<Entry>); 3] {
        Self::entries(self.words)
    }

    /// The same in a language.
    fn entries(w: &ShellWords) -> [(&'static str, Vec<Entry>); 3] {
        let entry = |path, icon, label| Entry { path, icon, label };
        [
            (
                w.pool,
                vec![
                    entry("/admin", "layout-dashboard", w.overview),
                    entry("/admin/keys", "key-round", w.keys),
                    entry("/admin/models", "boxes", w.models),
                    entry("/admin/proxies", "network", w.proxies),
                ],
            ),
            (
                w.usage,
                vec![
                    entry("/admin/tokens", "ticket", w.tokens),
                    entry("/admin/logs", "scroll-text", w.logs),
                    entry("/admin/errors", "triangle-alert", w.errors),
                    entry("/admin/files", "folder-open", w.files),
                    entry("/admin/play", "message-square", w.play),
                ],
            ),
            (
                w.admin,
                vec![
                    entry("/admin/jobs", "activity", w.jobs),
                    entry("/admin/settings", "settings", w.settings),
                    entry("/admin/audit", "shield-check", w.audit),
                    entry("/admin/api", "terminal", w.api),
                    entry("/admin/people", "users", w.people),
                    entry("/admin/system", "info", w.system),
                ],
            ),
        ]
    }
}

/// Where a saved filter leads.
pub(crate) fn address(view: &SavedView) -> String {
    format!("/admin/{}?{}", view.page, view.query)
}

/// Where clients reach this gateway, as the browser did.
pub(crate) fn base(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    format!("{scheme}://{}", text(HOST.as_str()).unwrap_or("127.0.0.1:8000"))
}

impl<S: Sync> FromRequestParts<S> for Shell {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let chosen = cookies::find(headers, "gb_language").and_then(Language::of_tag);
        let accepted = || {
            let header = parts.headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            Language::of_accept(header)
        };
        let language = chosen.or_else(accepted).unwrap_or(Language::English);
        let theme = match cookies::find(headers, "gb_theme") {
            Some("dark") => "dark",
            Some("light") => "light",
            _ => "",
        };
        Ok(Self {
            language,
            words: ShellWords::of(language),
            theme,
            icons: assets::address("vendor/lucide-1.62.0.svg"),
            path: parts.uri.path().to_owned(),
            identity: parts.extensions.get::<Identity>().cloned(),
            views: parts.extensions.get::<Views>().cloned().unwrap_or_default().0,
            has_single_keys: cookies::find(headers, "gb_keys") != Some("off"),
        })
    }
}
