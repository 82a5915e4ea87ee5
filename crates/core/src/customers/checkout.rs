//! A checkout: notes whose its customer and its subscription are, takes up what waited for that, and only then says what it
//! says itself, which is that something is paid, but at no price.

use super::{
    ledger::{Fact, Kept, Ledger, Link},
    telling::{Telling, doubt, text},
};
use crate::{
    api::stripe::event::StripeId,
    domain::{Subscription, Timestamp, UserId},
    gate::command::PlanOutcome,
};

const NOT_PAID: &str = "no paid subscription";

impl<L: Ledger> Telling<'_, L> {
    /// Applies a checkout of this user.
    pub(super) async fn checkout(
        &mut self,
        user_id: &UserId,
        (link, customer): (Option<Link>, Option<StripeId>),
        (event_id, as_of): (&str, Timestamp),
        subscription: Option<Subscription>,
    ) -> Result<&'static str, L::Error> {
        let holder = match &link {
            Some(link) => self.ledger.user_of(link).await?,
            None => None,
        };
        let bought = link.filter(|_| holder.is_none());
        let links = self.note(user_id, bought, customer.clone()).await?;
        let (mut outcome, mut counted) = (None, false);
        if self.is_erased(user_id, (event_id, as_of)).await? {
            outcome = Some(PlanOutcome::Erased);
        } else {
            if let Some(customer) = &customer {
                counted = self.take_up(user_id, customer).await?;
            }
            if let Some(subscription) = subscription {
                let fact = Fact {
                    event_id: event_id.to_owned(),
                    as_of,
                    is_read: false,
                    began: None,
                    has_turned: false,
                    subscription,
                };
                let owner = holder.as_ref().unwrap_or(user_id);
                outcome = Some(self.tell((owner, true), &fact).await?);
            }
        }
        if outcome == Some(PlanOutcome::Erased) {
            for link in &links {
                self.ledger.unlink(link, user_id).await?;
            }
        }
        Ok(match outcome {
            Some(PlanOutcome::Outdated) if counted => text(PlanOutcome::Applied),
            Some(outcome) => text(outcome),
            None => NOT_PAID,
        })
    }

    /// Notes whose they are.
    async fn note(
        &mut self,
        user_id: &UserId,
        bought: Option<Link>,
        customer: Option<StripeId>,
    ) -> Result<Vec<Link>, L::Error> {
        let payer = customer.map(Link::Customer);
        if let Some(payer) = &payer {
            let before = self.ledger.user_of(payer).await?;
            if before.is_some_and(|before| before != *user_id) {
                self.doubts.push(doubt::SECOND_USER);
            }
        }
        let links: Vec<_> = bought.into_iter().chain(payer).collect();
        for link in &links {
            self.ledger.link(link, user_id).await?;
        }
        Ok(links)
    }

    /// Applies what waited for the customer's user. Says whether any of it counted.
    async fn take_up(&mut self, user_id: &UserId, customer: &StripeId) -> Result<bool, L::Error> {
        let now = self.rules.now;
        let kept = self.ledger.kept(customer).await?;
        let mut counted = false;
        for Kept { fact, .. } in kept.iter().filter(|kept| !kept.is_over(now)) {
            let Some(id) = StripeId::of(&fact.subscription.id) else {
                continue;
            };
            let link = Link::Subscription(id);
            let holder = self.ledger.user_of(&link).await?;
            let owner = holder.as_ref().unwrap_or(user_id);
            let outcome = self.hold((owner, true), &link, fact).await?;
            counted |= outcome == PlanOutcome::Applied;
        }
        if !kept.is_empty() {
            self.ledger.let_go(customer, &kept).await?;
        }
        Ok(counted)
    }
}
