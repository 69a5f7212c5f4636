use proptest::prelude::*;

use super::*;

fn list(entries: &str) -> AllowList {
    AllowList::parse(entries.split_whitespace()).unwrap()
}

fn grant(policy: &Policy, host: &str, port: u16, address: &str) -> Option<Grant> {
    policy.grant(&Host::parse(host).unwrap(), port, address.parse().unwrap())
}

#[test]
fn off_grants_nothing() {
    assert_eq!(grant(&Policy::Off, "8.8.8.8", 443, "8.8.8.8"), None);
    assert!(!Policy::Off.may_grant(&Host::Domain("example.com".to_owned()), 443));
}

#[test]
fn public_grants_public_addresses_at_the_ports_of_the_web() {
    let policy = Policy::Public(list("10.1.0.0/16 files.corp *.corp.example fd00::/8"));
    let listed = Some(Grant::Listed);
    let public = Some(Grant::Public);
    for (host, port, address, expected) in [
        ("example.com", 443, "8.8.8.8", public),
        ("example.com", 80, "2600::1", public),
        ("example.com", 8080, "8.8.8.8", None),
        ("example.com", 443, "10.0.0.1", None),
        ("example.com", 443, "10.1.0.1", listed),
        ("example.com", 6379, "10.1.0.1", listed),
        ("example.com", 443, "::ffff:10.1.0.1", listed),
        ("example.com", 443, "64:ff9b::10.1.0.1", None),
        ("example.com", 443, "fd12::1", listed),
        ("files.corp", 8080, "192.168.0.1", listed),
        ("a.files.corp", 443, "192.168.0.1", None),
        ("a.corp.example", 443, "127.0.0.1", listed),
        ("a.b.corp.example", 443, "127.0.0.1", listed),
        ("corp.example", 443, "127.0.0.1", None),
        ("evilcorp.example", 443, "127.0.0.1", None),
        ("corp.example.evil.com", 443, "127.0.0.1", None),
        ("metadata.google.internal", 80, "8.8.8.8", None),
        ("METADATA", 80, "8.8.8.8", None),
    ] {
        assert_eq!(grant(&policy, host, port, address), expected, "{host} {port} {address}");
    }
}

#[test]
fn a_list_alone_grants_nothing_else() {
    let policy = Policy::Listed(list("Files.EXAMPLE.com. BÜCHER.example"));
    assert_eq!(grant(&policy, "files.example.com", 443, "8.8.8.8"), Some(Grant::Listed));
    assert_eq!(grant(&policy, "xn--bcher-kva.example", 80, "8.8.8.8"), Some(Grant::Listed));
    assert_eq!(grant(&policy, "example.com", 443, "8.8.8.8"), None);
    assert_eq!(grant(&policy, "8.8.8.8", 443, "8.8.8.8"), None);
}

#[test]
fn names_that_no_address_could_help_are_not_looked_up() {
    let other = Host::Domain("other.example".to_owned());
    assert!(!Policy::Listed(list("files.example")).may_grant(&other, 443));
    assert!(Policy::Listed(list("files.example 10.0.0.0/8")).may_grant(&other, 443));
    assert!(!Policy::Public(list("")).may_grant(&other, 22));
    assert!(Policy::Public(list("")).may_grant(&other, 80));
}

#[test]
fn entries_that_mean_nothing_are_named() {
    for entry in [
        "",
        "*",
        "*.",
        "*.*.com",
        "a*.com",
        "http://a.com",
        "a.com:80",
        "a.com/b",
        "10.0.0.0/33",
        "127.1",
        "*.10.0.0.1",
        "0x7f000001",
        "a..b",
        "[a]",
        "10.0.0.0/-1",
        "a b",
    ] {
        let error = AllowList::parse([entry]).unwrap_err();
        assert_eq!(error.entry, entry);
        assert!(error.to_string().starts_with(&format!("{entry:?} is neither")), "{error}");
    }
}

proptest! {
    #[test]
    fn any_text_is_an_entry_or_an_error(entry in ".{0,40}") {
        if let Err(error) = AllowList::parse([&entry]) {
            prop_assert_eq!(error.entry, entry);
        }
    }

    #[test]
    fn what_is_granted_as_public_is_public(bits: u128, v4: u32, port: u16, four: bool) {
        let address = if four { IpAddr::from(v4.to_be_bytes()) } else { bits.to_be_bytes().into() };
        let host = Host::Domain("a.example".to_owned());
        let policy = Policy::Public(AllowList::default());
        let expected = is_public(address) && (port == 80 || port == 443);
        prop_assert_eq!(policy.grant(&host, port, address).is_some(), expected);
    }
}
