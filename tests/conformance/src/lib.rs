//! The scenario corpus: cases as data, run by real clients over REST, GraphQL and gRPC against the generated server.

pub mod command;
pub mod server;
pub mod shop;
pub mod wire;
