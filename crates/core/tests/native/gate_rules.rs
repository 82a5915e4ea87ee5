//! The rules of the gate if nothing goes wrong, one case each.

use crate::{
    gate_commands::{LEAVES, failed, holding, requeued},
    gate_harness::GateHarness,
};
use queue_core::{
    domain::{Stage, Tier},
    gate::{
        Command, Reply, State,
        command::{Outcome, SkipReason, Start},
        turn::Notice,
    },
};
use std::time::Duration;

#[test]
fn each_tier_has_leases_up_to_its_limit_and_further_jobs_are_parked() {
    for (tier, limit) in Tier::ALL.into_iter().zip([2_u32, 5, 10, 20]) {
        let mut gate = GateHarness::new();
        for count in 1..=25 {
            let job_id = gate.submit(tier);
            let job = gate.job(&job_id);
            if count <= limit {
                assert_eq!((job.state, job.epoch), (State::Queued, 1), "{tier}");
                assert_eq!(gate.told(), [job_id], "{tier}");
                assert_eq!(gate.notices(), [], "{tier}");
            } else {
                assert_eq!((job.state, job.times_parked), (State::Parked, 1), "{tier}");
                assert_eq!(gate.told(), [], "{tier}");
                let active = limit;
                assert_eq!(gate.notices(), [Notice::Parked { active, limit }]);
            }
        }
        assert_eq!(gate.held(), limit);
    }
}

#[test]
fn a_freed_lease_goes_to_the_best_rank_in_the_turn_that_frees_it() {
    let mut gate = GateHarness::new();
    let first = gate.submit_many(Tier::Tier1, 2).remove(0);
    let waiting: Vec<_> = (0..3).map(|_| gate.new_job(Some(Tier::Tier1))).collect();
    let [old, newer, newest] = waiting.try_into().unwrap();
    let ids = [&old, &newer, &newest].map(|job| job.job_id.clone());
    // As old as each other: the smaller id goes first, whichever came first.
    for job in [newest, old, newer] {
        gate.turn(Command::Submit(job));
    }
    let epoch = gate.start(&first).epoch;
    gate.fail(&first, epoch, true);
    assert_eq!(gate.told(), ids[..1], "one freed, one woken");
    let states = ids.each_ref().map(|job_id| gate.state(job_id));
    assert_eq!(states, [State::Queued, State::Parked, State::Parked]);
}

#[test]
fn a_raised_limit_is_used_at_once_and_waiting_jobs_go_before_new_ones() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 8);
    gate.pass(Duration::from_millis(1));
    let last = gate.submit(Tier::Tier2);
    assert_eq!(gate.held(), 5);
    assert_eq!(gate.told(), jobs[2..5]);
    assert_eq!(gate.state(&last), State::Parked);
}

#[test]
fn a_lease_is_kept_through_all_stages_without_waiting() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let submitted = gate.job(&job_id);
    for (number, stage) in (0..).zip([Stage::Image, Stage::Audio, Stage::Video]) {
        let grant = gate.start(&job_id);
        assert_eq!((grant.stage, grant.attempt), (stage, 1));
        let is_first = number == 0;
        assert_eq!(grant.wait_ms.is_some(), is_first, "it ends the wait");
        // Others fill the line; the job keeps its place at the front.
        gate.submit_many(Tier::Tier1, 2);
        gate.pass(Duration::from_secs(9));
        gate.complete(&job_id, grant.epoch);
        if number < 2 {
            assert_eq!(gate.told(), std::slice::from_ref(&job_id));
            let want = &gate.effects.tell.wants[0];
            assert_eq!(want.rank, submitted.rank);
            let carried = (want.ticket.submitted_at, want.ticket.tier);
            assert_eq!(carried, (submitted.submitted_at, Tier::Tier1));
        }
    }
    let job = gate.job(&job_id);
    assert_eq!((job.state, job.times_parked), (State::Succeeded, 0));
    assert!(job.stages.iter().all(|stage| stage.artifacts.len() == 1));
}

#[test]
fn a_lease_keeps_its_time_until_the_job_releases_it() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let first = Some(gate.now);
    for stage in 0..2 {
        gate.pass(Duration::from_secs(5));
        let epoch = gate.start(&job_id).epoch;
        assert_eq!(gate.job(&job_id).granted_at, first, "it runs");
        gate.pass(Duration::from_secs(5));
        if stage == 0 {
            gate.complete(&job_id, epoch);
            assert_eq!(gate.job(&job_id).granted_at, first, "it is queued again");
        } else {
            gate.fail(&job_id, epoch, false);
        }
    }
    gate.wake_for(&job_id);
    let job = gate.job(&job_id);
    assert_eq!((job.state, job.granted_at), (State::Queued, Some(gate.now)));
}

#[test]
fn a_lease_runs_from_the_start_and_not_from_its_grant() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    gate.pass(gate.config.lease * 10);
    gate.wake();
    assert_eq!(gate.state(&job_id), State::Queued, "it waited for its turn");
    gate.start(&job_id);
    let until = gate.now.after(gate.config.lease);
    assert_eq!(gate.job(&job_id).due, Some(until));
}

#[test]
fn a_job_starts_only_under_the_epoch_of_its_lease_and_gets_a_new_one() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let other = Start::Skip {
        reason: SkipReason::OtherLease,
    };
    assert_eq!(gate.start_as("one", &job_id, 0), other);
    assert_eq!(gate.start_as("one", &job_id, 2), other);
    assert_eq!(gate.state(&job_id), State::Queued);
    assert_eq!(gate.start(&job_id).epoch, 2);
}

