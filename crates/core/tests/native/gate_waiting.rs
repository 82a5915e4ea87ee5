//! Jobs that wait for their turn under a lease, what the pool hears of them, and users whose tier changes.

use crate::{
    gate_commands::{CARRIES, GOES_ON, LEAVES, completed, failed, holding},
    gate_harness::{GateHarness, START},
};
use queue_core::{
    domain::{Rank, Tier},
    gate::{
        Command, Reply, SqlStore, State, Store as _,
        command::{Outcome, SkipReason, Start},
        next_due,
    },
};
use std::time::Duration;

#[test]
fn an_accepted_job_is_told_to_the_pool_at_once_and_its_ticket_is_sent() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let job = gate.job(&job_id);
    let tell = &gate.effects.tell;
    let want = &tell.wants[0];
    assert_eq!((want.epoch(), want.weight(), want.rank), (1, 7, job.rank));
    assert_eq!(tell.wants.len(), 1);
    assert_eq!(gate.effects.tickets, std::slice::from_ref(&want.ticket));
    gate.submit(Tier::Tier1);
    let parked = gate.submit(Tier::Tier1);
    assert_eq!(gate.told(), [], "it has no lease");
    assert_eq!(
        gate.sent(),
        [parked],
        "its ticket brings a delivery all the same"
    );
    assert_eq!(gate.effects.tickets[0].epoch, None);
}

#[test]
fn without_a_pool_the_ticket_is_sent_with_the_lease() {
    let mut gate = GateHarness::without_pool();
    let jobs = gate.submit_many(Tier::Tier1, 2);
    assert_eq!(gate.sent(), jobs[1..]);
    assert_eq!(gate.effects.tickets[0].epoch, Some(1));
    let parked = gate.submit(Tier::Tier1);
    assert_eq!(gate.sent(), []);
    assert_eq!(gate.cancel(&jobs[1]), State::Cancelled);
    assert_eq!(gate.sent(), [parked]);
    assert!(gate.effects.tell.is_empty());
    assert_eq!(gate.gone(), []);
}

#[test]
fn a_job_that_waits_for_its_turn_keeps_its_lease_however_long() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    for _ in 0..20 {
        gate.pass(Duration::from_hours(1));
        gate.wake();
    }
    let states = gate.states([&jobs[0], &jobs[1], &jobs[2]]);
    assert_eq!(states, [State::Queued, State::Queued, State::Parked]);
    let job = gate.job(&jobs[0]);
    assert_eq!(
        (job.attempt(), job.epoch),
        (1, 1),
        "P7: waiting is no attempt"
    );
    assert_eq!(job.started_at, None, "it has not started");
    let waited = gate.now.millis_since(job.submitted_at);
    assert_eq!(gate.start(&jobs[0]).wait_ms, Some(waited));
}

#[test]
fn an_ended_job_is_told_until_the_pool_has_confirmed_it() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    gate.cancel(&job_id);
    assert_eq!(gate.effects.tell.gone, [holding(&job_id, 1)]);
    for _ in 0..3 {
        let due = gate.now.after(gate.config.ticket_resend);
        assert_eq!(gate.effects.wake_by, Some(due));
        gate.wake();
        assert_eq!(gate.gone(), [], "not before it is due");
        gate.now = due;
        gate.wake();
        assert_eq!(gate.effects.tell.gone, [holding(&job_id, 1)]);
    }
    let other = gate.new_id();
    for gone in [holding(&job_id, 2), holding(&other, 1)] {
        gate.turn(Command::Told { gone: vec![gone] });
        assert_ne!(gate.effects.wake_by, gate.job(&job_id).due, "not that one");
    }
    let gone = vec![holding(&job_id, 1)];
    gate.turn(Command::Told { gone });
    let forgotten = gate.job(&job_id).due;
    assert_eq!(gate.effects.wake_by, forgotten);
    assert_eq!(next_due(&SqlStore::new(&gate.database)), Ok(forgotten));
}

