//! What a gate makes of a back end that is out.

use super::{
    commands::{blamed, blamed_until},
    harness::GateHarness,
};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Stage, Tier, Timestamp},
    gate::{Command, Reply, State, command::Outcome, turn::Notice},
};
use std::{collections::BTreeMap, time::Duration};

const HOUR: Duration = Duration::from_hours(1);

impl GateHarness {
    /// The job runs, and meets a fault of the generator.
    fn meets(&mut self, job_id: &JobId) {
        let epoch = self.start(job_id).epoch;
        let reply = self.turn(blamed(job_id, epoch));
        let Reply::Reported { outcome, .. } = reply else {
            panic!("{reply:?}")
        };
        assert_eq!(outcome, Outcome::Accepted);
    }

    fn hears(&mut self, out: &[(Stage, Timestamp)]) {
        self.turn(Command::Told {
            gone: Vec::new(),
            out: out.iter().copied().collect::<BTreeMap<_, _>>(),
        });
    }
}

#[test]
fn a_fault_of_a_back_end_spends_no_attempt_and_keeps_lease_and_age() {
    let (mut gate, job_id) = GateHarness::with_job();
    let before = gate.job(&job_id);
    for (times, pause) in [(1, 1), (2, 2), (3, 4), (4, 5), (5, 5), (6, 5)] {
        gate.meets(&job_id);
        let job = gate.job(&job_id);
        assert_eq!((job.state, job.attempt()), (State::Queued, 1));
        assert_eq!(job.pool_rank(), before.pool_rank());
        assert_eq!(gate.account().active, 1, "the lease is kept");
        assert_eq!(job.outage.unwrap().times, times);
        assert_eq!(gate.told(), [], "not before the pause is over");
        assert_eq!(job.due, Some(gate.now.after(Duration::from_secs(pause))));
        gate.wake_for(&job_id);
        assert_eq!(gate.told(), std::slice::from_ref(&job_id));
    }
}

#[test]
fn a_success_or_a_failure_of_its_own_ends_what_it_met() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.meets(&job_id);
    gate.wake_for(&job_id);
    let epoch = gate.start(&job_id).epoch;
    gate.complete(&job_id, epoch);
    assert_eq!(gate.job(&job_id).outage, None);
    gate.meets(&job_id);
    gate.wake_for(&job_id);
    let epoch = gate.start(&job_id).epoch;
    gate.fail(&job_id, epoch, false);
    let job = gate.job(&job_id);
    assert_eq!((job.outage, job.attempt()), (None, 2));
}

#[test]
fn a_job_that_only_meets_faults_fails_after_the_longest_outage() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.meets(&job_id);
    for hour in 1..=24 {
        assert_eq!(gate.state(&job_id), State::Queued, "{hour}");
        gate.pass(HOUR);
        gate.meets(&job_id);
    }
    let job = gate.job(&job_id);
    assert_eq!(job.state, State::Failed);
    assert_eq!(job.error.unwrap().code, "backend_unavailable");
}

#[test]
fn a_fault_long_after_the_last_one_begins_another_wait() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.meets(&job_id);
    gate.pass(gate.config.outage_max);
    gate.meets(&job_id);
    assert_eq!(gate.state(&job_id), State::Queued);
    assert_eq!(gate.job(&job_id).outage.unwrap().times, 1);
}

#[test]
fn a_time_that_the_back_end_names_is_waited_for_within_an_hour() {
    let (mut gate, job_id) = GateHarness::with_job();
    for (asks, waits) in [(60, 60), (86_400, 3_600)] {
        let epoch = gate.start(&job_id).epoch;
        let until = gate.now.after(Duration::from_secs(asks));
        gate.turn(blamed_until(&job_id, epoch, until));
        let due = gate.job(&job_id).due;
        assert_eq!(due, Some(gate.now.after(Duration::from_secs(waits))));
        gate.wake_for(&job_id);
    }
}

#[test]
fn a_job_that_waits_at_a_stage_that_is_out_fails_after_the_longest_outage() {
    let (mut gate, [waits, other]) = GateHarness::with_jobs::<2>(Tier::Tier1);
    let since = gate.now;
    gate.pass(HOUR);
    let jobs = gate.jobs();
    gate.hears(&[(Stage::Audio, since)]);
    assert_eq!(gate.jobs(), jobs, "another stage");
    gate.hears(&[(Stage::Image, since)]);
    assert_eq!(gate.states([&waits, &other]), [State::Queued; 2]);
    let until = since.after(gate.config.outage_max);
    let due = gate.job(&waits).due.unwrap();
    assert!(due <= until);
    gate.wake_at(until);
    gate.hears(&[(Stage::Image, since)]);
    assert_eq!(gate.states([&waits, &other]), [State::Failed; 2]);
    assert_eq!(gate.job(&waits).error.unwrap().code, "backend_unavailable");
    assert_eq!(gate.account().active, 0);
}

#[test]
fn the_wait_for_a_back_end_counts_from_the_lease() {
    let (mut gate, [one, two, parked]) = GateHarness::with_jobs::<3>(Tier::Tier1);
    let since = gate.now;
    gate.pass(gate.config.outage_max);
    gate.hears(&[(Stage::Image, since)]);
    assert_eq!(
        gate.states([&one, &two, &parked]),
        [State::Failed, State::Failed, State::Queued]
    );
    gate.hears(&[(Stage::Image, since)]);
    assert_eq!(gate.state(&parked), State::Queued, "it has just come");
}

#[test]
fn a_lost_answer_does_not_bring_a_job_back_before_its_pause() {
    let (mut gate, job_id) = GateHarness::with_job();
    let epoch = gate.start(&job_id).epoch;
    for _ in 0..2 {
        let reply = gate.turn(blamed(&job_id, epoch));
        let Reply::Reported { granted, .. } = reply else {
            panic!("{reply:?}")
        };
        assert_eq!(granted, []);
    }
}

#[test]
fn without_a_pool_a_pause_for_a_back_end_is_no_ticket_that_was_lost() {
    let mut gate = GateHarness::beside(false);
    let job_id = gate.submit(Tier::Tier1);
    gate.meets(&job_id);
    gate.wake_for(&job_id);
    assert_eq!(gate.sent(), std::slice::from_ref(&job_id));
    assert_eq!(gate.notices(), []);
    gate.wake_for(&job_id);
    assert_eq!(gate.notices(), [Notice::TicketResent]);
}
