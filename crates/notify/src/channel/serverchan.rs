//! `ServerChan`, which reaches `WeChat` and its own app.

use bytes::Bytes;
use settings::{Hidden, Notifications};
use url::form_urlencoded;

use super::cut;
use crate::message::Message;
use crate::post::{DeliveryError, Post};

/// Longer titles are refused.
const LONGEST_TITLE: usize = 32;

#[derive(Debug, Clone)]
pub(super) struct ServerChan {
    base: Option<String>,
    key: Hidden,
}

impl ServerChan {
    pub(super) fn configured(settings: &Notifications) -> Option<Self> {
        let Notifications { serverchan_key, serverchan_url, .. } = settings;
        Some(Self { base: serverchan_url.clone(), key: serverchan_key.clone()? })
    }

    pub(super) fn post(&self, message: &Message) -> Result<Post, DeliveryError> {
        let key = self.key.expose();
        let address = match &self.base {
            Some(base) => format!("{base}/{key}.send"),
            None => home(key),
        };
        // It reads Markdown, where two spaces keep a line end.
        let text = message.text.replace('\n', "  \n");
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("title", &cut(&message.title, LONGEST_TITLE))
            .append_pair("desp", &text)
            .finish();
        let post = Post::new(&address, "application/x-www-form-urlencoded", Bytes::from(body))?;
        Ok(post.succeeding_with("code", 0).hiding(key))
    }
}

/// Where a key belongs: version 3 has its user's number in it.
fn home(key: &str) -> String {
    let user = key.strip_prefix("sctp").and_then(|rest| rest.split_once('t')).map(|(user, _)| user);
    match user.filter(|user| !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(user) => format!("https://{user}.push.ft07.com/send/{key}.send"),
        None => format!("https://sctapi.ftqq.com/{key}.send"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::fixture::{message, settings};

    #[test]
    fn title_and_text_are_a_form() {
        let settings = settings(&[("NOTIFY_SERVERCHAN_KEY", "SCT1secret")]);
        let long = Message { title: "t".repeat(40), text: "a\nb".to_owned(), ..message() };
        let post = ServerChan::configured(&settings).unwrap().post(&long).unwrap();
        assert_eq!(post.uri.to_string(), "https://sctapi.ftqq.com/SCT1secret.send");
        let fields: Vec<_> = form_urlencoded::parse(&post.body).into_owned().collect();
        assert_eq!(fields[0], ("title".to_owned(), format!("{}…", "t".repeat(31))));
        assert_eq!(fields[1], ("desp".to_owned(), "a  \nb".to_owned()));
        let wrong = br#"{"code":40001,"message":"bad SCT1secret"}"#;
        let error = post.judge(200, wrong).unwrap_err();
        assert_eq!(error.to_string(), "it was refused with status 200: bad …");
    }

    #[test]
    fn a_key_says_where_it_belongs() {
        assert_eq!(home("sctp12tabc"), "https://12.push.ft07.com/send/sctp12tabc.send");
        assert_eq!(home("sctpxtabc"), "https://sctapi.ftqq.com/sctpxtabc.send");
    }
}
