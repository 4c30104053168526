//! The connections of the default transport belong to no runtime of the application: an application may have one per
//! worker, and a worker may end.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use portcullis::transport::{HttpClient, HttpError, HttpLimits, ReqwestClient};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// Answers each request with the number of its connection, those for `/held` when it is told to.
struct Server {
    address: SocketAddr,
    held: Receiver<()>,
    release: Sender<()>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let ((holds, held), (release, released)) = (channel(), channel());
        let released = Arc::new(Mutex::new(released));
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (holds, released) = (holds.clone(), Arc::clone(&released));
                thread::spawn(move || serve(stream.unwrap(), number, &holds, &released));
            }
        });
        Self { address, held, release }
    }
}

fn serve(mut stream: TcpStream, number: usize, holds: &Sender<()>, released: &Mutex<Receiver<()>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        lines.by_ref().map_while(Result::ok).find(|line| line.is_empty());
        if line.starts_with("GET /held ") {
            holds.send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
        }
        let body = number.to_string();
        // A client that has gone is what the tests are about.
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    }
}

async fn get(client: &ReqwestClient, server: SocketAddr, path: &str) -> Result<Bytes, HttpError> {
    let request = http::Request::get(format!("http://{server}{path}")).body(Bytes::new()).unwrap();
    client.send(request, HttpLimits::DOCUMENT).await.map(http::Response::into_body)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A runtime that has opened connection 0, and lives until told to end.
fn worker(client: &ReqwestClient, server: SocketAddr) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let ((end, ended), (opens, opened)) = (oneshot::channel(), channel());
    let client = client.clone();
    let thread = thread::spawn(move || {
        runtime().block_on(async {
            assert_eq!(get(&client, server, "/").await.unwrap(), "0");
            opens.send(()).unwrap();
            let _ = ended.await;
        });
    });
    opened.recv().unwrap();
    (end, thread)
}

/// The number of the connection that a request used whose answer came when another runtime, the first to have asked, had
/// ended.
fn connection_of_a_survivor() -> Bytes {
    let Server { address, held, release } = Server::start();
    let client = ReqwestClient::builder().without_system_roots().build().unwrap();
    let (end, opener) = worker(&client, address);
    let other = thread::spawn(move || runtime().block_on(get(&client, address, "/held")));
    held.recv().unwrap();
    end.send(()).unwrap();
    opener.join().unwrap();
    release.send(()).unwrap();
    other.join().unwrap().unwrap()
}

#[test]
fn a_request_outlives_the_runtime_that_opened_its_connection() {
    // Now and then the first connection is not free again yet when the second request comes.
    let shared = (0..20).any(|_| connection_of_a_survivor() == "0");
    assert!(shared, "no request used the connection that another runtime had opened");
}

#[test]
fn a_runtime_that_is_busy_holds_nobody_up() {
    let Server { address, .. } = Server::start();
    let client = ReqwestClient::builder().without_system_roots().build().unwrap();
    let ((work, working), (done, finished)) = (channel::<()>(), channel());
    let busy = client.clone();
    let (opens, opened) = channel();
    let worker = thread::spawn(move || {
        runtime().block_on(async {
            assert_eq!(get(&busy, address, "/").await.unwrap(), "0");
            opens.send(()).unwrap();
            // A handler that blocks its worker.
            working.recv().unwrap();
        });
    });
    opened.recv().unwrap();
    let other = thread::spawn(move || {
        done.send(runtime().block_on(get(&client, address, "/"))).unwrap();
    });
    assert!(finished.recv().unwrap().is_ok());
    work.send(()).unwrap();
    other.join().unwrap();
    worker.join().unwrap();
}
