//! What is between two schemas: additions that a migration can make, or the reasons why none can.

use super::{
    Refused,
    fill::{self, Fill},
    schema::{Column, Index, Schema, TENANT, Table, Type, ValueType},
};
use crate::model::Model;

/// One thing that a migration does. Tables are as they are afterwards.
#[derive(Debug)]
pub(super) enum Change<'a> {
    RenameTable {
        from: String,
        table: &'a Table,
    },
    RenameColumn {
        from: String,
        table: &'a Table,
        column: &'a Column,
    },
    /// SQLite keeps the old name until the table is built anew, since nothing asks for it.
    RenameConstraint {
        from: String,
        to: String,
        table: &'a Table,
    },
    RenameIndex {
        from: String,
        table: &'a Table,
        index: &'a Index,
    },
    /// Pairs of an old and a new value.
    RenameValues {
        table: &'a Table,
        column: &'a Column,
        values: Vec<(String, String)>,
    },
    AddTable(&'a Table),
    AddColumn(&'a Table, &'a Column, Fill),
    /// The column's enum has more values.
    AddValues(&'a Table, &'a Column),
    /// An index holds nothing that isn't in its table, so that one nobody needs any more goes without a question.
    DropIndex(&'a Table, &'a Index),
    AddIndex(&'a Table, &'a Index),
    /// The words of this table's rows are no longer gathered, or not those of the same columns. Its name is that of before.
    DropSearch(String),
    AddSearch(&'a Table),
}

/// All changes, in the order in which they can be made.
pub(super) fn between<'a>(before: &'a Schema, after: &'a Schema, model: &Model) -> Result<Vec<Change<'a>>, Refused> {
    let mut found = Found { model, changes: Vec::new(), reasons: Vec::new() };
    found.value_types(before, after);
    for table in &before.tables {
        if after.table(&table.name).is_none() {
            found.refuse(&table.name, "the spec no longer has this table; to drop or rename one isn't supported yet");
        }
    }
    for table in &after.tables {
        match before.table(&table.name) {
            Some(old) => found.table(old, table),
            None => found.changes.push(Change::AddTable(table)),
        }
    }
    if found.reasons.is_empty() { Ok(found.changes) } else { Err(Refused { reasons: found.reasons }) }
}

struct Found<'a, 'm> {
    model: &'m Model,
    changes: Vec<Change<'a>>,
    reasons: Vec<String>,
}

impl<'a> Found<'a, '_> {
    fn refuse(&mut self, place: &str, reason: &str) {
        self.reasons.push(format!("{place}: {reason}"));
    }

    fn table(&mut self, old: &'a Table, new: &'a Table) {
        for column in old.columns.iter().filter(|column| new.column(&column.name).is_none()) {
            let place = format!("{}.{}", new.name, column.name);
            self.refuse(&place, "the spec no longer has this column; to drop or rename one isn't supported yet");
        }
        for column in &new.columns {
            let place = format!("{}.{}", new.name, column.name);
            match old.column(&column.name) {
                Some(before) => self.column(&place, new, before, column),
                None => self.add_column(&place, new, column),
            }
        }
        let gone = old.indexes.iter().filter(|index| !new.indexes.contains(index));
        self.changes.extend(gone.map(|index| Change::DropIndex(new, index)));
        let added = new.indexes.iter().filter(|index| !old.indexes.contains(index));
        self.changes.extend(added.map(|index| Change::AddIndex(new, index)));
        if old.search != new.search {
            self.changes.extend((!old.search.is_empty()).then(|| Change::DropSearch(old.name.clone())));
            self.changes.extend((!new.search.is_empty()).then_some(Change::AddSearch(new)));
        }
    }

    fn add_column(&mut self, place: &str, table: &'a Table, column: &'a Column) {
        match fill::of(self.model, &table.name, &column.name) {
            None if column.name == TENANT => self.refuse(
                place,
                "the rows that are already there belong to no tenant, and to give them one isn't supported yet",
            ),
            None => self.refuse(
                place,
                "the rows that are already there need a value in a new column: make it optional, or give it a \
                 default",
            ),
            Some(fill) if column.unique.is_some() && fill != Fill::Null => self.refuse(
                place,
                "all rows that are already there would get the same value in a new unique column: make it optional, \
                 without a default",
            ),
            Some(fill) => self.changes.push(Change::AddColumn(table, column, fill)),
        }
    }

    fn column(&mut self, place: &str, table: &'a Table, old: &Column, new: &'a Column) {
        match fits(&old.ty, &new.ty) {
            Fit::Same => {}
            Fit::Wider if matches!(new.ty, Type::Enum(_)) => self.changes.push(Change::AddValues(table, new)),
            // Inside JSON, where no constraint names the values.
            Fit::Wider => {}
            Fit::Fewer(values) => self.refuse(place, &fewer(&values)),
            Fit::Other => self.refuse(place, &format!("{} to {} {TYPE}", spell(&old.ty), spell(&new.ty))),
        }
        match (&old.unique, &new.unique) {
            (None, Some(_)) => {
                self.refuse(place, "rows that are already there may share a value, so it can't become unique")
            }
            (Some(_), None) => self.refuse(place, "to stop being unique isn't supported yet"),
            _ => {}
        }
        match (old.optional, new.optional) {
            (true, false) => {
                self.refuse(place, "rows that are already there may be without a value, so it can't become required")
            }
            (false, true) => self.refuse(place, "to become optional isn't supported yet"),
            _ => {}
        }
        if old.bounds != new.bounds {
            self.refuse(place, "to change `minimum` or `maximum` isn't supported yet");
        }
        let target = |column: &Column| column.references.as_ref().map(|to| (to.table.clone(), to.on_delete));
        if target(old) != target(new) {
            self.refuse(place, "to change what it refers to, or its `on_delete`, isn't supported yet");
        }
    }

    /// Value types are stored as JSON, which no migration rewrites: only what old rows can be without may come.
    fn value_types(&mut self, before: &Schema, after: &Schema) {
        for new in &after.types {
            if let Some(old) = before.types.iter().find(|old| old.name == new.name) {
                self.members(old, new);
            }
        }
    }

    fn members(&mut self, old: &ValueType, new: &ValueType) {
        let place = |name: &str| format!("{}.{name}", new.name);
        for member in &old.members {
            let Some(now) = new.members.iter().find(|now| now.name == member.name) else {
                let reason = "stored values have this field, and the spec no longer does; that isn't supported yet";
                self.refuse(&place(&member.name), reason);
                continue;
            };
            match fits(&member.ty, &now.ty) {
                Fit::Same | Fit::Wider => {}
                Fit::Fewer(values) => self.refuse(&place(&now.name), &fewer(&values)),
                Fit::Other => {
                    self.refuse(&place(&now.name), &format!("{} to {} {TYPE}", spell(&member.ty), spell(&now.ty)));
                }
            }
            if member.optional && !now.optional {
                self.refuse(&place(&now.name), "stored values may be without it, so it can't become required");
            }
        }
        for member in &new.members {
            let added = old.members.iter().all(|old| old.name != member.name);
            if added && !member.optional && !matches!(member.ty, Type::List(_) | Type::Map(_)) {
                self.refuse(&place(&member.name), "stored values are without it: make it optional");
            }
        }
    }
}

