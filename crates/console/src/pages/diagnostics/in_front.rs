//! What stands between the browser and the gateway, as far as the page's own request tells.

use doctor::Check;
use http::HeaderMap;
use settings::Settings;

use crate::shell;

/// Headers in which a reverse proxy says whom it stands for.
const TOLD: [&str; 4] = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"];

/// A line for a reverse proxy, and one for the address if the settings name one.
pub(super) fn checks(settings: &Settings, headers: &HeaderMap) -> Vec<Check> {
    let proxy = reverse_proxy(settings, headers);
    std::iter::once(proxy).chain(public_address(settings, headers)).collect()
}

fn reverse_proxy(settings: &Settings, headers: &HeaderMap) -> Check {
    const NAME: &str = "reverse proxy";
    let told: Vec<_> = TOLD.into_iter().filter(|name| headers.contains_key(*name)).collect();
    if told.is_empty() {
        return Check::ok(NAME, "none is in front, as far as headers tell");
    }
    let says = format!("one is in front, and says {}", told.join(", "));
    if !headers.contains_key("x-forwarded-proto") {
        let advice = "let it set X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto \
                      $scheme), so that cookies are for https only and links begin with https://";
        return Check::warn(NAME, says, advice);
    }
    if headers.contains_key("x-forwarded-for") && settings.security.trusted_proxies.is_empty() {
        let advice = "name its address in TRUSTED_PROXIES: without that everybody behind it counts \
                      as the proxy, and wrong passwords of one keep all out";
        return Check::warn(NAME, format!("{says}, which is not believed"), advice);
    }
    Check::ok(NAME, says)
}

/// Whether the browser is where `PUBLIC_URL` says that clients come.
fn public_address(settings: &Settings, headers: &HeaderMap) -> Option<Check> {
    const NAME: &str = "public address";
    let public = settings.server.public_url.as_deref()?;
    let here = shell::base(headers);
    if public == here {
        return Some(Check::ok(NAME, format!("{public}, as this page's")));
    }
    let says = format!("PUBLIC_URL is {public}, this page's is {here}");
    let advice = "if clients are to come where you are, correct PUBLIC_URL";
    Some(Check::warn(NAME, says, advice))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use doctor::Verdict;
    use settings::Resolved;

    use super::*;

    /// What is found with this setting, of a request with these headers.
    fn found(setting: (&str, &str), headers: &[(&'static str, &'static str)]) -> Vec<Verdict> {
        let (name, value) = setting;
        let environment = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let settings = Resolved::new(&environment, &BTreeMap::new()).unwrap().settings;
        let headers = headers.iter().map(|(name, value)| {
            ((*name).parse::<http::HeaderName>().unwrap(), value.parse().unwrap())
        });
        checks(&settings, &headers.collect()).iter().map(|check| check.verdict).collect()
    }

    #[test]
    fn what_a_proxy_leaves_out_or_nobody_believes_is_told() {
        let nothing = ("MAX_RETRIES", "3");
        let trusted = ("TRUSTED_PROXIES", "127.0.0.1");
        let both = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")];
        assert_eq!(found(nothing, &[]), [Verdict::Ok]);
        assert_eq!(found(trusted, &both[..1]), [Verdict::Warn], "no scheme");
        assert_eq!(found(nothing, &both), [Verdict::Warn], "not believed");
        assert_eq!(found(trusted, &both), [Verdict::Ok]);
    }

    #[test]
    fn a_page_at_another_address_than_the_public_one_is_told() {
        let public = ("PUBLIC_URL", "https://ai.example.org");
        let here = [("host", "ai.example.org"), ("x-forwarded-proto", "https")];
        assert_eq!(found(public, &here)[1], Verdict::Ok);
        assert_eq!(found(public, &[("host", "127.0.0.1:8000")])[1], Verdict::Warn);
    }
}
