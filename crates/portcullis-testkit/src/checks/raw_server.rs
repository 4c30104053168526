//! A server that sends exactly the bytes it is told, for what a proper one cannot do.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

const TRICKLE_EVERY: Duration = Duration::from_millis(20);
const ENDLESS_BYTES: usize = 64 * 1024 * 1024;

/// What is sent in answer to a request; then the connection is closed.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Bytes(Vec<u8>),
    /// Nothing, until the client leaves.
    Silence,
    /// These bytes, then one more now and then until the client leaves.
    Trickle(Vec<u8>),
    /// These bytes, then chunks until the client leaves or has taken 64 MiB.
    EndlessChunks(Vec<u8>),
}

impl Reply {
    /// A complete answer with a `Content-Length`; `head` is the status line and headers.
    pub(super) fn complete(head: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        Self::Bytes([head.as_bytes(), body].concat())
    }
}

#[derive(Debug)]
pub(super) struct RawServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl RawServer {
    pub(super) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback can be listened on");
        let address = listener.local_addr().expect("a listener has an address");
        let requests = Arc::default();
        let task = tokio::spawn(accept(listener, reply, Arc::clone(&requests))).abort_handle();
        Self { address, requests, task }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far, as they came, head and body.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, reply: Reply, requests: Arc<Mutex<Vec<String>>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, reply.clone(), Arc::clone(&requests)));
    }
}

/// A client that leaves early is what several checks are about: the error ends the connection and no more.
async fn serve(mut stream: TcpStream, reply: Reply, requests: Arc<Mutex<Vec<String>>>) -> io::Result<()> {
    let request = read_request(&mut stream).await?;
    requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    match reply {
        Reply::Bytes(bytes) => stream.write_all(&bytes).await?,
        Reply::Silence => drop(stream.read(&mut [0]).await?),
        Reply::Trickle(head) => {
            stream.write_all(&head).await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(TRICKLE_EVERY).await;
            }
        }
        Reply::EndlessChunks(head) => {
            stream.write_all(&head).await?;
            let chunk = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
            for _ in 0..ENDLESS_BYTES / 0x4000 {
                stream.write_all(&chunk).await?;
            }
        }
    }
    stream.shutdown().await
}

async fn read_request(stream: &mut TcpStream) -> io::Result<String> {
    let mut received = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&received).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Ok(text);
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn content_length(head: &str) -> usize {
    header(head, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// The first value of a header in a raw request.
pub(super) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let head = request.split("\r\n\r\n").next()?;
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    fields.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
