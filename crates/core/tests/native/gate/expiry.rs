//! Not after: a job that has not started in time ends, wherever it waits, and is free of charge.

use super::{commands::holding, harness::GateHarness, subscriptions::sold};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{JobId, Stage, Tier, Timestamp, Window},
    gate::{
        Command, State,
        command::{SkipReason, Start},
        teller::Out,
        turn::Notice,
    },
};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);
const BY: Timestamp = Timestamp::from_millis(START.as_millis() + 60_000);

impl GateHarness {
    /// A job that must have started in a minute from the beginning.
    fn hurried(&mut self) -> JobId {
        self.submit_within(Window {
            not_before: None,
            start_by: Some(BY),
        })
    }

    /// The jobs that have expired, oldest first.
    fn expired(&self) -> Vec<JobId> {
        let jobs = self.jobs().into_iter().rev();
        let expired = jobs.filter(|job| job.state == State::Expired);
        expired.map(|job| job.job_id).collect()
    }
}

#[test]
fn a_job_ends_when_its_time_comes_whether_it_is_queued_parked_or_scheduled() {
    let mut gate = GateHarness::with_quotas(r#"{"tier1":{"jobsPerMonth":9}}"#);
    let jobs = [(); 3].map(|()| gate.hurried());
    let scheduled = gate.submit_within(Window {
        not_before: Some(BY.before(Duration::from_millis(1))),
        start_by: Some(BY),
    });
    let next = gate.submit(Tier::Tier1);
    let states = gate.states([&jobs[1], &jobs[2], &scheduled]);
    assert_eq!(states, [State::Queued, State::Parked, State::Scheduled]);
    assert_eq!(gate.next_due(), Some(BY.before(Duration::from_millis(1))));
    gate.wake_at(BY);
    assert_eq!(gate.expired().len(), 4);
    assert_eq!(gate.notices(), [Notice::Ended; 4]);
    assert_eq!(gate.gone(), jobs[..2], "the pool hears of those it knew");
    assert_eq!(gate.told(), [next], "and a lease goes on");
    assert_eq!(gate.month().unwrap().used, 1, "they are not counted");
    let error = gate.job(&jobs[0]).error.unwrap();
    assert_eq!(error.code, "expired");
    assert_eq!(
        error.message,
        "it had not started by 2023-11-14T22:14:20.000Z, the startBy of its submission"
    );
    assert_eq!(gate.skipped(&jobs[0]), SkipReason::Ended);
    gate.wake_after(MINUTE);
    assert_eq!(gate.month().unwrap().used, 1, "and that once");
}

#[test]
fn a_job_that_has_started_never_expires() {
    let mut gate = GateHarness::new();
    let job_id = gate.hurried();
    let epoch = gate.start(&job_id).epoch;
    gate.wake_at(BY);
    assert_eq!(gate.state(&job_id), State::Running);
    gate.fail(&job_id, epoch, false);
    gate.wake_after(MINUTE);
    assert_eq!(gate.state(&job_id), State::Queued);
    gate.run_to_the_end(&job_id);
}

#[test]
fn a_late_alarm_lets_no_late_job_start() {
    let mut gate = GateHarness::new();
    let [late, _other, parked] = [(); 3].map(|()| gate.hurried());
    let next = gate.submit(Tier::Tier1);
    gate.now = BY;
    let start = gate.start_as("h", &late, 1);
    let reason = SkipReason::Ended;
    assert_eq!(start, Start::Skip { reason });
    assert_eq!(gate.notices(), [Notice::Ended; 2]);
    // Its lease goes to who may have it: not to the parked one, whose time has passed as well.
    assert_eq!(gate.told(), std::slice::from_ref(&next));
    assert_eq!(gate.expired(), [late, parked]);
    gate.wake();
    assert_eq!(gate.expired().len(), 3);
    gate.run_to_the_end(&next);
}

#[test]
fn a_freed_lease_does_not_go_to_a_late_job() {
    let mut gate = GateHarness::new();
    let [first, second] = [(); 2].map(|()| gate.submit(Tier::Tier1));
    gate.start(&second);
    let late: Vec<_> = (0..3).map(|_| gate.hurried()).collect();
    let next = gate.submit(Tier::Tier1);
    gate.now = BY;
    gate.cancel(&first);
    assert_eq!(gate.told(), [next]);
    assert_eq!(gate.expired(), late);
}

#[test]
fn jobs_that_are_late_together_end_in_slices() {
    let mut gate = GateHarness::new();
    for _ in 0..250 {
        gate.hurried();
    }
    let mut ended = Vec::new();
    gate.now = BY;
    while gate.expired().len() < 250 {
        assert_eq!(gate.next_due(), Some(BY), "the alarm rings at once");
        gate.wake();
        ended.push(gate.expired().len());
    }
    // With each slice, the free leases pass by as many of the line.
    assert_eq!(ended, [200, 250]);
    assert_eq!(gate.held(), 0);
}

#[test]
fn an_outage_holds_no_job_beyond_its_time() {
    let mut gate = GateHarness::new();
    let job_id = gate.hurried();
    let out = Out::from([(Stage::Image, START)]);
    gate.turn(Command::Told { gone: vec![], out });
    gate.wake_at(BY);
    assert_eq!(gate.effects.tell.gone, [holding(&job_id, 1)]);
    assert_eq!(gate.expired(), [job_id]);
}

#[test]
fn the_alarm_of_a_distant_time_is_found_again_and_a_clock_that_steps_only_moves_it() {
    let mut gate = GateHarness::new();
    let day = Duration::from_hours(24);
    let by = START.after(50 * day);
    let job_id = gate.submit_within(Window {
        not_before: None,
        start_by: Some(by),
    });
    gate.start_as("nobody", &job_id, 9);
    gate.config.ticket_resend = 2 * day;
    gate.evict();
    for now in [START, START.after(49 * day), START.before(40 * day)] {
        gate.wake_at(now);
        assert_eq!(gate.state(&job_id), State::Queued);
        assert!(gate.next_due() <= Some(now.after(day)), "it looks each day");
    }
    gate.turn(Command::SetPlan(sold(Tier::Tier3, (1, 1))));
    gate.wake_at(by);
    assert_eq!(gate.expired(), [job_id]);
}
