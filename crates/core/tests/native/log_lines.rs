//! Log lines: one event is one JSON object on one line, and no text from outside makes another line.

use crate::arbitrary::{cases, count, job_id, millis, moment, stage, text, tier, user_id};
use proptest::{option::of, prelude::*};
use queue_core::{
    domain::{JobId, Kind, Stage, Tier, Timestamp, UserId},
    events::{Event, JobFacts},
    gate::command::SkipReason,
};
use serde_json::Value;

fn facts() -> impl Strategy<Value = JobFacts> {
    (job_id(), user_id(), stage(), tier(), count()).prop_map(
        |(job_id, user_id, stage, tier, priority)| JobFacts {
            job_id,
            user_id,
            kind: Kind::story(),
            stage,
            tier,
            priority,
        },
    )
}

fn about_a_job() -> impl Strategy<Value = Event> {
    let started = (facts(), count(), count(), of(millis()), count());
    let completed = (facts(), count(), millis());
    let attempt_failed = (facts(), count(), text(), of(moment()));
    prop_oneof![
        started.prop_map(|(job, active, limit, wait_ms, attempt)| Event::Started {
            job,
            active,
            limit,
            wait_ms,
            attempt
        }),
        completed.prop_map(|(job, attempt, duration_ms)| Event::Completed {
            job,
            attempt,
            duration_ms
        }),
        attempt_failed.prop_map(|(job, attempt, error, retry_at)| Event::AttemptFailed {
            job,
            attempt,
            error,
            retry_at: retry_at.map(Timestamp::to_rfc3339)
        }),
        facts().prop_map(|job| Event::Succeeded { job }),
        facts().prop_map(|job| Event::Cancelled { job }),
        facts().prop_map(|job| Event::Requeued { job }),
        facts().prop_map(|job| Event::StartMissed { job }),
        facts().prop_map(|job| Event::Stale { job }),
        facts().prop_map(|job| Event::LeaseExpired { job }),
        facts().prop_map(|job| Event::SlotExpired { job }),
        facts().prop_map(|job| Event::Skipped {
            job,
            reason: SkipReason::Retrying
        }),
        (facts(), text()).prop_map(|(job, error)| Event::Failed { job, error }),
        (facts(), count()).prop_map(|(job, sends)| Event::TicketResent { job, sends }),
        (facts(), count(), count()).prop_map(|(job, active, limit)| Event::Parked {
            job,
            active,
            limit
        }),
        (facts(), count(), count()).prop_map(|(job, active, capacity)| Event::CapacityReached {
            job,
            active,
            capacity
        }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let buried = (text(), text(), of(job_id()), text());
    prop_oneof![
        15 => about_a_job(),
        1 => buried.prop_map(|(queue, message_id, job_id, error)| Event::Buried {
            queue,
            message_id,
            job_id,
            error
        }),
        1 => (text(), any::<usize>()).prop_map(|(queue, messages)| Event::Delivery { queue, messages }),
        1 => (any::<usize>(), count()).prop_map(|(rows_read, alarms_set)| Event::Turn {
            object: "gate",
            trigger: "call",
            rows_read,
            rows_written: 1,
            alarms_set
        }),
        1 => any::<usize>().prop_map(|deleted| Event::LettersExpired { deleted }),
        1 => (of(user_id()), text()).prop_map(|(user_id, reason)| Event::Refused {
            what: "w",
            route: "r",
            user_id,
            reason
        }),
        1 => (text(), text(), of(user_id())).prop_map(|(event_id, event_type, user_id)| {
            Event::Webhook {
                event_id,
                event_type,
                user_id,
                outcome: "applied",
            }
        }),
        1 => text().prop_map(|error| Event::Fault { what: "w", error }),
    ]
}

fn example(tier: Tier, priority: u32) -> JobFacts {
    JobFacts {
        job_id: JobId::new(Timestamp::from_millis(1_700_000_000_000), &[0; 10]),
        user_id: UserId::try_from("user123".to_owned()).unwrap(),
        kind: Kind::story(),
        stage: Stage::Image,
        tier,
        priority,
    }
}

#[test]
fn the_documented_lines_are_exact() {
    let started = Event::Started {
        job: example(Tier::Tier3, 3),
        active: 7,
        limit: 10,
        wait_ms: None,
        attempt: 1,
    };
    let expected = [
        "[Queue Consumer] Processing image for job 018bcfe5-6800-7000-8000-000000000000 (Tier: tier3, Priority: 3)",
        "Active Concurrency: 7/10",
    ];
    assert_eq!(started.lines(), expected);
    let expected = r#"{"active":7,"attempt":1,"event":"started","jobId":"018bcfe5-6800-7000-8000-000000000000","kind":"story","limit":10,"priority":3,"stage":"image","tier":"tier3","userId":"user123"}"#;
    assert_eq!(started.json(), expected);
    let parked = Event::Parked {
        job: example(Tier::Tier2, 2),
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
fn a_refusal_names_the_route_the_user_and_the_request() {
    let refused = |user_id: Option<&str>| Event::Refused {
        what: "a caller",
        route: "GET /users/{userId}",
        user_id: user_id.map(|id| UserId::try_from(id.to_owned()).unwrap()),
        reason: "the token has expired".to_owned(),
    };
    let expected = "[Access] a caller refused: the token has expired (Route: GET /users/{userId})";
    assert_eq!(refused(None).lines(), [expected]);
    let expected =
        "[Access] a caller refused: the token has expired (Route: GET /users/{userId}, User: mara)";
    assert_eq!(refused(Some("mara")).lines(), [expected]);
    let expected = r#"{"event":"refused","reason":"the token has expired","requestId":"r-1","route":"GET /users/{userId}","userId":"mara","what":"a caller"}"#;
    assert_eq!(refused(Some("mara")).json_of(Some("r-1")), expected);
}

/// What ends a line for any reader of logs.
const LINE_ENDS: [char; 6] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\0'];

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn an_event_is_one_json_object_on_one_line(event in event()) {
        let line = event.json();
        prop_assert!(!line.contains(['\n', '\r', '\0']), "{:?}", line);
        let Value::Object(object) = serde_json::from_str(&line).unwrap() else {
            panic!("{line} is no object");
        };
        prop_assert!(object["event"].is_string());
        prop_assert!(object.values().all(|value| !value.is_null()), "{}", line);
    }

    #[test]
    fn numbers_and_strings_are_unchanged_in_json(
        job in facts(), wait in millis(), duration in millis(), error in text(), wide in count(),
    ) {
        let read = |event: &Event| serde_json::from_str::<Value>(&event.json()).unwrap();
        let started = read(&Event::Started { job: job.clone(), active: wide, limit: wide, wait_ms: Some(wait), attempt: wide });
        prop_assert_eq!(started["waitMs"].as_i64(), Some(wait));
        for name in ["active", "limit", "attempt"] {
            prop_assert_eq!(started[name].as_u64(), Some(u64::from(wide)));
        }
        let completed = read(&Event::Completed { job: job.clone(), attempt: 1, duration_ms: duration });
        prop_assert_eq!(completed["durationMs"].as_i64(), Some(duration));
        prop_assert_eq!(completed["priority"].as_u64(), Some(u64::from(job.priority)));
        let failed = read(&Event::Failed { job, error: error.clone() });
        prop_assert_eq!(failed["error"].as_str(), Some(error.as_str()));
    }

    #[test]
    fn no_text_breaks_a_line_for_people(event in event()) {
        let lines = event.lines();
        prop_assert!((1..=2).contains(&lines.len()));
        for line in lines {
            prop_assert!(!line.contains(LINE_ENDS) && !line.contains(['\u{2028}', '\u{2029}']), "{:?}", line);
        }
    }
}
