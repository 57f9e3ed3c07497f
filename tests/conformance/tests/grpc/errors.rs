//! What a caller is told when a call fails, and calls that reach no method.

use std::time::{Duration, Instant};

use apigen_conformance::staff::Channel;
use apigen_conformance::{
    server::Server,
    shop::{Rest, header},
};
use prost::bytes::Bytes;
use shop_server::client::{
    Address, CreateOrderRequest, CreateUserRequest, DeleteProductRequest, DeleteUserRequest, GetProductRequest,
    ListProductsRequest, Order, Product, User, order_service_client::OrderServiceClient,
    product_service_client::ProductServiceClient, user_service_client::UserServiceClient,
};
use tonic::{Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery};

use super::{channel, create, creation, details::Details, mug};

#[tokio::test]
async fn an_error_says_what_it_is_and_whose_request_it_was() {
    let server = Server::start(&[]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let mut request = Request::new(GetProductRequest { id: "prd_none".to_owned(), ..GetProductRequest::default() });
    request.metadata_mut().insert("x-request-id", "my-request".parse().unwrap());
    let status = client.get_product(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let details = Details::of(&status);
    assert_eq!((details.info.reason.as_str(), details.request.request_id.as_str()), ("NOT_FOUND", "my-request"));
    assert_eq!(details.info.metadata["id"], "prd_none");
    assert!(details.retry.is_none() && details.bad_request.is_none() && details.precondition.is_none());

    let sound = client.list_products(ListProductsRequest::default()).await.unwrap();
    assert!(sound.metadata().get("x-request-id").is_some());
}

#[tokio::test]
async fn what_is_wrong_with_a_message_is_told_by_field() {
    let server = Server::start(&[]);
    let channel = channel(&server).await;
    let mut products = ProductServiceClient::new(channel.clone());
    let wrong = Product { stock: Some(-1), price: Some("12.505".to_owned()), ..Product::default() };
    let status = products.create_product(creation(wrong)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = Details::of(&status);
    assert_eq!(details.info.reason, "VALIDATION_FAILED");
    let violations = details.violations();
    assert_eq!(violations.len(), 4, "{violations:?}");
    for expected in ["product.name REQUIRED", "product.sku REQUIRED", "product.stock MINIMUM"] {
        assert!(
            violations.iter().any(|violation| violation == expected || expected.ends_with(&**violation)),
            "{expected}: {violations:?}"
        );
    }

    let mut orders = OrderServiceClient::new(channel);
    let ship_to = Address { street: Some("x".repeat(201)), ..Address::default() };
    let order = Order { ship_to: Some(ship_to), customer_id: Some("usr_none".to_owned()), ..Order::default() };
    let status = orders.create_order(CreateOrderRequest { order: Some(order), items: Vec::new() }).await.unwrap_err();
    let violations = Details::of(&status).violations();
    assert!(violations.iter().any(|violation| violation.contains("ship_to.city REQUIRED")), "{violations:?}");
    assert!(violations.iter().any(|violation| violation.contains("ship_to.street MAX_LENGTH")), "{violations:?}");
}

#[tokio::test]
async fn arguments_of_a_list_are_told_by_name() {
    let server = Server::start(&[]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let list = ListProductsRequest::default;
    for (request, reason, field) in [
        (ListProductsRequest { page_size: -1, ..list() }, "VALIDATION_FAILED", "page_size"),
        (ListProductsRequest { page_token: "x".to_owned(), ..list() }, "INVALID_PAGE_TOKEN", "page_token"),
        (ListProductsRequest { filter: "colour = 1".to_owned(), ..list() }, "INVALID_FILTER", "filter"),
        (ListProductsRequest { filter: "stock = ".to_owned(), ..list() }, "INVALID_FILTER", "filter"),
        (ListProductsRequest { order_by: "colour desc".to_owned(), ..list() }, "INVALID_FILTER", "order_by"),
        (ListProductsRequest { order_by: "name sideways".to_owned(), ..list() }, "INVALID_FILTER", "order_by"),
    ] {
        let status = client.list_products(request.clone()).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{request:?}");
        let details = Details::of(&status);
        assert_eq!(details.bad_request.unwrap().field_violations[0].field, field, "{request:?}");
        assert_eq!(details.info.reason, reason, "{request:?}");
    }
}

#[tokio::test]
async fn a_taken_value_a_stale_etag_and_a_row_in_use_have_codes_of_their_own() {
    let server = Server::start(&[]);
    let channel = channel(&server).await;
    let mut products = ProductServiceClient::new(channel.clone());
    let product = create(&mut products, mug()).await;
    let again = products.create_product(creation(Product { id: String::new(), ..product.clone() })).await.unwrap_err();
    assert_eq!(again.code(), Code::AlreadyExists);
    assert_eq!(Details::of(&again).info.reason, "ALREADY_EXISTS");

    let delete = DeleteProductRequest { id: product.id.clone(), etag: "\"v7\"".to_owned() };
    let stale = products.delete_product(delete).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
    let details = Details::of(&stale);
    assert_eq!(details.info.reason, "ETAG_MISMATCH");
    assert!(details.retry.is_none(), "the same request can't succeed later");

    let mut users = UserServiceClient::new(channel.clone());
    let user = User {
        email: Some("ada@example.com".to_owned()),
        name: Some("Ada Lovelace".to_owned()),
        password: Some("correct horse".to_owned()),
        ..User::default()
    };
    let user = users.create_user(CreateUserRequest { user: Some(user) }).await.unwrap().into_inner().user.unwrap();
    assert_eq!(user.password, None, "a password is never returned");
    let text = |text: &str| Some(text.to_owned());
    let ship_to = Address {
        street: text("5 Harbour Street"),
        city: text("Hamburg"),
        postal_code: text("20457"),
        country: text("DE"),
    };
    let order = Order { ship_to: Some(ship_to), customer_id: Some(user.id.clone()), ..Order::default() };
    OrderServiceClient::new(channel)
        .create_order(CreateOrderRequest { order: Some(order), items: Vec::new() })
        .await
        .unwrap();
    let used = users.delete_user(DeleteUserRequest { id: user.id, etag: String::new() }).await.unwrap_err();
    assert_eq!(used.code(), Code::FailedPrecondition);
    let details = Details::of(&used);
    assert_eq!(details.info.reason, "FAILED_PRECONDITION");
    let failure = details.precondition.expect("a PreconditionFailure");
    assert_eq!(failure.violations.len(), 1);
    assert!(!failure.violations[0].description.is_empty() && !failure.violations[0].kind.is_empty());
}

/// A call of a method by its path, with a message of any bytes.
async fn call(channel: &Channel, path: &'static str, message: &[u8]) -> Status {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let request = Request::new(prost_types::Any { type_url: String::new(), value: message.to_vec() });
    let codec = tonic_prost::ProstCodec::<prost_types::Any, prost_types::Any>::default();
    grpc.unary(request, PathAndQuery::from_static(path), codec).await.expect_err("no such method")
}

#[tokio::test]
async fn a_method_that_is_not_there_is_unimplemented() {
    let server = Server::start(&[]);
    let channel = channel(&server).await;
    for path in [
        "/shop.v1.ProductService/BurnProduct",
        "/shop.v1.ProductService/getproduct",
        "/shop.v1.NothingService/GetNothing",
        "/shop.v2.ProductService/GetProduct",
        "/nothing",
        "/grpc.health.v1.Health/Burn",
        "/grpc.reflection.v1.ServerReflection/Burn",
    ] {
        let status = call(&channel, path, b"").await;
        assert_eq!(status.code(), Code::Unimplemented, "{path}");
        let details = Details::of(&status);
        assert_eq!((details.info.reason.as_str(), details.info.metadata["method"].as_str()), ("NOT_IMPLEMENTED", path));
    }
}

#[tokio::test]
async fn a_message_that_is_none_is_malformed() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    // A length that reaches beyond the message.
    let frame = Bytes::from_static(&[0, 0, 0, 0, 2, 0x0a, 0x09]);
    let request = rest.request(reqwest::Method::POST, "/shop.v1.ProductService/GetProduct");
    let response = request.header("content-type", "application/grpc-web+proto").body(frame).send().await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "grpc-status").as_str()), (200, "3"));
}

