//! Jobs that wait for a slot of the pool, and users whose tier changes, as the gate sees them.

use crate::gate_harness::GateHarness;
use std::time::Duration;
use story_queue::{
    domain::{JobId, Rank, Tier},
    gate::{
        Command, Reply, State,
        command::{Admission, Holding, Outcome},
    },
};

fn wait(gate: &mut GateHarness, job_id: &JobId, epoch: u32, in_line: bool) {
    let jobs = vec![Holding {
        job_id: job_id.clone(),
        epoch,
    }];
    gate.turn(Command::Wait { jobs, in_line });
}

#[test]
fn a_job_that_waits_for_capacity_keeps_its_lease_however_long() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    let epoch = gate.start(&jobs[0]).epoch;
    wait(&mut gate, &jobs[0], epoch, true);
    gate.start(&jobs[1]);
    assert!(matches!(gate.admit(&jobs[2]), Admission::Park { .. }));
    gate.pass(Duration::from_mins(59));
    assert_eq!(gate.state(&jobs[0]), State::Waiting);
    assert_eq!(gate.held(), 2, "P1: it counts");
    let job = gate.job(&jobs[0]);
    assert_eq!(job.attempt(), 1, "P7: waiting is no attempt");
    assert_eq!(job.started_at, None, "it has not started");
}

#[test]
fn the_pools_ticket_starts_it_under_a_new_epoch_with_the_whole_wait() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    wait(&mut gate, &job_id, epoch, true);
    gate.pass(Duration::from_mins(10));
    let grant = gate.start(&job_id);
    assert_eq!(grant.epoch, epoch + 1);
    assert_eq!(grant.wait_ms, Some(600_000));
    assert_eq!(gate.complete(&job_id, epoch).0, Outcome::Stale);
}

#[test]
fn a_wait_of_an_old_holder_changes_nothing() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    wait(&mut gate, &job_id, epoch - 1, true);
    assert_eq!(gate.state(&job_id), State::Running);
}

#[test]
fn when_the_pool_could_not_be_asked_the_gate_sends_the_ticket_again() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    wait(&mut gate, &job_id, epoch, false);
    let due = gate.job(&job_id).due.unwrap();
    assert!(due <= gate.now.after(gate.config.ticket_resend * 2));
    gate.now = due;
    gate.wake();
    assert_eq!(gate.sent(), [job_id]);
}

#[test]
fn a_waiting_job_is_cancelled_at_once_and_its_lease_goes_on() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    for job_id in &jobs[..2] {
        let epoch = gate.start(job_id).epoch;
        wait(&mut gate, job_id, epoch, true);
    }
    gate.admit(&jobs[2]);
    assert_eq!(gate.cancel(&jobs[0]), State::Cancelled);
    assert_eq!(gate.state(&jobs[2]), State::Granted);
}

#[test]
fn a_cancellation_that_meets_a_wait_ends_the_job() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    gate.cancel(&job_id);
    wait(&mut gate, &job_id, epoch, true);
    assert_eq!(gate.state(&job_id), State::Cancelled);
}

#[test]
fn a_raised_tier_reprices_all_that_has_not_ended_and_frees_leases_in_one_turn() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 30);
    for job_id in &jobs {
        gate.admit(job_id);
    }
    let running = gate.held();
    assert_eq!(running, 2);
    let reply = gate.turn(Command::SetTier { tier: Tier::Tier3 });
    assert_eq!(reply, Reply::Repriced { jobs: 30 });
    assert_eq!(gate.held(), 10);
    assert_eq!(gate.sent().len(), 8, "as many as became free");
    for job in gate.jobs() {
        let rank = Rank::new(job.submitted_at, 3, gate.config.priority_boost);
        assert_eq!((job.tier, job.priority, job.rank), (Tier::Tier3, 3, rank));
    }
}

#[test]
fn a_lowered_tier_lets_the_running_finish_and_admits_none_above_its_limit() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier2, 8);
    let grants: Vec<_> = jobs.iter().map(|job_id| gate.admit(job_id)).collect();
    gate.turn(Command::SetTier { tier: Tier::Tier1 });
    assert_eq!(gate.held(), 5);
    for (ended, left) in [4, 3, 2, 2].into_iter().enumerate() {
        let Admission::Run(grant) = &grants[ended] else {
            panic!("it ran");
        };
        gate.fail(&jobs[ended], grant.epoch, true);
        assert_eq!(gate.held(), left);
    }
}

