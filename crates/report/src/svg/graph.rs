//! What one compromise reaches, as a graph in columns.
//!
//! Each story is a chain from the start; chains that share steps share nodes. Steps of one principal
//! that follow each other are one edge. A column that is too crowded to read is drawn coarser: nodes
//! with the same ways in become one with a count, then those with ways in from the same nodes, then
//! those of one kind.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cofferdam_findings::faults::{AttackStep, Reached};

/// Nodes in one drawing.
const NODES_MAX: usize = 60;
/// Nodes in one column; more of them are a list and no picture.
const COLUMN_NODES_MAX: usize = 16;
/// Columns after the start; what lies further stands in the last. With a kind a layer this keeps
/// the coarsest drawing under `NODES_MAX`.
const COLUMNS_MAX: usize = 6;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Where it starts.
    Start,
    /// A principal that it becomes.
    Principal,
    /// An object of a layer that it rewrites.
    Object(&'static str),
    /// A dataset whose data leaves.
    Data,
}

/// One box.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The first of those that it stands for are named.
    pub(super) names: Vec<String>,
    /// How many it stands for.
    pub(super) count: usize,
    pub(super) column: usize,
}

/// One arrow.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Ids of the catalogue.
    pub(super) labels: Vec<String>,
    /// Whether every way that it stands for hangs on something unknown.
    pub(super) possible: bool,
}

/// Boxes and arrows.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// The graph of one compromise, small enough to read.
pub(super) fn of(reached: &Reached) -> Graph {
    let stages = [Stage::Ways, Stage::Sources, Stage::Kind];
    let graph = whole(reached).in_columns();
    stages.into_iter().fold(graph, Graph::coarser)
}

/// How much of a crowded column becomes one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// What is reached by the same edges from the same nodes, and leads no further.
    Ways,
    /// What is reached from the same nodes, and leads no further.
    Sources,
    /// What is of one kind.
    Kind,
}

/// Nodes of one class become one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Alone(usize),
    Ways(Kind, usize, Vec<Way>),
    Sources(Kind, usize, Vec<usize>),
    Kind(Kind, usize),
}

/// An edge to a node: whence, by what, and whether that is possible at most.
type Way = (usize, Vec<String>, bool);

/// All chains, without columns yet.
fn whole(reached: &Reached) -> Graph {
    let mut builder = Builder::default();
    let start = builder.node(Kind::Start, &reached.principal);
    for becomes in &reached.becomes {
        let end = (Kind::Principal, becomes.principal.as_str());
        builder.chain(start, &becomes.steps, end, becomes.possible);
    }
    for rewrite in &reached.rewrites {
        let end = (Kind::Object(rewrite.layer), rewrite.object.as_str());
        builder.chain(start, &rewrite.steps, end, rewrite.possible);
    }
    for leak in &reached.leaks {
        let end = (Kind::Data, leak.dataset.as_str());
        builder.chain(start, &leak.steps, end, leak.possible);
    }
    builder.graph
}

#[derive(Default)]
struct Builder {
    graph: Graph,
    nodes: BTreeMap<(Kind, String), usize>,
    edges: BTreeMap<(usize, usize), usize>,
}

impl Builder {
    fn node(&mut self, kind: Kind, name: &str) -> usize {
        let next = self.graph.nodes.len();
        let number = *self.nodes.entry((kind, name.to_owned())).or_insert(next);
        if number == next {
            self.graph.nodes.push(Node {
                kind,
                names: vec![name.to_owned()],
                count: 1,
                column: 0,
            });
        }
        number
    }

    /// The node of a principal: the start, if it is that one.
    fn principal(&mut self, name: &str) -> usize {
        let start = self.nodes.get(&(Kind::Start, name.to_owned())).copied();
        start.unwrap_or_else(|| self.node(Kind::Principal, name))
    }

