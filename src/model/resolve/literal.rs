//! Literals: whether a `default` or `example` fits its field's type and keeps the field's own constraints.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Resolver;
use super::number::{self, Number};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{self, Default, EnumId, Literal, Object, Rules, Type};
use crate::spec::{self, Entry, Node, Scalar, Value};

impl Resolver<'_> {
    /// Fills in the defaults and examples of `fields`, which are those of `typed` that could be resolved, in order.
    pub(super) fn literals(
        &mut self,
        typed: Option<&Vec<spec::Field>>,
        fields: &mut [model::Field],
        objects: &[Object],
    ) {
        let mut rest = fields.iter_mut().peekable();
        for typed in typed.into_iter().flatten() {
            if let Some(field) = rest.next_if(|field| field.name == typed.name.value) {
                field.default = typed.default.as_ref().and_then(|node| self.default(node, field, objects));
                field.example = typed.example.as_ref().and_then(|node| self.example(node, field, objects));
            }
        }
    }

    fn default(&mut self, node: &Node, field: &model::Field, objects: &[Object]) -> Option<Default> {
        if field.ty == Type::Password {
            let help = "nobody's password should be known beforehand";
            self.error(Code::KeyNotApplicable, node.span, "a password can't have a default", help);
            return None;
        }
        if node.is_null() && field.ty != Type::Json {
            let help = "remove it: an optional field without a default is null anyway";
            self.error(Code::BadLiteral, node.span, "a default can't be null", help);
            return None;
        }
        match (&field.ty, word(node)) {
            (Type::Timestamp, Some("now")) => Some(Default::Now),
            (Type::Date, Some("today")) => Some(Default::Today),
            _ => self.literal(node, &field.ty, &field.rules, objects).map(Default::Literal),
        }
    }

    fn example(&mut self, node: &Node, field: &model::Field, objects: &[Object]) -> Option<Literal> {
        if node.is_null() && !field.required {
            return Some(Literal::Null);
        }
        self.literal(node, &field.ty, &field.rules, objects)
    }

    pub(super) fn literal(&mut self, node: &Node, ty: &Type, rules: &Rules, objects: &[Object]) -> Option<Literal> {
        match (ty, &node.value) {
            (_, Value::Broken) => None,
            (Type::Json, _) => json(node).map(|value| Literal::Scalar(value.to_string())),
            (Type::List(item), Value::Sequence(items)) => self.list_literal(node.span, items, item, rules, objects),
            (Type::Map(item), Value::Mapping(entries)) => self.map_literal(entries, item, objects),
            (Type::Object(id), Value::Mapping(entries)) => {
                self.object_literal(node.span, entries, &objects[id.0], objects)
            }
            (Type::List(_) | Type::Map(_) | Type::Object(_), _) => self.unfit(node, ty, shape(ty)),
            (_, Value::Scalar(scalar)) if !node.is_null() => self.scalar(node, scalar, ty, rules),
            _ => self.unfit(node, ty, "a single value"),
        }
    }

    fn unfit(&mut self, node: &Node, ty: &Type, expected: &str) -> Option<Literal> {
        let text = match &node.value {
            Value::Scalar(scalar) if !node.is_null() => format!("`{}`", scalar.text),
            _ => node.kind().to_owned(),
        };
        let message = format!("{text} is not a value of type `{}`", self.type_name(ty));
        self.out.push(Diagnostic::error(Code::BadLiteral, node.span, message).label(format!("expected {expected}")));
        None
    }

    fn scalar(&mut self, node: &Node, scalar: &Scalar, ty: &Type, rules: &Rules) -> Option<Literal> {
        if let Type::Enum(id) = ty {
            return self.enum_literal(node.span, &scalar.text, *id);
        }
        if number::is_numeric(ty) {
            match number::parse(ty, &scalar.text) {
                Ok(number) => self.check_number_rules(node.span, number, ty, rules),
                Err(expected) => return self.unfit(node, ty, &expected),
            }
        } else if let Err(expected) = text_fits(ty, &scalar.text) {
            return self.unfit(node, ty, expected);
        }
        self.check_text_rules(node.span, &scalar.text, rules);
        Some(Literal::Scalar(scalar.text.clone()))
    }

    fn enum_literal(&mut self, span: Span, text: &str, id: EnumId) -> Option<Literal> {
        let enumeration = &self.spec.enums[id.0];
        // Without readable values anything may be right.
        let values = enumeration.values.given()?;
        if values.iter().any(|value| value.name.value == text) {
            return Some(Literal::Scalar(text.to_owned()));
        }
        let names = || values.iter().map(|value| value.name.value.as_str());
        let help = self.out.suggest(text, names()).unwrap_or_else(|| some_of(names()));
        let message = format!("`{text}` is not a value of enum `{}`", enumeration.name.value);
        self.out.push(Diagnostic::error(Code::BadLiteral, span, message).help(help));
        None
    }

    fn list_literal(
        &mut self,
        span: Span,
        items: &[Node],
        item: &Type,
        rules: &Rules,
        objects: &[Object],
    ) -> Option<Literal> {
        let count = items.len();
        if rules.min_items.is_some_and(|least| count < least as usize) {
            self.breaks(span, "min_items", rules.min_items);
        }
        if rules.max_items.is_some_and(|most| count > most as usize) {
            self.breaks(span, "max_items", rules.max_items);
        }
        let none = Rules::default();
        let list: Option<Vec<_>> = items.iter().map(|node| self.literal(node, item, &none, objects)).collect();
        let list = list?;
        let repeated = list.iter().enumerate().any(|(index, item)| list[..index].contains(item));
        if rules.unique_items && repeated {
            self.breaks(span, "unique_items", Some("true"));
        }
        Some(Literal::List(list))
    }

    fn map_literal(&mut self, entries: &[Entry], item: &Type, objects: &[Object]) -> Option<Literal> {
        let none = Rules::default();
        let entries = entries
            .iter()
            .map(|entry| Some((entry.key.value.clone(), self.literal(&entry.value, item, &none, objects)?)));
        entries.collect::<Option<_>>().map(Literal::Map)
    }

    fn object_literal(
        &mut self,
        span: Span,
        entries: &[Entry],
        object: &Object,
        objects: &[Object],
    ) -> Option<Literal> {
        let missing = object
            .fields
            .iter()
            .find(|field| field.required_on_create() && entries.iter().all(|entry| entry.key.value != field.name));
        if let Some(field) = missing {
            let message = format!("`{}` needs a `{}`", object.name, field.name);
            self.error(Code::BadLiteral, span, message, format!("add `{}: …`", field.name));
        }
        let entries = entries.iter().map(|entry| self.member(entry, object, objects));
        entries.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(Literal::Map)
    }

    fn member(&mut self, entry: &Entry, object: &Object, objects: &[Object]) -> Option<(String, Literal)> {
        let Some(field) = object.fields.iter().find(|field| field.name == entry.key.value) else {
            let help = self.out.suggest(&entry.key.value, object.fields.iter().map(|field| field.name.as_str()));
            let message = format!("`{}` has no field `{}`", object.name, entry.key.value);
            self.out.push(Diagnostic::error(Code::BadLiteral, entry.key.span, message).help(help));
            return None;
        };
        Some((field.name.clone(), self.example(&entry.value, field, objects)?))
    }

    fn check_text_rules(&mut self, span: Span, text: &str, rules: &Rules) {
        let length = text.chars().count();
        if rules.min_length.is_some_and(|least| length < least as usize) {
            self.breaks(span, "min_length", rules.min_length);
        }
        if rules.max_length.is_some_and(|most| length > most as usize) {
            self.breaks(span, "max_length", rules.max_length);
        }
        if let Some(pattern) = &rules.pattern
            && self.patterns.get(pattern).is_ok_and(|regex| !regex.is_match(text))
        {
            self.breaks(span, "pattern", Some(pattern));
        }
    }

    fn check_number_rules(&mut self, span: Span, number: Number, ty: &Type, rules: &Rules) {
        type Fits = fn(Number, Number) -> bool;
        let checks: [(&str, &Option<String>, Fits); 5] = [
            ("minimum", &rules.minimum, |number, bound| number.compare(bound).is_ge()),
            ("maximum", &rules.maximum, |number, bound| number.compare(bound).is_le()),
            ("exclusive_minimum", &rules.exclusive_minimum, |number, bound| number.compare(bound).is_gt()),
            ("exclusive_maximum", &rules.exclusive_maximum, |number, bound| number.compare(bound).is_lt()),
            ("multiple_of", &rules.multiple_of, |number, step| !step.is_positive() || number.is_multiple_of(step)),
        ];
        for (key, bound, fits) in checks {
            if let Some(text) = bound
                && let Ok(bound) = number::parse(ty, text)
                && !fits(number, bound)
            {
                self.breaks(span, key, Some(text));
            }
        }
    }

    fn breaks(&mut self, span: Span, key: &str, bound: Option<impl std::fmt::Display>) {
        let bound = bound.map(|bound| bound.to_string()).unwrap_or_default();
        self.out.push(
            Diagnostic::error(Code::LiteralBreaksRule, span, format!("the value breaks the field's own `{key}`"))
                .label(format!("not allowed by `{key}: {bound}`")),
        );
    }
}

