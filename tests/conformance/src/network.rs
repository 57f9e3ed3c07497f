//! A network between the server and its database, which breaks or falls silent when it is told to.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What it does with connections, those that are there and those that come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Fine,
    /// They break.
    Broken,
    /// They stay open, and nothing arrives any more; not even later.
    Silent,
}

/// Ends when it is dropped.
pub struct Network {
    /// Where the database seems to be.
    pub address: SocketAddr,
    state: watch::Sender<State>,
}

impl Network {
    /// Leads to this address, `127.0.0.1:5432`.
    pub async fn to(database: String) -> Network {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (state, told) = watch::channel(State::Fine);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, database.clone(), told.clone()));
            }
        });
        Network { address, state }
    }

    pub fn turn(&self, state: State) {
        self.state.send_replace(state);
    }
}

async fn carry(mut client: TcpStream, database: String, mut told: watch::Receiver<State>) {
    let pass = async {
        let Ok(mut server) = TcpStream::connect(database).await else { return };
        // Both have gone when it ends, one way or the other.
        let _ = copy_bidirectional(&mut client, &mut server).await;
    };
    let mut silent = false;
    let mut pass = std::pin::pin!(pass);
    loop {
        silent |= *told.borrow_and_update() == State::Silent;
        if *told.borrow() == State::Broken {
            return;
        }
        tokio::select! {
            () = &mut pass, if !silent => return,
            changed = told.changed() => if changed.is_err() { return },
        }
    }
}
