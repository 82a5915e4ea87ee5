//! What the answer about a user looks like.

use super::view::{moment, user_link};
use crate::{
    config::GateConfig,
    domain::{Kind, Kinds, Subscription, UserId, kind::Owner},
    gate::{
        account::Standing,
        command::{AccountView, MonthUse, PlanStep, PlanView, SubscriptionView},
    },
};
use serde_json::{Map, Value, json};

/// The account of a user, with the address for mails where there is a domain for it.
#[must_use]
pub fn account(
    user_id: &UserId,
    account: &AccountView,
    config: &GateConfig,
    email_domain: Option<&str>,
) -> Value {
    let rules = config.tiers.of(account.tier);
    let link = user_link(user_id);
    let mailbox = account.mailbox.as_ref().zip(email_domain);
    let waits = [
        account.queued,
        account.parked,
        account.retrying,
        account.scheduled,
    ];
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
        "scheduled": account.scheduled,
        "plan": account.plan.as_ref().map(plan),
        "planChanges": account.changes.iter().map(change).collect::<Vec<_>>(),
        "quota": {
            "maxParkedJobs": bound(rules.max_parked_jobs).map(|limit| json!({"limit": limit, "used": waits})),
            "kinds": kinds(account, &config.kinds),
        },
        "emailAddress": mailbox.map(|(mailbox, domain)| mailbox.address(domain)),
        "isBeingDeleted": account.is_erased,
        "links": {"self": link, "jobs": format!("{link}/jobs")},
    })
}

/// The quotas of each kind that a user may submit.
fn kinds(account: &AccountView, kinds: &Kinds) -> Map<String, Value> {
    let users = kinds.iter().filter(|(_, rules)| rules.owner == Owner::User);
    let quotas = |(kind, _): (&Kind, _)| {
        let max_chars = kinds.quota(kind, account.tier).max_chars;
        let quotas = json!({
            "jobsPerMonth": account.months.get(kind).copied().map(month),
            "maxChars": bound(max_chars),
        });
        (kind.to_string(), quotas)
    };
    users.map(quotas).collect()
}

/// A quota; 0 means no quota.
fn bound(limit: u32) -> Option<u32> {
    (limit > 0).then_some(limit)
}

fn month(month: MonthUse) -> Value {
    json!({"limit": month.limit, "used": month.used, "resetsAt": moment(Some(month.ends_at))})
}

fn plan(view: &PlanView) -> Value {
    let paid: Vec<_> = view.subscriptions.iter().map(subscription).collect();
    json!({
        "name": view.name,
        "accountType": view.account_type,
        "subscription": paid.first(),
        "subscriptions": paid,
        "until": moment(view.until),
    })
}

fn subscription(view: &SubscriptionView) -> Value {
    let Subscription {
        id,
        status,
        since,
        price_ids,
        ..
    } = &view.subscription;
    json!({
        "id": id,
        "status": status,
        "since": moment(Some(*since)),
        "priceId": price_ids.first(),
        "priceIds": price_ids,
        "tier": view.paid.map(|paid| paid.tier),
        "until": moment(view.paid.and_then(|paid| paid.until)),
        "counts": view.counts,
    })
}

fn change(step: &PlanStep) -> Value {
    let standing = |standing: Standing| json!({"plan": standing.plan, "status": standing.status, "tier": standing.tier});
    json!({
        "at": moment(Some(step.at)),
        "by": step.by,
        "event": step.event,
        "subscription": step.subscription,
        "from": standing(step.from),
        "to": standing(step.to),
    })
}
