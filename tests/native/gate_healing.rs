//! What the gate does when something goes wrong, one story each.

use crate::{gate_harness::GateHarness, sqlite::Sqlite};
use std::time::Duration;
use story_queue::{
    domain::Tier,
    gate::{Command, Reply, SqlStore, State, command::Outcome, state::Notice},
};

#[test]
fn a_dead_consumer_loses_its_lease_and_the_job_runs_again() {
    let mut gate = GateHarness::new();
    let [job_id, other, third] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
    let dead = gate.start(&job_id).epoch;
    gate.start(&other);
    gate.admit(&third);
    gate.pass(gate.config.lease);
    gate.wake();
    let expired = |notice: &&(Notice, _)| notice.0 == Notice::LeaseExpired;
    assert_eq!(gate.effects.notices.iter().filter(expired).count(), 2);
    assert_eq!(gate.sent(), [third], "a freed lease idles for nobody");
    assert_eq!(
        gate.complete(&job_id, dead).0,
        Outcome::Stale,
        "the dead come back to nothing"
    );
    let (due, other_due) = (
        gate.job(&job_id).due.unwrap(),
        gate.job(&other).due.unwrap(),
    );
    assert_ne!(
        due, other_due,
        "those who died together do not come back together"
    );
    gate.now = due.max(other_due);
    gate.wake();
    let grant = gate.start(&job_id);
    assert_eq!((grant.attempt, grant.epoch), (2, dead + 2));
    assert_eq!(
        gate.state(&other),
        State::Parked,
        "the older one went first"
    );
    assert_eq!(gate.complete(&job_id, grant.epoch).0, Outcome::Accepted);
}

#[test]
fn a_job_whose_consumer_dies_each_time_fails_in_the_end() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    for _ in 0..gate.config.max_attempts {
        gate.start(&job_id);
        gate.pass(gate.config.lease);
        gate.wake();
        gate.now = gate.job(&job_id).due.unwrap();
        gate.wake();
    }
    let job = gate.job(&job_id);
    assert_eq!(
        (job.state, job.error.unwrap().code.as_str()),
        (State::Failed, "lease_expired")
    );
}

#[test]
fn a_renewed_lease_does_not_run_out() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    let epoch = gate.start(&job_id).epoch;
    for _ in 0..5 {
        gate.pass(gate.config.lease / 2);
        gate.report(Command::Renew {
            job_id: job_id.clone(),
            epoch,
        });
        gate.wake();
        assert_eq!(gate.state(&job_id), State::Running);
    }
}

#[test]
fn a_ticket_that_the_queue_lost_is_sent_again_ever_less_often() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let due = gate.job(&job_id).due.unwrap();
        pauses.push(due.millis_since(gate.now) / 1_000);
        gate.wake();
        assert_eq!(gate.sent(), [], "not before it is due");
        gate.now = due;
        gate.wake();
        assert_eq!(gate.sent(), std::slice::from_ref(&job_id));
    }
    assert_eq!(pauses, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
    gate.run_to_the_end(&job_id);
}

#[test]
fn a_wake_up_that_comes_twice_does_nothing_the_second_time() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    gate.start(&jobs[0]);
    gate.pass(Duration::from_hours(2));
    gate.wake();
    let (jobs, wake_by) = (gate.jobs(), gate.effects.wake_by);
    gate.wake();
    assert_eq!((gate.jobs(), gate.effects.wake_by), (jobs, wake_by));
    assert_eq!(gate.sent(), []);
}

#[test]
fn the_alarm_is_set_for_whatever_is_due_first() {
    let mut gate = GateHarness::new();
    let [running, queued] = gate.submit_many(Tier::Tier1, 2).try_into().unwrap();
    gate.start(&running);
    let due = gate.job(&queued).due.unwrap();
    assert!(Some(due) < gate.job(&running).due);
    gate.pass(Duration::from_secs(59));
    assert_eq!(due.millis_since(gate.now), 1_000);
    gate.wake();
    assert_eq!(gate.effects.wake_by, Some(due), "not later");
}

#[test]
fn jobs_to_be_forgotten_ring_again_after_a_pause_and_not_at_once() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    gate.cancel(&job_id);
    gate.now = gate.job(&job_id).due.unwrap();
    gate.wake();
    assert_eq!(gate.effects.purge, [job_id]);
    assert_eq!(
        gate.effects.wake_by,
        Some(gate.now.after(Duration::from_secs(10)))
    );
}

