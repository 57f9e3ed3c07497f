//! A generated server, run as a process and asked over sockets.

pub mod server;
pub mod shop;
pub mod wire;
