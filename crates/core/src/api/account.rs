//! What the answer about a user looks like.

use super::view::{moment, user_link};
use crate::{
    domain::{Plan, Tiers, UserId, plan::Subscription},
    gate::{
        account::Standing,
        command::{AccountView, MonthUse, PlanStep, PlanView},
    },
};
use serde_json::{Value, json};

/// The account of a user.
#[must_use]
pub fn account(user_id: &UserId, account: &AccountView, tiers: &Tiers) -> Value {
    let rules = tiers.of(account.tier);
    let link = user_link(user_id);
    let waits = [account.queued, account.parked, account.retrying];
    let waits = waits.into_iter().fold(0, u32::saturating_add);
    json!({
        "userId": user_id,
        "tier": account.tier,
        "tierSource": account.source,
        "priority": rules.priority,
        "limit": account.limit,
        "active": account.active,
        "parked": account.parked,
        "queued": account.queued,
        "retrying": account.retrying,
        "plan": account.plan.as_ref().map(plan),
        "planChanges": account.changes.iter().map(change).collect::<Vec<_>>(),
        "quota": {
            "jobsPerMonth": account.month.map(month),
            "maxScriptChars": bound(rules.max_script_chars),
            "maxParkedJobs": bound(rules.max_parked_jobs).map(|limit| json!({"limit": limit, "used": waits})),
        },
        "isBeingDeleted": account.is_erased,
        "links": {"self": link, "jobs": format!("{link}/jobs")},
    })
}

/// A quota; 0 means no quota.
fn bound(limit: u32) -> Option<u32> {
    (limit > 0).then_some(limit)
}

fn month(month: MonthUse) -> Value {
    json!({"limit": month.limit, "used": month.used, "resetsAt": moment(Some(month.ends_at))})
}

fn plan(view: &PlanView) -> Value {
    let Plan {
        account_type,
        subscription,
    } = &view.plan;
    json!({
        "name": view.name,
        "accountType": account_type,
        "subscription": subscription.as_ref().map(paid),
        "until": moment(view.until),
    })
}

fn paid(subscription: &Subscription) -> Value {
    json!({
        "status": subscription.status,
        "since": moment(Some(subscription.since)),
        "priceId": subscription.price_id,
    })
}

fn change(step: &PlanStep) -> Value {
    let standing = |standing: Standing| json!({"plan": standing.plan, "status": standing.status, "tier": standing.tier});
    json!({
        "at": moment(Some(step.at)),
        "by": step.by,
        "event": step.event,
        "from": standing(step.from),
        "to": standing(step.to),
    })
}
