//! Plans that a user is given, and what a gate makes of them.

use super::harness::GateHarness;
use crate::harness::{Harness, START};
use queue_core::{
    domain::{
        Subscription, Tier, Timestamp,
        plan::AccountType,
        subscription::{SERVICE, SubscriptionStatus},
    },
    gate::{
        Command, Reply,
        command::{AccountView, PlanChange, PlanEvent, PlanOutcome},
    },
};

const NOTHING: PlanChange = PlanChange {
    account_type: None,
    subscription: None,
    keeps_price: false,
    by: String::new(),
    event: None,
};

/// The service says what the user has subscribed to.
pub fn paid(status: SubscriptionStatus, since: Timestamp) -> PlanChange {
    let subscription = Subscription {
        id: SERVICE.to_owned(),
        status,
        since,
        price_ids: Vec::new(),
        customer: None,
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

/// What one of Stripe's events says.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub event: &'a str,
    /// In milliseconds after the start.
    pub created: i64,
    pub subscription: &'a str,
    pub customer: &'a str,
    pub status: SubscriptionStatus,
    pub prices: &'a [&'a str],
}

/// An active subscription.
pub const TOLD: Told<'_> = Told {
    event: "evt_1",
    created: 0,
    subscription: "sub_1",
    customer: "cus_1",
    status: SubscriptionStatus::Active,
    prices: &[],
};

impl Told<'_> {
    pub fn change(&self) -> PlanChange {
        let created = Timestamp::from_millis(START.as_millis() + self.created);
        let subscription = Subscription {
            id: self.subscription.to_owned(),
            status: self.status,
            since: created,
            price_ids: self
                .prices
                .iter()
                .map(|price| (*price).to_owned())
                .collect(),
            customer: Some(self.customer.to_owned()),
        };
        PlanChange {
            subscription: Some(Some(subscription)),
            by: "stripe".to_owned(),
            event: Some(PlanEvent {
                id: self.event.to_owned(),
                created,
                is_read: false,
                began: None,
                has_turned: false,
                marks: vec![format!("mark of {}", self.subscription)],
            }),
            ..NOTHING
        }
    }
}

/// A subscription whose price stands for that tier, as an event tells it.
pub fn sold(tier: Tier, (id, created): (u8, u8)) -> PlanChange {
    Told {
        event: &id.to_string(),
        created: created.into(),
        prices: &[tier.name()],
        ..TOLD
    }
    .change()
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

    /// Stripe says so, of when that many milliseconds had passed after the start.
    pub fn stripe(&mut self, id: &str, created: i64, status: SubscriptionStatus) -> PlanOutcome {
        let told = Told {
            event: id,
            created,
            status,
            ..TOLD
        };
        self.set_plan(told.change()).1
    }
}
