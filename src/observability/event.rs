//! An event as text lines or as one JSON object.

use crate::{
    domain::{JobId, Kind, Stage, Tier, Timestamp, UserId},
    gate::{Job, command::SkipReason, state::Notice},
};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// Which job an event is about.
#[derive(Clone, Debug, PartialEq)]
pub struct JobFacts {
    /// The job.
    pub job_id: JobId,
    /// Its user, where known.
    pub user_id: Option<UserId>,
    /// What it makes.
    pub kind: Kind,
    /// The stage at hand.
    pub stage: Stage,
    /// Its tier.
    pub tier: Tier,
    /// Its priority.
    pub priority: u32,
}

impl JobFacts {
    fn of(job: &Job) -> Self {
        Self {
            job_id: job.job_id.clone(),
            user_id: None,
            kind: job.kind,
            stage: job.current_stage(),
            tier: job.tier,
            priority: job.priority,
        }
    }

    fn suffix(&self) -> String {
        format!("(Tier: {}, Priority: {})", self.tier, self.priority)
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
    /// The job ended because its user said so.
    Cancelled { job: JobFacts },
    /// The user is at the limit.
    Parked {
        job: JobFacts,
        active: u32,
        limit: u32,
    },
    /// A ticket needed nothing.
    Skipped { job: JobFacts, reason: SkipReason },
    /// The delivery's budget was used up before the job's turn.
    HandedBack { job: JobFacts },
    /// A report came too late and changed nothing.
    Stale { job: JobFacts },
    /// A lease ran out.
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
    /// Something else went wrong.
    Fault { what: &'static str, error: String },
}

impl Event {
    /// What the gate noticed.
    #[must_use]
    pub fn from_notice(notice: &Notice) -> Self {
        match notice {
            Notice::LeaseExpired(job) => Self::LeaseExpired {
                job: JobFacts::of(job),
            },
            Notice::TicketResent(job) => Self::TicketResent {
                job: JobFacts::of(job),
                sends: job.sends,
            },
            Notice::Ended(job) if job.cancel_requested => Self::Cancelled {
                job: JobFacts::of(job),
            },
            Notice::Ended(job) => {
                let error = job
                    .error
                    .as_ref()
                    .map_or_else(String::new, |error| error.code.clone());
                Self::Failed {
                    job: JobFacts::of(job),
                    error,
                }
            }
        }
    }

    /// A fault, in words for the operator.
    pub(crate) fn fault(what: &'static str, error: impl Display) -> Self {
        Self::Fault {
            what,
            error: error.to_string(),
        }
    }

    /// The lines for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Started {
                job, active, limit, ..
            } => vec![
                format!(
                    "[Queue Consumer] Processing {} for job {} {}",
                    job.stage,
                    job.job_id,
                    job.suffix()
                ),
                format!("Active Concurrency: {active}/{limit}"),
            ],
            Self::Parked { job, active, limit } => vec![
                format!(
                    "[Concurrency Manager] Concurrency limit reached for user {}",
                    user(job)
                ),
                format!(
                    "Tier: {}, Active: {active}/{limit} - Job will retry",
                    job.tier
                ),
            ],
            Self::Buried {
                queue,
                message_id,
                error,
                ..
            } => {
                let (message_id, error) = (printable(message_id), printable(error));
                vec![format!(
                    "[Dead Letters] Message {message_id} of queue {queue} buried: {error}"
                )]
            }
            Self::Fault { what, error } => vec![format!("[Fault] {what}: {}", printable(error))],
            Self::Completed { job, .. }
            | Self::Succeeded { job }
            | Self::AttemptFailed { job, .. }
            | Self::Failed { job, .. }
            | Self::Cancelled { job }
            | Self::Skipped { job, .. }
            | Self::HandedBack { job }
            | Self::Stale { job }
            | Self::LeaseExpired { job }
            | Self::TicketResent { job, .. } => vec![self.line(job)],
        }
    }

    fn line(&self, job: &JobFacts) -> String {
        let JobFacts { job_id, stage, .. } = job;
        let (source, text) = match self {
            Self::Completed { duration_ms, .. } => (
                "Queue Consumer",
                format!("Completed {stage} for job {job_id} in {duration_ms} ms"),
            ),
            Self::Succeeded { .. } => ("Queue Consumer", format!("Job {job_id} succeeded")),
            Self::AttemptFailed { attempt, error, .. } => {
                let error = printable(error);
                (
                    "Queue Consumer",
                    format!("Attempt {attempt} at {stage} for job {job_id} failed: {error}"),
                )
            }
            Self::Failed { error, .. } => (
                "Queue Consumer",
                format!("Job {job_id} failed: {}", printable(error)),
            ),
            Self::Cancelled { .. } => ("Queue Consumer", format!("Job {job_id} cancelled")),
            Self::Skipped { reason, .. } => (
                "Queue Consumer",
                format!("Skipped ticket of job {job_id}: {}", skip(*reason)),
            ),
            Self::HandedBack { .. } => (
                "Queue Consumer",
                format!("Handed back {stage} for job {job_id}"),
            ),
            Self::Stale { .. } => (
                "Queue Consumer",
                format!("Late report on {stage} for job {job_id} refused"),
            ),
            Self::LeaseExpired { .. } => (
                "Concurrency Manager",
                format!("Lease expired for job {job_id}"),
            ),
            Self::TicketResent { sends, .. } => (
                "Concurrency Manager",
                format!("Ticket sent again for job {job_id} ({sends} sends)"),
            ),
            Self::Started { .. }
            | Self::Parked { .. }
            | Self::Buried { .. }
            | Self::Fault { .. } => ("Queue Consumer", format!("Job {job_id}")),
        };
        format!("[{source}] {text} {}", job.suffix())
    }

    /// The JSON object for queries.
    #[must_use]
    pub fn json(&self) -> String {
        let (name, job, facts) = match self {
            Self::Started {
                job,
                active,
                limit,
                wait_ms,
                attempt,
            } => (
                "started",
                Some(job),
                json!({"active": active, "limit": limit, "waitMs": wait_ms, "attempt": attempt}),
            ),
            Self::Completed {
                job,
                attempt,
                duration_ms,
            } => (
                "completed",
                Some(job),
                json!({"attempt": attempt, "durationMs": duration_ms}),
            ),
            Self::Succeeded { job } => ("succeeded", Some(job), json!({})),
            Self::AttemptFailed {
                job,
                attempt,
                error,
                retry_at,
            } => (
                "attemptFailed",
                Some(job),
                json!({"attempt": attempt, "error": error, "retryAt": retry_at.map(Timestamp::to_rfc3339)}),
            ),
            Self::Failed { job, error } => ("failed", Some(job), json!({"error": error})),
            Self::Cancelled { job } => ("cancelled", Some(job), json!({})),
            Self::Parked { job, active, limit } => (
                "parked",
                Some(job),
                json!({"active": active, "limit": limit}),
            ),
            Self::Skipped { job, reason } => ("skipped", Some(job), json!({"reason": reason})),
            Self::HandedBack { job } => ("handedBack", Some(job), json!({})),
            Self::Stale { job } => ("stale", Some(job), json!({})),
            Self::LeaseExpired { job } => ("leaseExpired", Some(job), json!({})),
            Self::TicketResent { job, sends } => {
                ("ticketResent", Some(job), json!({"sends": sends}))
            }
            Self::Buried {
                queue,
                message_id,
                job_id,
                error,
            } => (
                "buried",
                None,
                json!({"queue": queue, "messageId": message_id, "jobId": job_id, "error": error}),
            ),
            Self::Fault { what, error } => ("fault", None, json!({"what": what, "error": error})),
        };
        object(name, job, facts).to_string()
    }
}

