//! Tells gates what an event says, and notes what an operator should look at.

use super::{
    ledger::{Fact, Ledger, Link},
    mark::marks,
};
use crate::{
    config::secret::StripeSecret,
    domain::{Plans, Subscription, Timestamp, UserId, subscription::SubscriptionStatus},
    gate::command::{AccountView, PlanChange, PlanEvent, PlanOutcome},
};

/// What an operator should look at.
pub mod doubt {
    /// Two customers pay for one user; perhaps one is a stranger.
    pub const SECOND_CUSTOMER: &str = "a second customer pays for this user";
    /// A customer's checkouts name two users.
    pub const SECOND_USER: &str = "its customer was another user before";
    /// The metadata name another user than before.
    pub const MOVED: &str = "its subscription was another user's before";
    /// `unknownPrice` is `refuse`.
    pub const UNKNOWN_PRICE: &str = "PLANS has none of its prices; its subscription gives nothing";
    /// Too much is kept of its customer.
    pub const NO_ROOM: &str = "too many events of its customer wait for a user; it is not kept";
    /// The user has too many subscriptions that give something.
    pub const FULL: &str = "its user has too many subscriptions; it changes nothing";
}

/// The time, and the rules.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The time.
    pub now: Timestamp,
    /// What a price gives.
    pub plans: &'a Plans,
    /// The keys of [`marks`].
    pub secrets: &'a [StripeSecret],
}

/// An event that is being applied.
pub(super) struct Telling<'a, L> {
    pub(super) ledger: &'a L,
    pub(super) rules: Rules<'a>,
    pub(super) doubts: Vec<&'static str>,
}

impl<'a, L: Ledger> Telling<'a, L> {
    pub(super) const fn new(ledger: &'a L, rules: Rules<'a>) -> Self {
        Self {
            ledger,
            rules,
            doubts: Vec::new(),
        }
    }

    /// Each doubt once.
    pub(super) fn into_doubts(self) -> Vec<&'static str> {
        let mut doubts = self.doubts;
        doubts.sort_unstable();
        doubts.dedup();
        doubts
    }

    /// The subscription is this user's, which may be news, and so is what is said of it.
    pub(super) async fn hold(
        &mut self,
        (user_id, is_new): (&UserId, bool),
        link: &Link,
        fact: &Fact,
    ) -> Result<PlanOutcome, L::Error> {
        if is_new {
            self.ledger.link(link, user_id).await?;
        }
        let outcome = self.tell((user_id, is_new), fact).await?;
        if outcome == PlanOutcome::Erased {
            self.ledger.unlink(link, user_id).await?;
        }
        Ok(outcome)
    }

    /// The subscription goes to another user: it ends here.
    pub(super) async fn leave(
        &self,
        holder: &UserId,
        fact: &Fact,
    ) -> Result<PlanOutcome, L::Error> {
        let ended = Subscription {
            status: SubscriptionStatus::Canceled,
            ..fact.subscription.clone()
        };
        let fact = Fact {
            subscription: ended,
            ..fact.clone()
        };
        let change = self.change(&fact);
        let (_, outcome) = self.ledger.set_plan(holder, change).await?;
        Ok(outcome)
    }

    /// Has the user's gate take it over.
    pub(super) async fn tell(
        &mut self,
        (user_id, is_new): (&UserId, bool),
        fact: &Fact,
    ) -> Result<PlanOutcome, L::Error> {
        let subscription = &fact.subscription;
        if self.rules.plans.refuses(subscription) {
            self.doubts.push(doubt::UNKNOWN_PRICE);
        }
        let change = self.change(fact);
        let (account, outcome) = self.ledger.set_plan(user_id, change).await?;
        match outcome {
            PlanOutcome::Full => self.doubts.push(doubt::FULL),
            PlanOutcome::Applied if is_new && has_another(&account, subscription) => {
                self.doubts.push(doubt::SECOND_CUSTOMER);
            }
            PlanOutcome::Applied
            | PlanOutcome::Repeated
            | PlanOutcome::Outdated
            | PlanOutcome::Erased => {}
        }
        Ok(outcome)
    }

    /// Whether the user was deleted since the event came about.
    pub(super) async fn is_erased(
        &self,
        user_id: &UserId,
        (id, created): (&str, Timestamp),
    ) -> Result<bool, L::Error> {
        let event = PlanEvent {
            id: id.to_owned(),
            created,
            is_read: false,
            began: None,
            has_turned: false,
            marks: Vec::new(),
        };
        let question = by_stripe(None, event);
        let (_, outcome) = self.ledger.set_plan(user_id, question).await?;
        Ok(outcome == PlanOutcome::Erased)
    }

    fn change(&self, fact: &Fact) -> PlanChange {
        let told = &fact.subscription;
        let marks = if told.is_provisional() {
            // A customer may come back after a deletion.
            Vec::new()
        } else {
            marks(self.rules.secrets, &told.id)
        };
        let event = PlanEvent {
            id: fact.event_id.clone(),
            created: fact.as_of,
            is_read: fact.is_read,
            began: fact.began,
            has_turned: fact.has_turned,
            marks,
        };
        by_stripe(Some(told.clone()), event)
    }
}

fn by_stripe(subscription: Option<Subscription>, event: PlanEvent) -> PlanChange {
    PlanChange {
        account_type: None,
        subscription: subscription.map(Some),
        keeps_price: false,
        by: "stripe".to_owned(),
        event: Some(event),
    }
}

/// Whether somebody else pays for the user, too.
fn has_another(account: &AccountView, subscription: &Subscription) -> bool {
    let paid = account.plan.iter().flat_map(|plan| &plan.subscriptions);
    let mut customers = paid.filter_map(|view| view.subscription.customer.as_ref());
    let own = subscription.customer.as_ref();
    own.is_some_and(|own| customers.any(|customer| customer != own))
}

/// An outcome in a few words.
pub(super) const fn text(outcome: PlanOutcome) -> &'static str {
    match outcome {
        PlanOutcome::Applied => "applied",
        PlanOutcome::Repeated => "repeated",
        PlanOutcome::Outdated | PlanOutcome::Erased => "outdated",
        PlanOutcome::Full => "too many subscriptions",
    }
}