#[test]
fn a_removed_pool_is_not_told_of_ended_jobs() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    gate.cancel(&job_id);
    gate.config.has_pool = false;
    gate.pass(gate.config.ticket_resend);
    gate.wake();
    assert_eq!(
        (gate.gone(), gate.effects.wake_by),
        (vec![], gate.job(&job_id).due)
    );
}

#[test]
fn a_lowered_limit_takes_leases_from_the_worst_jobs_that_have_not_started() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier2, 6);
    let epoch = gate.start(&jobs[3]).epoch;
    gate.set_tier(Tier::Tier1);
    assert_eq!(gate.held(), 2);
    let [first, second, running] = [&jobs[0], &jobs[1], &jobs[3]];
    let states = gate.states([first, second, running]);
    assert_eq!(states, [State::Queued, State::Parked, State::Running]);
    let mut gone = gate.gone();
    gone.sort();
    let shed = [&jobs[1], &jobs[2], &jobs[4]].map(Clone::clone);
    assert_eq!(gone, shed);
    assert_eq!(
        gate.told(),
        std::slice::from_ref(first),
        "of no job both, or it would stay in the line"
    );
    let job = gate.job(second);
    assert_eq!((job.attempt(), job.times_parked, job.due), (1, 1, None));
    gate.fail(running, epoch, true);
    assert_eq!(gate.told(), std::slice::from_ref(second));
    assert_eq!(gate.job(second).epoch, 2, "under a new lease");
}

fn limit_of_tier1(limit: u32) -> String {
    format!(r#"{{"tier1":{{"maxConcurrentJobs":{limit}}}}}"#)
}

#[test]
fn a_changed_limit_applies_from_the_next_start() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 4);
    gate.set_tiers(&limit_of_tier1(3));
    gate.start(&jobs[0]);
    assert_eq!((gate.held(), gate.told()), (3, vec![jobs[2].clone()]));
    gate.set_tiers(&limit_of_tier1(1));
    gate.skipped(&jobs[1]);
    assert_eq!(gate.held(), 1);
}

#[test]
fn a_job_that_has_begun_keeps_its_lease_under_a_lowered_limit() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 2);
    let epochs = [0, 1].map(|index| gate.start(&jobs[index]).epoch);
    gate.set_tiers(&limit_of_tier1(1));
    let reported = gate.report(completed(&jobs[1], epochs[1], CARRIES));
    assert_eq!(reported.granted.len(), 1);
    assert_eq!((gate.state(&jobs[1]), gate.held()), (State::Queued, 2));
    let repeated = gate.report(completed(&jobs[1], epochs[1], CARRIES));
    assert_eq!(
        (repeated.outcome, repeated.granted),
        (Outcome::Repeated, reported.granted)
    );
}

#[test]
fn a_raised_tier_reprices_all_open_jobs_and_grants_leases_in_one_turn() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 30);
    let epoch = gate.start(&jobs[0]).epoch;
    gate.report(failed(&jobs[0], epoch, false, LEAVES));
    gate.set_tier(Tier::Tier3);
    assert_eq!(gate.held(), 10);
    let mut told = gate.told();
    told.sort();
    assert_eq!(
        told,
        jobs[1..11],
        "two at another rank, and as many as became free"
    );
    for job in gate.jobs() {
        let rank = Rank::new(job.submitted_at, 3, gate.config.priority_boost);
        assert_eq!((job.tier, job.priority, job.rank), (Tier::Tier3, 3, rank));
    }
    for want in &gate.effects.tell.wants {
        let rank = gate.job(want.job_id()).pool_rank();
        assert_eq!((want.ticket.priority, want.rank), (3, rank));
    }
    gate.set_tier(Tier::Tier3);
    assert_eq!(gate.told(), [], "the same tier again is no change");
}

#[test]
fn a_user_may_have_a_tier_before_the_first_job() {
    let mut gate = GateHarness::new();
    gate.set_tier(Tier::Tier2);
    let account = gate.account();
    assert_eq!((account.tier, account.limit), (Tier::Tier2, 5));
}

