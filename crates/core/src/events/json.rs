//! An event as one JSON object, for queries.

use super::{Event, JobFacts};
use crate::domain::Timestamp;
use serde_json::{Map, Value, json};

impl Event {
    /// The JSON object for queries.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm an event")]
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
            Self::CapacityReached {
                job,
                active,
                capacity,
            } => (
                "capacityReached",
                Some(job),
                json!({"active": active, "capacity": capacity}),
            ),
            Self::SlotExpired { job } => ("slotExpired", Some(job), json!({})),
            Self::Skipped { job, reason } => ("skipped", Some(job), json!({"reason": reason})),
            Self::Requeued { job } => ("requeued", Some(job), json!({})),
            Self::StartMissed { job } => ("startMissed", Some(job), json!({})),
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
            Self::LettersExpired { deleted } => {
                ("lettersExpired", None, json!({"deleted": deleted}))
            }
            Self::Turn {
                object,
                trigger,
                rows,
                alarms_set,
            } => (
                "turn",
                None,
                json!({
                    "object": object, "trigger": trigger, "rowsRead": rows.read,
                    "rowsWritten": rows.written, "alarmsSet": alarms_set,
                }),
            ),
            Self::Delivery { queue, messages } => (
                "delivery",
                None,
                json!({"queue": queue, "messages": messages}),
            ),
            Self::Refused { what, reason } => {
                ("refused", None, json!({"what": what, "reason": reason}))
            }
            Self::Webhook {
                event_id,
                event_type,
                user_id,
                outcome,
            } => (
                "webhook",
                None,
                json!({"eventId": event_id, "eventType": event_type, "userId": user_id, "outcome": outcome}),
            ),
            Self::Fault { what, error } => ("fault", None, json!({"what": what, "error": error})),
        };
        object(name, job, facts).to_string()
    }
}

/// The facts of an event, its name and its job; unknown values are omitted.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_same_facts_and_omits_unknown_ones() {
        let event = Event::Started {
            job: JobFacts::example(),
            active: 7,
            limit: 10,
            wait_ms: None,
            attempt: 1,
        };
        let expected = r#"{"active":7,"attempt":1,"event":"started","jobId":"018bcfe5-6800-7000-8000-000000000000","kind":"story","limit":10,"priority":3,"stage":"image","tier":"tier3","userId":"user123"}"#;
        assert_eq!(event.json(), expected);
    }
}
