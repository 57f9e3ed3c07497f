//! Who calls in the tests of the shop: someone who may do everything, so that tests are about what is done.

use std::sync::LazyLock;

use jsonwebtoken::Algorithm;
use serde_json::json;
use tonic::{
    Request, Status,
    metadata::MetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::{self, Endpoint},
};

use crate::access::caller;

pub use crate::access::caller::SECRET;

/// A gRPC channel with the credentials of someone who may do everything.
pub type Channel = InterceptedService<transport::Channel, Credentials>;

static AUTHORIZATION: LazyLock<String> = LazyLock::new(|| {
    let day = 24 * 60 * 60;
    let claims = json!({ "sub": "usr_01jekcbzgtfgxsvbjfmdnqrz4y", "roles": ["admin"], "exp": caller::now() + day });
    format!("Bearer {}", caller::signed(Algorithm::HS256, SECRET, &claims))
});

/// `Bearer …`
pub fn authorization() -> &'static str {
    &AUTHORIZATION
}

pub async fn channel(url: String) -> Result<Channel, transport::Error> {
    Ok(InterceptedService::new(Endpoint::from_shared(url)?.connect().await?, Credentials))
}

#[derive(Debug, Clone, Copy)]
pub struct Credentials;

impl Interceptor for Credentials {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", MetadataValue::from_static(authorization()));
        Ok(request)
    }
}
