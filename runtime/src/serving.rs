//! A server that is ready: from options to a database, routes and a listener. Whoever starts one says when it stops.
//!
//! Knows neither the command line nor signals nor where log lines go.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use crate::{
    auth,
    cursor::CursorKey,
    database,
    deprecation::Deprecations,
    descriptor::Api,
    edge::{self, Callers, Limits},
    hooks::Registry,
    limit::{Limiter, Proxies},
    options::{Mode, Options, Rates},
    server,
    service::Service,
    store::Store,
};

/// Between "not ready" and the end of accepting, so that load balancers look away first.
const DRAIN: Duration = Duration::from_millis(200);

/// A server whose database is up to date and whose port is open. Nothing is answered before [`Serving::until`].
pub struct Serving {
    listener: TcpListener,
    service: Arc<Service>,
    routes: Router,
    health: Health,
    limits: server::Limits,
}

impl Serving {
    pub async fn start(api: &'static Api, hooks: Registry, options: &Options) -> anyhow::Result<Serving> {
        let cursor_key = cursor_key(options)?;
        let listener = server::bind(&options.listen_addr).await?;
        let store = database::open(api, options).await?;
        let authentication = auth::authentication(api, hooks.authenticator(), options, store.clone()).await?;
        let logins = auth::logins(api, authentication.as_ref(), options)?;
        let service = Arc::new(Service::new(api, store.clone(), cursor_key)?.with_hooks(hooks).with_logins(logins));
        let health = Health {
            store,
            draining: Arc::new(AtomicBool::new(false)),
            #[cfg(feature = "grpc")]
            grpc: crate::grpc::Health::serving(api).await,
        };
        let limiter = match options.rates {
            Rates::Counted => Limiter::of(api, options.rate_limit_place())?.map(Arc::new),
            Rates::Ignored => None,
        };
        let deprecations = Deprecations::of(api).map(Arc::new);
        let proxies = Proxies(options.trusted_proxies);
        let callers = Callers { authentication, limiter, deprecations, proxies };
        let routes = routes(&service, &health, callers, options)?;
        let limits = server::Limits { connections: options.max_connections as usize, grace: options.shutdown_grace() };
        Ok(Serving { listener, service, routes, health, limits })
    }

    /// Where it listens.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        self.listener.local_addr().context("can't tell the address of the listener")
    }

    /// What it serves.
    pub(crate) fn service(&self) -> Arc<Service> {
        self.service.clone()
    }

    /// Answers until `stop` completes; running requests may finish then.
    pub async fn until(self, stop: impl Future<Output = ()>) {
        let health = self.health;
        let stop = async {
            stop.await;
            tracing::info!("stopping: running requests may finish");
            health.draining.store(true, Ordering::Relaxed);
            #[cfg(feature = "grpc")]
            health.grpc.stop_serving().await;
            tokio::time::sleep(DRAIN).await;
        };
        server::serve(self.listener, self.routes, stop, self.limits).await;
        health.store.close().await;
    }
}

fn cursor_key(options: &Options) -> anyhow::Result<CursorKey> {
    match (&options.cursor_key, options.mode()) {
        (Some(secret), _) => CursorKey::new(secret).context("CURSOR_KEY must have at least 16 characters"),
        (None, Mode::Development) => {
            let made_up = uuid::Uuid::new_v4().to_string();
            CursorKey::new(&made_up).context("a made-up secret is long enough")
        }
        (None, Mode::Production) => {
            bail!("CURSOR_KEY is missing: set it to a secret of at least 16 characters, or start with --dev")
        }
    }
}

/// All routes of all protocols inside the one stack.
fn routes(service: &Arc<Service>, health: &Health, callers: Callers, options: &Options) -> anyhow::Result<Router> {
    let api = service.api;
    let mut routes = Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready).with_state(health.clone()))
        .route("/health", get(ready).with_state(health.clone()))
        .route("/openapi.yaml", get(move || openapi_yaml(api)))
        .route("/openapi.json", get(openapi_json).with_state(openapi_as_json(api)?));
    #[cfg(feature = "rest")]
    {
        routes = routes.merge(crate::rest::router(service.clone()));
    }
    #[cfg(feature = "graphql")]
    {
        let options = crate::graphql::Options {
            development: options.mode() == Mode::Development,
            max_depth: api.protocols.max_depth as usize,
            max_complexity: api.protocols.max_complexity.into(),
            http_draft: api.protocols.http_draft,
            ..Default::default()
        };
        routes = routes.merge(crate::graphql::router(service.clone(), options)?);
    }
    #[cfg(feature = "grpc")]
    {
        let options = crate::grpc::Options {
            max_message_size: options.body_limit,
            health: health.grpc.clone(),
            reflection: match api.protocols.reflection {
                true => crate::grpc::Reflection::On,
                false => crate::grpc::Reflection::Off,
            },
        };
        routes = routes.merge(crate::grpc::router(service.clone(), options)?);
    }
    if options.mode() == Mode::Development {
        routes = routes.merge(crate::explorer::router());
    }
    let limits = Limits {
        body: options.body_limit,
        concurrency: options.max_concurrency as usize,
        request: options.request_timeout(),
        #[cfg(feature = "grpc")]
        streams: crate::grpc::streams(api),
        #[cfg(not(feature = "grpc"))]
        streams: Vec::new(),
        #[cfg(feature = "grpc")]
        domain: api.package,
    };
    Ok(edge::stack(routes, limits, callers))
}

#[derive(Clone)]
struct Health {
    store: Arc<dyn Store>,
    draining: Arc<AtomicBool>,
    #[cfg(feature = "grpc")]
    grpc: crate::grpc::Health,
}

async fn ready(State(health): State<Health>) -> Response {
    if health.draining.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping").into_response();
    }
    match health.store.ready().await {
        Ok(()) => "ok".into_response(),
        Err(error) => {
            tracing::warn!(?error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database doesn't answer").into_response()
        }
    }
}

async fn openapi_yaml(api: &'static Api) -> Response {
    ([(header::CONTENT_TYPE, "application/yaml")], api.openapi).into_response()
}

/// Made once: reading the YAML takes longer than most requests may.
fn openapi_as_json(api: &Api) -> anyhow::Result<Bytes> {
    let document: serde_json::Value = serde_saphyr::from_str(api.openapi).context("the OpenAPI document isn't YAML")?;
    Ok(document.to_string().into())
}

async fn openapi_json(State(document): State<Bytes>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}
