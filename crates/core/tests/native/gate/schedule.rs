//! Not before: a job that is put off waits without a lease, and is no older than its time.

use super::{harness::GateHarness, subscriptions::sold};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{
        JobId, Tier, Timestamp, Window,
        window::{NOT_BEFORE_MAX, START_BY_MAX, Untimely},
    },
    gate::{
        Command, Reply, State,
        command::{NewJob, SkipReason},
        turn::Notice,
    },
};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
const MINUTE: Duration = Duration::from_mins(1);

impl GateHarness {
    /// A job that is put off for so long.
    pub fn put_off(&mut self, span: Duration) -> JobId {
        let not_before = Some(self.now.after(span));
        self.submit_within(Window {
            not_before,
            start_by: None,
        })
    }

    pub fn submit_within(&mut self, window: Window) -> JobId {
        let job = NewJob {
            window,
            ..self.new_job(Some(Tier::Tier1))
        };
        self.submit_job(job)
    }
}

#[test]
fn a_job_that_is_put_off_holds_no_lease_and_is_made_known_to_nobody_before_its_time() {
    for has_pool in [true, false] {
        let mut gate = GateHarness::beside(has_pool);
        let job_id = gate.put_off(MINUTE);
        let at = gate.now.after(MINUTE);
        assert_eq!((gate.state(&job_id), gate.held()), (State::Scheduled, 0));
        assert!(gate.is_silent() && gate.notices().is_empty());
        assert_eq!(
            (gate.effects.wake_by, gate.next_due()),
            (Some(at), Some(at))
        );
        assert_eq!(gate.skipped(&job_id), SkipReason::Scheduled);
        assert_eq!(gate.account().scheduled, 1);
        gate.wake_at(at.before(Duration::from_millis(1)));
        assert_eq!(gate.state(&job_id), State::Scheduled);
        gate.wake_at(at);
        let job = gate.job(&job_id);
        assert_eq!((job.state, job.times_parked), (State::Queued, 0));
        let known = if has_pool { gate.told() } else { gate.sent() };
        assert_eq!(known, std::slice::from_ref(&job_id));
        gate.pass(MINUTE);
        assert_eq!(gate.start(&job_id).wait_ms, Some(60_000), "from its time");
    }
}

#[test]
fn a_time_that_has_passed_means_now() {
    let mut gate = GateHarness::new();
    for not_before in [START, START.before(DAY)] {
        let job_id = gate.submit_within(Window {
            not_before: Some(not_before),
            start_by: None,
        });
        let job = gate.job(&job_id);
        assert_eq!(job.state, State::Queued);
        assert_eq!(job.rank, gate.rank_of(START, Tier::Tier1), "it is no older");
        assert_eq!(gate.effects.tickets[0].aged_from, None);
    }
}

#[test]
fn the_age_of_a_job_counts_from_its_time_at_every_tier_and_in_its_ticket() {
    let mut gate = GateHarness::new();
    let job_id = gate.put_off(7 * DAY);
    let at = START.after(7 * DAY);
    let running = gate.submit(Tier::Tier1);
    gate.start(&running);
    assert_eq!(gate.job(&job_id).rank, gate.rank_of(at, Tier::Tier1));
    gate.turn(Command::SetPlan(sold(Tier::Tier3, (1, 1))));
    let job = gate.job(&job_id);
    assert_eq!(
        (job.tier, job.rank),
        (Tier::Tier3, gate.rank_of(at, Tier::Tier3))
    );
    assert_eq!(job.submitted_at, START);
    // The alarm is late: that makes the job no younger.
    gate.wake_at(at.after(MINUTE));
    let [want] = &gate.effects.tell.wants[..] else {
        panic!("{:?}", gate.effects);
    };
    let rank = gate.rank_of(at, Tier::Tier3);
    assert_eq!((want.rank, want.ticket.submitted_at), (rank, START));
    assert_eq!(want.ticket.rank(gate.config.priority_boost), rank);
}

