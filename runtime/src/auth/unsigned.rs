//! What stands for the maker of tokens where the feature `auth` is off.

use std::time::Duration;

use anyhow::bail;
use serde_json::Value as Json;

use crate::{descriptor::Auth, error::ApiError, options::Options};

pub(crate) enum Signer {}

impl Signer {
    pub fn new(_: &Auth, _: &Options, _: Option<&str>) -> anyhow::Result<Signer> {
        bail!("the spec has `auth.login`, and this program was built without the feature `auth`")
    }

    pub fn sign<'c>(
        &self,
        _: &str,
        _: Duration,
        _: Option<&str>,
        _: impl IntoIterator<Item = (&'c str, Json)>,
    ) -> Result<String, ApiError> {
        match *self {}
    }
}
