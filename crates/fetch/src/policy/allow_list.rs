//! Hosts and networks that the operator names.

use std::net::IpAddr;

use url::Host;

use super::block::Block;

/// Hosts and networks that may be reached whatever kind of address they have, at any port.
///
/// * `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`: these addresses, whether a URL names them or a name
///   leads to them;
/// * `files.example.com`: this name, at whatever address it has;
/// * `*.example.com`: all names below `example.com`, but not that name itself.
///
/// So whoever sets the addresses of a listed name decides what is reached by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    blocks: Vec<Block>,
    names: Vec<String>,
    /// With their leading dot.
    suffixes: Vec<String>,
}

/// An entry that is neither a host nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{entry:?} is neither a host (files.example.com, *.example.com) nor a network (10.0.0.0/8, fd00::/8)"
)]
pub struct InvalidEntry {
    /// The entry as it was written.
    pub entry: String,
}

impl AllowList {
    /// Reads entries as the setting `URL_FETCH_ALLOW` holds them.
    pub fn parse<I>(entries: I) -> Result<Self, InvalidEntry>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut list = Self::default();
        for entry in entries {
            let entry = entry.as_ref();
            list.add(entry.trim()).ok_or_else(|| InvalidEntry { entry: entry.to_owned() })?;
        }
        Ok(list)
    }

    pub(super) fn has(&self, host: &Host<String>, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.names(host) || self.blocks.iter().any(|block| block.contains(address))
    }

    pub(super) fn names(&self, host: &Host<String>) -> bool {
        let Host::Domain(host) = host else { return false };
        self.names.contains(host) || self.suffixes.iter().any(|suffix| host.ends_with(suffix))
    }

    pub(super) fn has_networks(&self) -> bool {
        !self.blocks.is_empty()
    }

    fn add(&mut self, entry: &str) -> Option<()> {
        if let Ok(block) = entry.parse() {
            self.blocks.push(block);
        } else if let Some(parent) = entry.strip_prefix("*.") {
            self.suffixes.push(format!(".{}", name(parent)?));
        } else {
            self.names.push(name(entry)?);
        }
        Some(())
    }
}

/// A name, spelled like the hosts of URLs.
fn name(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.contains('*') || text.split('.').any(str::is_empty) {
        return None;
    }
    match Host::parse(text).ok()? {
        Host::Domain(name) => Some(name),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}
