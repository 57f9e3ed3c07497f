//! What an operator does with API keys: the subcommands of `keys`.

use std::sync::Arc;

use anyhow::{Context, ensure};

use super::{
    id_kind, id_of,
    keys::{Key, Keys, NewKey},
};
use crate::{
    descriptor::{Auth, Id},
    options::{Grants, KeysCommand},
    store::Store,
    value::{self, Timestamp},
};

/// Does it, and gives what is to be printed.
pub(crate) async fn manage(auth: &Auth, store: Arc<dyn Store>, command: &KeysCommand) -> anyhow::Result<String> {
    let keys = Keys::of(store);
    match command {
        KeysCommand::Create { name, sub, grants } => {
            let key = keys.create(new(auth, name, sub.as_deref(), grants)?).await?;
            Ok(format!("{key}\n"))
        }
        KeysCommand::List => Ok(table(&keys.list().await?)),
        KeysCommand::Revoke { id } => {
            ensure!(keys.revoke(id).await?, "there is no API key {id}: `keys list` shows those that there are");
            Ok(format!("{id} is revoked: servers that know it forget it within a minute\n"))
        }
    }
}

fn new(auth: &Auth, name: &str, subject: Option<&str>, grants: &Grants) -> anyhow::Result<NewKey> {
    grants.check(auth)?;
    let subject = match (auth.principal, subject) {
        (None, subject) => subject.map(str::to_owned),
        (Some(resource), Some(subject)) => Some(
            id_of(resource, subject)
                .with_context(|| format!("--sub {subject}: no {} has such an id", resource.name))?,
        ),
        (Some(resource), None) => {
            // Whom a key without it stands for would have an id that a row may get some day.
            let free = id_kind(resource) == Id::Text;
            ensure!(!free, "--sub is needed: the id of the {} that the key stands for", resource.name);
            None
        }
    };
    Ok(NewKey {
        name: name.to_owned(),
        subject,
        roles: grants.role.clone(),
        scopes: grants.scope.clone(),
        tenant: grants.tenant.clone(),
        expires_at: grants.expires_in.map(|time| value::now().saturating_add(time)).transpose()?,
    })
}

/// A line per key, and one of titles.
fn table(keys: &[Key]) -> String {
    let titles = ["ID", "NAME", "SUB", "ROLES", "SCOPES", "TENANT", "CREATED", "EXPIRES", "LAST USED", "REVOKED"];
    let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| format!("{time:.0}"));
    let text = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let rows = keys.iter().map(|key| {
        [
            key.id.clone(),
            text(&key.name),
            text(key.subject.as_deref().unwrap_or_default()),
            text(&key.roles.join(" ")),
            text(&key.scopes.join(" ")),
            text(key.tenant.as_deref().unwrap_or_default()),
            time(key.created_at),
            time(key.expires_at),
            time(key.last_used_at),
            time(key.revoked_at),
        ]
    });
    let rows: Vec<[String; 10]> = std::iter::once(titles.map(str::to_owned)).chain(rows).collect();
    let widths: [usize; 10] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default());
    let line = |row: &[String; 10]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}
