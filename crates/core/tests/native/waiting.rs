//! Why a job waits: as its user sees it, and as it is logged.

use crate::{
    gate::{
        commands::{LEAVES, postponed},
        harness::GateHarness,
    },
    harness::{Harness, START},
    pool::harness::PoolHarness,
};
use queue_core::{
    api::view,
    domain::{JobId, Tier, UserId},
    estimate::Estimate,
    events::Event,
    pool::{command::Place, turn::START_WITHIN},
};
use serde_json::{Value, json};
use std::time::Duration;

fn user() -> UserId {
    UserId::try_from("user123".to_owned()).unwrap()
}

/// What the answer says of a wait; of the pool's line, `place`.
fn waiting(gate: &mut GateHarness, job_id: &JobId, place: Option<&Place>) -> Value {
    let job = gate.view(job_id);
    view::job(&user(), &job, place)["waiting"].take()
}

#[test]
fn a_parked_job_waits_for_its_users_limit() {
    let (mut gate, jobs) = GateHarness::with_jobs::<4>(Tier::Tier1);
    let mut waits = waiting(&mut gate, &jobs[3], None);
    let is = ["reason", "active", "limit", "position", "estimate"].map(|name| waits[name].take());
    assert_eq!(json!(is), json!(["user_limit", 2, 2, 2, null]));
}

#[test]
fn a_queued_job_waits_for_capacity_or_is_about_to_start() {
    let (mut gate, job_id) = GateHarness::with_job();
    let estimate = Estimate {
        starts_at: START.after(Duration::from_secs(20)),
        from: START.after(Duration::from_secs(10)),
        until: START.after(Duration::from_secs(40)),
        ended: 7,
        ahead: 2,
    };
    let place = |position| {
        Some(Place {
            position,
            active: 50,
            capacity: 50,
            estimate: Some(estimate),
            halt: None,
        })
    };
    let waits = waiting(&mut gate, &job_id, place(Some(3)).as_ref());
    let is = ["reason", "active", "limit", "position"].map(|name| &waits[name]);
    assert_eq!(json!(is), json!(["capacity", 50, 50, 3]));
    let told = json!({
        "startsAt": "2023-11-14T22:13:40.000Z",
        "from": "2023-11-14T22:13:30.000Z",
        "until": "2023-11-14T22:14:00.000Z",
        "basedOn": {"jobs": 7, "ahead": 2},
    });
    assert_eq!(waits["estimate"], told);
    let detail = |waits: Value| waits["detail"].as_str().map(str::to_owned);
    let given = detail(waiting(&mut gate, &job_id, place(None).as_ref()));
    assert_eq!(given.as_deref(), Some("It is about to start."));
    let alone = detail(waiting(&mut gate, &job_id, None));
    assert_eq!(alone.as_deref(), Some("It is waiting for its turn."));
}

#[test]
fn a_failed_attempt_waits_for_its_retry_and_a_running_job_does_not_wait() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    assert_eq!(waiting(&mut gate, &job_id, None), Value::Null);
    gate.fail(&job_id, epoch, false);
    let waits = waiting(&mut gate, &job_id, None);
    let due = gate.job(&job_id).due.unwrap().to_rfc3339();
    let is = json!([waits["reason"], waits["until"]]);
    assert_eq!(is, json!(["backoff", due]));
    gate.cancel(&job_id);
    assert_eq!(waiting(&mut gate, &job_id, None), Value::Null);
}

#[test]
fn only_a_job_that_failed_is_said_to_have_failed() {
    for (fails, said) in [(true, "failed"), (false, "not there yet")] {
        let (mut gate, job_id, epoch) = GateHarness::running();
        if fails {
            gate.fail(&job_id, epoch, false);
        } else {
            gate.report(postponed(&job_id, epoch, LEAVES));
        }
        let waits = waiting(&mut gate, &job_id, None);
        assert!(waits["detail"].as_str().unwrap().contains(said), "{waits}");
    }
}

/// The lines of all that the latest turn of the gate had to log.
fn lines(gate: &GateHarness) -> Vec<String> {
    let notices = gate.effects.notices.iter();
    let events = notices.map(|(notice, job)| Event::from_notice(*notice, job, &user()));
    events.flat_map(|event| event.lines()).collect()
}

#[test]
fn the_gate_logs_parked_jobs_and_jobs_that_ended_without_a_report() {
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    let expected = [
        "[Concurrency Manager] Concurrency limit reached for user user123",
        "Tier: tier1, Active: 2/2 - Job will retry",
    ];
    assert_eq!(lines(&gate), expected);
    let named = |text: &str| format!("{text} (Tier: tier1, Priority: 1)");
    gate.cancel(&jobs[2]);
    let cancelled = format!("[Queue Consumer] Job {} cancelled", jobs[2]);
    assert_eq!(lines(&gate), [named(&cancelled)]);
    gate.start(&jobs[0]);
    gate.wake_for(&jobs[0]);
    let expired = format!("[Concurrency Manager] Lease expired for job {}", jobs[0]);
    assert_eq!(lines(&gate), [named(&expired)]);
}

#[test]
fn the_pool_logs_jobs_at_a_full_pool_and_expired_slots() {
    let mut pool = PoolHarness::new(1);
    let said = |pool: &PoolHarness| {
        let notices = pool.effects.notices.iter();
        let events = notices.map(|(notice, claim)| Event::from_pool(*notice, claim, 1));
        events.flat_map(|event| event.lines()).collect::<Vec<_>>()
    };
    let first = pool.told(Tier::Tier3);
    pool.takes("one", 1);
    let second = pool.told(Tier::Tier1);
    let full = [
        format!(
            "[Capacity Pool] Capacity reached for job {}",
            second.job_id()
        ),
        "Tier: tier1, Active: 1/1 - Job will retry".to_owned(),
    ];
    assert_eq!(said(&pool), full);
    pool.wake_after(START_WITHIN);
    let named = |what: &str| {
        let text = format!("[Capacity Pool] {what} for job {}", first.job_id());
        [text + " (Tier: tier3, Priority: 3)"]
    };
    assert_eq!(said(&pool), named("Start missed"));
    pool.takes("two", 1);
    assert!(pool.confirms("two", &first));
    pool.wake_after(pool.config.lease);
    assert_eq!(said(&pool), named("Slot expired"));
}
