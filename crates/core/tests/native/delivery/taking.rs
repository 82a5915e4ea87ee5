//! Which jobs a delivery takes, and for how many it listens.

use super::harness::{Scene, grant, heavy, holding, want};
use crate::harness::START;
use queue_core::{delivery::weight::WEIGHT_MAX, gate::command::Start, pool::command::Offer};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_delivery_first_offers_all_its_places() {
    let mut scene = Scene::new(50);
    scene.delivery.brought([want(1).ticket]);
    scene.act();
    // The line knows better.
    assert_eq!((scene.starting(), scene.listen()), (vec![], None));
    let exchange = scene.exchanges();
    assert_eq!((exchange.delivery.as_str(), exchange.began), ("one", START));
    assert!(exchange.is_first && !exchange.stays);
    let offer = Offer {
        places: 100,
        room: WEIGHT_MAX.into(),
        is_idle: true,
        is_spent: false,
        has: vec![],
    };
    assert_eq!(exchange.offer, offer);
    assert!(!scene.delivery.is_done());
    scene.gives(&[]);
    assert!(scene.delivery.is_done(), "nothing is left for it");
}

#[test]
fn given_jobs_are_started_in_order_and_run() {
    let mut scene = Scene::given(&[want(2), want(1)]);
    assert_eq!(scene.starting(), [2, 1]);
    let offer = scene.offers();
    assert_eq!((offer.places, offer.room), (98, i64::from(WEIGHT_MAX) - 2));
    assert_eq!(offer.has, [holding(1, 1), holding(2, 1)]);
    assert!(!offer.is_idle);
    assert_eq!((scene.delivery.load(), scene.delivery.weight()), (2, 2));
    scene.start_all();
    assert_eq!(scene.runs(), [(2, 2), (1, 2)]);
}

#[test]
fn a_job_that_comes_twice_is_taken_once() {
    let mut scene = Scene::given(&[want(1), want(1)]);
    assert_eq!(scene.starting(), [1]);
    scene.hears(&[want(1), want(2)]);
    assert_eq!(scene.starting(), [2], "its gate is asked");
    scene.starts(&[want(1)], Some(vec![Start::Run(grant(2))]));
    scene.hears(&[want(1)]);
    assert!(scene.starting().is_empty(), "it runs");
    scene.stops(1, false);
    scene.hears(&[want(1)]);
    assert!(scene.starting().is_empty(), "it has just ended");
}

#[test]
fn a_job_without_room_is_returned_and_queued_again_after_a_pause() {
    let mut scene = Scene::running(&[1]);
    scene.others = WEIGHT_MAX - 1;
    let big = heavy(2, 1);
    scene.hears(std::slice::from_ref(&big));
    assert!(scene.starting().is_empty());
    scene.owes(&[holding(2, 1)], &[]);
    assert_eq!(scene.exchanges().offer.room, 0, "nothing is left");
    scene.gives(&[]);
    scene.others = 0;
    assert_eq!(scene.pass_until_due(), SECOND);
    scene.owes(&[], &[big]);
}

#[test]
fn a_job_too_heavy_to_share_runs_alone() {
    let scene = Scene::given(&[heavy(1, u32::MAX)]);
    assert_eq!(scene.starting(), [1]);
    let offer = scene.offers();
    assert!(offer.room < 0 && !offer.is_idle);
    let mut scene = Scene::new(50);
    scene.others = 1;
    scene.act();
    assert!(!scene.exchanges().offer.is_idle, "others run beside it");
    scene.gives(&[heavy(1, u32::MAX)]);
    assert!(scene.starting().is_empty());
}

#[test]
fn a_working_delivery_with_a_free_place_listens_with_one_call() {
    let mut scene = Scene::running(&[1]);
    scene.act();
    assert_eq!(scene.listen(), None, "one call");
    scene.hears(&[]);
    assert!(scene.listen().is_some(), "again, when nothing came");
    scene.delivery.listened(scene.now, 0, None);
    scene.act();
    assert_eq!(scene.listen(), None, "the call failed");
    assert_eq!(scene.pass_until_due(), SECOND);
    assert!(scene.listen().is_some());
}

#[test]
fn a_full_delivery_neither_listens_nor_spins() {
    let jobs: Vec<_> = (0..100).collect();
    let mut scene = Scene::new(200);
    scene.act();
    scene.gives(&jobs.iter().map(|job| want(*job)).collect::<Vec<_>>());
    assert_eq!((scene.starting().len(), scene.listen()), (100, None));
    scene.start_all();
    scene.pass_until_due();
    assert_eq!(scene.exchanges().offer.places, 0);
    scene.gives(&[]);
    assert_eq!(scene.listen(), None);
    scene.ends(7);
    scene.gives(&[]);
    assert_eq!(scene.offers().places, 1);
}
