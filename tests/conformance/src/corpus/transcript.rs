//! What the steps came to, in a form that can be compared: ids, times and cursors are placeholders.

use std::{collections::HashMap, sync::OnceLock};

use regex::Regex;
use serde_json::{Map, Value as Json, json};

use super::driver::{Failure, Outcome, Reply};

/// One row of the error table.
#[derive(Debug, Clone, Copy)]
pub struct ErrorRow {
    pub code: &'static str,
    pub http: u16,
    pub grpc: i32,
    pub retryable: bool,
}

const fn row(code: &'static str, http: u16, grpc: i32, retryable: bool) -> ErrorRow {
    ErrorRow { code, http, grpc, retryable }
}

/// Written down a second time on purpose: the server's own catalogue is what is tested.
const ERRORS: &[ErrorRow] = &[
    row("MALFORMED_REQUEST", 400, 3, false),
    row("UNKNOWN_PARAMETER", 400, 3, false),
    row("INVALID_FILTER", 400, 3, false),
    row("INVALID_PAGE_TOKEN", 400, 3, false),
    row("VALIDATION_FAILED", 422, 3, false),
    row("NOT_FOUND", 404, 5, false),
    row("NOT_IMPLEMENTED", 501, 12, false),
    row("ALREADY_EXISTS", 409, 6, false),
    row("FAILED_PRECONDITION", 409, 9, false),
    row("CONFLICT", 409, 10, true),
    row("ETAG_MISMATCH", 412, 10, false),
    row("UNAUTHENTICATED", 401, 16, false),
    row("PERMISSION_DENIED", 403, 7, false),
    row("PRECONDITION_REQUIRED", 428, 3, false),
    row("INTERNAL", 500, 13, false),
    row("UNAVAILABLE", 503, 14, true),
    row("RATE_LIMITED", 429, 8, true),
    // The shop's own.
    row("OUT_OF_STOCK", 409, 9, false),
];

/// Fields of `guarded.yaml` that not everybody may read: null in GraphQL, left out in REST.
const GUARDED: [&str; 2] = ["email", "editor_id"];

/// What nobody can foresee.
const TOKENS: [&str; 2] = ["access_token", "refresh_token"];

pub fn error_row(code: &str) -> ErrorRow {
    let found = ERRORS.iter().find(|row| row.code == code);
    *found.unwrap_or_else(|| panic!("no scenario expects {code}"))
}

/// How much of a failure is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// All of it: what REST and gRPC must agree on.
    Full,
    /// Without what GraphQL's `userErrors` have no place for.
    Shared,
}

/// Replaces what differs from run to run by names in order of appearance.
#[derive(Debug, Default)]
pub struct Placeholders(HashMap<String, String>);

impl Placeholders {
    pub fn show(&mut self, outcome: &Outcome, detail: Detail) -> Json {
        match outcome {
            Ok(reply) => self.reply(reply, detail),
            Err(failure) => self.value(&shown(failure, detail), detail),
        }
    }

    fn reply(&mut self, reply: &Reply, detail: Detail) -> Json {
        let mut value = self.value(&reply.value, detail);
        if let Some(etag) = &reply.etag {
            value["(etag)"] = json!(etag);
        }
        for cursor in ["next", "prev"] {
            if value.get("data").is_some() && value.get(cursor).is_some_and(Json::is_string) {
                value[cursor] = json!("(cursor)");
            }
        }
        value
    }

    /// Nulls are left out where gRPC is among the protocols, which can't tell them from what is absent. Members go by
    /// name, so that names are given in the same order on all protocols.
    fn value(&mut self, value: &Json, detail: Detail) -> Json {
        match value {
            Json::Object(members) => {
                let told = |name: &str| detail == Detail::Shared && !GUARDED.contains(&name);
                let shown = members.iter().filter(|(name, value)| !value.is_null() || told(name));
                let mut shown: Vec<_> = shown.collect();
                shown.sort_by_key(|(name, _)| *name);
                shown
                    .into_iter()
                    .map(|(name, value)| (name.clone(), self.member(name, value, detail)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            Json::Array(items) => items.iter().map(|item| self.value(item, detail)).collect(),
            Json::String(text) => json!(self.text(text)),
            // 1 and 1.0 are the same number. Whole ones of 64 bits aren't floats, so they keep all digits.
            Json::Number(number) => match number.as_f64() {
                Some(float) if number.is_f64() && float.fract() == 0.0 => json!(float as i64),
                _ => value.clone(),
            },
            other => other.clone(),
        }
    }

    /// A numbered id is whatever the database came to: PostgreSQL's numbers have gaps where writes failed.
    fn member(&mut self, name: &str, value: &Json, detail: Detail) -> Json {
        match value {
            Json::String(_) if TOKENS.contains(&name) => json!(format!("({name})")),
            Json::Number(number) if name == "id" || name.ends_with("_id") => json!(self.name(&number.to_string())),
            value => self.value(value, detail),
        }
    }

    fn text(&mut self, text: &str) -> String {
        static VARYING: OnceLock<Regex> = OnceLock::new();
        let varying = VARYING.get_or_init(|| {
            let id = r"[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}";
            let uuid = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}";
            let time = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z";
            Regex::new(&format!("{id}|{uuid}|{time}")).expect("it compiles")
        });
        varying.replace_all(text, |found: &regex::Captures<'_>| self.name(&found[0])).into_owned()
    }

    fn name(&mut self, found: &str) -> String {
        let kind = if found.starts_with("20") && found.contains('T') { "time" } else { "id" };
        let next = format!("({kind} {})", self.0.len() + 1);
        self.0.entry(found.to_owned()).or_insert(next).clone()
    }
}

/// A mistake in a filter is told in the words of its syntax: parameters, AIP-160 and inputs have each their own.
fn shown(failure: &Failure, detail: Detail) -> Json {
    if failure.violations.iter().any(|violation| violation.at == "filter") {
        let violations = failure.violations.iter().map(|it| json!({ "at": it.at, "code": it.code }));
        return json!({ "error": failure.code, "violations": violations.collect::<Vec<_>>() });
    }
    let violations = failure.violations.iter().map(|violation| match detail {
        Detail::Full => json!({ "at": violation.at, "code": violation.code, "message": violation.message }),
        Detail::Shared => json!({ "at": violation.at, "message": violation.message }),
    });
    let violations: Vec<Json> = violations.collect();
    match detail {
        Detail::Full => json!({ "error": failure.code, "message": failure.message, "violations": violations }),
        Detail::Shared => json!({ "error": failure.code, "violations": violations }),
    }
}
