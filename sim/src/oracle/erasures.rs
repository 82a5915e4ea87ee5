//! What a deletion of a user means.

use super::{Oracle, User, replies::Place};
use crate::marks::Mark;
use queue_core::{domain::Tier, gate::account::Account};
use std::collections::BTreeMap;

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

    /// What a turn left of the account.
    pub(crate) fn account(&mut self, place: Place, account: Option<&Account>) {
        let user = &mut self.users[place.user];
        user.walks = account.is_some_and(|account| account.walk.is_some());
        if account.is_none() && user.erasing {
            *user = User {
                erasing: false,
                erased_at: Some(place.now),
                tier: Tier::default(),
                events: BTreeMap::new(),
                ..user.clone()
            };
            self.tally.mark(Mark::UserDeleted);
        }
    }
}
