//! `docs/conformance.md` has a row for each test of the mirror, and a test for each row, wherever that is.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

const PREFIX: &str = "conf_oidcc_";

#[test]
fn the_page_and_the_tests_of_the_mirror_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = ["crates", "tests"].iter().flat_map(|folder| rust_files(&root.join(folder)));
    let tests: BTreeSet<_> = files.flat_map(|file| names(&fs::read_to_string(file).unwrap())).collect();
    let page = names(&fs::read_to_string(root.join("docs/conformance.md")).unwrap());
    assert!(!tests.is_empty());
    assert_eq!(page.symmetric_difference(&tests).collect::<Vec<_>>(), [""; 0]);
}

fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with(PREFIX) && *word != PREFIX).map(str::to_owned).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension() == Some(OsStr::new("rs")))
        .collect()
}
