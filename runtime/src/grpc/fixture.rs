//! A small api with every type of the language, its `.proto` file, and a service on a store that isn't there.

use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};

use super::numbers::{Contract, MessageId, Numbers};
use crate::{
    cursor::CursorKey,
    descriptor::{Api, Direction, Enum, Field, Id, List, Migration, Object, Operations, Resource, Sort, Type},
    error::{ApiError, Violation},
    principal::Principal,
    service::{Call, Computed, Draft, Input, Service, Write},
    store::{
        Store,
        sqlite::{self, SqliteStore},
    },
    value::{Record, Value},
};

pub(super) static COLOR: Enum = Enum { name: "Color", values: &["red", "dark_blue"] };

pub(super) static PART: Object = Object {
    name: "Part",
    fields: &[
        Field::new("label", "label", Type::String),
        Field::new("weight", "weight", Type::Decimal { precision: 6, scale: 2 }).optional(),
        Field::new("color", "color", Type::Enum(&COLOR)).optional(),
        Field::new("parts", "parts", Type::List(&Type::Object(&PART))),
        Field::new("serial", "serial", Type::Int64).optional().read_only(),
    ],
};

pub(super) static SAMPLE: Resource = Resource {
    name: "Sample",
    plural: "Samples",
    snake: "sample",
    snake_plural: "samples",
    camel: "sample",
    camel_plural: "samples",
    path: "samples",
    table: "samples",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Prefixed("smp"))).read_only().sort(),
        Field::new("name", "name", Type::String).sort(),
        Field::new("flag", "flag", Type::Bool),
        Field::new("small", "small", Type::Int32).default_text("7"),
        Field::new("large", "large", Type::Int64).optional(),
        Field::new("ratio", "ratio", Type::Float64).optional(),
        Field::new("price", "price", Type::Decimal { precision: 8, scale: 2 }).optional(),
        Field::new("token", "token", Type::Uuid).optional(),
        Field::new("taken_at", "takenAt", Type::Timestamp).optional().sort(),
        Field::new("day", "day", Type::Date).optional(),
        Field::new("lasts", "lasts", Type::Duration).optional(),
        Field::new("email", "email", Type::Email).optional(),
        Field::new("site", "site", Type::Url).optional(),
        Field::new("raw", "raw", Type::Bytes).optional(),
        Field::new("extra", "extra", Type::Json).optional(),
        Field::new("secret", "secret", Type::Password).optional().write_only(),
        Field::new("color", "color", Type::Enum(&COLOR)).optional(),
        Field::new("part", "part", Type::Object(&PART)).optional(),
        Field::new("owner_id", "ownerId", Type::Id(Id::Int64)).create_only(),
        Field::new("tags", "tags", Type::List(&Type::String)),
        Field::new("counts", "counts", Type::List(&Type::Int32)),
        Field::new("ratios", "ratios", Type::List(&Type::Float64)),
        Field::new("colors", "colors", Type::List(&Type::Enum(&COLOR))),
        Field::new("parts", "parts", Type::List(&Type::Object(&PART))),
        Field::new("limits", "limits", Type::Map(&Type::Int64)),
        Field::new("spares", "spares", Type::Map(&Type::Object(&PART))),
        Field::new("palette", "palette", Type::Map(&Type::Enum(&COLOR))),
        Field::new("cost", "cost", Type::Int32).internal().default_text("3"),
        Field::new("created_at", "createdAt", Type::Timestamp).read_only(),
    ],
    relations: &[],
    operations: Operations::DEFAULT,
    list: List {
        sort: &[Sort { field: "name", direction: Direction::Ascending }],
        page_size: 50,
        total: true,
        max_page_size: 1000,
        ..List::DEFAULT
    },
    ..Resource::BLANK
};

static RESOURCES: &[&Resource] = &[&SAMPLE];

/// Fields aren't numbered in the descriptors' order, so that nothing can pass by counting.
pub(super) const PROTO: &str = r#"
syntax = "proto3";
package lab.v1;
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";

