//! What a delivery does with the jobs that a pool gives it.

use crate::delivery_harness::{START, Scene, grant, heavy, holding, job_id, skip, want};
use queue_core::{
    delivery::{CONFIRM_AFTER, weight::WEIGHT_MAX},
    gate::command::{SkipReason, Start},
    pool::{
        command::{Given, Offer},
        turn::START_WITHIN,
    },
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_delivery_first_offers_all_its_places() {
    let mut scene = Scene::new(50);
    scene.delivery.brought([want(1).ticket]);
    scene.act();
    assert_eq!(
        (scene.starting(), scene.listen()),
        (vec![], None),
        "the line knows better"
    );
    let exchange = scene.exchange().unwrap();
    assert_eq!(exchange.delivery, "one");
    assert_eq!(
        (exchange.began, exchange.is_first, exchange.stays),
        (START, true, false)
    );
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
    let mut scene = Scene::new(50);
    scene.act();
    scene.gives(&[want(2), want(1)]);
    assert_eq!(scene.starting(), [2, 1]);
    let offer = scene.listen().unwrap().offer;
    assert_eq!((offer.places, offer.room), (98, i64::from(WEIGHT_MAX) - 2));
    assert_eq!(
        (offer.has, offer.is_idle),
        (vec![job_id(1), job_id(2)], false)
    );
    assert_eq!((scene.delivery.load(), scene.delivery.weight()), (2, 2));
    scene.start_all();
    assert_eq!(scene.runs(), [(2, 2), (1, 2)]);
}

#[test]
fn a_job_that_comes_twice_is_taken_once() {
    let mut scene = Scene::new(50);
    scene.act();
    scene.gives(&[want(1), want(1)]);
    assert_eq!(scene.starting(), [1]);
    scene.hears(&[want(1), want(2)]);
    assert_eq!(scene.starting(), [2], "its gate is asked");
    scene.starts(
        &[want(1)],
        Some(vec![queue_core::gate::command::Start::Run(grant(2))]),
    );
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
    let exchange = scene.exchange().unwrap();
    assert_eq!(
        (exchange.freed, exchange.wants),
        (vec![holding(2, 1)], vec![])
    );
    assert_eq!(exchange.offer.room, 0, "nothing is left");
    scene.gives(&[]);
    scene.others = 0;
    assert_eq!(scene.pass_until_due(), SECOND);
    let exchange = scene.exchange().unwrap();
    assert_eq!((exchange.freed, exchange.wants), (vec![], vec![big]));
}

#[test]
fn a_job_too_heavy_to_share_runs_alone() {
    let mut scene = Scene::new(50);
    scene.act();
    scene.gives(&[heavy(1, u32::MAX)]);
    assert_eq!(scene.starting(), [1]);
    let offer = scene.listen().unwrap().offer;
    assert!(offer.room < 0 && !offer.is_idle);
    let mut scene = Scene::new(50);
    scene.others = 1;
    scene.act();
    assert!(
        !scene.exchange().unwrap().offer.is_idle,
        "others run beside it"
    );
    scene.gives(&[heavy(1, u32::MAX)]);
    assert!(scene.starting().is_empty());
}

#[test]
fn a_start_is_confirmed_after_some_seconds_and_in_time() {
    let mut scene = Scene::new(50);
    scene.act();
    scene.gives(&[want(1)]);
    scene.start_all();
    assert_eq!(scene.pass_until_due(), CONFIRM_AFTER);
    assert!(CONFIRM_AFTER * 3 < START_WITHIN, "two tries may fail");
    let exchange = scene.exchange().unwrap();
    assert_eq!(exchange.running, [holding(1, 2)]);
    assert_eq!(exchange.offer.has, [job_id(1)]);
    scene.gives(&[]);
    scene.hears(&[]);
    assert_eq!(scene.listen().unwrap().offer.has, [], "the pool knows");
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
    let exchange = scene.exchange().unwrap();
    assert_eq!(
        (exchange.freed, exchange.running),
        (vec![holding(1, 2)], vec![holding(2, 2)]),
        "the third may end before"
    );
    scene.gives(&[]);
    scene.ends(3);
    assert_eq!(scene.exchange().unwrap().running, []);
    scene.gives(&[]);
    assert!(scene.pass_until_due() > CONFIRM_AFTER * 2);
    assert_eq!(
        scene.exchange().unwrap().running,
        [holding(2, 2)],
        "to renew"
    );
}

#[test]
fn running_jobs_are_renewed_after_a_quarter_of_the_lease() {
    let mut scene = Scene::running(&[1, 2]);
    let quarter = Duration::from_secs(75);
    assert_eq!(scene.pass_until_due() + CONFIRM_AFTER, quarter);
    for _ in 0..3 {
        let exchange = scene.exchange().unwrap();
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
fn a_slot_is_released_after_the_report_together_with_the_freed_jobs() {
    let mut scene = Scene::running(&[1, 2]);
    assert!(scene.stops(1, false).carries);
    assert_eq!(scene.exchange(), None, "its gate has not heard it");
    scene.reported(1, None, vec![want(3)]);
    let exchange = scene.exchange().unwrap();
    assert_eq!(
        (exchange.freed, exchange.wants, exchange.stays),
        (vec![holding(1, 2)], vec![want(3)], true)
    );
    scene.gives(&[want(3)]);
    assert_eq!(scene.starting(), [3]);
    assert_eq!(scene.exchange(), None, "each is told once");
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
    assert_eq!(
        scene.exchange().unwrap().running,
        [holding(1, 3)],
        "under its epoch"
    );
    scene.gives(&[]);
    scene.ends(1);
    assert_eq!(scene.exchange().unwrap().freed, [holding(1, 3)]);
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
        let exchange = scene.exchange().unwrap();
        assert_eq!(
            (exchange.freed, exchange.stays),
            (vec![holding(1, 2)], false)
        );
    }
}

#[test]
fn a_job_whose_older_work_still_runs_here_is_returned_until_it_stops() {
    let mut scene = Scene::running(&[1, 2]);
    let mut next_lease = want(1);
    next_lease.ticket.epoch = Some(4);
    scene.hears(std::slice::from_ref(&next_lease));
    assert!(scene.starting().is_empty());
    assert!(scene.delivery.has_lost(&job_id(1)), "its work shall stop");
    let exchange = scene.exchange().unwrap();
    assert_eq!(
        (exchange.freed, exchange.wants),
        (vec![holding(1, 4)], vec![])
    );
    scene.gives(&[]);
    scene.ends(1);
    let exchange = scene.exchange().unwrap();
    assert_eq!(exchange.freed, [holding(1, 2)]);
    assert_eq!(exchange.wants, std::slice::from_ref(&next_lease));
    scene.gives(std::slice::from_ref(&next_lease));
    assert_eq!(scene.starting(), [1]);
}

#[test]
fn the_pool_hears_only_the_newest_lease_of_a_returned_job() {
    for comes_back_first in [true, false] {
        let mut scene = Scene::running(&[1]);
        scene.hears(&[want(2)]);
        scene.starts(&[want(2)], None);
        let mut anew = want(2);
        anew.ticket.epoch = Some(3);
        if comes_back_first {
            scene.pass(SECOND);
        }
        scene.reported(1, None, vec![anew.clone()]);
        scene.pass(SECOND);
        scene.gives(&[]);
        assert_eq!(scene.exchange().unwrap().wants, [anew]);
    }
}

#[test]
fn a_job_given_under_a_newer_lease_while_its_gate_is_asked_is_asked_for_again() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2)]);
    let mut newer = want(2);
    newer.ticket.epoch = Some(2);
    scene.hears(std::slice::from_ref(&newer));
    assert_eq!(scene.starting(), [2]);
    scene.starts(&[want(2)], Some(skip(SkipReason::OtherLease)));
    assert_eq!(scene.delivery.load(), 2, "the newer one is still asked for");
    let exchange = scene.exchange().unwrap();
    assert_eq!(
        (exchange.freed, exchange.offer.has),
        (vec![holding(2, 1)], vec![job_id(2)])
    );
    scene.starts(
        std::slice::from_ref(&newer),
        Some(vec![Start::Run(grant(3))]),
    );
    assert_eq!(scene.runs(), [(2, 3)]);
}

