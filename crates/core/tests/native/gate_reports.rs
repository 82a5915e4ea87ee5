//! A delivery that reports takes along what its report frees, in the same turn.

use crate::{
    gate_commands::{CARRIES, GOES_ON, LEAVES, completed, failed, requeued},
    gate_harness::GateHarness,
};
use queue_core::{
    domain::{JobId, Stage, Tier},
    gate::{
        Command, State,
        command::{Outcome, SkipReason, Start},
        job::ArtifactRecord,
    },
    line::want::Want,
};

impl GateHarness {
    fn start_by(&mut self, holder: &str, job_id: &JobId) -> u32 {
        let epoch = self.job(job_id).epoch;
        match self.start_as(holder, job_id, epoch) {
            Start::Run(grant) => grant.epoch,
            Start::Skip { reason } => panic!("{reason:?}"),
        }
    }
}

fn ids(granted: &[Want]) -> Vec<&JobId> {
    granted.iter().map(Want::job_id).collect()
}

#[test]
fn the_next_stage_runs_in_the_same_delivery_without_messages() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let mut epoch = gate.start_by("d", &job_id);
    for stage in [Stage::Audio, Stage::Video] {
        let reported = gate.report(completed(&job_id, epoch, GOES_ON));
        let next = reported.next.unwrap();
        assert_eq!((next.stage, next.epoch), (stage, epoch + 1));
        assert_eq!(next.wait_ms, None, "it is the job's first start no more");
        let told = (reported.granted, gate.told(), gate.sent());
        assert_eq!(told, (vec![], vec![], vec![]));
        let job = gate.job(&job_id);
        let until = gate.now.after(gate.config.lease);
        assert_eq!((job.holder.as_deref(), job.due), (Some("d"), Some(until)));
        epoch = next.epoch;
    }
    let reported = gate.report(completed(&job_id, epoch, GOES_ON));
    assert_eq!(reported.next, None);
    assert_eq!(gate.state(&job_id), State::Succeeded);
}

#[test]
fn a_stopped_delivery_leaves_the_next_stage_to_the_line() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    let reported = gate.report(completed(&job_id, epoch, CARRIES));
    assert_eq!(
        (reported.next, ids(&reported.granted)),
        (None, vec![&job_id])
    );
    assert_eq!(reported.granted[0].epoch(), epoch + 1);
    assert_eq!(reported.granted[0].ticket.stage, Stage::Audio);
    assert_eq!(
        (gate.told(), gate.sent()),
        (vec![], vec![]),
        "it is taken along"
    );
}

#[test]
fn a_freed_lease_goes_to_the_best_parked_job_in_the_same_delivery() {
    for has_pool in [true, false] {
        let mut gate = GateHarness::new();
        gate.config.has_pool = has_pool;
        let jobs = gate.submit_many(Tier::Tier1, 4);
        let [first, second] = [0, 1].map(|index| gate.start_by("d", &jobs[index]));
        let reported = gate.report(failed(&jobs[0], first, true, CARRIES));
        assert_eq!(ids(&reported.granted), [&jobs[2]]);
        assert_eq!((gate.told(), gate.sent()), (vec![], vec![]), "only there");
        let (job, want) = (gate.job(&jobs[2]), &reported.granted[0]);
        assert_eq!((job.state, want.epoch()), (State::Queued, job.epoch));
        assert_eq!((want.rank, job.room_at), (job.pool_rank(), Some(gate.now)));
        let reported = gate.report(failed(&jobs[1], second, true, LEAVES));
        assert_eq!(reported.granted, []);
        let made_known = if has_pool { gate.told() } else { gate.sent() };
        assert_eq!(
            made_known,
            [jobs[3].clone()],
            "to all, if nobody takes it along"
        );
    }
}

#[test]
fn a_job_taken_by_a_delivery_that_died_is_announced_by_the_alarm() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    let epoch = gate.start(&jobs[0]).epoch;
    gate.report(failed(&jobs[0], epoch, true, CARRIES));
    gate.cancel(&jobs[1]);
    gate.wake_for(&jobs[2]);
    assert_eq!(gate.told(), [jobs[2].clone()]);
}

#[test]
fn a_repeated_report_is_answered_with_all_jobs_that_hold_a_lease_and_wait() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier2, 6);
    let epoch = gate.start(&jobs[0]).epoch;
    for going in [GOES_ON, CARRIES, LEAVES] {
        let first = gate.report(failed(&jobs[0], epoch, true, going));
        let before = gate.jobs();
        let again = gate.report(failed(&jobs[0], epoch, true, going));
        assert_eq!(again.outcome, Outcome::Repeated);
        let waiting = if going.carries { 5 } else { 0 };
        assert_eq!(again.granted.len(), waiting);
        assert!(
            first
                .granted
                .iter()
                .all(|want| again.granted.contains(want))
        );
        assert_eq!(gate.jobs(), before, "P3: a repeated report changes nothing");
        assert_eq!((gate.told(), gate.sent()), (vec![], vec![]));
    }
}

#[test]
fn a_repeated_report_gets_the_next_stage_again_until_it_starts() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start_by("d", &job_id);
    let report = |gate: &mut GateHarness| gate.report(completed(&job_id, epoch, GOES_ON));
    let first = report(&mut gate);
    let again = report(&mut gate);
    assert_eq!(
        (again.outcome, &again.next),
        (Outcome::Repeated, &first.next)
    );
    let leaves = gate.report(completed(&job_id, epoch, CARRIES));
    assert_eq!(leaves.next, None, "only to who would go on");
    gate.report(completed(&job_id, epoch + 1, GOES_ON));
    assert_eq!(report(&mut gate).outcome, Outcome::Stale);
}

#[test]
fn only_a_successful_job_continues_unless_it_is_cancelled() {
    type Report = fn(&JobId, u32) -> Command;
    let reports: [(Report, State); 3] = [
        (
            |id, epoch| failed(id, epoch, false, GOES_ON),
            State::Retrying,
        ),
        (|id, epoch| requeued(id, epoch, GOES_ON), State::Queued),
        (|id, epoch| completed(id, epoch, GOES_ON), State::Running),
    ];
    for (report, state) in reports {
        for cancels in [false, true] {
            let mut gate = GateHarness::new();
            let job_id = gate.submit(Tier::Tier1);
            let epoch = gate.start(&job_id).epoch;
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
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start_by("d", &job_id);
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
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    gate.set_tier(Tier::Tier4);
    let next = gate
        .report(completed(&job_id, epoch, GOES_ON))
        .next
        .unwrap();
    assert_eq!((next.tier, next.priority, next.limit), (Tier::Tier4, 4, 20));
}

#[test]
fn artifacts_of_each_stage_are_recorded_with_their_epoch() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let mut epoch = gate.start(&job_id).epoch;
    for _ in 0..2 {
        epoch = gate
            .report(completed(&job_id, epoch, GOES_ON))
            .next
            .unwrap()
            .epoch;
    }
    gate.complete(&job_id, epoch);
    let made = gate
        .job(&job_id)
        .stages
        .into_iter()
        .flat_map(|stage| stage.artifacts);
    let epochs: Vec<u32> = made.map(|made: ArtifactRecord| made.epoch).collect();
    assert_eq!(epochs, [epoch - 2, epoch - 1, epoch]);
}
