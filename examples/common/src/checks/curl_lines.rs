//! The lines that the example prints are true: each is sent as it stands, and shows the status it promises.

use std::collections::BTreeSet;

use portcullis::transport::{HttpClient, HttpLimits, ReqwestClient};

use crate::Example;

/// The request of one printed line, and the status it promises.
fn request(line: &str) -> (http::Request<bytes::Bytes>, u16) {
    let (command, status) = line.rsplit_once(" # ").unwrap();
    let in_words = |part| -> Vec<&str> {
        if str::starts_with(part, "Authorization: ") { vec![part] } else { part.split_whitespace().collect() }
    };
    let words: Vec<&str> = command.split('\'').flat_map(in_words).collect();
    let mut request = http::Request::builder();
    for pair in words.windows(2) {
        match pair {
            ["-X", method] => request = request.method(*method),
            ["-H", header] => {
                request = request.header("authorization", header.strip_prefix("Authorization: ").unwrap())
            }
            _ => {}
        }
    }
    (request.uri(*words.last().unwrap()).body(bytes::Bytes::new()).unwrap(), status.parse().unwrap())
}

pub async fn every_printed_line_shows_the_status_it_promises(binary: &str) {
    let example = Example::start(binary).unwrap();
    let client = ReqwestClient::builder().without_system_roots().build().unwrap();
    let mut seen = BTreeSet::new();
    for line in example.printed().iter().filter(|line| line.starts_with("curl ")) {
        let (request, status) = request(line);
        let answer = client.send(request, HttpLimits::DOCUMENT).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{line}");
        seen.insert(status);
    }
    assert!(seen.is_superset(&BTreeSet::from([200, 201, 401, 403])), "{seen:?}");
}
