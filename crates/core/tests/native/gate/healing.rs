//! What the gate does when a consumer dies, an alarm is late, or its storage fails, one case each.

use super::{
    commands::{CARRIES, LEAVES, failed},
    harness::GateHarness,
    subscriptions::sold,
};
use crate::harness::Harness;
use queue_core::{
    domain::Tier,
    gate::{Command, SqlStore, State, command::Outcome, turn::Notice},
    storage::Database,
};
use std::time::Duration;
use testkit::Sqlite;

#[test]
fn a_dead_consumer_loses_its_lease_and_the_job_runs_again() {
    let (mut gate, [job_id, other, third]) = GateHarness::with_jobs(Tier::Tier1);
    let dead = gate.start(&job_id).epoch;
    gate.start(&other);
    gate.wake_after(gate.config.lease);
    assert_eq!(gate.notices(), [Notice::LeaseExpired; 2]);
    assert_eq!(gate.told(), [third], "a freed lease idles for nobody");
    // The dead come back to nothing.
    assert_eq!(gate.complete(&job_id, dead).0, Outcome::Stale);
    // Those who died together do not come back together.
    let dues = [&job_id, &other].map(|job_id| gate.job(job_id).due.unwrap());
    assert_ne!(dues[0], dues[1]);
    gate.wake_at(dues[0].max(dues[1]));
    let grant = gate.start(&job_id);
    assert_eq!((grant.attempt, grant.epoch), (2, dead + 3));
    assert_eq!(
        gate.state(&other),
        State::Parked,
        "the older one went first"
    );
    assert_eq!(gate.complete(&job_id, grant.epoch).0, Outcome::Accepted);
}

#[test]
fn a_job_whose_consumer_dies_each_time_fails_in_the_end() {
    let (mut gate, job_id) = GateHarness::with_job();
    for _ in 0..gate.config.max_attempts {
        gate.start(&job_id);
        gate.wake_after(gate.config.lease);
        gate.wake_for(&job_id);
    }
    let job = gate.job(&job_id);
    let why = job.error.unwrap().code;
    assert_eq!((job.state, why.as_str()), (State::Failed, "lease_expired"));
}

#[test]
fn a_renewed_lease_does_not_expire() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    for _ in 0..5 {
        gate.pass(gate.config.lease / 2);
        assert!(!gate.must_stop(&job_id, epoch));
        gate.wake();
    }
    assert_eq!(gate.state(&job_id), State::Running);
}

#[test]
fn a_repeated_wake_up_does_nothing() {
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    gate.start(&jobs[0]);
    gate.cancel(&jobs[1]);
    gate.wake_after(Duration::from_hours(2));
    let [_, cancelled, next] = jobs;
    assert_eq!((gate.told(), gate.gone()), (vec![next], vec![cancelled]));
    let (jobs, wake_by) = (gate.jobs(), gate.effects.wake_by);
    gate.wake();
    assert_eq!((gate.jobs(), gate.effects.wake_by), (jobs, wake_by));
    assert!(gate.effects.tell.is_empty());
}

#[test]
fn the_alarm_is_set_for_the_next_due_time() {
    let (mut gate, [running, queued]) = GateHarness::with_jobs(Tier::Tier1);
    gate.start(&running);
    let due = gate.job(&queued).due;
    assert!(due < gate.job(&running).due);
    gate.pass(Duration::from_secs(59));
    assert_eq!(gate.pause(&queued), 1);
    gate.wake();
    assert_eq!(gate.effects.wake_by, due, "not later");
}

#[test]
fn a_turn_that_fails_at_any_statement_changes_nothing() {
    let (mut gate, jobs) = GateHarness::with_jobs::<4>(Tier::Tier1);
    let epoch = gate.start(&jobs[0]).epoch;
    let rows = |gate: &GateHarness| {
        let gone = gate.database.query("SELECT * FROM gone", &[]);
        (gate.jobs(), gone.unwrap())
    };
    let job_id = jobs[1].clone();
    let turns = [
        (failed(&jobs[0], epoch, true, CARRIES), 4),
        (failed(&jobs[0], epoch, true, LEAVES), 1),
        (Command::SetPlan(sold(Tier::Tier3, (1, 1))), 5),
        (Command::Cancel { job_id }, 4),
        (Command::DeleteUser, 9),
    ];
    for (command, statements) in turns {
        let before = rows(&gate);
        let mut failures = 0;
        loop {
            gate.database.fail_after(failures);
            let result = gate.try_turn(command.clone());
            gate.database.heal();
            if result.is_ok() {
                break;
            }
            failures += 1;
            assert_eq!(rows(&gate), before, "{command:?} at {failures}");
        }
        assert!(failures > statements, "{command:?} has {failures}");
    }
}

#[test]
fn tables_are_created_once_and_completely_or_not_at_all() {
    let database = Sqlite::in_memory().unwrap();
    let store = SqlStore::new(&database);
    assert!(!store.exists().unwrap());
    for statement in 1..7 {
        database.fail_after(statement);
        assert!(store.migrate().is_err());
        database.heal();
        assert!(!store.exists().unwrap());
    }
    store.migrate().unwrap();
    store.migrate().unwrap();
    assert!(store.exists().unwrap());
}