#[test]
fn those_whose_time_comes_together_get_leases_by_rank_and_the_others_are_parked() {
    let mut gate = GateHarness::new();
    let [last, second, first] =
        [30, 20, 10].map(|seconds| gate.put_off(Duration::from_secs(seconds)));
    gate.wake_after(MINUTE);
    let states = gate.states([&first, &second, &last]);
    assert_eq!(states, [State::Queued, State::Queued, State::Parked]);
    let (active, limit) = (2, 2);
    assert_eq!(gate.notices(), [Notice::Parked { active, limit }]);
    assert_eq!(gate.job(&last).times_parked, 1);
    assert_eq!(gate.sent(), [], "the pool knows when somebody is needed");
    // From then on it waits for its own user's limit.
    gate.pass(MINUTE);
    gate.cancel(&first);
    let job = gate.job(&last);
    let late = job.pool_rank().as_millis() - job.rank.as_millis();
    assert_eq!((job.state, late), (State::Queued, 90_000));
}

#[test]
fn a_job_is_put_off_for_weeks_through_a_clock_that_steps() {
    let mut gate = GateHarness::new();
    let at = START.after(NOT_BEFORE_MAX);
    let job_id = gate.put_off(NOT_BEFORE_MAX);
    let look = |gate: &mut GateHarness, now: Timestamp| {
        gate.wake_at(now);
        assert_eq!(gate.state(&job_id), State::Scheduled);
        let next = at.min(now.after(DAY));
        assert_eq!(
            (gate.job(&job_id).due, gate.next_due()),
            (Some(next), Some(next))
        );
    };
    look(&mut gate, START.after(DAY));
    look(&mut gate, START.before(30 * DAY));
    look(&mut gate, at.before(MINUTE));
    look(&mut gate, START);
    gate.wake_at(at);
    assert_eq!(gate.state(&job_id), State::Queued);
}

#[test]
fn a_job_that_is_put_off_is_cancelled_at_once_and_ends_with_its_user() {
    let mut gate = GateHarness::with_quotas(r#"{"tier1":{"jobsPerMonth":3}}"#);
    let [first, second] = [MINUTE, DAY].map(|span| gate.put_off(span));
    assert_eq!(gate.month().unwrap().used, 2);
    assert_eq!(gate.cancel(&first), State::Cancelled);
    assert_eq!(gate.month().unwrap().used, 1, "it never ran");
    gate.delete_user();
    assert_eq!(gate.state(&second), State::Cancelled);
    gate.wake_after(2 * DAY);
    assert_eq!(gate.held(), 0);
}

#[test]
fn jobs_that_are_put_off_count_among_those_that_wait() {
    let mut gate = GateHarness::new();
    gate.set_tiers(r#"{"tier1":{"maxParkedJobs":1}}"#);
    gate.put_off(DAY);
    let reply = gate.turn(Command::Submit(gate.new_job(Some(Tier::Tier1))));
    assert!(matches!(reply, Reply::QuotaExceeded { .. }), "{reply:?}");
}

#[test]
fn times_too_far_or_past_are_named_and_record_nothing_but_a_repetition_is_answered() {
    let second = Duration::from_secs(1);
    let mut gate = GateHarness::new();
    let within = |gate: &GateHarness, not_before, start_by| NewJob {
        window: Window {
            not_before: Some(not_before),
            start_by: Some(start_by),
        },
        ..gate.keyed_job("k", "f")
    };
    let (late, later) = (START.after(NOT_BEFORE_MAX), START.after(START_BY_MAX));
    for (not_before, start_by, faults) in [
        (
            late.after(second),
            later.after(second),
            vec![Untimely::NotBeforeTooLate, Untimely::StartByTooLate],
        ),
        (START.before(second), START, vec![Untimely::StartByPassed]),
    ] {
        let reply = gate.turn(Command::Submit(within(&gate, not_before, start_by)));
        assert_eq!(reply, Reply::Untimely { faults });
        assert_eq!(gate.jobs(), []);
    }
    let job_id = gate.submit_job(within(&gate, late, later));
    gate.pass(2 * START_BY_MAX);
    let again = gate.turn(Command::Submit(within(&gate, late, later)));
    let is_same =
        matches!(&again, Reply::Submitted { job, replayed: true } if job.job_id == job_id);
    assert!(is_same, "{again:?}");
}
