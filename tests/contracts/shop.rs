//! A small shop as a model, made by hand: every type, every kind of relation, every way to set a field.

use apigen::model::{
    Api, Default, Deprecation, Enum, EnumId, EnumValue, Field, Id, List, Literal, Model, Object, ObjectId, OnDelete,
    Operations, Origin, Relation, RelationKind, Resource, ResourceId, ResourceNames, Rules, SetBy, Sort, Type, proto,
    proto::shape,
};
use heck::{ToLowerCamelCase as _, ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};

pub const USER: ResourceId = ResourceId(0);
pub const ORDER: ResourceId = ResourceId(1);
pub const SAMPLE: ResourceId = ResourceId(2);
pub const PROFILE: ResourceId = ResourceId(3);
pub const COUNTRY: ResourceId = ResourceId(4);

const STATUS: EnumId = EnumId(0);
const ADDRESS: ObjectId = ObjectId(0);
const MONEY: ObjectId = ObjectId(1);

const ALL: Operations = Operations::DEFAULT;

pub fn model() -> Model {
    let mut model = Model {
        spec: "specs/shop.yaml".to_owned(),
        api: api(),
        enums: vec![status()],
        objects: vec![address(), money()],
        resources: vec![user(), order(), sample(), profile(), country()],
        ..Model::default()
    };
    model.proto = numbered(shape::shape(&model));
    model
}

/// As the lock numbers a file that it sees for the first time.
pub fn numbered(mut file: proto::File) -> proto::File {
    for message in &mut file.messages {
        message.fields.iter_mut().zip(1..).for_each(|(field, number)| field.number = number);
    }
    for declared in &mut file.enums {
        declared.values.iter_mut().zip(0..).for_each(|(value, number)| value.number = number);
    }
    file
}

fn api() -> Api {
    Api {
        name: "shop".to_owned(),
        version: "v1".to_owned(),
        title: "Shop".to_owned(),
        description: Some("People buy products.\n\nAn order moves from pending to shipped.".to_owned()),
        contact: None,
        license: Some(apigen::model::License {
            name: "MIT".to_owned(),
            url: Some("https://opensource.org/license/mit".to_owned()),
        }),
        servers: Vec::new(),
        docs_url: None,
        package: "shop.v1".to_owned(),
        app_crate: "shop".to_owned(),
        server_crate: "shop-server".to_owned(),
    }
}

fn status() -> Enum {
    let value = |name: &str| EnumValue {
        name: name.to_owned(),
        graphql: name.to_shouty_snake_case(),
        proto: format!("ORDER_STATUS_{}", name.to_shouty_snake_case()),
        rust: name.to_upper_camel_case(),
        description: None,
        deprecated: None,
    };
    Enum {
        name: "OrderStatus".to_owned(),
        constant: "ORDER_STATUS".to_owned(),
        description: Some("Where an order is in its life.".to_owned()),
        values: vec![
            EnumValue { description: Some("Not paid yet.".to_owned()), ..value("pending") },
            value("shipped"),
            EnumValue { deprecated: Some(Deprecation::default()), ..value("lost") },
        ],
    }
}

fn address() -> Object {
    Object {
        name: "Address".to_owned(),
        constant: "ADDRESS".to_owned(),
        description: Some("Where something is sent.".to_owned()),
        fields: vec![
            Field { rules: Rules { max_length: Some(200), ..Rules::default() }, ..field("street", Type::String) },
            optional(field("company", Type::String)),
            Field {
                rules: Rules { pattern: Some("^[A-Z]{2}$".to_owned()), ..Rules::default() },
                example: Some(Literal::Scalar("NO".to_owned())),
                ..field("country", Type::String)
            },
            field("tags", Type::List(Box::new(Type::String))),
        ],
    }
}

/// Looks the same in inputs and outputs.
fn money() -> Object {
    Object {
        name: "Money".to_owned(),
        constant: "MONEY".to_owned(),
        description: None,
        fields: vec![
            field("amount", Type::Decimal { precision: 18, scale: 2 }),
            Field { rules: Rules { max_length: Some(3), ..Rules::default() }, ..field("currency", Type::String) },
        ],
    }
}

