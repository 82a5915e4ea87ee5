//! How long a delivery goes on, what it does when the pool cannot be reached, and what it does without one.

use crate::delivery_harness::{START, Scene, grant, heavy, holding, job_id, skip, want};
use queue_core::{delivery::weight::WEIGHT_MAX, gate::command::SkipReason, pool::command::Given};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const BUDGET: Duration = Duration::from_mins(1);
const AGE_MAX: Duration = Duration::from_mins(10);

#[test]
fn past_its_budget_a_delivery_continues_and_says_so() {
    let mut scene = Scene::running(&[1]);
    for (age, is_spent) in [(SECOND * 59, false), (BUDGET, true)] {
        scene.now = START.after(age);
        scene.hears(&[]);
        let offer = scene.listen().unwrap().offer;
        assert_eq!((offer.is_spent, offer.places), (is_spent, 99));
    }
    assert!(scene.stops(1, true).on);
}

#[test]
fn after_ten_minutes_a_delivery_only_finishes_running_jobs() {
    let mut scene = Scene::running(&[1, 2]);
    scene.now = START.after(AGE_MAX);
    scene.hears(&[]);
    assert_eq!(scene.listen(), None);
    let exchange = scene.exchange().unwrap();
    assert_eq!(
        (exchange.running.len(), exchange.offer.places),
        (2, 0),
        "it renews"
    );
    scene.gives(&[]);
    assert!(!scene.stops(1, true).on, "its next stage is for another");
    scene.reported(1, None, vec![]);
    assert_eq!(scene.exchange().unwrap().freed, [holding(1, 2)]);
}

#[test]
fn after_the_maximum_number_of_starts_a_delivery_takes_nothing_more() {
    let mut scene = Scene::running(&[1]);
    let mut epoch = 2;
    for starts in 1..500 {
        let going = scene.stops(1, true);
        assert!(going.on, "after {starts}");
        epoch += 1;
        scene.reported(1, Some(grant(epoch)), vec![]);
        scene.hears(&[]);
        let offer = scene.listen().map(|listen| listen.offer);
        assert_eq!(
            offer.map(|offer| offer.is_spent),
            (starts < 499).then_some(starts >= 299)
        );
    }
    assert!(!scene.stops(1, true).on);
}

#[test]
fn a_delivery_takes_nothing_more_once_the_pool_says_so() {
    let mut scene = Scene::running(&[1]);
    scene.pass_until_due();
    let yields = Given {
        yields: true,
        ..Given::default()
    };
    scene.answers(Some(yields));
    scene.hears(&[]);
    assert_eq!(scene.listen(), None);
    assert!(!scene.stops(1, true).on);
}

#[test]
fn a_delivery_tells_the_pool_before_it_leaves() {
    let mut scene = Scene::running(&[1, 2]);
    scene.ends(1);
    let exchange = scene.exchange().unwrap();
    assert!(exchange.stays, "it has the other");
    scene.gives(&[]);
    scene.ends(2);
    let exchange = scene.exchange().unwrap();
    assert!(!exchange.stays);
    assert!(!scene.delivery.is_done());
    scene.gives(&[]);
    assert!(!scene.delivery.is_done(), "its call is open");
    scene.hears(&[]);
    assert!(scene.delivery.is_done());
    assert_eq!(
        scene.listen(),
        None,
        "or work would be given to who is gone"
    );
}

#[test]
fn jobs_freed_by_the_last_report_are_told_to_the_pool() {
    let mut scene = Scene::running(&[1]);
    scene.stops(1, false);
    scene.reported(1, None, vec![want(2)]);
    assert!(!scene.delivery.is_done());
    let exchange = scene.exchange().unwrap();
    assert_eq!((exchange.wants, exchange.stays), (vec![want(2)], false));
    scene.gives(&[want(2)]);
    assert_eq!(scene.starting(), [2]);
}

#[test]
fn a_delivery_waits_a_while_for_returned_jobs() {
    let mut scene = Scene::new(50);
    scene.act();
    scene.gives(&[want(1)]);
    scene.starts(&[want(1)], None);
    let exchange = scene.exchange().unwrap();
    assert_eq!(
        (exchange.freed, exchange.stays),
        (vec![holding(1, 1)], true)
    );
    scene.gives(&[]);
    assert!(!scene.delivery.is_done());
    scene.pass_until_due();
    let exchange = scene.exchange().unwrap();
    assert_eq!((exchange.wants, exchange.stays), (vec![want(1)], false));
    scene.gives(&[]);
    scene.hears(&[]);
    assert!(scene.delivery.is_done());
}

