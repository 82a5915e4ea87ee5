//! Quotas: how much a user of a tier may submit, and how much of it is used.
//!
//! What waits is counted in the rows, so nothing has to be kept. What was submitted in a month is counted in the
//! account's row, one write a submission, and only where the user's tier has that quota.

use super::{
    account::{Account, MONTHS_KEPT, Usage},
    command::{Exceeded, MonthUse, NewJob, Quota},
    store::Store,
    subscriptions::keep_newest,
    turn::Gate,
};
use crate::{
    domain::{Kind, Kinds, Month, Tier, Timestamp},
    storage::StorageError,
};
use std::{collections::BTreeMap, time::Duration};

/// What is used of the month at `now`, of a kind; `None` where the tier has no such quota.
pub(super) fn month_use(
    (kinds, tier): (&Kinds, Tier),
    kind: &Kind,
    usage: &[Usage],
    now: Timestamp,
) -> Option<MonthUse> {
    let limit = kinds.quota(kind, tier).jobs_per_month;
    let month = current(usage, now);
    (limit > 0).then(|| MonthUse {
        limit,
        used: used(usage, kind, month.start),
        ends_at: month.end,
    })
}

/// The same of every kind that has such a quota.
pub(super) fn months(
    rules: (&Kinds, Tier),
    usage: &[Usage],
    now: Timestamp,
) -> BTreeMap<Kind, MonthUse> {
    let kinds = rules.0.iter().map(|(kind, _)| kind);
    let month = |kind: &Kind| Some((kind.clone(), month_use(rules, kind, usage, now)?));
    kinds.filter_map(month).collect()
}

/// The month that counts. A clock that was set back a little does not open an old month again; one that was far ahead has
/// used up only the months that it was in.
fn current(usage: &[Usage], now: Timestamp) -> Month {
    const LITTLE: Duration = Duration::from_hours(24);
    let begun = usage.iter().map(|usage| usage.since);
    let newest = begun.filter(|since| *since <= now.after(LITTLE)).max();
    Month::of(newest.map_or(now, |since| since.max(now)))
}

fn used(usage: &[Usage], kind: &Kind, since: Timestamp) -> u32 {
    let month = usage
        .iter()
        .find(|usage| usage.since == since && usage.kind == *kind);
    month.map_or(0, |usage| usage.used)
}

/// Which quota of the account's tier leaves no room for the job, if one does.
pub(super) fn exceeded<S: Store>(
    gate: &Gate<'_, S>,
    account: &Account,
    new: &NewJob,
) -> Result<Option<Exceeded>, StorageError> {
    let tier = account.tier;
    let most = gate.config.kinds.quota(&new.kind, tier).max_chars;
    if most > 0 && new.chars > most {
        return Ok(Some(Exceeded {
            quota: Quota::MaxChars,
            tier,
            limit: most,
            used: new.chars,
            resets_at: None,
        }));
    }
    leaves_no_room(gate, account, &new.kind, true)
}

/// Whether a quota of the account's tier leaves no room for another job of the kind, which counts in its month or not.
pub(super) fn leaves_no_room<S: Store>(
    gate: &Gate<'_, S>,
    account: &Account,
    kind: &Kind,
    counts: bool,
) -> Result<Option<Exceeded>, StorageError> {
    let tier = account.tier;
    let refusal = |quota, limit, used, resets_at| Exceeded {
        quota,
        tier,
        limit,
        used,
        resets_at,
    };
    let most = gate.config.tiers.of(tier).max_parked_jobs;
    // What nobody's jobs delete would stay if they were refused, and no user has a line of them.
    if most > 0 && !account.user_id.is_nobody() {
        let used = gate.store.waits(most)?;
        if used >= most {
            return Ok(Some(refusal(Quota::MaxParkedJobs, most, used, None)));
        }
    }
    let kinds = &gate.config.kinds;
    let month = month_use((kinds, tier), kind, &account.usage, gate.now);
    let full = month.filter(|month| counts && month.used >= month.limit);
    Ok(full.map(|month| {
        let resets_at = Some(month.ends_at);
        refusal(Quota::JobsPerMonth, month.limit, month.used, resets_at)
    }))
}

/// Counts a job in the account, if its tier has the quota, and says in which month.
pub(super) fn count<S: Store>(
    gate: &Gate<'_, S>,
    account: &mut Account,
    kind: &Kind,
) -> Option<Timestamp> {
    if gate.config.kinds.quota(kind, account.tier).jobs_per_month == 0 {
        return None;
    }
    let since = current(&account.usage, gate.now).start;
    let used = used(&account.usage, kind, since).saturating_add(1);
    let all = std::mem::take(&mut account.usage).into_iter();
    let (mut own, others): (Vec<_>, Vec<_>) = all.partition(|usage| usage.kind == *kind);
    own.retain(|usage| usage.since != since);
    let kind = kind.clone();
    own.push(Usage { since, kind, used });
    keep_newest(&mut own, MONTHS_KEPT);
    account.usage = others.into_iter().chain(own).collect();
    Some(since)
}

/// A job ended before its first start, and not by a fault of its own: it does not count in its month any more.
pub(super) fn give_back<S: Store>(
    gate: &mut Gate<'_, S>,
    kind: &Kind,
    since: Timestamp,
) -> Result<(), StorageError> {
    if gate.account.erasing.is_some() {
        return Ok(());
    }
    let mut usage = gate.account.usage.iter_mut();
    if let Some(usage) = usage.find(|usage| usage.since == since && usage.kind == *kind) {
        usage.used = usage.used.saturating_sub(1);
    }
    gate.save_account()
}
