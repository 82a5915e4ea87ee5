//! A delivery that reports and would go on is handed what its report frees, in the same turn.

use crate::gate_harness::GateHarness;
use std::time::Duration;
use story_queue::{
    domain::{JobId, Kind, Stage, Tier},
    gate::{
        Command, State,
        command::{Admission, Grant, Handed, Outcome, SkipReason},
    },
};

fn run_as(gate: &mut GateHarness, holder: &str, job_id: &JobId) -> Grant {
    match gate.admit_as(holder, job_id) {
        Admission::Run(grant) => grant,
        other @ (Admission::Park { .. } | Admission::Skip { .. }) => panic!("{other:?}"),
    }
}

fn ids(handed: &[Handed]) -> Vec<&JobId> {
    handed.iter().map(|handed| &handed.ticket.job_id).collect()
}

#[test]
fn the_next_stage_runs_in_the_same_hands_without_a_ticket() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let mut grant = run_as(&mut gate, "d", &job_id);
    for stage in [Stage::Audio, Stage::Video] {
        let (outcome, handed) = gate.complete_and_go_on(&job_id, grant.epoch, "d");
        assert_eq!((outcome, ids(&handed)), (Outcome::Accepted, vec![&job_id]));
        assert!(gate.sent().is_empty());
        let next = handed[0].grant.clone();
        assert_eq!((next.stage, next.epoch), (stage, grant.epoch + 1));
        assert_eq!(next.wait_ms, None, "it is the job's first start no more");
        grant = next;
    }
    let (_, handed) = gate.complete_and_go_on(&job_id, grant.epoch, "d");
    assert!(handed.is_empty());
    assert_eq!(gate.state(&job_id), State::Succeeded);
}

#[test]
fn a_freed_lease_goes_to_the_best_parked_job_in_the_hands_that_free_it() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 4);
    let epoch = run_as(&mut gate, "d", &jobs[0]).epoch;
    run_as(&mut gate, "d", &jobs[1]);
    for parked in [&jobs[3], &jobs[2]] {
        gate.admit(parked);
    }
    gate.pass(Duration::from_secs(7));
    let (_, handed) = gate.fail_and_go_on(&jobs[0], epoch, "d");
    assert_eq!(ids(&handed), [&jobs[2]]);
    assert!(gate.sent().is_empty());
    assert_eq!(gate.held(), 2);
    let (job, grant) = (gate.job(&jobs[2]), &handed[0].grant);
    assert_eq!((job.state, job.epoch), (State::Running, grant.epoch));
    assert_eq!((grant.active, grant.limit), (2, 2));
    let waited = gate.now.millis_since(job.submitted_at);
    assert_eq!(grant.wait_ms, Some(waited));
    assert_eq!(
        job.room_at,
        Some(gate.now),
        "its age among all users counts from now"
    );
    assert_eq!(gate.skipped(&jobs[2]), SkipReason::AlreadyRunning);
}

#[test]
fn whoever_does_not_go_on_leaves_what_is_freed_to_the_queue() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    let epoch = gate.start(&jobs[0]).epoch;
    gate.start(&jobs[1]);
    gate.admit(&jobs[2]);
    gate.fail(&jobs[0], epoch, true);
    assert_eq!(gate.sent(), [jobs[2].clone()]);
    assert_eq!(gate.state(&jobs[2]), State::Granted);
}

#[test]
fn a_report_whose_answer_was_lost_is_answered_again_with_what_it_was_handed() {
    for fails in [false, true] {
        let mut gate = GateHarness::new();
        let jobs = gate.submit_many(Tier::Tier1, 3);
        let epoch = run_as(&mut gate, "d", &jobs[0]).epoch;
        run_as(&mut gate, "elsewhere", &jobs[1]);
        gate.admit(&jobs[2]);
        let report = |gate: &mut GateHarness| {
            if fails {
                gate.fail_and_go_on(&jobs[0], epoch, "d")
            } else {
                gate.complete_and_go_on(&jobs[0], epoch, "d")
            }
        };
        let (_, first) = report(&mut gate);
        let before = gate.jobs();
        let (outcome, again) = report(&mut gate);
        assert_eq!(outcome, Outcome::Repeated);
        assert_eq!(ids(&again), ids(&first));
        assert_eq!(again[0].grant.epoch, first[0].grant.epoch);
        assert_eq!(gate.jobs(), before, "P3: a repeated report changes nothing");
    }
}

#[test]
fn what_was_handed_to_a_dead_delivery_comes_back_with_its_lease() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    let epoch = run_as(&mut gate, "d", &jobs[0]).epoch;
    run_as(&mut gate, "d", &jobs[1]);
    gate.admit(&jobs[2]);
    gate.fail_and_go_on(&jobs[0], epoch, "d");
    gate.pass(gate.config.lease);
    gate.wake();
    assert_eq!(gate.state(&jobs[2]), State::Retrying);
    gate.pass(gate.config.retry_backoff);
    gate.wake();
    assert_eq!(gate.state(&jobs[2]), State::Granted);
    assert!(gate.sent().contains(&jobs[2]));
}

#[test]
fn a_lowered_limit_hands_nothing_on() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier4, 4);
    let epochs: Vec<u32> = jobs[..3]
        .iter()
        .map(|job_id| run_as(&mut gate, "d", job_id).epoch)
        .collect();
    gate.turn(Command::SetTier { tier: Tier::Tier1 });
    gate.admit(&jobs[3]);
    let (_, handed) = gate.fail_and_go_on(&jobs[0], epochs[0], "d");
    assert!(handed.is_empty(), "two run, and two may");
    let (_, handed) = gate.fail_and_go_on(&jobs[1], epochs[1], "d");
    assert_eq!(ids(&handed), [&jobs[3]]);
}

#[test]
fn the_next_stage_carries_the_tier_of_its_user_at_that_time() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let submitted_at = gate.job(&job_id).submitted_at;
    let epoch = run_as(&mut gate, "d", &job_id).epoch;
    gate.turn(Command::SetTier { tier: Tier::Tier4 });
    gate.pass(Duration::from_secs(1));
    let (_, handed) = gate.complete_and_go_on(&job_id, epoch, "d");
    let Handed { ticket, grant } = &handed[0];
    assert_eq!((grant.tier, grant.priority), (Tier::Tier4, 4));
    assert_eq!((ticket.tier, ticket.priority), (Tier::Tier4, 4));
    assert_eq!(ticket.submitted_at, submitted_at);
    assert_eq!(grant.kind, Kind::STORY);
}
