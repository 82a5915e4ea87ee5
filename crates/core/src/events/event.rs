//! The events, and the facts of each.

use crate::{
    domain::{JobId, Kind, Stage, Ticket, Tier, Timestamp, UserId},
    gate::{Job, State, command::SkipReason, turn::Notice},
    pool::{self, Claim},
    storage::Rows,
};
use std::fmt::Display;

/// Which job an event is about.
#[derive(Clone, Debug, PartialEq)]
pub struct JobFacts {
    /// The job.
    pub job_id: JobId,
    /// Its user.
    pub user_id: UserId,
    /// What it makes.
    pub kind: Kind,
    /// The current stage.
    pub stage: Stage,
    /// Its tier.
    pub tier: Tier,
    /// Its priority.
    pub priority: u32,
}

impl JobFacts {
    fn of(job: &Job, user_id: &UserId) -> Self {
        Self {
            job_id: job.job_id.clone(),
            user_id: user_id.clone(),
            kind: job.kind,
            stage: job.current_stage(),
            tier: job.tier,
            priority: job.priority,
        }
    }
}

impl From<&Ticket> for JobFacts {
    fn from(ticket: &Ticket) -> Self {
        Self {
            job_id: ticket.job_id.clone(),
            user_id: ticket.user_id.clone(),
            kind: ticket.kind,
            stage: ticket.stage,
            tier: ticket.tier,
            priority: ticket.priority,
        }
    }
}

/// Something that happened. The table of all of them is in [`super`].
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are those of the table in the design, by the same names"
)]
pub enum Event {
    /// A stage starts.
    Started {
        job: JobFacts,
        active: u32,
        limit: u32,
        wait_ms: Option<i64>,
        attempt: u32,
    },
    /// A stage succeeded.
    Completed {
        job: JobFacts,
        attempt: u32,
        duration_ms: i64,
    },
    /// The last stage succeeded.
    Succeeded { job: JobFacts },
    /// A stage failed; it will be tried again.
    AttemptFailed {
        job: JobFacts,
        attempt: u32,
        error: String,
        retry_at: Option<Timestamp>,
    },
    /// The job ended without success.
    Failed { job: JobFacts, error: String },
    /// The job ended because its user cancelled it.
    Cancelled { job: JobFacts },
    /// The user is at the limit.
    Parked {
        job: JobFacts,
        active: u32,
        limit: u32,
    },
    /// All slots of the pool are taken.
    CapacityReached {
        job: JobFacts,
        active: u32,
        capacity: u32,
    },
    /// A slot expired.
    SlotExpired { job: JobFacts },
    /// A ticket needed no work.
    Skipped { job: JobFacts, reason: SkipReason },
    /// A running job lost its slot, and waits for another.
    Requeued { job: JobFacts },
    /// A delivery got a job and did not start it in time.
    StartMissed { job: JobFacts },
    /// Another holder had the lease when the stage ended; the result is not used.
    Stale { job: JobFacts },
    /// A lease expired.
    LeaseExpired { job: JobFacts },
    /// A ticket was sent again.
    TicketResent { job: JobFacts, sends: u32 },
    /// A message could not be read, or was dead-lettered.
    Buried {
        queue: String,
        message_id: String,
        job_id: Option<JobId>,
        error: String,
    },
    /// Records of dead letters were deleted after their retention.
    LettersExpired { deleted: usize },
    /// An object took a turn (`LOG_COSTS`): the billed operations.
    Turn {
        object: &'static str,
        trigger: &'static str,
        rows: Rows,
        alarms_set: u32,
    },
    /// A delivery arrived (`LOG_COSTS`).
    Delivery { queue: String, messages: usize },
    /// A caller or a webhook was refused.
    Refused { what: &'static str, reason: String },
    /// Stripe sent an event.
    Webhook {
        event_id: String,
        event_type: String,
        user_id: Option<UserId>,
        outcome: &'static str,
    },
    /// Something else went wrong.
    Fault { what: &'static str, error: String },
}

impl Event {
    /// What the gate noticed about one of the user's jobs.
    #[must_use]
    pub fn from_notice(notice: Notice, job: &Job, user_id: &UserId) -> Self {
        let facts = JobFacts::of(job, user_id);
        match notice {
            Notice::LeaseExpired => Self::LeaseExpired { job: facts },
            Notice::TicketResent => Self::TicketResent {
                job: facts,
                sends: job.sends,
            },
            Notice::Parked { active, limit } => Self::Parked {
                job: facts,
                active,
                limit,
            },
            Notice::Ended if job.state == State::Cancelled => Self::Cancelled { job: facts },
            Notice::Ended => {
                let error = job
                    .error
                    .as_ref()
                    .map_or_else(String::new, |error| error.code.clone());
                Self::Failed { job: facts, error }
            }
        }
    }

    /// The billed operations of one turn of an object.
    #[must_use]
    pub const fn turn(
        object: &'static str,
        trigger: &'static str,
        rows: Rows,
        alarms_set: u32,
    ) -> Self {
        Self::Turn {
            object,
            trigger,
            rows,
            alarms_set,
        }
    }

    /// What the pool noticed about a claim.
    #[must_use]
    pub fn from_pool(notice: pool::turn::Notice, claim: &Claim, capacity: u32) -> Self {
        let job = (&claim.want.ticket).into();
        match notice {
            pool::turn::Notice::CapacityReached { active } => Self::CapacityReached {
                job,
                active,
                capacity,
            },
            pool::turn::Notice::SlotExpired => Self::SlotExpired { job },
            pool::turn::Notice::StartMissed => Self::StartMissed { job },
        }
    }

    /// A fault, described for the operator.
    pub fn fault(what: &'static str, error: impl Display) -> Self {
        Self::Fault {
            what,
            error: error.to_string(),
        }
    }
}

#[cfg(test)]
impl JobFacts {
    pub(super) fn example() -> Self {
        Self {
            job_id: JobId::new(Timestamp::from_millis(1_700_000_000_000), &[0; 10]),
            user_id: UserId::try_from("user123".to_owned()).unwrap(),
            kind: Kind::STORY,
            stage: Stage::Image,
            tier: Tier::Tier3,
            priority: 3,
        }
    }
}
