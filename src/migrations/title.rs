//! What a migration is called: after its weightiest change.

use super::change::Change;

/// Without the number in front; file systems and people read names of about this length.
const LENGTH: usize = 60;

/// `add_products_weight`, with `_and_more` behind it where that isn't all.
pub(super) fn of(changes: &[Change<'_>]) -> String {
    let Some(first) = changes.iter().min_by_key(|change| weight(change)) else {
        unreachable!("a migration has changes");
    };
    let others = changes.iter().filter(|change| !comes_along(change, first)).count() > 1;
    let more = if others { "_and_more" } else { "" };
    let name: String = name(first).chars().take(LENGTH - more.len()).collect();
    format!("{}{more}", name.trim_end_matches('_'))
}

fn weight(change: &Change<'_>) -> u8 {
    match change {
        Change::RenameTable { .. } | Change::AddTable(_) => 0,
        Change::RenameColumn { .. } | Change::RenameValues { .. } => 1,
        Change::RenameConstraint { .. } | Change::RenameIndex { .. } => 5,
        Change::AddColumn(..) => 1,
        Change::AddValues(..) => 2,
        Change::AddIndex(..) => 3,
        Change::AddSearch(_) => 4,
        Change::DropIndex(..) | Change::DropSearch(_) => 5,
    }
}

/// The index of a new column.
fn comes_along(change: &Change<'_>, first: &Change<'_>) -> bool {
    match (change, first) {
        (
            Change::RenameConstraint { .. } | Change::RenameIndex { .. },
            Change::RenameTable { .. } | Change::RenameColumn { .. },
        ) => true,
        (Change::AddIndex(table, index), Change::AddColumn(of, column, _)) => {
            table.name == of.name && index.columns.iter().any(|key| key.trim_matches(['-', '?']) == column.name)
        }
        _ => false,
    }
}

fn name(change: &Change<'_>) -> String {
    match change {
        Change::RenameTable { from, table } => format!("rename_{from}_to_{}", table.name),
        Change::RenameColumn { from, table, column } => format!("rename_{}_{from}_to_{}", table.name, column.name),
        Change::RenameConstraint { from, to, .. } => format!("rename_{from}_to_{to}"),
        Change::RenameIndex { from, index, .. } => format!("rename_{from}_to_{}", index.name),
        Change::RenameValues { table, column, .. } => format!("rename_values_of_{}_{}", table.name, column.name),
        Change::AddTable(table) => format!("add_{}", table.name),
        Change::AddColumn(table, column, _) => format!("add_{}_{}", table.name, column.name),
        Change::AddValues(table, column) => format!("extend_{}_{}", table.name, column.name),
        Change::AddIndex(_, index) => format!("add_{}", index.name),
        Change::DropIndex(_, index) => format!("drop_{}", index.name),
        Change::AddSearch(table) => format!("search_{}", table.name),
        Change::DropSearch(table) => format!("no_longer_search_{table}"),
    }
}
