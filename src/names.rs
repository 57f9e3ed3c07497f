//! Every case, plural and reserved word. Nobody else changes the spelling of a name.

use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToTitleCase, ToUpperCamelCase};

use crate::model::{EnumValue, ResourceNames, prose};

/// `unit_price`, `OrderItem` → `unitPrice`, `orderItem`.
pub fn camel(name: &str) -> String {
    name.to_lower_camel_case()
}

/// `order_item` → `OrderItem`.
pub fn pascal(name: &str) -> String {
    if is_plainly_pascal(name) { name.to_owned() } else { name.to_upper_camel_case() }
}

/// `OrderItem` → `order_item`.
pub fn snake(name: &str) -> String {
    if is_snake(name) { name.to_owned() } else { name.to_snake_case() }
}

/// Whether a name is of words that begin with a capital and go on without, as almost all are that are asked for in
/// UpperCamelCase.
fn is_plainly_pascal(name: &str) -> bool {
    let begins = |pair: &[u8]| !pair[0].is_ascii_uppercase() || pair[1].is_ascii_lowercase();
    is_pascal(name) && name.as_bytes().windows(2).all(begins) && !name.ends_with(|last: char| last.is_ascii_uppercase())
}

/// `order_items` → `order-items`.
pub fn kebab(name: &str) -> String {
    name.to_kebab_case()
}

/// `OrderItem`, `placed_at` → `ORDER_ITEM`, `PLACED_AT`: constants in Rust, enum values in GraphQL and protobuf.
pub fn constant(name: &str) -> String {
    name.to_shouty_snake_case()
}

/// `order_book` → `Order Book`.
pub fn title(name: &str) -> String {
    name.to_title_case()
}

/// Whether a name is UpperCamelCase; acronyms may be written in capitals (`HTTPServer`).
pub fn is_pascal(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(|char| char.is_ascii_alphanumeric())
}

/// Whether a name is snake_case: words of `a-z0-9` joined by single underscores, beginning with a letter.
pub fn is_snake(name: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(word)
}

/// Whether a name is UPPER_SNAKE_CASE: `OUT_OF_STOCK`.
pub fn is_constant(name: &str) -> bool {
    is_snake(&name.to_ascii_lowercase()) && name == name.to_ascii_uppercase() && name.len() > 2
}

/// Whether a name is kebab-case, as a segment of a path.
pub fn is_kebab(name: &str) -> bool {
    is_snake(&name.replace('-', "_")) && !name.contains('_')
}

/// English plural of an UpperCamelCase name, by its last word: `OrderItem` → `OrderItems`, `SalesPerson` →
/// `SalesPeople`, `HTTPServer` → `HTTPServers`.
pub fn plural(name: &str) -> String {
    let words = snake(name);
    let last = words.rsplit('_').next().unwrap_or(&words);
    let head = &name[..name.len() - last.len()];
    format!("{head}{}", pascal(&pluralizer::pluralize(last, 2, false)))
}

/// All names of a resource. `plural` and `path` are the author's own, where given.
pub fn resource(name: &str, plural: Option<&str>, path: Option<&str>) -> ResourceNames {
    let many = plural.map_or_else(|| self::plural(name), str::to_owned);
    ResourceNames {
        pascal: name.to_owned(),
        snake: snake(name),
        camel: camel(name),
        snake_plural: snake(&many),
        camel_plural: camel(&many),
        path: path.map_or_else(|| kebab(&many), str::to_owned),
        module: module(name),
        constant: constant(name),
        pascal_plural: many,
    }
}

/// A value of an enum in every target.
pub fn enum_value(enumeration: &str, value: &str) -> EnumValue {
    EnumValue {
        name: value.to_owned(),
        graphql: constant(value),
        proto: format!("{}_{}", constant(enumeration), constant(value)),
        rust: escape(pascal(value)),
        description: None,
        deprecated: None,
    }
}

/// A struct field or variable in Rust: `type` → `r#type`, `self` → `self_`.
pub fn rust_ident(name: &str) -> String {
    escape(snake(name))
}

/// A type of the generated Rust client: `HTTPServer` → `HttpServer`.
pub fn rust_type(name: &str) -> String {
    escape(pascal(name))
}

/// A value's name in the generated Rust client: `ORDER_STATUS_PENDING` of `OrderStatus` → `Pending`.
pub fn rust_variant(enumeration: &str, value: &str) -> String {
    let whole = pascal(value);
    let stripped = whole.strip_prefix(&pascal(enumeration)).filter(|rest| rest.starts_with(char::is_uppercase));
    escape(stripped.unwrap_or(&whole).to_owned())
}

