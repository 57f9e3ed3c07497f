//! Query strings: the arguments of a list, the links to its other pages, and what an action takes that only reads.

use axum::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use super::look;
use crate::{
    codec::text::parse_text,
    descriptor::{Field, Resource, Type},
    error::{self, ApiError, Code, Location, Segment, Violation},
    filter::{Filter, aip160, order, rest},
    service::{Arguments, ListArgs, Look, Query, Rows, Skip, Spelling},
    value::Value,
};

const SPELLING: Spelling = Spelling { page_size: "limit", cursor: "cursor", sort: "sort", skip: "page" };

/// The query string of a list, unread.
pub struct ListQuery<'a>(pub Option<&'a str>);

impl Query for ListQuery<'_> {
    fn read(&self, resource: &'static Resource) -> Result<ListArgs, ApiError> {
        list_args(resource, self.0)
    }
}

impl Look for ListQuery<'_> {
    fn rows(&self, resource: &'static Resource) -> Result<Option<Rows>, ApiError> {
        look::rows(resource, self.0)
    }
}

/// Reads `limit`, `cursor`, `page`, `sort`, `q`, `total`, `filter`; everything else is a filter by field, unless it is about
/// what is shown.
fn list_args(resource: &'static Resource, query: Option<&str>) -> Result<ListArgs, ApiError> {
    let mut args = unlimited();
    let mut filters = Vec::new();
    let mut plain = Vec::new();
    let mut seen = Vec::new();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned() {
        match name.as_str() {
            "limit" => args.page_size = Some(number(&name, &value)?),
            "cursor" => args.cursor = Some(value),
            "page" if resource.list.offset => args.skip = page(&name, number(&name, &value)?)?,
            "sort" => args.sort = Some(order::parse_rest(resource, &value)?),
            "q" if !resource.search.is_empty() => args.q = Some(value),
            "total" if resource.list.total => args.total = truth(&name, &value)?,
            "filter" => filters.push(aip160::parse(resource, &value)?),
            name if look::is_known(name) => {}
            _ => {
                plain.push((name, value));
                continue;
            }
        }
        once(&mut seen, name)?;
    }
    if args.cursor.is_some() && args.skip != Skip::Rows(0) {
        let why = "can't be used together with cursor";
        return Err(ApiError::parameter(Code::ValidationFailed, SPELLING.skip, "CONFLICTING_ARGUMENT", why));
    }
    if !plain.is_empty() {
        filters.push(rest::parse(resource, &plain)?);
    }
    args.filter = match filters.len() {
        0 => None,
        1 => filters.pop(),
        _ => Some(Filter::And(filters)),
    };
    Ok(args)
}

/// Refuses a parameter that has been seen.
pub fn once(seen: &mut Vec<String>, name: String) -> Result<(), ApiError> {
    if seen.contains(&name) {
        return Err(ApiError::parameter(Code::MalformedRequest, &name, "REPEATED", "must be given once"));
    }
    seen.push(name);
    Ok(())
}

/// Pages are numbered from 1.
fn page(name: &str, number: i64) -> Result<Skip, ApiError> {
    if number < 1 {
        return Err(ApiError::parameter(Code::ValidationFailed, name, "MINIMUM", "must be 1 or more"));
    }
    Ok(Skip::Pages(u32::try_from(number - 1).unwrap_or(u32::MAX)))
}

/// The arguments that read the one row of a has_one.
pub fn first() -> ListArgs {
    ListArgs { page_size: Some(1), ..unlimited() }
}

fn unlimited() -> ListArgs {
    ListArgs {
        spelling: &SPELLING,
        page_size: None,
        cursor: None,
        backward: false,
        sort: None,
        filter: None,
        q: None,
        total: false,
        skip: Skip::Rows(0),
    }
}

/// What an action takes, unread. Several parameters of one name are a list.
pub struct Inputs<'a>(pub Option<&'a str>);

impl Arguments for Inputs<'_> {
    fn decode(
        &self,
        fields: &'static [Field],
        violations: &mut Vec<Violation>,
    ) -> Result<Vec<Option<Value>>, ApiError> {
        let mut values = vec![None; fields.len()];
        for (name, text) in form_urlencoded::parse(self.0.unwrap_or_default().as_bytes()) {
            let Some(index) = fields.iter().position(|field| field.name == name) else { return Err(unknown(&name)) };
            let (field, value) = (&fields[index], &mut values[index]);
            let item = match field.ty {
                Type::List(item) => item,
                _ if value.is_some() => {
                    return Err(ApiError::parameter(Code::MalformedRequest, &name, "REPEATED", "must be given once"));
                }
                _ => &field.ty,
            };
            let read = match parse_text(item, &text) {
                Ok(read) => read,
                Err(wrong) => {
                    let location = Location::Body(vec![Segment::Field { name: field.name, camel: field.camel }]);
                    error::note(violations, || Violation { location, code: wrong.code, message: wrong.message });
                    // What was refused isn't missing.
                    Value::Null
                }
            };
            match (value, &field.ty) {
                (Some(Value::List(items)), _) => items.push(read),
                (value, Type::List(_)) => *value = Some(Value::List(vec![read])),
                (value, _) => *value = Some(read),
            }
        }
        Ok(values)
    }
}

