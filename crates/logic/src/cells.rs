//! Attributes with an easy partition: finite sets, addresses, numbers.
//!
//! The atoms in play cut the domain into cells on which every atom is constant. There are at most
//! two cells more than bounds, so a set of literals is consistent iff some cell satisfies it; and
//! a small partition can be given to the Boolean search whole, which then never errs about it.

use crate::bits::Bits;
use crate::decimal::Decimal;
use crate::graph::AtomId;
use crate::network::Network;
use crate::problem::{Atom, Attribute, Domain, Problem};
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses that witnesses have if they may: from the blocks set aside for documentation.
const PREFERRED_ADDRESSES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10)),
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, 20)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 30)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x10)),
];

/// How far into a block a witness lies if none of the preferred addresses does: the first ones
/// are reserved by most networks.
const INTO_BLOCK: u128 = 10;

/// One value of an attribute with cells.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Point {
    Member(u32),
    Address(IpAddr),
    Number(Decimal),
}

/// Whether an atom holds of a value; false if it is about something else.
pub(crate) fn holds_at(atom: &Atom, point: Point) -> bool {
    match (atom, point) {
        (Atom::OneOf(_, bits), Point::Member(member)) => bits.contains(member as usize),
        (Atom::Within(_, network), Point::Address(address)) => network.contains(address),
        (Atom::Compare(_, op, value), Point::Number(number)) => op.holds(number, *value),
        _ => false,
    }
}

/// The values on which all atoms agree, with one of them.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub point: Point,
    /// Which atoms hold, by their places in the partition.
    pub truth: Bits,
}

/// The partition of one attribute.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    places: FxHashMap<AtomId, usize>,
    pub cells: Vec<Cell>,
}

impl Cells {
    /// Cuts the attribute's domain by the atoms.
    pub fn new(problem: &Problem, attribute: Attribute, atoms: Vec<AtomId>) -> Self {
        let tests: Vec<&Atom> = atoms.iter().filter_map(|id| problem.atom_of(*id)).collect();
        let points = match problem.domain(attribute) {
            Some(Domain::Finite { values }) => members(values.len(), &tests),
            domain => points(domain, &tests),
        };
        let mut cells: Vec<Cell> = Vec::new();
        let mut known = FxHashSet::default();
        for point in points {
            let truth = truth(&tests, point);
            if known.insert(truth.clone()) {
                cells.push(Cell { point, truth });
            }
        }
        let places = atoms
            .iter()
            .enumerate()
            .map(|(place, id)| (*id, place))
            .collect();
        Self { places, cells }
    }

    /// Whether an atom holds on a cell; nothing if the partition does not know the atom.
    pub fn holds(&self, cell: &Cell, atom: AtomId) -> Option<bool> {
        self.places
            .get(&atom)
            .map(|place| cell.truth.contains(*place))
    }

    /// A value on which all literals hold, else a smallest-effort subset that excludes all cells.
    pub fn check(&self, literals: &[(AtomId, bool)]) -> Result<Point, Vec<(AtomId, bool)>> {
        match self.find(literals) {
            Some(point) => Ok(point),
            None => Err(self.core(literals)),
        }
    }

    fn find(&self, literals: &[(AtomId, bool)]) -> Option<Point> {
        let fits = |cell: &&Cell| {
            literals
                .iter()
                .all(|(atom, sign)| self.holds(cell, *atom) == Some(*sign))
        };
        self.cells.iter().find(fits).map(|cell| cell.point)
    }

    /// Deletes literals one by one while the rest still excludes every cell.
    fn core(&self, literals: &[(AtomId, bool)]) -> Vec<(AtomId, bool)> {
        let mut core = literals.to_vec();
        let mut place = 0;
        while place < core.len() {
            let removed = core.remove(place);
            if self.find(&core).is_some() {
                core.insert(place, removed);
                place += 1;
            }
        }
        core
    }
}

fn truth(tests: &[&Atom], point: Point) -> Bits {
    let mut truth = Bits::none(tests.len());
    for (place, atom) in tests.iter().enumerate() {
        if holds_at(atom, point) {
            truth.insert(place);
        }
    }
    truth
}

/// Values that meet every cell, those preferred for witnesses first.
fn points(domain: Option<&Domain>, tests: &[&Atom]) -> Vec<Point> {
    match domain {
        Some(Domain::Address) => addresses(tests),
        Some(Domain::Number { preferred }) => numbers(*preferred, tests),
        _ => Vec::new(),
    }
}

/// The first member of each class that the sets tell apart: classes are split set by set, whole
/// words at a time, because universes have thousands of members.
fn members(len: usize, tests: &[&Atom]) -> Vec<Point> {
    let mut classes = vec![Bits::none(len).complement()];
    for test in tests {
        let Atom::OneOf(_, bits) = test else { continue };
        let outside = bits.complement();
        let halves = classes
            .iter()
            .flat_map(|class| [class.meet(bits), class.meet(&outside)]);
        classes = halves.filter(|class| !class.is_none()).collect();
    }
    let firsts = classes.iter().filter_map(Bits::first);
    let mut firsts: Vec<u32> = firsts
        .filter_map(|first| u32::try_from(first).ok())
        .collect();
    firsts.sort_unstable();
    firsts.into_iter().map(Point::Member).collect()
}

