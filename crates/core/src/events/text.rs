//! An event as lines for people, exactly as in docs/operations.md.

use super::{Event, JobFacts};
use crate::gate::command::SkipReason;

const CONSUMER: &str = "Queue Consumer";
const MANAGER: &str = "Concurrency Manager";
const POOL: &str = "Capacity Pool";

impl Event {
    /// The lines for people.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm an event")]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Started {
                job, active, limit, ..
            } => vec![
                line(
                    CONSUMER,
                    job,
                    &format!("Processing {} for job {}", job.stage, job.job_id),
                ),
                format!("Active Concurrency: {active}/{limit}"),
            ],
            Self::Parked { job, active, limit } => vec![
                format!(
                    "[{MANAGER}] Concurrency limit reached for user {}",
                    job.user_id
                ),
                format!(
                    "Tier: {}, Active: {active}/{limit} - Job will retry",
                    job.tier
                ),
            ],
            Self::CapacityReached {
                job,
                active,
                capacity,
            } => vec![
                format!("[{POOL}] Capacity reached for job {}", job.job_id),
                format!(
                    "Tier: {}, Active: {active}/{capacity} - Job will retry",
                    job.tier
                ),
            ],
            Self::Buried {
                queue,
                message_id,
                error,
                ..
            } => {
                let [queue, message_id, error] =
                    [queue, message_id, error].map(|text| printable(text));
                vec![format!(
                    "[Dead Letters] Message {message_id} of queue {queue} buried: {error}"
                )]
            }
            Self::LettersExpired { deleted } => {
                vec![format!("[Retention] {deleted} dead letters deleted")]
            }
            Self::Turn {
                object,
                trigger,
                rows,
                alarms_set,
            } => vec![format!(
                "[Costs] {object} {trigger}: {} rows read, {} written, {alarms_set} alarms set",
                rows.read, rows.written
            )],
            Self::Delivery { queue, messages } => vec![format!(
                "[Costs] Delivery of queue {}: {messages} messages",
                printable(queue)
            )],
            Self::Refused { what, reason } => {
                vec![format!("[Access] {what} refused: {}", printable(reason))]
            }
            Self::Webhook {
                event_id,
                event_type,
                user_id,
                outcome,
            } => {
                let [event_id, event_type] = [event_id, event_type].map(|text| printable(text));
                let user = user_id
                    .as_ref()
                    .map_or_else(String::new, |user| format!(" for user {user}"));
                vec![format!(
                    "[Stripe] Event {event_id} ({event_type}){user}: {outcome}"
                )]
            }
            Self::Fault { what, error } => vec![format!("[Fault] {what}: {}", printable(error))],
            Self::Completed {
                job, duration_ms, ..
            } => one(
                CONSUMER,
                job,
                &format!(
                    "Completed {} for job {} in {duration_ms} ms",
                    job.stage, job.job_id
                ),
            ),
            Self::Succeeded { job } => one(CONSUMER, job, &format!("Job {} succeeded", job.job_id)),
            Self::Cancelled { job } => one(CONSUMER, job, &format!("Job {} cancelled", job.job_id)),
            Self::Failed { job, error } => one(
                CONSUMER,
                job,
                &format!("Job {} failed: {}", job.job_id, printable(error)),
            ),
            Self::AttemptFailed {
                job,
                attempt,
                error,
                ..
            } => one(
                CONSUMER,
                job,
                &format!(
                    "Attempt {attempt} at {} for job {} failed: {}",
                    job.stage,
                    job.job_id,
                    printable(error)
                ),
            ),
            Self::Skipped { job, reason } => one(
                CONSUMER,
                job,
                &format!("Skipped job {}: {}", job.job_id, skip(*reason)),
            ),
            Self::Requeued { job } => one(
                CONSUMER,
                job,
                &format!("Slot lost by {} for job {}", job.stage, job.job_id),
            ),
            Self::StartMissed { job } => {
                one(POOL, job, &format!("Start missed for job {}", job.job_id))
            }
            Self::Stale { job } => one(
                CONSUMER,
                job,
                &format!(
                    "Late result of {} for job {} refused",
                    job.stage, job.job_id
                ),
            ),
            Self::LeaseExpired { job } => one(
                MANAGER,
                job,
                &format!("Lease expired for job {}", job.job_id),
            ),
            Self::SlotExpired { job } => {
                one(POOL, job, &format!("Slot expired for job {}", job.job_id))
            }
            Self::TicketResent { job, sends } => one(
                MANAGER,
                job,
                &format!("Ticket sent again for job {} ({sends} sends)", job.job_id),
            ),
        }
    }
}

fn line(source: &str, job: &JobFacts, text: &str) -> String {
    format!(
        "[{source}] {text} (Tier: {}, Priority: {})",
        job.tier, job.priority
    )
}

fn one(source: &str, job: &JobFacts, text: &str) -> Vec<String> {
    vec![line(source, job, text)]
}

const fn skip(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::AlreadyRunning => "already running",
        SkipReason::AlreadyParked => "already parked",
        SkipReason::Retrying => "waiting to be tried again",
        SkipReason::OtherLease => "holds another lease now",
        SkipReason::Ended => "already ended",
        SkipReason::Unknown => "unknown job",
    }
}

/// Text from outside, on one line: control characters are escaped, so that it cannot forge a line.
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
    use crate::domain::Tier;

    #[test]
    fn the_documented_lines_are_exact() {
        let job = JobFacts::example();
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
        let waiting = Event::CapacityReached {
            job: JobFacts::example(),
            active: 50,
            capacity: 50,
        };
        let expected = [
            "[Capacity Pool] Capacity reached for job 018bcfe5-6800-7000-8000-000000000000",
            "Tier: tier3, Active: 50/50 - Job will retry",
        ];
        assert_eq!(waiting.lines(), expected);
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
