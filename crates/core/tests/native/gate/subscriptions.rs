//! Plans that a user is given, and what a gate makes of them.

use super::harness::GateHarness;
use crate::harness::Harness;
use queue_core::{
    domain::{
        Tier, Timestamp,
        plan::{AccountType, Subscription, SubscriptionStatus},
    },
    gate::{
        Command, Reply,
        command::{AccountView, PlanChange, PlanEvent, PlanOutcome},
    },
};

const NOTHING: PlanChange = PlanChange {
    account_type: None,
    subscription: None,
    by: String::new(),
    event: None,
};

/// The service says what the user has subscribed to.
pub fn paid(status: SubscriptionStatus, since: Timestamp) -> PlanChange {
    let subscription = Subscription {
        status,
        since,
        price_id: None,
    };
    PlanChange {
        subscription: Some(Some(subscription)),
        by: "service".to_owned(),
        ..NOTHING
    }
}

/// The service says of what type the account is.
pub fn typed(account_type: AccountType) -> PlanChange {
    PlanChange {
        account_type: Some(account_type),
        by: "service".to_owned(),
        ..NOTHING
    }
}

/// Stripe says of a subscription what `paid` says, or at which price it was sold.
fn by_stripe(
    id: &str,
    created: i64,
    status: SubscriptionStatus,
    price: Option<&str>,
) -> PlanChange {
    let created = Timestamp::from_millis(created);
    let subscription = Subscription {
        status,
        since: created,
        price_id: price.map(str::to_owned),
    };
    PlanChange {
        subscription: Some(Some(subscription)),
        by: "stripe".to_owned(),
        event: Some(PlanEvent {
            id: id.to_owned(),
            created,
        }),
        ..NOTHING
    }
}

/// A subscription whose price stands for that tier, as an event tells it.
pub fn sold(tier: Tier, (id, created): (u8, u8)) -> PlanChange {
    let active = SubscriptionStatus::Active;
    by_stripe(&id.to_string(), created.into(), active, Some(tier.name()))
}

impl GateHarness {
    /// Of each tier, the name is a price that stands for it.
    pub fn sell_tiers(&mut self) {
        let prices = Tier::ALL.map(|tier| (tier.name().to_owned(), tier));
        self.config.plans.prices.extend(prices);
    }

    /// The user buys the plan of that tier, later than any other.
    pub fn set_tier(&mut self, tier: Tier) {
        self.sell_tiers();
        self.purchases += 1;
        self.set_plan(sold(tier, (self.purchases, self.purchases)));
    }

    pub fn set_plan(&mut self, change: PlanChange) -> (AccountView, PlanOutcome) {
        let Reply::PlanSet { account, outcome } = self.turn(Command::SetPlan(change)) else {
            panic!("a plan is answered with the account");
        };
        (account, outcome)
    }

    /// Gives the plan whose tier is, by default, tier3 or tier1.
    pub fn subscribe(&mut self, status: SubscriptionStatus) -> AccountView {
        let (account, outcome) = self.set_plan(paid(status, self.now));
        assert_eq!(outcome, PlanOutcome::Applied);
        account
    }

    pub fn stripe(&mut self, id: &str, created: i64, status: SubscriptionStatus) -> PlanOutcome {
        self.set_plan(by_stripe(id, created, status, None)).1
    }
}
