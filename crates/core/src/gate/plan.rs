//! The user's plan: who changed it when, what it gives now, and whose word on a tier counts.

use super::{
    account::{HISTORY_MAX, KnownPlan, PlanChange, PlanStep, Standing},
    command::Reply,
    heal, reading, reprice,
    store::Store,
    subscriptions::{PlanEvent, PlanOutcome, keep_newest},
    turn::Gate,
    view,
};
use crate::{
    domain::{
        Tier, Timestamp,
        plan::PlanName,
        subscription::{SERVICE, SubscriptionStatus},
    },
    line::pause::FAR,
    storage::StorageError,
};
use std::time::Duration;

/// By so long after it came about, an event has arrived, or its sender repeats it.
const OLD: Duration = Duration::from_hours(1);

/// Changes the plan, and reprices all that waits, from this turn on.
pub(super) fn set_plan<S: Store>(
    gate: &mut Gate<'_, S>,
    change: PlanChange,
) -> Result<Reply, StorageError> {
    let outcome = match &change.event {
        None if gate.account.erasing.is_some() => return Ok(Reply::Erasing),
        // Its sender would send it again and again.
        Some(event) if is_of_deleted_user(gate, event)? => PlanOutcome::Erased,
        Some(event) => judge(gate, &change, event),
        None => PlanOutcome::Applied,
    };
    if outcome == PlanOutcome::Applied && !change.is_question() {
        apply(gate, change)?;
    }
    Ok(Reply::PlanSet {
        account: view::account_view(gate)?,
        outcome,
    })
}

/// Whether the user is being deleted, or was after the event came about or its subscription began: it would make the
/// account anew.
fn is_of_deleted_user<S: Store>(
    gate: &Gate<'_, S>,
    event: &PlanEvent,
) -> Result<bool, StorageError> {
    if gate.account.erasing.is_some() {
        return Ok(true);
    }
    let Some(erased) = gate.store.erased()? else {
        return Ok(false);
    };
    // The clock was ahead when a deletion of the future was recorded: what is not old counts.
    let at = if erased.at > gate.now {
        gate.now.before(OLD)
    } else {
        erased.at
    };
    let since = event
        .began
        .map_or(event.created, |began| began.min(event.created));
    Ok(since <= at || erased.knows(&event.marks, gate.now))
}

fn judge<S: Store>(gate: &Gate<'_, S>, change: &PlanChange, event: &PlanEvent) -> PlanOutcome {
    let Some(Some(told)) = &change.subscription else {
        return PlanOutcome::Applied;
    };
    let rules = (gate.now, &gate.config.plans);
    let nothing = KnownPlan::default();
    let known = gate.account.plan.as_ref().unwrap_or(&nothing);
    known.subscriptions.judge(rules, told, event)
}

fn apply<S: Store>(gate: &mut Gate<'_, S>, change: PlanChange) -> Result<(), StorageError> {
    let id = change.subscription_id().map(str::to_owned);
    let of = |known: Option<&KnownPlan>| {
        let told = known.zip(id.as_ref());
        let told = told
            .and_then(|(known, id)| known.subscriptions.get(id))
            .cloned();
        known.map(|known| (known.account_type, told))
    };
    let before = of(gate.account.plan.as_ref());
    let from = standing(gate, id.as_deref());
    let mut known = gate.account.plan.take().unwrap_or_default();
    known.account_type = change.account_type.unwrap_or(known.account_type);
    let event = change.event.as_ref().map(|event| event.id.clone());
    let rules = (gate.now, &gate.config.plans);
    match change.subscription {
        Some(Some(told)) => {
            let keeps_price = change.keeps_price;
            known
                .subscriptions
                .put(rules, told, keeps_price, change.event);
        }
        Some(None) => known.subscriptions.remove(SERVICE),
        None => {}
    }
    let is_another = of(Some(&known)) != before;
    gate.account.plan = Some(known);
    tick(gate);
    adopt(gate);
    reading::schedule(gate);
    if is_another {
        record(gate, (change.by, event), id, from);
    }
    gate.save_account()?;
    reprice::all(gate)
}

/// Takes the plan's tier from `now` on, and has the alarm ring when time takes it away.
fn adopt<S: Store>(gate: &mut Gate<'_, S>) {
    let given = gate.entitlement();
    if let Some((known, given)) = gate.account.plan.as_mut().zip(given) {
        gate.account.tier = given.tier;
        known.until = given.until;
        gate.wake_by(given.until);
    }
}

/// Records what has changed: by whom and which event, of which subscription.
fn record<S: Store>(
    gate: &mut Gate<'_, S>,
    (by, event): (String, Option<String>),
    subscription: Option<String>,
    from: Standing,
) {
    let (at, to) = (gate.now, standing(gate, subscription.as_deref()));
    if let Some(known) = &mut gate.account.plan {
        known.history.push(PlanStep {
            at,
            by,
            event,
            subscription,
            from,
            to,
        });
        keep_newest(&mut known.history, HISTORY_MAX);
    }
}

/// What the user has, and the status of that subscription.
fn standing<S: Store>(gate: &Gate<'_, S>, id: Option<&str>) -> Standing {
    let known = gate.account.plan.as_ref().zip(id);
    let told = known.and_then(|(known, id)| known.subscriptions.get(id));
    Standing {
        plan: gate.entitlement().map(|given| given.plan),
        status: told.map(|told| told.status),
        tier: gate.account.tier,
    }
}

/// Before each turn: has a plan that time or another `PLANS` changed hold, and reprices what waits. No row is
/// written where nothing changed.
pub(super) fn settle<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    if gate.account.erasing.is_some() {
        return Ok(());
    }
    tick(gate);
    reading::schedule(gate);
    let (Some(known), Some(given)) = (&gate.account.plan, gate.entitlement()) else {
        return Ok(());
    };
    if (given.tier, given.until) == (gate.account.tier, known.until) {
        // A grace may have ended while another subscription counts: that stays so, too.
        return gate.save_account();
    }
    let until = known.until.filter(|until| *until <= gate.now);
    let by = until.map_or("configuration", |_| "grace");
    let id = until.and_then(|until| ended_at(known, until));
    let mut from = standing(gate, id.as_deref());
    if until.is_some() {
        // Only a subscription has a grace.
        from.plan = Some(PlanName::Premium);
    }
    adopt(gate);
    record(gate, (by.to_owned(), None), id, from);
    gate.save_account()?;
    heal::come_back(gate)?;
    reprice::all(gate)
}

/// The subscription whose grace ended then.
fn ended_at(known: &KnownPlan, until: Timestamp) -> Option<String> {
    let mut rows = known.subscriptions.0.iter();
    let ended = rows.find(|row| {
        row.grace.over_at == Some(until) && row.subscription.status == SubscriptionStatus::PastDue
    })?;
    Some(ended.subscription.id.clone())
}

fn tick<S: Store>(gate: &mut Gate<'_, S>) {
    let (now, length) = (gate.now, gate.config.plans.past_due_grace);
    if let Some(known) = &mut gate.account.plan {
        known.subscriptions.tick(now, now.after(FAR), length);
    }
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
