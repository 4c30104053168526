//! What tests of several modules need.

use std::path::PathBuf;

/// The folder of test material that is not part of the repository, or `None` with a line that says so.
pub(crate) fn shared_folder() -> Option<PathBuf> {
    // `.cargo/config.toml` gives it a default.
    let folder = PathBuf::from(std::env::var_os("PORTCULLIS_SHARED").unwrap_or_default());
    if !folder.join("vectors").is_dir() {
        eprintln!("skipped: no test vectors in {} (set PORTCULLIS_SHARED)", folder.display());
        return None;
    }
    Some(folder)
}
