//! Files that pin what must not change by accident.
//!
//! `UPDATE_GOLDEN=1 cargo test --test native` rewrites them; review the difference in the commit.

use std::{env, fs, path::Path};

/// Fails unless `actual` is what `tests/golden/<name>` holds.
pub fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{name} differs from its golden file; it now is:\n{actual}"
    );
}
