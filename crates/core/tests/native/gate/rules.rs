//! Who holds a lease if nothing goes wrong, one case each.

use super::{
    commands::{LEAVES, postponed, requeued},
    harness::GateHarness,
};
use crate::harness::Harness;
use queue_core::{
    domain::{Stage, Tier},
    gate::{Command, Reply, State, turn::Notice},
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
fn a_permanent_error_ends_the_job_and_the_best_rank_gets_its_lease_in_that_turn() {
    let (mut gate, [first, other]) = GateHarness::with_jobs(Tier::Tier1);
    let waiting = [(); 3].map(|()| gate.new_job(Some(Tier::Tier1)));
    let ids = waiting.each_ref().map(|job| job.job_id.clone());
    // As old as each other: the smaller id goes first, whichever came first.
    let [old, newer, newest] = waiting;
    for job in [newest, old, newer] {
        gate.submit_job(job);
    }
    let epoch = gate.start(&first).epoch;
    gate.start(&other);
    assert_eq!(gate.fail(&first, epoch, true).1, Some(State::Failed));
    assert_eq!(gate.told(), ids[..1], "one freed, one woken");
    let states = gate.states(ids.each_ref());
    assert_eq!(states, [State::Queued, State::Parked, State::Parked]);
}

#[test]
fn a_raised_limit_is_used_at_once_and_waiting_jobs_go_before_new_ones() {
    let (mut gate, jobs) = GateHarness::with_jobs::<8>(Tier::Tier1);
    gate.pass(Duration::from_millis(1));
    let last = gate.submit(Tier::Tier2);
    assert_eq!(gate.held(), 5);
    assert_eq!(gate.told(), jobs[2..5]);
    assert_eq!(gate.state(&last), State::Parked);
}

#[test]
fn a_lease_is_kept_through_all_stages_without_waiting() {
    let (mut gate, job_id) = GateHarness::with_job();
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
    let (mut gate, job_id) = GateHarness::with_job();
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
fn a_job_that_waits_for_its_turn_keeps_its_lease_which_runs_only_from_its_start() {
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    for _ in 0..20 {
        gate.wake_after(Duration::from_hours(1));
    }
    let states = gate.states(jobs.each_ref());
    assert_eq!(states, [State::Queued, State::Queued, State::Parked]);
    let job = gate.job(&jobs[0]);
    let is_untouched = (job.attempt(), job.epoch, job.started_at);
    assert_eq!(is_untouched, (1, 1, None), "P7: waiting is no attempt");
    let waited = gate.now.millis_since(job.submitted_at);
    assert_eq!(gate.start(&jobs[0]).wait_ms, Some(waited));
    let until = gate.now.after(gate.config.lease);
    assert_eq!(gate.job(&jobs[0]).due, Some(until));
}

#[test]
fn a_job_that_lost_its_slot_keeps_its_lease_and_uses_no_attempt() {
    let (mut gate, job_id, first) = GateHarness::running();
    let reported = gate.report(requeued(&job_id, first, LEAVES));
    assert_eq!(reported.state, Some(State::Queued));
    assert_eq!((gate.held(), gate.told()), (1, vec![job_id.clone()]));
    let grant = gate.start(&job_id);
    assert_eq!((grant.attempt, grant.epoch), (1, first + 2));
}

#[test]
fn a_job_that_finds_what_it_needs_later_gives_up_its_lease_meanwhile_and_uses_no_attempt() {
    let (mut gate, job_id, first) = GateHarness::running();
    let mut hour = postponed(&job_id, first, LEAVES);
    if let Command::Requeue { pause_ms, .. } = &mut hour {
        *pause_ms = Some(u32::MAX);
    }
    let reported = gate.report(hour);
    assert_eq!(reported.state, Some(State::Retrying));
    assert_eq!(gate.held(), 0);
    let latest = gate.now.after(Duration::from_hours(1));
    assert_eq!(gate.job(&job_id).due, Some(latest));
    gate.wake_for(&job_id);
    let grant = gate.start(&job_id);
    assert_eq!(grant.attempt, 1);
    let began = gate.now;
    gate.report(postponed(&job_id, grant.epoch, LEAVES));
    let due = began.after(Duration::from_secs(20));
    assert_eq!(gate.job(&job_id).due, Some(due));
}

#[test]
fn one_key_makes_one_job() {
    let mut gate = GateHarness::new();
    let submitted = |reply| {
        let Reply::Submitted { job, replayed } = reply else {
            panic!("{reply:?}");
        };
        (job.job_id, replayed)
    };
    let (job_id, is_replayed) = submitted(gate.submit_with_key("k", "same"));
    assert!(!is_replayed);
    let again = submitted(gate.submit_with_key("k", "same"));
    assert_eq!((again, gate.sent()), ((job_id.clone(), true), vec![]));
    let other = gate.submit_with_key("k", "other");
    assert_eq!(other, Reply::KeyReused { job_id });
    assert_eq!(gate.jobs().len(), 1);
}
