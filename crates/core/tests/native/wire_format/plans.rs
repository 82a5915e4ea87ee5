//! What a plan looks like in rows, calls and answers.

use super::{NOW, job_id, user_id};
use queue_core::{
    domain::{
        Plan, Tier,
        plan::{AccountType, PlanName, Subscription, SubscriptionStatus},
    },
    gate::{
        State,
        account::{Account, KnownPlan, SeenEvent, Standing, Usage, Walk},
        command::MonthUse,
        command::{AccountView, PlanChange, PlanEvent, PlanStep, PlanView, TierSource},
    },
};

fn subscription() -> Subscription {
    Subscription {
        status: SubscriptionStatus::PastDue,
        since: NOW,
        price_id: Some("price_a".to_owned()),
    }
}

fn plan() -> Plan {
    Plan {
        account_type: AccountType::Standard,
        subscription: Some(subscription()),
    }
}

fn step() -> PlanStep {
    let standing = |plan, status, tier| Standing { plan, status, tier };
    let (premium, past_due) = (PlanName::Premium, SubscriptionStatus::PastDue);
    PlanStep {
        at: NOW,
        by: "stripe".to_owned(),
        event: Some("evt_1".to_owned()),
        from: standing(None, None, Tier::Tier1),
        to: standing(Some(premium), Some(past_due), Tier::Tier4),
    }
}

/// An account with all it may have.
pub(super) fn account() -> Account {
    let seen = SeenEvent {
        id: "evt_1".to_owned(),
        at: NOW,
    };
    Account {
        tier: Tier::Tier4,
        stated: true,
        plan: Some(KnownPlan {
            plan: plan(),
            until: Some(NOW),
            over_at: Some(NOW),
            bound: Some(NOW),
            newest_event: Some(NOW),
            events: vec![seen],
            history: vec![step()],
        }),
        usage: vec![Usage {
            since: NOW,
            used: 5,
        }],
        erasing: Some(NOW),
        walk: Some(Walk {
            state: Some(State::Parked),
            before: Some(job_id()),
        }),
        ..Account::new(user_id())
    }
}

/// Every kind of change.
pub(super) fn changes() -> [PlanChange; 3] {
    let change = |account_type, subscription, event| PlanChange {
        account_type,
        subscription,
        keeps_price: false,
        by: "service".to_owned(),
        event,
    };
    let event = PlanEvent {
        id: "evt_1".to_owned(),
        created: NOW,
    };
    let paid = Some(Some(subscription()));
    [
        change(Some(AccountType::Complimentary), paid, Some(event)),
        change(None, Some(None), None),
        change(Some(AccountType::Unlimited), None, None),
    ]
}

/// An account that shows all it can.
pub(super) fn with_plan(account: &AccountView) -> AccountView {
    AccountView {
        source: TierSource::Plan,
        plan: Some(PlanView {
            name: PlanName::Premium,
            plan: plan(),
            until: Some(NOW),
        }),
        month: Some(MonthUse {
            limit: 5,
            used: 4,
            ends_at: NOW,
        }),
        changes: vec![step()],
        is_erased: true,
        ..account.clone()
    }
}
