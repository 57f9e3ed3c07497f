//! What goes one day, and what has gone: an operation that the spec deprecates says so with every answer, and is refused
//! once its last day is over.
//!
//! [`Deprecations`] live as long as the server, [`Notices`] as long as a request. The service hears of operations, the edge
//! tells of them: by `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), which in gRPC are metadata.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{Timestamp, civil::Date, fmt::rfc2822::DateTimePrinter, tz::TimeZone};

use crate::{
    descriptor::{Api, Deprecation},
    error::ApiError,
    service::refusal,
};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// All that one api deprecates.
#[derive(Debug)]
pub struct Deprecations {
    /// By the resource, and by the operation or action where it is that one's own.
    all: HashMap<(&'static str, Option<&'static str>), Notice>,
    /// Where people read more.
    docs_url: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Notice {
    since: Option<Timestamp>,
    /// The last second.
    sunset: Option<Timestamp>,
}

impl Deprecations {
    /// `None`: nothing goes, as far as a date says.
    pub fn of(api: &Api) -> Option<Deprecations> {
        let mut all = HashMap::new();
        for resource in api.resources {
            all.extend(resource.deprecated.map(|whole| ((resource.name, None), Notice::of(whole))));
            let own = resource.deprecated_operations.iter();
            all.extend(own.map(|(word, own)| ((resource.name, Some(*word)), Notice::of(*own))));
        }
        (!all.is_empty()).then_some(Deprecations { all, docs_url: api.docs_url })
    }

    fn find(&self, resource: &'static str, operation: Option<&'static str>) -> Option<&Notice> {
        self.all.get(&(resource, operation)).or_else(|| self.all.get(&(resource, None)))
    }
}

impl Notice {
    fn of(Deprecation { since, sunset }: Deprecation) -> Notice {
        Notice { since: since.and_then(|day| at(day, 0, 0, 0)), sunset: sunset.and_then(|day| at(day, 23, 59, 59)) }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.sunset.is_some_and(|sunset| now.as_second() > sunset.as_second())
    }

    /// Of both, whatever comes first.
    fn and(self, other: Notice) -> Notice {
        let first = |one: Option<Timestamp>, other: Option<Timestamp>| one.into_iter().chain(other).min();
        Notice { since: first(self.since, other.since), sunset: first(self.sunset, other.sunset) }
    }
}

fn at(day: &str, hour: i8, minute: i8, second: i8) -> Option<Timestamp> {
    let day: Date = day.parse().ok()?;
    Some(day.at(hour, minute, second, 0).to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// What a request has used of it.
#[derive(Debug)]
pub struct Notices {
    all: Arc<Deprecations>,
    heard: Mutex<Notice>,
}

impl Notices {
    pub fn of(all: &Arc<Deprecations>) -> Notices {
        Notices { all: all.clone(), heard: Mutex::default() }
    }

    /// Refuses what is no longer there. Without an operation it is about the resource as a whole.
    pub fn hear(&self, resource: &'static str, operation: Option<&'static str>) -> Result<(), ApiError> {
        let Some(notice) = self.all.find(resource, operation) else { return Ok(()) };
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        *heard = heard.and(*notice);
        match notice.sunset.filter(|_| notice.is_over(Timestamp::now())) {
            Some(sunset) => Err(refusal::gone(resource, operation, sunset)),
            None => Ok(()),
        }
    }

    pub fn is_gone(&self, resource: &'static str, operation: Option<&'static str>) -> bool {
        self.all.find(resource, operation).is_some_and(|notice| notice.is_over(Timestamp::now()))
    }

    /// Tells what was heard of.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Notice { since, sunset } = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        // RFC 9745 §2.1: a date of structured fields. RFC 8594 §3: one of HTTP.
        let since = since.map(|since| format!("@{}", since.as_second()));
        let sunset = sunset.and_then(|sunset| DateTimePrinter::new().timestamp_to_rfc9110_string(&sunset).ok());
        for (name, value, relation) in [(DEPRECATION, since, "deprecation"), (SUNSET, sunset, "sunset")] {
            let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) else { continue };
            headers.insert(name, value);
            let link = self.all.docs_url.map(|url| format!("<{url}>; rel=\"{relation}\"; type=\"text/html\""));
            if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
                headers.append(header::LINK, link);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::Resource;

    static ORDER: Resource = Resource {
        name: "Order",
        deprecated: Some(Deprecation { since: Some("2026-01-01"), sunset: Some("9998-12-31") }),
        deprecated_operations: &[
            ("delete", Deprecation { since: Some("2020-01-01"), sunset: Some("2020-12-31") }),
            ("cancel", Deprecation { since: None, sunset: None }),
        ],
        ..Resource::BLANK
    };
    static API: Api = Api { resources: &[&ORDER], docs_url: Some("https://docs.example"), ..Api::BLANK };

    fn told(operations: &[&'static str]) -> Vec<String> {
        let notices = Notices::of(&Arc::new(Deprecations::of(&API).unwrap()));
        for operation in operations {
            let _ = notices.hear("Order", Some(operation));
        }
        let mut headers = HeaderMap::new();
        notices.tell(&mut headers);
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    #[test]
    fn without_deprecations_there_is_nothing_to_hear() {
        assert!(Deprecations::of(&Api::BLANK).is_none());
    }

    #[test]
    fn what_holds_for_the_resource_is_told_of_its_operations() {
        let links = ["deprecation", "sunset"]
            .map(|rel| format!("link: <https://docs.example>; rel=\"{rel}\"; type=\"text/html\""));
        let [deprecation, sunset] = &links;
        let headers = told(&["list"]);
        assert_eq!(headers, ["deprecation: @1767225600", deprecation, sunset, "sunset: Thu, 31 Dec 9998 23:59:59 GMT"]);
    }

    #[test]
    fn the_operations_own_comes_first() {
        assert_eq!(told(&["cancel"]), Vec::<String>::new());
    }

    #[test]
    fn of_several_the_earliest_dates_are_told() {
        let dates =
            |headers: Vec<String>| headers.into_iter().filter(|line| !line.starts_with("link")).collect::<Vec<_>>();
        let both = ["deprecation: @1577836800", "sunset: Thu, 31 Dec 2020 23:59:59 GMT"];
        assert_eq!(dates(told(&["list", "delete"])), both);
        assert_eq!(dates(told(&["delete", "list"])), both);
    }

    #[test]
    fn what_is_over_is_refused() {
        let notices = Notices::of(&Arc::new(Deprecations::of(&API).unwrap()));
        assert_eq!(notices.hear("Order", Some("list")), Ok(()));
        let gone = notices.hear("Order", Some("delete")).unwrap_err();
        assert_eq!((gone.reason(), gone.code.http_status(), gone.code.grpc_code()), ("EXPIRED", 410, 12));
        assert!(notices.is_gone("Order", Some("delete")) && !notices.is_gone("Order", None));
    }

    #[test]
    fn the_last_day_is_a_whole_one() {
        let notice = Notice::of(Deprecation { since: None, sunset: Some("2020-12-31") });
        assert!(!notice.is_over("2020-12-31T23:59:59.999Z".parse().unwrap()));
        assert!(notice.is_over("2021-01-01T00:00:00Z".parse().unwrap()));
    }
}
