//! What every `HttpClient` promises.

use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use portcullis::transport::{HttpClient, HttpError, HttpErrorKind, HttpLimits};
use tokio::net::TcpListener;

use super::BrokenPromises;
use super::raw_server::{RawServer, Reply, header};

const LIMITS: HttpLimits = HttpLimits { timeout: Duration::from_secs(5), body: 1000 };
const SHORT: HttpLimits = HttpLimits { timeout: Duration::from_millis(300), body: 1000 };
/// How long a client may take in all that was told to stop after 300 ms, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

type Outcome = Result<(), String>;
type Sent = Result<Response<Bytes>, HttpError>;

/// Runs an [`HttpClient`] against misbehaving servers on loopback; takes about a second.
///
/// Validates that the client delivers method, headers and body as they are; asks for JSON if the request does not
/// say what it accepts; returns every status and **no redirect followed**; stores no cookies; asks for no compression
/// and refuses a compressed answer; stops at the body limit and at the deadline, also when the body trickles; and
/// names refused and broken connections. Does not validate TLS.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use portcullis::transport::ReqwestClient;
///
/// let client = ReqwestClient::builder().without_system_roots().build().unwrap();
/// portcullis_testkit::checks::http_client(&client).await.unwrap();
/// # });
/// ```
///
/// # Errors
/// Returns every promise that the client does not keep.
pub async fn http_client(client: &dyn HttpClient) -> Result<(), BrokenPromises> {
    let outcomes = [
        delivers_the_request(client).await,
        asks_for_json_and_no_compression(client).await,
        returns_every_status(client).await,
        follows_no_redirect(client).await,
        stores_no_cookies(client).await,
        refuses_a_compressed_answer(client).await,
        takes_a_body_at_the_limit(client).await,
        stops_at_the_body_limit(client).await,
        stops_at_the_deadline(client).await,
        names_a_refused_connection(client).await,
        names_a_broken_connection(client).await,
    ];
    let broken: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    if broken.is_empty() { Ok(()) } else { Err(BrokenPromises(broken)) }
}

async fn delivers_the_request(client: &dyn HttpClient) -> Outcome {
    let server = RawServer::start(Reply::complete("200 OK\r\nX-Answer: 42", b"{}")).await;
    let request = Request::post(server.url("/token?a=b"))
        .header("authorization", "Basic YTpi")
        .header("accept", "application/jwt")
        .body(Bytes::from_static(b"grant_type=refresh_token"));
    let answer = client.send(request.expect("a valid request"), LIMITS).await;
    let answer = answer.map_err(|error| format!("a request is delivered, not failed: {error}"))?;
    let requests = server.requests();
    let Some(request) = requests.first() else { return Err("a request is sent".to_owned()) };
    promise(request.starts_with("POST /token?a=b HTTP/1."), "method, path and query are sent as they are")?;
    promise(request.ends_with("\r\n\r\ngrant_type=refresh_token"), "the body is sent as it is")?;
    promise(header(request, "authorization") == Some("Basic YTpi"), "the request's headers are sent")?;
    promise(header(request, "accept") == Some("application/jwt"), "the request's own Accept is kept")?;
    promise(answer.body() == "{}", "the answer's body is returned")?;
    promise(answer.headers().get("x-answer").is_some_and(|value| value == "42"), "the answer's headers are returned")
}

async fn asks_for_json_and_no_compression(client: &dyn HttpClient) -> Outcome {
    let server = RawServer::start(Reply::complete("200 OK", b"{}")).await;
    get(client, &server, LIMITS).await.map_err(|error| format!("a good answer is returned: {error}"))?;
    let requests = server.requests();
    let Some(request) = requests.first() else { return Err("a request is sent".to_owned()) };
    promise(header(request, "accept") == Some("application/json"), "Accept: application/json is sent by default")?;
    let encoding = header(request, "accept-encoding").unwrap_or("identity");
    promise(encoding == "identity", "no compression is asked for")
}

async fn returns_every_status(client: &dyn HttpClient) -> Outcome {
    for status in [201, 304, 400, 401, 403, 404, 429, 500, 503] {
        let body = if status == 304 { "" } else { "no" };
        let server = RawServer::start(Reply::complete(&format!("{status} Status"), body.as_bytes())).await;
        let answer = get(client, &server, LIMITS).await;
        let returned = answer.is_ok_and(|answer| answer.status() == status && answer.body() == body);
        promise(returned, &format!("status {status} is returned with its body, not as an error"))?;
        promise(server.requests().len() == 1, &format!("a request answered {status} is sent once"))?;
    }
    Ok(())
}

