//! What may be reached.

mod allow_list;
mod block;
mod public;

use std::net::IpAddr;

use url::Host;

pub use self::allow_list::{AllowList, InvalidEntry};
use self::public::is_public;

/// Names under which clouds offer their machines' credentials.
const METADATA_NAMES: &[&str] =
    &["metadata", "metadata.google.internal", "metadata.goog", "instance-data"];

/// Which servers clients may have the gateway talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// None.
    Off,
    /// Those with public addresses, at ports 80 and 443; in addition what is listed.
    Public(AllowList),
    /// Only what is listed.
    Listed(AllowList),
}

/// Why an address may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// The operator named the host or a network around it.
    Listed,
    /// It is as open to the client as to the gateway.
    Public,
}

impl Policy {
    /// Whether `address`, one of the addresses of `host`, may be reached at `port`.
    pub(crate) fn grant(&self, host: &Host<String>, port: u16, address: IpAddr) -> Option<Grant> {
        if self.list()?.has(host, address) {
            return Some(Grant::Listed);
        }
        (self.public_at(host, port) && is_public(address)).then_some(Grant::Public)
    }

    /// Whether any address at all could be granted: if not, the name need not be looked up.
    pub(crate) fn may_grant(&self, host: &Host<String>, port: u16) -> bool {
        self.list().is_some_and(|list| list.has_networks() || list.names(host))
            || self.public_at(host, port)
    }

    fn list(&self) -> Option<&AllowList> {
        match self {
            Self::Off => None,
            Self::Public(list) | Self::Listed(list) => Some(list),
        }
    }

    fn public_at(&self, host: &Host<String>, port: u16) -> bool {
        let metadata =
            matches!(host, Host::Domain(name) if METADATA_NAMES.contains(&name.as_str()));
        matches!(self, Self::Public(_)) && matches!(port, 80 | 443) && !metadata
    }
}

#[cfg(test)]
mod tests;
