//! A generated server, run as a process and asked over sockets; and the scenario corpus, run over all protocols.

pub mod access;
pub mod cluster;
pub mod command;
pub mod corpus;
pub mod explained;
pub mod generated;
pub mod live;
pub mod network;
pub mod pooler;
pub mod postgres;
pub mod redis;
pub mod server;
pub mod shop;
pub mod staff;
pub mod wire;