#[test]
fn a_transient_failure_waits_without_a_lease_and_keeps_its_age() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    let before = gate.job(&job_id);
    let mut pauses = Vec::new();
    for attempt in 1..5 {
        let grant = gate.start(&job_id);
        assert_eq!(grant.attempt, attempt);
        assert_eq!(
            gate.fail(&job_id, grant.epoch, false).1,
            Some(State::Retrying)
        );
        assert_eq!(gate.held(), 0);
        let due = gate.job(&job_id).due.unwrap();
        pauses.push(due.millis_since(gate.now) / 1_000);
        gate.now = due;
        gate.wake();
        assert_eq!(gate.sent(), std::slice::from_ref(&job_id));
    }
    assert_eq!(
        pauses,
        [10, 20, 40, 80],
        "doubling, at the upper end of the jitter"
    );
    let epoch = gate.start(&job_id).epoch;
    assert_eq!(
        gate.fail(&job_id, epoch, false).1,
        Some(State::Failed),
        "five attempts are all"
    );
    let after = gate.job(&job_id);
    assert_eq!(
        (after.submitted_at, after.rank),
        (before.submitted_at, before.rank)
    );
    assert_eq!(after.error.unwrap().code, "planted");
}

#[test]
fn a_permanent_failure_ends_the_job_and_frees_its_lease() {
    let mut gate = GateHarness::new();
    let [job_id, other, parked] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
    let epoch = gate.start(&job_id).epoch;
    gate.start(&other);
    gate.admit(&parked);
    assert_eq!(gate.fail(&job_id, epoch, true).1, Some(State::Failed));
    assert_eq!(gate.sent(), [parked]);
}

#[test]
fn a_dead_lettered_ticket_is_noted_and_the_job_goes_on() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    gate.report(Command::Bury {
        job_id: job_id.clone(),
        message: "why".to_owned(),
    });
    let job = gate.job(&job_id);
    assert_eq!(
        (job.state, job.error.unwrap().code.as_str()),
        (State::Queued, "dead_lettered")
    );
    gate.run_to_the_end(&job_id);
}

#[test]
fn finished_jobs_and_their_keys_are_forgotten_after_the_retention() {
    let mut gate = GateHarness::new();
    let Reply::Submitted { job, .. } = gate.submit_with_key("k", "print") else {
        panic!("the first is new");
    };
    gate.run_to_the_end(&job.job_id);
    gate.pass(gate.config.retention);
    gate.wake();
    assert_eq!(gate.effects.purge, [], "at the next full hour, not before");
    gate.pass(Duration::from_hours(1));
    gate.wake();
    let purge = gate.effects.purge.clone();
    assert_eq!(purge, [job.job_id]);
    gate.turn(Command::Forget { jobs: purge });
    assert_eq!((gate.jobs().len(), gate.effects.wake_by), (0, None));
    assert!(matches!(
        gate.submit_with_key("k", "other"),
        Reply::Submitted {
            replayed: false,
            ..
        }
    ));
}

#[test]
fn a_turn_that_fails_at_any_statement_changes_nothing() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 4);
    let epoch = gate.start(&jobs[0]).epoch;
    gate.start(&jobs[1]);
    gate.admit(&jobs[2]);
    let before = gate.jobs();
    let complete = || Command::Fail {
        job_id: jobs[0].clone(),
        epoch,
        permanent: true,
        code: String::new(),
        message: String::new(),
        entropy: 0,
        holder: None,
    };
    let mut failures = 0;
    loop {
        gate.database.fail_after(failures);
        let result = gate.try_turn(complete());
        gate.database.heal();
        if result.is_ok() {
            break;
        }
        failures += 1;
        assert_eq!(gate.jobs(), before, "after failing at statement {failures}");
    }
    assert!(failures > 5, "the turn writes more than once");
    assert_eq!(gate.state(&jobs[2]), State::Granted);
}

#[test]
fn tables_are_made_once_whole_or_not_at_all() {
    let database = Sqlite::in_memory();
    let store = SqlStore::new(&database);
    assert!(!store.exists().unwrap());
    for statement in 1..6 {
        database.fail_after(statement);
        assert!(store.migrate().is_err());
        database.heal();
        assert!(!store.exists().unwrap());
    }
    store.migrate().unwrap();
    store.migrate().unwrap();
    assert!(store.exists().unwrap());
}