#[test]
fn a_parked_job_shows_how_fast_the_users_jobs_end() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 6);
    let pace = |gate: &mut GateHarness| {
        let job_id = jobs[5].clone();
        let Reply::Job { view } = gate.turn(Command::Job { job_id }) else {
            panic!("a job is answered as one");
        };
        view.unwrap().pace
    };
    assert_eq!(pace(&mut gate), None, "nothing has ended yet");
    for job_id in &jobs[..3] {
        gate.pass(Duration::from_mins(1));
        gate.run_to_the_end(job_id);
    }
    let pace = pace(&mut gate).unwrap();
    assert_eq!((pace.count, pace.over_ms), (2, 120_000));
    assert_eq!(pace.wait_of(3), Duration::from_mins(3));
}

#[test]
fn a_backlog_has_no_age_advantage_over_other_users() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
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
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier2, 6);
    gate.pass(Duration::from_mins(1));
    gate.cancel(&jobs[0]);
    let last = &jobs[5];
    let told = |gate: &GateHarness| {
        let mut wants = gate.effects.tell.wants.iter();
        wants.find(|want| want.job_id() == last).unwrap().rank
    };
    let rank = told(&gate);
    gate.pass(Duration::from_mins(1));
    let grant = gate.start(last);
    gate.fail(last, grant.epoch, false);
    gate.pass(Duration::from_mins(1));
    gate.wake();
    assert_eq!(told(&gate), rank, "after a failure");
    gate.set_tier(Tier::Tier1);
    assert_eq!(gate.state(last), State::Parked, "it is the worst");
    gate.pass(Duration::from_mins(1));
    gate.set_tier(Tier::Tier2);
    assert_eq!(gate.job(last).pool_rank(), rank, "under another lease");
    let grant = gate.start(last);
    gate.report(completed(last, grant.epoch, GOES_ON));
    gate.pass(Duration::from_mins(1));
    gate.complete(last, grant.epoch + 1);
    assert_eq!(told(&gate), rank, "of its third stage");
}

#[test]
fn a_job_that_has_not_begun_loses_its_lease_wherever_the_clock_steps() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 2);
    let epochs = [0, 1].map(|index| gate.start(&jobs[index]).epoch);
    gate.report(failed(&jobs[1], epochs[1], false, LEAVES));
    gate.wake_for(&jobs[1]);
    assert_eq!(gate.state(&jobs[1]), State::Queued);
    let mut behind = gate.job(&jobs[1]);
    behind.granted_at = Some(START);
    SqlStore::new(&gate.database).save(&behind).unwrap();
    gate.set_tiers(&limit_of_tier1(1));
    gate.wake();
    assert_eq!(gate.state(&jobs[1]), State::Parked);
}

#[test]
fn a_start_under_an_older_lease_is_refused_as_such_even_if_the_job_runs() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 2);
    let first = gate.job(&jobs[1]).epoch;
    gate.set_tiers(&limit_of_tier1(1));
    gate.wake();
    gate.set_tiers(&limit_of_tier1(2));
    gate.wake();
    let epoch = gate.start(&jobs[1]).epoch;
    assert_eq!(epoch, first + 2);
    let old = gate.start_as("another", &jobs[1], first);
    assert_eq!(
        old,
        Start::Skip {
            reason: SkipReason::OtherLease
        }
    );
    let same = gate.start_as("another", &jobs[1], first + 1);
    assert_eq!(
        same,
        Start::Skip {
            reason: SkipReason::AlreadyRunning
        }
    );
}

#[test]
fn a_ticket_is_not_sent_again_in_the_turn_that_takes_the_lease_back() {
    let mut gate = GateHarness::without_pool();
    let jobs = gate.submit_many(Tier::Tier1, 2);
    gate.set_tiers(&limit_of_tier1(1));
    gate.wake_for(&jobs[1]);
    assert_eq!(gate.sent(), [jobs[0].clone()]);
    assert_eq!(
        gate.states([&jobs[0], &jobs[1]]),
        [State::Queued, State::Parked]
    );
}
