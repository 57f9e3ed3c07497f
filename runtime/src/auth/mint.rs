//! Tokens for trying a server out in development, and the secret that they are signed with.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use serde_json::json;

use super::{id_of, made_up_secret, sign::Signer};
use crate::{
    database,
    descriptor::Api,
    options::{Grants, Mode, Options},
};

/// How long a token is good, if nobody says.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// `JWT_SECRET`, or in development a secret that is made up once and kept beside the database, so that the server and the
/// command that makes tokens have the same.
pub(super) fn secret(api: &Api, options: &Options) -> anyhow::Result<Option<String>> {
    match (&options.jwt_secret, options.mode()) {
        (Some(secret), _) => Ok(Some(secret.clone())),
        (None, Mode::Production) => Ok(None),
        (None, Mode::Development) => {
            let path = place(api, options);
            let made_up = made_up(&path);
            made_up.map(Some).with_context(|| format!("can't keep a secret in {} (set JWT_SECRET)", path.display()))
        }
    }
}

/// `./data/shop.jwt-secret`.
fn place(api: &Api, options: &Options) -> PathBuf {
    let url = options.database_url(api.name);
    let file = database::file(&url).map_or_else(|| Path::new("data").join(api.name), Path::to_owned);
    file.with_extension("jwt-secret")
}

fn made_up(path: &Path) -> anyhow::Result<String> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let secret = made_up_secret();
    match create(path, &secret) {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(fs::read_to_string(path)?.trim().to_owned()),
        Err(error) => Err(error.into()),
    }
}

/// For nobody else to read.
fn create(path: &Path, secret: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(path)?, secret.as_bytes())
}

/// A token that a server with the same options accepts.
pub(super) fn token(api: &Api, options: &Options, subject: &str, grants: &Grants) -> anyhow::Result<String> {
    let auth = api.auth.context("there are no tokens: the spec has no `auth`")?;
    ensure!(
        options.mode() == Mode::Development,
        "tokens are made up in development only: add --dev. In production an issuer makes them"
    );
    let signer = Signer::new(auth, options, secret(api, options)?.as_deref())?;
    grants.check(auth)?;
    let subject = match auth.principal {
        None => subject.to_owned(),
        Some(resource) => {
            id_of(resource, subject).with_context(|| format!("--sub {subject}: no {} has such an id", resource.name))?
        }
    };
    let claims = [("roles", json!(grants.role)), ("scope", json!(grants.scope.join(" ")))];
    Ok(signer.sign(&subject, grants.expires_in.unwrap_or(DAY), grants.tenant.as_deref(), claims)?)
}
