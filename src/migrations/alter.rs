//! Changes as SQL.
//!
//! SQLite adds nothing to a table but columns that may be null; for all else the table is built anew and its rows are
//! copied, in the way that <https://sqlite.org/lang_altertable.html#otheralter> describes, so that it becomes exactly what
//! a new database would have. Its foreign keys are off while a migration runs, and checked before it commits. On PostgreSQL
//! nothing is rewritten that the database can do without rewriting.

use super::{
    change::Change,
    create::{self, add_foreign_key, check, create_index, create_table, foreign_key_of_column, unique},
    dialect::{Dialect, literal, quote},
    fill::Fill,
    schema::{Column, Table},
    search,
};

/// The name of a table until it has the rows of the one that it replaces. No resource has it: theirs are plural.
const REBUILT: &str = "apigen_rebuilt";

pub(super) fn script(spec: &str, changes: &[Change<'_>], dialect: Dialect) -> String {
    let mut blocks = vec![changes.iter().filter_map(|change| drop_search(change, dialect)).flatten().collect()];
    blocks.push(changes.iter().filter_map(|change| rename(change, dialect)).flatten().collect());
    let altered = altered(changes);
    let rebuilt =
        |table: &Table| dialect == Dialect::Sqlite && altered.iter().any(|it| it.table == table && it.rebuild());
    let dropped = changes.iter().filter_map(|change| match change {
        Change::DropIndex(table, index) if index.is_for(dialect) && !rebuilt(table) => {
            Some(format!("DROP INDEX {};", quote(&index.name)))
        }
        _ => None,
    });
    blocks.push(dropped.collect());
    for alteration in &altered {
        blocks.push(match dialect {
            Dialect::Sqlite if alteration.rebuild() => alteration.rebuilt(),
            Dialect::Sqlite => alteration.sqlite(),
            Dialect::Postgres => alteration.postgres(),
        });
    }
    let new: Vec<&Table> = changes
        .iter()
        .filter_map(|change| match change {
            Change::AddTable(table) => Some(*table),
            _ => None,
        })
        .collect();
    blocks.extend(create::blocks(&new, dialect));
    // What a new column refers to may be a new table.
    if dialect == Dialect::Postgres {
        blocks.push(altered.iter().flat_map(Alteration::foreign_keys).collect());
    }
    let added = changes.iter().filter_map(|change| match change {
        Change::AddIndex(table, index) if !rebuilt(table) => create_index(table, index, dialect),
        _ => None,
    });
    blocks.push(added.collect());
    for change in changes {
        if let Change::AddSearch(table) = change {
            blocks.push(search::add(table, dialect));
        }
    }
    // The triggers went with the table that was replaced.
    let kept =
        altered.iter().filter(|it| rebuilt(it.table) && !changes.iter().any(|change| adds_search(change, it.table)));
    blocks.extend(kept.map(|it| search::triggers(it.table)));
    create::file(spec, blocks)
}

/// What the databases can rename without touching a row.
fn rename(change: &Change<'_>, dialect: Dialect) -> Option<Vec<String>> {
    let statements = match change {
        Change::RenameTable { from, table } => {
            let renamed = format!("ALTER TABLE {} RENAME TO {};", quote(from), quote(&table.name));
            let key = (dialect == Dialect::Postgres).then(|| rename_key(from, &table.name)).flatten();
            std::iter::once(renamed).chain(key).collect()
        }
        Change::RenameColumn { from, table, column } => {
            let (table, from, to) = (quote(&table.name), quote(from), quote(&column.name));
            vec![format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to};")]
        }
        Change::RenameConstraint { from, to, table } if dialect == Dialect::Postgres => {
            let (table, from, to) = (quote(&table.name), quote(from), quote(to));
            vec![format!("ALTER TABLE {table} RENAME CONSTRAINT {from} TO {to};")]
        }
        Change::RenameIndex { from, index, .. } if dialect == Dialect::Postgres => {
            vec![format!("ALTER INDEX {} RENAME TO {};", quote(from), quote(&index.name))]
        }
        Change::RenameIndex { from, table, index } => {
            let anew = create_index(table, index, dialect);
            anew.into_iter().flat_map(|create| [format!("DROP INDEX {};", quote(from)), create]).collect()
        }
        _ => return None,
    };
    Some(statements)
}

/// PostgreSQL names a primary key after its table, and cuts names that are longer than 63 bytes in its own way.
fn rename_key(from: &str, to: &str) -> Option<String> {
    let name = |table: &str| Some(format!("{table}_pkey")).filter(|name| name.len() <= 63);
    let (old, new) = (quote(&name(from)?), quote(&name(to)?));
    Some(format!("ALTER TABLE {} RENAME CONSTRAINT {old} TO {new};", quote(to)))
}

/// By its names of before, and so first of all.
fn drop_search(change: &Change<'_>, dialect: Dialect) -> Option<Vec<String>> {
    match change {
        Change::DropSearch(table) => Some(search::drop(table, dialect)),
        _ => None,
    }
}

fn adds_search(change: &Change<'_>, table: &Table) -> bool {
    matches!(change, Change::AddSearch(added) if added.name == table.name)
}

/// All changes of the columns of one table.
struct Alteration<'a> {
    table: &'a Table,
    added: Vec<(&'a Column, &'a Fill)>,
    /// Columns whose enum has more values.
    widened: Vec<&'a Column>,
    /// Columns whose enum has other names for some values, with the old and the new ones.
    renamed: Vec<(&'a Column, &'a [(String, String)])>,
}

