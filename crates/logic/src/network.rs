//! Address blocks, and addresses as points on one line per family.
//!
//! IPv4 and IPv6 are disjoint domains: no block of one contains an address of the other.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A block of addresses of one family, its host bits cleared.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Network {
    /// An IPv4 block: first address and prefix length (0 to 32).
    V4(Ipv4Addr, u8),
    /// An IPv6 block: first address and prefix length (0 to 128).
    V6(Ipv6Addr, u8),
}

impl Network {
    /// The block of that prefix length around an address, or nothing if the length is too long.
    pub fn new(address: IpAddr, length: u8) -> Option<Self> {
        match address {
            IpAddr::V4(v4) if length <= 32 => {
                let first = Ipv4Addr::from_bits(v4.to_bits() & mask32(length));
                Some(Self::V4(first, length))
            }
            IpAddr::V6(v6) if length <= 128 => {
                let first = Ipv6Addr::from_bits(v6.to_bits() & mask128(length));
                Some(Self::V6(first, length))
            }
            _ => None,
        }
    }

    /// Whether the address lies in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4(first, length), IpAddr::V4(v4)) => {
                v4.to_bits() & mask32(*length) == first.to_bits()
            }
            (Self::V6(first, length), IpAddr::V6(v6)) => {
                v6.to_bits() & mask128(*length) == first.to_bits()
            }
            _ => false,
        }
    }

    /// First and last address, as numbers of the family.
    pub(crate) fn bounds(&self) -> (u128, u128) {
        match self {
            Self::V4(first, length) => {
                let first = first.to_bits();
                (u128::from(first), u128::from(first | !mask32(*length)))
            }
            Self::V6(first, length) => {
                let first = first.to_bits();
                (first, first | !mask128(*length))
            }
        }
    }
}

fn mask32(length: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0)
}

fn mask128(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

/// Why a text is not a [`Network`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetworkError(String);

impl fmt::Display for NetworkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "'{}' is not an address block: write it like 10.0.0.0/8 or 2001:db8::/32",
            self.0
        )
    }
}

impl std::error::Error for NetworkError {}

impl FromStr for Network {
    type Err = NetworkError;

    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address. Host bits are cleared.
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let error = || NetworkError(text.to_owned());
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map_err(|_| error())?
            }
            Some(_) => return Err(error()),
            None => whole,
        };
        Self::new(address, length).ok_or_else(error)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(first, length) => write!(out, "{first}/{length}"),
            Self::V6(first, length) => write!(out, "{first}/{length}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let printed = match text.parse::<Network>() {
            Ok(network) => network.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(printed, expected);
    }

    #[test]
    fn blocks_are_read_with_host_bits_cleared() {
        check("10.1.2.3/8", "10.0.0.0/8");
        check("0.0.0.0/0", "0.0.0.0/0");
        check("192.0.2.1", "192.0.2.1/32");
        check("2001:db8::1/32", "2001:db8::/32");
        check("::/0", "::/0");
        check(
            "10.0.0.0/33",
            "'10.0.0.0/33' is not an address block: write it like 10.0.0.0/8 or 2001:db8::/32",
        );
        check(
            "10.0.0.0/+8",
            "'10.0.0.0/+8' is not an address block: write it like 10.0.0.0/8 or 2001:db8::/32",
        );
    }

    #[test]
    fn families_are_disjoint() {
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("255.255.255.255".parse().unwrap()));
        assert!(!all.contains("::1".parse().unwrap()));
        assert_eq!(all.bounds(), (0, u128::from(u32::MAX)));
    }
}
