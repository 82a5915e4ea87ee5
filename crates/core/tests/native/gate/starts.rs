//! When a delivery may start a job, and why it may not.

use super::{commands::holding, harness::GateHarness};
use crate::harness::Harness;
use queue_core::{
    domain::Tier,
    gate::{
        Command, Reply, State,
        command::{SkipReason, Start},
    },
};

#[test]
fn a_job_starts_only_under_the_epoch_of_its_lease_and_gets_a_new_one() {
    let (mut gate, job_id) = GateHarness::with_job();
    let reason = SkipReason::OtherLease;
    for epoch in [0, 2] {
        let start = gate.start_as("one", &job_id, epoch);
        assert_eq!(start, Start::Skip { reason }, "{epoch}");
    }
    assert_eq!(gate.state(&job_id), State::Queued);
    assert_eq!(gate.start(&job_id).epoch, 2);
}

#[test]
fn a_delivery_that_lost_the_answer_may_ask_again() {
    let (mut gate, job_id) = GateHarness::with_job();
    let epochs = [(); 2].map(|()| gate.start_by("one", &job_id, 1));
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
fn a_start_under_an_older_lease_is_refused_as_such_even_if_the_job_runs() {
    let (mut gate, jobs) = GateHarness::with_jobs::<2>(Tier::Tier1);
    let first = gate.job(&jobs[1]).epoch;
    for limit in [1, 2] {
        gate.set_limit(limit);
        gate.wake();
    }
    assert_eq!(gate.start(&jobs[1]).epoch, first + 2);
    for (epoch, reason) in [
        (first, SkipReason::OtherLease),
        (first + 1, SkipReason::AlreadyRunning),
    ] {
        let answer = gate.start_as("another", &jobs[1], epoch);
        assert_eq!(answer, Start::Skip { reason });
    }
}

#[test]
fn a_start_is_skipped_with_a_reason_for_every_state_of_the_job() {
    let (mut gate, [running, _, parked]) = GateHarness::with_jobs(Tier::Tier1);
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
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    let command = Command::Start {
        holder: "one".to_owned(),
        jobs: jobs.map(|job_id| holding(&job_id, 1)).to_vec(),
    };
    let Reply::Started { starts } = gate.turn(command) else {
        panic!("a start is answered as one");
    };
    let runs = |start: &Start| matches!(start, Start::Run(grant) if grant.active == 2);
    let ran: Vec<_> = starts.iter().map(runs).collect();
    assert_eq!(ran, [true, true, false], "in the order asked");
}
