//! The rules of the pool, one by one.

use crate::pool_harness::{PoolHarness, holding, next_lease};
use std::time::Duration;
use story_queue::{
    domain::{JobId, Rank, Tier},
    pool::{
        Command, Hold, Reply,
        command::{Claimed, Want},
        state::Notice,
    },
};

fn ids(wants: &[Want]) -> Vec<&str> {
    wants
        .iter()
        .map(|want| want.ticket.job_id.as_str())
        .collect()
}

#[test]
fn no_more_jobs_have_a_slot_than_the_capacity() {
    let mut pool = PoolHarness::new(3);
    pool.claim_many(Tier::Tier1, 10);
    assert_eq!(pool.held(), 3);
}

#[test]
fn a_freed_slot_goes_to_the_best_over_all_users_in_the_same_turn() {
    let mut pool = PoolHarness::new(1);
    let first = pool.claim_many(Tier::Tier1, 1).remove(0);
    pool.claim_many(Tier::Tier1, 3);
    let paid = pool.claim_many(Tier::Tier4, 1).remove(0);
    pool.release(&first);
    assert_eq!(pool.sent(), std::slice::from_ref(&paid.ticket.job_id));
    assert_eq!(pool.find(&paid.ticket.job_id).unwrap().hold, Hold::Granted);
    assert_eq!(pool.effects.moved, 1, "it wakes one, not the herd");
}

#[test]
fn a_whole_batch_is_claimed_in_one_turn_best_first() {
    let mut pool = PoolHarness::new(2);
    let wants: Vec<Want> = [Tier::Tier4, Tier::Tier3, Tier::Tier1]
        .map(|tier| pool.want(tier))
        .into();
    let claim = Command::claim(wants);
    for _ in 0..2 {
        let reply = format!("{:?}", pool.turn(claim.clone()));
        assert!(reply.contains("[Slot, Slot, Parked]"), "{reply}");
    }
    assert_eq!(pool.held(), 2, "asking again changes nothing");
}

#[test]
fn a_granted_job_claims_its_slot_under_its_next_lease_and_keeps_it() {
    let mut pool = PoolHarness::new(1);
    let wants = pool.claim_many(Tier::Tier1, 2);
    pool.release(&wants[0]);
    let woken = next_lease(&wants[1]);
    assert_eq!(pool.claim(&woken), Claimed::Slot);
    let claim = pool.find(&woken.ticket.job_id).unwrap();
    assert_eq!((claim.hold, claim.epoch), (Hold::Held, 2));
}

#[test]
fn a_late_holder_of_an_old_lease_neither_frees_nor_takes_the_slot() {
    let mut pool = PoolHarness::new(1);
    let old = pool.claim_many(Tier::Tier1, 1).remove(0);
    let new = next_lease(&old);
    assert_eq!(pool.claim(&new), Claimed::Slot);
    pool.release(&old);
    assert_eq!(pool.held(), 1);
    assert_eq!(pool.claim(&old), Claimed::Stale);
    assert_eq!(pool.renew(&old), std::slice::from_ref(&old.ticket.job_id));
    assert!(pool.renew(&new).is_empty());
}

#[test]
fn a_slot_that_nobody_renews_goes_to_the_next() {
    let mut pool = PoolHarness::new(1);
    let wants = pool.claim_many(Tier::Tier1, 2);
    let lease = pool.config.lease;
    pool.pass(lease / 2);
    assert!(pool.renew(&wants[0]).is_empty());
    pool.pass(lease / 2);
    pool.turn(Command::Wake);
    assert!(pool.effects.notices.is_empty(), "it was renewed");
    pool.pass(lease / 2);
    pool.turn(Command::Wake);
    assert_eq!(pool.effects.notices[0].0, Notice::SlotExpired);
    assert_eq!(pool.sent(), [wants[1].ticket.job_id.clone()]);
    let lost = pool.renew(&wants[0]);
    assert_eq!(lost, [wants[0].ticket.job_id.clone()]);
}

#[test]
fn the_ticket_of_a_granted_job_is_sent_again_ever_less_often() {
    let mut pool = PoolHarness::new(1);
    let wants = pool.claim_many(Tier::Tier1, 2);
    pool.release(&wants[0]);
    let first = pool.config.ticket_resend;
    for pause in [first, first * 2, first * 4] {
        assert_eq!(pool.effects.wake_by, Some(pool.now.after(pause)));
        pool.pass(pause);
        pool.turn(Command::Wake);
        assert_eq!(pool.sent(), [wants[1].ticket.job_id.clone()]);
    }
}

