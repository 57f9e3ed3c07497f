//! From a draft to complete, legal values: presence, defaults and every constraint, all violations at once.
//!
//! Knows the rules of the language and no protocol. Whether a row exists or a value is taken is the store's to say.

use std::collections::{HashMap, HashSet};

use regex::Regex;
use rust_decimal::Decimal;

use crate::{
    codec::{json::from_json, text},
    descriptor::{Api, Field, Literal, Resource, Rules, SetBy, Type},
    error::{self, Location, Segment, Violation},
    service::{Draft, Write},
    store::json::to_json,
    value::{Secret, Value},
};

/// PostgreSQL can't store NUL in JSON either, so no text has it anywhere.
const NUL: &str = "must not contain the character NUL";

fn has_nul(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(has_nul),
        serde_json::Value::Object(members) => members.iter().any(|(key, member)| key.contains('\0') || has_nul(member)),
        _ => false,
    }
}

/// The compiled patterns of an api, by their text.
#[derive(Debug, Default)]
pub struct Patterns(HashMap<&'static str, Regex>);

impl Patterns {
    /// Fails for a pattern that the generator should have refused.
    pub fn compile(api: &Api) -> anyhow::Result<Patterns> {
        let mut patterns = Patterns::default();
        let mut seen = Vec::new();
        for resource in api.resources {
            patterns.add(resource.fields, &mut seen)?;
            resource.actions.iter().try_for_each(|action| patterns.add(action.input, &mut seen))?;
        }
        Ok(patterns)
    }

    /// `seen`: the value types already read, because one may contain itself.
    fn add(&mut self, fields: &'static [Field], seen: &mut Vec<&'static str>) -> anyhow::Result<()> {
        for field in fields {
            if let Some(pattern) = field.rules.pattern {
                self.0.insert(pattern, Regex::new(pattern)?);
            }
            let mut ty = field.ty;
            while let Type::List(item) | Type::Map(item) = ty {
                ty = *item;
            }
            if let Type::Object(object) = ty
                && !seen.contains(&object.name)
            {
                seen.push(object.name);
                self.add(object.fields, seen)?;
            }
        }
        Ok(())
    }
}

/// What the spec has for a field that nobody sets, at this time.
pub fn default(field: &Field, now: jiff::Timestamp) -> Option<Value> {
    Some(literal(field, field.default?, now))
}

/// What the spec writes as a value of a field, at this time.
pub fn literal(field: &Field, literal: Literal, now: jiff::Timestamp) -> Value {
    match literal {
        Literal::Now => Value::Timestamp(now),
        Literal::Today => Value::Date(now.to_zoned(jiff::tz::TimeZone::UTC).date()),
        Literal::Text(text) => parse_literal(&field.ty, text),
    }
}

/// One pass over a draft.
pub struct Validation<'a> {
    pub patterns: &'a Patterns,
    /// When the write happens: the value of `now`.
    pub now: jiff::Timestamp,
    /// Starts with what decoding found.
    pub violations: Vec<Violation>,
}

