//! When the pool calls for a delivery, and when it has one end.

use super::{
    harness::PoolHarness,
    jobs::{offer, only, roomy, started, weighing},
};
use crate::harness::Harness;
use queue_core::{
    domain::Tier,
    pool::{
        Command,
        command::{Exchange, Tell},
    },
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

impl PoolHarness {
    /// Nobody calls; the alarm rings whenever it was set to. When tickets were sent, in seconds from now.
    fn tickets_within(&mut self, span: Duration) -> Vec<i64> {
        let (from, end) = (self.now, self.now.after(span));
        let mut sent = Vec::new();
        while let Some(rings) = self.effects.wake_by.filter(|rings| *rings <= end) {
            self.wake_at(rings.max(self.now));
            let at = self.now.millis_since(from) / 1_000;
            sent.extend(self.effects.tickets.iter().map(|_| at));
        }
        self.now = end;
        sent
    }
}

#[test]
fn a_free_slot_and_a_waiting_job_call_for_one_delivery() {
    let mut pool = PoolHarness::new(5);
    let first = pool.told(Tier::Tier1);
    assert_eq!(pool.sent(), only(&first));
    let better = pool.told(Tier::Tier4);
    assert_eq!(pool.sent(), [], "one is on its way");
    assert_eq!(pool.takes("one", 1), only(&better));
    // The one that came has no place left.
    assert_eq!(pool.sent(), only(&first));
}

#[test]
fn no_delivery_is_called_if_the_pool_is_full_the_line_empty_or_one_listens() {
    let mut pool = PoolHarness::new(1);
    pool.listens("one", 9);
    assert_eq!((pool.sent(), pool.effects.wake_by), (vec![], None));
    let want = pool.told(Tier::Tier1);
    assert_eq!((pool.sent(), pool.answered().len()), (vec![], 1));
    pool.told(Tier::Tier1);
    assert_eq!(pool.sent(), [], "all slots are taken");
    let empty = pool.confirms("one", &want);
    assert!(empty && pool.sent().is_empty());
}

#[test]
fn while_no_delivery_comes_calls_are_repeated_with_growing_pauses() {
    let mut pool = PoolHarness::new(1);
    pool.told(Tier::Tier1);
    assert_eq!(pool.sent().len(), 1);
    let sent = pool.tickets_within(Duration::from_mins(5));
    assert_eq!(sent, [10, 30, 70, 130, 190, 250]);
    pool.takes("one", 0);
    assert_eq!(pool.sent(), [], "it came, and could take nothing");
    pool.pass(Duration::from_mins(1));
    assert_eq!(pool.takes("two", 1).len(), 1);
    pool.told(Tier::Tier1);
    pool.tell(&[], &[]);
    assert_eq!(pool.sent(), []);
}

#[test]
fn a_ticket_of_a_gate_counts_like_one_of_the_pool() {
    let mut pool = PoolHarness::new(1);
    let tell = Tell {
        wants: vec![pool.want(Tier::Tier1)],
        ticketed: true,
        ..Tell::default()
    };
    pool.turn(Command::Tell(tell.clone()));
    assert_eq!(pool.sent(), []);
    pool.pass(SECOND * 5);
    pool.turn(Command::Tell(tell));
    let sent = pool.tickets_within(Duration::from_mins(1));
    assert_eq!(sent, [5, 15, 35], "ten seconds after the first");
}

#[test]
fn a_new_delivery_answers_the_call_unless_it_changes_nothing() {
    let mut pool = PoolHarness::new(9);
    let heavy = weighing(50, pool.want(Tier::Tier4));
    pool.tells(&heavy);
    assert_eq!(pool.sent().len(), 1);
    pool.leaves("one", roomy(49));
    assert_eq!(pool.sent(), [], "else two would call each other for ever");
    pool.wake_after(SECOND * 10);
    assert_eq!(pool.sent(), only(&heavy));
    assert_eq!(pool.takes("two", 1), only(&heavy));
    pool.told(Tier::Tier1);
    assert_eq!(pool.sent().len(), 1, "a new call, at once");
}

#[test]
fn only_the_first_call_of_a_delivery_answers_a_ticket() {
    let (mut pool, running) = PoolHarness::running(2);
    pool.told(Tier::Tier1);
    assert_eq!(pool.sent().len(), 1);
    pool.confirms("one", &running);
    assert_eq!(pool.sent(), [], "the ticket may still be under way");
}

#[test]
fn an_answered_delivery_with_a_free_place_is_waited_for_only_briefly() {
    let mut pool = PoolHarness::new(2);
    let running = pool.run("zero", 1).remove(0);
    pool.listens("one", 2);
    pool.told(Tier::Tier1);
    assert_eq!(pool.answered().len(), 1);
    pool.told(Tier::Tier1);
    let freed = Exchange {
        freed: vec![started(&running)],
        ..pool.exchange("zero")
    };
    pool.call(freed);
    assert_eq!(pool.sent(), [], "it will be back in a moment");
    assert_eq!(pool.tickets_within(SECOND * 5), [1], "but it is not");
}

#[test]
fn a_delivery_without_room_for_the_best_job_is_not_waited_for() {
    let mut pool = PoolHarness::new(9);
    pool.listens_with("one", &roomy(10));
    pool.told(Tier::Tier1);
    assert_eq!(pool.answered().len(), 1);
    let heavy = weighing(10, pool.want(Tier::Tier4));
    pool.tells(&heavy);
    assert_eq!(pool.sent().len(), 1, "nine are left of its room");
}

#[test]
fn the_first_turn_of_an_evicted_object_calls_at_once() {
    let mut pool = PoolHarness::new(9);
    pool.listens("one", 9);
    pool.told(Tier::Tier1);
    pool.evict();
    pool.told(Tier::Tier1);
    assert_eq!(pool.sent().len(), 1);
}

#[test]
fn an_evicted_pool_sends_no_ticket_at_once_for_a_new_delivery_without_room() {
    let mut pool = PoolHarness::new(9);
    let heavy = weighing(50, pool.want(Tier::Tier4));
    pool.tells(&heavy);
    for delivery in ["one", "two"] {
        pool.evict();
        pool.leaves(delivery, roomy(49));
        assert_eq!(pool.sent(), [], "it was brought by a ticket itself");
    }
    pool.wake_after(SECOND * 10);
    assert_eq!(pool.sent(), only(&heavy), "ten seconds later");
}

#[test]
fn a_call_that_arrives_after_a_later_one_gets_nothing() {
    let mut pool = PoolHarness::new(9);
    pool.takes("one", 0);
    let exchange = Exchange {
        call: 2,
        ..pool.exchange("one")
    };
    pool.call(exchange);
    let want = pool.told(Tier::Tier1);
    let late = Exchange {
        call: 1,
        running: vec![started(&want)],
        ..pool.exchange("one")
    };
    let given = pool.call(late);
    assert_eq!(
        (given.jobs, given.lost.len()),
        (vec![], 0),
        "it has started there"
    );
    let late = Exchange {
        call: 1,
        running: vec![pool.want(Tier::Tier1).holding()],
        ..pool.exchange("one")
    };
    assert_eq!(pool.call(late).lost.len(), 1, "but this has no slot");
    assert_eq!(pool.listens_with("one", &offer(5)), Some(vec![]));
    assert_eq!(pool.takes("one", 5), []);
}
