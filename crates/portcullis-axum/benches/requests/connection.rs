//! One keep-alive connection to the server.

use std::io::{Read, Write};
use std::net::TcpStream;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    pub(crate) fn send(&mut self, path: &str, token: &str) {
        self.buffer.clear();
        write!(
            self.buffer,
            "GET {path} HTTP/1.1\r\nhost: api.example.com\r\nuser-agent: bench/1\r\naccept: application/json\r\n\
             authorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
        self.stream.write_all(&self.buffer).unwrap();
    }

    /// The body of a 200.
    pub(crate) fn receive(&mut self) -> &[u8] {
        self.buffer.clear();
        loop {
            let mut chunk = [0; 4096];
            let count = self.stream.read(&mut chunk).unwrap();
            assert!(count > 0, "the server closed the connection");
            self.buffer.extend_from_slice(&chunk[..count]);
            if let Some(start) = body_if_complete(&self.buffer) {
                assert!(self.buffer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&self.buffer));
                return &self.buffer[start..];
            }
        }
    }

    pub(crate) fn get(&mut self, path: &str, token: &str) -> String {
        self.send(path, token);
        String::from_utf8(self.receive().to_vec()).unwrap()
    }
}

/// Where the body starts, once it is all there.
fn body_if_complete(response: &[u8]) -> Option<usize> {
    let start = response.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&response[..start]).unwrap().to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    (response.len() >= start + length).then_some(start)
}
