//! Which traits a message can derive beside those that all have.

use std::collections::HashMap;

use crate::model::proto::{self, FieldType, Kind, Label, Types};

#[derive(Debug, Clone, Copy)]
pub(super) struct Derives {
    pub(super) copy: bool,
    /// `Hash` comes with it.
    pub(super) eq: bool,
}

const ALL: Derives = Derives { copy: true, eq: true };
const EQ: Derives = Derives { copy: false, eq: true };
const NONE: Derives = Derives { copy: false, eq: false };

/// What is found out about the messages of one file, each once. None contains itself.
pub(super) struct Known<'m> {
    types: &'m Types<'m>,
    messages: HashMap<&'m str, &'m proto::Message>,
    known: HashMap<&'m str, Derives>,
}

impl<'m> Known<'m> {
    pub(super) fn new(file: &'m proto::File, types: &'m Types<'m>) -> Known<'m> {
        let messages = file.messages.iter().map(|message| (message.name.as_str(), message)).collect();
        Known { types, messages, known: HashMap::new() }
    }

    pub(super) fn of(&mut self, message: &'m proto::Message) -> Derives {
        if let Some(known) = self.known.get(message.name.as_str()) {
            return *known;
        }
        let mut derives = ALL;
        for field in &message.fields {
            let field = self.field(self.types.of_field(field));
            derives = Derives { copy: derives.copy && field.copy, eq: derives.eq && field.eq };
        }
        self.known.insert(&message.name, derives);
        derives
    }

    fn field(&mut self, ty: FieldType<'m>) -> Derives {
        let one = match ty.kind {
            Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Enum(_) => ALL,
            Kind::Double => Derives { copy: true, eq: false },
            Kind::String | Kind::Bytes => EQ,
            Kind::Message(name) => self.named(name),
            Kind::WellKnown("Timestamp" | "Duration") => ALL,
            Kind::WellKnown("FieldMask") => EQ,
            Kind::WellKnown(_) => NONE,
        };
        let message = matches!(ty.kind, Kind::Message(_) | Kind::WellKnown(_));
        match ty.label {
            Label::One | Label::Optional => one,
            Label::Repeated if !message => Derives { copy: false, ..one },
            // prost compares lists of messages no further.
            Label::Repeated | Label::Map => NONE,
        }
    }

    fn named(&mut self, name: &str) -> Derives {
        match self.messages.get(name).copied() {
            Some(message) => self.of(message),
            None => unreachable!("a field's type `{name}` is a message of the file"),
        }
    }
}
