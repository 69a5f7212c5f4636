//! Markdown as HTML. What a model writes is no more trusted than what a stranger writes: only what
//! Markdown itself has words for becomes markup, HTML in it stays text.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// The text, ready to stand in a page.
pub(crate) fn render(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut out = String::with_capacity(text.len() * 3 / 2);
    let mut pictures = Vec::new();
    let events = Parser::new_ext(text, options).map(|event| harmless(event, &mut pictures));
    html::push_html(&mut out, events);
    out
}

/// HTML becomes text, addresses lead to the web or nowhere, and no picture is fetched: those that are
/// not all there become links. `pictures` holds which of the open ones stay pictures.
fn harmless<'a>(event: Event<'a>, pictures: &mut Vec<bool>) -> Event<'a> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Link { dest_url, title, .. }) => link(dest_url, title),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            pictures.push(is_there(&dest_url));
            if is_there(&dest_url) {
                return Event::Start(Tag::Image { link_type, dest_url, title, id });
            }
            link(dest_url, title)
        }
        Event::End(TagEnd::Image) if pictures.pop() == Some(false) => Event::End(TagEnd::Link),
        other => other,
    }
}

fn link<'a>(url: CowStr<'a>, title: CowStr<'a>) -> Event<'a> {
    let is_web = ["https://", "http://", "mailto:"].iter().any(|scheme| begins(&url, scheme));
    let dest_url = if is_web { url } else { "#".into() };
    Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id: "".into() })
}

/// Whether an address holds a whole picture.
fn is_there(url: &str) -> bool {
    let kinds = ["png", "jpeg", "webp", "gif"];
    kinds.iter().any(|kind| begins(url, &format!("data:image/{kind};base64,")))
}

fn begins(url: &str, scheme: &str) -> bool {
    url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_markup() {
        let html = render("# A\n\n*b* `c<d`\n\n| e | f |\n|---|---|\n| 1 | 2 |\n");
        for part in ["<h1>A</h1>", "<em>b</em>", "<code>c&lt;d</code>", "<td>1</td>"] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(render("[a](https://a.example)").contains(r#"<a href="https://a.example">a</a>"#));
    }

    #[test]
    fn what_is_meant_to_hurt_stays_text() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<svg/onload=alert(1)>",
            "<div\n\n<iframe srcdoc='<script>alert(1)</script>'>",
            "<!-- --><style>*{}</style>",
            "```html\"><script>alert(1)</script>\nx\n```",
        ] {
            let html = render(text);
            for begin in ["<script", "<img", "<svg", "<iframe", "<style", "<div", "<!--"] {
                assert!(!html.contains(begin), "{text}: {html}");
            }
        }
        for link in [
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](<java\tscript:alert(1)>)",
            "[a](data:text/html,<script>alert(1)</script>)",
            "<javascript:alert(1)>",
            "[a](//evil.example)",
            "[a][b]\n\n[b]: vbscript:x",
            "[a](https://a.example \"\\\" onclick=alert(1) x=\\\"\")",
        ] {
            let html = render(link);
            let hrefs = html.match_indices("href=\"").map(|(at, found)| &html[at + found.len()..]);
            for href in hrefs {
                assert!(href.starts_with('#') || href.starts_with("https://a."), "{link}: {html}");
            }
            assert!(!html.contains("\" onclick"), "{link}: {html}");
        }
    }

    #[test]
    fn no_picture_is_fetched() {
        let html = render("![a](https://spy.example/?secret) ![b](data:image/svg+xml;base64,AA)");
        assert!(!html.contains("<img") && !html.contains("svg"), "{html}");
        assert!(html.contains(r#"<a href="https://spy.example/?secret">a</a>"#), "{html}");
        let url = "data:image/png;base64,iVBORw0KGgo=";
        assert!(render(&format!("![a]({url})")).contains(url));
    }
}
