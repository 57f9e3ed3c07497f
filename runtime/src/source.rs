//! This crate's own files, which apigen copies beside a generated server. Knows nothing about what is in them.

macro_rules! sources {
    ($($path:literal,)*) => { &[$(($path, include_bytes!(concat!("../", $path)))),*] };
}

/// Path below the crate's folder, and content, of every file but `Cargo.toml`, which is rewritten when a crate is packaged.
pub const SOURCE: &[(&str, &[u8])] = sources![
    "src/cursor.rs",
    "src/descriptor.rs",
    "src/error.rs",
    "src/etag.rs",
    "src/filter.rs",
    "src/lib.rs",
    "src/service.rs",
    "src/source.rs",
    "src/store.rs",
    "src/store/sqlite.rs",
    "src/value.rs",
];
