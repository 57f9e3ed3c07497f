//! A generated server, run as a process and asked over sockets.

pub mod corpus;
pub mod generated;
pub mod server;
pub mod shop;
pub mod wire;
