//! Server reflection, in both of its versions.

use std::collections::BTreeSet;

use apigen_conformance::server::Server;
use apigen_conformance::staff::Channel;
use prost::Message;
use prost_reflect::DescriptorPool;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

use super::channel;

const SERVICES: [&str; 4] =
    ["shop.v1.UserService", "shop.v1.ProductService", "shop.v1.OrderService", "shop.v1.OrderItemService"];

#[derive(Debug)]
enum Answer {
    Services(BTreeSet<String>),
    Files(Vec<FileDescriptorProto>),
    Refused(i32),
}

/// One request and its answer, in the messages of one version.
macro_rules! ask {
    ($version:ident, $channel:expr, $request:expr) => {{
        use tonic_reflection::pb::$version::{
            ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
            server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
        };
        let message_request = match $request {
            Ask::List => MessageRequest::ListServices(String::new()),
            Ask::Symbol(symbol) => MessageRequest::FileContainingSymbol(symbol.to_owned()),
            Ask::File(name) => MessageRequest::FileByFilename(name.to_owned()),
        };
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(message_request) };
        let mut client = ServerReflectionClient::new($channel);
        let requests = tokio_stream::once(request);
        match client.server_reflection_info(requests).await {
            Err(status) => Answer::Refused(status.code() as i32),
            Ok(answers) => match answers.into_inner().message().await {
                Err(status) => Answer::Refused(status.code() as i32),
                Ok(answer) => match answer.and_then(|answer| answer.message_response).expect("an answer") {
                    MessageResponse::ListServicesResponse(list) => {
                        Answer::Services(list.service.into_iter().map(|service| service.name).collect())
                    }
                    MessageResponse::FileDescriptorResponse(files) => Answer::Files(
                        files.file_descriptor_proto.iter().map(|file| Message::decode(&file[..]).unwrap()).collect(),
                    ),
                    MessageResponse::ErrorResponse(error) => Answer::Refused(error.error_code),
                    other => panic!("an answer to another question: {other:?}"),
                },
            },
        }
    }};
}

#[derive(Clone, Copy)]
enum Ask {
    List,
    Symbol(&'static str),
    File(&'static str),
}

async fn ask(version: &str, channel: Channel, request: Ask) -> Answer {
    match version {
        "v1" => ask!(v1, channel, request),
        "v1alpha" => ask!(v1alpha, channel, request),
        _ => unreachable!("there are two versions"),
    }
}

#[tokio::test]
async fn services_are_listed() {
    let server = Server::start(&[]);
    for version in ["v1", "v1alpha"] {
        let Answer::Services(services) = ask(version, channel(&server).await, Ask::List).await else {
            panic!("{version}: no list")
        };
        for service in SERVICES.into_iter().chain(["grpc.health.v1.Health"]) {
            assert!(services.contains(service), "{version}: {services:?}");
        }
    }
}

#[tokio::test]
async fn the_contract_can_be_put_together_from_its_files() {
    let server = Server::start(&[]);
    for version in ["v1", "v1alpha"] {
        let mut files: Vec<FileDescriptorProto> = Vec::new();
        let mut wanted = vec![Ask::Symbol("shop.v1.OrderService.CreateOrder"), Ask::Symbol("shop.v1.Order")];
        let well_known = ["google/protobuf/timestamp.proto", "google/protobuf/field_mask.proto"];
        wanted.extend(well_known.map(Ask::File));
        for request in wanted {
            let Answer::Files(found) = ask(version, channel(&server).await, request).await else {
                panic!("{version}: no file")
            };
            files.extend(found);
        }
        let names: BTreeSet<_> = files.iter().map(|file| file.name().to_owned()).collect();
        assert!(names.iter().any(|name| name.ends_with("shop.proto")), "{names:?}");
        files.sort_by_key(|file| file.name().to_owned());
        files.dedup_by_key(|file| file.name().to_owned());
        let pool = DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file: files }).unwrap();
        for service in SERVICES {
            let service = pool.get_service_by_name(service).unwrap_or_else(|| panic!("{version}: no {service}"));
            let methods = match service.name() {
                // Two actions and a stream of events beside the five.
                "OrderService" => 8,
                // Batches and imports.
                "ProductService" => 7,
                _ => 5,
            };
            assert_eq!(service.methods().len(), methods, "{}", service.name());
        }
        let product = pool.get_message_by_name("shop.v1.Product").unwrap();
        assert!(product.get_field_by_name("cost").is_none(), "an internal field is shown");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = Server::start(&[]);
    for version in ["v1", "v1alpha"] {
        for request in [Ask::Symbol("shop.v1.Nothing"), Ask::File("nothing.proto")] {
            let answer = ask(version, channel(&server).await, request).await;
            assert!(matches!(answer, Answer::Refused(5)), "{version}: {answer:?}");
        }
    }
}