/// The facts of an event with its name and its job's; what is not known is left out.
fn object(name: &str, job: Option<&JobFacts>, facts: Value) -> Value {
    let mut object = Map::new();
    object.insert("event".to_owned(), name.into());
    if let Some(job) = job {
        let facts = json!({
            "jobId": job.job_id, "userId": job.user_id, "kind": job.kind, "stage": job.stage,
            "tier": job.tier, "priority": job.priority,
        });
        extend(&mut object, facts);
    }
    extend(&mut object, facts);
    Value::Object(object)
}

fn extend(object: &mut Map<String, Value>, facts: Value) {
    if let Value::Object(facts) = facts {
        object.extend(facts.into_iter().filter(|(_, value)| !value.is_null()));
    }
}

fn user(job: &JobFacts) -> &str {
    job.user_id.as_ref().map_or("?", UserId::as_str)
}

const fn skip(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::AlreadyRunning => "already running",
        SkipReason::AlreadyParked => "already parked",
        SkipReason::Retrying => "waiting to be tried again",
        SkipReason::Ended => "already ended",
        SkipReason::Unknown => "unknown job",
    }
}

/// Text from outside on one line: control characters are escaped, so that nothing can forge a line.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
            let plain = (!escaped).then_some(character);
            plain
                .into_iter()
                .chain(character.escape_unicode().filter(move |_| escaped))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> JobFacts {
        JobFacts {
            job_id: JobId::new(Timestamp::from_millis(1_700_000_000_000), &[0; 10]),
            user_id: UserId::try_from("user123".to_owned()).ok(),
            kind: Kind::STORY,
            stage: Stage::Image,
            tier: Tier::Tier3,
            priority: 3,
        }
    }

    #[test]
    fn the_lines_of_the_design_are_exact() {
        let job = facts();
        let started = Event::Started {
            job: job.clone(),
            active: 7,
            limit: 10,
            wait_ms: Some(5),
            attempt: 1,
        };
        let expected = [
            format!(
                "[Queue Consumer] Processing image for job {} (Tier: tier3, Priority: 3)",
                job.job_id
            ),
            "Active Concurrency: 7/10".to_owned(),
        ];
        assert_eq!(started.lines(), expected);
        let parked = Event::Parked {
            job: JobFacts {
                tier: Tier::Tier2,
                ..job
            },
            active: 5,
            limit: 5,
        };
        let expected = [
            "[Concurrency Manager] Concurrency limit reached for user user123",
            "Tier: tier2, Active: 5/5 - Job will retry",
        ];
        assert_eq!(parked.lines(), expected);
    }

    #[test]
    fn json_carries_the_same_facts_and_leaves_out_what_is_not_known() {
        let event = Event::Started {
            job: facts(),
            active: 7,
            limit: 10,
            wait_ms: None,
            attempt: 1,
        };
        let expected = r#"{"active":7,"attempt":1,"event":"started","jobId":"018bcfe5-6800-7000-8000-000000000000","kind":"story","limit":10,"priority":3,"stage":"image","tier":"tier3","userId":"user123"}"#;
        assert_eq!(event.json(), expected);
    }

    #[test]
    fn text_from_outside_cannot_forge_a_line() {
        let error = "x\n[Queue Consumer] Job y succeeded\u{2028}\r".to_owned();
        let event = Event::Buried {
            queue: "q".into(),
            message_id: "m\n".into(),
            job_id: None,
            error,
        };
        for line in event.lines() {
            assert!(!line.contains(['\n', '\r', '\u{2028}']), "{line:?}");
        }
        assert!(!event.json().contains('\n'));
    }
}
