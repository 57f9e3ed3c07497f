//! Clients of one server for all protocols, spelled by its contracts, for callers with different credentials.

use std::{collections::HashMap, path::Path, sync::Arc};

use prost_reflect::DescriptorPool;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value as Json, json};
use tonic::transport::{Channel, Endpoint};

use super::{
    driver::Driver,
    graphql::Graphql,
    grpc::Grpc,
    rest::Rest,
    scenario::Protocol,
    shape::{Schema, camel},
};
use crate::server::Server;

/// What logging in and out are actions of, among the resources of specs that have them.
pub const LOGINS: (&str, &str, &str) = ("Auth", "", "auth");

type Names = Arc<HashMap<String, String>>;

/// What clients know of an api before they call it.
#[derive(Clone)]
pub struct Contracts {
    version: String,
    /// `shop.v1`
    pub package: String,
    schema: Arc<Schema>,
    pool: DescriptorPool,
    plurals: Names,
    /// `orderItems`
    lists: Names,
    paths: Names,
}

impl Contracts {
    /// `resources`: (`OrderItem`, `OrderItems`, `order-items`)
    pub fn read(name: &str, version: &str, folder: &Path, resources: &[(&str, &str, &str)]) -> Contracts {
        let schema = std::fs::read_to_string(folder.join("schema.graphql")).expect("a schema");
        let proto = format!("{name}/{version}/{name}.proto");
        let set = protox::compile([&proto], [folder.join("proto")]).expect("the contract compiles");
        let called = |of: fn(&(&str, &str, &str)) -> String| -> Names {
            Arc::new(resources.iter().map(|names| (names.0.to_owned(), of(names))).collect())
        };
        Contracts {
            version: version.to_owned(),
            package: format!("{name}.{version}"),
            schema: Arc::new(Schema::read(&schema)),
            pool: DescriptorPool::from_file_descriptor_set(set).expect("the contract is complete"),
            plurals: called(|(_, many, _)| (*many).to_owned()),
            lists: called(|(_, many, _)| camel(many)),
            paths: called(|(.., path)| (*path).to_owned()),
        }
    }
}

/// Connections to one server.
pub struct Clients {
    contracts: Contracts,
    url: String,
    client: reqwest::Client,
    channel: Channel,
}

impl Clients {
    pub async fn to(server: &Server, contracts: &Contracts) -> Clients {
        let endpoint = Endpoint::new(server.base_url.clone()).expect("an address");
        Clients {
            contracts: contracts.clone(),
            url: server.base_url.clone(),
            client: reqwest::Client::new(),
            channel: endpoint.connect().await.expect("a connection"),
        }
    }

    /// `authorization`: `Bearer …`; without, the caller is anonymous.
    pub fn driver(&self, protocol: Protocol, authorization: Option<&str>) -> Box<dyn Driver> {
        let Contracts { version, package, schema, pool, plurals, lists, paths } = self.contracts.clone();
        let (client, authorization) = (self.client.clone(), authorization.map(str::to_owned));
        match protocol {
            Protocol::Rest => Box::new(Rest { client, base: format!("{}/{version}", self.url), paths, authorization }),
            Protocol::Graphql => Box::new(Graphql {
                client,
                url: format!("{}/graphql", self.url),
                schema,
                plurals: lists,
                authorization,
            }),
            Protocol::Grpc => Box::new(Grpc { channel: self.channel.clone(), pool, package, plurals, authorization }),
        }
    }
}

/// Requests past the drivers. Each tells the code of the error that came of it.
impl Clients {
    /// Without a body, if that is null.
    pub async fn rest(&self, method: Method, path: &str, body: &Json, authorization: Option<&str>) -> Option<String> {
        let request = self.with(self.client.request(method, format!("{}{path}", self.url)), authorization);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.expect("an answer");
        if answer.status().is_success() {
            return None;
        }
        let problem: Json = answer.json().await.expect("a problem");
        Some(problem["code"].as_str().expect("a code").to_owned())
    }

    pub async fn graphql(&self, query: &str, authorization: Option<&str>) -> Option<String> {
        let answer = self.query(query, authorization).await;
        answer["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
    }

    /// The whole answer to a GraphQL document.
    pub async fn query(&self, query: &str, authorization: Option<&str>) -> Json {
        let request = self.client.post(format!("{}/graphql", self.url)).json(&json!({ "query": query }));
        self.with(request, authorization).send().await.expect("an answer").json().await.expect("JSON")
    }

    /// With an empty message. `procedure`: `OrderService/WatchOrders`
    pub async fn grpc(&self, procedure: &str, authorization: Option<&str>) -> Option<String> {
        let path = format!("/{}.{procedure}", self.contracts.package).parse().expect("a path");
        let mut request = tonic::Request::new(());
        if let Some(authorization) = authorization {
            request.metadata_mut().insert("authorization", authorization.parse().expect("a header's value"));
        }
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await.expect("a connection");
        let answer = client.server_streaming(request, path, tonic_prost::ProstCodec::<(), ()>::default()).await;
        let first = match answer {
            Ok(messages) => messages.into_inner().message().await,
            Err(status) => Err(status),
        };
        first.err().map(|status| super::grpc::failure(&status).code)
    }

    fn with(&self, request: RequestBuilder, authorization: Option<&str>) -> RequestBuilder {
        authorization.iter().fold(request, |request, value| request.header("authorization", *value))
    }
}
