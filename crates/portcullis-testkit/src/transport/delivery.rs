//! The one request that the provider sends itself: a logout token to an application on loopback.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

use crate::flow::LogoutMessage;

const PATIENCE: Duration = Duration::from_secs(5);
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// Posts the message and returns the status of the answer; `None` where none came.
pub(crate) async fn deliver(message: &LogoutMessage) -> Option<u16> {
    match timeout(PATIENCE, post(message)).await {
        Ok(Ok(status)) => Some(status),
        Ok(Err(error)) => {
            tracing::warn!(%error, client = message.client_id, "a logout token was not delivered");
            None
        }
        Err(_) => {
            tracing::warn!(client = message.client_id, "an application did not answer a logout token in time");
            None
        }
    }
}

async fn post(message: &LogoutMessage) -> io::Result<u16> {
    let unfit = |text: &str| io::Error::new(io::ErrorKind::InvalidInput, text.to_owned());
    let url = Url::parse(&message.uri).map_err(|_| unfit("the backchannel_logout_uri is no URL"))?;
    let (Some(host), Some(port), "http") = (url.host_str(), url.port_or_known_default(), url.scheme()) else {
        return Err(unfit("only plain http on loopback is delivered to"));
    };
    let mut addresses = lookup_host((host.trim_matches(['[', ']']), port)).await?;
    let address = addresses.find(|address| address.ip().is_loopback());
    let address = address.ok_or_else(|| unfit("only loopback is delivered to"))?;
    let (body, target) = (message.form(), &url[url::Position::BeforePath..url::Position::AfterQuery]);
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer).await?;
    let status = answer.get(9..12).and_then(|status| str::from_utf8(status).ok()?.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no HTTP answer"))
}