    fn chain(&mut self, start: usize, steps: &[AttackStep], end: (Kind, &str), possible: bool) {
        let (kind, name) = end;
        let mut from = start;
        let mut labels: Vec<String> = Vec::new();
        let mut doubtful = false;
        for step in steps {
            let actor = self.principal(&step.principal);
            if actor == start && from != start {
                // What it holds from the start needs no arrow back.
                (from, doubtful) = (start, false);
            } else if actor != from {
                self.edge(from, actor, std::mem::take(&mut labels), doubtful);
                (from, doubtful) = (actor, false);
            }
            labels.push(step.edge.clone());
            doubtful |= step.possible;
        }
        let to = match kind {
            Kind::Principal => self.principal(name),
            kind => self.node(kind, name),
        };
        let unsaid = steps.is_empty() && possible;
        self.edge(from, to, labels, doubtful || unsaid);
    }

    fn edge(&mut self, from: usize, to: usize, labels: Vec<String>, possible: bool) {
        if from == to {
            return;
        }
        let next = self.graph.edges.len();
        let number = *self.edges.entry((from, to)).or_insert(next);
        if number == next {
            self.graph.edges.push(Edge {
                from,
                to,
                labels: Vec::new(),
                possible,
            });
        }
        if let Some(edge) = self.graph.edges.get_mut(number) {
            edge.absorb(&labels, possible);
        }
    }
}

impl Edge {
    fn absorb(&mut self, labels: &[String], possible: bool) {
        for label in labels {
            if !self.labels.contains(label) {
                self.labels.push(label.clone());
            }
        }
        self.possible &= possible;
    }
}

impl Graph {
    /// Each node in the column after the nearest that leads to it.
    fn in_columns(mut self) -> Graph {
        let mut after: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for edge in &self.edges {
            after.entry(edge.from).or_default().push(edge.to);
        }
        let mut seen = vec![false; self.nodes.len()];
        let mut queue = VecDeque::from([(0, 0)]);
        while let Some((number, column)) = queue.pop_front() {
            let Some(seen) = seen.get_mut(number).filter(|seen| !**seen) else {
                continue;
            };
            *seen = true;
            if let Some(node) = self.nodes.get_mut(number) {
                node.column = column.min(COLUMNS_MAX);
            }
            let next = after.get(&number).into_iter().flatten();
            queue.extend(next.map(|next| (*next, column + 1)));
        }
        self
    }

    /// The same with crowded columns drawn coarser.
    fn coarser(self, stage: Stage) -> Graph {
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        for node in &self.nodes {
            *sizes.entry(node.column).or_default() += 1;
        }
        let whole = self.nodes.len() > NODES_MAX;
        let crowded = |node: &Node| {
            whole
                || sizes
                    .get(&node.column)
                    .is_some_and(|size| *size > COLUMN_NODES_MAX)
        };
        let ways = self.ways_in();
        let leading: BTreeSet<usize> = self.edges.iter().map(|edge| edge.from).collect();
        self.merged(|number, node| {
            let (kind, column) = (node.kind, node.column);
            let ways = || ways.get(&number).cloned().unwrap_or_default();
            match stage {
                _ if !crowded(node) || kind == Kind::Start => Class::Alone(number),
                Stage::Kind => Class::Kind(kind, column),
                _ if leading.contains(&number) => Class::Alone(number),
                Stage::Ways => Class::Ways(kind, column, ways()),
                Stage::Sources => {
                    let sources = ways().into_iter().map(|(from, ..)| from);
                    Class::Sources(kind, column, sources.collect())
                }
            }
        })
    }

    /// For each node, where its edges come from and what they are.
    fn ways_in(&self) -> BTreeMap<usize, Vec<Way>> {
        let mut ways: BTreeMap<usize, Vec<Way>> = BTreeMap::new();
        for edge in &self.edges {
            let way = (edge.from, edge.labels.clone(), edge.possible);
            ways.entry(edge.to).or_default().push(way);
        }
        ways.values_mut().for_each(|ways| ways.sort());
        ways
    }

