//! Scenarios over gRPC: messages are made from the contract's descriptors, so nothing generated is trusted.

use std::{collections::HashMap, sync::Arc};

use bytes::{Buf, BufMut};
use futures_util::future::BoxFuture;
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, SerializeOptions,
    Value as Wire,
};
use serde_json::{Map, Value as Json, json};
use tonic::{
    Code, Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::Channel,
};

use super::{
    driver::{Driver, Failure, Operation, Outcome, Reply, Violation, argument, message},
    rest::text,
    scenario::{Act, Args, Batch, Import, Link, Protocol},
    shape::snake,
    transcript::error_row,
};

pub struct Grpc {
    pub channel: Channel,
    pub pool: DescriptorPool,
    /// `shop.v1`
    pub package: String,
    /// `OrderItems` by resource.
    pub plurals: Arc<HashMap<String, String>>,
    /// `Bearer …`
    pub authorization: Option<String>,
}

impl Driver for Grpc {
    fn protocol(&self) -> Protocol {
        Protocol::Grpc
    }

    fn run<'a>(&'a self, operation: &'a Operation) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match operation {
                Operation::Create(create) => {
                    let request = self.create(&create.resource, &create.input);
                    self.record("Create", &create.resource, request).await
                }
                Operation::Undelete(item) => {
                    let request = json!({ "id": self.id(&item.resource, &item.id) });
                    self.record("Undelete", &item.resource, request).await
                }
                Operation::Act(act) => self.act(act).await,
                Operation::Link(link) => self.link("Add", link).await,
                Operation::Unlink(link) => self.link("Remove", link).await,
                Operation::Patch(_) => panic!("gRPC has no JSON Patches: `only: [rest]`"),
                Operation::Batch(batch) => self.batch(batch).await,
                Operation::Import(import) => self.import(import).await,
                Operation::Replace(update) => {
                    let mut request = json!({
                        snake(&update.resource): self.resource(&update.resource, &update.input, Some(&update.id)),
                        "update_mask": "*",
                    });
                    if let Some(etag) = &update.etag {
                        request["etag"] = json!(etag);
                    }
                    self.record("Update", &update.resource, request).await
                }
                Operation::Get(item) => {
                    let mut request = json!({ "id": self.id(&item.resource, &item.id) });
                    masked(&mut request, item.fields.as_deref());
                    let mut reply = self.record("Get", &item.resource, request).await?;
                    trim(&mut reply.value, item.fields.as_deref());
                    Ok(reply)
                }
                Operation::Update(update) => {
                    let etag = update.etag.as_ref().map(|etag| json!(etag));
                    let request = self.update(&update.resource, &update.input, Some(&update.id), etag);
                    self.record("Update", &update.resource, request).await
                }
                Operation::Delete(item) => {
                    let mut request = json!({ "id": self.id(&item.resource, &item.id) });
                    if let Some(etag) = &item.etag {
                        request["etag"] = json!(etag);
                    }
                    let (method, input) =
                        (format!("Delete{}", item.resource), format!("Delete{}Request", item.resource));
                    self.call(&item.resource, &method, &input, request).await.map(|_| Reply::of(Json::Null))
                }
                Operation::List(list) => self.list(&list.resource, &list.args, None).await,
                Operation::Related(related) => {
                    let id = text(&related.id);
                    let id = match &related.inverse {
                        Some(inverse) => format!("{inverse}:\"{id}\""),
                        None => format!("{} = \"{id}\"", related.column),
                    };
                    self.list(&related.resource, &related.args, Some(id)).await
                }
            }
        })
    }
}

impl Grpc {
    fn message(&self, name: &str) -> MessageDescriptor {
        let name = format!("{}.{name}", self.package);
        self.pool.get_message_by_name(&name).unwrap_or_else(|| panic!("the contract has no message {name}"))
    }

    fn id(&self, resource: &str, id: &Json) -> Json {
        let field = self.message(resource).get_field_by_name("id").expect("a resource has an id");
        if field.kind() == Kind::String { json!(text(id)) } else { id.clone() }
    }

    /// A resource message in proto's JSON form. Null is absent.
    fn resource(&self, resource: &str, input: &Json, id: Option<&Json>) -> Json {
        let mut record = to_proto(&self.message(resource), input);
        if let Some(id) = id {
            record["id"] = self.id(resource, id);
        }
        record
    }

