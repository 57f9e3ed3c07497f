//! One more field in a spec changes a few lines in a few places that one could have guessed, and nothing changes without
//! a cause.

use std::collections::BTreeMap;

use apigen::{
    Input, Loaded,
    emit::{Options, Runtime, Target},
    files::{self, Files, Force, Report},
};
use similar::TextDiff;

const SPEC: &str = include_str!("../specs/shop.yaml");
const LOCK: &str = include_str!("../specs/shop.lock");

fn read(spec: &str) -> Loaded {
    let spec = Input { name: "specs/shop.yaml", bytes: spec.as_bytes() };
    let lock = Input { name: "specs/shop.lock", bytes: LOCK.as_bytes() };
    apigen::read(spec, Some(lock)).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn generate(loaded: &Loaded) -> Files {
    let mut files = apigen::generate(&loaded.model, &Options { target: Target::All, runtime: Runtime::Copy });
    files.beside("specs/shop.lock", apigen::lock::render(&loaded.lock));
    files
}

fn contents(loaded: &Loaded) -> BTreeMap<String, Vec<u8>> {
    let files = generate(loaded);
    let lock = ("specs/shop.lock".to_owned(), apigen::lock::render(&loaded.lock).into_bytes());
    files.iter().map(|(path, content, _)| (path.to_owned(), content.to_vec())).chain([lock]).collect()
}

/// The unified diff over everything that a run writes, without surrounding lines.
fn diff(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> String {
    assert!(before.keys().eq(after.keys()), "files come or go");
    let changed = before.iter().filter(|(path, content)| after[*path] != **content);
    let parts =
        changed.map(|(path, content)| match (std::str::from_utf8(content), std::str::from_utf8(&after[path])) {
            (Ok(old), Ok(new)) => {
                TextDiff::from_lines(old, new).unified_diff().context_radius(0).header(path, path).to_string()
            }
            _ => format!("{path}: binary\n"),
        });
    parts.collect()
}

#[test]
fn an_optional_decimal() {
    let weight = "      weight?:      { type: decimal, scale: 3 }\n";
    let position = SPEC.find("      stock: ").unwrap();
    let with_weight = [&SPEC[..position], weight, &SPEC[position..]].concat();
    let diff = diff(&contents(&read(SPEC)), &contents(&read(&with_weight)));
    insta::assert_snapshot!(diff, @r#"
    --- contracts/openapi.yaml
    +++ contracts/openapi.yaml
    @@ -1193,0 +1194,7 @@
    +        weight:
    +          nullable: true
    +          example: "19.900"
    +          description: At most 18 digits, 3 of them behind the point.
    +          type: string
    +          format: decimal
    +          pattern: ^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$
    @@ -1224,0 +1232 @@
    +      - weight
    @@ -1255,0 +1264,7 @@
    +        weight:
    +          nullable: true
    +          example: "19.900"
    +          description: At most 18 digits, 3 of them behind the point.
    +          type: string
    +          format: decimal
    +          pattern: ^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$
    @@ -1299,0 +1315,7 @@
    +        weight:
    +          nullable: true
    +          example: "19.900"
    +          description: At most 18 digits, 3 of them behind the point.
    +          type: string
    +          format: decimal
    +          pattern: ^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$
    --- contracts/proto/shop/v1/shop.proto
    +++ contracts/proto/shop/v1/shop.proto
    @@ -214,0 +215,2 @@
    +  // At most 18 digits, 3 of them behind the point.
    +  optional string weight = 12;
    --- contracts/schema.graphql
    +++ contracts/schema.graphql
    @@ -362,0 +363,2 @@
    +  """Weight. At most 18 digits, 3 of them behind the point."""
    +  weight: Decimal
    @@ -448,0 +451,2 @@
    +  """Weight. At most 18 digits, 3 of them behind the point."""
    +  weight: Decimal
    @@ -474,0 +479,2 @@
    +  """Weight. At most 18 digits, 3 of them behind the point."""
    +  weight: Decimal
    --- migrations/postgres/0001_initial.sql
    +++ migrations/postgres/0001_initial.sql
    @@ -23,0 +24 @@
    +    "weight"      NUMERIC(18,3),
    --- migrations/sqlite/0001_initial.sql
    +++ migrations/sqlite/0001_initial.sql
    @@ -23,0 +24 @@
    +    "weight"      INTEGER,
    --- server/src/client.rs
    +++ server/src/client.rs
    @@ -151,0 +152,3 @@
    +    /// At most 18 digits, 3 of them behind the point.
    +    #[prost(string, optional, tag = "12")]
    +    pub weight: ::core::option::Option<::prost::alloc::string::String>,
    server/src/descriptor_set.bin: binary
    --- server/src/resources/product.rs
    +++ server/src/resources/product.rs
    @@ -21,0 +22 @@
    +        Field::new("weight", "weight", Type::Decimal { precision: 18, scale: 3 }).optional(),
    --- specs/shop.lock
    +++ specs/shop.lock
    @@ -156,0 +157 @@
    +      weight: 12
    "#);
}

#[test]
fn equal_input_gives_equal_bytes() {
    assert_eq!(contents(&read(SPEC)), contents(&read(SPEC)));
}

#[test]
fn a_second_run_writes_nothing() {
    let out = tempfile::TempDir::new().unwrap();
    let loaded = read(SPEC);
    let files = apigen::generate(&loaded.model, &Options::default());
    let first = files::write(&files, out.path(), Force::No).unwrap();
    assert!(first.unchanged == 0 && first.deleted.is_empty(), "{first:?}");
    let second = files::write(&apigen::generate(&loaded.model, &Options::default()), out.path(), Force::No).unwrap();
    assert_eq!(second, Report { unchanged: second.unchanged, ..Report::default() });
    assert!(second.unchanged > 0);
}