#[test]
fn a_delivery_that_lost_the_answer_may_ask_again() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let starts = [(); 2].map(|()| gate.start_as("one", &job_id, 1));
    let epochs = starts.map(|start| match start {
        Start::Run(grant) => grant.epoch,
        Start::Skip { reason } => panic!("{reason:?}"),
    });
    assert_eq!(epochs, [2, 2], "the same holder gets the same grant");
    let before = gate.jobs();
    for (holder, epoch, reason) in [
        ("two", 1, SkipReason::AlreadyRunning),
        ("one", 2, SkipReason::AlreadyRunning),
        ("one", 0, SkipReason::OtherLease),
    ] {
        let answer = gate.start_as(holder, &job_id, epoch);
        assert_eq!(answer, Start::Skip { reason }, "{holder} {epoch}");
    }
    assert_eq!(gate.jobs(), before);
}

#[test]
fn a_start_is_skipped_with_a_reason_for_every_state_of_the_job() {
    let mut gate = GateHarness::new();
    let [running, _, parked] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
    let epoch = gate.start(&running).epoch;
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
fn a_delivery_starts_all_its_jobs_of_a_user_in_one_call() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    let jobs = jobs.iter().map(|job_id| holding(job_id, 1));
    let command = Command::Start {
        holder: "one".to_owned(),
        jobs: jobs.collect(),
    };
    let Reply::Started { starts } = gate.turn(command) else {
        panic!("a start is answered as one");
    };
    let ran = starts
        .iter()
        .map(|start| matches!(start, Start::Run(grant) if grant.active == 2));
    assert_eq!(
        ran.collect::<Vec<_>>(),
        [true, true, false],
        "in the order asked"
    );
}

#[test]
fn a_repeated_or_late_report_changes_nothing() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let first = gate.start(&job_id).epoch;
    gate.complete(&job_id, first);
    let after = gate.jobs();
    let repeated = (Outcome::Repeated, Some(State::Queued));
    assert_eq!(gate.complete(&job_id, first), repeated);
    assert_eq!(gate.fail(&job_id, first, true), repeated);
    assert_eq!(gate.jobs(), after);
    let second = gate.start(&job_id).epoch;
    assert_eq!(gate.complete(&job_id, first).0, Outcome::Repeated, "still");
    gate.complete(&job_id, second);
    let third = gate.start(&job_id).epoch;
    let running = gate.jobs();
    let stale = (Outcome::Stale, Some(State::Running));
    for epoch in [first, third - 1, third + 1] {
        assert_eq!(gate.complete(&job_id, epoch), stale, "{epoch}");
        assert_eq!(gate.fail(&job_id, epoch, false), stale, "{epoch}");
        let requeued = gate.report(requeued(&job_id, epoch, LEAVES));
        assert_eq!(requeued.outcome, Outcome::Stale, "{epoch}");
    }
    assert_eq!(gate.jobs(), running);
    let stranger = gate.new_id();
    assert_eq!(gate.complete(&stranger, 1), (Outcome::Stale, None));
}

#[test]
fn a_job_that_lost_its_slot_keeps_its_lease_and_uses_no_attempt() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let first = gate.start(&job_id).epoch;
    let reported = gate.report(requeued(&job_id, first, LEAVES));
    assert_eq!(reported.state, Some(State::Queued));
    assert_eq!((gate.held(), gate.told()), (1, vec![job_id.clone()]));
    let grant = gate.start(&job_id);
    assert_eq!((grant.attempt, grant.epoch), (1, first + 2));
}

#[test]
fn a_job_is_cancelled_at_once_unless_it_is_running() {
    let mut gate = GateHarness::new();
    let [running, queued, parked, next] = gate.submit_many(Tier::Tier1, 4).try_into().unwrap();
    let epoch = gate.start(&running).epoch;
    assert_eq!(gate.cancel(&parked), State::Cancelled);
    assert_eq!(
        (gate.told(), gate.gone()),
        (vec![], vec![]),
        "it held no lease"
    );
    assert_eq!(gate.cancel(&queued), State::Cancelled);
    assert_eq!(gate.gone(), [queued], "the pool hears of it");
    assert_eq!(gate.told(), [next], "and its lease goes on");
    assert_eq!(gate.cancel(&running), State::Running);
    let job_id = running.clone();
    let renewed = gate.turn(Command::Renew { job_id, epoch });
    let is_told = matches!(renewed, Reply::Reported { cancel: true, .. });
    assert!(is_told, "its holder is told");
    assert_eq!(gate.complete(&running, epoch).1, Some(State::Cancelled));
    assert_eq!(gate.cancel(&running), State::Cancelled, "twice is once");
    assert_eq!(gate.gone(), [], "the pool hears of it from the delivery");
}

#[test]
fn a_cancelled_job_ends_with_whatever_its_holder_reports() {
    for is_requeued in [false, true] {
        let mut gate = GateHarness::new();
        let [job_id, _, next] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
        let epoch = gate.start(&job_id).epoch;
        gate.cancel(&job_id);
        let report = if is_requeued {
            requeued(&job_id, epoch, LEAVES)
        } else {
            failed(&job_id, epoch, false, LEAVES)
        };
        assert_eq!(gate.report(report).state, Some(State::Cancelled));
        assert_eq!(gate.told(), [next]);
    }
}

#[test]
fn one_key_makes_one_job() {
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
