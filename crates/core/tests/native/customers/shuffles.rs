//! Events of up to four subscriptions, in any order, repeated, and lost: the end is what the newest that came say.

use super::world::{World, event, subscription};
use crate::arbitrary::cases;
use proptest::prelude::*;
use queue_core::domain::Tier;
use std::collections::BTreeMap;

const STATUSES: [&str; 8] = [
    "active",
    "trialing",
    "past_due",
    "canceled",
    "unpaid",
    "incomplete",
    "incomplete_expired",
    "paused",
];

/// Which subscription has which status at which prices, in tiers.
type Said = (usize, usize, Vec<usize>);

/// What came about, in this order, and in which order what of it is told.
fn history() -> impl Strategy<Value = (Vec<Said>, Vec<usize>)> {
    let said = (
        0..4_usize,
        0..STATUSES.len(),
        prop::collection::vec(0..4_usize, 1..3),
    );
    prop::collection::vec(said, 1..24).prop_flat_map(|said| {
        let told = prop::collection::vec(0..said.len(), 0..48);
        (Just(said), told)
    })
}

/// The tier by the newest of each subscription; `incomplete` is older than all others.
fn right(said: &[Said], told: &[usize]) -> Tier {
    let mut newest = BTreeMap::new();
    for index in told {
        let (subscription, status, _) = said[*index];
        if STATUSES[status] == "incomplete" {
            continue;
        }
        let newest = newest.entry(subscription).or_insert(*index);
        *newest = (*newest).max(*index);
    }
    let paid = newest.values().filter_map(|index| {
        let (_, status, prices) = &said[*index];
        let is_paid = ["active", "trialing"].contains(&STATUSES[*status]);
        prices.iter().max().filter(|_| is_paid)
    });
    paid.max().map_or(Tier::Tier1, |tier| Tier::ALL[*tier])
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_end_is_what_the_newest_events_say((said, told) in history()) {
        let world = World::new();
        for index in &told {
            let (number, status, prices) = &said[*index];
            let prices: Vec<_> = prices.iter().map(|tier| Tier::ALL[*tier].name()).collect();
            let object = subscription(&format!("sub_{number}"), Some("mara"), STATUSES[*status], &prices);
            let seconds = i64::try_from(*index).unwrap();
            let told = event(&format!("evt_{index}"), "customer.subscription.updated", seconds, &object);
            world.apply(&told);
        }
        prop_assert_eq!(world.tier("mara"), right(&said, &told));
    }
}
