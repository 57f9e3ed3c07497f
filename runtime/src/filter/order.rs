//! The order of a list as text: `-placed_at,name` in REST, `placed_at desc, name` in gRPC (AIP-132).

use crate::{
    descriptor::{Direction, Resource, Sort},
    error::{ApiError, Code},
};

/// More keys than this order nothing that a reader would notice.
const MAX_KEYS: usize = 5;

/// Reads REST's `sort`: fields separated by commas, `-` in front of those that descend.
pub fn parse_rest(resource: &'static Resource, text: &str) -> Result<Vec<Sort>, ApiError> {
    let keys = text.split(',').map(str::trim).map(|key| match key.strip_prefix('-') {
        Some(name) => Ok((name, Direction::Descending)),
        None => Ok((key, Direction::Ascending)),
    });
    collect(resource, "sort", keys)
}

/// Reads AIP-132's `order_by`: fields separated by commas, ` desc` behind those that descend. Blank is no order.
pub fn parse_aip132(resource: &'static Resource, text: &str) -> Result<Vec<Sort>, ApiError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let keys = text.split(',').map(|key| {
        let words: Vec<_> = key.split_whitespace().collect();
        match words.as_slice() {
            [name] | [name, "asc"] => Ok((*name, Direction::Ascending)),
            [name, "desc"] => Ok((*name, Direction::Descending)),
            _ => Err(("SYNTAX", format!("`{}` isn't a field, or a field and desc", key.trim()))),
        }
    });
    collect(resource, "order_by", keys)
}

/// Takes the keys of GraphQL's `orderBy`: names in any case, since an enum's are in capitals.
pub fn from_graphql(
    resource: &'static Resource,
    keys: impl Iterator<Item = (String, Direction)>,
) -> Result<Vec<Sort>, ApiError> {
    let keys: Vec<_> = keys.map(|(name, direction)| (name.to_lowercase(), direction)).collect();
    collect(resource, "orderBy", keys.iter().map(|(name, direction)| Ok((name.as_str(), *direction))))
}

type Mistake = (&'static str, String);

fn collect<'t>(
    resource: &'static Resource,
    parameter: &str,
    keys: impl Iterator<Item = Result<(&'t str, Direction), Mistake>>,
) -> Result<Vec<Sort>, ApiError> {
    let mut sorts = Vec::new();
    for key in keys {
        let sort = key.and_then(|(name, direction)| check(resource, name, direction, &sorts));
        let sort =
            sort.map_err(|(code, message)| ApiError::parameter(Code::InvalidFilter, parameter, code, message))?;
        sorts.push(sort);
    }
    Ok(sorts)
}

fn check(resource: &'static Resource, name: &str, direction: Direction, before: &[Sort]) -> Result<Sort, Mistake> {
    if name.is_empty() {
        return Err(("SYNTAX", "names no field".to_owned()));
    }
    let field = resource
        .field(name)
        .filter(|field| field.sort && field.readable())
        .ok_or_else(|| ("UNKNOWN_FIELD", format!("there is no field `{name}` to sort by")))?;
    if before.iter().any(|sort| sort.field == field.name) {
        return Err(("DUPLICATE", format!("`{name}` is named twice")));
    }
    if before.len() == MAX_KEYS {
        return Err(("TOO_MANY_TERMS", format!("has more than {MAX_KEYS} fields")));
    }
    Ok(Sort { field: field.name, direction })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::TASK;
    use super::*;

    fn shown(result: Result<Vec<Sort>, ApiError>) -> String {
        match result {
            Ok(sorts) => {
                let sign = |sort: &Sort| if sort.direction == Direction::Descending { "-" } else { "" };
                sorts.iter().map(|sort| format!("{}{}", sign(sort), sort.field)).collect::<Vec<_>>().join(" ")
            }
            Err(error) => format!("{} {error}", error.violations[0].code),
        }
    }

    #[test]
    fn rest_puts_a_minus_before_what_descends() {
        let check = |text, expected: &str| assert_eq!(shown(parse_rest(&TASK, text)), expected, "{text:?}");
        check("-count,title", "-count title");
        check(" title , -id ", "title -id");
        check("", "SYNTAX INVALID_FILTER: sort: names no field");
        check("title,", "SYNTAX INVALID_FILTER: sort: names no field");
        check("-", "SYNTAX INVALID_FILTER: sort: names no field");
        check("--title", "UNKNOWN_FIELD INVALID_FILTER: sort: there is no field `-title` to sort by");
        check("title,-title", "DUPLICATE INVALID_FILTER: sort: `title` is named twice");
        check("state", "UNKNOWN_FIELD INVALID_FILTER: sort: there is no field `state` to sort by");
        check("secret", "UNKNOWN_FIELD INVALID_FILTER: sort: there is no field `secret` to sort by");
        check("id,title,note,count,price,due", "TOO_MANY_TERMS INVALID_FILTER: sort: has more than 5 fields");
    }

    #[test]
    fn aip132_puts_desc_behind() {
        let check = |text, expected: &str| assert_eq!(shown(parse_aip132(&TASK, text)), expected, "{text:?}");
        check("count desc, title", "-count title");
        check("  count   desc  ,title asc", "-count title");
        check(" ", "");
        check("title,", "SYNTAX INVALID_FILTER: order_by: `` isn't a field, or a field and desc");
        check("title DESC", "SYNTAX INVALID_FILTER: order_by: `title DESC` isn't a field, or a field and desc");
        check("x", "UNKNOWN_FIELD INVALID_FILTER: order_by: there is no field `x` to sort by");
    }
}
