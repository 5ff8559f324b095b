//! Whether some value of a finite set, some address or some number passes all tests.
//!
//! Tests on a line change their answer at a few points only; it is enough to try these.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::formula::{Domain, Node, Order};

/// A test, and whether it must hold or must not.
pub type Test<'f> = (&'f Node, bool);

/// Whether no value passes all tests.
pub fn is_empty(domain: &Domain, tests: &[Test<'_>]) -> bool {
    match domain {
        Domain::Finite(values) => !(0..values.len()).any(|value| {
            tests.iter().all(|(node, sign)| match node {
                Node::Member(_, members) => members.contains(&value) == *sign,
                _ => true,
            })
        }),
        Domain::Address => !addresses(tests)
            .into_iter()
            .any(|address| passes(tests, address)),
        Domain::Number => !numbers(tests)
            .into_iter()
            .any(|number| compares(tests, number)),
        Domain::Text { .. } => false,
    }
}

fn passes(tests: &[Test<'_>], address: IpAddr) -> bool {
    tests.iter().all(|(node, sign)| match node {
        Node::Within(_, first, last) => {
            let same = first.is_ipv4() == address.is_ipv4();
            (same && *first <= address && address <= *last) == *sign
        }
        _ => true,
    })
}

/// The first address of each family, of each block, and behind each block.
fn addresses(tests: &[Test<'_>]) -> Vec<IpAddr> {
    let mut points = vec![
        IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    ];
    for (node, _) in tests {
        if let Node::Within(_, first, last) = node {
            points.push(*first);
            points.extend(next(*last));
        }
    }
    points
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => Some(IpAddr::V4(u32::from(v4).checked_add(1)?.into())),
        IpAddr::V6(v6) => Some(IpAddr::V6(u128::from(v6).checked_add(1)?.into())),
    }
}

fn compares(tests: &[Test<'_>], number: i128) -> bool {
    tests.iter().all(|(node, sign)| match node {
        Node::Compare(_, Order::Less, value) => (number < *value) == *sign,
        Node::Compare(_, Order::LessOrEqual, value) => (number <= *value) == *sign,
        Node::Compare(_, Order::Equal, value) => (number == *value) == *sign,
        _ => true,
    })
}

/// Each constant and its neighbours.
fn numbers(tests: &[Test<'_>]) -> Vec<i128> {
    let mut points = vec![0];
    for (node, _) in tests {
        if let Node::Compare(_, _, value) = node {
            points.extend([*value, value.saturating_add(1), value.saturating_sub(1)]);
        }
    }
    points
}