#[tokio::test]
async fn a_message_that_is_too_large_exhausts_the_resource() {
    let server = Server::start(&[("BODY_LIMIT", "2000")]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let large = Product { description: Some("x".repeat(3_000)), ..mug() };
    let status = client.create_product(creation(large)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    let details = Details::of(&status);
    assert_eq!(details.info.reason, "PAYLOAD_TOO_LARGE");
    assert!(details.retry.is_none(), "the same message can't succeed later");
    // The channel goes on.
    create(&mut client, mug()).await;
}

#[tokio::test]
async fn a_database_in_foreign_hands_is_unavailable_for_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let server = Server::start_on(&database, &[]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let other = rusqlite::Connection::open(&database).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let status = client.create_product(creation(mug())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let details = Details::of(&status);
    assert_eq!(details.info.reason, "UNAVAILABLE");
    let delay = details.retry.and_then(|retry| retry.retry_delay).expect("a RetryInfo");
    assert!(delay.seconds >= 1, "{delay:?}");
    // Reads don't need what is locked.
    client.list_products(ListProductsRequest::default()).await.unwrap();

    let rest = Rest::of(&server);
    let refused = rest.post("/v1/products", &apigen_conformance::shop::product("Mug")).send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert!(header(&refused, "retry-after").parse::<u32>().unwrap() >= 1);

    other.execute_batch("ROLLBACK").unwrap();
    create(&mut client, mug()).await;
}

#[tokio::test]
async fn a_deadline_ends_the_wait_and_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    let server = Server::start_on(&database, &[]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let other = rusqlite::Connection::open(&database).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    // A tonic channel would give up by itself; one that only speaks HTTP waits for the server's word.
    let start = Instant::now();
    let answer = super::web::call(&server, "CreateProduct", &creation(mug()), &[("grpc-timeout", "200m")]).await;
    let elapsed = start.elapsed();
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    assert_eq!(Details::of(&status).info.reason, "DEADLINE_EXCEEDED");
    assert!(elapsed >= Duration::from_millis(200) && elapsed < Duration::from_secs(3), "{elapsed:?}");

    let mut impatient = Request::new(creation(mug()));
    impatient.set_timeout(Duration::from_millis(200));
    let status = client.create_product(impatient).await.unwrap_err();
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status:?}");

    other.execute_batch("ROLLBACK").unwrap();
    let kept = create(&mut client, mug()).await;
    let rows = client.list_products(ListProductsRequest::default()).await.unwrap().into_inner().products;
    let ids: Vec<_> = rows.iter().map(|row| &row.id).collect();
    assert_eq!(ids, [&kept.id], "what was given up has been written all the same");

    for malformed in ["soon", "1", "123456789m", "-1S"] {
        let list = ListProductsRequest::default();
        let answer = super::web::call(&server, "ListProducts", &list, &[("grpc-timeout", malformed)]).await;
        let status = answer.unwrap_err();
        assert_eq!(
            (status.code(), Details::of(&status).info.reason.as_str()),
            (Code::InvalidArgument, "MALFORMED_REQUEST")
        );
    }
}

#[tokio::test]
async fn no_more_than_twenty_mistakes_are_listed() {
    let server = Server::start(&[]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let mask = prost_types::FieldMask { paths: (0..40).map(|index| format!("x{index}")).collect() };
    let product = create(&mut client, mug()).await;
    let request = shop_server::client::UpdateProductRequest {
        product: Some(product),
        update_mask: Some(mask),
        etag: String::new(),
    };
    let details = Details::of(&client.update_product(request).await.unwrap_err());
    assert_eq!(details.violations().len(), 20);
    assert_eq!(details.info.metadata["truncated"], "true");
}
