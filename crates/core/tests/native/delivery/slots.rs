//! How a delivery keeps the slots of its jobs, and when it gives them back.

use super::harness::{Scene, grant, holding, job_id, want};
use queue_core::{
    delivery::CONFIRM_AFTER,
    pool::{command::Given, turn::START_WITHIN},
};
use std::time::Duration;

#[test]
fn a_start_is_confirmed_after_some_seconds_and_in_time() {
    let mut scene = Scene::given(&[want(1)]);
    scene.start_all();
    assert_eq!(scene.pass_until_due(), CONFIRM_AFTER);
    assert!(CONFIRM_AFTER * 3 < START_WITHIN, "two tries may fail");
    let exchange = scene.exchanges();
    assert_eq!(exchange.running, [holding(1, 2)]);
    assert_eq!(exchange.offer.has, [holding(1, 1)]);
    scene.gives(&[]);
    scene.hears(&[]);
    assert_eq!(scene.offers().has, [], "the pool knows");
    assert!(scene.pass_until_due() > CONFIRM_AFTER, "once");
}

#[test]
fn another_call_also_confirms_starts_that_are_due_soon() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2)]);
    scene.start_all();
    scene.pass(CONFIRM_AFTER / 2);
    scene.hears(&[want(3)]);
    scene.start_all();
    scene.ends(1);
    // The third may end before.
    scene.owes(&[holding(1, 2)], &[]);
    assert_eq!(scene.exchanges().running, [holding(2, 2)]);
    scene.gives(&[]);
    scene.ends(3);
    assert_eq!(scene.exchanges().running, []);
    scene.gives(&[]);
    assert!(scene.pass_until_due() > CONFIRM_AFTER * 2);
    assert_eq!(scene.exchanges().running, [holding(2, 2)], "to renew");
}

#[test]
fn running_jobs_are_renewed_after_a_quarter_of_the_lease() {
    let mut scene = Scene::running(&[1, 2]);
    let quarter = Duration::from_secs(75);
    assert_eq!(scene.pass_until_due() + CONFIRM_AFTER, quarter);
    for _ in 0..3 {
        let exchange = scene.exchanges();
        assert_eq!(exchange.running, [holding(1, 2), holding(2, 2)]);
        scene.gives(&[]);
        assert_eq!(scene.pass_until_due(), quarter);
    }
}

#[test]
fn a_job_that_lost_its_slot_must_stop_and_frees_no_slot() {
    let mut scene = Scene::running(&[1, 2]);
    scene.pass_until_due();
    assert!(!scene.delivery.has_lost(&job_id(1)));
    let lost = Given {
        lost: vec![job_id(1)],
        ..Given::default()
    };
    scene.answers(Some(lost));
    assert!(scene.delivery.has_lost(&job_id(1)) && !scene.delivery.has_lost(&job_id(2)));
    let going = scene.stops(1, true);
    assert!(!going.on && going.carries);
}

#[test]
fn a_slot_is_released_when_the_work_stops_and_the_next_job_starts_beside_the_report() {
    let mut scene = Scene::running(&[1, 2]);
    assert!(scene.stops(1, false).carries);
    scene.owes(&[holding(1, 2)], &[]);
    let exchange = scene.exchanges();
    assert!(exchange.stays && exchange.offer.has.is_empty());
    scene.gives(&[want(3)]);
    assert_eq!(scene.starting(), [3]);
    scene.reported(1, None, vec![want(4)]);
    // Nor is the slot given up twice.
    scene.owes(&[], &[want(4)]);
    scene.gives(&[]);
    assert_eq!(scene.exchange(), None, "each is told once");
}

#[test]
fn a_job_that_is_only_reported_neither_confirms_nor_renews_its_slot() {
    let mut scene = Scene::given(&[want(1), want(2)]);
    scene.start_all();
    scene.stops(1, false);
    scene.gives(&[]);
    scene.pass(CONFIRM_AFTER);
    assert_eq!(scene.exchanges().running, [holding(2, 2)]);
    scene.gives(&[]);
    scene.pass(Duration::from_secs(75));
    assert_eq!(scene.exchanges().running, [holding(2, 2)]);
}

#[test]
fn the_next_stage_keeps_its_place_and_its_slot() {
    let mut scene = Scene::running(&[1]);
    let going = scene.stops(1, true);
    assert!(going.on && going.carries);
    assert_eq!(scene.exchange(), None);
    scene.reported(1, Some(grant(3)), vec![]);
    assert_eq!((scene.runs(), scene.exchange()), (vec![(1, 3)], None));
    scene.pass_until_due();
    // Under its epoch.
    assert_eq!(scene.exchanges().running, [holding(1, 3)]);
    scene.gives(&[]);
    scene.ends(1);
    assert_eq!(scene.exchanges().freed, [holding(1, 3)]);
}

#[test]
fn a_slot_kept_for_a_stage_that_does_not_follow_is_released() {
    for is_answered in [true, false] {
        let mut scene = Scene::running(&[1]);
        scene.stops(1, true);
        if is_answered {
            scene.reported(1, None, vec![]);
        } else {
            scene.delivery.reported(&job_id(1), None);
            scene.act();
        }
        let exchange = scene.exchanges();
        assert_eq!(exchange.freed, [holding(1, 2)]);
        assert!(!exchange.stays);
    }
}