#[test]
fn a_delivery_is_not_done_while_its_open_call_may_be_answered() {
    let mut scene = Scene::running(&[1]);
    scene.ends(1);
    let exchange = scene.exchange().unwrap();
    assert!(exchange.listens && !exchange.stays);
    scene.gives(&[]);
    assert!(!scene.delivery.is_done());
    scene.hears(&[want(2)]);
    assert_eq!(scene.starting(), [2]);
}

#[test]
fn a_job_that_needs_no_start_is_logged_and_its_slot_released() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2)]);
    let events = scene.starts(&[want(2)], Some(skip(SkipReason::Ended)));
    assert_eq!(events.len(), 1);
    assert_eq!(scene.exchange().unwrap().freed, [holding(2, 1)]);
}

#[test]
fn a_job_whose_gate_cannot_be_reached_is_queued_again() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2)]);
    assert_eq!(scene.starts(&[want(2)], None), []);
    assert_eq!(scene.exchange().unwrap().freed, [holding(2, 1)]);
    scene.gives(&[]);
    scene.pass(SECOND);
    assert_eq!(scene.exchange().unwrap().wants, [want(2)]);
}

#[test]
fn an_answer_of_the_wrong_length_is_ignored() {
    let mut scene = Scene::running(&[1]);
    scene.hears(&[want(2), want(3)]);
    scene.starts(&[want(2), want(3)], Some(skip(SkipReason::Ended)));
    assert_eq!(
        scene.exchange().unwrap().freed,
        [holding(2, 1), holding(3, 1)]
    );
    assert_eq!(scene.delivery.load(), 1);
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
    assert_eq!(scene.exchange().unwrap().offer.places, 0);
    scene.gives(&[]);
    assert_eq!(scene.listen(), None);
    scene.ends(7);
    scene.gives(&[]);
    assert_eq!(scene.listen().unwrap().offer.places, 1);
}
