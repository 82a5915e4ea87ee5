//! Makes the stories and episodes: one call of a [`Generator`] is one stage of a job.

pub(crate) mod embedded;
mod episode;
pub(crate) mod lines;
mod outage;
pub(crate) mod turns;
pub(crate) mod web;

use crate::{artifacts, sources::Source};
use queue_core::{
    domain::{Backend, JobId, Stage, UserId},
    gate::job::ArtifactRecord,
};
use std::time::Duration;
use storyboard::Artifact;
use thiserror::Error;
use worker::Env;

/// Why a stage failed. Its caller asks whether to try again, and whose fault it is.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum GeneratorError {
    /// It may well succeed the next time.
    #[error("{message}")]
    Transient {
        /// A stable word.
        code: &'static str,
        /// A sentence.
        message: String,
    },
    /// A back end is to blame, not the job: it is unavailable, overloaded or unreachable, or asks for a pause.
    #[error("{message}")]
    Out {
        /// Which one.
        backend: Backend,
        /// A stable word.
        code: &'static str,
        /// A sentence.
        message: String,
        /// How long it wants to be left alone, if it said so.
        retry_after: Option<Duration>,
    },
    /// It will fail each time.
    #[error("{message}")]
    Permanent {
        /// A stable word.
        code: &'static str,
        /// A sentence.
        message: String,
    },
    /// What it needs is not there yet, and no fault; it is called again after this pause.
    #[error("again in {} seconds", .0.as_secs())]
    NotYet(Duration),
}

/// One stage of a job, with all that it may be made of.
pub(crate) struct Work<'a> {
    pub(crate) env: &'a Env,
    pub(crate) user_id: &'a UserId,
    pub(crate) job_id: &'a JobId,
    pub(crate) stage: Stage,
    /// The payload of the job, as its kind has it.
    pub(crate) payload: &'a str,
    /// What the stages before made.
    pub(crate) made: &'a [ArtifactRecord],
    /// Characters that the text may have; 0: any number.
    pub(crate) max_chars: u32,
}

impl Work<'_> {
    /// What a stage before made under that name; `None` if none did.
    pub(crate) async fn made(&self, name: &str) -> Result<Option<Vec<u8>>, GeneratorError> {
        let Some(record) = self.made.iter().find(|record| record.name == name) else {
            return Ok(None);
        };
        let job = (self.user_id, self.job_id);
        let object = artifacts::fetch(self.env, job, record, (0, record.bytes)).await;
        stored(artifacts::bytes(object.map_err(unread)?).await).map(Some)
    }

    /// The text that was sent with the job.
    pub(crate) async fn source(&self) -> Result<Vec<u8>, GeneratorError> {
        let source = Source {
            env: self.env,
            user_id: self.user_id,
            job_id: self.job_id,
        };
        stored(source.read().await)
    }
}

fn stored(read: worker::Result<Option<Vec<u8>>>) -> Result<Vec<u8>, GeneratorError> {
    let lost = || GeneratorError::Permanent {
        code: "storage_lost",
        message: "What this is made of is not stored. Send it again, to the route of its kind."
            .to_owned(),
    };
    read.map_err(unread)?.ok_or_else(lost)
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
fn unread(error: worker::Error) -> GeneratorError {
    storage_out(format!("what this is made of cannot be read: {error}"))
}

/// The bucket does not answer as it should.
pub(crate) const fn storage_out(message: String) -> GeneratorError {
    GeneratorError::Out {
        backend: Backend::Storage,
        code: "storage_unavailable",
        message,
        retry_after: None,
    }
}

/// Runs stages.
pub(crate) trait Generator {
    /// Makes the artifacts of one stage; the payload may be any JSON object. May be dropped before it ends, and may be
    /// called again for the same stage.
    fn run(&self, work: &Work<'_>) -> impl Future<Output = Result<Vec<Artifact>, GeneratorError>>;
}