#[test]
fn waiting_costs_nothing_however_long() {
    let mut pool = PoolHarness::new(1);
    let wants = pool.claim_many(Tier::Tier1, 5);
    for _ in 0..100 {
        pool.pass(pool.config.lease / 2);
        assert!(pool.renew(&wants[0]).is_empty());
        pool.turn(Command::Wake);
        assert!(pool.sent().is_empty());
    }
}

#[test]
fn a_job_that_claims_again_with_another_rank_waits_at_its_new_place() {
    let mut pool = PoolHarness::new(1);
    let wants = pool.claim_many(Tier::Tier1, 4);
    let last = &wants[3];
    let mut raised = next_lease(last);
    raised.rank = Rank::new(raised.ticket.submitted_at, 4, Duration::from_mins(30));
    assert_eq!(pool.place(&last.ticket.job_id).position, Some(3));
    assert_eq!(pool.claim(&raised), Claimed::Parked);
    assert_eq!(pool.place(&last.ticket.job_id).position, Some(1));
    pool.release(&wants[0]);
    assert_eq!(pool.sent(), std::slice::from_ref(&last.ticket.job_id));
}

#[test]
fn everybody_can_learn_the_place_in_the_line() {
    let mut pool = PoolHarness::new(2);
    let wants = pool.claim_many(Tier::Tier2, 5);
    let positions: Vec<_> = wants
        .iter()
        .map(|want| pool.place(&want.ticket.job_id).position)
        .collect();
    assert_eq!(positions, [None, None, Some(1), Some(2), Some(3)]);
    let place = pool.place(&wants[4].ticket.job_id);
    assert_eq!((place.active, place.capacity), (2, 2));
}

#[test]
fn a_raised_capacity_goes_to_the_best_of_the_line_and_of_those_that_come() {
    for (tier, claimed) in [(Tier::Tier1, Claimed::Parked), (Tier::Tier4, Claimed::Slot)] {
        let mut pool = PoolHarness::new(1);
        let wants = pool.claim_many(Tier::Tier1, 3);
        pool.config.capacity = 3;
        pool.pass(Duration::from_millis(1));
        let newcomer = pool.want(tier);
        assert_eq!(pool.claim(&newcomer), claimed);
        let sent = pool.sent();
        let sent: Vec<&str> = sent.iter().map(JobId::as_str).collect();
        let last = if claimed == Claimed::Slot { 2 } else { 3 };
        assert_eq!(sent, ids(&wants[1..last]));
    }
}

/// Frees the slot of `freed` and claims for `wants` in one turn; what was claimed, and the tickets that came along.
fn exchange(pool: &mut PoolHarness, freed: &Want, wants: Vec<Want>, takes: bool) -> Exchanged {
    let freed = vec![holding(freed)];
    let reply = pool.turn(Command::Claim {
        wants,
        freed,
        takes,
    });
    let Reply::Claimed {
        claimed, tickets, ..
    } = reply
    else {
        panic!("a claim is answered as one");
    };
    let tickets = tickets.into_iter().map(|ticket| ticket.job_id).collect();
    Exchanged { claimed, tickets }
}

#[derive(Debug, PartialEq)]
struct Exchanged {
    claimed: Vec<Claimed>,
    tickets: Vec<JobId>,
}

#[test]
fn a_slot_given_in_exchange_goes_to_the_best_wherever_it_comes_from() {
    for (tier, claimed, sent) in [
        (Tier::Tier4, Claimed::Slot, 0),
        (Tier::Tier1, Claimed::Parked, 1),
    ] {
        let mut pool = PoolHarness::new(1);
        let wants = pool.claim_many(Tier::Tier2, 2);
        let comes = pool.want(tier);
        let found = exchange(&mut pool, &wants[0], vec![comes], true);
        assert_eq!(found.claimed, [claimed], "{tier}");
        let next = wants[1..].iter().map(|want| want.ticket.job_id.clone());
        let next: Vec<_> = next.take(sent).collect();
        assert_eq!(found.tickets, next, "{tier}");
        assert_eq!(pool.held(), 1);
    }
}

