//! The provider on a loopback socket.

use std::fmt;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use portcullis::transport::HttpErrorKind;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::body::{Cut, WireBody};
use super::connection::{Connection, ResetSwitch};
use crate::fault::WireFault;
use crate::provider::{Answer, State};

const REQUEST_BODY_LIMIT: usize = 1024 * 1024;

/// The listening socket and its connections.
pub(crate) struct Loopback {
    address: SocketAddr,
    running: Mutex<Option<Running>>,
}

struct Running {
    /// Dropping it ends the task too.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Loopback {
    pub(crate) fn serve(listener: TcpListener, state: Arc<State>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self { address, running: Mutex::new(Some(Running::start(listener, state))) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { stop, task }) = running else { return };
        drop(stop);
        // An error means that the task's runtime is gone, and the task with it.
        let _ = task.await;
    }

    pub(crate) async fn restart(&self, state: Arc<State>) -> io::Result<()> {
        self.stop().await;
        let running = Running::start(TcpListener::bind(self.address).await?, state);
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
        Ok(())
    }
}

impl Running {
    fn start(listener: TcpListener, state: Arc<State>) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(accept(listener, state, stopped)) }
    }
}

async fn accept(listener: TcpListener, state: Arc<State>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => drop(connections.spawn(serve_connection(stream, Arc::clone(&state)))),
            Err(error) => tracing::warn!(%error, "the test provider could not accept a connection"),
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve_connection(stream: TcpStream, state: Arc<State>) {
    let reset = ResetSwitch::default();
    let io = TokioIo::new(Connection::new(stream, reset.clone()));
    let service = service_fn(|request| respond(Arc::clone(&state), reset.clone(), request));
    if let Err(error) = http1::Builder::new().serve_connection(io, service).await {
        tracing::debug!(%error, "a connection to the test provider ended early");
    }
}

async fn respond(state: Arc<State>, reset: ResetSwitch, request: Request<Incoming>) -> Result<Response<WireBody>, Cut> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, REQUEST_BODY_LIMIT).collect().await.map_err(|_| Cut)?.to_bytes();
    let Answer { response, wire } = state.answer(Request::from_parts(parts, body)).await;
    match wire {
        Some(fault) => spoil(fault, response, &reset).await,
        None => Ok(response.map(WireBody::Whole)),
    }
}

async fn spoil(fault: WireFault, response: Response<Bytes>, reset: &ResetSwitch) -> Result<Response<WireBody>, Cut> {
    let length = response.body().len();
    match fault {
        WireFault::Reset | WireFault::ResetBody | WireFault::Transport(HttpErrorKind::Connect) => reset.turn_on(),
        _ => {}
    }
    match fault {
        WireFault::Silence | WireFault::Transport(HttpErrorKind::Timeout) => pending().await,
        WireFault::Endless | WireFault::Transport(HttpErrorKind::TooLarge) => Ok(response.map(|_| WireBody::endless())),
        WireFault::Trickle => Ok(response.map(WireBody::trickle)),
        WireFault::CutBody | WireFault::ResetBody => Ok(partial(response, length / 2, Some(length.max(1)))),
        WireFault::CutChunkedBody => Ok(partial(response, length / 2, None)),
        WireFault::ContentLength(announced) => Ok(partial(response, announced.min(length), Some(announced))),
        WireFault::Transport(HttpErrorKind::Encoded) => {
            let mut response = response.map(WireBody::Whole);
            response.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
            Ok(response)
        }
        _ => Err(Cut),
    }
}

fn partial(mut response: Response<Bytes>, sent: usize, announced: Option<usize>) -> Response<WireBody> {
    if let Some(announced) = announced {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(announced));
    }
    response.map(|body| WireBody::Partial(body.slice(..sent)))
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Loopback").field(&self.address).finish()
    }
}
