//! Rules over several fields of a row, which every write must leave fulfilled. A field that is null fulfils every
//! comparison.

use super::{Literal, Resource, prose::Spelling};
pub use crate::spec::{Comparison, Presence};

#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    Compare {
        /// Position in [`Resource::fields`].
        left: usize,
        comparison: Comparison,
        right: Operand,
    },
    /// Positions in [`Resource::fields`].
    Count { presence: Presence, fields: Vec<usize> },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Position in [`Resource::fields`].
    Field(usize),
    /// Of the other side's type.
    Literal(Literal),
}

impl Check {
    /// What it asks for, as a sentence.
    pub fn sentence(&self, resource: &Resource, spelling: Spelling) -> String {
        match self {
            Check::Compare { left, comparison, right } => {
                let right = match right {
                    Operand::Field(field) => resource.spelled(*field, spelling),
                    Operand::Literal(Literal::Scalar(text)) => text,
                    Operand::Literal(_) => unreachable!("only scalars are compared"),
                };
                format!("Holds: `{} {} {right}`.", resource.spelled(*left, spelling), comparison.sign())
            }
            Check::Count { presence, fields } => {
                let names: Vec<_> = fields.iter().map(|field| resource.spelled(*field, spelling)).collect();
                let words = match presence {
                    Presence::ExactlyOne => "Exactly one of",
                    Presence::AtLeastOne => "At least one of",
                };
                format!("{words} `{}` is set.", names.join("`, `"))
            }
        }
    }
}
