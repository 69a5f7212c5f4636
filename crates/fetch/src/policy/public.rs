//! Which addresses are as open to everybody as to the gateway.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public Internet.
///
/// An IPv4 address within an IPv6 one counts as itself where it is only another spelling
/// (`::ffff:a.b.c.d`). Where it is the far end of a tunnel or of a translation (6to4, Teredo,
/// ISATAP, NAT64), where the packet ends is not known, so that is not public.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|(block, prefix)| {
            (block.to_bits() ^ address.to_bits()).leading_zeros() >= *prefix
        }),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Global unicast without its special parts: everything outside of `2000::/3` is loopback, local,
/// multicast, translated, or not in use.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let begins = |(block, prefix): &(Ipv6Addr, u32)| {
        (block.to_bits() ^ address.to_bits()).leading_zeros() >= *prefix
    };
    let [_, _, _, _, marker, isatap, _, _] = address.segments();
    begins(&GLOBAL_UNICAST)
        && !SPECIAL_V6.iter().any(begins)
        && !(matches!(marker, 0 | 0x200) && isatap == 0x5efe)
}

const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),            // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // shared by a carrier's customers
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's machines ask their host here
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, and most clouds' metadata
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, broadcast
];

const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

const SPECIAL_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

#[cfg(test)]
mod tests;
