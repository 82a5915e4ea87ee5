//! Plans: what a user bought, and the tier that it gives.

use super::{
    Tier, Timestamp,
    named::named,
    subscription::{Grace, SERVICE, Subscription, SubscriptionStatus},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

named! {
    /// The kind of a user's account, independent of payment.
    #[derive(Default)]
    pub enum AccountType {
        /// Gets what its subscription gives.
        #[default]
        Standard = "standard",
        /// Has a paid tier as a gift.
        Complimentary = "complimentary",
        /// Has a paid tier without end: staff, partners.
        Unlimited = "unlimited",
    }
}

named! {
    /// What a paid subscription gives none of whose prices is among `prices`.
    #[derive(Default)]
    pub enum UnknownPrice {
        /// The tier of `premium`.
        #[default]
        Premium = "premium",
        /// Nothing.
        Free = "free",
        /// Nothing, and an error is logged.
        Refuse = "refuse",
    }
}

/// Which part of a plan gives the tier.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanName {
    /// Nothing is paid.
    Free,
    /// A subscription is paid, or within its grace period.
    Premium,
    /// The account is complimentary.
    Complimentary,
    /// The account is unlimited.
    Unlimited,
}

/// What a plan gives at a certain moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entitlement {
    /// The part that gives the tier.
    pub plan: PlanName,
    /// The tier.
    pub tier: Tier,
    /// When it ends by time alone: the end of a grace period.
    pub until: Option<Timestamp>,
}

/// What a subscription that counts as paid gives.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Paid {
    /// The tier.
    pub tier: Tier,
    /// When it ends by time alone: the end of a grace period.
    pub until: Option<Timestamp>,
}

impl Paid {
    /// What is worth more is greater: a better tier, and of the same tier what lasts longer.
    #[must_use]
    pub fn worth(&self) -> (Tier, i64) {
        let until = self.until.map_or(i64::MAX, Timestamp::as_millis);
        (self.tier, until)
    }
}

/// Which tier each plan gives (`PLANS`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plans {
    /// `free`, default tier1.
    pub free: Tier,
    /// `premium`, default tier3: a paid subscription whose price has no tier of its own.
    pub premium: Tier,
    /// `complimentary`, default tier3.
    pub complimentary: Tier,
    /// `unlimited`, default tier3.
    pub unlimited: Tier,
    /// `prices`, default none: the tiers of subscriptions by the id of their price.
    pub prices: BTreeMap<String, Tier>,
    /// `unknownPrice`, default `premium`: what a subscription gives none of whose prices is among `prices`.
    pub unknown_price: UnknownPrice,
    /// `pastDueGraceDays`, default 0: how long a subscription that is past due still counts as paid.
    pub past_due_grace: Duration,
}

impl Default for Plans {
    fn default() -> Self {
        Self {
            free: Tier::Tier1,
            premium: Tier::Tier3,
            complimentary: Tier::Tier3,
            unlimited: Tier::Tier3,
            prices: BTreeMap::new(),
            unknown_price: UnknownPrice::default(),
            past_due_grace: Duration::ZERO,
        }
    }
}

impl Plans {
    /// What a type of account gives together with the best subscription, if one is paid.
    #[must_use]
    pub fn entitlement(&self, account_type: AccountType, paid: Option<Paid>) -> Entitlement {
        let lasting = |plan, tier| Entitlement {
            plan,
            tier,
            until: None,
        };
        let account = match account_type {
            AccountType::Standard => lasting(PlanName::Free, self.free),
            AccountType::Complimentary => lasting(PlanName::Complimentary, self.complimentary),
            AccountType::Unlimited => lasting(PlanName::Unlimited, self.unlimited),
        };
        let premium = |paid: Paid| Entitlement {
            plan: PlanName::Premium,
            tier: paid.tier.max(account.tier),
            until: paid.until,
        };
        // An account's own tier does not end, so a subscription counts only if it gives more; but a paid plan is never
        // called free.
        paid.filter(|paid| paid.tier > account.tier || account.plan == PlanName::Free)
            .map_or(account, premium)
    }

    /// What a subscription gives at `now`, if it counts as paid.
    #[must_use]
    pub fn paid(&self, now: Timestamp, subscription: &Subscription, grace: &Grace) -> Option<Paid> {
        let until = match subscription.status {
            SubscriptionStatus::Active | SubscriptionStatus::Trialing => None,
            SubscriptionStatus::PastDue if self.past_due_grace > Duration::ZERO => {
                let end = grace.end(subscription.since, self.past_due_grace);
                Some(end).filter(|end| !grace.has_ended(*end, now))?.into()
            }
            SubscriptionStatus::PastDue
            | SubscriptionStatus::Canceled
            | SubscriptionStatus::Unpaid
            | SubscriptionStatus::Incomplete
            | SubscriptionStatus::IncompleteExpired
            | SubscriptionStatus::Paused => return None,
        };
        let tier = self.tier_of(subscription)?;
        Some(Paid { tier, until })
    }

    /// The tier that its prices have; the service need not name one.
    fn tier_of(&self, subscription: &Subscription) -> Option<Tier> {
        let is_premium = self.unknown_price == UnknownPrice::Premium
            || subscription.id == SERVICE && subscription.price_ids.is_empty();
        self.best_price(subscription)
            .or_else(|| is_premium.then_some(self.premium))
    }

    fn best_price(&self, subscription: &Subscription) -> Option<Tier> {
        let prices = subscription.price_ids.iter();
        prices
            .filter_map(|price| self.prices.get(price))
            .max()
            .copied()
    }

    /// Whether a subscription has prices, none of which has a tier, and that is to be refused.
    #[must_use]
    pub fn refuses(&self, subscription: &Subscription) -> bool {
        self.unknown_price == UnknownPrice::Refuse
            && !subscription.price_ids.is_empty()
            && self.best_price(subscription).is_none()
    }
}
