//! gRPC and gRPC-Web: one route per method, all of them through one pipeline that is driven by descriptors.
//!
//! No message types are compiled in. Field numbers are read from the descriptor set that the contract was compiled to, and
//! a descriptor that disagrees with it stops the server from starting. Requests must carry a [`Call`] among their
//! extensions. Message compression is neither accepted nor sent.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use http::{HeaderMap, header};
use tonic::server::NamedService;
use tonic_health::{ServingStatus, pb::health_server::HealthServer, server::HealthReporter, server::HealthService};
use tonic_web::GrpcWebLayer;

#[cfg(doc)]
use crate::service::Call;
use crate::{
    descriptor::Api,
    error::{ApiError, Code},
    service::Service,
};

mod batch;
mod draft;
#[cfg(test)]
mod end_to_end;
#[cfg(test)]
mod fixture;
mod health;
mod input;
mod mask;
mod methods;
mod numbers;
mod output;
mod pipeline;
mod read_mask;
#[cfg(test)]
mod round_trip;
mod status;
mod timeout;
mod unserved;
mod well_known;
mod wire;

#[cfg(feature = "testing")]
pub(crate) use status::Refusal;
pub use status::{error_response, status, unimplemented};

/// The paths of the methods that take a stream of messages, of which only each one is limited, in size and in time.
pub fn streams(api: &Api) -> Vec<String> {
    let imported = api.resources.iter().filter(|resource| resource.batch.is_some() && resource.operations.create);
    imported.map(|each| format!("/{}.{}Service/Import{}", api.package, each.name, each.plural)).collect()
}

/// How gRPC is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Longer request messages are refused, in bytes.
    pub max_message_size: usize,
    /// What the health service tells, kept by whoever shuts the server down.
    pub health: Health,
    /// Serve the contract to tools such as grpcurl.
    pub reflection: Reflection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reflection {
    On,
    Off,
}

/// The routes of all services, health and reflection. Fails if the descriptors and the descriptor set disagree.
pub fn router(service: Arc<Service>, options: Options) -> anyhow::Result<Router> {
    let api = service.api;
    let mut contract = numbers::Contract::read(api)?;
    let methods = methods::of(api, &mut contract)?;
    let unserved = unserved::of(api, &mut contract)?;
    contract.has_no_further_method()?;
    let server = pipeline::Server { service, numbers: contract.finish(), max_message_size: options.max_message_size };
    let server = Arc::new(server);
    let mut router = Router::new();
    for method in methods {
        router = router.route(&method.path.clone(), pipeline::route(server.clone(), method));
    }
    for (path, refusal) in unserved {
        router = router.route(&path, translated(refusal));
    }
    let health = HealthServer::new(health::Watched(HealthService::from_health_reporter(options.health.reporter)));
    let mut tools = mount(Router::new(), &["Check", "Watch"], &health);
    if options.reflection == Reflection::On {
        let builder = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(api.descriptor_set)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let methods = &["ServerReflectionInfo"];
        tools = mount(tools, methods, &builder().build_v1()?);
        tools = mount(tools, methods, &builder().build_v1alpha()?);
    }
    Ok(router.merge(tools.route_layer(GrpcWebLayer::new()).route_layer(from_fn(only_grpc))))
}

/// For browsers, too, and refused where it isn't gRPC at all.
fn translated(route: MethodRouter) -> MethodRouter {
    route.layer(GrpcWebLayer::new()).layer(from_fn(only_grpc))
}

/// By method, so that one that isn't there is answered like any other.
fn mount<S>(router: Router, methods: &[&str], service: &S) -> Router
where
    S: NamedService
        + tower::Service<Request, Error = std::convert::Infallible, Response: IntoResponse, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    methods
        .iter()
        .fold(router, |router, method| router.route_service(&format!("/{}/{method}", S::NAME), service.clone()))
}

/// Whether a request speaks gRPC or gRPC-Web, so that errors must be rendered by [`error_response`].
pub fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes());
    content_type.is_some_and(|value| value.starts_with(b"application/grpc"))
}

/// Whatever else is sent to a method is answered in plain HTTP, as gRPC's HTTP/2 mapping demands.
async fn only_grpc(request: Request, next: Next) -> Response {
    if is_grpc(request.headers()) {
        next.run(request).await
    } else {
        let error = ApiError::new(Code::UnsupportedMediaType, "a gRPC method takes application/grpc");
        ([("accept-post", "application/grpc, application/grpc-web+proto")], error).into_response()
    }
}

/// The serving status of the server and of each of its services.
#[derive(Debug, Clone)]
pub struct Health {
    reporter: HealthReporter,
    services: Arc<[String]>,
}

impl Health {
    /// Everything serves.
    pub async fn serving(api: &Api) -> Health {
        let of_resources = api.resources.iter().map(|resource| format!("{}Service", resource.name));
        let all = of_resources.chain(api.login().map(|_| methods::LOGINS.to_owned()));
        let services = all.map(|service| format!("{}.{service}", api.package)).collect();
        let health = Health { reporter: HealthReporter::new(), services };
        health.set(ServingStatus::Serving).await;
        health
    }

    /// Nothing serves any more: to be said before the server stops accepting.
    pub async fn stop_serving(&self) {
        self.set(ServingStatus::NotServing).await;
    }

    async fn set(&self, status: ServingStatus) {
        self.reporter.set_service_status("", status).await;
        for service in self.services.iter() {
            self.reporter.set_service_status(service, status).await;
        }
    }
}
