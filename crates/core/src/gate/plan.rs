//! The user's plan: who changed it when, what it gives now, and whose word on a tier counts.

use super::{command::Reply, reprice, store::Store, turn::Gate, view};
use crate::{
    domain::{
        Plan, Tier, Timestamp,
        plan::{AccountType, Entitlement, PlanName, Subscription, SubscriptionStatus},
    },
    storage::StorageError,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::time::Duration;

/// Changes of a plan that are kept, the newest; with the events, an account's row stays below 30 KB.
pub const HISTORY_MAX: usize = 50;

/// Ids of events that are kept, the newest. One that was dropped is older than the newest event, or of the same
/// second, and only then could it be applied twice.
pub const EVENTS_MAX: usize = 50;

/// How long the id of an event is remembered.
pub const EVENTS_KEPT: Duration = Duration::from_hours(24);

/// A webhook's event that changes a plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanEvent {
    /// Its id.
    pub id: String,
    /// When it came about, by who sent it.
    pub created: Timestamp,
}

/// A change of a user's plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanChange {
    /// The kind of account; `None` leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_type: Option<AccountType>,
    /// The subscription; `None` leaves it as it is, `Some(None)` removes it. One whose status stays keeps its date.
    #[serde(
        default,
        deserialize_with = "there",
        skip_serializing_if = "Option::is_none"
    )]
    pub subscription: Option<Option<Subscription>>,
    /// Who says so: `service` or `stripe`.
    pub by: String,
    /// The event that says so. One whose id was seen, or that is older than the newest applied one, changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<PlanEvent>,
}

/// A field that is there, be it null.
#[expect(clippy::option_option, reason = "as in the field")]
fn there<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Subscription>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What became of a change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PlanOutcome {
    /// It holds.
    Applied,
    /// Its event was seen before; nothing changed.
    Repeated,
    /// A newer event holds, or the user is being deleted; nothing changed.
    Outdated,
}

/// What a user had at some moment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The plan, if one was known.
    pub plan: Option<PlanName>,
    /// The status of the subscription, if there was one.
    pub status: Option<SubscriptionStatus>,
    /// The tier.
    pub tier: Tier,
}

/// A change as it is recorded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanStep {
    /// When.
    pub at: Timestamp,
    /// Who: `service`, `stripe`, `grace` (its end) or `configuration` (another `PLANS`).
    pub by: String,
    /// The event that said so, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What the user had before.
    pub from: Standing,
    /// What the user has since.
    pub to: Standing,
}

/// An event that was applied.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenEvent {
    /// Its id.
    pub id: String,
    /// When it was applied.
    pub at: Timestamp,
}

/// A plan that somebody told the gate.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownPlan {
    /// The plan.
    pub plan: Plan,
    /// When time alone takes the tier away; the alarm rings then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When the newest applied event came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_event: Option<Timestamp>,
    /// Events applied within [`EVENTS_KEPT`], oldest first, at most [`EVENTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<SeenEvent>,
    /// Changes, oldest first, at most [`HISTORY_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PlanStep>,
}

impl KnownPlan {
    fn judge(&self, event: &PlanEvent) -> PlanOutcome {
        if self.events.iter().any(|seen| seen.id == event.id) {
            PlanOutcome::Repeated
        } else if self.newest_event.is_some_and(|at| event.created < at) {
            PlanOutcome::Outdated
        } else {
            PlanOutcome::Applied
        }
    }

    fn remember(&mut self, now: Timestamp, event: PlanEvent) {
        self.newest_event = Some(event.created);
        self.events.retain(|seen| now < seen.at.after(EVENTS_KEPT));
        self.events.push(SeenEvent {
            id: event.id,
            at: now,
        });
        keep_newest(&mut self.events, EVENTS_MAX);
    }
}

fn keep_newest<T>(list: &mut Vec<T>, most: usize) {
    let surplus = list.len().saturating_sub(most);
    list.drain(..surplus);
}

/// Changes the plan, and reprices all that waits, in the same turn.
pub(super) fn set_plan<S: Store>(
    gate: &mut Gate<'_, S>,
    change: PlanChange,
) -> Result<Reply, StorageError> {
    let outcome = match (&gate.account.plan, &change.event) {
        _ if gate.account.erasing.is_some() => match &change.event {
            // Its sender would send it again and again.
            Some(_) => PlanOutcome::Outdated,
            None => return Ok(Reply::Erasing),
        },
        (Some(known), Some(event)) => known.judge(event),
        (None, _) | (_, None) => PlanOutcome::Applied,
    };
    if outcome == PlanOutcome::Applied {
        apply(gate, change)?;
    }
    Ok(Reply::PlanSet {
        account: view::account_view(gate)?,
        outcome,
    })
}

