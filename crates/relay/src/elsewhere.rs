//! Questions to addresses that are not Google's, over the same ways out: where there are proxies,
//! nothing ever goes around them.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use keypool::{EgressId, PerPlatform};
use secret::PoolKey;
use settings::UpstreamSettings;
use tokio::time::Instant;
use upstream::{Call, Client, Payload};
use url::{Position, Url};

use crate::client_options::{self, InvalidUpstream};

/// Longest time for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Stands where calls to Google carry a key.
const NO_KEY: &str = "gemini-balance-sends-no-key";

/// An address that is no API of Google's, asked without a key and without the administrator's headers.
#[derive(Debug)]
pub struct Elsewhere {
    client: Client,
    target: String,
}

impl Elsewhere {
    /// A web address, asked over the ways that these settings have.
    pub fn new(settings: &UpstreamSettings, url: &str) -> Result<Self, InvalidUpstream> {
        let url = Url::parse(url)?;
        let mut settings = settings.clone();
        url[..Position::BeforePath].clone_into(&mut settings.base_url);
        settings.custom_headers.clear();
        let PerPlatform { gemini: client, .. } = client_options::build(&settings)?;
        let target = url[Position::BeforePath..Position::AfterQuery].to_owned();
        Ok(Self { client, target })
    }

    /// Asks through one way, or through the best if none is named; what comes may have `most` bytes.
    pub async fn ask(
        &self,
        way: Option<EgressId>,
        most: usize,
    ) -> Result<(StatusCode, Bytes), String> {
        let best = || self.client.egresses(0).first().copied().unwrap_or_default();
        let key = PoolKey::parse(NO_KEY).map_err(|error| error.to_string())?;
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static("gemini-balance"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/plain, */*"));
        let call = Call {
            method: &Method::GET,
            path_and_query: &self.target,
            headers: &headers,
            own_headers: None,
            key: &key,
            egress: way.unwrap_or_else(best),
            body: Payload::default(),
            deadline: Some(Instant::now() + PATIENCE),
        };
        let answer = self.client.send(call).await.map_err(|broken| broken.to_string())?;
        let status = answer.status;
        let body = answer.body.collect(most).await.map_err(|broken| broken.to_string())?;
        Ok((status, body))
    }
}
