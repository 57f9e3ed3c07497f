//! What is compared: an operation, on a database, in a way of asking for it.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Get,
    /// With a token (JWT), for which what is written by hand doesn't ask.
    GetAs,
    /// A page of 20.
    List,
    /// A page of 20 with a condition.
    Filter,
    /// For words that one row has.
    Search,
    /// A page of 20 orders with their items and the items' products.
    Nested,
    Create,
    /// 20 new rows, all of them or none.
    Batch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// REST of the hand-written server.
    ByHand,
    Rest,
    Graphql,
    Grpc,
}

impl Way {
    pub const GENERATED: [Way; 3] = [Way::Rest, Way::Graphql, Way::Grpc];

    pub fn name(self) -> &'static str {
        match self {
            Way::ByHand => "by hand",
            Way::Rest => "REST",
            Way::Graphql => "GraphQL",
            Way::Grpc => "gRPC",
        }
    }
}

impl Operation {
    /// Reads first: what is created makes the tables larger.
    pub const ALL: [Operation; 8] = [
        Operation::Get,
        Operation::GetAs,
        Operation::List,
        Operation::Filter,
        Operation::Search,
        Operation::Nested,
        Operation::Create,
        Operation::Batch,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Operation::Get => "get",
            Operation::GetAs => "get as",
            Operation::List => "list 20",
            Operation::Filter => "filter 20",
            Operation::Search => "search",
            Operation::Nested => "nested",
            Operation::Create => "create",
            Operation::Batch => "batch 20",
        }
    }

    /// What is within rows, the other two ask for one by one.
    fn is_asked(self, way: Way) -> bool {
        self != Operation::Nested || matches!(way, Way::ByHand | Way::Graphql)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    pub database: &'static str,
    pub operation: Operation,
    pub way: Way,
}

impl Case {
    pub fn all(database: &'static str) -> impl Iterator<Item = Case> {
        Operation::ALL.into_iter().flat_map(move |operation| {
            let ways = [Way::ByHand, Way::Rest, Way::Graphql, Way::Grpc].into_iter();
            ways.filter(move |way| operation.is_asked(*way)).map(move |way| Case { database, operation, way })
        })
    }

    /// Whether all of these words are in its name.
    pub fn fits(&self, words: &str) -> bool {
        let name = self.to_string().to_lowercase();
        words.to_lowercase().split_whitespace().all(|word| name.contains(word))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.database, self.operation.name(), self.way.name())
    }
}