/// The first names of many.
fn some_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.take(10).collect();
    format!("its values: {}", names.join(", "))
}

/// An unquoted word.
fn word(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(scalar) if !scalar.quoted => Some(&scalar.text),
        _ => None,
    }
}

fn shape(ty: &Type) -> &'static str {
    match ty {
        Type::List(_) => "a list (`[a, b]`)",
        _ => "a mapping (`{ key: value }`)",
    }
}

fn text_fits(ty: &Type, text: &str) -> Result<(), &'static str> {
    let (fits, expected) = match ty {
        Type::Bool => (matches!(text, "true" | "false"), "`true` or `false`"),
        Type::Uuid => (is_uuid(text), "a UUID with hyphens: `0190b9a2-7e3f-7cc4-b1d2-3f5a6b7c8d9e`"),
        Type::Timestamp => (is_timestamp(text), "a time with its offset: `2026-01-31T12:30:00Z`"),
        Type::Date => (is_date(text), "a date: `2026-01-31`"),
        Type::Duration => (is_duration(text), "an ISO 8601 duration without years and months: `PT1H30M`"),
        Type::Email => (email_address::EmailAddress::is_valid(text), "an email address"),
        Type::Url => (is_url(text), "a whole URL: `https://example.com/path`"),
        Type::Bytes => (BASE64_STANDARD.decode(text).is_ok(), "base64"),
        _ => (true, ""),
    };
    if fits { Ok(()) } else { Err(expected) }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

