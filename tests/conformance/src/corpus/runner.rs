//! Runs all scenarios of a folder over the three protocols and compares what came of them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use serde_json::{Value as Json, json};
use similar::TextDiff;

use super::{
    clients::{Clients, Contracts},
    driver::{Driver, Failure, Operation, Outcome, UNTYPED, follow},
    scenario::{self, Expected, Protocol, Scenario, Step},
    transcript::{Detail, Placeholders, error_row},
};
use crate::server::Server;

/// What kind of database, and how to start a server on an empty one.
pub type Database = (&'static str, fn() -> Server);

/// A generated server and its contracts.
pub struct Domain {
    /// `shop`
    pub name: String,
    /// `v1`
    pub version: String,
    pub contracts: PathBuf,
    pub scenarios: PathBuf,
    pub databases: Vec<Database>,
    /// `Bearer …`; without, callers are anonymous.
    pub authorization: Option<String>,
    /// (`OrderItem`, `OrderItems`, `order-items`)
    pub resources: &'static [(&'static str, &'static str, &'static str)],
}

/// One step of one scenario, as one protocol did it.
struct Entry {
    place: String,
    outcome: Outcome,
    /// Protocols that did the same step.
    shared_by: Vec<Protocol>,
}

/// What one protocol did on one database.
struct Transcript {
    database: &'static str,
    protocol: Protocol,
    entries: Vec<Entry>,
}

/// Panics with everything that is wrong.
pub async fn run(domain: &Domain) {
    let files = scenario::read(&domain.scenarios);
    let contracts = Contracts::read(&domain.name, &domain.version, &domain.contracts, domain.resources);
    let mut transcripts = Vec::new();
    let mut problems = Vec::new();
    for (database, start) in &domain.databases {
        for protocol in Protocol::ALL {
            let server = start();
            let driver = Clients::to(&server, &contracts).await.driver(protocol, domain.authorization.as_deref());
            let mut entries = Vec::new();
            for (file, scenarios) in &files {
                for scenario in scenarios {
                    problems.extend(perform(&*driver, database, file, scenario, &mut entries).await);
                }
            }
            transcripts.push(Transcript { database, protocol, entries });
        }
    }
    let scenarios: usize = files.iter().map(|(_, scenarios)| scenarios.len()).sum();
    assert!(scenarios > 0 && transcripts.iter().all(|transcript| !transcript.entries.is_empty()), "no case ran");
    let steps: usize = transcripts.iter().map(|transcript| transcript.entries.len()).sum();
    let databases = domain.databases.len();
    println!("{}: {scenarios} scenarios × 3 protocols × {databases} databases, {steps} steps", domain.name);
    for other in &transcripts[1..] {
        problems.extend(differences(&transcripts[0], other));
    }
    assert!(problems.is_empty(), "{} problems\n\n{}", problems.len(), problems.join("\n\n"));
}

async fn perform(
    driver: &dyn Driver,
    database: &str,
    file: &str,
    scenario: &Scenario,
    transcript: &mut Vec<Entry>,
) -> Vec<String> {
    let protocol = driver.protocol();
    let mut saved: HashMap<String, Json> = HashMap::new();
    let mut problems = Vec::new();
    for (number, step) in scenario.steps.iter().enumerate() {
        let shared_by = if step.only.is_empty() { Protocol::ALL.to_vec() } else { step.only.clone() };
        if !shared_by.contains(&protocol) {
            continue;
        }
        let place = format!("{file}: {}, step {}", scenario.name, number + 1);
        let operation = operation(step, &saved, &place);
        let outcome = answer(driver, &operation).await;
        if let (Some(name), Ok(reply)) = (&step.name, &outcome) {
            let mut value = reply.value.clone();
            if let Some(etag) = &reply.etag {
                value["etag"] = json!(etag);
            }
            saved.insert(name.clone(), value);
        }
        if let Err(problem) = judge(step, &outcome, &saved) {
            problems.push(format!("{place}, {protocol:?} on {database}: {problem}"));
        }
        transcript.push(Entry { place, outcome, shared_by });
    }
    problems
}

