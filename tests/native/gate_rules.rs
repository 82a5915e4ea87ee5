//! The rules of the gate, one story each.

use crate::{gate_harness::GateHarness, sqlite::Sqlite};
use std::time::Duration;
use story_queue::{
    domain::{JobId, Stage, Tier},
    gate::{
        Command, Reply, SqlStore, State,
        command::{Admission, Outcome, SkipReason},
        state::Notice,
    },
};

fn submit(gate: &mut GateHarness, tier: Tier, count: usize) -> Vec<JobId> {
    (0..count)
        .map(|_| {
            gate.pass(Duration::from_millis(1));
            gate.submit(tier)
        })
        .collect()
}

/// Runs a job from its first admission to its end.
fn run_to_the_end(gate: &mut GateHarness, job_id: &JobId) {
    for _ in 0..3 {
        let epoch = gate.start(job_id).epoch;
        assert_eq!(gate.complete(job_id, epoch).0, Outcome::Accepted);
    }
    assert_eq!(gate.state(job_id), State::Succeeded);
}

#[test]
fn each_tier_runs_as_many_as_its_limit_and_parks_the_rest() {
    for (tier, limit) in Tier::ALL.into_iter().zip([2_u32, 5, 10, 20]) {
        let mut gate = GateHarness::new();
        let jobs = submit(&mut gate, tier, 25);
        for (index, job_id) in (0_u32..).zip(&jobs) {
            match gate.admit(job_id) {
                Admission::Run(grant) => {
                    assert_eq!((grant.active, grant.limit), (index + 1, limit), "{tier}");
                }
                Admission::Park {
                    active, limit: of, ..
                } => {
                    assert!(index >= limit, "{tier}");
                    assert_eq!((active, of), (limit, limit), "{tier}");
                }
                Admission::Skip { reason } => panic!("{tier}: {reason:?}"),
            }
        }
        assert_eq!(gate.held(), limit);
    }
}

#[test]
fn a_freed_lease_goes_to_the_best_rank_in_the_turn_that_frees_it() {
    let mut gate = GateHarness::new();
    let [first, second, old, newer, newest] = submit(&mut gate, Tier::Tier1, 5).try_into().unwrap();
    let epoch = gate.start(&first).epoch;
    gate.start(&second);
    for job_id in [&newest, &old, &newer] {
        gate.admit(job_id);
    }
    gate.fail(&first, epoch, true);
    assert_eq!(
        gate.sent(),
        std::slice::from_ref(&old),
        "one freed, one woken"
    );
    assert_eq!(
        (gate.state(&old), gate.state(&newer)),
        (State::Granted, State::Parked)
    );
}

#[test]
fn a_raised_limit_is_used_at_once() {
    let mut gate = GateHarness::new();
    let jobs = submit(&mut gate, Tier::Tier1, 8);
    for job_id in &jobs {
        gate.admit(job_id);
    }
    submit(&mut gate, Tier::Tier2, 1);
    assert_eq!(gate.held(), 5);
    assert_eq!(
        gate.sent().len(),
        4,
        "three woken, and the ticket of the new job"
    );
}

#[test]
fn a_lease_is_carried_through_the_stages_without_waiting_again() {
    let mut gate = GateHarness::new();
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
    let submitted_at = gate.job(&job_id).submitted_at;
    for (number, stage) in [Stage::Image, Stage::Audio, Stage::Video]
        .into_iter()
        .enumerate()
    {
        let grant = gate.start(&job_id);
        assert_eq!((grant.stage, grant.attempt), (stage, 1));
        assert_eq!(
            grant.wait_ms.is_some(),
            number == 0,
            "only the first start ends the wait"
        );
        // Others fill the line; the job keeps its place at the front.
        let other = submit(&mut gate, Tier::Tier1, 1).remove(0);
        gate.admit(&other);
        gate.pass(Duration::from_secs(9));
        gate.complete(&job_id, grant.epoch);
        if number < 2 {
            assert!(gate.sent().contains(&job_id));
            let ticket = gate
                .effects
                .tickets
                .iter()
                .find(|ticket| ticket.job_id == job_id)
                .unwrap();
            assert_eq!(
                (ticket.submitted_at, ticket.tier),
                (submitted_at, Tier::Tier1)
            );
        }
    }
    let job = gate.job(&job_id);
    assert_eq!((job.state, job.times_parked), (State::Succeeded, 0));
    assert!(job.stages.iter().all(|stage| stage.artifacts.len() == 1));
}

