//! Every kind of mistake, as people see it.

mod access;
mod actions;
mod checks;
mod computed;
mod defaults;
mod deprecation;
mod domain_errors;
mod events;
mod explanations;
mod include;
mod later;
mod many_to_many;
mod names;
mod operations;
mod render;
mod resources;
mod rows;
mod search;
mod soft_delete;
mod types;
mod writes;
mod yaml;

use apigen::Input;
use apigen::diagnostic::Diagnostics;

/// The mistakes in a spec, which must have some.
fn diagnostics(spec: &str) -> Diagnostics {
    let input = Input { name: "shop.yaml", bytes: spec.as_bytes() };
    apigen::read(input, None).expect_err("the spec has mistakes")
}

/// The same as text, without the closing count.
fn mistakes(spec: &str) -> String {
    let text = diagnostics(spec).to_string();
    let (mistakes, _count) = text.trim_end().rsplit_once('\n').expect("at least a mistake and the count");
    mistakes.trim_end().to_owned()
}
