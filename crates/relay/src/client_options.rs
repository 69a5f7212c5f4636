//! From settings to the upstream client's options.

use std::collections::HashMap;
use std::sync::Arc;

use dialect::models::Patterns;
use http::{HeaderMap, HeaderName, HeaderValue};
use keypool::{EgressId, PerPlatform};
use settings::{Hidden, UpstreamSettings};
use upstream::{Client, Options, ProxyUrl};

/// Settings that no client can be built from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUpstream {
    /// `BASE_URL` is no address.
    #[error("BASE_URL: {0}")]
    BaseUrl(#[from] url::ParseError),
    /// `VERTEX_EXPRESS_BASE_URL` is no address.
    #[error("VERTEX_EXPRESS_BASE_URL: {0}")]
    VertexUrl(url::ParseError),
    /// No client can be built for `VERTEX_EXPRESS_BASE_URL`.
    #[error("VERTEX_EXPRESS_BASE_URL: {0}")]
    Vertex(upstream::OptionsError),
    /// One of `PROXIES` is no proxy's address.
    #[error("PROXIES: {0}")]
    Proxy(#[from] upstream::InvalidProxy),
    /// One of `CUSTOM_HEADERS` or `MODEL_HEADERS` is no header.
    #[error("{0}: `{1}` is no header that could be sent")]
    Header(&'static str, String),
    /// The parts do not make a client.
    #[error(transparent)]
    Options(#[from] upstream::OptionsError),
}

/// Builds a client for each of Google's APIs, which take the same ways out.
pub fn build(settings: &UpstreamSettings) -> Result<PerPlatform<Client>, InvalidUpstream> {
    let gemini = gemini(settings)?;
    let address = settings.vertex_express_base_url.parse().map_err(InvalidUpstream::VertexUrl)?;
    let vertex = gemini.towards(address).map_err(InvalidUpstream::Vertex)?;
    Ok(PerPlatform { gemini, vertex })
}

fn gemini(settings: &UpstreamSettings) -> Result<Client, InvalidUpstream> {
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
    options.resting = settings.proxy_states.keys().filter_map(|id| egress_of(id)).collect();
    options.weights = weights(settings);
    options.custom_headers = headers("CUSTOM_HEADERS", &settings.custom_headers)?;
    Ok(Client::new(&options)?)
}

/// The weights of `PROXY_WEIGHTS`, by way out.
pub(crate) fn weights(settings: &UpstreamSettings) -> HashMap<EgressId, u32> {
    let weights = settings.proxy_weights.iter();
    weights
        .filter_map(|(id, weight)| Some((egress_of(id)?, u32::try_from(*weight).ok()?)))
        .collect()
}

/// The way out that settings and addresses name so.
fn egress_of(id: &str) -> Option<EgressId> {
    u64::from_str_radix(id.trim(), 16).ok().map(EgressId)
}

/// The headers of `MODEL_HEADERS`.
pub(crate) fn model_headers(
    settings: &UpstreamSettings,
) -> Result<Patterns<Arc<HeaderMap>>, InvalidUpstream> {
    let each = settings.model_headers.iter();
    each.map(|(model, own)| Ok((model.clone(), Arc::new(headers("MODEL_HEADERS", own)?)))).collect()
}

fn headers<'s>(
    setting: &'static str,
    own: impl IntoIterator<Item = (&'s String, &'s Hidden)>,
) -> Result<HeaderMap, InvalidUpstream> {
    let mut headers = HeaderMap::new();
    for (name, value) in own {
        let invalid = || InvalidUpstream::Header(setting, name.clone());
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| invalid())?;
        value.set_sensitive(true);
        headers.insert(HeaderName::try_from(name.as_str()).map_err(|_| invalid())?, value);
    }
    Ok(headers)
}
