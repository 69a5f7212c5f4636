//! What the palette offers: every page, the lists that people look for most, and what is done often.

use super::{Entry, Shell, address};
use crate::pool::Standing;
use crate::words::palette::PaletteWords;
use crate::words::shell::ShellWords;

/// Something that can be chosen.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) icon: &'static str,
    pub(crate) label: String,
    /// Under which heading it stands.
    pub(crate) heading: &'static str,
    /// Where it leads; a button's selector after a `!` is pressed instead.
    pub(crate) leads_to: String,
    /// What else it is found by: its address, and its name in the other language.
    pub(crate) words: String,
}

impl Shell {
    /// Everything that the palette offers.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let other = ShellWords::of(self.language.other());
        let pages = self.navigation().into_iter().zip(Self::entries(other));
        let pages = pages.flat_map(|((heading, own), (_, foreign))| {
            let both = own.into_iter().zip(foreign);
            both.map(move |(own, foreign)| page(heading, &own, &foreign))
        });
        let w = PaletteWords::of(self.language);
        let views = self.views.iter().map(|view| Choice {
            icon: "filter",
            label: view.name.clone(),
            heading: self.views_words().title,
            leads_to: address(view),
            words: view.query.clone(),
        });
        pages.chain(self.states(w)).chain(self.shortcuts(w)).chain(views).collect()
    }

    /// The keys of each standing.
    fn states(&self, w: &'static PaletteWords) -> impl Iterator<Item = Choice> {
        let (own, other) = (self.words, ShellWords::of(self.language.other()));
        Standing::ALL.into_iter().map(move |standing| Choice {
            icon: standing.icon(),
            label: format!("{} → {}", own.keys, standing.label(own)),
            heading: w.lists,
            leads_to: format!("/admin/keys?status={}", standing.as_str()),
            words: format!("{} {} {}", standing.as_str(), other.keys, standing.label(other)),
        })
    }

    fn shortcuts(&self, w: &'static PaletteWords) -> Vec<Choice> {
        let other = PaletteWords::of(self.language.other());
        let choice = |icon, heading, label: fn(&PaletteWords) -> &'static str, to: &str| Choice {
            icon,
            label: label(w).to_owned(),
            heading,
            leads_to: to.to_owned(),
            words: format!("{to} {}", label(other)),
        };
        let mut choices = vec![
            choice("scroll-text", w.lists, |w| w.failed, "/admin/logs?outcome=failed"),
            choice("scroll-text", w.lists, |w| w.live, "/admin/logs?live=1"),
            choice("stethoscope", w.actions, |w| w.examine, "/admin/system/diagnostics"),
            choice("moon", w.actions, |w| w.theme, "!#theme"),
            choice("keyboard", w.actions, |w| w.keyboard, "!.gb-keyboard"),
        ];
        if self.may_change() {
            choices.extend([
                choice("plus", w.actions, |w| w.add_keys, "/admin/setup/data"),
                choice("plus", w.actions, |w| w.create_token, "/admin/setup/client"),
                choice("stethoscope", w.actions, |w| w.check_keys, "/admin/setup/check"),
            ]);
        }
        choices
    }
}

fn page(heading: &'static str, own: &Entry, foreign: &Entry) -> Choice {
    Choice {
        icon: own.icon,
        label: own.label.to_owned(),
        heading,
        leads_to: own.path.to_owned(),
        words: format!("{} {}", own.path, foreign.label),
    }
}
