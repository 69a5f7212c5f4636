//! From settings to the upstream client's options.

use http::{HeaderMap, HeaderName, HeaderValue};
use settings::UpstreamSettings;
use upstream::{Client, Options, ProxyUrl};

/// Settings that no client can be built from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUpstream {
    /// `BASE_URL` is no address.
    #[error("BASE_URL: {0}")]
    BaseUrl(#[from] url::ParseError),
    /// One of `PROXIES` is no proxy's address.
    #[error("PROXIES: {0}")]
    Proxy(#[from] upstream::InvalidProxy),
    /// One of `CUSTOM_HEADERS` is no header.
    #[error("CUSTOM_HEADERS: `{0}` is no header that could be sent")]
    Header(String),
    /// The parts do not make a client.
    #[error(transparent)]
    Options(#[from] upstream::OptionsError),
}

/// Builds a client.
pub fn build(settings: &UpstreamSettings) -> Result<Client, InvalidUpstream> {
    let mut options = Options::new(settings.base_url.parse()?);
    options.connect_timeout = settings.connect_timeout;
    options.first_byte_timeout = settings.first_byte_timeout;
    options.idle_timeout = settings.idle_timeout;
    options.pool_idle_timeout = settings.pool_idle_timeout;
    options.proxies = settings
        .proxies
        .iter()
        .map(|proxy| proxy.expose().parse::<ProxyUrl>())
        .collect::<Result<_, _>>()?;
    options.sticky = settings.proxies_sticky;
    options.custom_headers = custom_headers(settings)?;
    Ok(Client::new(&options)?)
}

fn custom_headers(settings: &UpstreamSettings) -> Result<HeaderMap, InvalidUpstream> {
    let mut headers = HeaderMap::new();
    for (name, value) in &settings.custom_headers {
        let invalid = || InvalidUpstream::Header(name.clone());
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| invalid())?;
        value.set_sensitive(true);
        headers.insert(HeaderName::try_from(name.as_str()).map_err(|_| invalid())?, value);
    }
    Ok(headers)
}
