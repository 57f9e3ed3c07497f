//! From and to the forms that values have outside.

pub mod text;