fn addresses(tests: &[&Atom]) -> Vec<Point> {
    let mut points = PREFERRED_ADDRESSES.to_vec();
    points.extend(starts(tests, false).into_iter().filter_map(v4));
    points.extend(
        starts(tests, true)
            .into_iter()
            .map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))),
    );
    points.into_iter().map(Point::Address).collect()
}

fn v4(bits: u128) -> Option<IpAddr> {
    u32::try_from(bits)
        .ok()
        .map(|bits| Ipv4Addr::from_bits(bits).into())
}

/// The first address of each interval that the blocks of one family cut out, after one further
/// inside where there is room.
fn starts(tests: &[&Atom], v6: bool) -> Vec<u128> {
    let mut starts = vec![0];
    for test in tests {
        if let Atom::Within(_, network) = test
            && matches!(network, Network::V6(..)) == v6
        {
            let (first, last) = network.bounds();
            starts.push(first);
            starts.extend(last.checked_add(1));
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let limit = if v6 { u128::MAX } else { u128::from(u32::MAX) };
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([limit]);
    let inside = starts.iter().zip(ends).filter_map(|(start, end)| {
        start
            .checked_add(INTO_BLOCK)
            .filter(|inside| *inside <= end)
    });
    inside
        .collect::<Vec<_>>()
        .into_iter()
        .chain(starts.iter().copied())
        .collect()
}

/// Every constant, its whole neighbours, the middles between constants, and nearest neighbours.
fn numbers(preferred: Decimal, tests: &[&Atom]) -> Vec<Point> {
    let constants = tests.iter().filter_map(|test| match test {
        Atom::Compare(_, _, value) => Some(*value),
        _ => None,
    });
    let constants: Vec<Decimal> = constants.collect();
    let mut values = vec![preferred];
    values.extend(constants.iter().copied());
    values.extend(constants.iter().filter_map(|value| value.whole_above()));
    values.extend(constants.iter().filter_map(|value| value.whole_below()));
    let mut ordered = constants.clone();
    ordered.sort_unstable();
    let pairs = ordered.iter().zip(ordered.iter().skip(1));
    values.extend(pairs.map(|(low, high)| low.halfway(*high)));
    values.extend(constants.iter().filter_map(|value| value.next_up()));
    values.extend(constants.iter().filter_map(|value| value.next_down()));
    values.into_iter().map(Point::Number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::Comparison;

    fn check(problem: &Problem, a: Attribute, literals: &[crate::Formula], expected: &str) {
        let literals: Vec<(AtomId, bool)> = literals
            .iter()
            .filter_map(|f| problem.graph.literal(*f))
            .collect();
        let cells = Cells::new(problem, a, literals.iter().map(|(id, _)| *id).collect());
        let found = match cells.check(&literals) {
            Ok(Point::Member(member)) => problem.values(a)[member as usize].clone(),
            Ok(Point::Address(address)) => address.to_string(),
            Ok(Point::Number(number)) => number.to_string(),
            Err(core) => format!("core of {}", core.len()),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn numbers_lie_between_their_bounds() {
        let mut p = Problem::new();
        let n = p.number("n");
        let at = Decimal::from_integer;
        let above = p.compare(n, Comparison::Greater, at(5));
        let below = p.compare(n, Comparison::Less, at(6));
        let low = p.compare(n, Comparison::LessOrEqual, at(5));
        let five = p.compare(n, Comparison::Equal, at(5));
        check(&p, n, &[above, below], "5.5");
        check(&p, n, &[above], "6");
        check(&p, n, &[low, !five], "0");
        check(&p, n, &[above, below, low], "core of 2");
    }

    #[test]
    fn addresses_of_both_families() {
        let mut p = Problem::new();
        let a = p.address("ip");
        let net = |text: &str| text.parse::<Network>().unwrap();
        let ten = p.within(a, &net("10.0.0.0/8"));
        let sub = p.within(a, &net("10.0.0.0/16"));
        let all4 = p.within(a, &net("0.0.0.0/0"));
        let all6 = p.within(a, &net("::/0"));
        let one = p.within(a, &net("192.0.2.1/32"));
        check(&p, a, &[ten], "10.0.0.10");
        check(&p, a, &[ten, !sub], "10.1.0.10");
        check(&p, a, &[!ten], "203.0.113.10");
        check(&p, a, &[!all4], "2001:db8::10");
        check(&p, a, &[one], "192.0.2.1");
        check(&p, a, &[!all4, !all6], "core of 2");
        check(&p, a, &[ten, !all4, !sub], "core of 2");
    }

    #[test]
    fn finite_values_by_set_algebra() {
        let mut p = Problem::new();
        let f = p.finite("f", ["a", "b", "c"].map(str::to_owned).to_vec());
        let ab = p.one_of(f, [0, 1]);
        let bc = p.one_of(f, [1, 2]);
        let both = p.all(&[ab, bc]);
        assert_eq!(p.one_of(f, [1]), both);
        check(&p, f, &[both], "b");
        check(&p, f, &[!both], "a");
        assert_eq!(p.any(&[ab, bc]), crate::Formula::TRUE);
    }
}
