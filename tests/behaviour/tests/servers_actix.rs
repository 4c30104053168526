//! Servers of actix-web on sockets: each worker is a thread with a runtime of its own, and all share one guard.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::to;
use actix_web::{App, HttpServer};
use portcullis_actix::attach;
use portcullis_actix::prelude::*;
use portcullis_testkit::{Endpoint, TestProvider};
use tokio::task::{JoinHandle, spawn, spawn_blocking};
use tokio::time::timeout;

/// Longer than any request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server with one worker.
struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    running: JoinHandle<std::io::Result<()>>,
}

impl Server {
    fn start(guard: &Guard) -> Self {
        let guard = guard.clone();
        let app = move || {
            App::new()
                .app_data(guard.clone())
                .route("/open", to(async || "open"))
                .route("/user", to(async |user: CurrentUser| user.subject().to_owned()))
                .route("/panics", to(panics))
                .wrap(attach(&guard))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
        Self { address, handle: server.handle(), running: spawn(server) }
    }

    /// `GET` over a connection of its own: all that comes until it ends.
    fn get(&self, path: &str, token: &str) -> JoinHandle<String> {
        let (address, token, path) = (self.address, token.to_owned(), path.to_owned());
        spawn_blocking(move || {
            let mut connection = TcpStream::connect(address).unwrap();
            connection.set_read_timeout(Some(PATIENCE)).unwrap();
            let head = format!("Host: a\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n");
            write!(connection, "GET {path} HTTP/1.1\r\n{head}").unwrap();
            let mut answer = Vec::new();
            // Where a worker ends, so does its connection.
            let _ = connection.read_to_end(&mut answer);
            String::from_utf8(answer).unwrap()
        })
    }

    /// Ends its worker, whatever that is doing.
    async fn end(self) {
        self.handle.stop(false).await;
        self.running.await.unwrap().unwrap();
    }
}

async fn panics(user: CurrentUser) -> &'static str {
    assert!(user.subject().is_empty(), "this handler panics");
    "never"
}

/// The default transport, and the clock of the machine.
async fn provider_and_guard() -> (TestProvider, Guard) {
    let provider = TestProvider::start().await;
    let guard = Guard::api(provider.issuer(), provider.audience()).build().unwrap();
    (provider, guard)
}

fn is_alice(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nalice")
}

/// Whoever waits for an answer that another worker has asked for gets one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p04_a_worker_that_ends_takes_nobodys_answer_with_it() {
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo] {
        let (provider, guard) = provider_and_guard().await;
        let [first, second] = [Server::start(&guard), Server::start(&guard)];
        let token = provider.token_for("alice");
        let gate = provider.hold(endpoint);
        let asks = first.get("/user", &token);
        timeout(PATIENCE, gate.waiting(1)).await.unwrap();
        let joins = second.get("/user", &token);
        // The one worker has the other request by then.
        assert!(second.get("/open", "").await.unwrap().ends_with("open"));
        first.end().await;
        assert_eq!(asks.await.unwrap(), "", "{endpoint:?}: nobody is left to answer");
        timeout(PATIENCE, gate.waiting(2)).await.unwrap(); // asked anew
        gate.release();
        let answer = joins.await.unwrap();
        assert!(is_alice(&answer), "{endpoint:?}: {answer}");
        second.end().await;
    }
}

/// What a worker has opened and learnt is of use when it has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_ends_leaves_the_guard_as_it_was() {
    let (provider, guard) = provider_and_guard().await;
    let token = provider.token_for("alice");
    let first = Server::start(&guard);
    assert!(is_alice(&first.get("/user", &token).await.unwrap()));
    first.end().await;
    let second = Server::start(&guard);
    let bob = second.get("/user", &provider.token_for("bob")).await.unwrap();
    assert!(bob.ends_with("\r\n\r\nbob"), "{bob}");
    assert!(is_alice(&second.get("/user", &token).await.unwrap()));
    let asked = [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo].map(|endpoint| provider.requests(endpoint));
    assert_eq!(asked, [1, 1, 2]);
    second.end().await;
}

/// actix-web ends the connection of a handler that panics, and no more than that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_panics_has_no_answer_and_harms_nobody() {
    let (provider, guard) = provider_and_guard().await;
    let server = Server::start(&guard);
    let token = provider.token_for("alice");
    assert!(is_alice(&server.get("/user", &token).await.unwrap()));
    assert_eq!(server.get("/panics", &token).await.unwrap(), "");
    assert!(server.get("/panics", "garbage").await.unwrap().starts_with("HTTP/1.1 401 "), "never reached");
    assert!(is_alice(&server.get("/user", &token).await.unwrap()));
    server.end().await;
}
