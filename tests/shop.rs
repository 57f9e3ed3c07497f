//! The example that the README shows: it must load without a word, and mean what it says.

use apigen::model::{Default, Id, Literal, Model, Origin, RelationKind, SetBy, Sort, Type};

fn shop() -> Model {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/specs/shop.yaml");
    match apigen::load(path.as_ref()).expect("specs/shop.yaml can be read") {
        Ok(loaded) => {
            assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
            loaded.model
        }
        Err(mistakes) => panic!("{mistakes}"),
    }
}

#[test]
fn names_and_ids() {
    let shop = shop();
    assert_eq!(shop.api.package, "shop.v1");
    assert_eq!(shop.api.server_crate, "shop-server");
    let names: Vec<_> = shop.resources.iter().map(|resource| resource.names.path.as_str()).collect();
    assert_eq!(names, ["users", "products", "orders", "order-items"]);
    assert_eq!(shop.resources[2].id, Id::Prefixed("ord".to_owned()));
}

#[test]
fn fields_in_the_order_of_all_contracts() {
    let shop = shop();
    let order = &shop.resources[2];
    let names: Vec<_> = order.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(
        names,
        ["id", "status", "note", "cancel_reason", "ship_to", "placed_at", "customer_id", "created_at", "updated_at"]
    );
    assert_eq!(order.fields[1].set_by, SetBy::Server);
    assert_eq!(order.fields[1].default, Some(Default::Literal(Literal::Scalar("pending".to_owned()))));
    assert!(!order.fields[2].required);
    assert_eq!(order.fields[5].default, Some(Default::Now));
    assert_eq!(order.fields[6].origin, Origin::Relation(0));
    assert!(order.fields[0].filter && order.fields[6].filter && order.fields[8].sort);
    assert_eq!(order.list.sort, [Sort { field: 5, descending: true }]);
    assert_eq!((order.list.page_size, order.list.max_page_size, order.list.total), (20, 100, true));
}

#[test]
fn relations_lead_back() {
    let shop = shop();
    let (user, order) = (&shop.resources[0], &shop.resources[2]);
    assert_eq!(user.relations[0].kind, RelationKind::HasMany { inverse: 0 });
    assert_eq!(shop.inverse_field(&user.relations[0]).expect("it has one").name, "customer_id");
    assert_eq!(shop.inverse_field(&order.relations[1]).expect("it has one").name, "order_id");
}

#[test]
fn numbers_keep_the_author_s_text() {
    let shop = shop();
    let price = &shop.resources[1].fields[4];
    assert_eq!(price.ty, Type::Decimal { precision: 18, scale: 2 });
    assert_eq!(price.example, Some(Literal::Scalar("12.50".to_owned())));
    let password = &shop.resources[0].fields[3];
    assert!(password.write_only && password.sensitive);
}
