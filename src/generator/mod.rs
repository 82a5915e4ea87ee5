//! Makes the stories: one call of a [`Generator`] is one stage of a job.

pub(crate) mod embedded;
pub(crate) mod turns;

use queue_core::domain::Stage;
use storyboard::Artifact;
use thiserror::Error;

/// Why a stage failed. The only question its caller has is "again?".
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
    /// It will fail each time.
    #[error("{message}")]
    Permanent {
        /// A stable word.
        code: &'static str,
        /// A sentence.
        message: String,
    },
}

/// Runs stages.
pub(crate) trait Generator {
    /// Makes the artifacts of one stage; the payload may be any JSON object. May be dropped before it ends, and may be
    /// called again for the same stage.
    fn run(
        &self,
        stage: Stage,
        payload: &str,
    ) -> impl Future<Output = Result<Vec<Artifact>, GeneratorError>>;
}
