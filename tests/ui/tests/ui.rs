//! What the compiler says to a newcomer's mistakes.
//!
//! Each file in `cases/src/bin` is one mistake and says which fragments its errors must contain:
//! `//~ check: fragment` for `cargo check`, `//~ build: fragment` for what only `cargo build` sees. A case without
//! such a line for a command must pass it.
//!
//! Fragments, and not whole outputs as `trybuild` compares them: the words are ours, the frame around them is the
//! compiler's and changes with each of its versions.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use serde_json::Value;

/// A case by name: the fragments that its errors must contain.
type Cases = BTreeMap<String, Vec<String>>;

#[test]
#[ignore = "skipped: it runs cargo on a package of its own; `.ci/run ui` runs it"]
fn what_cargo_check_says() {
    judge("check", &cases("check"));
}

/// `cargo check` does not evaluate what is wrong in a function's instance; only the bad cases are built.
#[test]
#[ignore = "skipped: it runs cargo on a package of its own; `.ci/run ui` runs it"]
fn what_only_cargo_build_says() {
    let mut cases = cases("build");
    cases.retain(|_, fragments| !fragments.is_empty());
    judge("build", &cases);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

fn cases(command: &str) -> Cases {
    let marker = format!("//~ {command}: ");
    let files = fs::read_dir(folder().join("src/bin")).unwrap().map(|entry| entry.unwrap().path());
    let cases = files.map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        let fragments = text.lines().filter_map(|line| line.strip_prefix(&marker)).map(str::to_owned).collect();
        (file.file_stem().unwrap().to_str().unwrap().to_owned(), fragments)
    });
    cases.collect()
}

fn judge(command: &str, cases: &Cases) {
    assert!(!cases.is_empty(), "no case for cargo {command}");
    let errors = errors_of(command, cases.keys());
    let mut complaints = Vec::new();
    for (case, fragments) in cases {
        let said = errors.get(case).map_or("", String::as_str);
        match fragments.as_slice() {
            [] if !said.is_empty() => complaints.push(format!("{case} must pass cargo {command}, but:\n{said}")),
            fragments => complaints.extend(
                fragments
                    .iter()
                    .filter(|fragment| !said.contains(*fragment))
                    .map(|fragment| format!("{case}: cargo {command} does not say\n    {fragment}\nbut:\n{said}")),
            ),
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Runs cargo once for all cases and collects their errors as the compiler renders them.
fn errors_of<'c>(command: &str, cases: impl Iterator<Item = &'c String>) -> BTreeMap<String, String> {
    // The same versions as everywhere else; cargo takes out what the cases do not need.
    static VERSIONS: Once = Once::new();
    VERSIONS.call_once(|| {
        fs::copy(folder().join("../../../Cargo.lock"), folder().join("Cargo.lock")).unwrap();
    });
    let mut cargo = Command::new(env!("CARGO"));
    cargo.arg(command).args(["--keep-going", "--message-format=json", "--color=never"]);
    cases.for_each(|case| {
        cargo.args(["--bin", case]);
    });
    // What is built for the workspace serves here too: its target folder is the one around our own.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let output = cargo.current_dir(folder()).env("CARGO_TARGET_DIR", target).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let mut errors = BTreeMap::<String, String>::new();
    let mut compiled = false;
    for message in output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()) {
        let message: Value = message;
        compiled |= message["target"]["src_path"].as_str().is_some_and(|path| Path::new(path).starts_with(folder()));
        if message["message"]["level"] == "error" {
            let rendered = message["message"]["rendered"].as_str().unwrap();
            errors.entry(message["target"]["name"].as_str().unwrap().to_owned()).or_default().push_str(rendered);
        }
    }
    assert!(compiled, "cargo {command} did not get as far as the cases:\n{stderr}");
    errors
}
