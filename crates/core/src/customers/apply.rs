//! Applies an event: finds out whose it is, and has that user's gate take it over.
//!
//! # No order loses a tier
//! What is told of a customer whose user nobody knows is kept, and *then* it is looked up once more whether somebody does by
//! now. A checkout notes whose the customer is, and *then* looks for what is kept. So whichever comes second finds the
//! other.
//!
//! # Whose a subscription is
//! - The user's whom the metadata name, which only the product sets. If they name another than before, it moves: it ends
//!   where it was, unless something newer is known there, and goes on at the other user.
//! - Else the user's whom its checkout named; there it stays.
//! - Else the user's whom the latest checkout of its customer named.
//!
//! # Deletion
//! Links are noted before the gate is asked, and removed if it says that the user was deleted. Who deletes a user tells the
//! gate first and removes the links afterwards. So none is left.

use super::{
    ledger::{Fact, KEPT_MAX, Kept, Ledger, Link},
    telling::{Rules, Telling, doubt, text},
};
use crate::{
    api::stripe::event::{Effect, StripeEvent, StripeId},
    domain::UserId,
    gate::command::PlanOutcome,
};

const NO_USER: &str = "no user found";

/// What was done with an event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Applied {
    /// The user whose plan it is about, if known.
    pub user_id: Option<UserId>,
    /// The outcome in a few words, for the answer and the log.
    pub outcome: &'static str,
    /// What an operator should look at: see [`doubt`].
    pub doubts: Vec<&'static str>,
}

/// Applies an event. Applying it again changes nothing.
///
/// # Errors
/// When the ledger fails; Stripe is to send the event again.
pub async fn apply<L: Ledger>(
    ledger: &L,
    rules: Rules<'_>,
    event: StripeEvent,
) -> Result<Applied, L::Error> {
    let mut telling = Telling::new(ledger, rules);
    let event_id = event.id;
    let (user_id, outcome) = match event.effect {
        Effect::Nothing(why) => (None, why),
        Effect::Subscription {
            user_id,
            id,
            customer,
            began,
            subscription,
            has_turned,
            as_of,
        } => {
            let fact = Fact {
                event_id,
                as_of,
                is_read: false,
                began,
                has_turned,
                subscription,
            };
            let link = Link::Subscription(id);
            telling.subscription(user_id, &link, customer, fact).await?
        }
        Effect::Checkout { user_id: None, .. } => (None, NO_USER),
        Effect::Checkout {
            user_id: Some(user_id),
            id,
            customer,
            subscription,
            as_of,
        } => {
            let of = (id.map(Link::Subscription), customer);
            let event = (event_id.as_str(), as_of);
            let outcome = telling.checkout(&user_id, of, event, subscription).await?;
            (Some(user_id), outcome)
        }
    };
    Ok(Applied {
        user_id,
        outcome,
        doubts: telling.into_doubts(),
    })
}

impl<L: Ledger> Telling<'_, L> {
    /// Applies what is said of a subscription; says whose it is, and the outcome.
    pub(super) async fn subscription(
        &mut self,
        named: Option<UserId>,
        link: &Link,
        customer: Option<StripeId>,
        fact: Fact,
    ) -> Result<(Option<UserId>, &'static str), L::Error> {
        let found = match named {
            Some(named) => {
                let holder = self.ledger.user_of(link).await?;
                let is_new = holder.as_ref() != Some(&named);
                if let Some(holder) = holder.filter(|_| is_new) {
                    let left = self.leave(&holder, &fact).await?;
                    if left == PlanOutcome::Outdated {
                        return Ok((Some(holder), text(left)));
                    }
                    self.doubts.push(doubt::MOVED);
                }
                Some((named, is_new))
            }
            None => self.owner(link, customer.as_ref()).await?,
        };
        if let Some((user_id, is_new)) = found {
            let outcome = self.hold((&user_id, is_new), link, &fact).await?;
            return Ok((Some(user_id), text(outcome)));
        }
        let Some(customer) = customer else {
            return Ok((None, NO_USER));
        };
        let kept = self.keep(&customer, fact).await?;
        let Some((user_id, is_new)) = self.owner(link, Some(&customer)).await? else {
            return Ok((None, NO_USER));
        };
        let outcome = self.hold((&user_id, is_new), link, &kept.fact).await?;
        self.ledger.let_go(&customer, &[kept]).await?;
        Ok((Some(user_id), text(outcome)))
    }

    /// Whose a subscription is, and whether that is news.
    async fn owner(
        &self,
        link: &Link,
        customer: Option<&StripeId>,
    ) -> Result<Option<(UserId, bool)>, L::Error> {
        if let Some(holder) = self.ledger.user_of(link).await? {
            return Ok(Some((holder, false)));
        }
        let Some(customer) = customer.cloned() else {
            return Ok(None);
        };
        let user_id = self.ledger.user_of(&Link::Customer(customer)).await?;
        Ok(user_id.map(|user_id| (user_id, true)))
    }

    /// Keeps a fact of a customer whose user is not known, if there is room.
    async fn keep(&mut self, customer: &StripeId, fact: Fact) -> Result<Kept, L::Error> {
        let now = self.rules.now;
        let is_useless = |kept: &Kept| kept.is_over(now) || kept.is_replaced_by(&fact);
        let kept = self.ledger.kept(customer).await?;
        let (useless, others): (Vec<_>, Vec<_>) = kept.into_iter().partition(is_useless);
        let kept = Kept { since: now, fact };
        if others.len() < KEPT_MAX {
            self.ledger.keep(customer, &kept).await?;
        } else {
            self.doubts.push(doubt::NO_ROOM);
        }
        if !useless.is_empty() {
            self.ledger.let_go(customer, &useless).await?;
        }
        Ok(kept)
    }
}