    /// A create request: what isn't a field of the resource but one of the request stands beside it.
    fn create(&self, resource: &str, input: &Json) -> Json {
        let (own, request) = (self.message(resource), self.message(&format!("Create{resource}Request")));
        let beside = |name: &String| own.get_field_by_name(name).is_none() && request.get_field_by_name(name).is_some();
        let members = input.as_object().cloned().unwrap_or_default().into_iter();
        let (nested, fields): (Map<_, _>, Map<_, _>) = members.partition(|(name, _)| beside(name));
        let mut message = to_proto(&request, &nested.into());
        message[snake(resource)] = self.resource(resource, &fields.into(), None);
        message
    }

    /// An update request: all that is sent is set.
    fn update(&self, resource: &str, input: &Json, id: Option<&Json>, etag: Option<Json>) -> Json {
        let paths = input.as_object().expect("an input is an object").keys();
        let mask = paths.map(|path| lower_camel_mask(path)).collect::<Vec<_>>().join(",");
        let mut request = json!({ snake(resource): self.resource(resource, input, id), "update_mask": mask });
        if let Some(etag) = etag {
            request["etag"] = etag;
        }
        request
    }

    async fn batch(&self, batch: &Batch) -> Outcome {
        let plural = &self.plurals[&batch.resource];
        let method = format!("BatchWrite{plural}");
        let operations: Vec<Json> = batch.operations.iter().map(|each| self.step(&batch.resource, each)).collect();
        let request = json!({ "operations": operations, "return_partial_success": batch.atomic == Some(false) });
        let answer = self.call(&batch.resource, &method, &format!("{method}Request"), request).await?;
        Ok(Reply::of(json!({ "results": self.results(&batch.resource, &answer, "results") })))
    }

    /// One operation of a batch, which in REST has the row's members beside its id.
    fn step(&self, resource: &str, operation: &Json) -> Json {
        let member = |(verb, value): (&String, &Json)| {
            let mut members = value.as_object().cloned().unwrap_or_default();
            let (id, etag) = (members.remove("id"), members.remove("etag"));
            let request = match verb.as_str() {
                "create" => self.create(resource, value),
                "update" => self.update(resource, &members.into(), id.as_ref(), etag),
                "delete" => {
                    let id = id.map(|id| self.id(resource, &id));
                    let given = [("id", id), ("etag", etag)].into_iter();
                    given.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
                }
                other => panic!("a batch has no {other}"),
            };
            (verb.clone(), request)
        };
        operation.as_object().into_iter().flatten().map(member).collect::<Map<_, _>>().into()
    }

    /// What became of the writes of one request, those of a stream by their positions.
    fn results(&self, resource: &str, answer: &DynamicMessage, field: &str) -> Vec<Json> {
        let results = answer.get_field_by_name(field).expect("an answer has results");
        let result = |result: &Wire| {
            let result = result.as_message().expect("a result");
            let plain = from_proto(result);
            let position = match field {
                "results" => json!({}),
                _ => json!({ "index": plain["index"] }),
            };
            let mut members = position.as_object().expect("an object").clone();
            let row = result.get_field_by_name(&snake(resource)).filter(|_| plain.get(snake(resource)).is_some());
            if let Some(Wire::Message(row)) = row.as_deref() {
                let Reply { value, etag } = self.reply(row);
                members.extend([("row".to_owned(), value), ("etag".to_owned(), json!(etag))]);
            } else if plain["code"] == 0 {
                members.insert("deleted".to_owned(), plain["deleted_id"].clone());
            } else {
                let violation = |each: &Json| Violation {
                    at: argument(each["field"].as_str().expect("a place")),
                    code: None,
                    message: each["description"].as_str().expect("a description").to_owned(),
                };
                let code = plain["reason"].as_str().expect("a reason").to_owned();
                assert_eq!(plain["code"], error_row(&code).grpc);
                let violations = plain["violations"].as_array().expect("violations").iter().map(violation).collect();
                let message = plain["message"].as_str().map(str::to_owned);
                members.insert("error".to_owned(), Failure { code, message, violations }.of_one());
            }
            members.into()
        };
        results.as_list().expect("results are a list").iter().map(result).collect()
    }

