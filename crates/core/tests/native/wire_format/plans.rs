//! What a plan looks like in rows, calls and answers.

use super::{NOW, job_id, user_id};
use crate::gate::mailboxes::mailbox;
use queue_core::{
    domain::{
        Kind, Subscription, Tier,
        plan::{AccountType, Paid, PlanName},
        subscription::{Grace, SubscriptionStatus},
    },
    gate::{
        State,
        account::{Account, Erased, KnownPlan, Mark, Standing, Usage, Walk},
        command::{
            AccountView, MonthUse, PlanChange, PlanEvent, PlanStep, PlanView, SubscriptionView,
            TierSource,
        },
        subscriptions::{Row, Subscriptions},
    },
};
use std::collections::BTreeMap;

fn subscription() -> Subscription {
    Subscription {
        id: "sub_1".to_owned(),
        status: SubscriptionStatus::PastDue,
        since: NOW,
        price_ids: vec!["price_a".to_owned()],
        customer: Some("cus_1".to_owned()),
    }
}

fn marks() -> Vec<String> {
    vec!["0123456789abcdef".to_owned()]
}

fn step() -> PlanStep {
    let standing = |plan, status, tier| Standing { plan, status, tier };
    let (premium, past_due) = (PlanName::Premium, SubscriptionStatus::PastDue);
    PlanStep {
        at: NOW,
        by: "stripe".to_owned(),
        event: Some("evt_1".to_owned()),
        subscription: Some("sub_1".to_owned()),
        from: standing(None, None, Tier::Tier1),
        to: standing(Some(premium), Some(past_due), Tier::Tier4),
    }
}

/// An account with all it may have.
pub(super) fn account() -> Account {
    let row = Row {
        subscription: subscription(),
        as_of: NOW,
        events: vec!["evt_1".to_owned()],
        marks: marks(),
        grace: Grace {
            over_at: Some(NOW),
            bound: Some(NOW),
        },
    };
    Account {
        tier: Tier::Tier4,
        stated: true,
        plan: Some(KnownPlan {
            account_type: AccountType::Standard,
            subscriptions: Subscriptions(vec![row]),
            until: Some(NOW),
            next_reading: Some(NOW),
            history: vec![step()],
        }),
        usage: vec![Usage {
            since: NOW,
            kind: Kind::story(),
            used: 5,
        }],
        mailbox: Some(mailbox()),
        erasing: Some(NOW),
        walk: Some(Walk {
            state: Some(State::Parked),
            before: Some(job_id()),
        }),
        ..Account::new(user_id())
    }
}

/// What is left of a user.
pub(super) fn erased() -> Erased {
    let mut marks = marks();
    let mark = Mark {
        hash: marks.remove(0),
        at: NOW,
    };
    Erased {
        at: NOW,
        marks: vec![mark],
    }
}

/// Every kind of change.
pub(super) fn changes() -> [PlanChange; 4] {
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
        is_read: false,
        began: Some(NOW),
        has_turned: true,
        marks: marks(),
    };
    let read = PlanEvent {
        is_read: true,
        ..event.clone()
    };
    let paid = || Some(Some(subscription()));
    [
        change(Some(AccountType::Complimentary), paid(), Some(event)),
        change(None, Some(None), None),
        change(Some(AccountType::Unlimited), None, None),
        change(None, paid(), Some(read)),
    ]
}

/// An account that shows all it can.
pub(super) fn with_plan(account: &AccountView) -> AccountView {
    let paid = SubscriptionView {
        subscription: subscription(),
        paid: Some(Paid {
            tier: Tier::Tier4,
            until: Some(NOW),
        }),
        counts: true,
    };
    let month = MonthUse {
        limit: 5,
        used: 4,
        ends_at: NOW,
    };
    AccountView {
        source: TierSource::Plan,
        plan: Some(PlanView {
            name: PlanName::Premium,
            account_type: AccountType::Standard,
            subscriptions: vec![paid],
            until: Some(NOW),
        }),
        months: BTreeMap::from([(Kind::story(), month)]),
        changes: vec![step()],
        mailbox: Some(mailbox()),
        is_erased: true,
        ..account.clone()
    }
}
