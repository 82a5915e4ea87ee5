//! How long a delivery goes on, and what it does when the pool cannot be reached.

use super::harness::{Scene, grant, holding, job_id, under, want};
use crate::harness::START;
use queue_core::pool::command::Given;
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
        let offer = scene.offers();
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
    let exchange = scene.exchanges();
    assert_eq!(exchange.running.len(), 2, "it renews");
    assert_eq!(exchange.offer.places, 0);
    scene.gives(&[]);
    assert!(!scene.stops(1, true).on, "its next stage is for another");
    assert_eq!(scene.exchanges().freed, [holding(1, 2)]);
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
        let is_spent = scene.listen().map(|listen| listen.offer.is_spent);
        assert_eq!(is_spent, (starts < 499).then_some(starts >= 299));
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
    let exchange = scene.exchanges();
    assert!(exchange.stays, "it has the other");
    scene.gives(&[]);
    scene.ends(2);
    let exchange = scene.exchanges();
    assert!(!exchange.stays);
    assert!(!scene.delivery.is_done());
    scene.gives(&[]);
    assert!(!scene.delivery.is_done(), "its call is open");
    scene.hears(&[]);
    assert!(scene.delivery.is_done());
    // Or work would be given to who is gone.
    assert_eq!(scene.listen(), None);
}

#[test]
fn jobs_freed_by_the_last_report_are_told_to_the_pool() {
    let mut scene = Scene::running(&[1]);
    scene.stops(1, false);
    let exchange = scene.exchanges();
    assert!(!exchange.stays, "it has nothing but the report");
    scene.gives(&[]);
    scene.hears(&[]);
    assert!(scene.listen().is_none() && !scene.delivery.is_done());
    scene.reported(1, None, vec![want(2)]);
    let exchange = scene.exchanges();
    assert_eq!((exchange.wants, exchange.stays), (vec![want(2)], false));
    scene.gives(&[want(2)]);
    assert_eq!(scene.starting(), [2]);
}

#[test]
fn a_delivery_waits_a_while_for_returned_jobs() {
    let mut scene = Scene::given(&[want(1)]);
    scene.starts(&[want(1)], None);
    let exchange = scene.exchanges();
    assert_eq!(exchange.freed, [holding(1, 1)]);
    assert!(exchange.stays);
    scene.gives(&[]);
    assert!(!scene.delivery.is_done());
    scene.pass_until_due();
    let exchange = scene.exchanges();
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
        scene.owes(&[holding(1, 2)], &[want(4)]);
        // It may be long.
        let running = scene.exchanges().running;
        assert_eq!(running, [holding(2, 2), holding(3, 2)]);
        scene.answers(None);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
    scene.stops(2, false);
    let newer = under(3, 4);
    scene.reported(2, None, vec![newer.clone()]);
    scene.pass_until_due();
    // In order, and of a job the newest word alone.
    scene.owes(&[holding(1, 2), holding(2, 2)], &[newer]);
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
        assert!(scene.exchanges().is_first);
        scene.answers(None);
        assert!(scene.delivery.is_unreached(&job_id(1)));
        if tries < 4 {
            scene.pass_until_due();
        }
    }
    assert!(scene.delivery.is_done());
    let mut scene = Scene::running(&[1]);
    // Somebody was asked.
    assert!(!scene.delivery.is_unreached(&job_id(1)));
    scene.ends(1);
    for _ in 0..3 {
        scene.answers(None);
        assert!(!scene.delivery.is_done(), "it owes the slot");
        scene.pass_until_due();
    }
    scene.answers(None);
    assert!(scene.delivery.is_done(), "the slot runs out by itself");
}

#[test]
fn a_delivery_is_not_done_while_its_open_call_may_be_answered() {
    let mut scene = Scene::running(&[1]);
    scene.ends(1);
    let exchange = scene.exchanges();
    assert!(exchange.listens && !exchange.stays);
    scene.gives(&[]);
    assert!(!scene.delivery.is_done());
    scene.hears(&[want(2)]);
    assert_eq!(scene.starting(), [2]);
}