/// What the protocol answers, rows along relations included.
async fn answer(driver: &dyn Driver, operation: &Operation) -> Outcome {
    let mut reply = driver.run(operation).await?;
    if let (Operation::Get(get), protocol @ (Protocol::Rest | Protocol::Grpc)) = (operation, driver.protocol())
        && (protocol == Protocol::Grpc || get.with.paths().is_none())
    {
        follow(driver, &get.resource, &mut reply.value, &get.with).await?;
    }
    Ok(reply)
}

fn operation(step: &Step, saved: &HashMap<String, Json>, place: &str) -> Operation {
    let mut given = Vec::new();
    given.extend(step.create.clone().map(Operation::Create));
    given.extend(step.get.clone().map(Operation::Get));
    given.extend(step.update.clone().map(Operation::Update));
    given.extend(step.delete.clone().map(Operation::Delete));
    given.extend(step.list.clone().map(Operation::List));
    given.extend(step.related.clone().map(Operation::Related));
    given.extend(step.undelete.clone().map(Operation::Undelete));
    given.extend(step.act.clone().map(Operation::Act));
    given.extend(step.link.clone().map(Operation::Link));
    given.extend(step.unlink.clone().map(Operation::Unlink));
    given.extend(step.replace.clone().map(Operation::Replace));
    given.extend(step.batch.clone().map(Operation::Batch));
    given.extend(step.patch.clone().map(Operation::Patch));
    given.extend(step.import.clone().map(Operation::Import));
    assert_eq!(given.len(), 1, "{place}: a step does one thing");
    let mut operation = given.remove(0);
    let fill = |value: &mut Json| resolve(value, saved, place);
    let fill_text = |text: &mut Option<String>| {
        if let Some(text) = text {
            let mut value = json!(text);
            resolve(&mut value, saved, place);
            *text = value.as_str().unwrap_or_else(|| panic!("{place}: {text} isn't text")).to_owned();
        }
    };
    match &mut operation {
        Operation::Create(create) => fill(&mut create.input),
        Operation::Get(get) => fill(&mut get.id),
        Operation::Batch(batch) => batch.operations.iter_mut().for_each(fill),
        Operation::Patch(patch) => {
            fill(&mut patch.id);
            fill(&mut patch.operations);
            fill_text(&mut patch.etag);
        }
        Operation::Import(import) => import.rows.iter_mut().for_each(fill),
        Operation::Delete(item) | Operation::Undelete(item) => {
            fill(&mut item.id);
            fill_text(&mut item.etag);
        }
        Operation::Link(link) | Operation::Unlink(link) => {
            fill(&mut link.id);
            link.ids.iter_mut().for_each(fill);
        }
        Operation::Act(act) => {
            fill(&mut act.id);
            act.input.as_mut().map(fill).unwrap_or_default();
            fill_text(&mut act.etag);
        }
        Operation::Update(update) | Operation::Replace(update) => {
            fill(&mut update.id);
            fill(&mut update.input);
            fill_text(&mut update.etag);
        }
        Operation::List(list) => {
            fill_text(&mut list.args.cursor);
            list.args.conditions.as_mut().map(fill).unwrap_or_default();
        }
        Operation::Related(related) => {
            fill(&mut related.id);
            fill_text(&mut related.args.cursor);
            related.args.conditions.as_mut().map(fill).unwrap_or_default();
        }
    }
    operation
}

/// Puts saved values where a text says `$name` or `$name.path`.
fn resolve(value: &mut Json, saved: &HashMap<String, Json>, place: &str) {
    match value {
        Json::Object(members) => members.values_mut().for_each(|value| resolve(value, saved, place)),
        Json::Array(items) => items.iter_mut().for_each(|value| resolve(value, saved, place)),
        Json::String(text) => {
            if let Some(reference) = text.strip_prefix('$') {
                let (name, path) = reference.split_once('.').unwrap_or((reference, ""));
                // The step that should have saved it has failed, which is told already.
                let Some(start) = saved.get(name) else { return };
                let path = path.split('.').filter(|key| !key.is_empty());
                let found = path.clone().try_fold(start, |value, key| value.pointer(&format!("/{key}")));
                let path = path.collect::<Vec<_>>().join(".");
                *value = found.unwrap_or_else(|| panic!("{place}: {name} has no {path}")).clone();
            }
        }
        _ => {}
    }
}