#[test]
fn calls_to_an_unreachable_pool_are_repeated_after_growing_pauses() {
    let mut scene = Scene::running(&[1, 2, 3]);
    scene.stops(1, false);
    scene.reported(1, None, vec![want(4)]);
    scene.answers(None);
    let mut pauses = Vec::new();
    for _ in 0..7 {
        pauses.push(scene.pass_until_due().as_secs());
        let exchange = scene.exchange().unwrap();
        assert_eq!(exchange.freed, [holding(1, 2)]);
        assert_eq!(exchange.wants, [want(4)]);
        assert_eq!(
            exchange.running,
            [holding(2, 2), holding(3, 2)],
            "it may be long"
        );
        scene.answers(None);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
    scene.stops(2, false);
    let mut newer = want(4);
    newer.ticket.epoch = Some(3);
    scene.reported(2, None, vec![newer.clone()]);
    scene.pass_until_due();
    let exchange = scene.exchange().unwrap();
    assert_eq!(exchange.freed, [holding(1, 2), holding(2, 2)], "in order");
    assert_eq!(exchange.wants, [newer], "the newest word alone");
    scene.gives(&[]);
    scene.ends(3);
    scene.answers(None);
    assert_eq!(scene.pass_until_due(), SECOND, "it was reached meanwhile");
}

#[test]
fn a_delivery_makes_no_calls_during_a_pause() {
    let mut scene = Scene::running(&[1]);
    scene.stops(1, false);
    scene.hears(&[]);
    scene.answers(None);
    scene.pass(SECOND / 2);
    assert_eq!((scene.exchange(), scene.listen()), (None, None));
}

#[test]
fn an_idle_delivery_gives_up_and_its_tickets_are_delivered_again() {
    let mut scene = Scene::new(50);
    scene.act();
    for tries in 1..=4 {
        assert!(!scene.delivery.is_done());
        assert!(scene.exchange().unwrap().is_first);
        scene.answers(None);
        assert!(scene.delivery.is_unreached(&job_id(1)));
        if tries < 4 {
            scene.pass_until_due();
        }
    }
    assert!(scene.delivery.is_done());
    let mut scene = Scene::running(&[1]);
    assert!(
        !scene.delivery.is_unreached(&job_id(1)),
        "somebody was asked"
    );
    scene.ends(1);
    for _ in 0..3 {
        scene.answers(None);
        assert!(!scene.delivery.is_done(), "it owes the slot");
        scene.pass_until_due();
    }
    scene.answers(None);
    assert!(scene.delivery.is_done(), "the slot runs out by itself");
}

/// A delivery beside no pool whose batch brought these.
fn alone(jobs: &[queue_core::line::want::Want]) -> Scene {
    let mut scene = Scene::new(0);
    scene
        .delivery
        .brought(jobs.iter().map(|want| want.ticket.clone()));
    scene.act();
    scene
}

#[test]
fn without_a_pool_a_delivery_runs_its_own_batch_by_rank() {
    let mut scene = alone(&[want(3), want(1), want(2), want(1)]);
    assert_eq!(scene.starting(), [1, 2, 3], "each once");
    assert_eq!((scene.exchange(), scene.listen()), (None, None));
    scene.start_all();
    assert_eq!(scene.delivery.next_due(scene.now), None);
    for job in [1, 2, 3] {
        assert!(!scene.delivery.is_done());
        let going = scene.stops(job, false);
        assert!(going.carries);
        scene.reported(job, None, vec![]);
        assert_eq!(scene.exchange(), None);
    }
    assert!(scene.delivery.is_done());
}

#[test]
fn without_a_pool_all_places_are_used_and_the_best_job_goes_first() {
    let jobs: Vec<_> = (0..150).rev().map(want).collect();
    let mut scene = alone(&jobs);
    assert!(scene.starting().into_iter().eq(0..100));
    assert_eq!(scene.delivery.load(), 100);
    scene.start_all();
    scene.stops(5, false);
    assert!(scene.starting().is_empty(), "its gate has not heard it");
    scene.reported(5, None, vec![]);
    assert_eq!(scene.starting(), [100]);
}

#[test]
fn without_a_pool_a_heavy_best_job_is_not_overtaken_by_a_lighter_one() {
    let mut scene = alone(&[
        heavy(1, WEIGHT_MAX),
        heavy(2, 1),
        heavy(3, u32::MAX),
        heavy(4, 0),
    ]);
    for (ends, next) in [(1, vec![2]), (2, vec![3]), (3, vec![4])] {
        assert_eq!(scene.starting().len(), 1);
        scene.start_all();
        scene.ends(ends);
        assert_eq!(scene.starting(), next);
    }
    let mut scene = alone(&[]);
    scene.others = 1;
    scene.delivery.brought([heavy(1, WEIGHT_MAX).ticket]);
    scene.act();
    assert_eq!(
        (scene.starting(), scene.delivery.is_done()),
        (vec![], false)
    );
    scene.others = 0;
    scene.act();
    assert_eq!(scene.starting(), [1]);
}

#[test]
fn without_a_pool_a_delivery_continues_with_freed_jobs_within_its_budget() {
    let mut scene = alone(&[want(2)]);
    scene.start_all();
    let going = scene.stops(2, true);
    assert!(going.on && going.carries);
    scene.reported(2, Some(grant(3)), vec![want(1)]);
    assert_eq!((scene.runs(), scene.starting()), (vec![(2, 3)], vec![1]));
    scene.now = START.after(BUDGET);
    let going = scene.stops(2, true);
    assert!(!going.on && !going.carries, "its gate sends tickets");
}

#[test]
fn without_a_pool_only_tickets_of_unreachable_gates_are_delivered_again() {
    let mut scene = alone(&[want(1), want(2), want(3)]);
    assert_eq!(scene.starts(&[want(1)], None), []);
    let events = scene.starts(&[want(2)], Some(skip(SkipReason::AlreadyRunning)));
    assert_eq!(events.len(), 1);
    let unreached = [1, 2, 3].map(|job| scene.delivery.is_unreached(&job_id(job)));
    assert_eq!(unreached, [true, false, false]);
    assert_eq!(scene.delivery.load(), 1);
}
