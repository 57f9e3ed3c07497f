//! What a read is to show, by its query string: `fields=id,address.city,customer.name&expand=customer`.

use url::form_urlencoded;

use super::query;
use crate::{
    descriptor::{Relation, RelationKind, Resource},
    error::{ApiError, Code},
    fields::Fields,
    service::{Fetch, ListArgs, Look, Query, Read, Rows},
};

const FIELDS: &str = "fields";
const EXPAND: &str = "expand";

/// Relations behind one another.
const MAX_DEPTH: usize = 4;
/// Relations in all, each of which takes a statement.
const MAX_RELATIONS: usize = 20;

/// Whether a parameter is about what is shown.
pub fn is_known(parameter: &str) -> bool {
    matches!(parameter, FIELDS | EXPAND)
}

/// The query string of a read of one row, unread: that is all it may be about.
pub struct OneQuery<'a>(pub Option<&'a str>);

impl Look for OneQuery<'_> {
    fn rows(&self, resource: &'static Resource) -> Result<Option<Rows>, ApiError> {
        let mut seen = Vec::new();
        for (name, _) in form_urlencoded::parse(self.0.unwrap_or_default().as_bytes()) {
            if !is_known(&name) {
                return Err(query::unknown(&name));
            }
            query::once(&mut seen, name.into_owned())?;
        }
        rows(resource, self.0)
    }
}

/// The one row of a has_one.
impl Query for OneQuery<'_> {
    fn read(&self, _: &'static Resource) -> Result<ListArgs, ApiError> {
        Ok(query::first())
    }
}

/// What a query string says of it, whatever else it says.
pub fn rows(resource: &'static Resource, query: Option<&str>) -> Result<Option<Rows>, ApiError> {
    let pairs = || form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let given = |parameter| pairs().find(|(name, _)| name == parameter).map(|(_, paths)| paths);
    let (fields, expand) = (given(FIELDS), given(EXPAND));
    if fields.is_none() && expand.is_none() {
        return Ok(None);
    }
    let (mut rows, mut left) = (Rows::default(), MAX_RELATIONS);
    for path in expand.iter().flat_map(|paths| paths.split(',')) {
        embed(&mut rows, resource, path.trim(), &mut left)?;
    }
    if let Some(paths) = fields {
        let paths: Vec<&str> = paths.split(',').map(str::trim).collect();
        choose(&mut rows, resource, &paths)?;
    }
    Ok(Some(rows))
}

/// Reads the rows along a path of relations, too. `left`: how many more relations there may be.
fn embed(rows: &mut Rows, resource: &'static Resource, path: &str, left: &mut usize) -> Result<(), ApiError> {
    let (mut rows, mut resource) = (rows, resource);
    for (depth, name) in path.split('.').enumerate() {
        let known = rows.fetches.iter().position(|fetch| fetch.name == name);
        let index = match known {
            Some(index) => index,
            None => {
                *left = left.checked_sub(1).filter(|_| depth < MAX_DEPTH).ok_or_else(too_many)?;
                rows.fetches.push(along(resource, name)?);
                rows.fetches.len() - 1
            }
        };
        let fetch = &mut rows.fetches[index];
        (rows, resource) = (&mut fetch.rows, fetch.resource);
    }
    Ok(())
}

/// The one row that a relation leads to.
fn along(resource: &'static Resource, name: &str) -> Result<Fetch, ApiError> {
    let unknown = || refused("UNKNOWN_RELATION", format!("{} has no relation `{name}`", resource.name));
    let relation = resource.relation(name).ok_or_else(unknown)?;
    let read = match relation.kind {
        RelationKind::BelongsTo { column } => Read::BelongsTo { column: position(resource, column) },
        RelationKind::HasOne { .. } => Read::Children { owner: resource, relation, args: Ok(query::first()) },
        RelationKind::HasMany { .. } | RelationKind::ManyToMany(_) => return Err(many(relation)),
    };
    Ok(Fetch { name: relation.name, resource: relation.target, read, rows: Rows::default() })
}

fn position(resource: &Resource, column: &str) -> usize {
    resource.field_index(column).unwrap_or_else(|| unreachable!("{} has a field {column}", resource.name))
}

fn many(relation: &Relation) -> ApiError {
    let segment = relation.name.replace('_', "-");
    refused("TO_MANY", format!("`{}` leads to many rows, which are a list of their own: …/{segment}", relation.name))
}

fn too_many() -> ApiError {
    let most = format!("at most {MAX_DEPTH} relations behind one another, and {MAX_RELATIONS} in all");
    refused("TOO_MANY_TERMS", most)
}

fn refused(code: &'static str, message: String) -> ApiError {
    ApiError::parameter(Code::InvalidFilter, EXPAND, code, message)
}