fn judge(step: &Step, outcome: &Outcome, saved: &HashMap<String, Json>) -> Result<(), String> {
    match (outcome, &step.error) {
        (Ok(reply), None) => match &step.expect {
            None => Ok(()),
            Some(expected) => {
                let mut expected = expected.clone();
                resolve(&mut expected, saved, "expect");
                let mut value = reply.value.clone();
                if let Some(etag) = &reply.etag {
                    value["etag"] = json!(etag);
                }
                contains(&value, &expected, "")
            }
        },
        (Ok(reply), Some(error)) => Err(format!("expected {}, got {}", error.code, reply.value)),
        (Err(failure), None) => Err(format!("failed: {failure:?}")),
        (Err(failure), Some(expected)) => judge_failure(failure, expected),
    }
}

fn judge_failure(failure: &super::driver::Failure, expected: &Expected) -> Result<(), String> {
    if failure.code == UNTYPED && is_invalid_argument(&expected.code) {
        return Ok(());
    }
    if failure.code != expected.code {
        return Err(format!("expected {}, got {failure:?}", expected.code));
    }
    let wanted = expected.message.as_deref();
    if let (Some(message), Some(wanted)) = (&failure.message, wanted)
        && !message.contains(wanted)
    {
        return Err(format!("the message {message:?} doesn't say {wanted:?}"));
    }
    let fits = failure.violations.len() == expected.violations.len()
        && failure.violations.iter().zip(&expected.violations).all(|(found, expected)| {
            found.at == expected.at && found.code.as_ref().is_none_or(|code| *code == expected.code)
        });
    if fits || expected.violations.is_empty() && !failure.violations.is_empty() && expected.code != "VALIDATION_FAILED"
    {
        return Ok(());
    }
    Err(format!("expected {:?}, got {:?}", expected.violations, failure.violations))
}

/// What GraphQL's types refuse must be refused by the others as INVALID_ARGUMENT, whatever its code.
fn is_invalid_argument(code: &str) -> bool {
    error_row(code).grpc == tonic::Code::InvalidArgument as i32
}

fn refused_by_types(one: &Outcome, other: &Outcome) -> bool {
    let untyped = |outcome: &Outcome| matches!(outcome, Err(Failure { code, .. }) if code == UNTYPED);
    untyped(other) && matches!(one, Err(failure) if is_invalid_argument(&failure.code))
}