    async fn import(&self, import: &Import) -> Outcome {
        let Import { resource, rows } = import;
        let method = format!("Import{}", self.plurals[resource]);
        let message = self.message(&format!("{method}Request"));
        let requests = rows.iter().map(|row| {
            let request = json!({ snake(resource): self.resource(resource, row, None) });
            DynamicMessage::deserialize(message.clone(), &request).expect("a row that the contract can say")
        });
        let requests = futures_util::stream::iter(requests.collect::<Vec<_>>());
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await.expect("a connection");
        let path = format!("/{}.{resource}Service/{method}", self.package).parse().expect("a path");
        let codec = Dynamic(self.message(&format!("{method}Response")));
        match client.client_streaming(self.request(requests), path, codec).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                let created = answer.get_field_by_name("created").and_then(|created| created.as_i64());
                Ok(Reply::of(json!({ "created": created, "failures": self.results(resource, &answer, "failures") })))
            }
            Err(status) => Err(failure(&status)),
        }
    }

    async fn act(&self, act: &Act) -> Outcome {
        let verb = heck::ToUpperCamelCase::to_upper_camel_case(&*act.action);
        let owner = if act.id.is_null() { &self.plurals[&act.resource] } else { &act.resource };
        let method = format!("{verb}{owner}");
        let input = format!("{method}Request");
        let mut request = to_proto(&self.message(&input), act.input.as_ref().unwrap_or(&json!({})));
        if !act.id.is_null() {
            request["id"] = self.id(&act.resource, &act.id);
        }
        if let Some(etag) = &act.etag {
            request["etag"] = json!(etag);
        }
        let answer = self.call(&act.resource, &method, &input, request).await?;
        let Some(field) = answer.descriptor().fields().next() else { return Ok(Reply::of(Json::Null)) };
        if answer.descriptor().fields().len() > 1 {
            return Ok(Reply::of(from_proto(&answer)));
        }
        let row = matches!(field.kind(), Kind::Message(message) if message.get_field_by_name("etag").is_some());
        let shown = answer.get_field(&field);
        Ok(match shown.as_ref() {
            Wire::Message(record) if row => self.reply(record),
            Wire::List(items) if row => {
                let rows = items.iter().map(|item| self.reply(item.as_message().expect("a resource")).value);
                Reply::of(rows.collect())
            }
            _ => Reply::of(from_proto(&answer)[field.name()].take()),
        })
    }

    async fn link(&self, verb: &str, link: &Link) -> Outcome {
        let relation = heck::ToUpperCamelCase::to_upper_camel_case(&*link.relation);
        let method = format!("{verb}{}{relation}", link.resource);
        let ids: Vec<Json> = link.ids.iter().map(|id| self.id(&link.target, id)).collect();
        let id = self.id(&link.resource, &link.id);
        let request = json!({ "id": id, format!("{}_ids", snake(&link.target)): ids });
        self.call(&link.resource, &method, &format!("{method}Request"), request).await.map(|_| Reply::of(Json::Null))
    }

    async fn record(&self, verb: &str, resource: &str, request: Json) -> Outcome {
        let method = format!("{verb}{resource}");
        let answer = self.call(resource, &method, &format!("{method}Request"), request).await?;
        let field = answer.get_field_by_name(&snake(resource)).expect("an answer has its resource");
        let Wire::Message(record) = field.as_ref() else { panic!("a resource is a message") };
        Ok(self.reply(record))
    }

    fn reply(&self, record: &DynamicMessage) -> Reply {
        let mut value = from_proto(record);
        let etag = value["etag"].as_str().expect("a record has an etag").to_owned();
        value.as_object_mut().expect("a record").remove("etag");
        Reply { value, etag: Some(etag) }
    }

    async fn list(&self, resource: &str, args: &Args, parent: Option<String>) -> Outcome {
        let plural = &self.plurals[resource];
        let (method, input) = (format!("List{plural}"), format!("List{plural}Request"));
        let filter = parent.into_iter().chain(args.conditions.iter().map(aip160)).chain(args.filter.clone());
        let filter = filter.collect::<Vec<_>>();
        let filter = if filter.len() == 1 {
            filter[0].clone()
        } else {
            filter.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(" AND ")
        };
        let mut request = json!({ "page_token": args.cursor.clone().unwrap_or_default(), "filter": filter });
        if let Some(limit) = args.limit {
            request["page_size"] = json!(limit);
        }
        if let Some(sort) = &args.sort {
            request["order_by"] = json!(order_by(sort));
        }
        if args.total {
            request["include_total"] = json!(true);
        }
        masked(&mut request, args.fields.as_deref());
        if let Some(words) = &args.q {
            request["q"] = json!(words);
        }
        if let Some(rows) = args.skip() {
            request["skip"] = json!(rows);
        }
        let answer = self.call(resource, &method, &input, request).await?;
        let items = answer.get_field_by_name(&snake(plural)).expect("a list has its items");
        let items = items.as_list().expect("items are a list").iter();
        let mut data: Vec<Json> = items.map(|item| self.reply(item.as_message().expect("a resource")).value).collect();
        data.iter_mut().for_each(|row| trim(row, args.fields.as_deref()));
        let token = |name: &str| {
            let field = answer.get_field_by_name(name).expect("a list has tokens");
            field.as_str().filter(|token| !token.is_empty()).map_or(Json::Null, |token| json!(token))
        };
        let next = token("next_page_token");
        let mut value =
            json!({ "data": data, "has_more": !next.is_null(), "next": next, "prev": token("previous_page_token") });
        if args.total {
            value["total"] = json!(answer.get_field_by_name("total_size").and_then(|size| size.as_i64()));
        }
        Ok(Reply::of(value))
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.parse().expect("a header's value"));
        }
        request
    }

    async fn call(&self, resource: &str, method: &str, input: &str, request: Json) -> Result<DynamicMessage, Failure> {
        let path = format!("/{}.{resource}Service/{method}", self.package);
        let message = DynamicMessage::deserialize(self.message(input), &request)
            .unwrap_or_else(|error| panic!("{input} can't say {request}: {error}"));
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await.expect("a connection");
        let codec = Dynamic(self.message(&format!("{method}Response")));
        let path = path.parse().expect("a path");
        match client.unary(self.request(message), path, codec).await {
            Ok(answer) => Ok(answer.into_inner()),
            Err(status) => Err(failure(&status)),
        }
    }
}

