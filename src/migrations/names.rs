//! Names of constraints and indexes: `orders_customer_id_fkey`, as PostgreSQL would choose them.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

/// Where PostgreSQL would cut a name, in bytes.
const LIMIT: usize = 63;

/// All names of one script, each different from the others: tables and indexes share a namespace in both databases.
#[derive(Debug)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    pub(super) fn new<'a>(tables: impl Iterator<Item = &'a str>) -> Names {
        Names { taken: tables.map(str::to_owned).collect() }
    }

    /// A name that says what it is about; where that is too long, or taken, a hash stands in for the rest.
    pub(super) fn choose(&mut self, table: &str, columns: &[&str], kind: &str) -> String {
        let stem = format!("{table}_{}", columns.join("_"));
        let plain = format!("{stem}_{kind}");
        let free = plain.len() <= LIMIT && !self.taken.contains(&plain);
        let name = if free { plain } else { hashed(&stem, &format!("{table}({})", columns.join(",")), kind) };
        self.taken.insert(name.clone());
        name
    }
}

fn hashed(stem: &str, whole: &str, kind: &str) -> String {
    let hash = format!("{:x}", Sha256::digest(whole));
    let tail = format!("_{}_{kind}", &hash[..8]);
    let stem: String = stem.chars().take(LIMIT - tail.len()).collect();
    stem + &tail
}
