//! A shop of three resources, its schema, and rows in memory behind a source that notes every call.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use serde_json::Value as Json;

use crate::{
    codec::json::JsonInput,
    descriptor::{
        Action, Api, Enum, Field, Id, List, Object, Operations, Relation, RelationKind, Resource, Sort, Type,
    },
    error::{ApiError, Code},
    graphql::{
        Options,
        engine::{Allowed, Engine, Rejection, Request},
        plan::{Filled, Kind},
        response,
    },
    principal::Principal,
    service::{
        Acted, Asked, Call, Computed, ListArgs, Rows,
        level::{Level, Listed, Reader, Seal, Slice, Source},
    },
    value::{Record, Value, id_text},
};

pub static API: Api = api(include_str!("schema.graphql"));

static RESOURCES: [&Resource; 3] = [&USER, &ORDER, &ORDER_ITEM];

/// The shop, told by another schema.
pub const fn api(graphql: &'static str) -> Api {
    Api { name: "shop", version: "v1", title: "Shop", package: "shop.v1", resources: &RESOURCES, graphql, ..Api::BLANK }
}

static ROLE: Enum = Enum { name: "Role", values: &["admin", "store_keeper"] };
static ADDRESS: Object = Object {
    name: "Address",
    fields: &[Field::new("street", "street", Type::String), Field::new("lines", "lines", Type::List(&Type::String))],
};
const ALL: Operations = Operations::DEFAULT;

pub static USER: Resource = Resource {
    name: "User",
    plural: "Users",
    snake: "user",
    snake_plural: "users",
    camel: "user",
    camel_plural: "users",
    path: "users",
    table: "users",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("usr"))).read_only(),
        Field::new("name", "name", Type::String).unique().filter().sort(),
        Field::new("nickname", "nickname", Type::String).optional(),
        Field::new("visits", "visits", Type::Int64).read_only().default_text("0"),
        Field::new("role", "role", Type::Enum(&ROLE)).default_text("admin"),
        Field::new("address", "address", Type::Object(&ADDRESS)).optional(),
        Field::new("labels", "labels", Type::Map(&Type::String)),
        Field::new("created_at", "createdAt", Type::Timestamp).read_only().sort().default_now(),
    ],
    relations: &[Relation::new("orders", "orders", &ORDER, RelationKind::HasMany { column: "customer_id" })],
    operations: ALL,
    list: list(true),
    ..Resource::BLANK
};

pub static ORDER: Resource = Resource {
    name: "Order",
    plural: "Orders",
    snake: "order",
    snake_plural: "orders",
    camel: "order",
    camel_plural: "orders",
    path: "orders",
    table: "orders",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("ord"))).read_only(),
        Field::new("total", "total", Type::Decimal { precision: 18, scale: 2 }),
        Field::new("customer_id", "customerId", Type::Id(Id::Prefixed("usr"))),
        Field::new("gift_to_id", "giftToId", Type::Id(Id::Prefixed("usr"))).optional(),
    ],
    relations: &[
        Relation::new("customer", "customer", &USER, RelationKind::BelongsTo { column: "customer_id" }),
        Relation::new("gift_to", "giftTo", &USER, RelationKind::BelongsTo { column: "gift_to_id" }),
        Relation::new("items", "items", &ORDER_ITEM, RelationKind::HasMany { column: "order_id" }),
    ],
    operations: ALL,
    list: list(false),
    ..Resource::BLANK
};

pub static ORDER_ITEM: Resource = Resource {
    name: "OrderItem",
    plural: "OrderItems",
    snake: "order_item",
    snake_plural: "order_items",
    camel: "orderItem",
    camel_plural: "orderItems",
    path: "order-items",
    table: "order_items",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Uuid)).read_only(),
        Field::new("quantity", "quantity", Type::Int32),
        Field::new("order_id", "orderId", Type::Id(Id::Prefixed("ord"))),
    ],
    relations: &[Relation::new("order", "order", &ORDER, RelationKind::BelongsTo { column: "order_id" })],
    operations: Operations::NONE,
    list: list(false),
    ..Resource::BLANK
};

