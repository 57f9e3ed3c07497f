//! A network between store and server that is slow, or breaks at a chosen word.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use crate::support::Database;

#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    /// Every packet takes this long, in either direction.
    Slow(Duration),
    /// The connection breaks after the server has been sent this, before it can answer.
    BreakAfter(&'static [u8]),
    /// The connection breaks when the client sends this, which the server never sees.
    BreakBefore(&'static [u8]),
}

/// Starts one and says the URL that leads through it.
pub async fn start(database: &Database, trouble: Trouble) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (server, url) = database.behind(listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(carry(client, server, trouble));
        }
    });
    url
}

async fn carry(client: TcpStream, server: TcpStream, trouble: Trouble) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let delay = if let Trouble::Slow(delay) = trouble { delay } else { Duration::ZERO };
    let back = tokio::spawn(pass(from_server, to_client, delay, None));
    let trap = match trouble {
        Trouble::Slow(_) => None,
        Trouble::BreakAfter(word) | Trouble::BreakBefore(word) => {
            Some(Trap { word, trouble, back: back.abort_handle() })
        }
    };
    pass(from_client, to_server, delay, trap).await;
    back.abort();
}

/// A word at which the connection breaks.
struct Trap {
    word: &'static [u8],
    trouble: Trouble,
    /// The way of the answers.
    back: AbortHandle,
}

/// Passes bytes on until there are no more, or until the word at which it breaks.
async fn pass(
    mut from: impl AsyncReadExt + Unpin + Send + 'static,
    mut to: impl AsyncWriteExt + Unpin,
    delay: Duration,
    trap: Option<Trap>,
) {
    let (send, mut packets) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reader = tokio::spawn(async move {
        let mut buffer = [0; 65536];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            if send.send((Instant::now() + delay, buffer[..length].to_vec())).is_err() {
                break;
            }
        }
    });
    while let Some((due, packet)) = packets.recv().await {
        sleep_until(due).await;
        let sprung = trap.as_ref().filter(|trap| packet.windows(trap.word.len()).any(|window| window == trap.word));
        if let Some(trap) = sprung {
            trap.back.abort();
            if let Trouble::BreakBefore(_) = trap.trouble {
                break;
            }
        }
        if to.write_all(&packet).await.is_err() || sprung.is_some() {
            break;
        }
    }
    reader.abort();
}