/// The module of a service's client, as tonic spells it: `OrderItemService` → `order_item_service_client`.
pub fn client_module(service: &str) -> String {
    let mut module = String::new();
    for letter in rust_type(service).chars() {
        if letter.is_uppercase() && !module.is_empty() {
            module.push('_');
        }
        module.push(letter.to_ascii_lowercase());
    }
    module + "_client"
}

/// A field's name in the JSON form of protobuf: `unit_price` → `unitPrice`.
pub fn proto_json(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |json, word| json + &prose::capitalised(word))
}

/// The message that an entry of a map is, inside the one that has the map: `unit_prices` → `UnitPricesEntry`.
pub fn proto_map_entry(field: &str) -> String {
    prose::capitalised(&proto_json(field)) + "Entry"
}

/// Keywords that can't be written as raw identifiers, and one that prost doesn't.
const NEVER_RAW: [&str; 6] = ["self", "Self", "super", "crate", "extern", "_"];

/// Keywords of every edition up to 2024, those reserved for later among them.
const RUST_KEYWORDS: [&str; 47] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while",
];

fn escape(name: String) -> String {
    match name.as_str() {
        keyword if NEVER_RAW.contains(&keyword) => format!("{name}_"),
        "yield" => "r#yield".to_owned(),
        keyword if RUST_KEYWORDS.contains(&keyword) => format!("r#{name}"),
        _ => name,
    }
}

/// Whether hooks of every resource have this name: `in_create`.
pub fn is_hook(name: &str) -> bool {
    let phase = ["before_", "in_", "after_"].iter().find_map(|phase| name.strip_prefix(phase));
    phase.is_some_and(|operation| ["create", "update", "delete", "undelete"].contains(&operation))
}

/// Modules of a generated crate that don't belong to a resource.
const OWN_MODULES: [&str; 9] = ["client", "enums", "errors", "hooks", "lib", "main", "mod", "rows", "types"];

/// The module, and so the file, of a resource. A file name can't be raw, so keywords get an underscore.
fn module(name: &str) -> String {
    let module = snake(name);
    let taken = OWN_MODULES.contains(&module.as_str()) || escape(module.clone()) != module;
    if taken { format!("{module}_") } else { module }
}

/// Fields that every resource has anyway, or will have.
pub const RESERVED_FIELDS: [&str; 7] = ["id", "version", "etag", "created_at", "updated_at", "deleted_at", "tenant_id"];

/// Columns that every table of PostgreSQL has (PostgreSQL 17 §5.6), so that quoting doesn't free their names.
pub const SYSTEM_COLUMNS: [&str; 6] = ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

/// Query parameters of lists, so not the names of fields to filter by.
pub const RESERVED_PARAMETERS: [&str; 9] =
    ["limit", "cursor", "page", "sort", "fields", "filter", "q", "total", "expand"];

/// Segments below a resource's path that mean something else.
pub const RESERVED_SEGMENTS: [&str; 2] = ["events", "batch"];

/// What an action can't be called: segments below a resource's path, operations, and the groups of them.
pub const RESERVED_ACTIONS: [&str; 13] = [
    "events", "batch", "list", "get", "create", "update", "replace", "delete", "undelete", "import", "watch", "read",
    "write",
];

/// What REST calls the link from a row to itself.
pub const SELF_LINK: &str = "self";

/// Codes of errors that every service has, and those that GraphQL servers use.
pub const CATALOGUE: [&str; 37] = [
    "MALFORMED_REQUEST",
    "UNKNOWN_PARAMETER",
    "INVALID_FILTER",
    "INVALID_PAGE_TOKEN",
    "VALIDATION_FAILED",
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "NOT_IMPLEMENTED",
    "NOT_ACCEPTABLE",
    "UNSUPPORTED_MEDIA_TYPE",
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "CONFLICT",
    "ETAG_MISMATCH",
    "PRECONDITION_REQUIRED",
    "IDEMPOTENCY_KEY_MISSING",
    "IDEMPOTENCY_KEY_REUSED",
    "IDEMPOTENCY_IN_PROGRESS",
    "RATE_LIMITED",
    "QUOTA_EXCEEDED",
    "PAYLOAD_TOO_LARGE",
    "OUT_OF_RANGE",
    "EXPIRED",
    "CANCELLED",
    "DEADLINE_EXCEEDED",
    "UNAVAILABLE",
    "INTERNAL",
    "DATA_LOSS",
    "BAD_USER_INPUT",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "INTERNAL_SERVER_ERROR",
    "OPERATION_RESOLUTION_FAILURE",
    "PERSISTED_QUERY_NOT_FOUND",
];

