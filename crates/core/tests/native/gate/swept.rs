//! What a sweep deleted is gone from the record of an ended job, and from no other.

use super::{commands::artifacts, harness::GateHarness};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Tier},
    gate::{Command, Reply},
};

impl GateHarness {
    fn swept(&mut self, job_id: &JobId) {
        let (job_id, begins) = (job_id.clone(), false);
        let reply = self.turn(Command::Swept { job_id, begins });
        assert!(matches!(reply, Reply::Job { .. }), "{reply:?}");
    }

    fn made(&mut self, job_id: &JobId) -> usize {
        let stages = self.view(job_id).job.stages;
        stages.iter().map(|stage| stage.artifacts.len()).sum()
    }
}

#[test]
fn the_record_of_an_ended_job_says_that_its_artifacts_are_gone_and_nothing_else_changes() {
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    let epoch = gate.start(&jobs[0]).epoch;
    gate.complete(&jobs[0], epoch);
    let before = gate.view(&jobs[0]).job;
    assert_eq!(before.stages[0].artifacts, artifacts(epoch));
    gate.swept(&jobs[0]);
    assert_eq!(gate.view(&jobs[0]).job, before, "it still runs");
    while !gate.state(&jobs[0]).is_final() {
        let epoch = gate.start(&jobs[0]).epoch;
        gate.complete(&jobs[0], epoch);
    }
    let mut ended = gate.view(&jobs[0]).job;
    let seen = ended.changed_at;
    let account = gate.account();
    for _ in 0..2 {
        gate.swept(&jobs[0]);
        assert_eq!(gate.made(&jobs[0]), 0);
        // Its user sees that, once.
        let changed_at = gate.view(&jobs[0]).job.changed_at;
        assert!(changed_at > seen && (ended.changed_at == seen || ended.changed_at == changed_at));
        ended.changed_at = changed_at;
    }
    ended
        .stages
        .iter_mut()
        .for_each(|stage| stage.artifacts.clear());
    assert_eq!(gate.view(&jobs[0]).job, ended);
    assert_eq!(gate.account(), account);
    // Nobody knows this one.
    gate.swept(&gate.new_job(None).job_id.clone());
}
