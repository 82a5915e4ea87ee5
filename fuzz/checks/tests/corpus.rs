//! Every file of the committed corpus, through the check of its target.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]

use fuzz_checks::CHECKS;
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// Files of one target, and bytes of all: what is committed stays readable and quick to replay.
const FILES_MAX: usize = 200;
const BYTES_MAX: usize = 300 * 1024;

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = read.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn names(paths: &[PathBuf]) -> BTreeSet<String> {
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(name).collect()
}

#[test]
fn every_file_of_the_corpus_passes_the_check_of_its_target() {
    let (mut bytes, mut failed) = (0, Vec::new());
    for (target, check) in CHECKS {
        let files = entries(&fuzz().join("corpus").join(target));
        assert!(
            (1..=FILES_MAX).contains(&files.len()),
            "{target}: {} files",
            files.len()
        );
        for file in files {
            let input = fs::read(&file).unwrap();
            bytes += input.len();
            if catch_unwind(AssertUnwindSafe(|| check(&input))).is_err() {
                failed.push(file);
            }
        }
    }
    assert!(
        failed.is_empty(),
        "these fail; the reasons are above: {failed:#?}"
    );
    assert!(bytes <= BYTES_MAX, "the corpus has {bytes} bytes");
}

#[test]
fn targets_checks_and_corpus_folders_have_the_same_names() {
    let checks: BTreeSet<String> = CHECKS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&entries(&fuzz().join("corpus"))), checks);
    assert_eq!(names(&entries(&fuzz().join("fuzz_targets"))), checks);
}