/// REST's spelling → proto's JSON form, by descriptor. What isn't a field is left for the encoder to refuse.
fn to_proto(message: &MessageDescriptor, value: &Json) -> Json {
    let Json::Object(members) = value else { return value.clone() };
    let member = |(name, value): (&String, &Json)| match message.get_field_by_name(name) {
        Some(field) => (name.clone(), to_proto_field(&field, value)),
        None => (name.clone(), value.clone()),
    };
    members.iter().filter(|(_, value)| !value.is_null()).map(member).collect::<Map<_, _>>().into()
}

fn to_proto_field(field: &FieldDescriptor, value: &Json) -> Json {
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { unreachable!("a map field is of its entries") };
        let entries = value.as_object().expect("a map is an object").iter();
        return entries
            .map(|(key, value)| (key.clone(), to_proto_value(&entry.map_entry_value_field(), value)))
            .collect::<Map<_, _>>()
            .into();
    }
    match value {
        Json::Array(items) if field.is_list() => items.iter().map(|item| to_proto_value(field, item)).collect(),
        value => to_proto_value(field, value),
    }
}

fn to_proto_value(field: &FieldDescriptor, value: &Json) -> Json {
    match field.kind() {
        Kind::Enum(each) => {
            let name = format!("{}{}", enum_prefix(&each), text(value).to_uppercase());
            // A name that doesn't exist can only be said as a number that doesn't.
            each.get_value_by_name(&name).map_or(json!(9_999), |value| json!(value.name()))
        }
        Kind::Message(message) if message.full_name() == "google.protobuf.Duration" => {
            let span: jiff::SignedDuration = text(value).parse().expect("scenarios' durations are ISO 8601");
            json!(format!("{}s", span.as_secs_f64()))
        }
        Kind::Message(message) if !message.full_name().starts_with("google.") => to_proto(&message, value),
        _ => value.clone(),
    }
}

