//! Pictures by their address: where they lie, and what takes their place if they cannot lie there.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dialect::gemini;
use dialect::openai::images::Picture;
use futures_util::future::join_all;
use http::HeaderMap;
use keypool::Timestamp;
use pictures::Upload;
use rand::RngExt as _;
use settings::PictureHost;
use store::KeptPicture;

use crate::clock;
use crate::exchange::Exchange;
use crate::gateway::{Configuration, Gateway};
use crate::own_address::own_address;

/// One white pixel.
const DOT: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\
    \x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\
    \xaeB`\x82";

/// Where the pictures of one answer shall lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At a host that is configured.
    External,
    /// Here; links begin with this address.
    Here(String),
    /// Nowhere: the address at which clients reach the gateway is not known.
    Nowhere,
}

impl Place {
    pub(crate) fn is_external(&self) -> bool {
        *self == Self::External
    }
}

/// Where pictures lie that a request with these headers asks for.
pub(crate) fn place(configuration: &Configuration, headers: &HeaderMap) -> Place {
    let settings = &configuration.settings;
    if settings.pictures.host != PictureHost::Gateway {
        return Place::External;
    }
    own_address(settings, headers).map_or(Place::Nowhere, Place::Here)
}

/// Where pictures in chats lie; `None` if they stay in the answer.
pub(crate) fn place_in_chats(configuration: &Configuration) -> Option<Place> {
    match place(configuration, &HeaderMap::new()) {
        Place::Nowhere => None,
        place => Some(place),
    }
}

/// The addresses of an answer's pictures. One that could not be put in its place is a URL that holds
/// the picture itself.
pub(crate) async fn addresses(
    exchange: &Exchange,
    pictures: &[Picture],
    place: &Place,
) -> Vec<String> {
    let publisher = Publisher::new(exchange, place.clone());
    let each = pictures.iter().map(|picture| publisher.publish(&picture.mime, &picture.data));
    let addresses = join_all(each).await.into_iter().zip(pictures);
    addresses.map(|(address, picture)| address.unwrap_or_else(|| picture.data_url())).collect()
}

/// Puts pictures in their place.
pub(crate) struct Publisher {
    gateway: Arc<Gateway>,
    configuration: Arc<Configuration>,
    place: Place,
    request: Arc<str>,
}

impl Publisher {
    pub(crate) fn new(exchange: &Exchange, place: Place) -> Self {
        Self {
            gateway: Arc::clone(&exchange.gateway),
            configuration: Arc::clone(&exchange.configuration),
            place,
            request: exchange.entry.request_id().into(),
        }
    }

    /// Google's answer with links in place of its pictures. Those that could not be put in their
    /// place stay in it.
    pub(crate) async fn linked(&self, answer: Bytes) -> Bytes {
        let pictures = gemini::pictures(&answer);
        if pictures.is_empty() {
            return answer;
        }
        let each = pictures.iter().map(|(mime, data)| self.publish(mime, data));
        let addresses = join_all(each).await;
        gemini::with_links(&answer, &addresses).map_or(answer, Bytes::from)
    }

    /// The address of a picture in base64; `None` if it lies nowhere, which is written in the log.
    async fn publish(&self, mime: &str, data: &str) -> Option<String> {
        let published = match STANDARD.decode(data) {
            Ok(bytes) => self.put(mime, bytes).await,
            Err(_) => Err("it is no base64".to_owned()),
        };
        published
            .inspect_err(|reason| {
                let request = &*self.request;
                tracing::warn!(request, reason, "a picture stays inside of its answer");
            })
            .ok()
    }

    async fn put(&self, mime: &str, bytes: Vec<u8>) -> Result<String, String> {
        match &self.place {
            Place::External => {
                upload(&self.gateway, &self.configuration.settings.pictures.host, mime, bytes).await
            }
            Place::Here(base) => {
                let kept = self.configuration.settings.pictures.retention.as_millis();
                let until =
                    clock::now().millis().saturating_add(i64::try_from(kept).unwrap_or(i64::MAX));
                let until = Timestamp::from_millis(until);
                let picture = KeptPicture { mime: mime.to_owned(), bytes, until };
                let name = self.gateway.gallery.keep(picture).await;
                let name = name.map_err(|error| error.to_string())?;
                Ok(format!("{base}/images/{name}"))
            }
            Place::Nowhere => Err("the gateway's own address is not known: set PUBLIC_URL".into()),
        }
    }
}

/// Puts a picture at a host, whatever the settings say. Returns where it lies then.
async fn upload(
    gateway: &Gateway,
    host: &PictureHost,
    mime: &str,
    bytes: Vec<u8>,
) -> Result<String, String> {
    let now = clock::now();
    let at = jiff::Timestamp::from_millisecond(now.millis()).unwrap_or_default();
    let extension = mime.strip_prefix("image/").unwrap_or("png");
    let number: u64 = rand::rng().random();
    let name = format!("{}/{number:016x}.{extension}", at.strftime("%Y/%m/%d"));
    let upload = Upload { name: &name, mime, bytes: &Bytes::from(bytes), at };
    let Some(request) = upload.request(host) else { return Err("there is no host".into()) };
    let request = request.map_err(|error| error.to_string())?;
    let fetcher = gateway.fetcher().map_err(|error| error.to_string())?;
    pictures::send(fetcher.network(), &request).await.map_err(|error| error.to_string())
}

impl Gateway {
    /// Puts the smallest of pictures at a host, so that its owner sees whether that works. Returns its
    /// address, or why there is none.
    pub async fn try_picture_host(&self, host: &PictureHost) -> Result<String, String> {
        upload(self, host, "image/png", DOT.to_vec()).await
    }
}
