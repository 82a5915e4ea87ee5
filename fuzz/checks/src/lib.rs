//! What must hold for **any** input from outside, as checks that panic if it does not.
//!
//! The libFuzzer targets in `fuzz/fuzz_targets` call these, and so does `tests/corpus.rs`, on every file of
//! `fuzz/corpus`: whatever was found once is looked at by `npm test`.

#![allow(clippy::missing_panics_doc, reason = "that is what a check does")]

pub mod article;
pub mod config;
pub mod episode_body;
pub mod growth;
pub mod ids;
pub mod job_body;
pub mod messages;
pub(crate) mod pool_calls;
pub mod request_body;
pub mod storyboard;
pub mod ticket;

/// A check: panics if a property fails.
pub type Check = fn(&[u8]);

/// Every check under the name of its target and of its folder of the corpus.
pub const CHECKS: [(&str, Check); 11] = [
    ("config", config::check),
    ("episode_body", episode_body::check),
    ("growth", growth::check),
    ("html", article::html),
    ("ids", ids::check),
    ("job_body", job_body::check),
    ("mail", article::mail),
    ("messages", messages::check),
    ("request_body", request_body::check),
    ("storyboard", storyboard::check),
    ("ticket", ticket::check),
];

/// Reads a text as `T` and, if it is one, that its written form reads as the same and is written the same.
fn reads_back<T>(text: &str) -> Option<T>
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let value: T = serde_json::from_str(text).ok()?;
    let written = serde_json::to_string(&value).expect("what was read can be written");
    let again: T = serde_json::from_str(&written)
        .unwrap_or_else(|error| panic!("{written} was written but is not read: {error}"));
    assert_eq!(value, again, "reading {written} changes it");
    assert_eq!(
        serde_json::to_string(&again).ok(),
        Some(written),
        "written in two ways"
    );
    Some(value)
}
