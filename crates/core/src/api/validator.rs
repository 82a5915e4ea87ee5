//! Whether a client already has what it asks for (RFC 9110, 13.1.2).

use crate::{
    domain::Timestamp,
    gate::{Job, job::ArtifactRecord},
};

/// The entity tag of an artifact. A file never changes once it is recorded: of one name, each epoch made at most one.
#[must_use]
pub fn etag(record: &ArtifactRecord) -> String {
    format!("\"{}-{}\"", record.epoch, record.bytes)
}

/// The entity tag of a job, without the mark that it is weak: of each change it is another. Why a job waits is no part of it,
/// since others move that line.
#[must_use]
pub fn job_etag(job: &Job) -> String {
    let changed = job.changed_at.map_or(0, Timestamp::as_millis);
    format!("\"{changed}\"")
}

/// Whether an `If-None-Match` header has the tag. A proxy that compresses makes it a weak one.
#[must_use]
pub fn is_held(if_none_match: Option<&str>, etag: &str) -> bool {
    let tags = if_none_match.unwrap_or_default().split(',').map(str::trim);
    tags.into_iter()
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
