//! What a spec says about who may do what, read from its YAML by code that shares nothing with apigen; and rows, callers
//! and tokens to hold a server to it.

pub mod caller;
pub mod place;
pub mod policy;
pub mod seed;
pub mod spec;
pub mod value;
pub mod world;
