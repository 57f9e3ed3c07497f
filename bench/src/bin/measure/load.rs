//! So many connections, each of which asks, waits for the answer, checks it and asks again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::{net::TcpStream, task::JoinSet};

use crate::{
    case::{Case, Way},
    request,
    server::{Known, Server},
};

const CONNECTIONS: usize = 16;
/// Rows in the table before the first case.
const SEEDS: usize = 1000;
/// What goes before a measurement.
const WARM_UP: Duration = Duration::from_millis(200);

/// What a case took in one round.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    requests: u32,
    time: Duration,
    /// Of the server.
    cpu: Duration,
}

/// All rounds of a case. Their medians stand for it, since others on the machine disturb some rounds and not others.
#[derive(Debug, Default)]
pub struct Rounds(pub Vec<Tally>);

impl Rounds {
    pub fn per_second(&self) -> f64 {
        self.median(|tally| f64::from(tally.requests) / tally.time.as_secs_f64())
    }

    /// Seconds of the server's processor time.
    pub fn per_request(&self) -> f64 {
        self.median(|tally| tally.cpu.as_secs_f64() / f64::from(tally.requests.max(1)))
    }

    fn median(&self, of: impl Fn(&Tally) -> f64) -> f64 {
        let mut all: Vec<f64> = self.0.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or_default()
    }
}

enum Connection {
    Http1(conn::http1::SendRequest<Full<Bytes>>),
    Http2(conn::http2::SendRequest<Full<Bytes>>),
}

impl Connection {
    async fn open(server: &Server, way: Way) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(server.address).await?;
        stream.set_nodelay(true)?;
        if way == Way::Grpc {
            let (sender, connection) = conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            return Ok(Connection::Http2(sender));
        }
        let (sender, connection) = conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Connection::Http1(sender))
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        match self {
            Connection::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Connection::Http2(sender) => sender.send_request(request).await,
        }
    }

    async fn ask(&mut self, case: Case, known: &Known) -> anyhow::Result<()> {
        let response = self.send(request::next(case, known)).await.context("a request broke off")?;
        let status = response.status();
        let body = response.into_body().collect().await?;
        let trailers = body.trailers().cloned();
        request::check(case, status, &body.to_bytes(), trailers.as_ref())
    }
}

/// Asks for as long as told, and counts.
pub async fn run(case: &Case, server: &Server, time: Duration) -> anyhow::Result<Tally> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(server, case.way).await?);
    }
    let (connections, _) = until(Instant::now() + WARM_UP, *case, server, connections).await?;
    let (started, cpu) = (Instant::now(), server.cpu()?);
    let (_, requests) = until(started + time, *case, server, connections).await?;
    Ok(Tally { requests, time: started.elapsed(), cpu: server.cpu()? - cpu })
}

async fn until(
    end: Instant,
    case: Case,
    server: &Server,
    connections: Vec<Connection>,
) -> anyhow::Result<(Vec<Connection>, u32)> {
    let mut tasks = JoinSet::new();
    for mut connection in connections {
        let known = server.known.clone();
        tasks.spawn(async move {
            let mut requests = 0;
            while Instant::now() < end {
                connection.ask(case, &known).await?;
                requests += 1;
            }
            anyhow::Ok((connection, requests))
        });
    }
    let (mut connections, mut sum) = (Vec::new(), 0);
    while let Some(task) = tasks.join_next().await {
        let (connection, requests) = task??;
        connections.push(connection);
        sum += requests;
    }
    Ok((connections, sum))
}

/// Makes the rows that the cases read.
pub async fn seed(server: &mut Server) -> anyhow::Result<()> {
    let token = server.known.token.clone();
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (mut connection, token) = (Connection::open(server, Way::Rest).await?, token.clone());
        tasks.spawn(async move {
            let mut rows = Vec::new();
            for _ in 0..SEEDS / CONNECTIONS {
                let request = request::signed(request::create(), &token);
                let body = connection.send(request).await?.into_body().collect().await?.to_bytes();
                let created: Value = serde_json::from_slice(&body)?;
                let text =
                    |member: &str| created[member].as_str().with_context(|| format!("{created} has no {member}"));
                let number = text("name")?.rsplit(' ').next().unwrap_or_default();
                rows.push((text("id")?.to_owned(), number.to_owned()));
            }
            anyhow::Ok(rows)
        });
    }
    let mut rows = Vec::new();
    while let Some(task) = tasks.join_next().await {
        rows.extend(task??);
    }
    server.known = Arc::new(Known { token, rows });
    Ok(())
}
