//! What the holder of a lease does while a stage runs and when it ends: it renews the lease, stops when it must, and
//! reports, again if nobody answers.
//!
//! Nothing here waits or calls. The Worker performs it, and so does the simulator.

use super::assignment::Assignment;
use crate::{
    domain::{Blame, Timestamp},
    events::{Event, JobFacts},
    gate::{
        Command, Reply, State,
        command::{Going, Outcome},
        job::ArtifactRecord,
    },
    line::{pause::doubled, want::Holding},
};
use std::time::Duration;

/// Calls of a report before it is given up; the lease then runs out and the stage is repeated.
const REPORT_TRIES: u32 = 4;

/// Pause before the second call of a report; doubles with each further one.
const REPORT_PAUSE: Duration = Duration::from_millis(500);

/// Longest pause between two renewals: how long a holder may go on after its user cancelled. A renewal costs
/// one row and one call; 100 jobs in 15 minutes make 6,000 calls of the 10,000 that one delivery may make.
pub const HEARTBEAT_MAX: Duration = Duration::from_secs(15);

/// How long a stage that must stop waits for the uploads that it has started. They land all the same; what lands later
/// is deleted by the gate's sweep.
pub const UPLOADS_END_WITHIN: Duration = Duration::from_secs(30);

/// The pause between two renewals of a lease of that length. A quarter: two renewals may fail, and the third still comes
/// before the lease runs out.
#[must_use]
pub fn heartbeat(lease: Duration) -> Duration {
    (lease / 4).min(HEARTBEAT_MAX)
}

/// How a stage went.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// These were made and stored.
    Made(Vec<ArtifactRecord>),
    /// The job failed.
    Failed {
        /// Whether another attempt is pointless.
        permanent: bool,
        /// A stable word.
        code: String,
        /// A sentence.
        message: String,
    },
    /// A back end is to blame, not the job.
    Out {
        /// Which one, and until when it wants to be left alone.
        blame: Blame,
        /// A stable word.
        code: String,
        /// A sentence.
        message: String,
    },
    /// The user wants the job to end.
    Cancelled,
    /// The lease is another's by now.
    Lost,
    /// The gate does not know the job any more: its user was deleted. What was stored for it must go.
    Forgotten,
    /// The slot is another's by now, though the lease is not: the job waits for another.
    NoSlot,
    /// What the stage needs is not there yet: it is looked for again after this pause.
    NotYet(Duration),
}

/// What the answer to a renewal means for the work: how it must end now, or `None`: it goes on.
#[must_use]
pub fn after_renewal(reply: &Reply, has_lost_its_slot: bool) -> Option<Ending> {
    if is_forgotten(reply) {
        return Some(Ending::Forgotten);
    }
    if let Reply::Reported {
        outcome, cancel, ..
    } = reply
    {
        match outcome {
            Outcome::Accepted if *cancel => return Some(Ending::Cancelled),
            Outcome::Accepted => {}
            Outcome::Stale | Outcome::Repeated => return Some(Ending::Lost),
        }
    }
    has_lost_its_slot.then_some(Ending::NoSlot)
}

/// What to report of a stage that ended so at that time, with `entropy` for the jitter of a pause; `None` where the lease
/// is another's.
#[must_use]
pub fn report(
    (ending, ended_at): (Ending, Timestamp),
    Holding { job_id, epoch }: Holding,
    going: Going,
    entropy: u32,
) -> Option<Command> {
    let ended_at = Some(ended_at);
    let mut blamed = None;
    let requeue = |job_id, pause: Option<Duration>| Command::Requeue {
        job_id,
        epoch,
        pause_ms: pause.map(|pause| u32::try_from(pause.as_millis()).unwrap_or(u32::MAX)),
        going,
    };
    let (permanent, code, message) = match ending {
        Ending::Made(artifacts) => {
            return Some(Command::Complete {
                job_id,
                epoch,
                artifacts,
                ended_at,
                going,
            });
        }
        Ending::Lost | Ending::Forgotten => return None,
        Ending::NoSlot => return Some(requeue(job_id, None)),
        Ending::NotYet(pause) => return Some(requeue(job_id, Some(pause))),
        Ending::Failed {
            permanent,
            code,
            message,
        } => (permanent, code, message),
        Ending::Out {
            blame,
            code,
            message,
        } => {
            blamed = Some(blame);
            (false, code, message)
        }
        Ending::Cancelled => {
            let why = "the user cancelled the job";
            (true, "cancelled".to_owned(), why.to_owned())
        }
    };
    Some(Command::Fail {
        job_id,
        epoch,
        permanent,
        code,
        message,
        blame: blamed,
        entropy,
        ended_at,
        going,
    })
}

/// The pause before a report is called again that was called so often in vain; `None`: it is given up.
#[must_use]
pub fn report_again(calls: u32) -> Option<Duration> {
    (calls < REPORT_TRIES).then(|| doubled(REPORT_PAUSE, calls.saturating_sub(1)))
}

/// Whether the gate does not know the job at all.
#[must_use]
pub const fn is_forgotten(reply: &Reply) -> bool {
    matches!(
        reply,
        Reply::Reported {
            outcome: Outcome::Stale,
            state: None,
            ..
        }
    )
}

/// What is to be logged of a stage that began then and has succeeded, before anybody else may use its slot. Whether its
/// report is accepted shows later.
#[must_use]
pub fn completed(
    assignment: &Assignment,
    command: &Command,
    started_at: Timestamp,
) -> Option<Event> {
    let Command::Complete { ended_at, .. } = command else {
        return None;
    };
    Some(Event::Completed {
        job: assignment.into(),
        attempt: assignment.grant.attempt,
        duration_ms: ended_at.map_or(0, |at| at.millis_since(started_at)),
    })
}

/// Why a job that was at work waits for its turn again.
fn waits_again(job: JobFacts, command: &Command) -> Option<Event> {
    if let Command::Fail {
        blame: Some(blame),
        message,
        ..
    } = command
    {
        return Some(Event::Out {
            job,
            backend: blame.backend,
            error: message.clone(),
        });
    }
    let is_requeued = matches!(command, Command::Requeue { .. });
    is_requeued.then_some(Event::Requeued { job })
}

/// What is to be logged of a report, and of what the gate made of it.
#[must_use]
pub fn outcome(assignment: &Assignment, command: &Command, reply: &Reply) -> Vec<Event> {
    let Reply::Reported {
        outcome,
        state,
        retry_at,
        ..
    } = reply
    else {
        let what = "a gate gave no valid answer to a report";
        return vec![Event::fault(what, "unexpected reply")];
    };
    let job: JobFacts = assignment.into();
    if *outcome == Outcome::Stale {
        return vec![Event::Stale { job }];
    }
    let attempt = assignment.grant.attempt;
    let error = if let Command::Fail { message, .. } = command {
        message.clone()
    } else {
        String::new()
    };
    let event = match state {
        Some(State::Succeeded) => Some(Event::Succeeded { job }),
        Some(State::Cancelled) => Some(Event::Cancelled { job }),
        Some(State::Failed) => Some(Event::Failed { job, error }),
        Some(State::Retrying) if matches!(command, Command::Requeue { .. }) => None,
        Some(State::Retrying) => Some(Event::AttemptFailed {
            job,
            attempt,
            error,
            retry_at: retry_at.map(Timestamp::to_rfc3339),
        }),
        Some(State::Queued) => waits_again(job, command),
        Some(State::Parked | State::Running | State::Scheduled | State::Expired) | None => None,
    };
    event.into_iter().collect()
}
