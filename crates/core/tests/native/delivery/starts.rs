//! What a delivery does with a job that it was given and that does not start, or comes again.

use super::harness::{Scene, grant, holding, job_id, skip, under, want};
use queue_core::gate::command::{SkipReason, Start};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_job_whose_older_work_still_runs_here_is_returned_until_it_stops() {
    let mut scene = Scene::running(&[1, 2]);
    let next_lease = under(4, 1);
    scene.hears(std::slice::from_ref(&next_lease));
    assert!(scene.starting().is_empty());
    assert!(scene.delivery.has_lost(&job_id(1)), "its work shall stop");
    scene.owes(&[holding(1, 4)], &[]);
    scene.gives(&[]);
    scene.ends(1);
    scene.owes(&[holding(1, 2)], &[]);
    scene.gives(&[]);
    scene.owes(&[], std::slice::from_ref(&next_lease));
    scene.gives(std::slice::from_ref(&next_lease));
    assert_eq!(scene.starting(), [1]);
}

#[test]
fn the_pool_hears_only_the_newest_lease_of_a_returned_job() {
    for comes_back_first in [true, false] {
        let mut scene = Scene::running(&[1]);
        scene.hears(&[want(2)]);
        scene.starts(&[want(2)], None);
        let anew = under(3, 2);
        if comes_back_first {
            scene.pass(SECOND);
        }
        scene.reported(1, None, vec![anew.clone()]);
        scene.pass(SECOND);
        scene.gives(&[]);
        assert_eq!(scene.exchanges().wants, [anew]);
    }
}

#[test]
fn a_job_given_under_a_newer_lease_while_its_gate_is_asked_is_asked_for_again() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2)]);
    let newer = under(2, 2);
    scene.hears(std::slice::from_ref(&newer));
    assert_eq!(scene.starting(), [2]);
    scene.starts(&[want(2)], Some(skip(SkipReason::OtherLease)));
    assert_eq!(scene.delivery.load(), 2, "the newer one is still asked for");
    let exchange = scene.exchanges();
    assert_eq!(exchange.freed, [holding(2, 1)]);
    assert_eq!(exchange.offer.has, [holding(2, 2)]);
    scene.starts(&[newer], Some(vec![Start::Run(grant(3))]));
    assert_eq!(scene.runs(), [(2, 3)]);
}

#[test]
fn a_job_that_needs_no_start_is_logged_and_its_slot_released() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2)]);
    let events = scene.starts(&[want(2)], Some(skip(SkipReason::Ended)));
    assert_eq!(events.len(), 1);
    assert_eq!(scene.exchanges().freed, [holding(2, 1)]);
}

#[test]
fn a_job_whose_gate_cannot_be_reached_is_queued_again() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2)]);
    assert_eq!(scene.starts(&[want(2)], None), []);
    assert_eq!(scene.exchanges().freed, [holding(2, 1)]);
    scene.gives(&[]);
    scene.pass(SECOND);
    assert_eq!(scene.exchanges().wants, [want(2)]);
}

#[test]
fn an_answer_of_the_wrong_length_is_ignored() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2), want(3)]);
    scene.starts(&[want(2), want(3)], Some(skip(SkipReason::Ended)));
    let freed = scene.exchanges().freed;
    assert_eq!(freed, [holding(2, 1), holding(3, 1)]);
    assert_eq!(scene.delivery.load(), 1);
}
