//! The user's plan: who changed it when, what it gives now, and whose word on a tier counts.

use super::{
    account::{HISTORY_MAX, PlanChange, PlanEvent, PlanOutcome, PlanStep, Standing, keep_newest},
    command::Reply,
    reprice,
    store::Store,
    turn::Gate,
    view,
};
use crate::{
    domain::{
        Tier, Timestamp,
        plan::{PlanName, Subscription},
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
    let outcome = match (&gate.account.plan, &change.event) {
        _ if gate.account.erasing.is_some() => match &change.event {
            // Its sender would send it again and again.
            Some(_) => PlanOutcome::Outdated,
            None => return Ok(Reply::Erasing),
        },
        (_, Some(event)) if is_of_before_deletion(gate, event)? => PlanOutcome::Outdated,
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

/// Whether the event came about before the user was deleted: it would make the account anew.
fn is_of_before_deletion<S: Store>(
    gate: &Gate<'_, S>,
    event: &PlanEvent,
) -> Result<bool, StorageError> {
    let erased_at = gate.store.erased_at()?;
    // The clock was ahead when a deletion of the future was recorded: what is not old counts.
    let known = |at: Timestamp| {
        if at > gate.now {
            gate.now.before(OLD)
        } else {
            at
        }
    };
    Ok(erased_at.is_some_and(|at| event.created <= known(at)))
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
        let keeps_price = change.keeps_price;
        known.plan.subscription = wanted.map(|new| completed(old, new, keeps_price));
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
    reprice::all(gate)
}

/// The subscription with what is known of it. A status that is told again keeps its date, or a grace period would never
/// end.
fn completed(old: Option<&Subscription>, mut new: Subscription, keeps_price: bool) -> Subscription {
    if keeps_price {
        new.price_id = old.and_then(|old| old.price_id.clone());
    }
    if let Some(old) = old.filter(|old| old.status == new.status) {
        new.since = old.since;
    }
    new
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
        plan: gate.entitlement().map(|given| given.plan),
        status: subscription.map(|subscription| subscription.status),
        tier: gate.account.tier,
    }
}

/// Before each turn: has a plan that time or another `PLANS` changed hold, and reprices what waits. No row is
/// written where nothing changed.
pub(super) fn settle<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    if gate.account.erasing.is_some() {
        return Ok(());
    }
    bound(gate);
    let (Some(known), Some(given)) = (&gate.account.plan, gate.entitlement()) else {
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
        if let Some(known) = &mut gate.account.plan {
            known.over_at = known.until;
        }
    }
    adopt(gate);
    record(gate, by.to_owned(), None, from);
    gate.save_account()?;
    reprice::all(gate)
}

/// A status that is dated in the future was told before the clock was set back: its grace counts from now, or it would last
/// as much longer. Only for as long as the date lies in the future: perhaps it is this clock that is wrong.
fn bound<S: Store>(gate: &mut Gate<'_, S>) {
    let (now, grace) = (gate.now, gate.config.plans.past_due_grace);
    if let Some(known) = &mut gate.account.plan {
        let subscription = known.plan.subscription.as_ref();
        let is_far = subscription.is_some_and(|paid| paid.since > now.after(FAR));
        let since = known.bound.unwrap_or_else(|| now.after(grace));
        known.bound = is_far.then_some(since);
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
