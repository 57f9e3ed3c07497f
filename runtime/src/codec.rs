//! From and to the forms that values have outside.

pub mod json;
pub mod text;
