//! What faults look like below HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::io::ErrorKind;

use portcullis_testkit::{Endpoint, Fault, TestProvider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Everything that arrives until the connection ends, and how it ends.
async fn exchange(provider: &TestProvider) -> (String, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(provider.address().unwrap()).await.unwrap();
    stream.write_all(b"GET /jwks HTTP/1.1\r\nhost: provider\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 64 * 1024];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return (String::from_utf8(received).unwrap(), None),
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) => return (String::from_utf8(received).unwrap(), Some(error.kind())),
        }
    }
}

async fn faulty(fault: Fault) -> (String, Option<ErrorKind>) {
    let provider = TestProvider::start().await;
    provider.fault(Endpoint::Jwks, fault);
    exchange(&provider).await
}

#[tokio::test]
async fn close_and_reset_send_nothing_and_differ_in_the_end() {
    assert_eq!(faulty(Fault::close()).await, (String::new(), None));
    assert_eq!(faulty(Fault::reset()).await, (String::new(), Some(ErrorKind::ConnectionReset)));
}

#[tokio::test]
async fn cut_bodies_arrive_in_part() {
    let whole = exchange(&TestProvider::start().await).await.0;
    let whole_body = whole.split_once("\r\n\r\n").unwrap().1.len();
    for (fault, end) in [(Fault::cut_body(), None), (Fault::reset_body(), Some(ErrorKind::ConnectionReset))] {
        let (received, ended) = faulty(fault).await;
        let (head, body) = received.split_once("\r\n\r\n").expect("the header section arrives");
        assert!(head.starts_with("HTTP/1.1 200"));
        assert!(head.contains(&format!("content-length: {whole_body}")), "{head}");
        assert_eq!((body.len(), ended), (whole_body / 2, end));
    }
}

#[tokio::test]
async fn a_cut_chunked_body_lacks_its_last_chunk() {
    let (received, ended) = faulty(Fault::cut_chunked_body()).await;
    assert!(received.contains("transfer-encoding: chunked"), "{received}");
    assert!(received.contains(r#"{"keys""#) && !received.ends_with("0\r\n\r\n"), "{received}");
    assert_eq!(ended, None);
}

#[tokio::test]
async fn an_endless_body_ends_after_64_mib() {
    let (received, _) = faulty(Fault::endless()).await;
    assert!((63 << 20..65 << 20).contains(&received.len()), "{}", received.len());
}
