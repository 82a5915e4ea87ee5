//! The table of events, and the events that gates and pools notice.

use super::{
    job::JobFacts,
    row::{Level, Row, events, printable},
};
use crate::{
    domain::{Backend, JobId, ReplayId, Stage, Timestamp, UserId},
    failures::{Run, RunState},
    gate::{Job, State, command::SkipReason, turn::Notice},
    pool::{self, Claim, turn::Turned},
};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Display;

events! {
    JobFacts { job_id, user_id, stage, tier, priority, .. }

    /// A stage starts; `active` of the at most `limit` jobs of the user are active.
    Started(job) { active: u32, limit: u32, wait_ms: Option<i64>, attempt: u32 }
    Log "[Queue Consumer] Processing {stage} for job {job_id} (Tier: {tier}, Priority: {priority})",
        "Active Concurrency: {active}/{limit}";

    /// A stage succeeded.
    Completed(job) { attempt: u32, duration_ms: i64 }
    Log "[Queue Consumer] Completed {stage} for job {job_id} in {duration_ms} ms (Tier: {tier}, Priority: {priority})";

    /// The last stage succeeded.
    Succeeded(job) {}
    Log "[Queue Consumer] Job {job_id} succeeded (Tier: {tier}, Priority: {priority})";

    /// A stage failed and will be tried again.
    AttemptFailed(job) { attempt: u32, error: String, retry_at: Option<String> }
    Log "[Queue Consumer] Attempt {attempt} at {stage} for job {job_id} failed: {error} (Tier: {tier}, Priority: {priority})";

    /// The job ended without success.
    Failed(job) { error: String }
    Error "[Queue Consumer] Job {job_id} failed: {error} (Tier: {tier}, Priority: {priority})";

    /// An ended job began anew, for the given time; `run` is the replay of many that it was part of.
    Replayed(job) { times: u32, run: Option<ReplayId> }
    Log "[Concurrency Manager] Job {job_id} replayed from {stage} (Tier: {tier}, Priority: {priority})";

    /// A replay of many jobs began, for so many jobs.
    ReplayBegan { replay_id: ReplayId, matched: u32, rate: u32 }
    Log "[Replay] {replay_id} began: {matched} jobs, {rate} a minute";

    /// A replay of many jobs has asked for all, or was stopped.
    ReplayEnded { replay_id: ReplayId, state: RunState, matched: u32, replayed: u32, refused: u32 }
    Log "[Replay] {replay_id} {state}: {replayed} of {matched} jobs replayed, {refused} refused";

    /// The job was cancelled.
    Cancelled(job) {}
    Log "[Queue Consumer] Job {job_id} cancelled (Tier: {tier}, Priority: {priority})";

    /// The job had not started by the time that its submission gave; it has ended.
    Expired(job) {}
    Log "[Concurrency Manager] Job {job_id} expired before it started (Tier: {tier}, Priority: {priority})";

    /// The user is at the limit; the job starts when a lease becomes free.
    Parked(job) { active: u32, limit: u32 }
    Log "[Concurrency Manager] Concurrency limit reached for user {user_id}",
        "Tier: {tier}, Active: {active}/{limit} - Job will retry";

    /// All slots are in use; the job starts when one becomes free.
    CapacityReached(job) { active: u32, capacity: u32 }
    Log "[Capacity Pool] Capacity reached for job {job_id}",
        "Tier: {tier}, Active: {active}/{capacity} - Job will retry";

    /// A consumer died; its slot was taken back.
    SlotExpired(job) {}
    Log "[Capacity Pool] Slot expired for job {job_id} (Tier: {tier}, Priority: {priority})";

    /// A job that was to start needed nothing; in most cases it had just ended.
    Skipped(job) { reason: SkipReason }
    Log "[Queue Consumer] Skipped job {job_id}: {reason} (Tier: {tier}, Priority: {priority})"
        where reason = skip(*reason);

    /// A back end is to blame for a failure, not the job: it waits, and no attempt is spent.
    Out(job) { backend: Backend, error: String }
    Log "[Queue Consumer] {stage} for job {job_id} waits for {backend}: {error} (Tier: {tier}, Priority: {priority})";

    /// A back end is out: no job begins these stages until one that tries succeeds.
    OutageBegan { backend: Backend, stages: Vec<Stage> }
    Error "[Capacity Pool] Outage of {backend} began ({held})"
        where held = names(stages);

    /// A back end is there again.
    OutageEnded { backend: Backend, seconds: i64 }
    Log "[Capacity Pool] Outage of {backend} ended after {seconds} s";

    /// The pool had taken the job's slot back; the job waits for another.
    Requeued(job) {}
    Log "[Queue Consumer] Slot lost by {stage} for job {job_id} (Tier: {tier}, Priority: {priority})";

    /// A delivery got a job and did not start it within 15 seconds; the job is in the line again.
    StartMissed(job) {}
    Log "[Capacity Pool] Start missed for job {job_id} (Tier: {tier}, Priority: {priority})";

    /// The lease belonged to another delivery by then; nothing changed.
    Stale(job) {}
    Log "[Queue Consumer] Late result of {stage} for job {job_id} refused (Tier: {tier}, Priority: {priority})";

    /// A consumer died; this counts as an attempt, and the job is tried again after a pause, or ends.
    LeaseExpired(job) {}
    Log "[Concurrency Manager] Lease expired for job {job_id} (Tier: {tier}, Priority: {priority})";

    /// Only without a pool: the queue did not deliver in time.
    TicketResent(job) { sends: u32 }
    Log "[Concurrency Manager] Ticket sent again for job {job_id} ({sends} sends) (Tier: {tier}, Priority: {priority})";

    /// A message could not be read, or was delivered too often; **look at it**.
    Buried { queue: String, message_id: String, job_id: Option<JobId>, error: String }
    Error "[Dead Letters] Message {message_id} of queue {queue} buried: {error}";

    /// Once a day: records of dead letters were deleted after their retention.
    LettersExpired { deleted: usize }
    Log "[Retention] {deleted} dead letters deleted";

    /// A caller, a submission, a mail, a link or a webhook was refused, and why; `userId` is that of a valid token, or of a mail's address.
    Refused { what: &'static str, route: &'static str, user_id: Option<UserId>, reason: String }
    Log "[Access] {what} refused: {reason} (Route: {route}{user})"
        where user = user_id.as_ref().map_or_else(String::new, |user| format!(", User: {user}"));

    /// Stripe sent an event, which had this outcome.
    Webhook { event_id: String, event_type: String, user_id: Option<UserId>, outcome: &'static str }
    Log "[Stripe] Event {event_id} ({event_type}){user}: {outcome}"
        where user = user_id.as_ref().map_or_else(String::new, |user| format!(" for user {user}"));

    /// Something about an event of Stripe is odd; **look at it** there.
    WebhookDoubt { event_id: String, user_id: Option<UserId>, doubt: &'static str }
    Error "[Stripe] Event {event_id}{user}: {doubt}"
        where user = user_id.as_ref().map_or_else(String::new, |user| format!(" for user {user}"));

    /// Only with `LOG_COSTS`: what a turn of an object read, wrote and set.
    Turn { object: &'static str, trigger: &'static str, rows_read: usize, rows_written: usize, alarms_set: u32 }
    Log "[Costs] {object} {trigger}: {rows_read} rows read, {rows_written} written, {alarms_set} alarms set";

    /// Only with `LOG_COSTS`: a delivery brought messages.
    Delivery { queue: String, messages: usize }
    Log "[Costs] Delivery of queue {queue}: {messages} messages";

    /// Something else went wrong; it repairs itself, or a caller got a 5xx.
    Fault { what: &'static str, error: String }
    Error "[Fault] {what}: {error}";
}

const fn skip(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::AlreadyRunning => "already running",
        SkipReason::AlreadyParked => "already parked",
        SkipReason::Scheduled => "scheduled for later",
        SkipReason::Retrying => "waiting to be tried again",
        SkipReason::OtherLease => "holds another lease now",
        SkipReason::Ended => "already ended",
        SkipReason::Unknown => "unknown job",
    }
}

fn names(stages: &[Stage]) -> String {
    let names: Vec<&str> = stages.iter().map(|stage| stage.name()).collect();
    names.join(", ")
}

impl Event {
    /// The JSON object for queries; unknown values are omitted.
    ///
    /// # Panics
    /// Never: every field serialises to JSON.
    #[must_use]
    pub fn json(&self) -> String {
        self.json_of(None)
    }

    /// The same, about the request with this id.
    ///
    /// # Panics
    /// Never: every field serialises to JSON.
    #[must_use]
    pub fn json_of(&self, request_id: Option<&str>) -> String {
        let mut event = serde_json::to_value(self).expect("an event has only strings and numbers");
        if let Value::Object(facts) = &mut event {
            if let Some(Value::Object(job)) = facts.remove("job") {
                facts.extend(job);
            }
            facts.extend(request_id.map(|id| ("requestId".to_owned(), id.into())));
            facts.retain(|_, value| !value.is_null());
        }
        event.to_string()
    }

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
            Notice::Replayed => Self::Replayed {
                job: facts,
                times: job.past.replays,
                run: job.past.last.as_ref().and_then(|last| last.run.clone()),
            },
            Notice::Ended if job.state == State::Cancelled => Self::Cancelled { job: facts },
            Notice::Ended if job.state == State::Expired => Self::Expired { job: facts },
            Notice::Ended => {
                let error = job
                    .error
                    .as_ref()
                    .map_or_else(String::new, |error| error.code.clone());
                Self::Failed { job: facts, error }
            }
        }
    }

    /// A replay of many began, or ended.
    #[must_use]
    pub fn of_run(run: &Run) -> Self {
        let (replay_id, matched) = (run.id.clone(), run.matched);
        if !run.state.is_over() {
            return Self::ReplayBegan {
                replay_id,
                matched,
                rate: run.rate,
            };
        }
        Self::ReplayEnded {
            replay_id,
            state: run.state,
            matched,
            replayed: run.replayed,
            refused: run.refused.values().sum(),
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

    /// A breaker opened, or closed at that time.
    #[must_use]
    pub fn turned(turned: &Turned, now: Timestamp) -> Self {
        let Turned {
            backend,
            since,
            stages,
        } = turned;
        if stages.is_empty() {
            return Self::OutageEnded {
                backend: *backend,
                seconds: now.millis_since(*since) / 1_000,
            };
        }
        Self::OutageBegan {
            backend: *backend,
            stages: stages.clone(),
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
