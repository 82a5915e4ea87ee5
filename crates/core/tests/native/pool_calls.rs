//! When the pool calls for a delivery, and when it has one end.

use crate::{
    pool_harness::PoolHarness,
    pool_jobs::{offer, only, started, weighing},
};
use queue_core::{
    domain::Tier,
    line::want::Want,
    pool::{
        Command, Hold,
        command::{Exchange, Offer, Tell},
        turn::START_WITHIN,
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
            self.now = rings.max(self.now);
            self.wake();
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
    assert_eq!(
        pool.sent(),
        only(&first),
        "the one that came has no place left"
    );
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
    pool.tell(std::slice::from_ref(&heavy), &[]);
    assert_eq!(pool.sent().len(), 1);
    let small = Exchange {
        offer: Offer {
            room: 49,
            ..offer(9)
        },
        listens: false,
        stays: false,
        ..pool.exchange("one")
    };
    pool.call(small);
    assert_eq!(pool.sent(), [], "else two would call each other for ever");
    pool.pass(SECOND * 10);
    pool.wake();
    assert_eq!(pool.sent(), only(&heavy));
    assert_eq!(pool.takes("two", 1), only(&heavy));
    pool.told(Tier::Tier1);
    assert_eq!(pool.sent().len(), 1, "a new call, at once");
}

#[test]
fn only_the_first_call_of_a_delivery_answers_a_ticket() {
    let mut pool = PoolHarness::new(2);
    let running = pool.run("one", 1).remove(0);
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
fn a_delivery_on_its_way_back_gets_the_new_job_without_a_row_in_the_line() {
    let mut pool = PoolHarness::new(9);
    pool.listens("one", 3);
    pool.told(Tier::Tier1);
    let before = pool.database.changes().unwrap();
    let kept = pool.told(Tier::Tier1);
    assert_eq!(pool.database.changes().unwrap() - before, 1);
    assert_eq!((pool.answered(), pool.sent()), (vec![], vec![]));
    assert_eq!(pool.hold(&kept), Some(Hold::Given));
    assert_eq!(pool.takes("one", 2), only(&kept));
    assert_eq!(
        pool.database.changes().unwrap() - before,
        1,
        "nor is it renewed"
    );
    for places in [2, 1] {
        assert_eq!(pool.listens("one", places), None);
        pool.desk.hang_up("one", pool.now);
        let kept = pool.told_many(Tier::Tier1, 2);
        let holds = kept.iter().map(|want| pool.hold(want).unwrap());
        let fit = holds.filter(|hold| *hold == Hold::Given).count();
        assert_eq!(fit, places as usize, "as many as fit");
        assert_eq!(pool.takes("one", 0).len(), fit);
        let cleared: Vec<_> = kept.iter().map(Want::holding).collect();
        pool.tell(&[], &cleared);
    }
}

#[test]
fn nothing_is_kept_for_a_spent_or_late_delivery() {
    for is_spent in [true, false] {
        let mut pool = PoolHarness::new(9);
        let places = Offer {
            is_spent,
            ..offer(2)
        };
        pool.listens_with("one", &places);
        pool.desk.hang_up("one", pool.now);
        if !is_spent {
            pool.pass(SECOND);
        }
        let want = pool.told(Tier::Tier1);
        assert_eq!(pool.hold(&want), Some(Hold::Waiting));
    }
}

#[test]
fn a_job_kept_for_a_lost_delivery_returns_to_the_line_in_time() {
    let mut pool = PoolHarness::new(9);
    pool.listens("one", 1);
    pool.desk.hang_up("one", pool.now);
    let want = pool.told(Tier::Tier1);
    assert_eq!(pool.effects.wake_by, Some(pool.now.after(START_WITHIN)));
    pool.pass(START_WITHIN);
    pool.wake();
    assert_eq!(pool.hold(&want), Some(Hold::Waiting));
    assert_eq!(pool.sent(), only(&want));
}

#[test]
fn a_delivery_without_room_for_the_best_job_is_not_waited_for() {
    let mut pool = PoolHarness::new(9);
    let room = Offer {
        room: 10,
        ..offer(9)
    };
    pool.listens_with("one", &room);
    pool.told(Tier::Tier1);
    assert_eq!(pool.answered().len(), 1);
    let heavy = weighing(10, pool.want(Tier::Tier4));
    pool.tell(&[heavy], &[]);
    assert_eq!(pool.sent().len(), 1, "nine are left of its room");
}

#[test]
fn the_first_turn_of_an_evicted_object_calls_at_once() {
    let mut pool = PoolHarness::new(9);
    pool.listens("one", 9);
    pool.told(Tier::Tier1);
    pool.desk = queue_core::pool::Desk::default();
    pool.told(Tier::Tier1);
    assert_eq!(pool.sent().len(), 1);
}

#[test]
fn an_evicted_pool_sends_no_ticket_at_once_for_a_new_delivery_without_room() {
    let mut pool = PoolHarness::new(9);
    let heavy = weighing(50, pool.want(Tier::Tier4));
    pool.tell(std::slice::from_ref(&heavy), &[]);
    for delivery in ["one", "two"] {
        pool.desk = queue_core::pool::Desk::default();
        let small = Exchange {
            offer: Offer {
                room: 49,
                ..offer(9)
            },
            listens: false,
            stays: false,
            ..pool.exchange(delivery)
        };
        pool.call(small);
        assert_eq!(pool.sent(), [], "it was brought by a ticket itself");
    }
    pool.pass(SECOND * 10);
    pool.wake();
    assert_eq!(pool.sent(), only(&heavy), "ten seconds later");
}

/// Whether the delivery, which has no place, shall end.
fn yields(pool: &mut PoolHarness, delivery: &str, is_spent: bool) -> bool {
    let exchange = Exchange {
        offer: Offer {
            is_spent,
            ..offer(0)
        },
        ..pool.exchange(delivery)
    };
    pool.call(exchange).yields
}

#[test]
fn a_full_delivery_ends_soon_while_slots_are_free_and_jobs_wait() {
    let mut pool = PoolHarness::new(9);
    pool.run("one", 1);
    pool.run("two", 1);
    assert!(!yields(&mut pool, "one", false), "no line");
    pool.told(Tier::Tier1);
    assert!(!yields(&mut pool, "one", false), "it has only begun");
    pool.pass(SECOND * 2);
    assert!(!yields(&mut pool, "one", true), "it ends soon all the same");
    assert!(yields(&mut pool, "one", false));
    pool.pass(SECOND);
    assert!(!yields(&mut pool, "two", false), "one after the other");
    assert_eq!(pool.takes("three", 1).len(), 1);
    pool.told(Tier::Tier1);
    pool.pass(SECOND * 2);
    assert!(yields(&mut pool, "two", false), "since it helped");
    pool.pass(SECOND * 599);
    assert!(!yields(&mut pool, "three", false), "it did not help");
    pool.pass(SECOND);
    assert!(
        yields(&mut pool, "three", false),
        "ten minutes later it may"
    );
}

#[test]
fn no_delivery_ends_while_all_slots_are_taken_or_another_has_a_place() {
    let mut pool = PoolHarness::new(2);
    pool.run("one", 1);
    pool.pass(SECOND * 2);
    pool.listens("two", 9);
    pool.told(Tier::Tier1);
    pool.told(Tier::Tier1);
    assert!(!yields(&mut pool, "one", false));
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
    pool.told(Tier::Tier1);
    assert_eq!(pool.listens_with("one", &offer(5)), Some(vec![]));
    assert_eq!(pool.takes("one", 5), []);
}