#[test]
fn a_repeated_or_late_report_changes_nothing() {
    let mut gate = GateHarness::new();
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
    let first = gate.start(&job_id).epoch;
    gate.complete(&job_id, first);
    let after = gate.jobs();
    assert_eq!(
        gate.complete(&job_id, first),
        (Outcome::Repeated, Some(State::Granted))
    );
    assert_eq!(gate.fail(&job_id, first, true).0, Outcome::Repeated);
    let second = gate.start(&job_id).epoch;
    let running = gate.jobs();
    assert_ne!(after, running);
    assert_eq!(
        gate.complete(&job_id, first),
        (Outcome::Stale, Some(State::Running))
    );
    assert_eq!(gate.fail(&job_id, first, false).0, Outcome::Stale);
    assert_eq!(gate.complete(&job_id, second + 1).0, Outcome::Stale);
    assert_eq!(gate.jobs(), running);
    let stranger = gate.new_id();
    assert_eq!(gate.complete(&stranger, 1), (Outcome::Stale, None));
}

#[test]
fn a_duplicate_ticket_is_skipped_whatever_became_of_the_job() {
    let mut gate = GateHarness::new();
    let [running, other, parked] = submit(&mut gate, Tier::Tier1, 3).try_into().unwrap();
    let epoch = gate.start(&running).epoch;
    gate.start(&other);
    gate.admit(&parked);
    assert_eq!(gate.skipped(&running), SkipReason::AlreadyRunning);
    assert_eq!(gate.skipped(&parked), SkipReason::AlreadyParked);
    gate.fail(&running, epoch, false);
    assert_eq!(gate.skipped(&running), SkipReason::Retrying);
    gate.cancel(&running);
    assert_eq!(gate.skipped(&running), SkipReason::Ended);
    let stranger = gate.new_id();
    assert_eq!(gate.skipped(&stranger), SkipReason::Unknown);
}

#[test]
fn a_delivery_that_lost_the_answer_may_ask_again() {
    let mut gate = GateHarness::new();
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
    let first = gate.admit_as("one", &job_id);
    let Admission::Run(again) = gate.admit_as("one", &job_id) else {
        panic!("the same holder gets the same grant");
    };
    assert!(matches!(first, Admission::Run(grant) if grant.epoch == again.epoch));
    assert_eq!(
        gate.admit_as("two", &job_id),
        Admission::Skip {
            reason: SkipReason::AlreadyRunning
        }
    );
}

#[test]
fn a_dead_consumer_loses_its_lease_and_the_job_runs_again() {
    let mut gate = GateHarness::new();
    let [job_id, other, third] = submit(&mut gate, Tier::Tier1, 3).try_into().unwrap();
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
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
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
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
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
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
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
    run_to_the_end(&mut gate, &job_id);
}

#[test]
fn a_wake_up_that_comes_twice_does_nothing_the_second_time() {
    let mut gate = GateHarness::new();
    let jobs = submit(&mut gate, Tier::Tier1, 3);
    gate.start(&jobs[0]);
    gate.pass(Duration::from_hours(2));
    gate.wake();
    let (jobs, wake_by) = (gate.jobs(), gate.effects.wake_by);
    gate.wake();
    assert_eq!((gate.jobs(), gate.effects.wake_by), (jobs, wake_by));
    assert_eq!(gate.sent(), []);
}

#[test]
fn a_transient_failure_waits_without_a_lease_and_keeps_its_age() {
    let mut gate = GateHarness::new();
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
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
    let [job_id, other, parked] = submit(&mut gate, Tier::Tier1, 3).try_into().unwrap();
    let epoch = gate.start(&job_id).epoch;
    gate.start(&other);
    gate.admit(&parked);
    assert_eq!(gate.fail(&job_id, epoch, true).1, Some(State::Failed));
    assert_eq!(gate.sent(), [parked]);
}

#[test]
fn parking_spends_no_attempt() {
    let mut gate = GateHarness::new();
    let [first, second, parked] = submit(&mut gate, Tier::Tier1, 3).try_into().unwrap();
    let epoch = gate.start(&first).epoch;
    gate.start(&second);
    gate.admit(&parked);
    gate.fail(&first, epoch, true);
    assert_eq!(gate.start(&parked).attempt, 1);
    assert_eq!(gate.job(&parked).times_parked, 1);
}