/// Whether everything of `expected` is in `value`.
fn contains(value: &Json, expected: &Json, path: &str) -> Result<(), String> {
    let differs = || Err(format!("{path}: expected {expected}, got {value}"));
    match (value, expected) {
        (_, Json::String(any)) if any == "$any" => {
            if value.is_null() {
                differs()
            } else {
                Ok(())
            }
        }
        (Json::Object(members), Json::Object(wanted)) => wanted.iter().try_for_each(|(name, wanted)| {
            contains(members.get(name).unwrap_or(&Json::Null), wanted, &format!("{path}.{name}"))
        }),
        (Json::Array(items), Json::Array(wanted)) if items.len() == wanted.len() => {
            let pairs = items.iter().zip(wanted).enumerate();
            pairs
                .into_iter()
                .try_for_each(|(index, (item, wanted))| contains(item, wanted, &format!("{path}[{index}]")))
        }
        (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => Ok(()),
        _ if value == expected => Ok(()),
        _ => differs(),
    }
}

/// A diff per step that came out differently. REST and gRPC say all of an error, GraphQL not quite.
fn differences(left: &Transcript, right: &Transcript) -> Vec<String> {
    let protocols = [left.protocol, right.protocol];
    let detail = if protocols.contains(&Protocol::Graphql) { Detail::Shared } else { Detail::Full };
    let shown = |transcript: &Transcript| -> Vec<(String, String, Outcome)> {
        let shared =
            transcript.entries.iter().filter(|entry| protocols.iter().all(|each| entry.shared_by.contains(each)));
        let mut placeholders = Placeholders::default();
        shared
            .map(|entry| {
                let value = placeholders.show(&entry.outcome, detail);
                (entry.place.clone(), serde_json::to_string_pretty(&value).expect("JSON"), entry.outcome.clone())
            })
            .collect()
    };
    let name = |transcript: &Transcript| format!("{:?} on {}", transcript.protocol, transcript.database);
    let (names, left, right) = ((name(left), name(right)), shown(left), shown(right));
    assert_eq!(left.len(), right.len());
    let differ = |left: &(String, String, Outcome), right: &(String, String, Outcome)| {
        left.1 != right.1 && !refused_by_types(&left.2, &right.2)
    };
    let pairs = left.iter().zip(&right).filter(|(left, right)| differ(left, right));
    pairs
        .map(|(left, right)| {
            let diff = TextDiff::from_lines(&left.1, &right.1);
            format!("{}:\n{}", left.0, diff.unified_diff().header(&names.0, &names.1))
        })
        .collect()
}

/// Below this crate.
pub fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[cfg(test)]
mod tests {
    use super::{
        super::driver::{Reply, Violation},
        *,
    };

    fn refused(code: &str, at: &[&str]) -> Outcome {
        let violation = |at: &&str| Violation { at: (*at).to_owned(), code: None, message: "no".to_owned() };
        Err(Failure { code: code.to_owned(), message: None, violations: at.iter().map(violation).collect() })
    }

    fn compared(rest: Outcome, graphql: Outcome) -> usize {
        let transcript = |protocol, outcome| {
            let entry = Entry { place: "here".to_owned(), outcome, shared_by: Protocol::ALL.to_vec() };
            Transcript { database: "none", protocol, entries: vec![entry] }
        };
        differences(&transcript(Protocol::Rest, rest), &transcript(Protocol::Graphql, graphql)).len()
    }

    #[test]
    fn what_differs_is_found() {
        let row = |value: Json| Ok(Reply::of(value));
        assert_eq!(compared(row(json!({ "a": 1 })), row(json!({ "a": 1 }))), 0);
        assert_eq!(compared(row(json!({ "a": 1 })), row(json!({ "a": 2 }))), 1);
        assert_eq!(compared(row(json!({ "a": null })), row(json!({}))), 1);
        assert_eq!(compared(row(json!({})), refused("NOT_FOUND", &[])), 1);
        assert_eq!(compared(refused("VALIDATION_FAILED", &["a"]), refused("VALIDATION_FAILED", &["a"])), 0);
        assert_eq!(compared(refused("VALIDATION_FAILED", &["a"]), refused("VALIDATION_FAILED", &["b"])), 1);
        let (created, updated) = ("2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:00.000002Z");
        let times = |updated: &str| row(json!({ "created_at": created, "updated_at": updated }));
        assert_eq!(compared(times(updated), times(updated)), 0);
        assert_eq!(compared(times(updated), times(created)), 1);
    }

    #[test]
    fn types_may_refuse_only_invalid_arguments() {
        assert_eq!(compared(refused("VALIDATION_FAILED", &["a"]), refused(UNTYPED, &[])), 0);
        assert_eq!(compared(refused("INVALID_FILTER", &["sort"]), refused(UNTYPED, &[])), 0);
        assert_eq!(compared(refused("NOT_FOUND", &[]), refused(UNTYPED, &[])), 1);
        assert_eq!(compared(Ok(Reply::of(json!({}))), refused(UNTYPED, &[])), 1);
    }

    #[test]
    fn saved_answers_are_filled_in() {
        let saved = HashMap::from([("ann".to_owned(), json!({ "id": "usr_1", "data": [{ "n": 3 }] }))]);
        let filled = |text: &str| {
            let mut value = json!({ "x": text });
            resolve(&mut value, &saved, "here");
            value["x"].take()
        };
        assert_eq!(filled("$ann.id"), "usr_1");
        assert_eq!(filled("$ann.data.0.n"), 3);
        assert_eq!(filled("$ann"), saved["ann"]);
        assert_eq!(filled("$any"), "$any");
    }
}
