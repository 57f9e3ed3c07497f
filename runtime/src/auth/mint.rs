//! Tokens for trying a server out in development, and the secret that they are signed with.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail, ensure};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Map, Value as Json, json};

use super::{id_of, jwt};
use crate::{
    database,
    descriptor::{Api, Auth},
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
    let secret = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
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
pub(crate) fn token(api: &Api, options: &Options, subject: &str, grants: &Grants) -> anyhow::Result<String> {
    let auth = api.auth.context("there are no tokens: the spec has no `auth`")?;
    ensure!(
        options.mode() == Mode::Development,
        "tokens are made up in development only: add --dev. In production an issuer makes them"
    );
    let Some(secret) = secret(api, options)? else { bail!("JWT_SECRET is missing") };
    let secrets = jwt::secrets(&secret)?;
    let key = EncodingKey::from_secret(secrets[0].as_bytes());
    let claims = claims(auth, options, subject, grants)?;
    jsonwebtoken::encode(&Header::default(), &claims, &key).context("can't sign the token")
}

fn claims(auth: &Auth, options: &Options, subject: &str, grants: &Grants) -> anyhow::Result<Map<String, Json>> {
    grants.check(auth)?;
    let subject = match auth.principal {
        None => subject.to_owned(),
        Some(resource) => {
            id_of(resource, subject).with_context(|| format!("--sub {subject}: no {} has such an id", resource.name))?
        }
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let lifetime = grants.expires_in.unwrap_or(DAY);
    let mut claims = Map::from_iter([
        ("sub".to_owned(), json!(subject)),
        ("iat".to_owned(), json!(now.as_secs())),
        ("exp".to_owned(), json!((now + lifetime).as_secs())),
        ("jti".to_owned(), json!(uuid::Uuid::new_v4().to_string())),
        ("roles".to_owned(), json!(grants.role)),
        ("scope".to_owned(), json!(grants.scope.join(" "))),
    ]);
    let more = [("iss", &options.jwt_issuer), ("aud", &options.jwt_audience)];
    claims.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))));
    claims.extend(
        auth.tenant.as_ref().zip(grants.tenant.as_ref()).map(|(tenant, id)| (tenant.claim.to_owned(), json!(id))),
    );
    Ok(claims)
}
