//! Files that clients name by their URL, fetched without lending clients the gateway's place in the
//! network.
//!
//! * [`Fetcher`] gets the file, within [`Limits`]. It sends nothing of the client's or the
//!   gateway's: no cookie, no key, and it knows no proxy.
//! * [`Policy`] says what may be reached. It is asked about every address of every hop, and the
//!   connection goes to the very address that it was asked about; a name is looked up once a hop.
//! * [`FetchError`] may be shown to the client: whatever depends on the network has one text, so
//!   nobody can look around by means of it. [`Reason`] is for the gateway's own log.
//!
//! A file must be one of a fixed list of media types by its first bytes; what its server says about
//! it is not believed.

mod body;
mod connect;
mod error;
mod exchange;
mod fetcher;
mod limits;
mod media;
mod network;
mod policy;
mod resolve;
mod target;
mod tls;

pub use error::{FetchError, Reason};
pub use fetcher::{Fetched, Fetcher, MOST_URLS};
pub use limits::Limits;
pub use network::{Network, SetupError};
pub use policy::{AllowList, InvalidEntry, Policy};
pub use resolve::{Lookup, Resolve};