#[test]
fn a_job_that_waits_for_capacity_takes_its_new_rank_to_the_pool_with_a_fresh_ticket() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    wait(&mut gate, &job_id, epoch, true);
    gate.turn(Command::SetTier { tier: Tier::Tier4 });
    assert_eq!(gate.effects.tickets[0].priority, 4);
    let job = gate.job(&job_id);
    assert_eq!(gate.start(&job_id).rank, job.rank);
    gate.turn(Command::SetTier { tier: Tier::Tier4 });
    assert!(gate.sent().is_empty(), "the same tier again is no change");
}

#[test]
fn a_job_repriced_between_its_claim_and_its_wait_takes_its_new_rank_to_the_pool_at_once() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    gate.turn(Command::SetTier { tier: Tier::Tier4 });
    wait(&mut gate, &job_id, epoch, true);
    assert_eq!(gate.effects.tickets[0].priority, 4);
}

#[test]
fn a_pool_that_cannot_be_asked_for_long_is_asked_every_few_minutes() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    for _ in 0..20 {
        let epoch = gate.start(&job_id).epoch;
        wait(&mut gate, &job_id, epoch, false);
        let due = gate.job(&job_id).due.unwrap();
        assert!(due <= gate.now.after(Duration::from_mins(5)));
        gate.now = due;
        gate.wake();
        assert_eq!(gate.sent().len(), 1);
    }
}

#[test]
fn a_user_may_have_a_tier_before_the_first_job() {
    let mut gate = GateHarness::new();
    let reply = gate.turn(Command::SetTier { tier: Tier::Tier2 });
    assert_eq!(reply, Reply::Repriced { jobs: 0 });
    let Reply::Account { account } = gate.turn(Command::Account) else {
        panic!("an account is answered as one");
    };
    assert_eq!((account.tier, account.limit), (Tier::Tier2, 5));
}

#[test]
fn a_parked_job_is_told_how_fast_the_users_jobs_end() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 6);
    for job_id in &jobs {
        gate.admit(job_id);
    }
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
        let epoch = gate.job(job_id).epoch;
        if gate.state(job_id) == State::Granted {
            gate.run_to_the_end(job_id);
        } else {
            for stage in 0..3 {
                let epoch = if stage == 0 {
                    epoch
                } else {
                    gate.start(job_id).epoch
                };
                gate.complete(job_id, epoch);
            }
        }
    }
    let pace = pace(&mut gate).unwrap();
    assert_eq!((pace.count, pace.over_ms), (2, 120_000));
    assert_eq!(pace.wait_of(3), Duration::from_mins(3));
}

#[test]
fn a_backlog_is_no_older_among_all_users_than_the_room_for_it() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    let first = gate.start(&jobs[0]);
    let second = gate.start(&jobs[1]);
    assert_eq!(
        first.rank,
        gate.job(&jobs[0]).rank,
        "there was room at once"
    );
    assert_eq!(second.rank, gate.job(&jobs[1]).rank);
    assert!(matches!(gate.admit(&jobs[2]), Admission::Park { .. }));
    gate.pass(Duration::from_hours(2));
    gate.fail(&jobs[0], first.epoch, true);
    let waited = gate.now.millis_since(gate.job(&jobs[2]).submitted_at);
    let third = gate.start(&jobs[2]);
    assert_eq!(third.rank, gate.job(&jobs[2]).rank.delayed(waited));
    assert_eq!(gate.job(&jobs[2]).room_at, Some(gate.now));
}

#[test]
fn a_job_keeps_its_age_among_all_users_through_failures_and_stages() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    let first = gate.start(&jobs[0]);
    gate.start(&jobs[1]);
    gate.admit(&jobs[2]);
    gate.pass(Duration::from_mins(1));
    gate.fail(&jobs[0], first.epoch, true);
    let third = gate.start(&jobs[2]);
    gate.pass(Duration::from_mins(1));
    gate.fail(&jobs[2], third.epoch, false);
    gate.pass(Duration::from_mins(1));
    gate.wake();
    let again = gate.start(&jobs[2]);
    assert_eq!((again.attempt, again.rank), (2, third.rank));
    gate.complete(&jobs[2], again.epoch);
    gate.pass(Duration::from_mins(1));
    assert_eq!(gate.start(&jobs[2]).rank, third.rank);
}