fn altered<'a>(changes: &'a [Change<'_>]) -> Vec<Alteration<'a>> {
    let mut altered: Vec<Alteration<'a>> = Vec::new();
    for change in changes {
        let table: &Table = match change {
            Change::AddColumn(table, ..) | Change::AddValues(table, _) | Change::RenameValues { table, .. } => table,
            _ => continue,
        };
        let known = altered.iter().position(|each| each.table.name == table.name);
        let index = known.unwrap_or(altered.len());
        if known.is_none() {
            altered.push(Alteration { table, added: Vec::new(), widened: Vec::new(), renamed: Vec::new() });
        }
        match (change, altered.get_mut(index)) {
            (Change::AddColumn(_, column, fill), Some(last)) => last.added.push((column, fill)),
            (Change::AddValues(_, column), Some(last)) => last.widened.push(column),
            (Change::RenameValues { column, values, .. }, Some(last)) => last.renamed.push((column, values)),
            _ => {}
        }
    }
    altered
}

impl Alteration<'_> {
    /// Whether SQLite can't do it otherwise.
    fn rebuild(&self) -> bool {
        let added = |(column, fill): &(&Column, &Fill)| column.unique.is_none() && **fill == Fill::Null;
        !self.widened.is_empty() || !self.renamed.is_empty() || !self.added.iter().all(added)
    }

    fn rebuilt(&self) -> Vec<String> {
        let table = quote(&self.table.name);
        let columns: Vec<_> = self.table.columns.iter().map(|column| quote(&column.name)).collect();
        let values: Vec<_> = self.table.columns.iter().map(|column| self.value(column)).collect();
        let (columns, values, rebuilt) = (columns.join(", "), values.join(", "), quote(REBUILT));
        let mut statements = vec![
            create_table(self.table, REBUILT, Dialect::Sqlite),
            format!("INSERT INTO {rebuilt} ({columns})\n    SELECT {values} FROM {table};"),
            format!("DROP TABLE {table};"),
            format!("ALTER TABLE {rebuilt} RENAME TO {table};"),
        ];
        statements
            .extend(self.table.indexes.iter().filter_map(|index| create_index(self.table, index, Dialect::Sqlite)));
        statements
    }

    /// What a row gets in a column of the table that is built anew.
    fn value(&self, column: &Column) -> String {
        match self.added.iter().find(|(added, _)| added.name == column.name) {
            Some((_, fill)) => fill.expression(Dialect::Sqlite).to_owned(),
            None => self.renamed_value(column),
        }
    }

    /// A value under the name that it has from now on.
    fn renamed_value(&self, column: &Column) -> String {
        let name = quote(&column.name);
        let Some((_, values)) = self.renamed.iter().find(|(renamed, _)| renamed.name == column.name) else {
            return name;
        };
        let cases = values.iter().map(|(from, to)| format!("WHEN {} THEN {} ", literal(from), literal(to)));
        format!("CASE {name} {}ELSE {name} END", cases.collect::<String>())
    }

    fn sqlite(&self) -> Vec<String> {
        let table = quote(&self.table.name);
        let statements = self.added.iter().map(|(column, _)| {
            let ty = Dialect::Sqlite.column_type(&column.ty);
            let constraints = [check(column, Dialect::Sqlite), foreign_key_of_column(column)];
            let constraints: String = constraints.into_iter().flatten().map(|each| format!(" {each}")).collect();
            format!("ALTER TABLE {table} ADD COLUMN {} {ty}{constraints};", quote(&column.name))
        });
        statements.collect()
    }

    fn postgres(&self) -> Vec<String> {
        let table = quote(&self.table.name);
        let mut statements = Vec::new();
        for (column, fill) in &self.added {
            statements.extend(add_postgres(&table, column, fill));
            let constraints = [unique(column), check(column, Dialect::Postgres)].into_iter().flatten();
            statements.extend(constraints.map(|each| format!("ALTER TABLE {table} ADD {each};")));
        }
        for (column, _) in &self.renamed {
            if let (Some(name), Some(check)) = (&column.check, check(column, Dialect::Postgres)) {
                let (column, value) = (quote(&column.name), self.renamed_value(column));
                statements.extend([
                    format!("ALTER TABLE {table} DROP CONSTRAINT {};", quote(name)),
                    format!("UPDATE {table} SET {column} = {value} WHERE {column} <> {value};"),
                    format!("ALTER TABLE {table} ADD {check};"),
                ]);
            }
        }
        let widened =
            self.widened.iter().filter(|column| self.renamed.iter().all(|(other, _)| other.name != column.name));
        for column in widened {
            if let (Some(name), Some(check)) = (&column.check, check(column, Dialect::Postgres)) {
                statements.push(format!("ALTER TABLE {table} DROP CONSTRAINT {}, ADD {check};", quote(name)));
            }
        }
        statements
    }

    fn foreign_keys(&self) -> Vec<String> {
        self.added.iter().filter_map(|(column, _)| add_foreign_key(self.table, column)).collect()
    }
}

/// A default that is gone at once spares PostgreSQL the rewriting of every row.
fn add_postgres(table: &str, column: &Column, fill: &Fill) -> Vec<String> {
    let (name, ty) = (quote(&column.name), Dialect::Postgres.column_type(&column.ty));
    let value = fill.expression(Dialect::Postgres);
    let constraints = Dialect::Postgres.column_constraints(column);
    let space = if constraints.is_empty() { "" } else { " " };
    match fill {
        Fill::Null => vec![format!("ALTER TABLE {table} ADD COLUMN {name} {ty};")],
        Fill::Constant { .. } => vec![
            format!("ALTER TABLE {table} ADD COLUMN {name} {ty}{space}{constraints} DEFAULT {value};"),
            format!("ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT;"),
        ],
        Fill::CreatedAt | Fill::CreatedOn => {
            let mut statements = vec![
                format!("ALTER TABLE {table} ADD COLUMN {name} {ty};"),
                format!("UPDATE {table} SET {name} = {value};"),
            ];
            if !column.optional {
                statements.push(format!("ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL;"));
            }
            statements
        }
    }
}