fn enum_prefix(each: &prost_reflect::EnumDescriptor) -> String {
    let zero = each.get_value(0).expect("a zero").name().to_owned();
    zero.trim_end_matches("UNSPECIFIED").to_owned()
}

/// A message in REST's spelling. Lists and maps are there, empty or not; scalars only if present.
fn from_proto(message: &DynamicMessage) -> Json {
    let mut members = Map::new();
    for field in message.descriptor().fields() {
        if field.is_list() || field.is_map() || !field.supports_presence() || message.has_field(&field) {
            members.insert(field.name().to_owned(), from_wire(&field, &message.get_field(&field)));
        }
    }
    members.into()
}

fn from_wire(field: &FieldDescriptor, value: &Wire) -> Json {
    match value {
        Wire::Bool(value) => json!(value),
        Wire::I32(value) => json!(value),
        Wire::I64(value) => json!(value),
        Wire::F64(value) => json!(value),
        Wire::String(text) => json!(text),
        Wire::Bytes(bytes) => json!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)),
        Wire::EnumNumber(number) => {
            let Kind::Enum(each) = field.kind() else { unreachable!("an enum number is of an enum") };
            let value = each.get_value(*number).unwrap_or_else(|| panic!("{} has no value {number}", each.full_name()));
            json!(value.name().trim_start_matches(&enum_prefix(&each)).to_lowercase())
        }
        Wire::List(items) => items.iter().map(|item| from_wire(field, item)).collect(),
        Wire::Map(entries) => {
            let Kind::Message(entry) = field.kind() else { unreachable!("a map field is of its entries") };
            let value_field = entry.map_entry_value_field();
            let shown = entries
                .iter()
                .map(|(key, value)| (key.as_str().expect("keys are text").to_owned(), from_wire(&value_field, value)));
            shown.collect::<Map<_, _>>().into()
        }
        Wire::Message(message) => from_message(message),
        other => panic!("no type of the language is {other:?}"),
    }
}

fn from_message(message: &DynamicMessage) -> Json {
    match message.descriptor().full_name() {
        "google.protobuf.Timestamp" => {
            let seconds = message.get_field_by_name("seconds").and_then(|value| value.as_i64()).expect("seconds");
            let nanos = message.get_field_by_name("nanos").and_then(|value| value.as_i32()).expect("nanos");
            let time = jiff::Timestamp::new(seconds, nanos).expect("a time");
            json!(format!("{time:.6}"))
        }
        "google.protobuf.Duration" => {
            let seconds = message.get_field_by_name("seconds").and_then(|value| value.as_i64()).expect("seconds");
            let nanos = message.get_field_by_name("nanos").and_then(|value| value.as_i32()).expect("nanos");
            json!(jiff::SignedDuration::new(seconds, nanos).to_string())
        }
        name if name.starts_with("google.") => {
            message.serialize_with_options(serde_json::value::Serializer, &SerializeOptions::new()).expect("JSON")
        }
        _ => from_proto(message),
    }
}

/// `-price,name` → `price desc, name`
fn order_by(sort: &str) -> String {
    let key = |key: &str| key.strip_prefix('-').map_or_else(|| key.to_owned(), |field| format!("{field} desc"));
    sort.split(',').map(key).collect::<Vec<_>>().join(", ")
}

