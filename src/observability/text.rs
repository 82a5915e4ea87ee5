//! An event as lines for people, in the exact forms of the README.

use super::{Event, JobFacts};
use crate::{domain::UserId, gate::command::SkipReason};

impl Event {
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
    use crate::domain::Tier;

    #[test]
    fn the_lines_of_the_design_are_exact() {
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
