//! Grace: how long a subscription that is past due still counts, by the gate's clock, whoever calls or nobody.

use super::{Oracle, replies::Place};
use crate::marks::Mark;
use queue_core::{
    domain::{Tier, Timestamp},
    gate::Command,
};

impl Oracle {
    /// Before anything else in a turn: what time took away is gone.
    pub(crate) fn begins(&mut self, place: Place, command: &Command) {
        let user = &mut self.users[place.user];
        user.repriced = false;
        if user.erasing || !user.is_planned() {
            return;
        }
        self.ends_graces(place);
        let (tier, _) = self.standing(place.user);
        let user = &mut self.users[place.user];
        if tier == user.tier {
            return;
        }
        user.repriced = true;
        self.tier(place.user, tier);
        self.tally.mark(if matches!(command, Command::Wake { .. }) {
            Mark::GraceEndedAsleep
        } else {
            Mark::GraceEnded
        });
    }

    /// What has ended stays ended, also if the clock is set back.
    pub(super) fn ends_graces(&mut self, Place { user, now }: Place) {
        let length = self.config.plans.past_due_grace;
        for bought in self.users[user].subscriptions.values_mut() {
            let end = bought.due_since.map(|since| since.after(length));
            bought.is_over |=
                length.is_zero() && end.is_some() || end.is_some_and(|end| end <= now);
        }
    }

    /// The best tier that any subscription gives, and when time alone takes that away: of two that give it, what lasts
    /// longer counts.
    pub(super) fn standing(&self, user: usize) -> (Tier, Option<Timestamp>) {
        let length = self.config.plans.past_due_grace;
        let bought = self.users[user].subscriptions.values();
        let gives = bought
            .filter(|bought| !bought.is_over)
            .filter_map(|bought| {
                let until = bought.due_since.map(|since| since.after(length));
                Some((bought.tier?, until))
            });
        let lasts = |until: Option<Timestamp>| until.map_or(i64::MAX, Timestamp::as_millis);
        gives
            .max_by_key(|(tier, until)| (*tier, lasts(*until)))
            .unwrap_or_default()
    }

    /// When time alone takes the user's tier away.
    pub(super) fn tier_until(&self, user: usize) -> Option<Timestamp> {
        self.standing(user).1
    }
}
