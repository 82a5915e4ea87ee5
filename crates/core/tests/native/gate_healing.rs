//! What the gate does if something goes wrong, one case each.

use crate::{
    gate_commands::{CARRIES, LEAVES, failed},
    gate_harness::GateHarness,
    gate_steps::sold,
};
use queue_core::{
    domain::Tier,
    gate::{Command, Reply, SqlStore, State, command::Outcome, turn::Notice},
    storage::Database,
};
use std::time::Duration;
use testkit::Sqlite;

#[test]
fn a_dead_consumer_loses_its_lease_and_the_job_runs_again() {
    let mut gate = GateHarness::new();
    let [job_id, other, third] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
    let dead = gate.start(&job_id).epoch;
    gate.start(&other);
    gate.pass(gate.config.lease);
    gate.wake();
    assert_eq!(gate.notices(), [Notice::LeaseExpired; 2]);
    assert_eq!(gate.told(), [third], "a freed lease idles for nobody");
    assert_eq!(
        gate.complete(&job_id, dead).0,
        Outcome::Stale,
        "the dead come back to nothing"
    );
    let dues = [&job_id, &other].map(|job_id| gate.job(job_id).due.unwrap());
    assert_ne!(
        dues[0], dues[1],
        "those who died together do not come back together"
    );
    gate.now = dues[0].max(dues[1]);
    gate.wake();
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
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    for _ in 0..gate.config.max_attempts {
        gate.start(&job_id);
        gate.pass(gate.config.lease);
        gate.wake();
        gate.wake_for(&job_id);
    }
    let job = gate.job(&job_id);
    let why = job.error.unwrap().code;
    assert_eq!((job.state, why.as_str()), (State::Failed, "lease_expired"));
}

#[test]
fn a_cancelled_running_job_ends_when_its_consumer_dies() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    gate.start(&job_id);
    gate.cancel(&job_id);
    gate.wake_for(&job_id);
    assert_eq!(gate.notices(), [Notice::LeaseExpired, Notice::Ended]);
    assert_eq!(gate.state(&job_id), State::Cancelled);
}

#[test]
fn a_renewed_lease_does_not_expire() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    for _ in 0..5 {
        gate.pass(gate.config.lease / 2);
        let job_id = job_id.clone();
        gate.report(Command::Renew { job_id, epoch });
        gate.wake();
    }
    assert_eq!(gate.state(&job_id), State::Running);
}

#[test]
fn a_job_that_is_not_started_is_announced_again_with_growing_pauses() {
    for has_pool in [true, false] {
        let mut gate = GateHarness::new();
        gate.config.has_pool = has_pool;
        let job_id = gate.submit(Tier::Tier1);
        let mut pauses = Vec::new();
        for _ in 0..9 {
            let due = gate.job(&job_id).due.unwrap();
            pauses.push(due.millis_since(gate.now) / 1_000);
            gate.wake();
            assert_eq!(
                (gate.told(), gate.sent()),
                (vec![], vec![]),
                "not before it is due"
            );
            gate.now = due;
            gate.wake();
            let again = vec![job_id.clone()];
            if has_pool {
                assert_eq!((gate.told(), gate.sent()), (again, vec![]));
                assert_eq!(gate.notices(), []);
            } else {
                assert_eq!((gate.told(), gate.sent()), (vec![], again));
                assert_eq!(gate.notices(), [Notice::TicketResent]);
            }
        }
        assert_eq!(pauses, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
        gate.run_to_the_end(&job_id);
    }
}

#[test]
fn a_job_that_waits_again_is_announced_after_the_first_pause() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    for _ in 0..3 {
        gate.wake_for(&job_id);
    }
    let epoch = gate.start(&job_id).epoch;
    gate.complete(&job_id, epoch);
    let due = gate.now.after(gate.config.ticket_resend);
    assert_eq!(gate.job(&job_id).due, Some(due));
}

#[test]
fn a_repeated_wake_up_does_nothing() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    gate.start(&jobs[0]);
    gate.cancel(&jobs[1]);
    gate.pass(Duration::from_hours(2));
    gate.wake();
    assert_eq!(
        (gate.told(), gate.gone()),
        (vec![jobs[2].clone()], vec![jobs[1].clone()])
    );
    let (jobs, wake_by) = (gate.jobs(), gate.effects.wake_by);
    gate.wake();
    assert_eq!((gate.jobs(), gate.effects.wake_by), (jobs, wake_by));
    assert!(gate.effects.tell.is_empty());
}

#[test]
fn the_alarm_is_set_for_the_next_due_time() {
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
fn the_deletion_of_ended_jobs_is_repeated_after_a_pause() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    gate.run_to_the_end(&job_id);
    gate.wake_for(&job_id);
    assert_eq!(gate.effects.purge, [job_id]);
    assert_eq!(
        gate.effects.wake_by,
        Some(gate.now.after(Duration::from_secs(10)))
    );
}

#[test]
fn a_transient_error_waits_without_a_lease_and_keeps_its_age() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
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
        gate.wake_for(&job_id);
        assert_eq!(gate.told(), std::slice::from_ref(&job_id));
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
fn a_permanent_error_ends_the_job_and_frees_its_lease() {
    let mut gate = GateHarness::new();
    let [job_id, other, parked] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
    let epoch = gate.start(&job_id).epoch;
    gate.start(&other);
    assert_eq!(gate.fail(&job_id, epoch, true).1, Some(State::Failed));
    assert_eq!(gate.told(), [parked]);
}

#[test]
fn a_dead_lettered_ticket_is_noted_and_the_job_goes_on() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
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
fn ended_jobs_and_their_keys_are_deleted_after_the_retention_period() {
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
    let gone = |gate: &GateHarness| gate.database.query("SELECT * FROM gone", &[]).unwrap();
    let turns = [
        (failed(&jobs[0], epoch, true, CARRIES), 4),
        (failed(&jobs[0], epoch, true, LEAVES), 1),
        (Command::SetPlan(sold(Tier::Tier3, (1, 1))), 5),
        (
            Command::Cancel {
                job_id: jobs[1].clone(),
            },
            4,
        ),
        (Command::DeleteUser, 9),
    ];
    for (command, statements) in turns {
        let before = (gate.jobs(), gone(&gate));
        let mut failures = 0;
        loop {
            gate.database.fail_after(failures);
            let result = gate.try_turn(command.clone());
            gate.database.heal();
            if result.is_ok() {
                break;
            }
            failures += 1;
            assert_eq!(
                (gate.jobs(), gone(&gate)),
                before,
                "{command:?} at {failures}"
            );
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
