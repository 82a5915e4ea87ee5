//! When Stripe is asked again what a user pays for: once a day, so that a webhook that was lost does not last.
//!
//! Each user has a time of day of its own, so that Stripe is not asked about all at once.

use super::{account::KnownPlan, hash::fnv_1a, store::Store, turn::Gate};
use crate::{
    domain::{
        Timestamp, UserId,
        subscription::SubscriptionStatus::{Active, PastDue, Trialing},
    },
    storage::StorageError,
};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// Where the hash of a user's time of day begins; any number.
const BASIS: u32 = 0x811c_9dc5;

/// Sets, keeps or drops the next reading.
pub(super) fn schedule<S: Store>(gate: &mut Gate<'_, S>) {
    let (now, reads) = (gate.now, gate.config.reads_stripe);
    let Some(known) = &mut gate.account.plan else {
        return;
    };
    // One that is further away was set before the clock was set back.
    let set = known.next_reading.filter(|at| *at <= now.after(DAY));
    let next = set.unwrap_or_else(|| next_reading(now, &gate.account.user_id));
    let wanted = (reads && pays_by_stripe(known)).then_some(next);
    known.next_reading = wanted;
    // For one that is due, the alarm rings already.
    gate.wake_by(wanted.filter(|at| *at > now));
}

/// Has the object ask, if it is time; whatever comes of it, the next time is a day later.
pub(super) fn read<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    let next = next_reading(gate.now, &gate.account.user_id);
    let known = gate.account.plan.as_mut();
    let Some(at) = known.and_then(|known| known.next_reading.as_mut()) else {
        return Ok(());
    };
    if *at > gate.now {
        return Ok(());
    }
    *at = next;
    gate.effects.reads_stripe = true;
    gate.wake_by(Some(next));
    gate.save_account()
}

/// Whether a customer of Stripe pays for the user, or should.
fn pays_by_stripe(known: &KnownPlan) -> bool {
    let mut told = known.subscriptions.0.iter().map(|row| &row.subscription);
    told.any(|told| told.customer.is_some() && matches!(told.status, Active | Trialing | PastDue))
}

/// The user's time of day, the next after `now`.
fn next_reading(now: Timestamp, user_id: &UserId) -> Timestamp {
    let day = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
    let time_of_day = i64::from(fnv_1a(BASIS, user_id.as_str())) % day;
    let since = (now.as_millis() - time_of_day).rem_euclid(day);
    Timestamp::from_millis(now.as_millis() - since).after(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_has_a_time_of_day_and_they_are_spread_over_it() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let mut hours = [0_u32; 24];
        for number in 0..2_400 {
            let user_id = UserId::try_from(format!("user{number}")).unwrap();
            let next = next_reading(now, &user_id);
            assert!(now < next && next <= now.after(DAY));
            let almost = next.before(Duration::from_millis(1));
            assert_eq!(next_reading(almost, &user_id), next);
            assert_eq!(next_reading(next, &user_id), next.after(DAY));
            let hour = next.as_millis().rem_euclid(86_400_000) / 3_600_000;
            hours[usize::try_from(hour).unwrap()] += 1;
        }
        assert!(
            hours.iter().all(|users| (60..=140).contains(users)),
            "{hours:?}"
        );
    }
}
