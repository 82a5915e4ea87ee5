//! The rules of the gate when nothing goes wrong, one story each.

use crate::gate_harness::GateHarness;
use std::time::Duration;
use story_queue::{
    domain::{Stage, Tier},
    gate::{
        Command, Reply, State,
        command::{Admission, Outcome, SkipReason},
    },
};

#[test]
fn each_tier_runs_as_many_as_its_limit_and_parks_the_rest() {
    for (tier, limit) in Tier::ALL.into_iter().zip([2_u32, 5, 10, 20]) {
        let mut gate = GateHarness::new();
        let jobs = gate.submit_many(tier, 25);
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
    let [first, second, old, newer, newest] = gate.submit_many(Tier::Tier1, 5).try_into().unwrap();
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
    let jobs = gate.submit_many(Tier::Tier1, 8);
    for job_id in &jobs {
        gate.admit(job_id);
    }
    gate.submit_many(Tier::Tier2, 1);
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
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
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
        let other = gate.submit_many(Tier::Tier1, 1).remove(0);
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
fn a_lease_keeps_its_date_until_the_job_gives_it_up() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    gate.pass(Duration::from_secs(5));
    let first = gate.now;
    let epoch = gate.start(&job_id).epoch;
    assert_eq!(gate.job(&job_id).granted_at, Some(first));
    gate.pass(Duration::from_secs(5));
    gate.complete(&job_id, epoch);
    assert_eq!(gate.job(&job_id).granted_at, Some(first), "granted again");
    gate.pass(Duration::from_secs(5));
    let epoch = gate.start(&job_id).epoch;
    assert_eq!(gate.job(&job_id).granted_at, Some(first), "running again");
    gate.fail(&job_id, epoch, false);
    gate.now = gate.job(&job_id).due.unwrap();
    gate.wake();
    assert_eq!(gate.state(&job_id), State::Granted);
    assert_eq!(
        gate.job(&job_id).granted_at,
        Some(gate.now),
        "a new lease after the pause"
    );
}

#[test]
fn a_repeated_or_late_report_changes_nothing() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
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
    let [running, other, parked] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
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
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
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
fn parking_spends_no_attempt() {
    let mut gate = GateHarness::new();
    let [first, second, parked] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
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
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
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
    let [running, granted, parked, next] = gate.submit_many(Tier::Tier1, 4).try_into().unwrap();
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
    let jobs = gate.submit_many(Tier::Tier2, 6);
    let epochs: Vec<u32> = jobs[..5]
        .iter()
        .map(|job_id| gate.start(job_id).epoch)
        .collect();
    gate.admit(&jobs[5]);
    let lower = gate.submit_many(Tier::Tier1, 1).remove(0);
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
