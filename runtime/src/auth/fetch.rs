//! One small document by HTTP or HTTPS, as an operator's URL names it. No redirects, no proxies, no cookies: where keys come
//! from is said once, and nobody else may say it.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use axum::{body::Bytes, http::header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use url::Url;

/// For all of it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const LARGEST: usize = 1024 * 1024;

pub(super) async fn get(url: &Url) -> anyhow::Result<Bytes> {
    let answer = tokio::time::timeout(PATIENCE, fetched(url)).await;
    let answer = answer.with_context(|| format!("no answer within {} seconds", PATIENCE.as_secs()));
    answer.and_then(|answer| answer).with_context(|| format!("can't fetch {}", shown(url)))
}

/// A URL as logs may show it: what stands in front of the host or behind the path may be secret.
fn shown(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

async fn fetched(url: &Url) -> anyhow::Result<Bytes> {
    let host = url.host_str().context("the URL has no host")?;
    let port = url.port_or_known_default().context("the URL has no port")?;
    // An address in brackets is one without them here.
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.context("can't connect")?;
    if url.scheme() == "http" {
        return ask(stream, url, host).await;
    }
    let name =
        ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).context("no certificate has this name")?;
    let tls = TlsConnector::from(Arc::new(trust()?));
    ask(tls.connect(name, stream).await.context("can't agree on TLS")?, url, host).await
}

/// Whom the system trusts.
fn trust() -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ensure!(!roots.is_empty(), "this system trusts nobody: it has no root certificates");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

async fn ask(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    url: &Url,
    host: &str,
) -> anyhow::Result<Bytes> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.context("can't begin")?;
    let connection = tokio::spawn(connection);
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let request = Request::get(path)
        .header(header::HOST, authority)
        .header(header::ACCEPT, "application/jwk-set+json, application/json")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await.context("no answer")?;
    ensure!(response.status() == StatusCode::OK, "the answer is {}", response.status());
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    connection.abort();
    let body = body.map_err(|error| anyhow::anyhow!("can't read the answer: {error}"))?;
    Ok(body.to_bytes())
}
