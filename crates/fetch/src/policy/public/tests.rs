use proptest::prelude::*;

use super::*;

fn each(addresses: &str) -> impl Iterator<Item = IpAddr> {
    addresses.split_whitespace().map(|address| address.parse().unwrap())
}

#[test]
fn what_is_not_everybodys_is_not_public() {
    let v4 = "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255
        127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.0 172.31.255.255
        192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7
        203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255";
    // Unspecified, loopback, local, multicast, discard, documentation, segment routing, unused.
    let v6 = ":: ::1 fc00::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 feff::1 ff02::1 ff0e::1 100::1
        2001:db8::1 3fff:fff::1 5f00::1 4000::1";
    // Mapped, compatible, NAT64, 6to4, Teredo, ISATAP.
    let v4_within_v6 = "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1
        ::8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::8.8.8.8 64:ff9b:1::10.0.0.1
        2002:7f00:1:: 2002:808:808::1 2001:0:808:808::1 2001:20::1 2600::5efe:10.0.0.1
        2600::200:5efe:10.0.0.1 fe80::5efe:8.8.8.8";
    for address in [v4, v6, v4_within_v6].into_iter().flat_map(each) {
        assert!(!is_public(address), "{address}");
    }
}

#[test]
fn neighbours_of_special_blocks_are_public() {
    let neighbours = "1.0.0.0 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0
        126.255.255.255 128.0.0.0 168.63.129.15 169.253.255.255 169.255.0.0 172.15.255.255
        172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
        223.255.255.255 ::ffff:8.8.8.8 2001:200::1 2001:4860:4860::8888 2600::1 2a00:1450::1
        2606:4700::1";
    for address in each(neighbours) {
        assert!(is_public(address), "{address}");
    }
}

proptest! {
    /// The standard library's own words for addresses, as a second opinion.
    #[test]
    fn no_special_ipv4_address_is_public(bits: u32) {
        let address = Ipv4Addr::from_bits(bits);
        let special = address.is_private() || address.is_loopback() || address.is_link_local()
            || address.is_multicast() || address.is_broadcast() || address.is_documentation()
            || address.is_unspecified() || address.octets()[0] == 0 || address.octets()[0] >= 240;
        prop_assert!(!(special && is_public(address.into())));
        prop_assert_eq!(
            is_public(address.into()),
            is_public(address.to_ipv6_mapped().into()),
        );
    }

    #[test]
    fn no_private_ipv4_address_is_public(
        (block, prefix) in proptest::sample::select(SPECIAL_V4),
        host: u32,
    ) {
        let host = host.checked_shr(prefix).unwrap_or_default();
        let address = Ipv4Addr::from_bits(block.to_bits() | host);
        prop_assert!(!is_public(address.into()));
        prop_assert!(!is_public(address.to_ipv6_mapped().into()));
        prop_assert!(!is_public(address.to_ipv6_compatible().into()));
    }

    #[test]
    fn no_special_ipv6_address_is_public(bits: u128) {
        let address = Ipv6Addr::from_bits(bits);
        let special = address.is_loopback() || address.is_unspecified() || address.is_multicast()
            || address.is_unique_local() || address.is_unicast_link_local();
        prop_assert!(!(special && is_public(address.into())));
    }

    #[test]
    fn no_address_with_ipv4_behind_a_tunnel_is_public(v4: u32, high: u64, low: u64) {
        let v4 = u128::from(v4);
        let tunnels = [
            (0x64_ff9b_u128 << 96) | v4,
            (0x2002_u128 << 112) | (v4 << 80) | u128::from(low),
            (0x2001_0000_u128 << 96) | u128::from(low),
            (u128::from(high) << 64) | (0x5efe_u128 << 32) | v4,
            (u128::from(high) << 64) | (0x0200_5efe_u128 << 32) | v4,
        ];
        for bits in tunnels {
            let address = Ipv6Addr::from_bits(bits);
            prop_assert!(address.to_ipv4_mapped().is_some() || !is_public(address.into()));
        }
    }
}
