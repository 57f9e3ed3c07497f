//! apigen reads one domain spec and writes its OpenAPI document, GraphQL schema, protobuf file and a Rust server.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! match apigen::load("specs/shop.yaml".as_ref())? {
//!     Ok(loaded) => println!("{} resources", loaded.model.resources.len()),
//!     Err(mistakes) => eprint!("{mistakes}"),
//! }
//! # Ok(())
//! # }
//! ```

// Input never panics. What can't happen says so by `unreachable!`.
#![cfg_attr(not(test), warn(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

mod builder;
pub mod cli;
pub mod diagnostic;
pub mod emit;
pub mod files;
mod load;
pub mod lock;
pub mod migrations;
pub mod model;
pub mod names;
pub mod spec;

pub use builder::{BuildError, Builder};
pub use emit::OpenApi;
pub use load::{Input, Loaded, load, lock_path, read, read_with};

/// The JSON Schema (draft 7) of specs, for editors: what `apigen schema` prints. It accepts more than apigen does, since no
/// schema can follow a relation to its inverse.
pub const SPEC_SCHEMA: &str = include_str!("schema/apigen.schema.json");

/// Everything that `options` ask for, in memory. A server's tables follow those that `history` has made, if they can.
pub fn generate(
    model: &model::Model,
    options: &emit::Options,
    history: &migrations::History,
) -> Result<files::Files, migrations::Refused> {
    emit::all(model, options, || migrations::follow(model, history), None)
}
