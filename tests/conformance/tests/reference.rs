//! Random operations on random specs, against a plain reference in memory: the same rows and the same answers, on both
//! databases. What fails is told as the shortest spec and the fewest operations that still fail.
//!
//! `APIGEN_REFERENCE_CASES` says how many specs to try, `APIGEN_REFERENCE_SEED` which. What was found has a test of its own
//! in `found.rs`.

#[path = "reference/domain.rs"]
mod domain;
#[path = "reference/found.rs"]
mod found;
#[path = "reference/lists.rs"]
mod lists;
#[path = "reference/step.rs"]
mod step;
#[path = "reference/subject.rs"]
mod subject;
#[path = "reference/value.rs"]
mod value;
#[path = "reference/world.rs"]
mod world;
#[path = "reference/write.rs"]
mod write;

use std::sync::Arc;

use apigen_conformance::{live, postgres as database};
use apigen_runtime::{
    error::ApiError,
    store::{
        Store,
        postgres::{self, PostgresStore},
        sqlite::{self, SqliteStore},
    },
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};

use crate::{
    domain::{Domain, domains},
    step::{Request, Step, steps},
    subject::{Shown, Subject, tells},
    world::{Handle, Outcome, World},
};

type Checked<T = ()> = Result<T, TestCaseError>;

/// Both databases beside the reference.
struct Trial {
    world: World,
    subjects: Vec<Subject>,
}

