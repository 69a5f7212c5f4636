//! Blocks of addresses.

use std::net::IpAddr;
use std::str::FromStr;

/// All addresses of one family that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    start: IpAddr,
    /// How many bits are the same.
    prefix: u32,
}

impl Block {
    /// `None` for a prefix that is longer than the address.
    pub(super) fn new(start: IpAddr, prefix: u32) -> Option<Self> {
        (prefix <= width(start)).then_some(Self { start, prefix })
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let width = width(self.start);
        let differing = bits(self.start) ^ bits(address);
        width == self::width(address)
            && differing.checked_shr(width - self.prefix).unwrap_or_default() == 0
    }
}

/// `address` or `address/prefix`, IPv6 with or without brackets.
impl FromStr for Block {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let start: IpAddr = match bare {
            Some(bare) => IpAddr::V6(bare.parse().map_err(|_| ())?),
            None => address.parse().map_err(|_| ())?,
        };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| ())?
            }
            Some(_) => return Err(()),
            None => width(start),
        };
        Self::new(start, prefix).ok_or(())
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_contain_what_begins_like_them() {
        for (block, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.1.2.3/8", "10.0.0.0", "9.255.255.255"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("127.0.0.1/32", "127.0.0.1", "127.0.0.0"),
            ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("0.0.0.0/0", "8.8.8.8", "::"),
            ("::/0", "2001:db8::1", "0.0.0.0"),
            ("fd00::/8", "fdff::1", "fc00::1"),
            ("[::1]", "::1", "::"),
            ("[fd00::]/127", "fd00::1", "fd00::2"),
        ] {
            let found: Block = block.parse().unwrap();
            assert!(found.contains(inside.parse().unwrap()), "{block} {inside}");
            assert!(!found.contains(outside.parse().unwrap()), "{block} {outside}");
        }
    }

    #[test]
    fn other_texts_are_no_blocks() {
        for text in ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "::/129", "[::1"] {
            assert!(text.parse::<Block>().is_err(), "{text}");
        }
        for text in ["[10.0.0.1]", "010.0.0.1", "10.0.0.0/8/8", "::1%lo", "a", "10.0.0.1:80"] {
            assert!(text.parse::<Block>().is_err(), "{text}");
        }
    }
}