fn apply<S: Store>(gate: &mut Gate<'_, S>, change: PlanChange) -> Result<(), StorageError> {
    let from = standing(gate);
    let is_first = gate.account.plan.is_none();
    let mut known = gate.account.plan.take().unwrap_or_default();
    let before = known.plan.clone();
    if let Some(account_type) = change.account_type {
        known.plan.account_type = account_type;
    }
    if let Some(wanted) = change.subscription {
        let old = before.subscription.as_ref();
        known.plan.subscription = wanted.map(|new| dated(old, new));
    }
    let is_another = is_first || known.plan != before;
    let event = change.event.as_ref().map(|event| event.id.clone());
    if let Some(event) = change.event {
        known.remember(gate.now, event);
    }
    gate.account.plan = Some(known);
    adopt(gate);
    if is_another {
        record(gate, change.by, event, from);
    }
    gate.save_account()?;
    reprice::all(gate)?;
    Ok(())
}

/// The subscription, since when it has its status: told again, it keeps its date, or a grace period would never end.
fn dated(old: Option<&Subscription>, mut new: Subscription) -> Subscription {
    if let Some(old) = old.filter(|old| old.status == new.status) {
        new.since = old.since;
    }
    new
}

/// Takes the plan's tier from `now` on; gives what it says.
fn adopt<S: Store>(gate: &mut Gate<'_, S>) {
    let now = gate.now;
    if let Some(known) = &mut gate.account.plan {
        let given = gate.config.plans.entitlement(now, &known.plan);
        gate.account.tier = given.tier;
        known.until = given.until;
        gate.wake_by(given.until);
    }
}

fn record<S: Store>(gate: &mut Gate<'_, S>, by: String, event: Option<String>, from: Standing) {
    let (at, to) = (gate.now, standing(gate));
    if let Some(known) = &mut gate.account.plan {
        known.history.push(PlanStep {
            at,
            by,
            event,
            from,
            to,
        });
        keep_newest(&mut known.history, HISTORY_MAX);
    }
}

fn standing<S: Store>(gate: &Gate<'_, S>) -> Standing {
    let plan = gate.account.plan.as_ref().map(|known| &known.plan);
    let subscription = plan.and_then(|plan| plan.subscription.as_ref());
    Standing {
        plan: entitlement(gate).map(|given| given.plan),
        status: subscription.map(|subscription| subscription.status),
        tier: gate.account.tier,
    }
}

/// What the plan gives now, if one is known.
pub(super) fn entitlement<S: Store>(gate: &Gate<'_, S>) -> Option<Entitlement> {
    let known = gate.account.plan.as_ref()?;
    Some(gate.config.plans.entitlement(gate.now, &known.plan))
}

/// Before each turn: has a plan that time or another `PLANS` changed hold, and reprices what waits. No row is
/// written where nothing changed.
pub(super) fn settle<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    let (Some(known), Some(given)) = (&gate.account.plan, entitlement(gate)) else {
        return Ok(());
    };
    if (given.tier, given.until) == (gate.account.tier, known.until) {
        return Ok(());
    }
    let is_over = known.until.is_some_and(|until| until <= gate.now);
    let by = if is_over { "grace" } else { "configuration" };
    let mut from = standing(gate);
    if is_over {
        // Only a subscription has a grace.
        from.plan = Some(PlanName::Premium);
    }
    adopt(gate);
    record(gate, by.to_owned(), None, from);
    gate.save_account()?;
    reprice::all(gate)?;
    Ok(())
}

/// The tier of a job that states `stated`; an error names the best tier that it may state.
///
/// Where a plan is known it alone counts, and what is stated may only lower it. Elsewhere the caller's word counts up
/// to `ceiling`, which is also what holds where nothing is stated.
pub(super) fn tier_of_job<S: Store>(
    gate: &Gate<'_, S>,
    stated: Option<Tier>,
    ceiling: Option<Tier>,
) -> Result<Tier, Tier> {
    let best = if gate.account.plan.is_some() {
        Some(gate.account.tier)
    } else {
        ceiling
    };
    match (stated, best) {
        (Some(stated), Some(best)) if best < stated => Err(best),
        (stated, best) => Ok(stated.or(best).unwrap_or_default()),
    }
}