/// The value 0 of every protobuf enum.
pub const RESERVED_ENUM_VALUE: &str = "unspecified";

/// Types that every GraphQL schema or OpenAPI document has, and what Rust can't name a type.
const RESERVED_TYPES: [&str; 30] = [
    "Operation",
    "Node",
    "Nodes",
    "PageInfo",
    "Query",
    "Mutation",
    "Subscription", // the language's own
    "Boolean",
    "Bytes",
    "Date",
    "DateTime",
    "Decimal",
    "Duration",
    "Float",
    "Id",
    "Int",
    "Int64",
    "Json",
    "String",
    "Uuid",
    "SortDirection",
    "ErrorDetail",
    "UserError", // GraphQL
    "ApiJsonPatch",
    "ApiJsonPatchOperation",
    "ApiLink",
    "ApiLinks",
    "ApiProblem",
    "ApiViolation", // OpenAPI
    "Self",         // Rust
];

/// Why a field can't have this name: columns of apigen's own, such as `apigen_search`, are named like that.
pub fn reserved_column(name: &str) -> bool {
    name.starts_with("apigen_")
}

/// Why a resource, enum or type can't have this name.
pub fn reserved_type(name: &str) -> bool {
    // `apigen_keys` and its like are tables of the runtime.
    RESERVED_TYPES.contains(&name) || is_scalar_filter(name) || name.starts_with("Apigen")
}

/// `StringFilter`, `DecimalEntry`, `Int64EntryInput`: what GraphQL makes of scalars.
fn is_scalar_filter(name: &str) -> bool {
    ["Filter", "Entry", "EntryInput"].iter().filter_map(|end| name.strip_suffix(end)).any(|scalar| {
        ["Boolean", "Bytes", "Date", "DateTime", "Decimal", "Duration", "Float", "Id", "Int", "Int64", "Json", "String"]
            .contains(&scalar)
            || scalar == "Uuid"
    })
}

/// Crate names that cargo or rustc keep for themselves, and the folders of an output.
const RESERVED_CRATES: [&str; 9] =
    ["alloc", "build", "core", "deps", "examples", "incremental", "proc_macro", "std", "test"];

/// Whether no crate may have this name.
pub fn reserved_crate(name: &str) -> bool {
    RESERVED_CRATES.contains(&name) || escape(name.to_owned()) != name
}

/// Types that every contract derives from a resource's name, and so no other type may have.
pub fn derived_from_resource(names: &ResourceNames) -> Vec<String> {
    let (one, many) = (&names.pascal, &names.pascal_plural);
    let mut derived: Vec<String> = [
        "Id",
        "Create",
        "Replace",
        "Update",
        "List",
        "Where",
        "OrderBy",
        "SortField",
        "Connection",
        "Edge",
        "Patch",
        "Service",
    ]
    .iter()
    .map(|end| format!("{one}{end}"))
    .collect();
    derived.push(format!("New{one}"));
    derived.push(format!("List{many}Request"));
    derived.push(format!("List{many}Response"));
    for verb in ["Create", "Update", "Delete", "Undelete", "Get"] {
        derived.extend(["Input", "Payload", "Request", "Response"].iter().map(|end| format!("{verb}{one}{end}")));
    }
    derived
}

/// Types that contracts derive from a many_to_many.
pub fn derived_from_links(owner: &str, relation: &str) -> Vec<String> {
    let ends = ["Payload", "Request", "Response"];
    let verbs = ["Add", "Remove"].iter();
    verbs.flat_map(|verb| ends.iter().map(move |end| format!("{verb}{owner}{}{end}", pascal(relation)))).collect()
}

/// Types that contracts derive from many writes in one request.
pub fn derived_from_batch(names: &ResourceNames) -> Vec<String> {
    let (one, many) = (&names.pascal, &names.pascal_plural);
    let own = ["Batch", "BatchOperation", "BatchUpdate", "BatchDelete", "BatchResult", "BatchResults"];
    let own = own.iter().map(|end| format!("{one}{end}"));
    let verbs = ["Batch", "BatchWrite", "Import"].iter();
    let ends = ["Input", "Payload", "Request", "Response"];
    own.chain(verbs.flat_map(|verb| ends.iter().map(move |end| format!("{verb}{many}{end}")))).collect()
}