const fn list(total: bool) -> List {
    List { sort: &[] as &[Sort], page_size: 5, total, max_page_size: 100, ..List::DEFAULT }
}

/// The row `number` of a resource has this id.
pub fn id(number: u128) -> Value {
    Value::Uuid(uuid::Uuid::from_u128(number))
}

pub fn user_id(number: u128) -> String {
    id_text(USER.id(), &id(number))
}

pub fn order_id(number: u128) -> String {
    id_text(ORDER.id(), &id(number))
}

/// Rows in memory.
#[derive(Default)]
pub struct Shop {
    tables: HashMap<&'static str, Vec<Record>>,
    /// What was asked for, one line per call.
    pub calls: Vec<String>,
    /// Every call fails with this.
    pub broken: Option<ApiError>,
}

impl Shop {
    /// `users` users with two orders of two items each; user 1 gets every order as a gift but the first.
    pub fn new(users: u128) -> Shop {
        let mut shop = Shop::default();
        for user in 1..=users {
            shop.user(user);
            for order in [user * 10, user * 10 + 1] {
                let gift = if order == 10 { Value::Null } else { id(1) };
                shop.order(order, user, gift);
                for item in [order * 10, order * 10 + 1] {
                    shop.insert(&ORDER_ITEM, vec![id(item), Value::Int(3), id(order)]);
                }
            }
        }
        shop
    }

    pub fn user(&mut self, number: u128) {
        let values = vec![
            id(number),
            Value::Text(format!("user \"{number}\"")),
            Value::Null,
            Value::Int(1 << 60),
            Value::Enum("store_keeper"),
            Value::Object(vec![Value::Text("Main".to_owned()), Value::List(vec![Value::Text("1st".to_owned())])]),
            Value::Map(BTreeMap::from([("vip".to_owned(), Value::Text("yes".to_owned()))])),
            Value::Timestamp(jiff::Timestamp::UNIX_EPOCH),
        ];
        self.insert(&USER, values);
    }

    pub fn order(&mut self, number: u128, customer: u128, gift: Value) {
        self.insert(&ORDER, vec![id(number), Value::Decimal(rust_decimal::Decimal::new(1250, 2)), id(customer), gift]);
    }

    fn insert(&mut self, resource: &Resource, values: Vec<Value>) {
        self.tables.entry(resource.name).or_default().push(Record::new(values, 3));
    }

    fn called(&mut self, call: String) -> Result<(), ApiError> {
        self.calls.push(call);
        self.broken.clone().map_or(Ok(()), Err)
    }

    fn page(
        &self,
        resource: &'static Resource,
        args: &ListArgs,
        keep: impl Fn(&Record) -> bool,
    ) -> Result<Listed, ApiError> {
        if args.cursor.as_deref() == Some("bad") {
            return Err(ApiError::parameter(Code::InvalidPageToken, args.spelling.cursor, "INVALID", "isn't a cursor"));
        }
        let rows: Vec<_> = self.tables.get(resource.name).into_iter().flatten().filter(|row| keep(row)).collect();
        let size = args.page_size.map_or(resource.list.page_size as usize, |size| size as usize);
        let slice = Slice {
            rows: 0..rows.len().min(size),
            cursors: Box::new(Plain(resource)),
            has_next: rows.len() > size,
            has_previous: false,
            total: args.total.then_some(rows.len() as u64),
        };
        Ok(Listed { records: rows.into_iter().take(size).cloned().collect(), slice })
    }
}

