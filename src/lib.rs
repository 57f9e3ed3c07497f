//! apigen reads one domain spec and writes its OpenAPI document, GraphQL schema, protobuf file and a Rust server.

pub mod emit;
pub mod model;
