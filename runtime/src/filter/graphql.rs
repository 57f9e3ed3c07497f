//! Filters as GraphQL's typed `where` inputs: `{ status: { in: [PENDING] }, or: [{ total: { gt: 10 } }, …] }`.
//!
//! The schema has already checked names and kinds. What it can't know is checked here, and nothing is taken for granted:
//! a null that would silently widen a filter is refused.

use serde_json::Value as Json;

use super::{Budget, Filter, Operator, Target, Test, invalid, operators};
use crate::{
    codec::text::{Invalid, parse_text},
    descriptor::{Resource, Type},
    error::{ApiError, Code},
    value::Value,
};

/// Reads a `where` argument after coercion; null is no condition.
pub fn parse(resource: &'static Resource, value: &Json) -> Result<Filter, ApiError> {
    if value.is_null() {
        return Ok(Filter::ALL);
    }
    let mut reader = Reader { resource, path: "where".to_owned(), budget: Budget::default() };
    reader.filter(value).map_err(|invalid| {
        ApiError::parameter(Code::InvalidFilter, &reader.path, invalid.code, invalid.message)
            .with("parameter", reader.path.as_str())
    })
}

struct Reader {
    resource: &'static Resource,
    /// Where we are, `where.or[1].total`; stays where a mistake was found.
    path: String,
    budget: Budget,
}

impl Reader {
    /// Goes one step into the input. The way back is taken on success only.
    fn within<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> Result<T, Invalid>) -> Result<T, Invalid> {
        let length = self.path.len();
        self.path.push_str(step);
        let result = read(self)?;
        self.path.truncate(length);
        Ok(result)
    }

    fn filter(&mut self, value: &Json) -> Result<Filter, Invalid> {
        let members = value.as_object().ok_or_else(|| invalid("INVALID_TYPE", "must be an object"))?;
        self.budget.enter()?;
        let before = self.budget.terms;
        let mut parts = Vec::with_capacity(members.len());
        for (name, value) in members {
            self.within(&format!(".{name}"), |reader| reader.member(name, value, &mut parts))?;
        }
        // Even one that compares nothing is a term of the SQL, which no database takes by the thousand.
        if self.budget.terms == before {
            self.budget.take(1)?;
        }
        self.budget.leave();
        Ok(Filter::and(parts))
    }

    fn member(&mut self, name: &str, value: &Json, parts: &mut Vec<Filter>) -> Result<(), Invalid> {
        match name {
            "and" => parts.push(Filter::and(self.filters(value)?)),
            "or" => parts.push(Filter::or(self.filters(value)?)),
            "not" => parts.push(Filter::Not(Box::new(self.filter(value)?))),
            _ => self.field(name, value, parts)?,
        }
        Ok(())
    }

    fn filters(&mut self, value: &Json) -> Result<Vec<Filter>, Invalid> {
        let parts = items(value).iter().enumerate();
        parts.map(|(index, part)| self.within(&format!("[{index}]"), |reader| reader.filter(part))).collect()
    }

    fn field(&mut self, name: &str, value: &Json, parts: &mut Vec<Filter>) -> Result<(), Invalid> {
        let target = Target::find(self.resource, |field| field.camel == name)
            .ok_or_else(|| invalid("UNKNOWN_FIELD", "isn't a field to filter by"))?;
        let tests = value.as_object().ok_or_else(|| invalid("INVALID_TYPE", "must be an object of operators"))?;
        for (name, value) in tests {
            self.within(&format!(".{name}"), |reader| {
                parts.push(target.compare(reader.test(target, name, value)?));
                Ok(())
            })?;
        }
        Ok(())
    }

    fn test(&mut self, target: Target, operator: &str, value: &Json) -> Result<Test, Invalid> {
        let operator = *operators(&target.field.ty)
            .iter()
            .find(|allowed| allowed.camel() == operator)
            .ok_or_else(|| invalid("UNSUPPORTED_OPERATOR", "isn't an operator of this field"))?;
        if operator != Operator::In {
            self.budget.take(1)?;
            return literal(target, operator, value).map(|value| operator.test(value));
        }
        if value.is_null() {
            return Err(no_null());
        }
        let values = items(value);
        self.budget.take(values.len().max(1))?;
        values.iter().map(|value| literal(target, operator, value)).collect::<Result<_, _>>().map(Test::In)
    }
}

/// A single item may stand for a list of one.
fn items(value: &Json) -> &[Json] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn literal(target: Target, operator: Operator, value: &Json) -> Result<Value, Invalid> {
    let ty = match operator {
        Operator::IsNull => &Type::Bool,
        _ => &target.field.ty,
    };
    match (ty, value) {
        (Type::Enum(of), Json::String(text)) => {
            let name = of.values.iter().find(|name| name.to_ascii_uppercase() == *text);
            name.map(|name| Value::Enum(name)).ok_or_else(|| {
                let names: Vec<_> = of.values.iter().map(|name| name.to_ascii_uppercase()).collect();
                invalid("INVALID_ENUM_VALUE", format!("must be one of {}", names.join(", ")))
            })
        }
        (ty, Json::String(text)) => parse_text(ty, text),
        (ty, Json::Number(number)) => parse_text(ty, &number.to_string()),
        (ty, Json::Bool(bool)) => parse_text(ty, if *bool { "true" } else { "false" }),
        (_, Json::Null) => Err(no_null()),
        (_, Json::Array(_) | Json::Object(_)) => Err(invalid("INVALID_TYPE", "must be a single value")),
    }
}