/// What is wrong with an input is wrong with the parameter of its name.
pub fn about_parameters(error: ApiError) -> ApiError {
    let moved = |violation: Violation| match violation.location {
        Location::Body(path) => match path.first() {
            Some(Segment::Field { name, .. }) => {
                Violation { location: Location::Parameter((*name).to_owned()), ..violation }
            }
            _ => Violation { location: Location::Body(path), ..violation },
        },
        _ => violation,
    };
    ApiError { violations: error.violations.into_iter().map(moved).collect(), ..error }
}

/// Refuses any parameter where there are none.
pub fn none(query: Option<&str>) -> Result<(), ApiError> {
    match form_urlencoded::parse(query.unwrap_or_default().as_bytes()).next() {
        None => Ok(()),
        Some((name, _)) => Err(unknown(&name)),
    }
}

pub fn unknown(name: &str) -> ApiError {
    ApiError::parameter(Code::UnknownParameter, name, "UNKNOWN_PARAMETER", "isn't known here")
}

fn number(name: &str, value: &str) -> Result<i64, ApiError> {
    value
        .parse()
        .map_err(|_| ApiError::parameter(Code::MalformedRequest, name, "INVALID_NUMBER", "must be a whole number"))
}

fn truth(name: &str, value: &str) -> Result<bool, ApiError> {
    value
        .parse()
        .map_err(|_| ApiError::parameter(Code::MalformedRequest, name, "INVALID_BOOLEAN", "must be true or false"))
}

/// One segment of a path.
pub fn segment(id: &str) -> String {
    /// What RFC 3986 §2.3 calls unreserved stays.
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.').remove(b'~');
    utf8_percent_encode(id, ESCAPED).to_string()
}

/// The `Link` header (RFC 8288): all other parameters are kept.
pub fn links(uri: &Uri, next: Option<&str>, previous: Option<&str>) -> String {
    let pages = [("first", Some(None)), ("prev", previous.map(Some)), ("next", next.map(Some))];
    let links =
        pages.into_iter().filter_map(|(rel, cursor)| Some(format!("<{}>; rel=\"{rel}\"", page_uri(uri, cursor?))));
    links.collect::<Vec<_>>().join(", ")
}

fn page_uri(uri: &Uri, cursor: Option<&str>) -> String {
    let kept = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(|(name, _)| name != "cursor" && name != "page");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let query = query.finish();
    if query.is_empty() { uri.path().to_owned() } else { format!("{}?{query}", uri.path()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_other_parameters() {
        let uri: Uri = "/v1/orders?limit=2&cursor=old&status=pending".parse().unwrap();
        assert_eq!(
            links(&uri, Some("n"), None),
            "</v1/orders?limit=2&status=pending>; rel=\"first\", \
             </v1/orders?limit=2&status=pending&cursor=n>; rel=\"next\""
        );
    }

    #[test]
    fn a_total_is_asked_for_in_one_way() {
        use crate::descriptor::{Field, Id, List, Operations, Type};
        static ROW: Resource = Resource {
            name: "Row",
            plural: "Rows",
            snake: "row",
            snake_plural: "rows",
            camel: "row",
            camel_plural: "rows",
            path: "rows",
            table: "rows",
            fields: &[Field::new("id", "id", Type::Id(Id::Uuid)).read_only()],
            relations: &[],
            operations: Operations { list: true, ..Operations::NONE },
            list: List { sort: &[], page_size: 10, max_page_size: 20, total: true, ..List::DEFAULT },
            ..Resource::BLANK
        };
        let total = |query| list_args(&ROW, Some(query)).map(|args| args.total);
        assert_eq!((total("total=true"), total("total=false"), total("")), (Ok(true), Ok(false), Ok(false)));
        let error = total("total=yes").unwrap_err();
        assert_eq!((error.code, error.violations[0].code), (Code::MalformedRequest, "INVALID_BOOLEAN"));
    }

    #[test]
    fn ids_are_escaped_in_locations() {
        assert_eq!(segment("a/b c"), "a%2Fb%20c");
    }
}
