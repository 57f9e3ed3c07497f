//! From and to the forms of the protocols.

pub mod json;
