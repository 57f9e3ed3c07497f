//! Every list that the shop offers, as both databases plan to read it: what the spec lets callers filter by is looked up in an
//! index, and what it lets them sort by is read in order.

use apigen_conformance::explained::Shop;
use apigen_runtime::{
    descriptor::{Direction, Field, Id, Relation, RelationKind, Resource, Sort, Type},
    filter::{Compare, Filter, Test},
    service::{ListArgs, Rows, Skip, Spelling},
    store::{self, Dialect},
    value::Value,
};

static SPELLING: Spelling = Spelling { page_size: "limit", cursor: "cursor", sort: "sort", skip: "page" };

fn everything() -> ListArgs {
    ListArgs {
        spelling: &SPELLING,
        page_size: None,
        cursor: None,
        backward: false,
        sort: None,
        filter: None,
        q: None,
        total: false,
        skip: Skip::Rows(0),
    }
}

/// Some value of a field's type: which one makes no difference to a plan.
fn value(field: &Field) -> Value {
    match field.ty {
        Type::Id(Id::Prefixed(_) | Id::Uuid) | Type::Uuid => Value::Uuid(uuid::Uuid::nil()),
        Type::Id(Id::Int64) | Type::Int32 | Type::Int64 => Value::Int(1),
        Type::Bool => Value::Bool(true),
        Type::Float64 => Value::Float(1.0),
        Type::Decimal { .. } => Value::Decimal("1".parse().unwrap()),
        Type::Timestamp => Value::Timestamp(jiff::Timestamp::UNIX_EPOCH),
        Type::Date => Value::Date(jiff::civil::date(2026, 1, 1)),
        Type::Duration => Value::Duration(1),
        Type::Enum(of) => Value::Enum(of.values[0]),
        _ => Value::Text("a".to_owned()),
    }
}

/// The steps of all that is read for a list.
async fn plan(shop: &Shop, resource: &'static Resource, args: ListArgs) -> Vec<String> {
    shop.take();
    shop.service.list(&shop.call, resource, &args).await.unwrap();
    shop.steps()
}

/// The same of the lists of so many rows along a relation.
async fn plan_of(shop: &Shop, resource: &'static Resource, relation: &'static Relation, parents: usize) -> Vec<String> {
    shop.take();
    let (service, call) = (shop.service.clone(), shop.call.clone());
    let parents = vec![value(&resource.fields[0]); parents];
    let read = store::read(&*shop.service.store, shop.call.deadline, move |tx| {
        let (service, call, parents) = (service.clone(), call.clone(), parents.clone());
        Box::pin(async move {
            let asked = Ok(ListArgs { total: true, ..everything() });
            let asked = (&asked, &Rows::default());
            service.children_in(&call, tx, (resource, relation), &parents, asked).await
        })
    });
    read.await.unwrap();
    shop.steps()
}

/// Looks up rows of the list, not those of another table.
fn searches(step: &str) -> bool {
    step.starts_with("SEARCH t USING") || step.contains("Index Cond: ")
}

fn sorts(step: &str) -> bool {
    step.contains("TEMP B-TREE") || step.trim_start_matches([' ', '-', '>']).starts_with("Sort")
}

/// Reads all rows of a table, in no order.
fn scans(step: &str) -> bool {
    step.contains("Seq Scan")
        || step.starts_with("SCAN ")
            && !step.contains(" INDEX ")
            && !step.contains("VIRTUAL TABLE")
            && !step.contains("rarray")
}

#[tokio::test]
async fn what_can_be_filtered_by_is_looked_up() {
    for shop in Shop::all().await {
        check_filters_of(&shop).await;
    }
}

async fn check_filters_of(shop: &Shop) {
    let mut filters = 0;
    for resource in shop_server::API.resources.iter().filter(|resource| resource.operations.list) {
        for (index, field) in resource.fields.iter().enumerate().filter(|(_, field)| field.filter) {
            for test in [Test::Eq(value(field)), Test::In(vec![value(field), value(field)])] {
                let filter = Some(Filter::Compare(Compare { field: index, test }));
                // Of a few rows PostgreSQL would look at all in their order to find a page, but not to count them.
                let plan = plan(shop, resource, ListArgs { filter, total: true, ..everything() }).await;
                let searched = plan.iter().any(|step| searches(step));
                assert!(
                    searched && !plan.iter().any(|step| scans(step)),
                    "{}.{}: {plan:#?}",
                    resource.name,
                    field.name
                );
                filters += 1;
            }
        }
    }
    assert!(filters > 20, "{filters}");
    // What no index is good for is told apart.
    let users = shop_server::API.resources.iter().find(|resource| resource.name == "User").unwrap();
    let test = Test::Contains("a".to_owned());
    let filter = Some(Filter::Compare(Compare { field: users.field_index("email").unwrap(), test }));
    let plan = plan(shop, users, ListArgs { filter, total: true, ..everything() }).await;
    assert!(!plan.iter().any(|step| searches(step)), "{plan:#?}");
}

#[tokio::test]
async fn what_can_be_sorted_by_is_read_in_order() {
    for shop in Shop::all().await {
        check_orders_of(&shop).await;
    }
}

async fn check_orders_of(shop: &Shop) {
    let mut orders = 0;
    for resource in shop_server::API.resources.iter().filter(|resource| resource.operations.list) {
        let plain = plan(shop, resource, everything()).await;
        assert!(!plain.iter().any(|step| scans(step) || sorts(step)), "{}: {plain:#?}", resource.name);
        for field in resource.fields.iter().filter(|field| field.sort) {
            for direction in [Direction::Ascending, Direction::Descending] {
                let sort = Some(vec![Sort { field: field.name, direction }]);
                let plan = plan(shop, resource, ListArgs { sort, ..everything() }).await;
                let sorted = plan.iter().any(|step| sorts(step) || scans(step));
                assert!(!sorted, "{}.{} {direction:?}: {plan:#?}", resource.name, field.name);
                orders += 1;
            }
        }
    }
    assert!(orders > 10, "{orders}");
}

#[tokio::test]
async fn rows_along_a_relation_are_looked_up() {
    for shop in Shop::all().await {
        check_relations_of(&shop).await;
    }
}

async fn check_relations_of(shop: &Shop) {
    let mut relations = 0;
    for resource in shop_server::API.resources {
        for relation in resource.relations {
            if matches!(relation.kind, RelationKind::BelongsTo { .. }) {
                continue;
            }
            // How PostgreSQL reads several lists at once depends on how many rows it believes to be there.
            let several = if shop.service.store.dialect() == Dialect::Sqlite { 2 } else { 1 };
            for parents in 1..=several {
                let plan = plan_of(shop, resource, relation, parents).await;
                let searched = plan.iter().any(|step| searches(step));
                assert!(
                    searched && !plan.iter().any(|step| scans(step)),
                    "{}.{}: {plan:#?}",
                    resource.name,
                    relation.name
                );
            }
            relations += 1;
        }
    }
    assert!(relations >= 2, "{relations}");
}
