//! Hosts and networks, as lists of what may be reached name them.

use std::net::IpAddr;

use super::{Problem, quoted};

/// Checks each entry: a host (`files.example.com`, `*.example.com`), an address, or a network
/// (`10.0.0.0/8`).
pub(crate) fn networks(entries: Vec<String>) -> Result<Vec<String>, Problem> {
    match entries.iter().find(|entry| !is_network(entry) && !is_host(entry)) {
        None => Ok(entries),
        Some(entry) => Err(quoted(entry, "is no host, address or network")),
    }
}

/// Checks each entry: an address, or a network (`10.0.0.0/8`).
pub(crate) fn addresses(entries: Vec<String>) -> Result<Vec<String>, Problem> {
    match entries.iter().find(|entry| !is_network(entry)) {
        None => Ok(entries),
        Some(entry) => Err(quoted(entry, "is no address or network")),
    }
}

fn is_network(entry: &str) -> bool {
    let (address, length) = entry.split_once('/').map_or((entry, None), |(a, b)| (a, Some(b)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= most))
}

fn is_host(entry: &str) -> bool {
    let name = entry.strip_prefix("*.").unwrap_or(entry);
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    // A name of digits only is a misspelt address.
    name.split('.').all(is_label) && !name.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_no_addresses() {
        assert!(addresses(["10.0.0.0/8", "::1"].map(str::to_owned).to_vec()).is_ok());
        assert!(addresses(vec!["proxy.internal".to_owned()]).is_err());
    }

    #[test]
    fn hosts_addresses_and_networks_pass_and_nothing_else() {
        let good = ["example.com", "*.example.com", "localhost", "10.0.0.0/8", "127.0.0.1", "::1"];
        assert!(networks(good.map(str::to_owned).to_vec()).is_ok());
        assert!(networks(vec!["fd00::/8".to_owned()]).is_ok());
        for wrong in
            ["10.0.0.0/33", "10.0.0", "http://a", "a:80", "a/b", "*", "-a", "::1/129", "a b"]
        {
            assert!(networks(vec![wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