/// Shows these fields alone. A path that begins with an embedded row is about that; one that no path is about is shown
/// whole.
fn choose(rows: &mut Rows, resource: &'static Resource, paths: &[&str]) -> Result<(), ApiError> {
    let first = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let embedded = |path: &&&str| rows.fetches.iter().any(|fetch| fetch.name == first(path));
    let own = paths.iter().filter(|path| !embedded(path)).copied();
    rows.fields = Some(Fields::read(resource, FIELDS, own)?);
    for Fetch { name, resource, rows, .. } in &mut rows.fetches {
        let about = paths.iter().filter(|path| first(path) == *name);
        let (whole, inside): (Vec<&str>, Vec<&str>) = about.partition(|path| !path.contains('.'));
        let inside: Vec<&str> = inside.iter().filter_map(|path| path.split_once('.')).map(|(_, rest)| rest).collect();
        if !inside.is_empty() {
            choose(rows, resource, &inside)?;
        }
        if !whole.is_empty() {
            rows.fields = None;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Field, Id, Type};

    const ID: Field = Field::new("id", "id", Type::Id(Id::Int64));

    static USER: Resource = Resource {
        name: "User",
        fields: &[ID, Field::new("name", "name", Type::String)],
        relations: &[
            Relation::new("card", "card", &CARD, RelationKind::HasOne { column: "user_id" }),
            Relation::new("cards", "cards", &CARD, RelationKind::HasMany { column: "user_id" }),
        ],
        ..Resource::BLANK
    };
    static CARD: Resource = Resource {
        name: "Card",
        fields: &[
            ID,
            Field::new("user_id", "userId", Type::Id(Id::Int64)),
            Field::new("next_id", "nextId", Type::Id(Id::Int64)),
        ],
        relations: &[
            Relation::new("user", "user", &USER, RelationKind::BelongsTo { column: "user_id" }),
            Relation::new("next", "next", &CARD, RelationKind::BelongsTo { column: "next_id" }),
        ],
        ..Resource::BLANK
    };

    /// `*` or the positions of the fields, and the same of each embedded row.
    fn told(resource: &'static Resource, rows: &Rows) -> String {
        let mut told = match &rows.fields {
            None => "*".to_owned(),
            Some(_) => (0..resource.fields.len()).filter(|index| rows.shows(*index)).map(|i| i.to_string()).collect(),
        };
        for fetch in &rows.fetches {
            told += &format!(" {}({})", fetch.name, self::told(fetch.resource, &fetch.rows));
        }
        told
    }

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let outcome = match rows(&CARD, Some(query)) {
            Ok(None) => "whole".to_owned(),
            Ok(Some(rows)) => told(&CARD, &rows),
            Err(error) => format!("{} {error}", error.violations[0].code),
        };
        assert_eq!(outcome, expected, "{query}");
    }

    #[test]
    fn relations_are_embedded_along_their_paths() {
        check("limit=1", "whole");
        check("expand=user", "* user(*)");
        check("expand=user.card,next, user", "* user(* card(*)) next(*)");
        check("expand=owner", "UNKNOWN_RELATION INVALID_FILTER: expand: Card has no relation `owner`");
        check("expand=user_id", "UNKNOWN_RELATION INVALID_FILTER: expand: Card has no relation `user_id`");
        check("expand=", "UNKNOWN_RELATION INVALID_FILTER: expand: Card has no relation ``");
        let many = "TO_MANY INVALID_FILTER: expand: `cards` leads to many rows, which are a list of their own: …/cards";
        check("expand=user.cards", many);
    }

    #[test]
    fn there_are_not_too_many_of_them() {
        let most = "TOO_MANY_TERMS INVALID_FILTER: expand: at most 4 relations behind one another, and 20 in all";
        check("expand=next.next.next.next", "* next(* next(* next(* next(*))))");
        check("expand=next.next.next.next.user", most);
        let levels = ["user", "next.user", "next.next.user", "next.next.next.user"];
        let paths = |prefix: &str| levels.map(|path| format!("{prefix}{path}.card.user")).join(",");
        check(&format!("expand={}", paths("")), most);
    }

    #[test]
    fn fields_may_be_those_of_embedded_rows() {
        check("fields=id", "0");
        check("fields=next_id&expand=user", "02 user(*)");
        check("fields=user.name&expand=user,next", "0 user(01) next(*)");
        check("fields=user.name,user&expand=user", "0 user(*)");
        check("fields=user.card.user_id&expand=user.card", "0 user(0 card(01))");
        check("fields=user.name", "UNKNOWN_FIELD INVALID_FILTER: fields: there is no field `user` to show");
        check("fields=user.nmae&expand=user", "UNKNOWN_FIELD INVALID_FILTER: fields: there is no field `nmae` to show");
    }
}
