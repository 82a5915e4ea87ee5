//! Whole lives of customers, as Stripe tells them: in order, in every other order, twice, and with each single event lost.
//!
//! Each event takes the way of the webhook: its signature and its mode are checked, it is read, and the user's gate decides.
//!
//! Reading order: `record` (what a life is), `changes`, `payments`, `returns` (the lives).

mod changes;
mod payments;
mod record;
mod returns;

use super::world::{World, secret};
use crate::harness::vars;
use queue_core::{
    api::{
        mac::mac_of,
        stripe::{Claim, Envelope},
    },
    config::access::Access,
    domain::{Tier, Timestamp},
    gate::command::SubscriptionView,
};
use record::{DELETION, Life, PRICES};
use serde_json::Value;
use std::{fmt::Write, time::Duration};

/// How long an event is on its way.
const DELIVERY: Duration = Duration::from_secs(2);

fn lives() -> impl Iterator<Item = Life> {
    let lives = [changes::all(), payments::all(), returns::all()];
    lives.into_iter().flatten()
}

fn world(life: &Life) -> World {
    World::with(|gate| {
        let plans = &mut gate.config.plans;
        plans.past_due_grace = Duration::from_hours(24 * life.grace_days);
        plans.prices = PRICES.map(|(price, tier)| (price.to_owned(), tier)).into();
    })
}

/// When an event is there, if nothing delays it.
fn arrival(event: &Value) -> Timestamp {
    let created = event["created"].as_i64().unwrap();
    Timestamp::from_millis(created * 1_000).after(DELIVERY)
}

/// Brings an event at that time, as the webhook takes it.
fn deliver(world: &mut World, now: Timestamp, event: &Value) {
    world.now = now;
    if event["type"] == DELETION {
        return world.delete("mara");
    }
    let (body, secret) = (event.to_string(), secret("now"));
    let time = (now.as_millis() / 1_000).to_string();
    let signed = [time.as_bytes(), b".", body.as_bytes()];
    let mut header = format!("t={time},v1=");
    for byte in mac_of(secret.as_bytes(), &signed) {
        write!(header, "{byte:02x}").unwrap();
    }
    let claim = Claim::read(now, Some(&header)).unwrap();
    let mut check = claim.check(&secret).unwrap();
    check.update(body.as_bytes());
    assert!(check.holds());
    let scope = Access::from_vars(&vars(&[])).unwrap().stripe_scope;
    let envelope = Envelope::read(body.as_bytes()).unwrap();
    if envelope.ignored(&scope).is_none() {
        world.apply(event);
    }
}

/// All events of a life, with those of these indexes, at their times.
fn in_order(world: &mut World, life: &Life, is_told: impl Fn(usize) -> bool) {
    for (index, (event, ..)) in life.told.iter().enumerate() {
        if is_told(index) {
            deliver(world, arrival(event), event);
        }
    }
}

fn check_end(world: &World, life: &Life, how: &str) {
    let account = world.account("mara");
    let shown = account
        .plan
        .map_or_else(Vec::new, |plan| plan.subscriptions);
    let of = |view: SubscriptionView| {
        let tier = view.paid.map(|paid| paid.tier);
        (view.subscription.id, view.subscription.status.name(), tier)
    };
    let mut shown: Vec<_> = shown.into_iter().map(of).collect();
    shown.sort();
    let ends = life.ends.iter();
    let right: Vec<_> = ends
        .map(|(id, status, tier)| ((*id).to_owned(), *status, *tier))
        .collect();
    assert_eq!(shown, right, "{}: {how}", life.name);
    let best = right.iter().filter_map(|(.., tier)| *tier).max();
    let tier = best.unwrap_or(Tier::Tier1);
    assert_eq!(account.tier, tier, "{}: {how}", life.name);
}

/// Every order of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let others = orders(last).into_iter();
    let with_last = others.flat_map(|order| {
        (0..count).map(move |place| {
            let mut order = order.clone();
            order.insert(place, last);
            order
        })
    });
    with_last.collect()
}

#[test]
fn each_event_gives_its_tier_at_once() {
    for life in lives() {
        let mut world = world(&life);
        for (index, (event, tier, _)) in life.told.iter().enumerate() {
            deliver(&mut world, arrival(event), event);
            assert_eq!(world.tier("mara"), *tier, "{}: {index}", life.name);
        }
        check_end(&world, &life, "in order");
    }
}

#[test]
fn events_that_come_twice_change_nothing() {
    for life in lives() {
        let mut world = world(&life);
        for (event, tier, _) in &life.told {
            for _ in 0..2 {
                deliver(&mut world, arrival(event), event);
                assert_eq!(world.tier("mara"), *tier, "{}", life.name);
            }
        }
        let end = world.now;
        for (event, ..) in life
            .told
            .iter()
            .filter(|(event, ..)| event["type"] != DELETION)
        {
            deliver(&mut world, end, event);
            check_end(&world, &life, "all once more");
        }
    }
}

#[test]
fn any_order_of_the_events_has_the_same_end() {
    for life in lives() {
        // What came about before a deletion has come before it, and comes once more with the others.
        let is_deletion = |(event, ..): &(Value, Tier, Tier)| event["type"] == DELETION;
        let before = life.told.iter().position(is_deletion);
        let events: Vec<_> = life.told.iter().filter(|told| !is_deletion(told)).collect();
        let end = arrival(&life.told.last().unwrap().0);
        for order in orders(events.len()) {
            let mut world = world(&life);
            in_order(&mut world, &life, |index| Some(index) <= before);
            for index in &order {
                deliver(&mut world, end, &events[*index].0);
            }
            check_end(&world, &life, &format!("{order:?}"));
        }
    }
}

#[test]
fn of_a_lost_event_only_what_it_alone_said_is_missing() {
    for life in lives() {
        for (lost, (event, _, tier)) in life.told.iter().enumerate() {
            if event["type"] == DELETION {
                continue;
            }
            let mut world = world(&life);
            in_order(&mut world, &life, |index| index != lost);
            world.now = arrival(&life.told.last().unwrap().0);
            assert_eq!(world.tier("mara"), *tier, "{}: {lost}", life.name);
        }
    }
}

/// But for a grace period, which ends later if its beginning is told late, and for a deletion, which is no event.
#[test]
fn the_others_may_come_the_other_way_round() {
    let is_deletion = |(event, ..): &(Value, Tier, Tier)| event["type"] == DELETION;
    let has_one_end = |life: &Life| life.grace_days == 0 && !life.told.iter().any(is_deletion);
    for life in lives().filter(has_one_end) {
        for (lost, (_, _, tier)) in life.told.iter().enumerate() {
            let others = life.told.iter().enumerate();
            let others = others.filter(|(index, _)| *index != lost);
            let others: Vec<_> = others.map(|(_, (event, ..))| event).collect();
            let mut world = world(&life);
            let end = arrival(others.last().unwrap());
            for event in others.iter().rev() {
                deliver(&mut world, end, event);
            }
            assert_eq!(world.tier("mara"), *tier, "{}: {lost}", life.name);
        }
    }
}
