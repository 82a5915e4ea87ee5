//! When the alarm of a gate must ring: the earliest of all that is due.

use super::{account::Account, store::Store};
use crate::{config::GateConfig, domain::Timestamp, storage::StorageError};
use std::time::Duration;

/// While jobs are kept, the alarm rings at least so often: `RETENTION_DAYS` may have been lowered since it was set, and an
/// idle gate hears of that only when it wakes.
const LOOK: Duration = Duration::from_hours(24);

/// The rules of a turn, and its time.
pub(super) type Rules<'a> = (&'a GateConfig, Timestamp);

/// When the alarm of a gate must ring next, from its rows alone.
///
/// # Errors
/// When the store fails.
pub fn next_due(
    store: &impl Store,
    config: &GateConfig,
    now: Timestamp,
) -> Result<Option<Timestamp>, StorageError> {
    next(store, store.account()?.as_ref(), (config, now), None)
}

/// The same where the account is known, and artifacts are perhaps being deleted.
pub(super) fn next(
    store: &impl Store,
    account: Option<&Account>,
    (config, now): Rules<'_>,
    purging: Option<Timestamp>,
) -> Result<Option<Timestamp>, StorageError> {
    let until = account.and_then(|account| account.plan.as_ref()?.until);
    let walk = account.and_then(|account| account.walk.as_ref());
    let ended = to_forget(store.first_ended()?, (config, now), purging);
    let due = [store.next_due()?, until, walk.map(|_| now), ended];
    Ok(due.into_iter().flatten().min())
}

/// When to look for jobs to forget, the first of which has ended so; not while some are being forgotten.
pub(super) fn to_forget(
    ended: Option<Timestamp>,
    (config, now): Rules<'_>,
    purging: Option<Timestamp>,
) -> Option<Timestamp> {
    let due = ended?.after(config.retention).min(now.after(LOOK));
    Some(purging.map_or(due, |until| due.max(until)))
}