/// A cursor is the id.
#[derive(Debug)]
struct Plain(&'static Resource);

impl Seal for Plain {
    fn cursor(&self, record: &Record) -> String {
        id_text(self.0.id(), record.id())
    }
}

impl Source for Shop {
    fn list<'a>(
        &'a mut self,
        resource: &'static Resource,
        (args, _): (&'a Asked, &'a Rows),
    ) -> BoxFuture<'a, Result<Listed, ApiError>> {
        Box::pin(async move {
            let args = args.as_ref().map_err(Clone::clone)?;
            self.called(format!("list {} total={}", resource.name, args.total))?;
            self.page(resource, args, |_| true)
        })
    }

    fn children<'a>(
        &'a mut self,
        (_, relation): (&'static Resource, &'static Relation),
        parents: &'a [Value],
        (args, _): (&'a Asked, &'a Rows),
    ) -> BoxFuture<'a, Result<Vec<Listed>, ApiError>> {
        let (RelationKind::HasMany { column } | RelationKind::HasOne { column }) = relation.kind else {
            panic!("{} has no children", relation.name)
        };
        Box::pin(async move {
            let args = args.as_ref().map_err(Clone::clone)?;
            if parents.is_empty() {
                return Ok(Vec::new());
            }
            self.called(format!("children {} of {}", relation.name, parents.len()))?;
            let of = |parent| {
                let target = relation.target;
                self.page(target, args, |row| row.get(target, column) == Some(parent))
            };
            parents.iter().map(of).collect()
        })
    }

    fn act<'a>(
        &'a mut self,
        _: &'static Resource,
        action: &'static Action,
        _: &'a str,
        _: &'a JsonInput<'static>,
    ) -> BoxFuture<'a, Result<Acted, ApiError>> {
        panic!("{} isn't an action of the fixture", action.name)
    }

    fn by_ids<'a>(
        &'a mut self,
        resource: &'static Resource,
        ids: &'a [Value],
        _: &'a Rows,
    ) -> BoxFuture<'a, Result<Vec<Record>, ApiError>> {
        let called = self.called(format!("by_ids {} {}", resource.name, ids.len()));
        Box::pin(async move {
            called?;
            let rows = self.tables.get(resource.name).into_iter().flatten().filter(|row| ids.contains(row.id()));
            Ok(rows.cloned().collect())
        })
    }
}

pub fn engine() -> Engine {
    Engine::new(&API, Options { development: true, ..Options::default() }).expect("the schema fits")
}

pub fn call() -> Call {
    Call {
        principal: Principal::Anonymous,
        request_id: Arc::from("req-1"),
        deadline: Instant::now() + Duration::from_secs(5),
        computed: Computed::All,
        meter: None,
        notices: None,
    }
}

pub fn request(query: &str, variables: Json) -> Request {
    Request {
        query: Some(query.to_owned()),
        variables: serde_json::from_value(variables).expect("variables are a map"),
        ..Request::default()
    }
}

/// The body of the answer to a query.
pub fn ask(shop: &mut Shop, query: &str, variables: Json) -> String {
    ask_engine(&engine(), shop, &request(query, variables))
}

pub fn ask_engine(engine: &Engine, shop: &mut Shop, request: &Request) -> String {
    let body = match engine.prepare(request, Allowed::Queries) {
        Err(Rejection::Request(errors)) => response::rejected(&errors, "req-1"),
        Err(Rejection::Mutation) => panic!("only queries are asked here"),
        Ok(prepared) => {
            let (Kind::Query(query), Filled::Query(rows)) = (&prepared.plan.kind, &prepared.filled) else {
                panic!("only queries are asked here")
            };
            let level = Reader::new(shop, engine.options.max_rows).below(rows, Vec::new()).now_or_never();
            let level = level.expect("rows in memory are there");
            let level = level.unwrap_or_else(|error| Level::failed(rows, Vec::new(), &error));
            let completer = engine.complete(&prepared, query, &level);
            response::executed(&completer.out, &completer.errors, "req-1", &prepared.document.executable.sources)
        }
    };
    String::from_utf8(body).expect("JSON is UTF-8")
}

pub fn json(body: &str) -> Json {
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error} in {body}"))
}
