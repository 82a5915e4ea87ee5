//! What a changed limit or tier does to leases, and what it never does to the age of a job.

use super::{
    commands::{CARRIES, GOES_ON, LEAVES, completed, failed},
    harness::GateHarness,
};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{Tier, Timestamp},
    gate::{SqlStore, State, Store as _, command::Outcome},
};
use std::time::Duration;

#[test]
fn a_lowered_limit_takes_leases_from_the_worst_jobs_that_have_not_started() {
    let (mut gate, jobs) = GateHarness::with_jobs::<6>(Tier::Tier2);
    let epoch = gate.start(&jobs[3]).epoch;
    gate.set_tier(Tier::Tier1);
    assert_eq!(gate.held(), 2);
    let [first, second, running] = [&jobs[0], &jobs[1], &jobs[3]];
    let states = gate.states([first, second, running]);
    assert_eq!(states, [State::Queued, State::Parked, State::Running]);
    let shed = [&jobs[1], &jobs[2], &jobs[4]].map(Clone::clone);
    assert_eq!(gate.gone(), shed);
    // Of no job both, or it would stay in the line.
    assert_eq!(gate.told(), [first.clone()]);
    let job = gate.job(second);
    assert_eq!((job.attempt(), job.times_parked, job.due), (1, 1, None));
    gate.fail(running, epoch, true);
    assert_eq!(gate.told(), [second.clone()]);
    assert_eq!(gate.job(second).epoch, 2, "under a new lease");
}

#[test]
fn a_changed_limit_applies_from_the_next_start() {
    let (mut gate, jobs) = GateHarness::with_jobs::<4>(Tier::Tier1);
    gate.set_limit(3);
    gate.start(&jobs[0]);
    assert_eq!((gate.held(), gate.told()), (3, vec![jobs[2].clone()]));
    gate.set_limit(1);
    gate.skipped(&jobs[1]);
    assert_eq!(gate.held(), 1);
}

#[test]
fn a_job_that_has_begun_keeps_its_lease_under_a_lowered_limit() {
    let (mut gate, jobs) = GateHarness::with_jobs::<2>(Tier::Tier1);
    let epochs = [0, 1].map(|index| gate.start(&jobs[index]).epoch);
    gate.set_limit(1);
    let reported = gate.report(completed(&jobs[1], epochs[1], CARRIES));
    assert_eq!(reported.granted.len(), 1);
    assert_eq!((gate.state(&jobs[1]), gate.held()), (State::Queued, 2));
    let repeated = gate.report(completed(&jobs[1], epochs[1], CARRIES));
    assert_eq!(repeated.outcome, Outcome::Repeated);
    assert_eq!(repeated.granted, reported.granted);
}

#[test]
fn a_job_that_has_not_begun_loses_its_lease_wherever_the_clock_steps() {
    let (mut gate, jobs) = GateHarness::with_jobs::<2>(Tier::Tier1);
    let epochs = [0, 1].map(|index| gate.start(&jobs[index]).epoch);
    gate.report(failed(&jobs[1], epochs[1], false, LEAVES));
    gate.wake_for(&jobs[1]);
    assert_eq!(gate.state(&jobs[1]), State::Queued);
    let mut behind = gate.job(&jobs[1]);
    behind.granted_at = Some(START);
    SqlStore::new(&gate.database).save(&behind).unwrap();
    gate.set_limit(1);
    gate.wake();
    assert_eq!(gate.state(&jobs[1]), State::Parked);
}

#[test]
fn a_raised_tier_reprices_all_open_jobs_and_the_oldest_get_leases_in_that_turn() {
    let (mut gate, jobs) = GateHarness::with_jobs::<33>(Tier::Tier1);
    let epoch = gate.start(&jobs[0]).epoch;
    gate.fail(&jobs[0], epoch, false);
    gate.start(&jobs[1]);
    assert_eq!((gate.held(), gate.account().parked), (2, 30));
    gate.pass(Duration::from_mins(10));
    gate.set_tier(Tier::Tier3);
    assert_eq!(gate.told(), jobs[2..11], "one at another rank, eight anew");
    for want in &gate.effects.tell.wants {
        let rank = gate.job(want.job_id()).pool_rank();
        let is = (want.ticket.tier, want.ticket.priority, want.rank);
        assert_eq!(is, (Tier::Tier3, 3, rank));
    }
    for job in gate.jobs() {
        let rank = gate.rank_of(job.submitted_at, Tier::Tier3);
        assert_eq!((job.tier, job.priority, job.rank), (Tier::Tier3, 3, rank));
    }
    // Another user's job of tier1 that waits since an hour before the last of them is behind it.
    let others = Timestamp::from_millis(START.as_millis() - 3_599_000);
    assert!(gate.job(&jobs[32]).rank < gate.rank_of(others, Tier::Tier1));
    let account = gate.account();
    let counts = (account.active, account.parked, account.limit);
    assert_eq!(counts, (10, 22, 10));
    gate.set_tier(Tier::Tier3);
    assert_eq!(gate.told(), [], "the same tier again is no change");
}

#[test]
fn a_backlog_has_no_age_advantage_over_other_users() {
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    let job = gate.job(&jobs[0]);
    assert_eq!(job.pool_rank(), job.rank, "there was room at once");
    gate.pass(Duration::from_hours(2));
    gate.cancel(&jobs[0]);
    let job = gate.job(&jobs[2]);
    let waited = gate.now.millis_since(job.submitted_at);
    assert_eq!(job.room_at, Some(gate.now));
    assert_eq!(gate.effects.tell.wants[0].rank, job.rank.delayed(waited));
}

#[test]
fn a_job_keeps_its_age_through_failures_stages_and_lost_leases() {
    let (mut gate, jobs) = GateHarness::with_jobs::<6>(Tier::Tier2);
    let minute = Duration::from_mins(1);
    gate.pass(minute);
    gate.cancel(&jobs[0]);
    let last = &jobs[5];
    let told = |gate: &GateHarness| {
        let mut wants = gate.effects.tell.wants.iter();
        wants.find(|want| want.job_id() == last).unwrap().rank
    };
    let rank = told(&gate);
    gate.pass(minute);
    let grant = gate.start(last);
    gate.fail(last, grant.epoch, false);
    gate.wake_after(minute);
    assert_eq!(told(&gate), rank, "after a failure");
    gate.set_tier(Tier::Tier1);
    assert_eq!(gate.state(last), State::Parked, "it is the worst");
    gate.pass(minute);
    gate.set_tier(Tier::Tier2);
    assert_eq!(gate.job(last).pool_rank(), rank, "under another lease");
    let grant = gate.start(last);
    gate.report(completed(last, grant.epoch, GOES_ON));
    gate.pass(minute);
    gate.complete(last, grant.epoch + 1);
    assert_eq!(told(&gate), rank, "of its third stage");
}
