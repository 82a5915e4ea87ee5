//! What a report changes, once; and what the delivery that reports takes along, in the same turn.

use super::{
    commands::{CARRIES, GOES_ON, LEAVES, completed, failed, postponed, requeued},
    harness::GateHarness,
};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Stage, Tier},
    gate::{
        Command, State,
        command::{Outcome, SkipReason},
    },
    line::want::Want,
};
use std::time::Duration;

fn ids(granted: &[Want]) -> Vec<&JobId> {
    granted.iter().map(Want::job_id).collect()
}

#[test]
fn a_repeated_or_late_report_changes_nothing() {
    let (mut gate, job_id, first) = GateHarness::running();
    gate.complete(&job_id, first);
    let after = gate.jobs();
    let repeated = (Outcome::Repeated, Some(State::Queued));
    assert_eq!(gate.complete(&job_id, first), repeated);
    assert_eq!(gate.fail(&job_id, first, true), repeated);
    assert_eq!(gate.jobs(), after);
    let second = gate.start(&job_id).epoch;
    assert_eq!(gate.complete(&job_id, first).0, Outcome::Repeated, "still");
    gate.complete(&job_id, second);
    let third = gate.start(&job_id).epoch;
    let running = gate.jobs();
    let stale = (Outcome::Stale, Some(State::Running));
    for epoch in [first, third - 1, third + 1] {
        assert_eq!(gate.complete(&job_id, epoch), stale, "{epoch}");
        assert_eq!(gate.fail(&job_id, epoch, false), stale, "{epoch}");
        let requeued = gate.report(requeued(&job_id, epoch, LEAVES));
        assert_eq!(requeued.outcome, Outcome::Stale, "{epoch}");
    }
    assert_eq!(gate.jobs(), running);
    let stranger = gate.new_id();
    assert_eq!(gate.complete(&stranger, 1), (Outcome::Stale, None));
}

#[test]
fn a_job_ended_when_its_work_did_and_neither_before_its_start_nor_after_the_report() {
    const SECOND: Duration = Duration::from_secs(1);
    for fails in [false, true] {
        for (said, expected) in [(None, 5), (Some(3), 3), (Some(-3), 0), (Some(9), 5)] {
            let (mut gate, job_id, epoch) = GateHarness::running();
            let began = gate.now;
            let after = |seconds: i32| match u32::try_from(seconds) {
                Ok(seconds) => began.after(SECOND * seconds),
                Err(_) => began.before(SECOND * seconds.unsigned_abs()),
            };
            gate.pass(SECOND * 5);
            let mut report = if fails {
                failed(&job_id, epoch, true, LEAVES)
            } else {
                completed(&job_id, epoch, LEAVES)
            };
            let (Command::Complete { ended_at, .. } | Command::Fail { ended_at, .. }) = &mut report
            else {
                panic!("it is a report of an end");
            };
            *ended_at = said.map(after);
            gate.report(report);
            let job = gate.job(&job_id);
            let ended = match job.error {
                Some(error) => [job.finished_at, Some(error.at)],
                None => [job.stages[0].finished_at; 2],
            };
            assert_eq!(ended, [Some(after(expected)); 2], "{fails} {said:?}");
        }
    }
}

#[test]
fn the_next_stage_runs_in_the_same_delivery_without_messages() {
    let (mut gate, job_id) = GateHarness::with_job();
    let mut epoch = gate.start_by("d", &job_id, 1);
    for stage in [Stage::Audio, Stage::Video] {
        let reported = gate.report(completed(&job_id, epoch, GOES_ON));
        let next = reported.next.unwrap();
        assert_eq!((next.stage, next.epoch), (stage, epoch + 1));
        assert_eq!(next.wait_ms, None, "it is the job's first start no more");
        assert!(reported.granted.is_empty() && gate.is_silent());
        let job = gate.job(&job_id);
        let until = gate.now.after(gate.config.lease);
        assert_eq!((job.holder.as_deref(), job.due), (Some("d"), Some(until)));
        epoch = next.epoch;
    }
    let reported = gate.report(completed(&job_id, epoch, GOES_ON));
    assert_eq!(reported.next, None);
    let job = gate.job(&job_id);
    assert_eq!(job.state, State::Succeeded);
    // What each stage made is recorded with its epoch.
    let made = job.stages.iter().flat_map(|stage| &stage.artifacts);
    assert!(
        made.map(|made| made.epoch)
            .eq([epoch - 2, epoch - 1, epoch])
    );
}

#[test]
fn a_stopped_delivery_leaves_the_next_stage_to_the_line() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    let reported = gate.report(completed(&job_id, epoch, CARRIES));
    assert_eq!(reported.next, None);
    let [want] = &reported.granted[..] else {
        panic!("{reported:?}");
    };
    assert_eq!((want.job_id(), want.epoch()), (&job_id, epoch + 1));
    assert_eq!(want.ticket.stage, Stage::Audio);
    assert!(gate.is_silent(), "it is taken along");
}

