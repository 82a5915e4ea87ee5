//! Plans: what a user bought, and the tier that it gives.

use super::{Tier, Timestamp, named::named};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// Longest price id that is stored, in characters; Stripe's have fewer than 64.
pub const PRICE_ID_MAX_LENGTH: usize = 128;

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
    /// The status of a subscription, in Stripe's own words (Stripe API, "The Subscription object", `status`).
    #[expect(missing_docs, reason = "the words are Stripe's")]
    pub enum SubscriptionStatus {
        Active = "active",
        Trialing = "trialing",
        PastDue = "past_due",
        Canceled = "canceled",
        Unpaid = "unpaid",
        Incomplete = "incomplete",
        IncompleteExpired = "incomplete_expired",
        Paused = "paused",
    }
}

/// Whether a string is valid as the id of a price: 1 to [`PRICE_ID_MAX_LENGTH`] visible ASCII characters.
#[must_use]
pub fn is_price_id(text: &str) -> bool {
    (1..=PRICE_ID_MAX_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What a user pays for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its status.
    pub status: SubscriptionStatus,
    /// When it got this status; a grace period starts then.
    pub since: Timestamp,
    /// The price that is paid, at most [`PRICE_ID_MAX_LENGTH`] characters; a price can have its own tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_id: Option<String>,
}

/// What a user bought or was given.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The kind of account.
    pub account_type: AccountType,
    /// The subscription, if there ever was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Subscription>,
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

/// Which tier each plan gives (`PLANS`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plans {
    /// `free`, default tier1.
    pub free: Tier,
    /// `premium`, default tier3: an active or trialing subscription whose price is not among `prices`.
    pub premium: Tier,
    /// `complimentary`, default tier3.
    pub complimentary: Tier,
    /// `unlimited`, default tier3.
    pub unlimited: Tier,
    /// `prices`, default none: the tiers of subscriptions by the id of their price.
    pub prices: BTreeMap<String, Tier>,
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
            past_due_grace: Duration::ZERO,
        }
    }
}

impl Plans {
    /// What the plan gives at `now`: the best that any of its parts gives.
    #[must_use]
    pub fn entitlement(&self, now: Timestamp, plan: &Plan) -> Entitlement {
        let lasting = |plan, tier| Entitlement {
            plan,
            tier,
            until: None,
        };
        let account = match plan.account_type {
            AccountType::Standard => lasting(PlanName::Free, self.free),
            AccountType::Complimentary => lasting(PlanName::Complimentary, self.complimentary),
            AccountType::Unlimited => lasting(PlanName::Unlimited, self.unlimited),
        };
        let paid = plan
            .subscription
            .as_ref()
            .and_then(|subscription| self.paid(now, subscription));
        match paid {
            // An account's own tier does not end, so a subscription counts only if it gives more; but a paid plan is never
            // called free.
            Some(paid) if paid.tier > account.tier => paid,
            Some(paid) if account.plan == PlanName::Free => Entitlement {
                tier: account.tier,
                ..paid
            },
            _ => account,
        }
    }

    fn paid(&self, now: Timestamp, subscription: &Subscription) -> Option<Entitlement> {
        let until = match subscription.status {
            SubscriptionStatus::Active | SubscriptionStatus::Trialing => None,
            SubscriptionStatus::PastDue => {
                let end = subscription.since.after(self.past_due_grace);
                Some(end).filter(|end| now < *end)?.into()
            }
            SubscriptionStatus::Canceled
            | SubscriptionStatus::Unpaid
            | SubscriptionStatus::Incomplete
            | SubscriptionStatus::IncompleteExpired
            | SubscriptionStatus::Paused => return None,
        };
        let by_price = subscription.price_id.as_ref();
        let tier = by_price.and_then(|price| self.prices.get(price));
        Some(Entitlement {
            plan: PlanName::Premium,
            tier: tier.copied().unwrap_or(self.premium),
            until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AccountType::{Complimentary, Standard, Unlimited};

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn plan(account_type: AccountType, status: Option<SubscriptionStatus>, price: &str) -> Plan {
        let subscription = status.map(|status| Subscription {
            status,
            since: NOW,
            price_id: Some(price.to_owned()),
        });
        Plan {
            account_type,
            subscription,
        }
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
                let given = plans().entitlement(NOW, &plan(account_type, status, "p"));
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
            let given = Plans::default().entitlement(NOW, &plan(account_type, status, "p"));
            assert_eq!(given.tier, tier, "{account_type:?} {status:?}");
        }
    }

    #[test]
    fn a_price_may_have_its_own_tier() {
        let mut plans = plans();
        plans.prices.insert("price_top".to_owned(), Tier::Tier4);
        let active = Some(SubscriptionStatus::Active);
        let tier = |account_type, price| {
            let given = plans.entitlement(NOW, &plan(account_type, active, price));
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
        assert_eq!(plans.entitlement(NOW, &canceled).tier, Tier::Tier1);
        // Who pays gets no less than who does not, and is not called free.
        plans.free = Tier::Tier2;
        plans.prices.insert("price_low".to_owned(), Tier::Tier1);
        let given = plans.entitlement(NOW, &plan(Standard, active, "price_low"));
        assert_eq!((given.plan, given.tier), (PlanName::Premium, Tier::Tier2));
    }

    #[test]
    fn past_due_counts_as_paid_until_the_grace_period_ends() {
        let past_due = plan(Standard, Some(SubscriptionStatus::PastDue), "p");
        let mut plans = plans();
        assert_eq!(plans.entitlement(NOW, &past_due).tier, Tier::Tier1);
        plans.past_due_grace = Duration::from_hours(48);
        let end = NOW.after(plans.past_due_grace);
        let within = plans.entitlement(NOW, &past_due);
        assert_eq!((within.tier, within.until), (Tier::Tier2, Some(end)));
        let last = Timestamp::from_millis(end.as_millis() - 1);
        assert_eq!(plans.entitlement(last, &past_due).tier, Tier::Tier2);
        let over = plans.entitlement(end, &past_due);
        assert_eq!((over.tier, over.until), (Tier::Tier1, None));
    }
}