const TYPE: &str = "is a change of type, which isn't supported yet";

fn fewer(values: &[String]) -> String {
    format!("rows that are already there may have the values that its enum lost: {}", values.join(", "))
}

/// Whether values of one type are values of another.
enum Fit {
    Same,
    /// The other has more values, of an enum.
    Wider,
    /// The other's enum lacks these.
    Fewer(Vec<String>),
    Other,
}

fn fits(old: &Type, new: &Type) -> Fit {
    match (old, new) {
        (Type::Enum(old), Type::Enum(new)) => {
            let lost: Vec<_> = old.iter().filter(|value| !new.contains(value)).cloned().collect();
            match lost.is_empty() {
                true if old.len() == new.len() => Fit::Same,
                true => Fit::Wider,
                false => Fit::Fewer(lost),
            }
        }
        (Type::List(old), Type::List(new)) | (Type::Map(old), Type::Map(new)) => fits(old, new),
        (old, new) if old == new => Fit::Same,
        _ => Fit::Other,
    }
}

/// As the spec spells it.
fn spell(ty: &Type) -> String {
    match ty {
        Type::Decimal { precision, scale } => format!("decimal of {precision} digits, {scale} behind the point,"),
        Type::Enum(values) => format!("enum ({})", values.join(", ")),
        Type::Object(name) => name.clone(),
        Type::List(item) => format!("list<{}>", spell(item)),
        Type::Map(value) => format!("map<{}>", spell(value)),
        scalar => format!("{scalar:?}").to_lowercase(),
    }
}