service SampleService {
  rpc ListSamples(ListSamplesRequest) returns (ListSamplesResponse);
  rpc GetSample(GetSampleRequest) returns (GetSampleResponse);
  rpc CreateSample(CreateSampleRequest) returns (CreateSampleResponse);
  rpc UpdateSample(UpdateSampleRequest) returns (UpdateSampleResponse);
  rpc DeleteSample(DeleteSampleRequest) returns (DeleteSampleResponse);
}

enum Color {
  COLOR_UNSPECIFIED = 0;
  COLOR_RED = 5;
  COLOR_DARK_BLUE = 2;
}

message Part {
  optional string label = 4;
  optional string weight = 2;
  optional Color color = 3;
  repeated Part parts = 1;
  optional int64 serial = 5;
}

message Sample {
  string id = 1;
  optional string name = 300;
  optional bool flag = 3;
  optional int32 small = 4;
  optional int64 large = 5;
  optional double ratio = 6;
  optional string price = 7;
  optional string token = 8;
  google.protobuf.Timestamp taken_at = 9;
  optional string day = 10;
  google.protobuf.Duration lasts = 11;
  optional string email = 12;
  optional string site = 13;
  optional bytes raw = 14;
  google.protobuf.Value extra = 15;
  optional string secret = 16;
  optional Color color = 17;
  Part part = 18;
  optional int64 owner_id = 19;
  repeated string tags = 20;
  repeated int32 counts = 21;
  repeated double ratios = 22;
  repeated Color colors = 23;
  repeated Part parts = 24;
  map<string, int64> limits = 25;
  map<string, Part> spares = 26;
  map<string, Color> palette = 27;
  google.protobuf.Timestamp created_at = 28;
  string etag = 2;
}

message ListSamplesRequest {
  int32 page_size = 1;
  string page_token = 2;
  string filter = 3;
  string order_by = 4;
  bool include_total = 5;
  google.protobuf.FieldMask read_mask = 6;
}
message ListSamplesResponse {
  repeated Sample samples = 1;
  string next_page_token = 2;
  string previous_page_token = 3;
  int64 total_size = 4;
}
message GetSampleRequest { string id = 1; google.protobuf.FieldMask read_mask = 2; }
message GetSampleResponse { Sample sample = 1; }
message CreateSampleRequest { Sample sample = 1; }
message CreateSampleResponse { Sample sample = 1; }
message UpdateSampleRequest {
  Sample sample = 1;
  google.protobuf.FieldMask update_mask = 2;
  string etag = 3;
}
message UpdateSampleResponse { Sample sample = 1; }
message DeleteSampleRequest { string id = 1; string etag = 2; }
message DeleteSampleResponse {}
"#;

static MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_initial",
    sqlite: "CREATE TABLE samples (
        id BLOB PRIMARY KEY, version INTEGER NOT NULL DEFAULT 1, name TEXT NOT NULL, flag INTEGER NOT NULL,
        small INTEGER NOT NULL, large INTEGER, ratio REAL, price INTEGER, token BLOB, taken_at INTEGER, day TEXT,
        lasts INTEGER, email TEXT, site TEXT, raw BLOB, extra TEXT, secret TEXT, color TEXT, part TEXT,
        owner_id INTEGER NOT NULL, tags TEXT NOT NULL, counts TEXT NOT NULL, ratios TEXT NOT NULL,
        colors TEXT NOT NULL, parts TEXT NOT NULL, limits TEXT NOT NULL, spares TEXT NOT NULL,
        palette TEXT NOT NULL, cost INTEGER NOT NULL, created_at INTEGER NOT NULL
    ) STRICT;",
    postgres: "",
}];

struct OneFile(String);

impl protox::file::FileResolver for OneFile {
    fn open_file(&self, name: &str) -> Result<protox::file::File, protox::Error> {
        match name {
            "lab.proto" => protox::file::File::from_source(name, &self.0),
            other => protox::file::GoogleFileResolver::new().open_file(other),
        }
    }
}

