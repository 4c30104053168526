//! `docs/threats.md` names the tests of every threat and every promise, and no test of one is missing there.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

const UPDATE: &str = "UPDATE_DOCS";

type TestsById = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_page_of_threats_names_the_tests_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = root.join("docs/threats.md");
    let tests = tests_by_id(&root);
    let written = fs::read_to_string(&page).unwrap();
    let (right, ids) = with_tests(&written, &tests);
    let without_row: Vec<_> = tests.keys().filter(|id| !ids.contains(*id)).collect();
    assert!(without_row.is_empty(), "docs/threats.md has no row for {without_row:?}: add `| id | what is refused | |`");
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&page, &right).unwrap();
        return;
    }
    let differs = written.lines().zip(right.lines()).find(|(is, should)| is != should);
    assert!(
        differs.is_none(),
        "docs/threats.md is out of date: {UPDATE}=1 cargo test -p portcullis-behaviour --test threats\n{differs:#?}"
    );
}

/// The page with its last column as it should be, and the ids of its rows.
fn with_tests(page: &str, tests: &TestsById) -> (String, BTreeSet<String>) {
    let mut ids = BTreeSet::new();
    let mut right = String::new();
    for line in page.lines() {
        match line.split('|').map(str::trim).collect::<Vec<_>>()[..] {
            ["", id, what, _, ""] if is_id(id) => {
                assert!(ids.insert(id.to_owned()), "docs/threats.md has two rows for {id}");
                let names = tests.get(id).into_iter().flatten().map(|name| format!("`{name}`")).collect::<Vec<_>>();
                let names = if names.is_empty() { "none yet".to_owned() } else { names.join(", ") };
                right.push_str(&format!("| {id} | {what} | {names} |\n"));
            }
            _ => right.push_str(&format!("{line}\n")),
        }
    }
    (right, ids)
}

/// A threat's test is `atk_j03_…`, a promise's `p01_…`; one test may stand for several: `atk_k05_k10_…`.
fn tests_by_id(root: &Path) -> TestsById {
    let mut tests = TestsById::new();
    for file in ["crates", "tests"].iter().flat_map(|folder| rust_files(&root.join(folder))) {
        let text = fs::read_to_string(&file).unwrap();
        let functions = text.split("fn ").skip(1).map(|rest| rest.split(['<', '(', ' ']).next().unwrap());
        // A compile-fail case is a file.
        for name in functions.chain(file.file_stem().and_then(OsStr::to_str)) {
            for id in ids_in(name) {
                tests.entry(id).or_default().insert(name.to_owned());
            }
        }
    }
    tests
}

fn ids_in(name: &str) -> Vec<String> {
    let words = || name.split('_').map(str::to_uppercase);
    match words().next() {
        Some(first) if first == "ATK" => words().filter(|word| is_id(word)).collect(),
        Some(first) if first.starts_with('P') && is_id(&first) => vec![first],
        _ => Vec::new(),
    }
}

fn is_id(word: &str) -> bool {
    matches!(word.as_bytes(), [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9'])
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension() == Some(OsStr::new("rs")))
        .collect()
}
