//! Who may do what, for every spec: each operation, action and field rule, for callers of every kind, over REST, GraphQL
//! and gRPC, on SQLite and PostgreSQL. What must come of it is computed from the YAML by code of the tests' own
//! (`src/access/`), never from what apigen makes of it.

#[path = "access/ask.rs"]
mod ask;
#[path = "access/cast.rs"]
mod cast;
#[path = "access/cells.rs"]
mod cells;
#[path = "access/entering.rs"]
mod entering;
#[path = "access/reading.rs"]
mod reading;
#[path = "access/watching.rs"]
mod watching;
#[path = "access/writing.rs"]
mod writing;

use std::collections::{BTreeMap, BTreeSet};

use apigen_conformance::{
    access::{
        place::{Database, Program, dialects},
        seed,
        spec::Spec,
        value::Dialect,
    },
    corpus::{Clients, Contracts, Protocol},
    generated::{DESK, GUARDED, Generated},
    server::repository,
};
use futures_util::{StreamExt as _, stream};

use crate::{
    ask::ask,
    cast::Cast,
    cells::{Cell, Outcome},
};

static CHAT: Generated = Generated::domain("chat");
static LIBRARY: Generated = Generated::domain("library");
static PAYMENTS: Generated = Generated::domain("payments");
static SOCIAL: Generated = Generated::domain("social");

/// So many requests at a time.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn chat() {
    hold("specs/chat.yaml", &Program::Of(&CHAT)).await;
}

#[tokio::test]
async fn library() {
    hold("specs/library.yaml", &Program::Of(&LIBRARY)).await;
}

#[tokio::test]
async fn payments() {
    hold("specs/payments.yaml", &Program::Of(&PAYMENTS)).await;
}

#[tokio::test]
async fn social() {
    hold("specs/social.yaml", &Program::Of(&SOCIAL)).await;
}

#[tokio::test]
async fn shop() {
    hold("specs/shop.yaml", &Program::Shop).await;
}

#[tokio::test]
async fn desk() {
    hold("tests/specs/desk.yaml", &Program::Of(&DESK)).await;
}

#[tokio::test]
async fn guarded() {
    hold("tests/specs/guarded.yaml", &Program::Of(&GUARDED)).await;
}

/// Holds the server of a spec to its rules, on every database.
async fn hold(file: &str, program: &Program) {
    let spec = Spec::read(&repository().join(file));
    let contracts = Contracts::read(&spec.name, &spec.version, &program.contracts(), &spec.names());
    let mut wrong = Vec::new();
    for dialect in dialects() {
        let (server, database) = program.start(dialect);
        let clients = Clients::to(&server, &contracts).await;
        let mut run = Run { spec: &spec, clients: &clients, dialect, seen: Tally::default() };
        run.all(&database).await;
        wrong.extend(run.seen.report(&spec.name, dialect));
    }
    assert!(wrong.is_empty(), "{} cells are wrong\n{}", wrong.len(), wrong.join("\n"));
}

struct Run<'a> {
    spec: &'a Spec,
    clients: &'a Clients,
    dialect: Dialect,
    seen: Tally,
}

impl Run<'_> {
    async fn all(&mut self, database: &Database) {
        let mut cast = Cast::of(self.spec);
        let (mut left_alone, mut changing) = (reading::cells(&cast), Vec::new());
        left_alone.extend(watching::cells(&cast));
        left_alone.extend(entering::cells(&cast));
        for cell in writing::cells(&mut cast) {
            if cell.expected.changes_something() { changing.push(cell) } else { left_alone.push(cell) }
        }
        seed::insert(database, self.spec, cast.seeded()).await;
        self.judge(left_alone).await;
        self.nothing_changed(database, &cast).await;
        seed::insert(database, self.spec, cast.brought_later()).await;
        self.judge(changing).await;
    }

    async fn judge(&mut self, cells: Vec<Cell>) {
        let (spec, clients) = (self.spec, self.clients);
        let asked = stream::iter(cells).map(async |cell| {
            let outcome = ask(spec, clients, &cell).await;
            (cell, outcome)
        });
        let answers: Vec<_> = asked.buffer_unordered(AT_ONCE).collect().await;
        for (cell, outcome) in answers {
            self.seen.note(&cell, &outcome);
        }
    }

    /// What was refused has left no trace.
    async fn nothing_changed(&mut self, database: &Database, cast: &Cast<'_>) {
        for resource in &self.spec.resources {
            let (table, rows) = (&resource.table, cast.seeded().iter().filter(|row| row.resource == resource.name));
            let untouched = seed::count(database, &format!("\"{table}\" WHERE \"version\" = 1")).await;
            let all = seed::count(database, &format!("\"{table}\"")).await;
            let seeded = i64::try_from(rows.count()).unwrap();
            if (untouched, all) != (seeded, seeded) {
                let wrong = format!("{table}: of {seeded} rows, {untouched} are as they were, and now there are {all}");
                self.seen.wrong.push(format!("{:?}: {wrong}", self.dialect));
            }
        }
    }
}

/// What came of all cells.
#[derive(Default)]
struct Tally {
    judged: BTreeMap<&'static str, usize>,
    /// What is permitted, and answers that it isn't implemented.
    unserved: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Tally {
    fn note(&mut self, cell: &Cell, outcome: &Outcome) {
        *self.judged.entry(name(cell.protocol)).or_default() += 1;
        if *outcome == cell.expected {
            return;
        }
        if *outcome == Outcome::Code("NOT_IMPLEMENTED".to_owned()) && cell.may_be_unserved {
            self.unserved.insert(cell.doing.clone());
            return;
        }
        self.wrong.push(format!("{}: expected {:?}, got {outcome:?}", cell.place(), cell.expected));
    }

    fn report(mut self, spec: &str, dialect: Dialect) -> Vec<String> {
        for protocol in Protocol::ALL {
            let judged = self.judged.get(name(protocol)).copied().unwrap_or_default();
            println!("{spec}, {dialect:?}, {}: {judged} cells", name(protocol));
            assert!(judged > 20, "{spec}: hardly anything was asked over {}", name(protocol));
        }
        let unserved = self.unserved.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        println!("{spec}, {dialect:?}: judged, but not served: {unserved}");
        self.wrong.iter_mut().for_each(|wrong| *wrong = format!("{dialect:?}: {wrong}"));
        self.wrong
    }
}

fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Rest => "REST",
        Protocol::Graphql => "GraphQL",
        Protocol::Grpc => "gRPC",
    }
}