fn user() -> Resource {
    let fields = vec![
        Field { unique: true, filter: true, ..field("email", Type::Email) },
        Field {
            rules: Rules { min_length: Some(2), max_length: Some(100), ..Rules::default() },
            sort: true,
            description: Some("As in \"\"\"Ada\"\"\" \\ or C:\\".to_owned()),
            ..field("name", Type::String)
        },
        field("password", Type::Password),
        Field { internal: true, ..field("risk", Type::Int32) },
        optional(field("address", Type::Object(ADDRESS))),
    ];
    let relations = vec![
        relation("orders", ORDER, RelationKind::HasMany { inverse: 0 }),
        relation("profile", PROFILE, RelationKind::HasOne { inverse: 0 }),
    ];
    let description = Some("A person who buys:\n\n```\nlet x = ;\n```\n\n    indented code".to_owned());
    Resource { description, ..resource(USER, "User", "Users", Id::Prefixed("usr".to_owned()), fields, relations) }
}

fn order() -> Resource {
    let fields = vec![
        Field {
            default: Some(Default::Literal(Literal::Scalar("pending".to_owned()))),
            set_by: SetBy::Server,
            filter: true,
            ..field("status", Type::Enum(STATUS))
        },
        Field {
            deprecated: Some(Deprecation::default()),
            filter: true,
            rules: Rules { max_length: Some(500), ..Rules::default() },
            ..optional(field("note", Type::String))
        },
        field("ship_to", Type::Object(ADDRESS)),
        Field { default: Some(Default::Now), set_by: SetBy::Server, sort: true, ..field("placed_at", Type::Timestamp) },
    ];
    let customer = RelationKind::BelongsTo { field: 5, on_delete: OnDelete::Restrict };
    let relations = vec![relation("customer", USER, customer)];
    let mut order = resource(ORDER, "Order", "Orders", Id::Prefixed("ord".to_owned()), fields, relations);
    order.fields.insert(5, Field { origin: Origin::Relation(0), ..field("customer_id", Type::Id(USER)) });
    order.list = List {
        sort: vec![Sort { field: 4, descending: true }],
        page_size: 20,
        max_page_size: 100,
        total: true,
        offset: false,
    };
    order.operations.delete = false;
    order
}

/// One field of each type, under rules.
fn sample() -> Resource {
    let rules = Rules::default;
    let fields = vec![
        Field { set_by: SetBy::CallerOnCreate, filter: true, ..field("flag", Type::Bool) },
        Field {
            rules: Rules { minimum: Some("1".to_owned()), exclusive_minimum: Some("1".to_owned()), ..rules() },
            default: Some(Default::Literal(Literal::Scalar("7".to_owned()))),
            filter: true,
            ..field("small", Type::Int32)
        },
        Field {
            rules: Rules { multiple_of: Some("5".to_owned()), maximum: Some("100".to_owned()), ..rules() },
            filter: true,
            ..field("big", Type::Int64)
        },
        Field {
            rules: Rules { exclusive_maximum: Some("0.5".to_owned()), ..rules() },
            filter: true,
            ..field("ratio", Type::Float64)
        },
        Field {
            rules: Rules { minimum: Some("0.10".to_owned()), ..rules() },
            default: Some(Default::Literal(Literal::Scalar("0.10".to_owned()))),
            filter: true,
            sort: true,
            ..field("price", Type::Decimal { precision: 10, scale: 2 })
        },
        Field { filter: true, ..field("token", Type::Uuid) },
        Field { filter: true, default: Some(Default::Today), ..field("day", Type::Date) },
        Field { filter: true, ..field("wait", Type::Duration) },
        Field { filter: true, ..optional(field("site", Type::Url)) },
        Field { rules: Rules { max_length: Some(1024), ..rules() }, ..field("raw", Type::Bytes) },
        optional(field("extra", Type::Json)),
        Field { write_only: true, ..field("secret", Type::String) },
        optional(field("cost", Type::Object(MONEY))),
        Field {
            rules: Rules { max_items: Some(10), unique_items: true, ..rules() },
            ..field("words", Type::List(Box::new(Type::String)))
        },
        field("states", Type::List(Box::new(Type::Enum(STATUS)))),
        field("stock", Type::Map(Box::new(Type::Int64))),
        field("places", Type::Map(Box::new(Type::Object(ADDRESS)))),
        Field { example: Some(Literal::Scalar("no".to_owned())), ..optional(field("answer", Type::String)) },
    ];
    resource(SAMPLE, "Sample", "Samples", Id::Uuid, fields, Vec::new())
}