fn is_timestamp(text: &str) -> bool {
    !text.contains(['[', ' ']) && text.parse::<jiff::Timestamp>().is_ok()
}

fn is_date(text: &str) -> bool {
    text.len() == "2026-01-31".len() && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_duration(text: &str) -> bool {
    let iso = text.trim_start_matches('-').starts_with('P');
    iso && text.parse::<jiff::Span>().is_ok_and(|span| span.get_years() == 0 && span.get_months() == 0)
}

pub fn is_url(text: &str) -> bool {
    !text.contains(|char: char| char.is_whitespace() || char.is_control()) && url::Url::parse(text).is_ok()
}

/// By YAML's core schema, since here no key declares a type.
fn json(node: &Node) -> Option<serde_json::Value> {
    match &node.value {
        Value::Broken => None,
        _ if node.is_null() => Some(serde_json::Value::Null),
        Value::Scalar(scalar) => Some(json_scalar(scalar)),
        Value::Sequence(items) => items.iter().map(json).collect(),
        Value::Mapping(entries) => {
            entries.iter().map(|entry| Some((entry.key.value.clone(), json(&entry.value)?))).collect()
        }
    }
}

fn json_scalar(scalar: &Scalar) -> serde_json::Value {
    let text = || serde_json::Value::String(scalar.text.clone());
    match scalar.text.as_str() {
        _ if scalar.quoted => text(),
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        number => serde_json::from_str(number).map_or_else(|_| text(), serde_json::Value::Number),
    }
}