#[test]
fn what_is_handed_back_keeps_its_lease_and_spends_no_attempt() {
    let mut gate = GateHarness::new();
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
    let first = gate.start(&job_id).epoch;
    let command = Command::HandBack {
        job_id: job_id.clone(),
        epoch: first,
    };
    assert_eq!(
        gate.report(command),
        (Outcome::Accepted, Some(State::Granted))
    );
    assert_eq!((gate.held(), gate.sent()), (1, vec![job_id.clone()]));
    let grant = gate.start(&job_id);
    assert_eq!((grant.attempt, grant.epoch), (1, first + 1));
}

#[test]
fn a_job_is_cancelled_at_once_unless_somebody_works_on_it() {
    let mut gate = GateHarness::new();
    let [running, granted, parked, next] = submit(&mut gate, Tier::Tier1, 4).try_into().unwrap();
    let epoch = gate.start(&running).epoch;
    let first_stage = gate.start(&granted).epoch;
    gate.complete(&granted, first_stage);
    gate.admit(&parked);
    gate.admit(&next);
    assert_eq!(gate.cancel(&parked), State::Cancelled);
    assert_eq!(gate.sent(), [], "a parked job held no lease");
    assert_eq!(gate.cancel(&granted), State::Cancelled);
    assert_eq!(gate.sent(), [next], "the lease of a granted job goes on");
    assert_eq!(gate.cancel(&running), State::Running);
    let renewed = gate.turn(Command::Renew {
        job_id: running.clone(),
        epoch,
    });
    assert!(
        matches!(renewed, Reply::Reported { cancel: true, .. }),
        "its holder is told"
    );
    assert_eq!(gate.complete(&running, epoch).1, Some(State::Cancelled));
    assert_eq!(gate.cancel(&running), State::Cancelled, "twice is once");
}

#[test]
fn one_key_is_one_job() {
    let mut gate = GateHarness::new();
    let Reply::Submitted {
        job,
        replayed: false,
    } = gate.submit_with_key("k", "same")
    else {
        panic!("the first is new");
    };
    let Reply::Submitted {
        job: again,
        replayed: true,
    } = gate.submit_with_key("k", "same")
    else {
        panic!("the second is the first");
    };
    assert_eq!((&again.job_id, gate.sent()), (&job.job_id, vec![]));
    let other = gate.submit_with_key("k", "other");
    assert_eq!(other, Reply::KeyReused { job_id: job.job_id });
    assert_eq!(gate.jobs().len(), 1);
}

#[test]
fn a_lowered_limit_lets_the_running_finish_and_admits_none_above_it() {
    let mut gate = GateHarness::new();
    let jobs = submit(&mut gate, Tier::Tier2, 6);
    let epochs: Vec<u32> = jobs[..5]
        .iter()
        .map(|job_id| gate.start(job_id).epoch)
        .collect();
    gate.admit(&jobs[5]);
    let lower = submit(&mut gate, Tier::Tier1, 1).remove(0);
    assert!(matches!(
        gate.admit(&lower),
        Admission::Park {
            active: 5,
            limit: 2,
            ..
        }
    ));
    for (index, (job_id, epoch)) in jobs.iter().zip(epochs).enumerate() {
        gate.fail(job_id, epoch, true);
        assert_eq!(
            gate.sent().len(),
            usize::from(index >= 3),
            "after {} ended",
            index + 1
        );
    }
}

#[test]
fn a_dead_lettered_ticket_is_noted_and_the_job_goes_on() {
    let mut gate = GateHarness::new();
    let job_id = submit(&mut gate, Tier::Tier1, 1).remove(0);
    gate.report(Command::Bury {
        job_id: job_id.clone(),
        message: "why".to_owned(),
    });
    let job = gate.job(&job_id);
    assert_eq!(
        (job.state, job.error.unwrap().code.as_str()),
        (State::Queued, "dead_lettered")
    );
    run_to_the_end(&mut gate, &job_id);
}

#[test]
fn finished_jobs_and_their_keys_are_forgotten_after_the_retention() {
    let mut gate = GateHarness::new();
    let Reply::Submitted { job, .. } = gate.submit_with_key("k", "print") else {
        panic!("the first is new");
    };
    run_to_the_end(&mut gate, &job.job_id);
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
    let jobs = submit(&mut gate, Tier::Tier1, 4);
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
