//! When the alarm of a gate must ring: the earliest of all that is due.

use super::{account::Account, memory::Memory, store::Store};
use crate::{config::GateConfig, domain::Timestamp, line::pause::by_then, storage::StorageError};

/// Jobs looked at in one wake-up, so that it stays a short turn; the next follows at once if more are due.
pub(super) const DUE_MAX: u32 = 100;

/// The rules of a turn, and its time.
pub(super) type Rules<'a> = (&'a GateConfig, Timestamp);

/// When the alarm of a gate must ring next, from its rows.
///
/// # Errors
/// When the store fails.
pub fn next_due(
    store: &impl Store,
    memory: &Memory,
    config: &GateConfig,
    now: Timestamp,
) -> Result<Option<Timestamp>, StorageError> {
    let account = store.account()?;
    next(store, account.as_ref(), (config, now), memory.purging(now))
}

/// The same where the account is known, and whether artifacts are being deleted.
pub(super) fn next(
    store: &impl Store,
    account: Option<&Account>,
    (config, now): Rules<'_>,
    purging: Option<Timestamp>,
) -> Result<Option<Timestamp>, StorageError> {
    // Who is being deleted keeps the tier until then.
    let stays = account.filter(|account| account.erasing.is_none());
    let plan = stays.and_then(|account| account.plan.as_ref());
    let times = plan.map(|plan| [plan.until, plan.next_reading]);
    let times = times.and_then(|times| times.into_iter().flatten().min());
    let walk = account.and_then(|account| account.walk.as_ref());
    let (ended, sweep) = store.first_ended()?;
    let purge = [forgotten_at(ended, (config, now)), sweep];
    let purge = not_while(purging, purge.into_iter().flatten().min());
    let due = [store.next_due(now)?, times, walk.map(|_| now), purge];
    let next = due.into_iter().flatten().min();
    Ok(next.map(|due| by_then(due, now)))
}

/// When to look for jobs to forget, one of which has ended so; not while some are being forgotten.
pub(super) fn to_forget(
    ended: Option<Timestamp>,
    rules: Rules<'_>,
    purging: Option<Timestamp>,
) -> Option<Timestamp> {
    not_while(purging, forgotten_at(ended, rules))
}

fn forgotten_at(ended: Option<Timestamp>, (config, now): Rules<'_>) -> Option<Timestamp> {
    Some(by_then(ended?.after(config.retention), now))
}

fn not_while(purging: Option<Timestamp>, due: Option<Timestamp>) -> Option<Timestamp> {
    due.map(|due| purging.map_or(due, |until| until.max(due)))
}
