//! What an account and a subscription give together.

use queue_core::domain::{
    Plans, Subscription, Tier, Timestamp,
    plan::{
        AccountType::{self, Complimentary, Standard, Unlimited},
        Entitlement, PlanName, UnknownPrice,
    },
    subscription::{Grace, SERVICE, SubscriptionStatus},
};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A type of account, and a subscription.
type Bought = (AccountType, Option<Subscription>);

fn plan(account_type: AccountType, status: Option<SubscriptionStatus>, price: &str) -> Bought {
    let subscription = status.map(|status| Subscription {
        id: "sub_1".to_owned(),
        status,
        since: NOW,
        price_ids: vec!["price_seat".to_owned(), price.to_owned()],
        customer: None,
    });
    (account_type, subscription)
}

fn given(plans: &Plans, now: Timestamp, (account_type, paid): &Bought) -> Entitlement {
    let paid = paid.as_ref();
    let paid = paid.and_then(|paid| plans.paid(now, paid, &Grace::default()));
    plans.entitlement(*account_type, paid)
}

/// Four different tiers, so that no row of the table passes by chance.
fn plans() -> Plans {
    Plans {
        free: Tier::Tier1,
        premium: Tier::Tier2,
        complimentary: Tier::Tier3,
        unlimited: Tier::Tier4,
        ..Plans::default()
    }
}

#[test]
fn every_type_of_account_and_every_status_has_its_tier() {
    let paid = [SubscriptionStatus::Active, SubscriptionStatus::Trialing];
    for status in std::iter::once(None).chain(SubscriptionStatus::ALL.map(Some)) {
        let is_paid = status.is_some_and(|status| paid.contains(&status));
        let standard = if is_paid {
            (PlanName::Premium, Tier::Tier2)
        } else {
            (PlanName::Free, Tier::Tier1)
        };
        for (account_type, expected) in [
            (Standard, standard),
            (Complimentary, (PlanName::Complimentary, Tier::Tier3)),
            (Unlimited, (PlanName::Unlimited, Tier::Tier4)),
        ] {
            let given = given(&plans(), NOW, &plan(account_type, status, "p"));
            let found = (given.plan, given.tier);
            assert_eq!(found, expected, "{account_type:?} {status:?}");
            assert_eq!(given.until, None);
        }
    }
}

#[test]
fn by_default_all_paid_and_special_accounts_share_one_tier() {
    let active = Some(SubscriptionStatus::Active);
    for (account_type, status, tier) in [
        (Standard, None, Tier::Tier1),
        (Standard, active, Tier::Tier3),
        (Complimentary, None, Tier::Tier3),
        (Unlimited, None, Tier::Tier3),
    ] {
        let given = given(&Plans::default(), NOW, &plan(account_type, status, "p"));
        assert_eq!(given.tier, tier, "{account_type:?} {status:?}");
    }
}

#[test]
fn a_price_may_have_its_own_tier() {
    let mut plans = plans();
    plans.prices.insert("price_top".to_owned(), Tier::Tier4);
    let active = Some(SubscriptionStatus::Active);
    let tier = |account_type, price| {
        let given = given(&plans, NOW, &plan(account_type, active, price));
        (given.plan, given.tier)
    };
    assert_eq!(
        tier(Standard, "price_top"),
        (PlanName::Premium, Tier::Tier4)
    );
    assert_eq!(tier(Standard, "another"), (PlanName::Premium, Tier::Tier2));
    // The better of the two.
    let gift = tier(Complimentary, "price_top");
    assert_eq!(gift, (PlanName::Premium, Tier::Tier4));
    let canceled = plan(Standard, Some(SubscriptionStatus::Canceled), "price_top");
    assert_eq!(given(&plans, NOW, &canceled).tier, Tier::Tier1);
    // Who pays gets no less than who does not, and is not called free.
    plans.free = Tier::Tier2;
    plans.prices.insert("price_low".to_owned(), Tier::Tier1);
    let given = given(&plans, NOW, &plan(Standard, active, "price_low"));
    assert_eq!((given.plan, given.tier), (PlanName::Premium, Tier::Tier2));
}

#[test]
fn past_due_counts_as_paid_until_the_grace_period_ends() {
    let past_due = plan(Standard, Some(SubscriptionStatus::PastDue), "p");
    let mut plans = plans();
    assert_eq!(given(&plans, NOW, &past_due).tier, Tier::Tier1);
    plans.past_due_grace = Duration::from_hours(48);
    let end = NOW.after(plans.past_due_grace);
    let within = given(&plans, NOW, &past_due);
    assert_eq!((within.tier, within.until), (Tier::Tier2, Some(end)));
    let last = Timestamp::from_millis(end.as_millis() - 1);
    assert_eq!(given(&plans, last, &past_due).tier, Tier::Tier2);
    let over = given(&plans, end, &past_due);
    assert_eq!((over.tier, over.until), (Tier::Tier1, None));
}

#[test]
fn a_price_without_a_tier_is_premium_or_nothing_and_only_the_service_may_name_none() {
    let mut plans = plans();
    plans.prices.insert("price_top".to_owned(), Tier::Tier4);
    let active = Some(SubscriptionStatus::Active);
    for (unknown_price, unnamed) in [
        (UnknownPrice::Premium, Tier::Tier2),
        (UnknownPrice::Free, Tier::Tier1),
        (UnknownPrice::Refuse, Tier::Tier1),
    ] {
        plans.unknown_price = unknown_price;
        let mut bought = plan(Standard, active, "another");
        assert_eq!(given(&plans, NOW, &bought).tier, unnamed, "{unknown_price}");
        let refuses = plans.refuses(bought.1.as_ref().unwrap());
        assert_eq!(refuses, unknown_price == UnknownPrice::Refuse);
        bought.1.as_mut().unwrap().price_ids.clear();
        assert_eq!(given(&plans, NOW, &bought).tier, unnamed);
        assert!(!plans.refuses(bought.1.as_ref().unwrap()), "not told yet");
        SERVICE.clone_into(&mut bought.1.as_mut().unwrap().id);
        assert_eq!(given(&plans, NOW, &bought).tier, Tier::Tier2);
        let known = plan(Standard, active, "price_top");
        assert_eq!(given(&plans, NOW, &known).tier, Tier::Tier4);
    }
}
