//! What a read is to show, by its query string: `fields=id,address.city`.

use url::form_urlencoded;

use super::query;
use crate::{
    descriptor::Resource,
    error::ApiError,
    fields::Fields,
    service::{ListArgs, Look, Query, Rows},
};

/// Whether a parameter is about what is shown.
pub fn is_known(parameter: &str) -> bool {
    parameter == "fields"
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
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let Some((_, paths)) = pairs.find(|(name, _)| name == "fields") else { return Ok(None) };
    let fields = Fields::read(resource, "fields", paths.split(',').map(str::trim))?;
    Ok(Some(Rows { fields: Some(fields), ..Rows::default() }))
}
