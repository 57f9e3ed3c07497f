//! A server whose database goes away, comes back, is too busy, is encrypted, or stands behind a pooler.

use apigen_conformance::staff::{self, Channel};

#[path = "postgres/exhaustion.rs"]
mod exhaustion;
#[path = "postgres/outage.rs"]
mod outage;
#[path = "postgres/pooler.rs"]
mod pooler;
#[path = "postgres/silence.rs"]
mod silence;
#[path = "postgres/tls.rs"]
mod tls;
#[path = "postgres/writers.rs"]
mod writers;

/// Another program's connection.
async fn outsider(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

async fn channel(url: String) -> Channel {
    staff::channel(url).await.expect("a connection")
}