fn no_null() -> Invalid {
    invalid("NULL", "must not be null; isNull asks for fields without a value")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{Random, TASK, outcome};
    use super::*;

    #[track_caller]
    fn check(value: Json, expected: &str) {
        assert_eq!(outcome(parse(&TASK, &value)), expected, "{value}");
    }

    #[test]
    fn objects_are_conjunctions() {
        check(json!(null), "()");
        check(json!({}), "()");
        check(json!({ "title": { "eq": "a" } }), "title eq a");
        check(json!({ "count": { "gte": 1, "lt": "5" } }), "(count gte 1 & count lt 5)");
        check(json!({ "count": { "gte": 1 }, "title": { "startsWith": "a" } }), "(count gte 1 & title starts_with a)");
        check(json!({ "and": [] }), "()");
        check(json!({ "or": [] }), "()");
        check(
            json!({ "or": [{ "title": { "eq": "a" } }, { "urgent": { "ne": true } }] }),
            "(title eq a | urgent ne true)",
        );
        check(json!({ "not": { "title": { "eq": "a" } } }), "!title eq a");
        assert_eq!(parse(&TASK, &json!({ "or": [] })), Ok(Filter::Or(Vec::new())));
        assert_eq!(parse(&TASK, &json!({ "and": [] })), Ok(Filter::ALL));
    }

    #[test]
    fn values_are_read_by_type() {
        check(json!({ "state": { "in": ["OPEN", "IN_PROGRESS"] } }), "state in [open, in_progress]");
        check(json!({ "state": { "in": [] } }), "state in []");
        check(json!({ "state": { "in": "DONE" } }), "state in [done]");
        check(json!({ "dueAt": { "isNull": false } }), "due_at is_null false");
        check(json!({ "weight": { "lt": 0.5 } }), "weight lt 0.5");
        check(json!({ "price": { "eq": "1.5" } }), "price eq 1.50");
        check(
            json!({ "ownerId": { "eq": "usr_01h2xcejqtf2nbrexx3vqjhp41" } }),
            "owner_id eq usr_01h2xcejqtf2nbrexx3vqjhp41",
        );
    }

    #[test]
    fn mistakes_name_their_place() {
        check(
            json!({ "or": [{}, { "state": { "in": ["OPEN", "open"] } }] }),
            "INVALID_ENUM_VALUE INVALID_FILTER: where.or[1].state.in: must be one of OPEN, IN_PROGRESS, DONE",
        );
        let null = "must not be null; isNull asks for fields without a value";
        check(json!({ "title": { "eq": null } }), &format!("NULL INVALID_FILTER: where.title.eq: {null}"));
        check(json!({ "title": { "in": null } }), &format!("NULL INVALID_FILTER: where.title.in: {null}"));
        check(json!({ "title": { "in": [null] } }), &format!("NULL INVALID_FILTER: where.title.in: {null}"));
        check(json!({ "title": { "isNull": null } }), &format!("NULL INVALID_FILTER: where.title.isNull: {null}"));
        check(json!({ "title": null }), "INVALID_TYPE INVALID_FILTER: where.title: must be an object of operators");
        check(json!({ "not": null }), "INVALID_TYPE INVALID_FILTER: where.not: must be an object");
        check(json!({ "or": null }), "INVALID_TYPE INVALID_FILTER: where.or[0]: must be an object");
        check(json!([]), "INVALID_TYPE INVALID_FILTER: where: must be an object");
        check(json!({ "title": { "eq": [] } }), "INVALID_TYPE INVALID_FILTER: where.title.eq: must be a single value");
        check(json!({ "plain": {} }), "UNKNOWN_FIELD INVALID_FILTER: where.plain: isn't a field to filter by");
        check(json!({ "secret": {} }), "UNKNOWN_FIELD INVALID_FILTER: where.secret: isn't a field to filter by");
        check(json!({ "due_at": {} }), "UNKNOWN_FIELD INVALID_FILTER: where.due_at: isn't a field to filter by");
        check(
            json!({ "state": { "lt": "OPEN" } }),
            "UNSUPPORTED_OPERATOR INVALID_FILTER: where.state.lt: isn't an operator of this field",
        );
    }

    #[test]
    fn size_is_limited() {
        let nested = |depth| (0..depth).fold(json!({}), |inner, _| json!({ "not": inner }));
        assert!(parse(&TASK, &nested(31)).is_ok());
        assert_eq!(parse(&TASK, &nested(32)).unwrap_err().violations[0].code, "TOO_DEEP");
        let many = |count: i64| json!({ "count": { "in": (0..count).collect::<Vec<_>>() } });
        assert!(parse(&TASK, &many(100)).is_ok());
        assert_eq!(parse(&TASK, &many(101)).unwrap_err().violations[0].code, "TOO_MANY_TERMS");
        let empty = |part: Json| json!({ "or": vec![part; 101] });
        for part in [json!({}), json!({ "and": [] }), json!({ "title": {} })] {
            assert_eq!(parse(&TASK, &empty(part)).unwrap_err().violations[0].code, "TOO_MANY_TERMS");
        }
    }

    #[test]
    fn no_input_panics() {
        let mut random = Random::new(3);
        for _ in 0..20_000 {
            let _ = parse(&TASK, &random_json(&mut random, 5));
        }
    }

    fn random_json(random: &mut Random, depth: usize) -> Json {
        let keys =
            ["and", "or", "not", "title", "state", "count", "effort", "key", "eq", "in", "isNull", "contains", ""];
        let leaves = [json!(null), json!(true), json!(-1), json!(1e300), json!("OPEN"), json!("é"), json!("PT1S")];
        match random.below(if depth == 0 { 1 } else { 4 }) {
            0 => random.pick(&leaves).clone(),
            1 => (0..random.below(3)).map(|_| random_json(random, depth - 1)).collect(),
            _ => Json::Object(
                (0..random.below(3))
                    .map(|_| ((*random.pick(&keys)).to_owned(), random_json(random, depth - 1)))
                    .collect(),
            ),
        }
    }
}
