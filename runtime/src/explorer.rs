//! The pages on which people try the service out in development mode: GraphiQL and the API reference.
//!
//! Everything that they need is embedded and may come from this server alone, which their Content-Security-Policy enforces.
//! Knows nothing about who may see them: the caller mounts them or doesn't.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::error::{ApiError, Code};

/// The API reference at `/docs`, reading `/openapi.yaml`, and what it and `graphiql` load from `/assets/…`.
pub fn router() -> Router {
    Router::new()
        .route("/docs", get(|headers: HeaderMap| async move { DOCS.answer(&headers) }))
        .route("/assets/{name}", get(asset))
}

/// GraphiQL, for a `GET /graphql` of a browser. It sends its queries to where it was loaded from.
#[cfg(feature = "graphql")]
pub fn graphiql() -> Response {
    let mut response = GRAPHIQL.answer(&HeaderMap::new());
    // The same address answers queries as JSON.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// One embedded file.
#[derive(Debug)]
struct Asset {
    name: &'static str,
    media_type: &'static str,
    /// The file is stored compressed. Every browser reads that, so there is no other form.
    encoding: Option<&'static str>,
    content: &'static [u8],
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

macro_rules! plain {
    ($name:literal, $media_type:expr) => {
        Asset {
            name: $name,
            media_type: $media_type,
            encoding: None,
            content: include_bytes!(concat!("../assets/", $name)),
        }
    };
}

macro_rules! gzipped {
    ($name:literal, $media_type:expr) => {
        Asset {
            name: $name,
            media_type: $media_type,
            encoding: Some("gzip"),
            content: include_bytes!(concat!("../assets/", $name, ".gz")),
        }
    };
}

static GRAPHIQL: Asset = plain!("graphiql.html", HTML);
static DOCS: Asset = plain!("docs.html", HTML);
static ASSETS: [Asset; 9] = [
    plain!("page.css", CSS),
    plain!("start-graphiql.js", JAVASCRIPT),
    plain!("start-docs.js", JAVASCRIPT),
    gzipped!("graphiql.css", CSS),
    gzipped!("graphiql.js", JAVASCRIPT),
    gzipped!("react.js", JAVASCRIPT),
    gzipped!("react-dom.js", JAVASCRIPT),
    gzipped!("swagger-ui.css", CSS),
    gzipped!("swagger-ui.js", JAVASCRIPT),
];

/// Only files of ours; `data:` is for the icons inside the style sheets.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => asset.answer(&headers),
        None => ApiError::new(Code::NotFound, format!("there is no file {name}")).with("file", name).into_response(),
    }
}

impl Asset {
    /// The file, or 304 if the browser has it. It asks each time, so an upgraded server is never shown with old scripts.
    fn answer(&'static self, request: &HeaderMap) -> Response {
        let etag = self.etag();
        let mut response = match is_known(request, etag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self.content.into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        headers.insert(header::ETAG, etag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
        if let Some(encoding) = self.encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }

    fn etag(&'static self) -> &'static HeaderValue {
        static TAGS: LazyLock<HashMap<&str, HeaderValue>> = LazyLock::new(|| {
            [&GRAPHIQL, &DOCS].into_iter().chain(&ASSETS).map(|asset| (asset.name, asset.hash())).collect()
        });
        &TAGS[self.name]
    }

    fn hash(&self) -> HeaderValue {
        let hash = Sha256::digest(self.content);
        HeaderValue::try_from(format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..12])))
            .unwrap_or_else(|error| unreachable!("base64 is fit for a header: {error}"))
    }
}

fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let known = request.get_all(header::IF_NONE_MATCH).iter().flat_map(|value| value.to_str());
    known.flat_map(|tags| tags.split(',')).any(|tag| tag.trim().trim_start_matches("W/") == *etag)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn fetch(path: &str, if_none_match: &str) -> Response {
        let request = Request::get(path).header(header::IF_NONE_MATCH, if_none_match).body(Body::empty()).unwrap();
        router().oneshot(request).await.unwrap()
    }

    async fn text(response: Response) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    fn header(response: &Response, name: header::HeaderName) -> String {
        response.headers().get(&name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn pages_load_nothing_from_elsewhere() {
        let references = regex::Regex::new(r#"(?:src|href)="([^"]*)""#).unwrap();
        for page in [fetch("/docs", "").await, graphiql()] {
            assert_eq!(page.status(), 200);
            assert!(header(&page, header::CONTENT_TYPE).starts_with("text/html"));
            let policy = header(&page, header::CONTENT_SECURITY_POLICY);
            assert!(
                policy.contains("default-src 'none'") && !policy.contains("//") && !policy.contains('*'),
                "{policy}"
            );
            let page = text(page).await;
            assert!(!page.contains("//"), "{page}");
            let mut scripts = 0;
            for reference in references.captures_iter(&page).map(|found| found[1].to_owned()) {
                if reference == "data:," || reference == "openapi.yaml" {
                    continue;
                }
                let asset = fetch(&format!("/{reference}"), "").await;
                assert_eq!(asset.status(), 200, "{reference}");
                let script = header(&asset, header::CONTENT_TYPE).starts_with("text/javascript");
                assert_eq!(script, reference.ends_with(".js"), "{reference}");
                scripts += usize::from(script);
            }
            assert!(scripts >= 2, "{page}");
        }
    }

    #[test]
    fn scripts_of_our_own_name_no_other_origin() {
        for asset in [&GRAPHIQL, &DOCS].into_iter().chain(&ASSETS).filter(|asset| asset.encoding.is_none()) {
            let content = std::str::from_utf8(asset.content).unwrap();
            assert!(!content.contains("://"), "{}", asset.name);
        }
    }

    #[test]
    fn compressed_files_are_gzip_and_small() {
        let packed: Vec<_> = ASSETS.iter().filter(|asset| asset.encoding == Some("gzip")).collect();
        assert!(packed.iter().all(|asset| asset.content.starts_with(&[0x1f, 0x8b])));
        let total: usize = packed.iter().map(|asset| asset.content.len()).sum();
        assert!((500_000..1_500_000).contains(&total), "{total} bytes");
    }

    #[tokio::test]
    async fn what_the_browser_has_isnt_sent_again() {
        let first = fetch("/assets/react.js", "").await;
        assert_eq!(header(&first, header::CONTENT_ENCODING), "gzip");
        let etag = header(&first, header::ETAG);
        let again = fetch("/assets/react.js", &format!("\"other\", W/{etag}")).await;
        assert_eq!(again.status(), 304);
        assert_eq!(text(again).await, "");
        assert_eq!(fetch("/assets/react-dom.js", &etag).await.status(), 200);
    }

    #[tokio::test]
    async fn there_is_nothing_else() {
        for path in ["/assets/", "/assets/docs.html", "/assets/..%2fCargo.toml", "/assets/react.js.gz", "/assets/%ff"] {
            assert!(fetch(path, "").await.status().is_client_error(), "{path}");
        }
    }
}