/// Types that contracts derive from what others may hear of a resource.
pub fn derived_from_events(names: &ResourceNames) -> Vec<String> {
    let (one, many) = (&names.pascal, &names.pascal_plural);
    let methods = [one, many].into_iter().flat_map(|name| derived_from_action(&format!("Watch{name}")));
    methods.chain([format!("{one}Event"), format!("{one}EventType"), format!("{one}Webhook")]).collect()
}

/// Types that contracts derive from an action, by its method. The first keeps others from what it is called like.
pub fn derived_from_action(method: &str) -> Vec<String> {
    ["", "Input", "Result", "Payload", "Request", "Response"].iter().map(|end| format!("{method}{end}")).collect()
}

/// Types that contracts derive from rows that are created along with another one.
pub fn derived_from_nested(owner: &str, relation: &str) -> [String; 2] {
    let name = format!("{owner}{}", pascal(relation));
    [format!("{name}Create"), format!("Create{name}Input")]
}

/// Types that every contract derives from a value type's name.
pub fn derived_from_object(name: &str) -> Vec<String> {
    ["Input", "Entry", "EntryInput"].iter().map(|end| format!("{name}{end}")).collect()
}

/// Types that every contract derives from an enum's name.
pub fn derived_from_enum(name: &str) -> Vec<String> {
    ["Filter", "Entry", "EntryInput"].iter().map(|end| format!("{name}{end}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_english() {
        let pairs = [
            ("Order", "Orders"),
            ("OrderItem", "OrderItems"),
            ("Category", "Categories"),
            ("Person", "People"),
            ("SalesPerson", "SalesPeople"),
            ("Status", "Statuses"),
            ("Child", "Children"),
            ("Box", "Boxes"),
            ("Branch", "Branches"),
            ("Address", "Addresses"),
            ("Analysis", "Analyses"),
            ("Day", "Days"),
            ("HTTPServer", "HTTPServers"),
            ("API", "Apis"),
        ];
        for (one, many) in pairs {
            assert_eq!(plural(one), many);
        }
    }

    #[test]
    fn what_is_in_a_case_is_what_it_becomes_in_it() {
        let longer = |text: &String| ["a", "b", "A", "B", "2", "_"].map(|sign| text.clone() + sign);
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            texts = texts.iter().flat_map(longer).collect();
            for text in &texts {
                assert_eq!(pascal(text), text.to_upper_camel_case(), "{text}");
                assert_eq!(snake(text), text.to_snake_case(), "{text}");
            }
        }
    }

    #[test]
    fn keywords_are_escaped_in_rust() {
        assert_eq!(rust_ident("type"), "r#type");
        assert_eq!(rust_ident("yield"), "r#yield");
        assert_eq!(rust_ident("self"), "self_");
        assert_eq!(rust_ident("unit_price"), "unit_price");
        assert_eq!(enum_value("Kind", "self").rust, "Self_");
        assert_eq!(resource("Type", None, None).module, "type_");
        assert_eq!(resource("Client", None, None).module, "client_");
    }

    #[test]
    fn the_client_has_the_names_that_prost_gives() {
        assert_eq!(rust_type("HTTPServer"), "HttpServer");
        assert_eq!(rust_variant("HTTPState", "HTTP_STATE_SELF"), "Self_");
        assert_eq!(rust_variant("Foo", "FOOBAR"), "Foobar");
        assert_eq!(client_module("HTTPServerService"), "http_server_service_client");
        assert_eq!(proto_json("line_2_total"), "line2Total");
    }

    #[test]
    fn names_of_one_resource() {
        let names = resource("OrderItem", None, None);
        assert_eq!(names.snake_plural, "order_items");
        assert_eq!(names.camel, "orderItem");
        assert_eq!(names.camel_plural, "orderItems");
        assert_eq!(names.path, "order-items");
        assert_eq!(names.constant, "ORDER_ITEM");
        assert_eq!(resource("Person", Some("Folks"), Some("staff")).snake_plural, "folks");
        assert_eq!(resource("Person", Some("Folks"), Some("staff")).path, "staff");
    }

    #[test]
    fn cases_are_told_apart() {
        assert!(is_pascal("OrderItem") && is_pascal("Md5Hash") && is_pascal("A") && is_pascal("HTTPServer"));
        assert!(!is_pascal("order") && !is_pascal("Order_Item") && !is_pascal(""));
        assert!(is_snake("unit_price") && is_snake("line_2"));
        assert!(!is_snake("a__b") && !is_snake("_a") && !is_snake("a_") && !is_snake("aB") && !is_snake("2a"));
        assert!(is_kebab("order-items") && !is_kebab("order_items") && !is_kebab("a--b"));
    }
}