#[test]
fn whoever_takes_a_ticket_gets_it_instead_of_the_queue_and_the_pool_owes_it_on() {
    for takes in [true, false] {
        let mut pool = PoolHarness::new(1);
        let wants = pool.claim_many(Tier::Tier1, 2);
        let next = wants[1].ticket.job_id.clone();
        let found = exchange(&mut pool, &wants[0], Vec::new(), takes);
        assert_eq!(found.tickets.contains(&next), takes);
        assert_eq!(pool.sent().contains(&next), !takes);
        // Nobody claims, renews or releases it: it was lost on the way.
        pool.pass(pool.config.ticket_resend);
        pool.turn(Command::Wake);
        assert_eq!(pool.sent(), std::slice::from_ref(&next));
    }
}

#[test]
fn a_taken_ticket_is_as_good_as_a_claim_once_its_slot_is_renewed() {
    let mut pool = PoolHarness::new(1);
    let wants = pool.claim_many(Tier::Tier1, 2);
    exchange(&mut pool, &wants[0], Vec::new(), true);
    let running = next_lease(&wants[1]);
    assert!(pool.renew(&running).is_empty());
    let claim = pool.find(&running.ticket.job_id).unwrap();
    assert_eq!((claim.hold, claim.epoch), (Hold::Held, running.epoch));
    pool.pass(pool.config.ticket_resend);
    pool.turn(Command::Wake);
    assert!(pool.sent().is_empty(), "nobody is owed a ticket any more");
    assert_eq!(pool.renew(&wants[1]).len(), 1, "the old lease has lost it");
}

#[test]
fn a_lowered_capacity_lets_the_running_finish() {
    let mut pool = PoolHarness::new(3);
    let wants = pool.claim_many(Tier::Tier1, 4);
    pool.config.capacity = 1;
    pool.release(&wants[0]);
    pool.release(&wants[1]);
    assert!(pool.sent().is_empty());
    assert_eq!(pool.held(), 1);
    pool.release(&wants[2]);
    assert_eq!(pool.sent(), [wants[3].ticket.job_id.clone()]);
}

#[test]
fn a_pool_that_bounds_nobody_any_more_lets_everybody_go() {
    let mut pool = PoolHarness::new(1);
    let wants = pool.claim_many(Tier::Tier1, 250);
    pool.config.capacity = 0;
    let mut gone = 0;
    pool.pass(pool.config.lease);
    for _ in 0..3 {
        pool.turn(Command::Wake);
        assert!(pool.sent().len() <= 100, "some with each wake-up");
        gone += pool.sent().len();
        assert_eq!(pool.effects.wake_by.is_some(), gone < wants.len() - 1);
        pool.pass(Duration::from_secs(1));
    }
    assert_eq!(pool.held(), 0);
    assert_eq!(gone, wants.len() - 1, "all but the one that ran");
}

#[test]
fn whoever_still_claims_of_a_pool_that_bounds_nobody_runs_at_once() {
    let mut pool = PoolHarness::new(1);
    let wants = pool.claim_many(Tier::Tier1, 3);
    pool.config.capacity = 0;
    let late = pool.want(Tier::Tier1);
    assert_eq!(pool.claim(&late), Claimed::Slot);
    let let_go: Vec<_> = wants[1..]
        .iter()
        .map(|want| want.ticket.job_id.clone())
        .collect();
    assert_eq!(pool.sent(), let_go, "nobody else would ever wake these");
    assert_eq!(pool.find(&late.ticket.job_id), None);
    assert!(pool.renew(&late).is_empty(), "it runs on");
    assert_eq!(pool.claim(&next_lease(&wants[0])), Claimed::Slot);
    assert_eq!(pool.held(), 0);
}

#[test]
fn a_failure_at_any_statement_changes_nothing() {
    for statement in 0.. {
        let mut pool = PoolHarness::new(1);
        let wants = pool.claim_many(Tier::Tier1, 3);
        let before: Vec<_> = wants.iter().map(|w| pool.find(&w.ticket.job_id)).collect();
        pool.database.fail_after(statement);
        let jobs = vec![holding(&wants[0])];
        let result = pool.try_turn(Command::Release { jobs });
        pool.database.heal();
        if result.is_ok() {
            assert!(statement > 3, "the turn has several statements");
            return;
        }
        let after: Vec<_> = wants.iter().map(|w| pool.find(&w.ticket.job_id)).collect();
        assert_eq!(before, after, "statement {statement}");
    }
}