async fn follows_no_redirect(client: &dyn HttpClient) -> Outcome {
    let target = RawServer::start(Reply::complete("200 OK", b"{}")).await;
    for status in [301, 302, 303, 307, 308] {
        for method in [Method::GET, Method::POST] {
            let head = format!("{status} Moved\r\nLocation: {}", target.url("/elsewhere"));
            let server = RawServer::start(Reply::complete(&head, b"")).await;
            let request = Request::builder().method(method).uri(server.url("/")).body(Bytes::new());
            let answer = client.send(request.expect("a valid request"), LIMITS).await;
            promise(target.requests().is_empty(), &format!("a redirect ({status}) is not followed"))?;
            let returned = answer.is_ok_and(|answer| answer.status() == status);
            promise(returned, &format!("a redirect ({status}) is returned as it is"))?;
        }
    }
    Ok(())
}

async fn stores_no_cookies(client: &dyn HttpClient) -> Outcome {
    let server = RawServer::start(Reply::complete("200 OK\r\nSet-Cookie: a=b; Path=/", b"{}")).await;
    for _ in 0..2 {
        get(client, &server, LIMITS).await.map_err(|error| format!("a good answer is returned: {error}"))?;
    }
    let stored = server.requests().iter().any(|request| header(request, "cookie").is_some());
    promise(!stored, "cookies of an answer are not sent back")
}

async fn refuses_a_compressed_answer(client: &dyn HttpClient) -> Outcome {
    for encoding in ["gzip", "br", "deflate", "zstd"] {
        let head = format!("200 OK\r\nContent-Encoding: {encoding}");
        let server = RawServer::start(Reply::complete(&head, b"not really compressed")).await;
        let answer = get(client, &server, LIMITS).await;
        expect_kind(
            answer,
            HttpErrorKind::Encoded,
            &format!("an answer with Content-Encoding: {encoding} is refused"),
        )?;
    }
    Ok(())
}

async fn takes_a_body_at_the_limit(client: &dyn HttpClient) -> Outcome {
    let server = RawServer::start(Reply::complete("200 OK", &vec![b'x'; LIMITS.body])).await;
    let whole = get(client, &server, LIMITS).await.is_ok_and(|answer| answer.body().len() == LIMITS.body);
    promise(whole, "a body of exactly the limit is returned")
}

async fn stops_at_the_body_limit(client: &dyn HttpClient) -> Outcome {
    let announced = Reply::complete("200 OK", &vec![b'x'; LIMITS.body + 1]);
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for (name, reply) in [("announced", announced), ("endless, chunked", Reply::EndlessChunks(chunked))] {
        let server = RawServer::start(reply).await;
        let answer = get(client, &server, LIMITS).await;
        expect_kind(answer, HttpErrorKind::TooLarge, &format!("a body over the limit ({name}) is refused"))?;
    }
    Ok(())
}

async fn stops_at_the_deadline(client: &dyn HttpClient) -> Outcome {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n".to_vec();
    let headers = b"HTTP/1.1 200 OK\r\nX-Slow: ".to_vec();
    let replies = [
        ("nothing comes", Reply::Silence),
        ("the headers trickle", Reply::Trickle(headers)),
        ("the body trickles", Reply::Trickle(head)),
    ];
    for (name, reply) in replies {
        let server = RawServer::start(reply).await;
        let sentence = format!("the deadline ends the whole request when {name}");
        let answer = tokio::time::timeout(PATIENCE, get(client, &server, SHORT)).await;
        expect_kind(answer.map_err(|_| sentence.clone())?, HttpErrorKind::Timeout, &sentence)?;
    }
    Ok(())
}

async fn names_a_refused_connection(client: &dyn HttpClient) -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback can be listened on");
    let address = listener.local_addr().expect("a listener has an address");
    drop(listener);
    let request = Request::get(format!("http://{address}/")).body(Bytes::new()).expect("a valid request");
    expect_kind(client.send(request, LIMITS).await, HttpErrorKind::Connect, "a refused connection is named so")
}

async fn names_a_broken_connection(client: &dyn HttpClient) -> Outcome {
    let replies: [(&str, &[u8]); 4] = [
        ("before the answer", b""),
        ("in the headers", b"HTTP/1.1 200 OK\r\nContent-Le"),
        ("in the body", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"keys\""),
        ("in a chunked body", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
    ];
    for (name, bytes) in replies {
        let server = RawServer::start(Reply::Bytes(bytes.to_vec())).await;
        let answer = get(client, &server, LIMITS).await;
        expect_kind(answer, HttpErrorKind::Broken, &format!("a connection that ends {name} is an error"))?;
    }
    Ok(())
}

async fn get(client: &dyn HttpClient, server: &RawServer, limits: HttpLimits) -> Sent {
    let request = Request::get(server.url("/")).body(Bytes::new()).expect("a valid request");
    client.send(request, limits).await
}

fn promise(kept: bool, sentence: &str) -> Outcome {
    if kept { Ok(()) } else { Err(sentence.to_owned()) }
}

fn expect_kind(answer: Sent, kind: HttpErrorKind, sentence: &str) -> Outcome {
    match answer {
        Ok(answer) => Err(format!("{sentence} (there was an answer, {})", answer.status())),
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => Err(format!("{sentence} ({kind:?}, not {:?})", error.kind())),
    }
}
