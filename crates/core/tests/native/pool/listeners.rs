//! Open calls: whoever is given work is answered once, and whoever has left is told so.

use super::{harness::PoolHarness, jobs::ids};
use queue_core::{domain::Tier, pool::Listeners};

/// Deliveries `one` and `two` listen, with the calls 1 and 2.
fn two_listen() -> (PoolHarness, Listeners<u8>) {
    let mut pool = PoolHarness::new(9);
    let mut listeners = Listeners::default();
    for (name, call) in [("one", 1), ("two", 2)] {
        pool.listens(name, 2);
        assert_eq!(listeners.open(name.to_owned(), call), None);
    }
    (pool, listeners)
}

#[test]
fn the_call_that_another_replaces_is_answered_with_nothing() {
    let (_, mut listeners) = two_listen();
    assert_eq!(listeners.open("one".to_owned(), 3), Some(1));
    assert_eq!(listeners.delivery_of(|call| *call == 3), Some("one"));
    assert_eq!(listeners.delivery_of(|call| *call == 1), None);
}

#[test]
fn who_is_given_work_is_answered_once() {
    let (pool, mut listeners) = two_listen();
    let want = pool.want(Tier::Tier1);
    let given = || vec![("two".to_owned(), vec![want.clone()])];
    let answered = listeners.answered(given());
    let calls: Vec<_> = answered.iter().map(|(call, _)| *call).collect();
    assert_eq!(calls, [2]);
    assert_eq!(ids(&answered[0].1.jobs), ids(std::slice::from_ref(&want)));
    assert!(listeners.answered(given()).is_empty());
    assert_eq!(listeners.delivery_of(|_| true), Some("one"));
}

#[test]
fn the_calls_of_deliveries_that_left_end() {
    let (mut pool, mut listeners) = two_listen();
    assert_eq!(listeners.ended(&pool.desk), Vec::<u8>::new());
    pool.hang_up("one");
    assert_eq!(listeners.ended(&pool.desk), [1]);
    assert_eq!(listeners.ended(&pool.desk), Vec::<u8>::new());
}

#[test]
fn a_call_that_has_waited_for_long_ends_at_the_desk_too() {
    let (mut pool, mut listeners) = two_listen();
    let now = pool.now;
    assert_eq!(listeners.hang_up(&mut pool.desk, "one", now), Some(1));
    assert!(!pool.desk.listens("one") && pool.desk.listens("two"));
    assert_eq!(listeners.hang_up(&mut pool.desk, "one", now), None);
}