impl Trial {
    async fn begin(domain: &Domain, stores: Vec<(&'static str, Arc<dyn Store>)>) -> Trial {
        let api = live::api(&live::model(&domain.yaml()));
        let mut subjects = Vec::new();
        for (name, store) in stores {
            subjects.push(Subject::new(name, api, store).await);
        }
        Trial { world: World::new(domain.clone()), subjects }
    }

    async fn step(&mut self, step: &Step) -> Checked {
        let request = step.request(&self.world);
        let before = self.world.clone();
        for subject in &mut self.subjects {
            let mut world = before.clone();
            let agreed = ask(&mut world, subject, &request).await;
            agreed.map_err(|error| TestCaseError::fail(format!("{}: {request:?}\n{error}", subject.name)))?;
            self.world = world;
        }
        Ok(())
    }

    async fn run(mut self, steps: &[Step]) -> Checked {
        for step in steps {
            self.step(step).await?;
        }
        self.end().await
    }

    /// Every row is what it should be, and what is gone is gone.
    async fn end(self) -> Checked {
        let Trial { world, subjects } = self;
        for subject in subjects {
            for (handle, row) in &world.rows {
                let expected = world.live(row.resource, *handle).map(|_| *handle);
                let got = subject.get(&world, row.resource, *handle).await;
                agree(&world, &subject, &expected, &got, false)?;
            }
            subject.close().await;
        }
        Ok(())
    }
}

async fn ask(world: &mut World, subject: &mut Subject, request: &Request) -> Checked {
    match request {
        Request::Get(resource, handle) => {
            let got = subject.get(world, *resource, *handle).await;
            let expected = world.live(*resource, *handle).map(|_| *handle);
            agree(world, subject, &expected, &got, false)
        }
        Request::Undelete(resource, handle) if world.shape(*resource).soft_delete => {
            let got = subject.undelete(world, *resource, *handle).await;
            let expected = world.undelete(*resource, *handle);
            agree(world, subject, &expected, &got, false)
        }
        Request::Undelete(..) => Ok(()),
        Request::List(query) => {
            let expected = world.list(query);
            let got = subject.list(query, expected.len()).await.map_err(TestCaseError::fail)?;
            let expected: Vec<Shown> =
                expected.into_iter().map(|handle| subject.expected(world, handle, &world.rows[&handle])).collect();
            prop_assert_eq!(got, expected);
            Ok(())
        }
        Request::Write(resource, asked) => {
            let got = subject.write(world, *resource, asked).await;
            let expected = world.write(*resource, asked);
            written(world, subject, *resource, &expected, &got, false)
        }
        Request::Batch { writes, .. } if writes.is_empty() => Ok(()),
        Request::Batch { resource, atomic: true, writes } => {
            let got = subject.batch(world, (*resource, true), writes).await;
            match (world.all(*resource, writes), got) {
                (Ok(expected), Ok(got)) => {
                    for (expected, got) in expected.into_iter().zip(&got) {
                        written(world, subject, *resource, &Ok(expected), got, true)?;
                    }
                    Ok(())
                }
                (expected, got) => outcome(&expected.map(|_| ()), &got.map(|_| ()), true),
            }
        }
        Request::Batch { resource, atomic: false, writes } => {
            let got = subject.batch(world, (*resource, false), writes).await;
            let got = got.map_err(|error| TestCaseError::fail(error.to_string()))?;
            for (expected, got) in world.each(*resource, writes).iter().zip(&got) {
                written(world, subject, *resource, expected, got, true)?;
            }
            Ok(())
        }
    }
}

/// Whether the row is shown that is expected, if any; a new one is got to know.
fn written(
    world: &World,
    subject: &mut Subject,
    resource: usize,
    expected: &Outcome<Option<Handle>>,
    got: &Result<Option<Shown>, ApiError>,
    batch: bool,
) -> Checked {
    match (expected, got) {
        (Ok(None), Ok(None)) => Ok(()),
        (Ok(Some(handle)), Ok(Some(shown))) => {
            subject.learn(world.shape(resource), *handle, &shown.0);
            // A later one of a batch may have changed it.
            if batch { Ok(()) } else { agree(world, subject, &Ok(*handle), &Ok(shown.clone()), false) }
        }
        (expected, got) => {
            outcome(&expected.clone().map(|_| ()), &got.as_ref().map(|_| ()).map_err(Clone::clone), batch)
        }
    }
}

fn agree(
    world: &World,
    subject: &Subject,
    expected: &Outcome<Handle>,
    got: &Result<Shown, ApiError>,
    batch: bool,
) -> Checked {
    if let (Ok(handle), Ok(shown)) = (expected, got) {
        let expected = subject.expected(world, *handle, &world.rows[handle]);
        prop_assert_eq!(shown, &expected);
        return Ok(());
    }
    outcome(&expected.clone().map(|_| ()), &got.as_ref().map(|_| ()).map_err(Clone::clone), batch)
}

fn outcome(expected: &Outcome<()>, got: &Result<(), ApiError>, batch: bool) -> Checked {
    let same = match (expected, got) {
        (Ok(()), Ok(())) => true,
        (Err(refusal), Err(error)) => tells(error, refusal, batch),
        _ => false,
    };
    prop_assert!(same, "expected {expected:?}, got {got:?}");
    Ok(())
}

fn stores(postgres: Option<Arc<dyn Store>>) -> Vec<(&'static str, Arc<dyn Store>)> {
    let sqlite = SqliteStore::open("sqlite::memory:", sqlite::Options::default()).expect("a database in memory");
    let sqlite: (&str, Arc<dyn Store>) = ("SQLite", Arc::new(sqlite));
    std::iter::once(sqlite).chain(postgres.map(|store| ("PostgreSQL", store))).collect()
}

async fn postgres_store() -> Option<Arc<dyn Store>> {
    database::url()?;
    let options = postgres::Options { connections: 2, ..Default::default() };
    Some(Arc::new(PostgresStore::connect(&database::database(), options).await.expect("a new database")))
}

/// How many specs to try.
fn cases(default: u32) -> u32 {
    std::env::var("APIGEN_REFERENCE_CASES").map_or(default, |cases| cases.parse().expect("a number"))
}

fn run(cases: u32, both: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let seed = std::env::var("APIGEN_REFERENCE_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    let rng_seed = RngSeed::Fixed(seed);
    let config = Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 4000, ..Config::default() };
    let tried = TestRunner::new(config).run(&(domains(), steps()), |(domain, steps)| {
        runtime.block_on(async {
            let postgres = if both { postgres_store().await } else { None };
            let trial = Trial::begin(&domain, stores(postgres)).await;
            let agreed = trial.run(&steps).await;
            agreed.map_err(|error| TestCaseError::fail(format!("{error}\n{}", domain.yaml())))
        })
    });
    if let Err(failed) = tried {
        panic!("{failed}");
    }
}

#[test]
fn random_operations_on_random_specs_leave_what_the_reference_has() {
    run(cases(400), false);
}

#[test]
fn and_on_both_databases() {
    run(cases(400) / 10, true);
}
