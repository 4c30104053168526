//! Servers on loopback, with TLS and with what only looks like it.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

/// What a server does with a connection.
#[derive(Clone)]
pub(crate) enum Manner {
    /// TLS, then the answer `{}` to every request.
    Tls(Arc<ServerConfig>),
    /// These bytes in answer to whatever comes first.
    Canned(&'static [u8]),
    /// The answer `{}` without TLS.
    Plain,
    /// Nothing, until the client leaves.
    Stall,
}

/// A listening server; it ends with the value.
pub(crate) struct Server {
    port: u16,
    /// Requests that could be read: after a handshake that the client finished.
    requests: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, manner, Arc::clone(&requests)));
        Self { port, requests, _tasks: tasks }
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("https://{host}:{}", self.port)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, manner: Manner, requests: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, manner.clone(), Arc::clone(&requests)));
    }
}

/// A client that breaks the handshake off is what most tests are about: the error ends the connection and no more.
async fn serve(mut stream: TcpStream, manner: Manner, requests: Arc<AtomicUsize>) -> io::Result<()> {
    match manner {
        Manner::Tls(config) => answer(TlsAcceptor::from(config).accept(stream).await?, &requests).await,
        Manner::Canned(bytes) => {
            stream.read_buf(&mut Vec::with_capacity(4096)).await?;
            stream.write_all(bytes).await?;
            stream.read_to_end(&mut Vec::new()).await.map(drop)
        }
        Manner::Plain => {
            stream.read_buf(&mut Vec::with_capacity(4096)).await?;
            stream.write_all(ANSWER).await
        }
        Manner::Stall => stream.read_to_end(&mut Vec::new()).await.map(drop),
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, requests: &AtomicUsize) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    stream.write_all(ANSWER).await?;
    stream.shutdown().await
}
