//! From and to the forms that values have outside.

pub mod batch;
pub mod json;
pub mod text;
