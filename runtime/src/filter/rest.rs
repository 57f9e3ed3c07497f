//! Filters as query parameters: `status=pending&total[gte]=10&status[in]=pending,shipped`. All of them must hold.

use std::collections::HashSet;

use super::{Budget, Filter, Operator, Target, Test, invalid, operators};
use crate::{
    codec::text::Invalid,
    descriptor::Resource,
    error::{ApiError, Code},
};

/// Reads the parameters that are none of the list's own, names and values already decoded.
pub fn parse(resource: &'static Resource, pairs: &[(String, String)]) -> Result<Filter, ApiError> {
    let mut budget = Budget::default();
    let mut seen = HashSet::new();
    let parts = pairs.iter().map(|(parameter, text)| {
        let (target, operator) = split(resource, parameter)?;
        if !seen.insert((target.index, operator)) {
            let message = format!("is given twice; {}[in]=a,b accepts several values", target.field.name);
            return Err(refuse(parameter, invalid("DUPLICATE", message)));
        }
        test(target, operator, text, &mut budget)
            .map(|test| target.compare(test))
            .map_err(|invalid| refuse(parameter, invalid))
    });
    parts.collect::<Result<Vec<_>, _>>().map(Filter::and)
}

/// `total[gte]` is a field and its operator, `total` alone asks for equality.
fn split(resource: &'static Resource, parameter: &str) -> Result<(Target, Operator), ApiError> {
    let (name, operator) = match parameter.strip_suffix(']').and_then(|inner| inner.split_once('[')) {
        Some((name, operator)) => (name, operator),
        None => (parameter, Operator::Eq.name()),
    };
    let target = Target::find(resource, |field| field.name == name).ok_or_else(|| unknown(parameter))?;
    let allowed = operators(&target.field.ty);
    match allowed.iter().find(|allowed| allowed.name() == operator) {
        Some(operator) => Ok((target, *operator)),
        None => {
            let names: Vec<_> = allowed.iter().map(|allowed| allowed.name()).collect();
            let message = format!("`{}` has only the operators {}", target.field.name, names.join(", "));
            Err(refuse(parameter, invalid("UNSUPPORTED_OPERATOR", message)))
        }
    }
}

fn test(target: Target, operator: Operator, text: &str, budget: &mut Budget) -> Result<Test, Invalid> {
    if operator != Operator::In {
        budget.take(1)?;
        return target.value(operator, text).map(|value| operator.test(value));
    }
    let texts = items(text);
    budget.take(texts.len())?;
    let values = texts.iter().map(|text| target.value(operator, text));
    values.collect::<Result<_, _>>().map(Test::In)
}

/// Splits at commas. A backslash makes the next character part of the item.
fn items(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, items.last_mut()) {
            (',', _) => items.push(String::new()),
            ('\\', Some(item)) => item.extend(chars.next()),
            (c, Some(item)) => item.push(c),
            (_, None) => unreachable!("there is a first item from the start"),
        }
    }
    items
}

fn unknown(parameter: &str) -> ApiError {
    ApiError::parameter(Code::UnknownParameter, parameter, "UNKNOWN_PARAMETER", "isn't a parameter of this list")
        .with("parameter", parameter)
}

fn refuse(parameter: &str, invalid: Invalid) -> ApiError {
    ApiError::parameter(Code::InvalidFilter, parameter, invalid.code, invalid.message).with("parameter", parameter)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Random, TASK, outcome};
    use super::*;

    #[track_caller]
    fn check(query: &[(&str, &str)], expected: &str) {
        let pairs: Vec<_> = query.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        assert_eq!(outcome(parse(&TASK, &pairs)), expected, "{query:?}");
    }

    #[test]
    fn parameters_are_conditions() {
        check(&[], "()");
        check(&[("state", "open")], "state eq open");
        check(&[("state[ne]", "open"), ("count[gte]", "-3")], "(state ne open & count gte -3)");
        check(&[("count[gte]", "1"), ("count[lt]", "5")], "(count gte 1 & count lt 5)");
        check(&[("state[in]", "open,done")], "state in [open, done]");
        check(&[("title[in]", r"a\,b,\\,,c\")], r"title in [a,b, \, , c]");
        check(&[("title[contains]", "a,b")], "title contains a,b");
        check(&[("title[starts_with]", "*"), ("title[ends_with]", "")], "(title starts_with * & title ends_with )");
        check(&[("note[is_null]", "true")], "note is_null true");
        check(&[("due_at[gt]", "2026-01-31T12:00:00+01:00")], "due_at gt 2026-01-31T11:00:00.000000Z");
        check(&[("title", "")], "title eq ");
    }

    #[test]
    fn mistakes_name_their_parameter() {
        let unknown =
            |name: &str| format!("UNKNOWN_PARAMETER UNKNOWN_PARAMETER: {name}: isn't a parameter of this list");
        for name in ["x", "plain", "secret", "plain[eq]", "", "[eq]", "title[eq", "title]", "titleé[eq]"] {
            check(&[(name, "a")], &unknown(name));
        }
        check(
            &[("state[lt]", "open")],
            "UNSUPPORTED_OPERATOR INVALID_FILTER: state[lt]: `state` has only the operators eq, ne, in, is_null",
        );
        check(
            &[("title[]", "a")],
            "UNSUPPORTED_OPERATOR INVALID_FILTER: title[]: `title` has only the operators eq, ne, in, lt, lte, gt, gte, \
             contains, starts_with, ends_with, is_null",
        );
        check(
            &[("state", "open"), ("state", "done")],
            "DUPLICATE INVALID_FILTER: state: is given twice; state[in]=a,b accepts several values",
        );
        check(
            &[("state[in]", "open,")],
            "INVALID_ENUM_VALUE INVALID_FILTER: state[in]: must be one of open, in_progress, done",
        );
        check(&[("note[is_null]", "")], "INVALID_BOOLEAN INVALID_FILTER: note[is_null]: must be true or false");
        let many = vec!["1"; 101].join(",");
        check(&[("count[in]", &many)], "TOO_MANY_TERMS INVALID_FILTER: count[in]: has more than 100 terms");
    }

    #[test]
    fn no_input_panics() {
        let mut random = Random::new(5);
        let pieces = ["title", "[", "]", "in", "eq", "is_null", ",", "\\", "é", "count", "effort", "-1", ""];
        for _ in 0..20_000 {
            let mut text = || (0..random.below(5)).map(|_| *random.pick(&pieces)).collect::<String>();
            let pairs = [(text(), text()), (text(), text())];
            let _ = parse(&TASK, &pairs);
        }
    }
}
