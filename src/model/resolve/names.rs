//! Checks of single names: their case, and the words that are kept for other things.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::names;
use crate::spec::{self, Text};

/// Names of enums, value types and resources.
pub fn check_type_name(name: &Text, out: &mut Diagnostics) {
    if !names::is_pascal(&name.value) {
        wrong_case(name, "UpperCamelCase", &names::pascal(&name.value), names::is_pascal, out);
    } else if names::reserved_type(&name.value) {
        let help = match name.value.starts_with("Apigen") {
            true => "tables of apigen's own are named like that; choose another one",
            false => "contracts and generated code have a type of this name already; choose another one",
        };
        reserved(name, help, out);
    }
}

/// Names of fields, relations and enum values. Returns whether it is fine.
pub fn check_snake(name: &Text, out: &mut Diagnostics) -> bool {
    let fine = names::is_snake(&name.value);
    if !fine {
        wrong_case(name, "snake_case", &names::snake(&name.value), names::is_snake, out);
    }
    fine
}

/// Fields and relations of a resource.
pub fn check_property(name: &Text, out: &mut Diagnostics) {
    if !check_snake(name, out) {
        return;
    }
    if names::SYSTEM_COLUMNS.contains(&name.value.as_str()) {
        reserved(name, "every table of PostgreSQL has a column of this name; choose another one", out);
    }
    if names::reserved_column(&name.value) {
        reserved(name, "columns of apigen's own are named like that; choose another one", out);
    }
    if names::RESERVED_FIELDS.contains(&name.value.as_str()) {
        let help = match name.value.as_str() {
            "id" => "every resource has an id; say which kind with `id:` beside `fields:`",
            "created_at" | "updated_at" => "every resource has it, unless it says `timestamps: false`",
            _ => "choose another name; apigen uses this one itself",
        };
        reserved(name, help, out);
    }
}

/// What `_links` have a link to, beside the row itself.
pub fn check_link(name: &Text, rest: &spec::Rest, out: &mut Diagnostics) {
    if rest.links.is_some() && name.value == names::SELF_LINK {
        reserved(name, "`rest: { links: true }` calls the link from a row to itself so; choose another name", out);
    }
}

pub fn reserved(name: &Text, help: &str, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error(Code::ReservedName, name.span, format!("the name `{}` is reserved", name.value))
            .help(help.to_owned()),
    );
}

fn wrong_case(name: &Text, case: &str, better: &str, fits: fn(&str) -> bool, out: &mut Diagnostics) {
    let help = fits(better).then(|| format!("write `{better}`"));
    out.push(Diagnostic::error(Code::NameCase, name.span, format!("`{}` is not {case}", name.value)).help(help));
}
