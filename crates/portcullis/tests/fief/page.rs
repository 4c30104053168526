//! `docs/parity.md` names tests that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn each_test_that_the_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/parity.md")).unwrap();
    let here = functions(&root.join("crates"));
    let behaviours = functions(&root.join("tests/behaviour/src/behaviours"));
    // A checkout without the suite of behaviours cannot say which there are.
    let is_complete = behaviours.contains("atk_c01_issuer");
    let mut named = 0;
    for (kind, name) in references(&page) {
        let known = match kind {
            "test" => here.contains(name),
            _ => !is_complete || behaviours.contains(name),
        };
        assert!(known, "docs/parity.md names {kind}:{name}, which is not there");
        named += 1;
    }
    assert!(named > 50, "{named}");
}

/// `test:name` and `behaviour:name`, each in backticks.
fn references(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let words = page.split('`').filter_map(|word| word.split_once(':'));
    words.filter(|(kind, name)| matches!(*kind, "test" | "behaviour") && !name.is_empty())
}

fn functions(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in rust_files(folder) {
        let text = fs::read_to_string(file).unwrap();
        let names = text.split("fn ").skip(1).filter_map(|rest| rest.split(['<', '(', ' ']).next());
        found.extend(names.map(str::to_owned));
        // The rows of the mirror's table are tests too.
        let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        found.extend(words.filter(|word| word.starts_with("conf_")).map(str::to_owned));
    }
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => files.extend(rust_files(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => files.push(path),
            false => {}
        }
    }
    files
}
