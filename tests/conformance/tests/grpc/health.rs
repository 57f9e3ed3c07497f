//! grpc.health.v1.

use std::time::Duration;

use apigen_conformance::{server::Server, wire};
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use super::channel;

const SERVICES: [&str; 5] =
    ["", "shop.v1.UserService", "shop.v1.ProductService", "shop.v1.OrderService", "shop.v1.OrderItemService"];

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn every_service_is_checked_by_name() {
    let server = Server::start(&[]);
    let mut client = HealthClient::new(channel(&server).await);
    for service in SERVICES {
        let health = client.check(of(service)).await.unwrap().into_inner();
        assert_eq!(health.status(), ServingStatus::Serving, "{service}");
    }
    for unknown in ["shop.v1", "shop.v1.NothingService", "shop.v1.productservice"] {
        assert_eq!(client.check(of(unknown)).await.unwrap_err().code(), Code::NotFound, "{unknown}");
    }
}

// The client answers the server's last ping while the test waits for the server.
#[tokio::test(flavor = "multi_thread")]
async fn a_watch_tells_the_end_before_it_comes() {
    let mut server = Server::start(&[("SHUTDOWN_GRACE", "60")]);
    let mut client = HealthClient::new(channel(&server).await);
    let mut whole = client.watch(of("")).await.unwrap().into_inner();
    let mut one = client.watch(of("shop.v1.OrderService")).await.unwrap().into_inner();
    let mut unknown = client.watch(of("shop.v1.NothingService")).await.unwrap().into_inner();
    assert_eq!(whole.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    assert_eq!(one.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    assert_eq!(unknown.message().await.unwrap().unwrap().status(), ServingStatus::ServiceUnknown);

    server.signal("TERM");
    let patience = Duration::from_secs(10);
    for watch in [&mut whole, &mut one] {
        let last = tokio::time::timeout(patience, watch.message()).await.expect("a change").unwrap().unwrap();
        assert_eq!(last.status(), ServingStatus::NotServing);
    }
    // Long before the grace period is over: a watch holds nothing up.
    assert_eq!(server.wait().code(), Some(0));
}

#[tokio::test]
async fn other_protocols_share_the_port() {
    let server = Server::start(&[]);
    let mut client = HealthClient::new(channel(&server).await);
    client.check(of("")).await.unwrap();
    let request = b"GET /livez HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n";
    assert_eq!(wire::status(&wire::exchange(server.address(), request)), 200);
}