    /// Nodes of one class as one node.
    fn merged(self, class: impl Fn(usize, &Node) -> Class) -> Graph {
        let mut numbers: BTreeMap<Class, usize> = BTreeMap::new();
        let mut merged = Builder::default();
        let mut becomes = Vec::new();
        for (number, node) in self.nodes.into_iter().enumerate() {
            let next = merged.graph.nodes.len();
            let into = *numbers.entry(class(number, &node)).or_insert(next);
            becomes.push(into);
            match merged.graph.nodes.get_mut(into) {
                Some(known) => known.absorb(node),
                None => merged.graph.nodes.push(node),
            }
        }
        for edge in self.edges {
            if let (Some(from), Some(to)) = (becomes.get(edge.from), becomes.get(edge.to)) {
                merged.edge(*from, *to, edge.labels, edge.possible);
            }
        }
        merged.graph
    }
}

/// Names kept of a node that stands for many.
const NAMES_MAX: usize = 20;

impl Node {
    fn absorb(&mut self, other: Node) {
        self.count += other.count;
        let room = NAMES_MAX.saturating_sub(self.names.len());
        self.names.extend(other.names.into_iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_findings::faults::{Becomes, Rewrite};

    fn step(principal: &str, edge: &str) -> AttackStep {
        AttackStep {
            principal: principal.into(),
            edge: edge.into(),
            ..AttackStep::default()
        }
    }

    #[test]
    fn chains_share_what_they_have_in_common() {
        let reached = Reached {
            principal: "a".into(),
            becomes: vec![
                Becomes {
                    principal: "b".into(),
                    possible: false,
                    steps: vec![step("a", "A01"), step("a", "A02")],
                },
                Becomes {
                    principal: "c".into(),
                    possible: true,
                    steps: vec![
                        step("a", "A01"),
                        step("a", "A02"),
                        AttackStep {
                            possible: true,
                            ..step("b", "A03")
                        },
                    ],
                },
            ],
            ..Reached::default()
        };
        let graph = of(&reached);
        let nodes: Vec<_> = graph
            .nodes
            .iter()
            .map(|node| (node.names[0].as_str(), node.column))
            .collect();
        assert_eq!(nodes, [("a", 0), ("b", 1), ("c", 2)]);
        let edges: Vec<_> = graph
            .edges
            .iter()
            .map(|edge| (edge.from, edge.to, edge.labels.join("+"), edge.possible))
            .collect();
        assert_eq!(
            edges,
            [
                (0, 1, "A01+A02".to_owned(), false),
                (1, 2, "A03".to_owned(), true)
            ]
        );
    }

    #[test]
    fn a_large_graph_is_drawn_with_counts_and_stays_small() {
        let rewrites = |number: usize| Rewrite {
            layer: if number.is_multiple_of(2) {
                "audit"
            } else {
                "resource"
            },
            object: format!("o{number}"),
            steps: vec![step("a", &format!("F{number}"))],
            ..Rewrite::default()
        };
        let reached = Reached {
            principal: "a".into(),
            rewrites: (0..1000).map(rewrites).collect(),
            ..Reached::default()
        };
        let graph = of(&reached);
        let counts: Vec<usize> = graph.nodes.iter().map(|node| node.count).collect();
        assert_eq!(counts, [1, 500, 500]);
        assert!(graph.nodes.iter().all(|node| node.names.len() <= NAMES_MAX));
    }

    #[test]
    fn a_long_chain_ends_in_the_last_column() {
        let steps: Vec<AttackStep> = (0..100)
            .map(|at| step(&format!("p{at:03}"), "A01"))
            .collect();
        let reached = Reached {
            principal: "p000".into(),
            becomes: vec![Becomes {
                principal: "end".into(),
                possible: false,
                steps,
            }],
            ..Reached::default()
        };
        let graph = of(&reached);
        assert!(graph.nodes.len() <= NODES_MAX);
        assert!(graph.nodes.iter().all(|node| node.column <= COLUMNS_MAX));
    }
}
