//! Whether a client already has what it asks for, or a part of it (RFC 9110, 13).

use crate::{
    domain::Timestamp,
    gate::{Job, job::ArtifactRecord},
};

/// The entity tag of an artifact. A file never changes once it is recorded: of one name, each epoch made at most one. So it
/// is known without asking the bucket, and is a strong one.
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

/// What tells one version of an artifact from another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Version {
    /// Its entity tag.
    pub etag: String,
    /// When it was made.
    pub made_at: Option<Timestamp>,
}

impl Version {
    /// The `last-modified` of an answer.
    #[must_use]
    pub fn last_modified(&self) -> Option<String> {
        self.made_at.and_then(Timestamp::to_http_date)
    }

    /// Whether the client has it: by `If-None-Match`, or, only without that, by `If-Modified-Since`.
    #[must_use]
    pub fn is_held(&self, if_none_match: Option<&str>, if_modified_since: Option<&str>) -> bool {
        if if_none_match.is_some() {
            return is_held(if_none_match, &self.etag);
        }
        let since = if_modified_since.and_then(Timestamp::from_http_date);
        // A date of HTTP has no fractions of a second.
        let seconds = |at: Timestamp| at.as_millis().div_euclid(1_000);
        match (since, self.made_at) {
            (Some(since), Some(made_at)) => seconds(made_at) <= seconds(since),
            _ => false,
        }
    }

    /// Whether a part of it fits what the client has: by `If-Range`, if there is one. A weak tag says too little.
    #[must_use]
    pub fn is_same(&self, if_range: Option<&str>) -> bool {
        if_range.is_none_or(|validator| {
            let validator = validator.trim();
            validator == self.etag || Some(validator) == self.last_modified().as_deref()
        })
    }
}

/// Whether an `If-None-Match` header has the tag. A proxy that compresses makes it a weak one.
#[must_use]
pub fn is_held(if_none_match: Option<&str>, etag: &str) -> bool {
    let is_it = |tag: &str| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag;
    if_none_match.is_some_and(|tags| tags.split(',').map(str::trim).any(is_it))
}
