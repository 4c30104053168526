//! An example as a stranger runs it, for the tests of the examples.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A running example, on a port of its own and without any setting; killed when dropped.
pub struct Example {
    process: Child,
    printed: Vec<String>,
}

impl Example {
    /// Starts a binary and reads what it prints until it listens.
    pub fn start(binary: &str) -> io::Result<Self> {
        let mut command = Command::new(binary);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PORTCULLIS_")) {
            command.env_remove(name);
        }
        command.env("LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut example = Self { process: command.spawn()?, printed: Vec::new() };
        let Some(output) = example.process.stdout.take() else { return Ok(example) };
        for line in BufReader::new(output).lines() {
            example.printed.push(line?);
            if example.url().is_some() {
                return Ok(example);
            }
        }
        Err(io::Error::other(format!("{binary} ended after {:?}", example.printed)))
    }

    /// The lines printed so far.
    pub fn printed(&self) -> &[String] {
        &self.printed
    }

    /// Where it listens, as its last line says.
    pub fn url(&self) -> Option<&str> {
        self.printed.last()?.strip_prefix("listening on ")
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
