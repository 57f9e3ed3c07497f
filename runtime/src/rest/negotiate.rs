//! Media types of requests and answers (RFC 9110 §8.3, §12.5.1).

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{
    descriptor::Protocols,
    error::{ApiError, Code},
};

/// What a body may be, and the name under which a 415 says so.
#[derive(Debug, Clone, Copy)]
pub struct Bodies(&'static [&'static str], &'static str);

pub const POST: Bodies = Bodies(&["application/json"], "accept_post");
pub const PUT: Bodies = Bodies(&["application/json"], "accept");
/// Merge patch (RFC 7396); plain JSON is read the same way.
const PATCH: Bodies = Bodies(&["application/merge-patch+json", "application/json"], "accept_patch");

/// How a change is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchForm {
    /// RFC 7396.
    Merge,
    /// RFC 6902.
    Json,
}

const JSON_PATCH: &str = "application/json-patch+json";
const ANY_PATCH: Bodies = Bodies(&["application/merge-patch+json", "application/json", JSON_PATCH], "accept_patch");

/// 415, with what could be sent (RFC 5789 §3.1), unless the body is declared to be one of those that the api takes.
pub fn patch(headers: &HeaderMap, protocols: Protocols) -> Result<PatchForm, ApiError> {
    body_is(headers, if protocols.json_patch { ANY_PATCH } else { PATCH })?;
    Ok(if declared(headers).as_deref() == Some(JSON_PATCH) { PatchForm::Json } else { PatchForm::Merge })
}

fn declared(headers: &HeaderMap) -> Option<String> {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(essence)
}

/// 415 unless the body is declared to be one of those.
pub fn body_is(headers: &HeaderMap, Bodies(media, offer): Bodies) -> Result<(), ApiError> {
    if declared(headers).as_deref().is_some_and(|declared| media.contains(&declared)) {
        return Ok(());
    }
    let message = format!("the body must be declared as {}", media.join(" or "));
    Err(ApiError::new(Code::UnsupportedMediaType, message).with(offer, media.join(", ")))
}

/// 406 if the caller doesn't take JSON.
pub fn accepts_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut ranges = headers.get_all(header::ACCEPT).iter().flat_map(ranges);
    let fits = |range: String| matches!(range.as_str(), "*/*" | "application/*" | "application/json");
    if !headers.contains_key(header::ACCEPT) || ranges.any(fits) {
        return Ok(());
    }
    let message = "answers come as application/json, which the header Accept rules out";
    Err(ApiError::new(Code::NotAcceptable, message).with("available", "application/json"))
}

/// The media ranges of one line that aren't ruled out by `q=0`.
fn ranges(line: &HeaderValue) -> Vec<String> {
    let Ok(line) = line.to_str() else { return vec!["*/*".to_owned()] };
    let wanted = |range: &&str| !range.split(';').skip(1).any(|parameter| refuses(parameter.trim()));
    line.split(',').filter(wanted).map(essence).filter(|range| !range.is_empty()).collect()
}

fn refuses(parameter: &str) -> bool {
    let weight = parameter.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("q"));
    weight.and_then(|(_, weight)| weight.parse::<f32>().ok()) == Some(0.0)
}

fn essence(media: &str) -> String {
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value.parse().unwrap());
        accepts_json(&headers).is_ok()
    }

    #[test]
    fn accept_is_read_by_range_and_weight() {
        assert!(accepts_json(&HeaderMap::new()).is_ok());
        assert!(accepts("*/*"));
        assert!(accepts("text/html, application/json;q=0.5"));
        assert!(accepts("application/*"));
        assert!(!accepts("text/html"));
        assert!(!accepts("application/json;q=0"));
        assert!(!accepts("application/json; Q=0.0"));
    }

    #[test]
    fn a_json_patch_is_taken_where_the_spec_says_so() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, JSON_PATCH.parse().unwrap());
        let error = patch(&headers, Protocols::DEFAULT).unwrap_err();
        let offered = ("accept_patch", "application/merge-patch+json, application/json".to_owned());
        assert_eq!((error.code, error.metadata), (Code::UnsupportedMediaType, vec![offered]));
        let protocols = Protocols { json_patch: true, ..Protocols::DEFAULT };
        assert_eq!(patch(&headers, protocols), Ok(PatchForm::Json));
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        assert_eq!(patch(&headers, protocols), Ok(PatchForm::Merge));
        headers.insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
        let error = patch(&headers, protocols).unwrap_err();
        assert!(error.metadata[0].1.ends_with(JSON_PATCH), "{error:?}");
    }

    #[test]
    fn a_body_needs_a_declared_type() {
        let mut headers = HeaderMap::new();
        assert_eq!(body_is(&headers, POST).unwrap_err().code, Code::UnsupportedMediaType);
        headers.insert(header::CONTENT_TYPE, "Application/JSON; charset=utf-8".parse().unwrap());
        assert!(body_is(&headers, POST).is_ok());
        headers.insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
        assert!(body_is(&headers, PATCH).is_err());
    }
}
