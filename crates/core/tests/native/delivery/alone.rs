//! What a delivery does without a pool.

use super::harness::{Scene, grant, heavy, job_id, skip, want};
use crate::harness::START;
use queue_core::{delivery::weight::WEIGHT_MAX, gate::command::SkipReason, line::want::Want};
use std::time::Duration;

const BUDGET: Duration = Duration::from_mins(1);

/// A delivery beside no pool whose batch brought these.
fn alone(jobs: &[Want]) -> Scene {
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
    assert!(scene.starting().is_empty() && !scene.delivery.is_done());
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
