//! What a deletion of a user means.

use super::{Oracle, User, account::Months, replies::Place};
use crate::marks::Mark;
use queue_core::domain::Tier;

impl Oracle {
    /// A deletion was taken note of: whatever waits may end, and what runs must.
    pub(super) fn erases(&mut self, user: usize) {
        self.users[user].erasing = true;
        for fact in self.jobs.iter_mut().filter(|fact| fact.user == user) {
            if fact.recorded.is_some() && !fact.state.is_final() {
                fact.cancelled = true;
                fact.cancel_noted |= fact.state.holds_lease();
            }
        }
    }

    /// Whether the account is known after a turn.
    pub(crate) fn account(&mut self, place: Place, is_known: bool) {
        let user = &mut self.users[place.user];
        if !is_known && user.erasing {
            let subscriptions = std::mem::take(&mut user.subscriptions);
            user.marked.extend(subscriptions.into_keys());
            *user = User {
                erasing: false,
                erased_at: Some(place.now),
                tier: Tier::default(),
                months: Months::default(),
                ..user.clone()
            };
            self.tally.mark(Mark::UserDeleted);
        }
    }
}
