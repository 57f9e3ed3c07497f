//! Fields that a hook computes whenever they are read: what can be said of a value that no row has.

use super::Resolver;
use super::names;
use crate::diagnostic::{Code, Span};
use crate::model::{self, Type};
use crate::names as casing;
use crate::spec;

/// To be written instead, where rows are to be found by it.
const STORE: &str = "it isn't stored, so rows can't be found by it; to store it write `read_only: true` instead of \
    `computed: true`, and a hook sets it when the row is created";

impl Resolver<'_> {
    /// `span`: of the key `computed`.
    pub(super) fn check_computed(&mut self, typed: &spec::Field, field: &model::Field, span: Span) {
        let flags = &typed.flags;
        let unseen = "nobody would see it; remove the field, or this key";
        let keys = [
            (
                "default",
                typed.default.as_ref().map(|node| node.span),
                "its hook gives a value for every row; remove it",
            ),
            ("read_only", flags.read_only, "no caller sets what isn't stored; remove it"),
            ("create_only", flags.create_only, "no caller sets what isn't stored; remove it"),
            ("write_only", flags.write_only, unseen),
            ("internal", flags.internal, unseen),
            ("unique", flags.unique, STORE),
            ("index", flags.index, STORE),
            ("filter", flags.filter, STORE),
            ("sort", flags.sort, STORE),
        ];
        for (word, place, help) in keys {
            if let Some(place) = place {
                self.error(
                    Code::KeyNotApplicable,
                    place,
                    format!("`{word}` has no meaning for a computed field"),
                    help,
                );
            }
        }
        if field.ty == Type::Password {
            let help = "give it another type: a password is never shown";
            self.error(Code::KeyNotApplicable, span, "a password can't be computed", help);
        }
        if casing::is_hook(&field.name) {
            let help = "the hook that computes it would have the name of another hook; choose another name";
            names::reserved(&typed.name, help, self.out);
        }
    }

    /// Whether a field that others refer to is in the database.
    pub(super) fn is_stored_field(&mut self, name: &str, place: Span, typed: &spec::Resource) -> bool {
        let stored = super::aggregate::is_stored(typed, name);
        if !stored {
            let help = "name fields that are stored: this one is found out whenever it is read";
            self.error(Code::KeyNotApplicable, place, format!("`{name}` isn't stored"), help);
        }
        stored
    }
}
