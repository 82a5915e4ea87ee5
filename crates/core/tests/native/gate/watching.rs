//! What watchers are told: each change of a job, in order, and nothing else.

use super::{
    commands::{LEAVES, completed},
    harness::GateHarness,
};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{JobId, Stage, Tier, Timestamp},
    gate::{Command, Job, SqlStore, State, Store as _},
    live::{Ask, Said, answer},
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// What a turn has changed: each job's state and stage.
fn told(gate: &GateHarness) -> Vec<(JobId, State, Stage)> {
    let told = |job: &Job| (job.job_id.clone(), job.state, job.current_stage());
    gate.effects.changed.iter().map(told).collect()
}

fn job(gate: &GateHarness, job_id: &JobId) -> Job {
    SqlStore::new(&gate.database).find(job_id).unwrap().unwrap()
}

fn changed(gate: &GateHarness, since: Option<Timestamp>) -> Vec<JobId> {
    let store = SqlStore::new(&gate.database);
    let jobs = store.changed(since, None, u32::MAX).unwrap();
    jobs.into_iter().map(|job| job.job_id).collect()
}

#[test]
fn a_watcher_is_told_of_each_step_of_a_job_and_of_the_one_that_it_lets_in() {
    let mut gate = GateHarness::watched();
    gate.set_limit(1);
    let first = gate.submit(Tier::Tier1);
    assert_eq!(told(&gate), [(first.clone(), State::Queued, Stage::Image)]);
    let second = gate.submit(Tier::Tier1);
    assert_eq!(told(&gate), [(second.clone(), State::Parked, Stage::Image)]);
    for stage in [Stage::Image, Stage::Audio, Stage::Video] {
        let epoch = gate.start(&first).epoch;
        assert_eq!(told(&gate), [(first.clone(), State::Running, stage)]);
        gate.turn(completed(&first, epoch, LEAVES));
    }
    let end = (first, State::Succeeded, Stage::Video);
    assert_eq!(told(&gate), [end, (second, State::Queued, Stage::Image)]);
}

#[test]
fn a_cancellation_is_told_when_it_is_asked_for_and_when_it_has_happened() {
    let mut gate = GateHarness::watched();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    gate.cancel(&job_id);
    assert!(gate.effects.changed[0].cancel_requested);
    gate.complete(&job_id, epoch);
    assert_eq!(told(&gate), [(job_id, State::Cancelled, Stage::Image)]);
}

#[test]
fn what_nobody_sees_is_no_change() {
    let mut gate = GateHarness::watched();
    let job_id = gate.submit(Tier::Tier1);
    gate.now = gate.next_due().unwrap();
    gate.turn(GateHarness::WAKE);
    assert!(job(&gate, &job_id).sends > 1, "it was made known again");
    assert_eq!(told(&gate), []);
    let epoch = gate.start(&job_id).epoch;
    let before = job(&gate, &job_id);
    gate.now = gate.now.after(SECOND);
    gate.turn(Command::Renew {
        job_id: job_id.clone(),
        epoch,
    });
    let after = job(&gate, &job_id);
    assert!(after.due > before.due, "its lease was renewed");
    assert_eq!((told(&gate), after.changed_at), (vec![], before.changed_at));
    gate.turn(Command::Job { job_id });
    assert_eq!(told(&gate), []);
}

#[test]
fn where_nobody_watches_nothing_is_collected() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.run_to_the_end(&job_id);
    assert_eq!(told(&gate), []);
}

#[test]
fn of_two_changes_the_later_has_the_later_time_whatever_the_clock_says() {
    let (mut gate, job_id) = GateHarness::with_job();
    let mut last = job(&gate, &job_id).changed_at;
    assert_eq!(last, Some(START));
    let epoch = gate.start(&job_id).epoch;
    for step in 0..2 {
        let now = job(&gate, &job_id).changed_at;
        assert!(now > last, "step {step}");
        last = now;
        gate.now = gate.now.before(3_600 * SECOND);
        if step == 0 {
            gate.complete(&job_id, epoch);
        }
    }
}

#[test]
fn who_comes_first_is_told_of_all_that_has_not_ended() {
    let (mut gate, jobs) = GateHarness::with_jobs::<5>(Tier::Tier1);
    gate.run_to_the_end(&jobs[0]);
    gate.start(&jobs[1]);
    gate.cancel(&jobs[4]);
    let expected = [&jobs[3], &jobs[2], &jobs[1]].map(Clone::clone);
    assert_eq!(changed(&gate, None), expected);
}

#[test]
fn who_comes_back_is_told_of_all_that_has_changed_since_ended_or_not() {
    let (mut gate, jobs) = GateHarness::with_jobs::<6>(Tier::Tier1);
    gate.run_to_the_end(&jobs[0]);
    for seconds in [1_u32, 7_200] {
        gate.now = gate.now.after(seconds * SECOND);
        let since = Some(gate.now);
        assert_eq!(changed(&gate, since), []);
        let (queued, parked) = match seconds {
            1 => (&jobs[1], &jobs[3]),
            _ => (&jobs[2], &jobs[4]),
        };
        // It ends, and lets another in.
        gate.run_to_the_end(queued);
        assert_eq!(changed(&gate, since), [parked.clone(), queued.clone()]);
    }
    assert_eq!(changed(&gate, Some(START)).len(), 6);
}

#[test]
fn a_long_answer_comes_in_pages_each_job_once() {
    let (gate, jobs) = GateHarness::with_jobs::<120>(Tier::Tier1);
    let store = SqlStore::new(&gate.database);
    let (mut ask, mut found, mut pages) = (Ask::default(), Vec::new(), 0);
    loop {
        let said = answer(&store, gate.now, &ask).unwrap();
        let mut before = None;
        for said in said {
            match said {
                Said::Job { job, .. } => found.push(job.job_id),
                Said::Page { before: next, .. } => before = next,
            }
        }
        pages += 1;
        if before.is_none() {
            break;
        }
        ask.before = before;
    }
    found.reverse();
    assert_eq!((found, pages), (jobs.to_vec(), 3));
}
