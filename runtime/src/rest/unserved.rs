//! Routes that the contract has and the runtime doesn't serve yet.

use axum::http::Method;
use axum::routing::{MethodFilter, on};

use super::Route;
use crate::service::refusal;

impl Route<()> {
    /// `method` as in HTTP: `POST`. `name` tells the caller what isn't there.
    pub(super) fn unserved(method: &'static str, name: &'static str) -> Route<()> {
        let parsed: Result<Method, _> = method.parse();
        let filter = parsed.ok().and_then(|method| MethodFilter::try_from(method).ok());
        let filter = filter.unwrap_or_else(|| unreachable!("{method} is a method of HTTP"));
        let methods = on(filter, async move || refusal::not_served(name));
        Route { methods, allow: if method == "GET" { vec!["GET", "HEAD"] } else { vec![method] } }
    }
}

/// A path of the contract with its parameters as all routes call them: routes that differ only in that can't share a
/// router.
pub(super) fn path(contract: &str) -> String {
    let mut names = ["{id}", "{other_id}"].into_iter();
    let segments = contract.split('/').map(|segment| match segment.starts_with('{') {
        true => names.next().unwrap_or_else(|| unreachable!("{contract} has at most two parameters")),
        false => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}