/// `{status: {in: [a, b]}}` → `(status = "a" OR status = "b")`
pub fn aip160(conditions: &Json) -> String {
    let mut parts = Vec::new();
    let each = |conditions: &Json, word: &str| {
        let each = conditions.as_array().expect("a list of conditions").iter();
        format!("({})", each.map(|one| format!("({})", aip160(one))).collect::<Vec<_>>().join(word))
    };
    for (field, tests) in conditions.as_object().expect("fields") {
        match field.as_str() {
            "and" => parts.push(each(tests, " AND ")),
            "or" => parts.push(each(tests, " OR ")),
            "not" => parts.push(format!("NOT ({})", aip160(tests))),
            _ => {}
        }
        if matches!(field.as_str(), "and" | "or" | "not") {
            continue;
        }
        for (operator, value) in tests.as_object().expect("operators") {
            let quoted = |value: &Json| json!(text(value)).to_string();
            parts.push(match operator.as_str() {
                "eq" => format!("{field} = {}", quoted(value)),
                "ne" => format!("{field} != {}", quoted(value)),
                "lt" => format!("{field} < {}", quoted(value)),
                "lte" => format!("{field} <= {}", quoted(value)),
                "gt" => format!("{field} > {}", quoted(value)),
                "gte" => format!("{field} >= {}", quoted(value)),
                "contains" => format!("{field} = \"*{}*\"", text(value)),
                "starts_with" => format!("{field} = \"{}*\"", text(value)),
                "ends_with" => format!("{field} = \"*{}\"", text(value)),
                "is_null" if value == true => format!("NOT {field}:*"),
                "is_null" => format!("{field}:*"),
                "in" => {
                    let each = value
                        .as_array()
                        .expect("in takes a list")
                        .iter()
                        .map(|value| format!("{field} = {}", quoted(value)));
                    format!("({})", each.collect::<Vec<_>>().join(" OR "))
                }
                other => panic!("no operator {other}"),
            });
        }
    }
    parts.join(" AND ")
}

/// Asks for these fields alone.
fn masked(request: &mut Json, fields: Option<&str>) {
    if let Some(fields) = fields {
        request["read_mask"] = fields
            .split(',')
            .map(|path| path.split('.').map(lower_camel_mask).collect::<Vec<_>>().join("."))
            .collect::<Vec<_>>()
            .join(",")
            .into();
    }
}

/// Takes out what is empty, and wasn't asked for: protobuf has no other way of leaving it out.
fn trim(row: &mut Json, fields: Option<&str>) {
    let Some(fields) = fields else { return };
    let asked = |name: &str| fields.split(',').any(|path| path.split('.').next() == Some(name));
    let empty =
        |value: &Json| [json!(""), json!("unspecified"), json!(0), json!(false), json!([]), json!({})].contains(value);
    row.as_object_mut().expect("a row").retain(|name, value| asked(name) || !empty(value));
}

/// A field mask's JSON form is lowerCamelCase.
fn lower_camel_mask(path: &str) -> String {
    super::shape::camel(path)
}

/// Messages of a type that is known at run time only.
#[derive(Debug, Clone)]
struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Dynamic;
    type Decoder = Dynamic;

    fn encoder(&mut self) -> Dynamic {
        self.clone()
    }

    fn decoder(&mut self) -> Dynamic {
        self.clone()
    }
}

impl Encoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item.encode_to_vec());
        Ok(())
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        DynamicMessage::decode(self.0.clone(), bytes).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}

/// `google.rpc.Status`, as far as a client reads it.
#[derive(Clone, PartialEq, prost::Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    field_violations: Vec<FieldViolation>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct FieldViolation {
    #[prost(string, tag = "1")]
    field: String,
    #[prost(string, tag = "2")]
    description: String,
    #[prost(string, tag = "3")]
    reason: String,
}

pub fn failure(status: &Status) -> Failure {
    let details = RpcStatus::decode(status.details()).expect("details are a google.rpc.Status");
    assert_eq!((Code::from(details.code), &*details.message), (status.code(), status.message()));
    let info: ErrorInfo = detail(&details, "google.rpc.ErrorInfo").expect("every error has an ErrorInfo");
    let row = error_row(&info.reason);
    assert_eq!(status.code(), Code::from(row.grpc), "{status:?}");
    let violations = detail::<BadRequest>(&details, "google.rpc.BadRequest").unwrap_or_default().field_violations;
    let violation = |violation: FieldViolation| Violation {
        at: argument(&violation.field),
        code: Some(violation.reason),
        message: violation.description,
    };
    Failure {
        code: info.reason,
        message: Some(message(status.message())),
        violations: violations.into_iter().map(violation).collect(),
    }
}

fn detail<M: Message + Default>(status: &RpcStatus, name: &str) -> Option<M> {
    let of_type: Vec<_> = status.details.iter().filter(|any| any.type_url.ends_with(&format!("/{name}"))).collect();
    assert!(of_type.len() <= 1, "each kind of detail at most once (AIP-193)");
    of_type.first().map(|any| M::decode(&*any.value).expect("a readable detail"))
}
