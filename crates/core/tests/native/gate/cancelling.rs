//! What becomes of a job that its user cancels.

use super::{
    commands::{LEAVES, completed, failed, requeued},
    harness::GateHarness,
};
use queue_core::{
    api::view,
    domain::{JobId, Tier, UserId},
    gate::{State, turn::Notice},
};
use serde_json::json;

#[test]
fn a_job_is_cancelled_at_once_unless_it_is_running() {
    let (mut gate, [running, queued, parked, next]) = GateHarness::with_jobs(Tier::Tier1);
    let epoch = gate.start(&running).epoch;
    assert_eq!(gate.cancel(&parked), State::Cancelled);
    assert!(
        gate.is_silent() && gate.gone().is_empty(),
        "it held no lease"
    );
    assert_eq!(gate.cancel(&queued), State::Cancelled);
    assert_eq!(gate.gone(), [queued], "the pool hears of it");
    assert_eq!(gate.told(), [next], "and its lease goes on");
    assert_eq!(gate.cancel(&running), State::Running);
    assert!(gate.must_stop(&running, epoch), "its holder is told");
    assert_eq!(gate.complete(&running, epoch).1, Some(State::Cancelled));
    assert_eq!(gate.cancel(&running), State::Cancelled, "twice is once");
    assert_eq!(gate.gone(), [], "the pool hears of it from the delivery");
}

#[test]
fn a_cancelled_job_ends_with_whatever_its_holder_reports() {
    let fails = |id: &JobId, epoch, going| failed(id, epoch, false, going);
    for report in [requeued, fails] {
        let (mut gate, [job_id, _, next]) = GateHarness::with_jobs(Tier::Tier1);
        let epoch = gate.start(&job_id).epoch;
        gate.cancel(&job_id);
        let reported = gate.report(report(&job_id, epoch, LEAVES));
        assert_eq!(reported.state, Some(State::Cancelled));
        assert_eq!(gate.told(), [next]);
    }
}

#[test]
fn a_cancelled_running_job_ends_when_its_consumer_dies() {
    let (mut gate, job_id, _) = GateHarness::running();
    gate.cancel(&job_id);
    gate.wake_for(&job_id);
    assert_eq!(gate.notices(), [Notice::LeaseExpired, Notice::Ended]);
    assert_eq!(gate.state(&job_id), State::Cancelled);
}

#[test]
fn a_stage_that_was_started_shows_an_attempt_however_its_job_ended() {
    let user_id = UserId::try_from("user123".to_owned()).unwrap();
    for report in [completed, requeued, |id: &_, epoch, going| {
        failed(id, epoch, false, going)
    }] {
        let (mut gate, job_id, epoch) = GateHarness::running();
        gate.cancel(&job_id);
        gate.report(report(&job_id, epoch, LEAVES));
        assert_eq!(gate.state(&job_id), State::Cancelled);
        let stages = view::job(&user_id, &gate.view(&job_id), None)["stages"].take();
        assert!(stages[0]["startedAt"].is_string());
        assert_eq!(stages[0]["attempts"], json!(1));
        assert_eq!(stages[1]["attempts"], json!(0), "it was never started");
    }
}
