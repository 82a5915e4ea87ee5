//! What is told of subscriptions: by events, which may be late or lost, and by the list, which somebody has read.

use super::{
    World,
    call::{Ask, Caller},
    clients::TRIES,
    event::Event,
};
use crate::{marks::Mark, stripe::TierChange};
use queue_core::{
    domain::{Subscription, Timestamp},
    gate::{
        Command,
        command::{PlanChange, PlanEvent},
    },
};

impl World {
    /// As a webhook tells it: however late, it has the date of when it came about.
    pub(super) fn set_plan(&mut self, number: usize, tries: u32) {
        let change = self.plan.stripe.changes[number];
        let TierChange { user, created, .. } = change;
        self.say(|| format!("event {number}: {change:?}"));
        if change.is_lost {
            self.mark(Mark::PlanEventLost);
            return;
        }
        let created = Timestamp::from_millis(self.plan.start + created);
        let event = PlanEvent {
            id: format!("evt_{number}"),
            created,
            is_read: false,
            began: None,
            has_turned: self.plan.stripe.has_turned(number),
            marks: Vec::new(),
        };
        let command = told(change, event);
        if self.dice.chance(self.rates.repeat) {
            self.call(Ask::Gate(user, command.clone()), Caller::Nobody);
        }
        let caller = Caller::SetPlan {
            change: number,
            tries,
        };
        self.is_repriced(user);
        self.call(Ask::Gate(user, command), caller);
    }

    pub(super) fn plan_set(&mut self, number: usize, tries: u32, answered: bool) {
        if !answered && tries < TRIES {
            self.after(1_000, Event::SetPlan(number, tries + 1));
        }
    }

    /// All that Stripe lists of a user is told, as of now. What has ended and is not known has nothing to end.
    pub(super) fn reconcile(&mut self, user: usize, tries: u32) {
        let asked_at = Timestamp::from_millis(self.now);
        let listed: Vec<_> = self.plan.stripe.list(user, self.elapsed()).collect();
        self.say(|| format!("the list of user{user} is read: {listed:?}"));
        for (change, began) in listed {
            let known = &self.oracle.users[user].subscriptions;
            if change.status.is_final() && !known.contains_key(&id(change)) {
                continue;
            }
            let event = PlanEvent {
                id: format!("reconcile_{}", self.now),
                created: asked_at,
                is_read: true,
                began: Some(Timestamp::from_millis(self.plan.start + began)),
                has_turned: false,
                marks: Vec::new(),
            };
            self.is_repriced(user);
            let caller = Caller::Reconcile { user, tries };
            self.call(Ask::Gate(user, told(change, event)), caller);
        }
    }

    /// Whoever gets no answer has it read once more.
    pub(super) fn reconciled(&mut self, user: usize, tries: u32, answered: bool) {
        if !answered && tries < TRIES {
            self.after(1_000, Event::Reconcile(user, tries + 1));
        }
    }
}

fn id(change: TierChange) -> String {
    format!("sub_{}", change.subscription)
}

fn told(change: TierChange, mut event: PlanEvent) -> Command {
    let id = id(change);
    event.marks = vec![format!("mark of {id}")];
    let price = (!change.status.is_final()).then(|| change.tier.name().to_owned());
    Command::SetPlan(PlanChange {
        account_type: None,
        keeps_price: false,
        by: "stripe".to_owned(),
        subscription: Some(Some(Subscription {
            id,
            status: change.status,
            since: event.created,
            price_ids: price.into_iter().collect(),
            customer: None,
        })),
        event: Some(event),
    })
}