fn profile() -> Resource {
    let kind = RelationKind::BelongsTo { field: 2, on_delete: OnDelete::Cascade };
    let fields = vec![optional(field("bio", Type::String))];
    let mut profile = resource(PROFILE, "Profile", "Profiles", Id::Int64, fields, vec![relation("user", USER, kind)]);
    let user_id = Field { origin: Origin::Relation(0), unique: true, ..optional(field("user_id", Type::Id(USER))) };
    profile.fields.insert(2, user_id);
    profile.operations = Operations { get: true, ..Operations::default() };
    profile
}

fn country() -> Resource {
    let id = Id::Text { pattern: Some("^[a-z]{2}$".to_owned()) };
    let mut country = resource(COUNTRY, "Country", "Countries", id, Vec::new(), Vec::new());
    country.fields.truncate(1);
    country
}

pub fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.to_owned(),
        camel: name.to_lower_camel_case(),
        origin: Origin::Declared,
        description: None,
        example: None,
        ty,
        required: true,
        default: None,
        set_by: SetBy::Caller,
        write_only: false,
        internal: false,
        unique: false,
        index: false,
        filter: false,
        sort: false,
        sensitive: false,
        deprecated: None,
        rules: Rules::default(),
        aggregate: None,
        computed: false,
        access: std::default::Default::default(),
        from_principal: false,
    }
}

pub fn optional(field: Field) -> Field {
    Field { required: false, ..field }
}

pub fn relation(name: &str, target: ResourceId, kind: RelationKind) -> Relation {
    let camel = name.to_lower_camel_case();
    Relation {
        name: name.to_owned(),
        camel,
        description: None,
        deprecated: None,
        target,
        nested: false,
        access: std::default::Default::default(),
        kind,
    }
}

fn resource(
    place: ResourceId,
    name: &str,
    plural: &str,
    id: Id,
    fields: Vec<Field>,
    relations: Vec<Relation>,
) -> Resource {
    let set_by = if matches!(id, Id::Text { .. }) { SetBy::CallerOnCreate } else { SetBy::Server };
    let id_field = Field { origin: Origin::Id, set_by, unique: true, ..field("id", Type::Id(place)) };
    let timestamp = |name| Field { origin: Origin::Timestamp, set_by: SetBy::Server, ..field(name, Type::Timestamp) };
    let stamps = [timestamp("created_at"), timestamp("updated_at")];
    Resource {
        names: names(name, plural),
        deprecated: None,
        deprecated_operations: Vec::new(),
        unique: Vec::new(),
        checks: Vec::new(),
        indexes: Vec::new(),
        description: None,
        id,
        fields: [id_field].into_iter().chain(fields).chain(stamps).collect(),
        relations,
        operations: ALL,
        list: List { sort: Vec::new(), page_size: 50, max_page_size: 1000, total: false, offset: false },
        actions: Vec::new(),
        events: Vec::new(),
        errors: Vec::new(),
        search: Vec::new(),
        soft_delete: false,
        batch: None,
        require: std::default::Default::default(),
        policy: std::default::Default::default(),
        limit: None,
    }
}

fn names(name: &str, plural: &str) -> ResourceNames {
    ResourceNames {
        pascal: name.to_owned(),
        pascal_plural: plural.to_owned(),
        snake: name.to_snake_case(),
        snake_plural: plural.to_snake_case(),
        camel: name.to_lower_camel_case(),
        camel_plural: plural.to_lower_camel_case(),
        path: plural.to_snake_case().replace('_', "-"),
        module: name.to_snake_case(),
        constant: name.to_shouty_snake_case(),
    }
}
