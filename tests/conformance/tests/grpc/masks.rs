//! `update_mask` (AIP-134).

use apigen_conformance::staff::Channel;
use apigen_conformance::{server::Server, shop::unique};
use prost_types::FieldMask;
use shop_server::client::{
    Address, CreateUserRequest, GetProductRequest, Product, Role, UpdateProductRequest, UpdateUserRequest, User,
    product_service_client::ProductServiceClient, user_service_client::UserServiceClient,
};
use tonic::{Code, Status};

use super::{channel, create, details::Details, mug};

struct Fixture {
    // Killed when dropped.
    _server: Server,
    client: ProductServiceClient<Channel>,
    product: Product,
}

async fn fixture() -> Fixture {
    let server = Server::start(&[]);
    let mut client = ProductServiceClient::new(channel(&server).await);
    let product = create(&mut client, mug()).await;
    Fixture { _server: server, client, product }
}

impl Fixture {
    async fn update(&mut self, product: Product, mask: Option<&[&str]>) -> Result<Product, Status> {
        let mask = mask.map(|paths| FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() });
        let product = Some(Product { id: self.product.id.clone(), ..product });
        let request = UpdateProductRequest { product, update_mask: mask, etag: String::new() };
        Ok(self.client.update_product(request).await?.into_inner().product.expect("the product"))
    }

    async fn stored(&mut self) -> Product {
        let request = GetProductRequest { id: self.product.id.clone(), ..GetProductRequest::default() };
        self.client.get_product(request).await.unwrap().into_inner().product.expect("the product")
    }

    /// What the product was at first, with these changes made by the server as well.
    fn expected(&self, like: &Product, change: impl FnOnce(&mut Product)) -> Product {
        let mut expected = Product { etag: like.etag.clone(), updated_at: like.updated_at, ..self.product.clone() };
        change(&mut expected);
        expected
    }
}

#[tokio::test]
async fn without_a_mask_what_is_populated_is_written() {
    let mut fixture = fixture().await;
    let sent = Product { stock: Some(0), description: Some(String::new()), ..Product::default() };
    for (mask, etag) in [(None, "\"v2\""), (Some(&[][..]), "\"v3\"")] {
        let updated = fixture.update(sent.clone(), mask).await.unwrap();
        let expected = fixture.expected(&updated, |product| {
            product.stock = Some(0);
            product.description = Some(String::new());
        });
        assert_eq!(updated, expected);
        assert_eq!(updated.etag, etag);
        assert_eq!(fixture.stored().await, updated);
    }
}

#[tokio::test]
async fn a_path_that_is_named_but_not_sent_is_cleared() {
    let mut fixture = fixture().await;
    let sent = Product { name: Some("ignored".to_owned()), stock: Some(3), ..Product::default() };
    let updated = fixture.update(sent, Some(&["stock", "description", "tags"])).await.unwrap();
    let expected = fixture.expected(&updated, |product| {
        product.stock = Some(3);
        product.description = None;
        product.tags.clear();
    });
    assert_eq!(updated, expected);
    assert_eq!(fixture.stored().await, updated);
}

#[tokio::test]
async fn a_required_field_cannot_be_cleared() {
    let mut fixture = fixture().await;
    let status = fixture.update(Product::default(), Some(&["name"])).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = Details::of(&status);
    assert_eq!(details.info.reason, "VALIDATION_FAILED");
    let violations = details.violations();
    assert!(violations.len() == 1 && violations[0].contains("name "), "{violations:?}");
    assert_eq!(fixture.stored().await, fixture.product);
}

#[tokio::test]
async fn a_required_field_with_a_default_is_cleared_to_it() {
    let mut fixture = fixture().await;
    let updated = fixture.update(Product::default(), Some(&["currency"])).await.unwrap();
    assert_eq!(updated.currency.as_deref(), Some("EUR"));
}

#[tokio::test]
async fn a_star_replaces_the_whole() {
    let mut fixture = fixture().await;
    let sent = Product {
        sku: Some(format!("STAR-{}", unique())),
        name: Some("Cup".to_owned()),
        price: Some("1".to_owned()),
        stock: Some(1),
        currency: None,
        ..Product::default()
    };
    let updated = fixture.update(sent.clone(), Some(&["*"])).await.unwrap();
    let expected = fixture.expected(&updated, |product| {
        product.sku = sent.sku.clone();
        product.name = sent.name.clone();
        product.price = updated.price.clone();
        product.stock = Some(1);
        product.description = None;
        product.currency = Some("EUR".to_owned());
        product.tags.clear();
    });
    assert_eq!(updated, expected);
    assert_eq!(updated.price.as_deref().and_then(|price| price.parse().ok()), Some(1.0));

    let status = fixture.update(Product { stock: Some(9), ..Product::default() }, Some(&["*"])).await.unwrap_err();
    let violations = Details::of(&status).violations();
    assert_eq!(violations.len(), 3, "name, price and sku are required: {violations:?}");
    assert_eq!(fixture.stored().await, updated);
}

