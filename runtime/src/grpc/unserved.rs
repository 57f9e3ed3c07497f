//! Methods that the contract has and the runtime doesn't serve yet. Whatever they stream, no message of theirs is read.

use axum::{
    extract::Request,
    routing::{MethodRouter, post},
};

use super::{numbers::Contract, status};
use crate::{
    descriptor::{Api, Unserved},
    service::{Call, refusal},
};

/// The paths of a contract's methods without service, each with its refusal.
pub(super) fn of(api: &'static Api, contract: &mut Contract) -> anyhow::Result<Vec<(String, MethodRouter)>> {
    let mut routes = Vec::new();
    for unserved in api.unserved {
        let Some(method) = unserved.grpc else { continue };
        let path = format!("{}.{method}", api.package);
        contract.needs_method(&path)?;
        routes.push((format!("/{path}"), refusal(api, unserved)));
    }
    Ok(routes)
}

fn refusal(api: &'static Api, unserved: &'static Unserved) -> MethodRouter {
    post(async move |request: Request| {
        let request_id = request.extensions().get::<Call>().map_or("", |call| &*call.request_id);
        status::error_response(&refusal::not_served(unserved.name), request_id, api.package)
    })
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body};
    use tower::ServiceExt;

    use super::super::fixture::{PROTO, api_of};
    use super::*;

    const UNSERVED: &[Unserved] =
        &[Unserved { name: "watchSamples", rest: None, graphql: None, grpc: Some("SampleService/WatchSamples") }];

    fn routes(proto: &str) -> anyhow::Result<Vec<(String, MethodRouter)>> {
        let api: &'static Api = Box::leak(Box::new(Api { unserved: UNSERVED, ..*api_of(proto) }));
        of(api, &mut Contract::read(api)?)
    }

    #[tokio::test]
    async fn they_say_so() {
        let stream = "service SampleService { rpc WatchSamples(GetSampleRequest) returns (stream GetSampleResponse);";
        let routes = routes(&PROTO.replace("service SampleService {", stream)).expect("the contract has it");
        let router = routes.into_iter().fold(Router::new(), |router, (path, route)| router.route(&path, route));
        let request = Request::post("/lab.v1.SampleService/WatchSamples").body(Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("no error is possible");
        let status = tonic::Status::from_header_map(response.headers()).expect("a status");
        assert_eq!(
            (status.code(), status.message()),
            (tonic::Code::Unimplemented, "the operation watchSamples isn't served yet")
        );
        assert!(!status.details().is_empty());
    }

    #[test]
    fn the_contract_must_have_them() {
        assert_eq!(
            routes(PROTO).expect_err("it hasn't").to_string(),
            "the descriptor set has no method lab.v1.SampleService/WatchSamples"
        );
    }
}
