//! What a login needs to know of a row: the one statement that reads hashes of passwords.
//!
//! It reads for nobody yet, so there is nobody's reach that could narrow it.

use super::{Statement, TENANT};
use crate::{
    descriptor::{Auth, Field, Login, Tenant, Type},
    store::{Dialect, StoreError, Tx},
    value::{Value, id_text},
};

/// A row whose caller has no credentials yet.
#[derive(Debug)]
pub struct Account {
    /// Its id, in the form that contracts show.
    pub id: String,
    /// What its password hashes to.
    pub hash: Option<String>,
    /// The id of its tenant, in the form that contracts show.
    pub tenant: Option<String>,
    /// Those of its roles that the spec knows.
    pub roles: Vec<&'static str>,
}

impl Account {
    /// The live row that has this value in a field that is unique, or its id.
    pub async fn find(
        tx: &mut dyn Tx,
        (auth, login): (&Auth, &'static Login),
        field: &'static Field,
        value: Value,
    ) -> Result<Option<Account>, StoreError> {
        let columns = columns(login);
        let statement = select(tx.dialect(), login, &columns, (field, value));
        let types: Vec<Type> = columns.iter().map(|(_, ty)| *ty).collect();
        let row = statement.query(tx, &types).await?.pop();
        Ok(row.map(|row| account(auth, login, row)))
    }
}

fn select(
    dialect: Dialect,
    login: &Login,
    columns: &[(&str, Type)],
    (field, value): (&Field, Value),
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    for (number, (name, _)) in columns.iter().enumerate() {
        statement.push(if number == 0 { "SELECT " } else { ", " }).column(name);
    }
    statement.push(" FROM ").name(login.resource.table).push(" AS t WHERE ");
    statement.column(field.name).push(" = ").value(field.ty, value);
    super::live(&mut statement, login.resource, " AND ");
    statement
}

/// The id and the hash, and behind them the tenant and the roles, where there are any.
fn columns(login: &Login) -> Vec<(&'static str, Type)> {
    let [_, secret] = login.credentials;
    let own = [("id", login.resource.fields[0].ty), (secret.name, Type::Password)];
    let tenant = match login.resource.tenant {
        Some(Tenant::Of(id)) => Some((TENANT, Type::Id(id))),
        Some(Tenant::Itself) | None => None,
    };
    let roles = roles(login).map(|field| (field.name, field.ty));
    own.into_iter().chain(tenant).chain(roles).collect()
}

fn roles(login: &Login) -> Option<&'static Field> {
    login.resource.field(login.roles?)
}

/// In the order of [`columns`].
fn account(auth: &Auth, login: &Login, row: Vec<Value>) -> Account {
    let mut row = row.into_iter();
    let mut next = || row.next().unwrap_or(Value::Null);
    let id = id_text(login.resource.id(), &next());
    let hash = match next() {
        Value::Text(hash) => Some(hash),
        _ => None,
    };
    let tenant = match login.resource.tenant {
        Some(Tenant::Of(kind)) => Some(id_text(kind, &next())),
        Some(Tenant::Itself) => Some(id.clone()),
        None => None,
    };
    let named = match next() {
        Value::List(several) => several,
        one => vec![one],
    };
    let known = |value: &Value| match value {
        Value::Enum(name) => auth.roles.iter().map(|(role, _)| *role).find(|role| role == name),
        _ => None,
    };
    Account { id, hash, tenant, roles: named.iter().filter_map(known).collect() }
}
