//! What a gate says of a job that holds no lease: for the pool, or, without one, for its user.

use crate::{gate::harness::GateHarness, harness::Harness};
use queue_core::{
    domain::{JobId, Tier},
    pool::coming::{Coming, Own},
};
use std::time::Duration;

const LENGTH: Duration = Duration::from_secs(36);

fn coming(gate: &mut GateHarness, job_id: &JobId) -> Option<Coming> {
    let view = gate.view(job_id);
    assert_eq!(view.estimate, None, "the pool says");
    view.coming.map(|coming| *coming)
}

#[test]
fn the_pool_hears_which_leases_a_parked_job_waits_for_and_what_goes_before_it() {
    let (mut gate, jobs) = GateHarness::with_jobs::<4>(Tier::Tier1);
    assert_eq!(coming(&mut gate, &jobs[0]), None, "it has a lease");
    gate.start(&jobs[1]);
    gate.pass(Duration::from_secs(5));
    let told = coming(&mut gate, &jobs[3]).unwrap();
    let job = gate.job(&jobs[3]);
    let waited = gate.now.millis_since(job.submitted_at);
    assert_eq!(told.rank, job.rank.delayed(waited), "as if it came now");
    assert!(told.ages_later && told.not_before.is_none());
    let Own {
        leases,
        held,
        above,
        before,
    } = told.parked.unwrap();
    assert_eq!(leases, [jobs[1].clone(), jobs[0].clone()]);
    assert_eq!((held, above), (2, 0));
    assert_eq!(before.iter().map(|before| before.count).sum::<u32>(), 1);
}

#[test]
fn leases_above_a_lowered_limit_are_told() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 3);
    for job_id in &jobs[..2] {
        gate.start(job_id);
    }
    gate.set_limit(1);
    let own = coming(&mut gate, &jobs[2]).unwrap().parked.unwrap();
    assert_eq!((own.held, own.above), (2, 1));
}

#[test]
fn a_job_that_is_tried_again_keeps_its_rank_and_comes_when_it_is_due() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    gate.fail(&job_id, epoch, false);
    let job = gate.job(&job_id);
    let told = coming(&mut gate, &job_id).unwrap();
    assert_eq!((told.rank, told.ages_later), (job.pool_rank(), false));
    assert_eq!((told.not_before, told.parked), (job.due, None));
}

#[test]
fn without_a_pool_the_gate_tells_by_how_long_its_jobs_took() {
    let mut gate = GateHarness::beside(false);
    let jobs = gate.submit_many(Tier::Tier1, 8);
    let told = |gate: &mut GateHarness, job_id: &JobId| {
        let view = gate.view(job_id);
        assert_eq!(view.coming, None);
        let estimate = view.estimate?;
        assert!(gate.now <= estimate.from && estimate.from <= estimate.until);
        Some(estimate.starts_at.millis_since(gate.now) / 1_000)
    };
    assert_eq!(told(&mut gate, &jobs[7]), None, "nothing has ended yet");
    for job_id in &jobs[..3] {
        gate.pass(LENGTH);
        gate.run_to_the_end(job_id);
    }
    // Two leases, of which the older has been held for 36 s: those before took 36, 72 and 72 s.
    let first = told(&mut gate, &jobs[5]).unwrap();
    assert!((0..=72).contains(&first), "{first}");
    assert!(told(&mut gate, &jobs[7]).unwrap() >= 72);
}