/// The descriptor set of a `.proto` file.
pub(super) fn compile(proto: &str) -> Vec<u8> {
    let mut compiler = protox::Compiler::with_file_resolver(OneFile(proto.to_owned()));
    compiler.include_imports(true).open_file("lab.proto").expect("the fixture compiles");
    compiler.file_descriptor_set().encode_to_vec()
}

pub(super) fn api_of(proto: &str) -> &'static Api {
    Box::leak(Box::new(Api {
        name: "lab",
        version: "v1",
        title: "Lab",
        package: "lab.v1",
        resources: RESOURCES,
        descriptor_set: compile(proto).leak(),
        migrations: MIGRATIONS,
        ..Api::BLANK
    }))
}

pub(super) static API: LazyLock<&'static Api> = LazyLock::new(|| api_of(PROTO));

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(API.descriptor_set).expect("the fixture is a descriptor set"));

static NUMBERS: LazyLock<(Numbers, MessageId)> = LazyLock::new(|| {
    let mut contract = Contract::read(*API).expect("the descriptor set is read");
    let sample = contract.resource(&SAMPLE).expect("the fixture agrees with itself");
    (contract.finish(), sample)
});

pub(super) fn numbers() -> (&'static Numbers, MessageId) {
    (&NUMBERS.0, NUMBERS.1)
}

/// A message from its canonical JSON form.
pub(super) fn message(name: &str, json: serde_json::Value) -> Vec<u8> {
    let descriptor = POOL.get_message_by_name(&format!("lab.v1.{name}")).expect("a message of the fixture");
    DynamicMessage::deserialize(descriptor, json).expect("the JSON fits the message").encode_to_vec()
}

/// The canonical JSON form of a message.
pub(super) fn json(name: &str, bytes: &[u8]) -> serde_json::Value {
    let descriptor = POOL.get_message_by_name(&format!("lab.v1.{name}")).expect("a message of the fixture");
    let message = DynamicMessage::decode(descriptor, bytes).expect("the bytes are this message");
    assert_eq!(message.unknown_fields().count(), 0);
    serde_json::to_value(&message).expect("every message has a JSON form")
}

/// What an input brings, and what is wrong with it.
pub(super) fn decode(bytes: &[u8], mask: &[&str], write: Write) -> (Result<Draft, ApiError>, Vec<Violation>) {
    decode_with(None, bytes, mask, write)
}

/// What an update brings to a sample whose `part` is `stored`.
pub(super) fn decode_onto(stored: Value, bytes: &[u8], mask: &str) -> (Result<Draft, ApiError>, Vec<Violation>) {
    let mut values = vec![Value::Null; SAMPLE.fields.len()];
    values[SAMPLE.field_index("part").expect("a field of the fixture")] = stored;
    decode_with(Some(&Record::new(values, 1)), bytes, &[mask], Write::Update)
}

fn decode_with(
    current: Option<&Record>,
    bytes: &[u8],
    mask: &[&str],
    write: Write,
) -> (Result<Draft, ApiError>, Vec<Violation>) {
    let (numbers, sample) = numbers();
    let mask = mask.iter().map(|path| (*path).to_owned()).collect();
    let input = super::draft::ProtoInput { numbers, message: sample, bytes: bytes.into(), mask, nested: Vec::new() };
    let mut violations = Vec::new();
    assert_eq!(input.needs_current(&SAMPLE), current.is_some());
    (input.decode(&SAMPLE, write, current, &mut violations), violations)
}

pub(super) fn call() -> Call {
    Call {
        principal: Principal::Anonymous,
        request_id: "req-1".into(),
        deadline: Instant::now() + Duration::from_secs(10),
        computed: Computed::All,
        meter: None,
        notices: None,
    }
}

/// The service on a database of its own.
pub(super) async fn service() -> Arc<Service> {
    let store = SqliteStore::open("sqlite::memory:", sqlite::Options::default()).expect("a database in memory");
    store.migrate(API.migrations).await.expect("the migration runs");
    let key = CursorKey::new("a secret of the tests").expect("a secret that is long enough");
    Arc::new(Service::new(*API, Arc::new(store), key).expect("the fixture has no patterns"))
}
