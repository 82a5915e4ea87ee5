//! Files that pin what must not change by accident.
//!
//! `UPDATE_GOLDEN=1 cargo test` rewrites them; review the difference in the commit.

use std::{env, fs, path::Path};

/// Fails unless `actual` is what the file holds.
///
/// # Panics
/// When it is not, or cannot be written.
pub fn assert_golden(path: &Path, actual: &str) {
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(path, actual).expect("a golden file lies in a folder of the repository");
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs from its golden file; it now is:\n{actual}",
        path.display()
    );
}
