//! The tests that a generated server comes with: of which resources there can be a row of made-up values that a caller with
//! every right reads, and what stands in the way of the others. What is done with the samples is the runtime's business.

mod callers;
mod checks;
mod patterns;
mod samples;

use askama::Template;

use self::samples::{Sample, samples};
use super::{
    examples,
    rust::{Purpose, RequiredHook, required_hooks},
    stubs,
};
use crate::model::{Field, Id, Model, Resource, Rules, Type};

/// Where they are, inside the output folder.
pub const TESTS: &str = "server/tests/scenarios.rs";

#[derive(Template)]
#[template(path = "server/scenarios.rs.askama", escape = "none")]
struct Tests<'a> {
    header: &'a str,
    server_module: &'a str,
    samples: Vec<Sample<'a>>,
    /// Resources, and why each has no sample.
    left_out: Vec<(&'a str, String)>,
    /// An `impl` per trait that the spec needs.
    hooks: Vec<String>,
    /// Some of them give values.
    gives: bool,
}

pub fn emit(model: &Model) -> String {
    let (samples, left_out) = samples(model);
    let hooks: Vec<_> = required_hooks(model).into_iter().map(|hook| written(model, hook)).collect();
    let gives = hooks.iter().any(|hook| hook.unwritten.as_deref().is_some_and(|body| body.contains("given(")));
    let hooks = stubs::stubs(&hooks);
    let server_module = &model.api.server_crate.replace('-', "_");
    let view = Tests { header: &super::header(model), server_module, samples, left_out, hooks, gives };
    view.render().unwrap_or_else(|error| unreachable!("writing to memory can't fail: {error}"))
}

/// With a sample in place of what a user would write.
fn written(model: &Model, hook: RequiredHook) -> RequiredHook {
    let given = given(model, &hook).or(hook.unwritten.clone());
    RequiredHook { unwritten: given, ..hook }
}

fn given(model: &Model, hook: &RequiredHook) -> Option<String> {
    let of = |resource: &&Resource| hook.hooks.strip_suffix("Hooks") == Some(&resource.names.pascal);
    let resource = model.stored_resources().iter().find(of)?;
    let field = resource.fields.iter().find(|field| field.name == hook.name)?;
    let sample = literal(&sample(model, field)?.to_string());
    let value = format!("given(&API, \"{}\", \"{}\", {sample})", resource.names.pascal, field.name);
    match hook.purpose {
        Purpose::Field => Some(format!("Ok({value})")),
        Purpose::Compute => Some(format!("Ok(rows.iter().map(|_| {value}).collect())")),
        Purpose::ActOnRow | Purpose::Act => None,
    }
}

/// A value of a field, if one can be made up.
fn sample(model: &Model, field: &Field) -> Option<serde_json::Value> {
    examples::value(model, field).or_else(|| match &field.ty {
        Type::Json if field.example.is_none() => Some(serde_json::json!({ "key": "value" })),
        Type::String => patterns::matching(field.rules.pattern.as_ref()?, &field.rules).map(Into::into),
        Type::Id(target) => match &model.resource(*target).id {
            Id::Text { pattern } => patterns::matching(pattern.as_ref()?, &Rules::default()).map(Into::into),
            Id::Prefixed(_) | Id::Uuid | Id::Int64 => None,
        },
        Type::Object(object) => {
            let needed = model.object(*object).fields.iter().filter(|field| field.required_on_create());
            needed
                .map(|field| Some((field.name.clone(), sample(model, field)?)))
                .collect::<Option<_>>()
                .map(serde_json::Value::Object)
        }
        _ => None,
    })
}

/// A raw text of Rust, whatever is in it.
fn literal(text: &str) -> String {
    let mut marks = "#".to_owned();
    while text.contains(&format!("\"{marks}")) {
        marks.push('#');
    }
    format!("r{marks}\"{text}\"{marks}")
}

/// `users`, as the name of a test.
fn test_name(resource: &Resource) -> String {
    crate::names::rust_ident(&resource.names.snake_plural)
}
