//! Enums and their values.

use std::collections::HashMap;

use super::Resolver;
use super::api::value;
use super::names::{check_snake, reserved};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{Enum, EnumValue, Successor};
use crate::names;
use crate::spec::{self, Slot, Text};

impl Resolver<'_> {
    pub(super) fn enums(&mut self) -> Vec<Enum> {
        let spec = self.spec;
        let enums: Vec<_> = spec.enums.iter().map(|typed| self.enumeration(typed)).collect();
        self.check_proto_values(&enums);
        enums
    }

    fn enumeration(&mut self, typed: &spec::Enum) -> Enum {
        match &typed.values {
            Slot::Absent => {
                let owner = format!("enum `{}`", typed.name.value);
                self.missing(typed.name.span, "values", &owner, "write `values: [first, second]`");
            }
            Slot::Given(values) if values.is_empty() => {
                let message = format!("enum `{}` has no values", typed.name.value);
                self.error(Code::Empty, typed.name.span, message, "write `[first, second]`");
            }
            _ => {}
        }
        let values = typed.values.given().map(Vec::as_slice).unwrap_or_default();
        self.check_values(values);
        Enum {
            name: typed.name.value.clone(),
            constant: names::constant(&typed.name.value),
            description: value(&typed.description),
            values: values.iter().map(|value| self.enum_value(&typed.name, value, values)).collect(),
        }
    }

    fn enum_value(&mut self, enumeration: &Text, typed: &spec::EnumValue, all: &[spec::EnumValue]) -> EnumValue {
        let resolved = |value: &spec::EnumValue| names::enum_value(&enumeration.value, &value.name.value);
        let successors = || all.iter().map(|value| Successor::from(resolved(value))).collect();
        EnumValue {
            description: value(&typed.description),
            deprecated: self.deprecation(typed.deprecated.as_ref(), &typed.name.value, successors),
            ..resolved(typed)
        }
    }

    fn check_values(&mut self, values: &[spec::EnumValue]) {
        let mut exact: HashMap<&str, Span> = HashMap::new();
        let mut cased: HashMap<String, &Text> = HashMap::new();
        for value in values {
            let name = &value.name;
            if let Some(first) = exact.insert(&name.value, name.span) {
                let message = format!("the value `{}` is written twice", name.value);
                self.out.push(
                    Diagnostic::error(Code::Duplicate, name.span, message)
                        .label("again here")
                        .related(first, "first here"),
                );
                continue;
            }
            if name.value == names::RESERVED_ENUM_VALUE {
                reserved(name, "protobuf needs it for the value 0, which stands for \"not set\"", self.out);
            } else if check_snake(name, self.out) {
                let case = names::pascal(&name.value);
                self.check_taken(name, cased.insert(case.clone(), name), &format!("`{case}` in Rust"));
            }
        }
    }

    /// Reports that `name` comes out the same as an earlier one.
    pub(super) fn check_taken(&mut self, name: &Text, earlier: Option<&Text>, where_: &str) {
        let Some(earlier) = earlier else { return };
        let message = format!("`{}` and `{}` are the same name: {where_}", earlier.value, name.value);
        self.out.push(
            Diagnostic::error(Code::NamesCollide, name.span, message)
                .related(earlier.span, "the other one")
                .help("rename one of them".to_owned()),
        );
    }

    /// In protobuf, values of all enums share one namespace.
    fn check_proto_values(&mut self, enums: &[Enum]) {
        let spec = self.spec;
        let mut seen: HashMap<&str, (usize, &Text)> = HashMap::new();
        for (index, (typed, resolved)) in spec.enums.iter().zip(enums).enumerate() {
            let typed_values = typed.values.given().map(Vec::as_slice).unwrap_or_default();
            for (typed_value, resolved_value) in typed_values.iter().zip(&resolved.values) {
                match seen.insert(&resolved_value.proto, (index, &typed_value.name)) {
                    Some((other, earlier)) if other != index => {
                        let place = format!("`{}` in protobuf", resolved_value.proto);
                        self.check_taken(&typed_value.name, Some(earlier), &place);
                    }
                    _ => {}
                }
            }
        }
    }
}