#[tokio::test]
async fn a_path_that_cannot_be_is_refused() {
    let mut fixture = fixture().await;
    for path in ["colour", "Name", "stock.more", "tags.0", "cost", "", " ", "name,stock", "*.x"] {
        let sent = Product { stock: Some(1), name: Some("Cup".to_owned()), ..Product::default() };
        let status = fixture.update(sent, Some(&["name", path])).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{path}");
        let details = Details::of(&status);
        let bad_request = details.bad_request.unwrap_or_else(|| panic!("{path}: no BadRequest"));
        assert_eq!(bad_request.field_violations.len(), 1, "{path}");
        assert!(bad_request.field_violations[0].field.starts_with("update_mask"), "{path}: {bad_request:?}");
    }
    let sent = Product { stock: Some(1), ..Product::default() };
    assert!(fixture.update(sent, Some(&["*", "stock"])).await.is_err(), "a star must stand alone");
    assert_eq!(fixture.stored().await, fixture.product);
}

#[tokio::test]
async fn a_path_that_only_the_server_writes_is_ignored() {
    let mut fixture = fixture().await;
    let sent = Product {
        created_at: Some(prost_types::Timestamp { seconds: 1, nanos: 0 }),
        etag: "\"v99\"".to_owned(),
        stock: Some(5),
        ..Product::default()
    };
    let mask = ["id", "created_at", "updated_at", "etag", "stock"];
    let updated = fixture.update(sent, Some(&mask)).await.unwrap();
    assert_eq!(updated, fixture.expected(&updated, |product| product.stock = Some(5)));
    assert_eq!(updated.etag, "\"v2\"");
    assert_ne!(updated.updated_at, Some(prost_types::Timestamp { seconds: 1, nanos: 0 }));
}

#[tokio::test]
async fn the_etag_is_compared_whatever_the_mask() {
    let mut fixture = fixture().await;
    let product = Some(Product { stock: Some(2), ..fixture.product.clone() });
    for (etag, code) in [("\"v2\"", Some(Code::Aborted)), ("W/\"v1\"", Some(Code::Aborted)), ("\"v1\"", None)] {
        let mask = FieldMask { paths: vec!["stock".to_owned()] };
        let request = UpdateProductRequest { product: product.clone(), update_mask: Some(mask), etag: etag.to_owned() };
        assert_eq!(fixture.client.update_product(request).await.err().map(|status| status.code()), code, "{etag}");
    }
}

#[tokio::test]
async fn a_path_may_lead_into_a_value() {
    let server = Server::start(&[]);
    let mut client = UserServiceClient::new(channel(&server).await);
    let text = |text: &str| Some(text.to_owned());
    let address = Address {
        street: text("5 Harbour Street"),
        city: text("Hamburg"),
        postal_code: text("20457"),
        country: text("DE"),
    };
    let user = User {
        email: text("ada@example.com"),
        name: text("Ada Lovelace"),
        password: text("correct horse"),
        role: Some(Role::Support.into()),
        address: Some(address.clone()),
        ..User::default()
    };
    let user = client.create_user(CreateUserRequest { user: Some(user) }).await.unwrap().into_inner().user.unwrap();
    let mut update = async |address: Option<Address>, path: &str| {
        let sent = User { id: user.id.clone(), address, ..User::default() };
        let mask = FieldMask { paths: vec![path.to_owned()] };
        let request = UpdateUserRequest { user: Some(sent), update_mask: Some(mask), etag: String::new() };
        client.update_user(request).await.map(|response| response.into_inner().user.unwrap())
    };
    let moved = Address { city: text("Kiel"), country: text("ignored"), ..Address::default() };
    let updated = update(Some(moved), "address.city").await.unwrap();
    assert_eq!(updated.address, Some(Address { city: text("Kiel"), ..address }));
    assert_eq!((updated.role(), updated.name.as_deref()), (Role::Support, Some("Ada Lovelace")));

    let cleared = update(Some(Address::default()), "address.city").await.unwrap_err();
    assert_eq!(cleared.code(), Code::InvalidArgument, "a city is required");
    let unknown = update(None, "address.planet").await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument);
    assert_eq!(update(None, "address").await.unwrap().address, None);
}