impl Validation<'_> {
    /// Every value of the row to be inserted, but for the id that the server makes.
    pub fn create(&mut self, resource: &'static Resource, draft: Draft) -> Vec<Value> {
        self.arguments(resource.fields, draft.values)
    }

    /// The values of these fields, with defaults where nothing was sent.
    pub fn arguments(&mut self, fields: &'static [Field], sent: Vec<Option<Value>>) -> Vec<Value> {
        let (fields, mut path) = (fields.iter().zip(sent), Vec::new());
        let complete = |(field, value)| self.field(field, value, Write::Create, &mut path).unwrap_or(Value::Null);
        fields.map(complete).collect()
    }

    /// The values to set, by field: `None` keeps what is stored.
    pub fn update(&mut self, resource: &'static Resource, draft: Draft) -> Vec<Option<Value>> {
        let (fields, mut path) = (resource.fields.iter().zip(draft.values), Vec::new());
        let mut judged = |field, value| self.field(field, Some(value), Write::Update, &mut path);
        fields.map(|(field, value)| value.and_then(|value| judged(field, value))).collect()
    }

    /// The values to set in place of all that the caller may change. What only the server sets stays, and so does what is
    /// set on create only, unless the draft has a value for it, which is refused.
    pub fn replace(&mut self, resource: &'static Resource, draft: Draft) -> Vec<Option<Value>> {
        let kept = |index: usize, field: &Field, value: &Option<Value>| match field.set_by {
            _ if index == 0 || field.internal => true,
            SetBy::Server => true,
            SetBy::CallerOnCreate => value.is_none(),
            SetBy::Caller => false,
        };
        let (fields, mut path) = (resource.fields.iter().zip(draft.values).enumerate(), Vec::new());
        let value = |(index, (field, value)): (usize, (&'static Field, Option<Value>))| match kept(index, field, &value)
        {
            true => None,
            false => self.field(field, value, Write::Replace, &mut path),
        };
        fields.map(value).collect()
    }

    /// Checks a value that code gave, which is complete.
    pub fn judge(&mut self, field: &'static Field, value: &Value) {
        let mut path = vec![Segment::Field { name: field.name, camel: field.camel }];
        self.value(field, &field.ty, value, &mut path);
    }

    /// `path`: of the field before this one, to be used again.
    fn field(
        &mut self,
        field: &'static Field,
        value: Option<Value>,
        write: Write,
        path: &mut Vec<Segment>,
    ) -> Option<Value> {
        path.clear();
        path.push(Segment::Field { name: field.name, camel: field.camel });
        if self.judged(field) {
            return None;
        }
        if write != Write::Create && field.set_by == SetBy::CallerOnCreate {
            self.refuse(path, "CREATE_ONLY", "can be set on create only");
            return None;
        }
        let value = match value {
            Some(value) if !value.is_null() && field.set_by != SetBy::Server => value,
            _ => return self.absent(field, path, write),
        };
        self.value(field, &field.ty, &value, path);
        Some(self.complete(&field.ty, value))
    }

    /// Whether decoding has already refused something of this field, so that no consequence of it is reported.
    fn judged(&self, field: &Field) -> bool {
        self.violations.iter().any(|violation| match &violation.location {
            Location::Body(path) => matches!(path.first(), Some(Segment::Field { name, .. }) if *name == field.name),
            _ => false,
        })
    }

    /// What a field is when nothing (or null) was sent.
    fn absent(&mut self, field: &'static Field, path: &[Segment], write: Write) -> Option<Value> {
        match field.ty {
            Type::List(_) => {
                let default = self.default(field);
                if default.is_none() && field.set_by != SetBy::Server {
                    self.items(&field.rules, 0, path);
                }
                return Some(default.unwrap_or(Value::List(Vec::new())));
            }
            Type::Map(_) => return Some(self.default(field).unwrap_or(Value::Map(Default::default()))),
            _ => {}
        }
        if write != Write::Update
            && let Some(default) = self.default(field)
        {
            return Some(default);
        }
        if field.required && field.set_by != SetBy::Server && !field.from_principal {
            let message = if write == Write::Update { "must not be null" } else { "is required" };
            self.refuse(path, "REQUIRED", message);
        }
        Some(Value::Null)
    }

    fn default(&self, field: &'static Field) -> Option<Value> {
        default(field, self.now)
    }

    fn refuse(&mut self, path: &[Segment], code: &'static str, message: impl Into<String>) {
        error::note(&mut self.violations, || Violation {
            location: Location::Body(path.to_vec()),
            code,
            message: message.into(),
        });
    }

    /// Checks a value that isn't null against its type's own rules and the field's. Rules of a list's or map's field are
    /// about the container where they speak of items, and about each item otherwise.
    fn value(&mut self, field: &'static Field, ty: &Type, value: &Value, path: &mut Vec<Segment>) {
        match (ty, value) {
            (Type::List(item), Value::List(items)) => {
                self.items(&field.rules, items.len(), path);
                if field.rules.unique_items && has_duplicates(item, items) {
                    self.refuse(path, "UNIQUE_ITEMS", "must not contain the same item twice");
                }
                for (index, value) in items.iter().enumerate() {
                    self.at(path, Segment::Index(index), |this, path| this.value(field, item, value, path));
                }
            }
            (Type::Map(item), Value::Map(entries)) => {
                self.items(&field.rules, entries.len(), path);
                for (key, value) in entries {
                    self.at(path, Segment::Key(key.clone()), |this, path| {
                        if key.contains('\0') {
                            this.refuse(path, "INVALID_STRING", NUL);
                        }
                        this.value(field, item, value, path);
                    });
                }
            }
            (Type::Object(object), Value::Object(values)) => {
                for (member, value) in object.fields.iter().zip(values) {
                    let segment = Segment::Field { name: member.name, camel: member.camel };
                    self.at(path, segment, |this, path| this.member(member, value, path));
                }
            }
            (Type::Json, Value::Json(json)) if has_nul(json) => self.refuse(path, "INVALID_STRING", NUL),
            _ => self.scalar(&field.rules, ty, value, path),
        }
    }

    fn at(&mut self, path: &mut Vec<Segment>, segment: Segment, check: impl FnOnce(&mut Self, &mut Vec<Segment>)) {
        path.push(segment);
        check(self, path);
        path.pop();
    }

    fn member(&mut self, member: &'static Field, value: &Value, path: &mut Vec<Segment>) {
        match (value, &member.ty) {
            (Value::Null, _) if member.default.is_some() => {}
            (Value::Null, Type::List(_)) => self.items(&member.rules, 0, path),
            (Value::Null, Type::Map(_)) => {}
            (Value::Null, _) if member.required => self.refuse(path, "REQUIRED", "is required"),
            (Value::Null, _) => {}
            (value, ty) => self.value(member, ty, value, path),
        }
    }

    /// Fills the defaults inside value types.
    fn complete(&self, ty: &Type, value: Value) -> Value {
        match (ty, value) {
            (Type::List(item), Value::List(items)) => {
                Value::List(items.into_iter().map(|value| self.complete(item, value)).collect())
            }
            (Type::Map(item), Value::Map(entries)) => {
                Value::Map(entries.into_iter().map(|(key, value)| (key, self.complete(item, value))).collect())
            }
            (Type::Object(object), Value::Object(values)) => Value::Object(
                object.fields.iter().zip(values).map(|(member, value)| self.complete_member(member, value)).collect(),
            ),
            (_, value) => value,
        }
    }

    fn complete_member(&self, member: &'static Field, value: Value) -> Value {
        match (&member.ty, value) {
            (Type::List(_), Value::Null) => self.default(member).unwrap_or(Value::List(Vec::new())),
            (Type::Map(_), Value::Null) => self.default(member).unwrap_or(Value::Map(Default::default())),
            (_, Value::Null) => self.default(member).unwrap_or(Value::Null),
            (ty, value) => self.complete(ty, value),
        }
    }

    fn items(&mut self, rules: &Rules, count: usize, path: &[Segment]) {
        if let Some(least) = rules.min_items.filter(|least| count < *least as usize) {
            self.refuse(path, "MIN_ITEMS", format!("must have at least {least} items"));
        }
        if let Some(most) = rules.max_items.filter(|most| count > *most as usize) {
            self.refuse(path, "MAX_ITEMS", format!("must have at most {most} items"));
        }
    }

    fn scalar(&mut self, rules: &Rules, ty: &Type, value: &Value, path: &[Segment]) {
        if let Value::Text(text) = value {
            self.length(rules, text.chars().count(), path);
            if let Some(pattern) = rules.pattern
                && !self.patterns.0.get(pattern).is_none_or(|regex| regex.is_match(text))
            {
                self.refuse(path, "PATTERN", format!("must match {pattern}"));
            }
        }
        if let Value::Password(Secret(text)) = value {
            self.length(rules, text.chars().count(), path);
        }
        if let Value::Bytes(bytes) = value {
            self.length(rules, bytes.len(), path);
        }
        if let Some(invalid) = text::check(ty, value) {
            self.refuse(path, invalid.code, invalid.message);
        }
        self.bounds(rules, ty, value, path);
    }

    fn length(&mut self, rules: &Rules, length: usize, path: &[Segment]) {
        if let Some(least) = rules.min_length.filter(|least| length < *least as usize) {
            self.refuse(path, "MIN_LENGTH", format!("must have at least {least} characters"));
        }
        if let Some(most) = rules.max_length.filter(|most| length > *most as usize) {
            self.refuse(path, "MAX_LENGTH", format!("must have at most {most} characters"));
        }
    }

    fn bounds(&mut self, rules: &Rules, ty: &Type, value: &Value, path: &[Segment]) {
        let bounds = [
            (rules.minimum, "MINIMUM", "must be at least", [false, true, true]),
            (rules.maximum, "MAXIMUM", "must be at most", [true, true, false]),
            (rules.exclusive_minimum, "EXCLUSIVE_MINIMUM", "must be more than", [false, false, true]),
            (rules.exclusive_maximum, "EXCLUSIVE_MAXIMUM", "must be less than", [true, false, false]),
        ];
        for (bound, code, words, [less, equal, greater]) in bounds {
            let Some(bound) = bound else { continue };
            let admitted = match compare(ty, value, bound) {
                Some(std::cmp::Ordering::Less) => less,
                Some(std::cmp::Ordering::Equal) => equal,
                Some(std::cmp::Ordering::Greater) => greater,
                None => true,
            };
            if !admitted {
                self.refuse(path, code, format!("{words} {bound}"));
            }
        }
        if let Some(factor) = rules.multiple_of.filter(|factor| !is_multiple(value, factor)) {
            self.refuse(path, "MULTIPLE_OF", format!("must be a multiple of {factor}"));
        }
    }
}

/// By what the store keeps of the items, in time that grows with their number alone: the list may be as long as a body.
fn has_duplicates(ty: &Type, items: &[Value]) -> bool {
    let mut seen = HashSet::with_capacity(items.len());
    !items.iter().all(|item| seen.insert(to_json(*ty, item).to_string()))
}

/// How a value stands to a bound, which is read by the value's own type. `None`: they can't be compared (not a number).
fn compare(ty: &Type, value: &Value, bound: &str) -> Option<std::cmp::Ordering> {
    match value {
        Value::Int(number) => Decimal::from(*number).partial_cmp(&bound.parse().ok()?),
        Value::Float(number) => number.partial_cmp(&bound.parse().ok()?),
        Value::Decimal(number) => number.partial_cmp(&bound.parse().ok()?),
        Value::Timestamp(time) => match text::parse_text(ty, bound).ok()? {
            Value::Timestamp(bound) => time.partial_cmp(&bound),
            _ => None,
        },
        Value::Date(date) => date.partial_cmp(&bound.parse().ok()?),
        Value::Duration(micros) => match text::parse_text(ty, bound).ok()? {
            Value::Duration(bound) => micros.partial_cmp(&bound),
            _ => None,
        },
        _ => None,
    }
}

fn is_multiple(value: &Value, factor: &str) -> bool {
    match value {
        Value::Int(number) => factor.parse::<Decimal>().is_ok_and(|factor| (Decimal::from(*number) % factor).is_zero()),
        Value::Decimal(number) => factor.parse::<Decimal>().is_ok_and(|factor| (number % factor).is_zero()),
        // 0.3 is a multiple of 0.1 to everybody but binary fractions, so the quotient is rounded first.
        Value::Float(number) => factor.parse::<f64>().is_ok_and(|factor| {
            let quotient = number / factor;
            (quotient - quotient.round()).abs() < 1e-9 * quotient.abs().max(1.0)
        }),
        _ => true,
    }
}

/// Reads a default of the spec. Scalars stand as their text, lists, maps and value types as JSON.
pub(crate) fn parse_literal(ty: &Type, literal: &str) -> Value {
    let parsed = match ty {
        Type::List(_) | Type::Map(_) | Type::Object(_) | Type::Json => {
            serde_json::from_str(literal).ok().and_then(|json| from_json(ty, &json))
        }
        _ => text::parse_text(ty, literal).ok(),
    };
    parsed.unwrap_or_else(|| unreachable!("the generator refuses the default {literal:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Api, Object};

    static FIELDS: [Field; 2] = [
        Field::new("steps", "steps", Type::List(&Type::String)).min_items(1),
        Field::new("tags", "tags", Type::List(&Type::String)),
    ];

    static PLAN: Object = Object { name: "Plan", fields: &FIELDS };
    static OUTER: [Field; 1] = [Field::new("plan", "plan", Type::Object(&PLAN))];

    fn found(fields: &'static [Field], arguments: Vec<Option<Value>>) -> Vec<(String, &'static str)> {
        let patterns = Patterns::compile(&Api::BLANK).unwrap();
        let mut validation =
            Validation { patterns: &patterns, now: jiff::Timestamp::UNIX_EPOCH, violations: Vec::new() };
        validation.arguments(fields, arguments);
        validation.violations.iter().map(|each| (each.location.to_string(), each.code)).collect()
    }

    #[test]
    fn a_list_that_was_not_sent_is_an_empty_one() {
        assert_eq!(found(&FIELDS, vec![None, None]), [("steps".to_owned(), "MIN_ITEMS")]);
        let plan = Value::Object(vec![Value::Null, Value::Null]);
        assert_eq!(found(&OUTER, vec![Some(plan)]), [("plan.steps".to_owned(), "MIN_ITEMS")]);
    }
}
