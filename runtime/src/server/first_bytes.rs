//! A time limit for the bytes that tell HTTP/1 from HTTP/2.
//!
//! hyper's timer for a request's head starts once the version is known, so a client that sends nothing, or the beginning of
//! HTTP/2's preface, would hold its connection for ever.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream whose reads fail if the version isn't told in time.
pub struct FirstBytes<S> {
    stream: S,
    /// How much of the preface has been read, and until when the rest of it may come; `None` once the version is known.
    undecided: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> FirstBytes<S> {
    pub fn within(limit: Duration, stream: S) -> FirstBytes<S> {
        FirstBytes { stream, undecided: Some((0, Box::pin(tokio::time::sleep(limit)))) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstBytes<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let FirstBytes { stream, undecided } = &mut *self;
        let Some((matched, time)) = undecided else { return Pin::new(stream).poll_read(context, buffer) };
        if time.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the first bytes took too long")));
        }
        ready!(Pin::new(stream).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        *matched += read.len();
        let is_beginning = HTTP2_PREFACE.get(*matched - read.len()..*matched) == Some(read);
        if !is_beginning || *matched == HTTP2_PREFACE.len() {
            *undecided = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstBytes<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    /// What the server reads after the limit, when the client has sent `first` before it and one byte after it.
    async fn later(first: &[u8]) -> io::Result<usize> {
        let (mut client, server) = duplex(64);
        let mut server = FirstBytes::within(LIMIT, server);
        client.write_all(first).await.expect("room");
        let mut read = vec![0; first.len()];
        server.read_exact(&mut read).await.expect("it came in time");
        tokio::time::sleep(2 * LIMIT).await;
        client.write_all(b"x").await.expect("room");
        server.read(&mut [0; 1]).await
    }

    #[tokio::test]
    async fn a_client_that_does_not_say_what_it_speaks_is_left() {
        for first in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n"] {
            let error = later(first).await.expect_err("it took too long");
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        }
    }

    #[tokio::test]
    async fn the_limit_ends_where_the_version_is_known() {
        for first in [&b"G"[..], b"PR0", b"POST /", HTTP2_PREFACE, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n0"] {
            assert_eq!(later(first).await.expect("it may take its time"), 1);
        }
    }
}