#[test]
fn a_freed_lease_goes_to_the_best_parked_job_in_the_same_delivery() {
    for has_pool in [true, false] {
        let mut gate = GateHarness::beside(has_pool);
        let jobs = gate.submit_many(Tier::Tier1, 4);
        let [first, second] = [0, 1].map(|index| gate.start(&jobs[index]).epoch);
        let reported = gate.report(failed(&jobs[0], first, true, CARRIES));
        assert_eq!(ids(&reported.granted), [&jobs[2]]);
        assert!(gate.is_silent(), "only there");
        let (job, want) = (gate.job(&jobs[2]), &reported.granted[0]);
        assert_eq!((job.state, want.epoch()), (State::Queued, job.epoch));
        assert_eq!((want.rank, job.room_at), (job.pool_rank(), Some(gate.now)));
        let reported = gate.report(failed(&jobs[1], second, true, LEAVES));
        assert_eq!(reported.granted, []);
        // To all, if nobody takes it along.
        let made_known = if has_pool { gate.told() } else { gate.sent() };
        assert_eq!(made_known, jobs[3..]);
    }
}

#[test]
fn a_job_taken_by_a_delivery_that_died_is_announced_by_the_alarm() {
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    let epoch = gate.start(&jobs[0]).epoch;
    gate.report(failed(&jobs[0], epoch, true, CARRIES));
    gate.cancel(&jobs[1]);
    gate.wake_for(&jobs[2]);
    assert_eq!(gate.told(), jobs[2..]);
}

#[test]
fn a_repeated_report_is_answered_with_all_jobs_that_hold_a_lease_and_wait() {
    let (mut gate, jobs) = GateHarness::with_jobs::<6>(Tier::Tier2);
    let epoch = gate.start(&jobs[0]).epoch;
    for going in [GOES_ON, CARRIES, LEAVES] {
        let first = gate.report(failed(&jobs[0], epoch, true, going));
        let before = gate.jobs();
        let again = gate.report(failed(&jobs[0], epoch, true, going));
        assert_eq!(again.outcome, Outcome::Repeated);
        let waiting = if going.carries { 5 } else { 0 };
        assert_eq!(again.granted.len(), waiting);
        let is_among = |want| again.granted.contains(want);
        assert!(first.granted.iter().all(is_among));
        assert_eq!(gate.jobs(), before, "P3: a repeated report changes nothing");
        assert!(gate.is_silent());
    }
}

#[test]
fn a_repeated_report_gets_the_next_stage_again_until_it_starts() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    let report = || completed(&job_id, epoch, GOES_ON);
    let first = gate.report(report());
    let again = gate.report(report());
    assert_eq!(again.outcome, Outcome::Repeated);
    assert_eq!(again.next, first.next);
    let leaves = gate.report(completed(&job_id, epoch, CARRIES));
    assert_eq!(leaves.next, None, "only to who would go on");
    gate.report(completed(&job_id, epoch + 1, GOES_ON));
    assert_eq!(gate.report(report()).outcome, Outcome::Stale);
}

#[test]
fn only_a_successful_job_continues_unless_it_is_cancelled() {
    type Report = fn(&JobId, u32) -> Command;
    let reports: [(Report, State); 4] = [
        (
            |id, epoch| failed(id, epoch, false, GOES_ON),
            State::Retrying,
        ),
        (|id, epoch| requeued(id, epoch, GOES_ON), State::Queued),
        (|id, epoch| postponed(id, epoch, GOES_ON), State::Retrying),
        (|id, epoch| completed(id, epoch, GOES_ON), State::Running),
    ];
    for (report, state) in reports {
        for cancels in [false, true] {
            let (mut gate, job_id, epoch) = GateHarness::running();
            if cancels {
                gate.cancel(&job_id);
            }
            let reported = gate.report(report(&job_id, epoch));
            let goes_on = !cancels && state == State::Running;
            assert_eq!(reported.next.is_some(), goes_on, "{state:?} {cancels}");
            let ends = if cancels { State::Cancelled } else { state };
            assert_eq!(reported.state, Some(ends));
            let is_queued = ends == State::Queued;
            assert_eq!(reported.granted.len(), usize::from(is_queued));
        }
    }
}

#[test]
fn a_stage_that_is_lost_with_its_delivery_runs_again() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    gate.report(completed(&job_id, epoch, GOES_ON));
    assert_eq!(gate.skipped(&job_id), SkipReason::AlreadyRunning);
    gate.wake_for(&job_id);
    assert_eq!(gate.state(&job_id), State::Retrying);
    gate.wake_for(&job_id);
    let grant = gate.start(&job_id);
    assert_eq!((grant.stage, grant.attempt), (Stage::Audio, 2));
}

#[test]
fn the_next_stage_has_the_current_tier_of_its_user() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    gate.set_tier(Tier::Tier4);
    let reported = gate.report(completed(&job_id, epoch, GOES_ON));
    let next = reported.next.unwrap();
    assert_eq!((next.tier, next.priority, next.limit), (Tier::Tier4, 4, 20));
}
