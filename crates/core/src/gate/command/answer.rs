//! What a gate's answer means to a replay of many.

use super::{replay::ReplayOutcome, reply::Reply};
use crate::failures::{Answer, command::Refusal};

/// What a gate's answer means to the replay of many that asked; `None` stands for a gate that could not be reached.
#[must_use]
pub fn answer_of(reply: Option<&Reply>) -> Answer {
    let Some(reply) = reply else {
        return Answer::Unreached;
    };
    if let Reply::Replayed { outcome, .. } = reply {
        return match outcome {
            ReplayOutcome::Begun => Answer::Replayed,
            ReplayOutcome::Repeated | ReplayOutcome::Succeeded | ReplayOutcome::Changed => {
                Answer::Refused(Refusal::NotFailedAnyMore)
            }
            ReplayOutcome::Sweeping => Answer::Refused(Refusal::ArtifactsBeingDeleted),
            ReplayOutcome::Unknown => Answer::Refused(Refusal::Forgotten),
        };
    }
    if *reply == Reply::Erasing {
        return Answer::Refused(Refusal::UserBeingDeleted);
    }
    if matches!(reply, Reply::QuotaExceeded { .. }) {
        return Answer::Refused(Refusal::Quota);
    }
    // An object of another build.
    Answer::Unreached
}
