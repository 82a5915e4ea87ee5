//! What becomes of a job whose attempt or ticket failed, and of one that has ended long ago.

use super::harness::GateHarness;
use crate::harness::Harness;
use queue_core::gate::{Command, Reply, State};
use std::time::Duration;

#[test]
fn a_transient_error_waits_without_a_lease_and_keeps_its_age() {
    let (mut gate, job_id) = GateHarness::with_job();
    let before = gate.job(&job_id);
    // Doubling, at the upper end of the jitter.
    for (attempt, pause) in (1..).zip([10, 20, 40, 80]) {
        let grant = gate.start(&job_id);
        assert_eq!(grant.attempt, attempt);
        let failed = gate.fail(&job_id, grant.epoch, false);
        assert_eq!(failed.1, Some(State::Retrying));
        assert_eq!((gate.held(), gate.pause(&job_id)), (0, pause));
        gate.wake_for(&job_id);
        assert_eq!(gate.told(), std::slice::from_ref(&job_id));
    }
    let epoch = gate.start(&job_id).epoch;
    let failed = gate.fail(&job_id, epoch, false);
    assert_eq!(failed.1, Some(State::Failed), "five attempts are all");
    let after = gate.job(&job_id);
    assert_eq!(after.submitted_at, before.submitted_at);
    assert_eq!(after.rank, before.rank);
    assert_eq!(after.error.unwrap().code, "planted");
}

#[test]
fn a_dead_lettered_ticket_is_noted_and_the_job_goes_on() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.report(Command::Bury {
        job_id: job_id.clone(),
        message: "why".to_owned(),
    });
    let job = gate.job(&job_id);
    let why = job.error.unwrap().code;
    assert_eq!((job.state, why.as_str()), (State::Queued, "dead_lettered"));
    gate.run_to_the_end(&job_id);
}

#[test]
fn the_deletion_of_ended_jobs_is_repeated_after_a_pause() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.run_to_the_end(&job_id);
    gate.wake_after(gate.config.retention + Duration::from_hours(1));
    assert_eq!(gate.effects.purge, std::slice::from_ref(&job_id));
    let given_up = gate.now.after(Duration::from_mins(2));
    assert_eq!(
        gate.effects.wake_by,
        Some(given_up),
        "if nobody says how it went"
    );
    gate.wake();
    assert_eq!(gate.effects.purge, [], "not twice at the same time");
    let mut pauses = Vec::new();
    for _ in 0..3 {
        gate.turn(Command::Forget {
            jobs: Vec::new(),
            failed: vec![job_id.clone()],
        });
        let due = gate.effects.wake_by.unwrap();
        pauses.push(due.millis_since(gate.now) / 60_000);
        gate.wake_at(due);
        assert_eq!(gate.effects.purge, std::slice::from_ref(&job_id));
    }
    assert_eq!(pauses, [1, 2, 4]);
}

#[test]
fn ended_jobs_and_their_keys_are_deleted_after_the_retention_period() {
    let mut gate = GateHarness::new();
    let Reply::Submitted { job, .. } = gate.submit_with_key("k", "print") else {
        panic!("the first is new");
    };
    gate.run_to_the_end(&job.job_id);
    gate.wake_after(gate.config.retention);
    assert_eq!(gate.effects.purge, [], "at the next full hour, not before");
    gate.wake_after(Duration::from_hours(1));
    let jobs = gate.effects.purge.clone();
    assert_eq!(jobs, [job.job_id]);
    gate.turn(Command::Forget {
        jobs,
        failed: Vec::new(),
    });
    assert_eq!((gate.jobs().len(), gate.effects.wake_by), (0, None));
    let is_new = |reply| matches!(reply, Reply::Submitted { replayed, .. } if !replayed);
    assert!(is_new(gate.submit_with_key("k", "other")));
}
