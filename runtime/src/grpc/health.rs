//! The health service, with what tonic-health leaves out of `Watch`: a service that isn't known is told as
//! SERVICE_UNKNOWN (health.proto), and a watch ends when the server does.

use std::future::ready;

use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use tonic::{Code, Request, Response, Status};
use tonic_health::{
    pb::{self, HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus},
    server::HealthService,
};

type Answer = Result<HealthCheckResponse, Status>;

pub(super) struct Watched(pub HealthService);

#[tonic::async_trait]
impl pb::health_server::Health for Watched {
    type WatchStream = BoxStream<'static, Answer>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        self.0.check(request).await
    }

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        match self.0.watch(request).await {
            Ok(response) => Ok(Response::new(to_the_end(response.into_inner()).boxed())),
            Err(status) if status.code() == Code::NotFound => {
                let whole = self.0.watch(Request::new(HealthCheckRequest::default())).await?.into_inner();
                let unknown = HealthCheckResponse { status: ServingStatus::ServiceUnknown.into() };
                let silence = to_the_end(whole).filter(|_| ready(false));
                Ok(Response::new(stream::once(ready(Ok(unknown))).chain(silence).boxed()))
            }
            Err(status) => Err(status),
        }
    }
}

/// NOT_SERVING is only told by a server that stops: a watch that stayed open would make it wait for its whole grace period.
fn to_the_end(watch: impl Stream<Item = Answer> + Unpin) -> impl Stream<Item = Answer> {
    stream::unfold(Some(watch), |watch| async {
        let mut watch = watch?;
        let answer = watch.next().await?;
        let last = answer.as_ref().is_ok_and(|answer| answer.status() == ServingStatus::NotServing);
        Some((answer, (!last).then_some(watch)))
    })
}
