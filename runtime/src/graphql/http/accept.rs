//! Which media type a request accepts (RFC 9110 §12.5.1).

use http::{HeaderMap, Method, StatusCode, header, request::Parts};

/// The media type of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    GraphqlResponse,
    Json,
}

impl Format {
    /// Of an answer that must be given, whatever is accepted.
    pub fn of(headers: &HeaderMap) -> Format {
        negotiate(headers).unwrap_or(Format::Json)
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Format::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Format::Json => "application/json; charset=utf-8",
        }
    }

    /// The status of a well-formed request that isn't executed.
    pub(super) fn rejected(self) -> StatusCode {
        match self {
            Format::GraphqlResponse => StatusCode::BAD_REQUEST,
            Format::Json => StatusCode::OK,
        }
    }

    fn essence(self) -> &'static str {
        match self {
            Format::GraphqlResponse => "application/graphql-response+json",
            Format::Json => "application/json",
        }
    }
}

/// 294, of an answer that has data and errors (GraphQL over HTTP, draft of August 2026).
pub(super) const PARTIAL_SUCCESS: StatusCode = match StatusCode::from_u16(294) {
    Ok(status) => status,
    Err(_) => StatusCode::OK,
};

/// By the same draft: what isn't a document is a bad request, what doesn't fit the schema can't be processed, and plain
/// JSON is for answers with data only.
pub(super) fn rejected_by_draft(unreadable: bool) -> (Format, StatusCode) {
    let status = if unreadable { StatusCode::BAD_REQUEST } else { StatusCode::UNPROCESSABLE_ENTITY };
    (Format::GraphqlResponse, status)
}

/// What the caller likes best; `application/json` if nothing tells. `None`: neither will do.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<Format> {
    let ranges = ranges(headers);
    if ranges.is_empty() {
        return Some(Format::Json);
    }
    let rate = |format: Format| {
        let matching = ranges.iter().enumerate().filter_map(|(position, range)| {
            range.precision(format.essence()).map(|precision| (precision, position, range.quality))
        });
        matching
            .max_by_key(|(precision, position, _)| (*precision, std::cmp::Reverse(*position)))
            .filter(|(_, _, quality)| *quality > 0)
            .map(|(precision, position, quality)| ((quality, precision, std::cmp::Reverse(position)), format))
    };
    let rated = [Format::GraphqlResponse, Format::Json].into_iter().filter_map(rate);
    // Of equals, as under `*/*`, the last is taken.
    rated.max_by_key(|(rank, _)| *rank).map(|(_, format)| format)
}

/// Whether a browser asks for the page rather than for data.
pub(super) fn wants_page(parts: &Parts) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    let asks = url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "query");
    parts.method == Method::GET && !asks && ranges(&parts.headers).iter().any(|range| range.essence == "text/html")
}

/// One element of `Accept`.
struct Range {
    essence: String,
    /// In thousandths.
    quality: u16,
}

impl Range {
    /// How exactly it names the type; `None`: not at all.
    fn precision(&self, essence: &str) -> Option<u8> {
        match self.essence.as_str() {
            "*/*" => Some(0),
            "application/*" => Some(1),
            exact => (exact == essence).then_some(2),
        }
    }
}

fn ranges(headers: &HeaderMap) -> Vec<Range> {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(range).collect()
}

fn range(text: &str) -> Option<Range> {
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().filter(|essence| !essence.is_empty())?.to_ascii_lowercase();
    let quality = parts.find_map(|parameter| parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")));
    let quality: f32 = quality.map_or(1.0, |quality| quality.trim().parse().unwrap_or(0.0));
    Some(Range { essence, quality: (quality.clamp(0.0, 1.0) * 1000.0) as u16 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept: &str, expected: Option<Format>) {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(header::ACCEPT, accept.parse().expect("a header value"));
        }
        assert_eq!(negotiate(&headers), expected, "{accept}");
    }

    #[test]
    fn the_best_accepted_type_is_taken() {
        check("", Some(Format::Json));
        check("*/*", Some(Format::Json));
        check("application/*", Some(Format::Json));
        check("application/json", Some(Format::Json));
        check("application/graphql-response+json", Some(Format::GraphqlResponse));
        check("application/graphql-response+json, application/json", Some(Format::GraphqlResponse));
        check("application/json, application/graphql-response+json", Some(Format::Json));
        check("application/graphql-response+json;q=0.8, application/json;q=0.9", Some(Format::Json));
        check("application/graphql-response+json; charset=utf-8, */*;q=0.1", Some(Format::GraphqlResponse));
        check("*/*, application/json;q=0", Some(Format::GraphqlResponse));
        check("text/html", None);
        check("application/json;q=0", None);
    }
}
