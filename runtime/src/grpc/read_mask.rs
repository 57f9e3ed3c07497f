//! `read_mask` (AIP-157): which fields a read shows. Without a mask, and with `*`, all; a row's `id` and `etag` always.

use super::{
    numbers::Needed,
    well_known,
    wire::{Malformed, Reader},
};
use crate::{
    descriptor::Resource,
    error::ApiError,
    fields::Fields,
    service::{Look, Rows},
};

const PARAMETER: &str = "read_mask";
pub(super) const READ_MASK: Needed<'static> = (PARAMETER, &["google.protobuf.FieldMask"]);

/// A request with a mask, unread.
pub(super) struct Masked<'a> {
    /// Of the mask's field.
    pub number: u32,
    pub bytes: &'a [u8],
}

impl Look for Masked<'_> {
    fn rows(&self, resource: &'static Resource) -> Result<Option<Rows>, ApiError> {
        let paths = self.paths()?;
        if paths.is_empty() || paths == ["*"] {
            return Ok(None);
        }
        let fields = paths.iter().map(String::as_str).filter(|path| *path != "etag");
        Ok(Some(Rows { fields: Some(Fields::read(resource, PARAMETER, fields)?), ..Rows::default() }))
    }
}

impl Masked<'_> {
    fn paths(&self) -> Result<Vec<String>, Malformed> {
        let mut paths = Vec::new();
        let mut reader = Reader::new(self.bytes);
        while let Some((number, wire)) = reader.next()? {
            if number == self.number {
                paths.extend(well_known::field_mask(wire.bytes()?)?);
            }
        }
        Ok(paths)
    }
}
