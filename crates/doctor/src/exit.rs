//! From which address the world sees what goes through a proxy.

use std::collections::BTreeMap;
use std::net::IpAddr;

use keypool::EgressId;
use relay::{Elsewhere, InvalidUpstream};
use serde::Deserialize;
use settings::UpstreamSettings;

/// No such service has more to say.
const ENOUGH: usize = 16 << 10;

/// The longest name of a country.
const LONGEST: usize = 56;

/// Where calls come from, for whoever is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// The address.
    pub address: IpAddr,
    /// Its country, if the service says so.
    pub country: Option<String>,
}

/// A service of the administrator's choice that tells callers their own address.
#[derive(Debug)]
pub struct ExitService(Elsewhere);

/// What such services say in JSON.
#[derive(Deserialize)]
struct Told {
    ip: IpAddr,
    #[serde(default)]
    country: Option<String>,
}

impl ExitService {
    /// The service of `EXIT_IP_URL`, asked through any of the proxies; nothing if there is none.
    pub fn new(settings: &UpstreamSettings) -> Result<Option<Self>, InvalidUpstream> {
        let Some(url) = &settings.exit_ip_url else { return Ok(None) };
        let settings = UpstreamSettings { proxy_states: BTreeMap::new(), ..settings.clone() };
        Elsewhere::new(&settings, url).map(|service| Some(Self(service)))
    }

    /// Asks through one way.
    pub async fn ask(&self, way: EgressId) -> Result<Exit, String> {
        let (status, body) = self.0.ask(Some(way), ENOUGH).await?;
        if !status.is_success() {
            return Err(format!("EXIT_IP_URL answers with status {}", status.as_u16()));
        }
        read(&body).ok_or_else(|| "EXIT_IP_URL answers with no address".to_owned())
    }
}

fn read(body: &[u8]) -> Option<Exit> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if let Ok(address) = text.parse() {
        return Some(Exit { address, country: None });
    }
    let Told { ip, country } = serde_json::from_str(text).ok()?;
    let is_name = |country: &String| {
        country.len() <= LONGEST
            && country.chars().all(|letter| letter.is_alphabetic() || " -'.".contains(letter))
    };
    Some(Exit { address: ip, country: country.filter(is_name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_text_or_json_and_nothing_else() {
        let told = |text: &str| read(text.as_bytes());
        let exit = |address: &str, country: Option<&str>| {
            let address = address.parse().unwrap();
            Some(Exit { address, country: country.map(str::to_owned) })
        };
        assert_eq!(told("203.0.113.9\n"), exit("203.0.113.9", None));
        assert_eq!(told("2001:db8::1"), exit("2001:db8::1", None));
        let json = r#"{"ip":"203.0.113.9","country":"Côte d'Ivoire","org":"x"}"#;
        assert_eq!(told(json), exit("203.0.113.9", Some("Côte d'Ivoire")));
        let odd = r#"{"ip":"203.0.113.9","country":"<script>"}"#;
        assert_eq!(told(odd), exit("203.0.113.9", None));
        assert_eq!(told("<html>203.0.113.9</html>"), None);
        assert_eq!(told(r#"{"ip":"nowhere"}"#), None);
    }
}
