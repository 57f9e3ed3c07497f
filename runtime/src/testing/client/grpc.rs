//! gRPC, as a client speaks it: messages are made of the server's descriptor set, in proto's own JSON. They travel as
//! gRPC-Web, in HTTP/1.1, which is the same service in another frame.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value as Json, json};
use ureq::http::{HeaderMap, Method};

use super::{Answer, Ask, Client, Failure};
use crate::{
    descriptor::{Api, Resource},
    grpc::Refusal,
    value::SignedDuration,
};

const GRPC_WEB: (&str, &str) = ("content-type", "application/grpc-web+proto");

pub(super) fn ask(client: &Client, resource: &'static Resource, ask: Ask<'_>) -> Answer {
    let Resource { name, plural, snake, snake_plural, .. } = *resource;
    let shown = |answer: Json| json_of(&answer, snake);
    let call = |method: String, request: Json| call(client, resource, &method, &request);
    match ask {
        Ask::Create(input) => call(format!("Create{name}"), json!({ snake: input })).map(shown),
        Ask::Get(id) => call(format!("Get{name}"), json!({ "id": id })).map(shown),
        Ask::List => call(format!("List{plural}"), json!({})).map(|answer| json_of(&answer, snake_plural)),
        Ask::Update { id, etag, input } => {
            let mut row = input.clone();
            row["id"] = id.into();
            let mask: Vec<_> = input.as_object().into_iter().flatten().map(|(name, _)| camel(name)).collect();
            let request = json!({ snake: row, "update_mask": mask.join(","), "etag": etag });
            call(format!("Update{name}"), request).map(shown)
        }
        Ask::Delete { id, etag } => {
            call(format!("Delete{name}"), json!({ "id": id, "etag": etag })).map(|_| Json::Null)
        }
    }
}

/// A row of REST's as the protocol's JSON has it.
pub(super) fn spelled(api: &Api, resource: &Resource, row: &Json) -> Json {
    let message = pool(api).get_message_by_name(&format!("{}.{}", api.package, resource.name));
    shown(&read(message.expect("a resource has a message"), row))
}

fn call(client: &Client, resource: &Resource, method: &str, request: &Json) -> Answer {
    let service = format!("{}.{}Service", client.api.package, resource.name);
    let found = pool(client.api).get_service_by_name(&service).expect("a resource has a service");
    let found =
        found.methods().find(|each| each.name() == method).unwrap_or_else(|| panic!("{service} has no {method}"));
    let request = read(found.input(), request).encode_to_vec();
    let body = [&[0][..], &(request.len() as u32).to_be_bytes(), &request].concat();
    let answer = client.send(Method::POST, &format!("/{service}/{method}"), &[GRPC_WEB], Some(body));
    let frames = frames(answer.body());
    // Without a message, the status may stand in the head.
    match frames.iter().find_map(|(flags, frame)| (*flags == 0).then_some(frame)) {
        Some(message) => Ok(shown(&DynamicMessage::decode(found.output(), *message).expect("the contract's message"))),
        None => Err(failure(answer.headers(), &frames)),
    }
}

/// Flags and content: 0 is a message, 128 are trailers.
fn frames(mut body: &[u8]) -> Vec<(u8, &[u8])> {
    let mut frames = Vec::new();
    while let Some((head, rest)) = body.split_first_chunk::<5>() {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        frames.push((head[0], &rest[..length]));
        body = &rest[length..];
    }
    frames
}

fn failure(head: &HeaderMap, frames: &[(u8, &[u8])]) -> Failure {
    const DETAILS: &str = "grpc-status-details-bin";
    let trailers: String = frames.iter().map(|(_, frame)| String::from_utf8_lossy(frame)).collect();
    let in_trailers = trailers.lines().find_map(|line| line.strip_prefix(DETAILS)?.strip_prefix(':'));
    let details = in_trailers.or_else(|| head.get(DETAILS)?.to_str().ok());
    let details = details.unwrap_or_else(|| panic!("no status with details: {head:?} {trailers}"));
    let details = STANDARD_NO_PAD.decode(details.trim().trim_end_matches('=')).expect("base64");
    let Refusal { reason, message, fields } = Refusal::read(&details).expect("a google.rpc.Status with an ErrorInfo");
    Failure { code: reason, fields, told: message }
}

/// The descriptors of the contract. Reading them takes little beside a request.
fn pool(api: &Api) -> DescriptorPool {
    DescriptorPool::decode(api.descriptor_set).expect("the server has started with it")
}

fn read(message: MessageDescriptor, json: &Json) -> DynamicMessage {
    let json = members(&message, json);
    DynamicMessage::deserialize(message, &json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// What isn't told apart is left out, and the row's version with it.
fn shown(message: &DynamicMessage) -> Json {
    without_etag(serde_json::to_value(message).expect("a message has a JSON form"))
}

fn without_etag(mut json: Json) -> Json {
    match &mut json {
        Json::Object(members) => {
            members.remove("etag");
            members.values_mut().for_each(|value| *value = without_etag(value.take()));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| *item = without_etag(item.take())),
        _ => {}
    }
    json
}

/// A member of an answer by its name in the proto file. An empty list isn't written.
fn json_of(answer: &Json, name: &str) -> Json {
    answer.get(camel(name)).cloned().unwrap_or_else(|| json!([]))
}

/// protobuf's own rule for names in JSON.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// REST's spelling of a message → proto's. Null is absent.
fn members(message: &MessageDescriptor, json: &Json) -> Json {
    let Json::Object(members) = json else { return json.clone() };
    let member = |(name, json): (&String, &Json)| match message.get_field_by_name(name) {
        Some(field) => (name.clone(), field_value(&field, json)),
        None => panic!("{} has no field {name}", message.name()),
    };
    members.iter().filter(|(_, json)| !json.is_null()).map(member).collect::<Map<_, _>>().into()
}

fn field_value(field: &FieldDescriptor, json: &Json) -> Json {
    match (field.kind(), json) {
        (Kind::Message(entry), Json::Object(entries)) if field.is_map() => {
            let value = entry.map_entry_value_field();
            entries.iter().map(|(key, json)| (key.clone(), one_value(&value, json))).collect::<Map<_, _>>().into()
        }
        (_, Json::Array(items)) if field.is_list() => items.iter().map(|item| one_value(field, item)).collect(),
        _ => one_value(field, json),
    }
}

fn one_value(field: &FieldDescriptor, json: &Json) -> Json {
    match (field.kind(), json.as_str()) {
        (Kind::Enum(of), Some(value)) => enum_value(&of, value),
        (Kind::Message(message), Some(text)) if message.full_name() == "google.protobuf.Duration" => {
            let span: SignedDuration = text.parse().expect("durations are ISO 8601");
            json!(format!("{}s", span.as_secs_f64()))
        }
        (Kind::Message(message), _) if !message.full_name().starts_with("google.") => members(&message, json),
        _ => json.clone(),
    }
}

/// `pending` → `ORDER_STATUS_PENDING`
fn enum_value(of: &EnumDescriptor, value: &str) -> Json {
    let ending = format!("_{}", value.to_uppercase());
    let name = of.values().find(|each| {
        let zero = of.get_value(0).expect("there is a zero");
        each.name() == zero.name().trim_end_matches("_UNSPECIFIED").to_owned() + &ending
    });
    json!(name.unwrap_or_else(|| panic!("{} has no value {value}", of.name())).name())
}
