//! What the gates answer about plans, and what a plan means for the jobs.

use super::{Oracle, User, Violation, account::Bought, replies::Place, require};
use crate::marks::Mark;
use queue_core::{
    domain::{Subscription, Tier},
    gate::{
        Command, Reply,
        command::{NewJob, PlanChange, PlanEvent, PlanOutcome},
    },
};

impl User {
    /// Whether the tier is that of a plan. Here each plan comes with an event.
    pub(crate) fn is_planned(&self) -> bool {
        !self.subscriptions.is_empty()
    }
}

impl Oracle {
    /// A turn that may be about plans was answered.
    pub(super) fn of_plans(
        &mut self,
        place: Place,
        command: &Command,
        reply: &Reply,
    ) -> Result<(), Violation> {
        let user = place.user;
        match (command, reply) {
            (Command::DeleteUser, Reply::UserDeleted { .. }) => {
                self.erases(user);
                Ok(())
            }
            (Command::SetPlan(change), Reply::PlanSet { outcome, .. }) => {
                self.plan_set(place, change, *outcome)
            }
            _ => Ok(()),
        }
    }

    /// A submission was refused because of what it states.
    pub(super) fn refused(
        &self,
        place: Place,
        new: &NewJob,
        allowed: Tier,
    ) -> Result<(), Violation> {
        let user = &self.users[place.user];
        let stated = new.stated_tier;
        let right = user.is_planned() && allowed == user.tier && stated > Some(user.tier);
        require(right, "P10 entitled", || {
            format!("{stated:?} was refused, {allowed} allowed: {user:?}")
        })
    }

    /// A change of a plan was answered, as it had to be: each event counts once, and none older than another of its
    /// subscription.
    fn plan_set(
        &mut self,
        Place { user, now }: Place,
        change: &PlanChange,
        outcome: PlanOutcome,
    ) -> Result<(), Violation> {
        let (Some(event), Some(Some(told))) = (&change.event, &change.subscription) else {
            return require(false, "P3 plans", || format!("{change:?}"));
        };
        let User {
            subscriptions,
            marked,
            erasing,
            erased_at,
            ..
        } = &self.users[user];
        let since = event
            .began
            .map_or(event.created, |began| began.min(event.created));
        let is_of_before = erased_at.is_some_and(|at| since <= at);
        let nothing = Bought::default();
        let events = &subscriptions.get(&told.id).unwrap_or(&nothing).events;
        let by_events = if events.contains_key(&event.id) {
            PlanOutcome::Repeated
        } else if events.values().any(|created| event.created < *created) {
            PlanOutcome::Outdated
        } else {
            PlanOutcome::Applied
        };
        // A deletion of the future was recorded by a clock that was ahead, or is read by one that is behind. The gate can't
        // know which, and need not: nobody who came back goes without the plan that is paid for.
        let is_doubtful = erased_at.is_some_and(|at| at > now);
        let right = if *erasing || marked.contains(&told.id) {
            outcome == PlanOutcome::Erased
        } else if is_of_before {
            outcome == PlanOutcome::Erased || is_doubtful && outcome == by_events
        } else {
            outcome == by_events
        };
        require(right, "P3 plans", || {
            format!(
                "{event:?} was {outcome:?} after {events:?}, deleted at {erased_at:?}, now {now:?}"
            )
        })?;
        match outcome {
            PlanOutcome::Repeated => self.tally.mark(Mark::PlanRepeated),
            PlanOutcome::Outdated => self.tally.mark(Mark::PlanOutdated),
            PlanOutcome::Erased | PlanOutcome::Full => {}
            PlanOutcome::Applied => {
                self.tally.mark(Mark::PlanSet);
                self.bought(Place { user, now }, told, event);
            }
        }
        Ok(())
    }

    /// The user has the best tier that any subscription gives.
    fn bought(&mut self, place: Place, told: &Subscription, event: &PlanEvent) {
        let known = &mut self.users[place.user].subscriptions;
        let bought = known.entry(told.id.clone()).or_default();
        let before = (bought.tier, bought.due_since);
        bought.tells(told, event);
        if event.is_read && before != (bought.tier, bought.due_since) {
            self.tally.mark(Mark::PlanMended);
        }
        match (before.1, bought.due_since, bought.tier) {
            (None, Some(_), _) => self.tally.mark(Mark::PaymentDue),
            (Some(_), None, Some(_)) => self.tally.mark(Mark::PaidLate),
            _ => {}
        }
        let gives = bought.tier;
        self.users[place.user].repriced = true;
        self.ends_graces(place);
        let (best, _) = self.standing(place.user);
        if Some(best) > gives {
            self.tally.mark(Mark::PlanOfAnother);
        }
        self.tier(place.user, best);
    }

    /// The tier that a turn gave to the user's jobs, if it did.
    pub(super) fn new_tier(&self, user: usize) -> Option<Tier> {
        let user = &self.users[user];
        user.repriced.then_some(user.tier)
    }

    /// What a job that states `stated` is recorded as; with a plan, nothing above that.
    pub(super) fn entitled(&self, user: usize, stated: Option<Tier>) -> Option<Tier> {
        let user = &self.users[user];
        if user.is_planned() {
            Some(stated.unwrap_or(user.tier)).filter(|tier| *tier <= user.tier)
        } else {
            Some(stated.unwrap_or_default())
        }
    }
}
