//! A checkout: notes whose its customer and its subscription are, takes up what waited for that, and only then says what it
//! says itself, which is that something is paid, but at no price.

use super::{
    ledger::{Kept, Ledger, Link},
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
        event: (&str, Timestamp),
        subscription: Option<Subscription>,
    ) -> Result<&'static str, L::Error> {
        let holder = match &link {
            Some(link) => self.ledger.user_of(link).await?,
            None => None,
        };
        let bought = link.filter(|_| holder.is_none());
        let payer = customer.clone().map(Link::Customer);
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
        let owner = holder.as_ref().unwrap_or(user_id);
        let (outcome, answer) = self
            .paid((user_id, owner), customer, event, subscription)
            .await?;
        if outcome == PlanOutcome::Erased {
            for link in &links {
                self.ledger.unlink(link, user_id).await?;
            }
        }
        Ok(answer)
    }

    /// What the gates say, the last of them, and in a few words.
    async fn paid(
        &mut self,
        (user_id, owner): (&UserId, &UserId),
        customer: Option<StripeId>,
        event: (&str, Timestamp),
        subscription: Option<Subscription>,
    ) -> Result<(PlanOutcome, &'static str), L::Error> {
        let outcome = self.ask(user_id, event).await?;
        if outcome == PlanOutcome::Erased {
            return Ok((outcome, text(outcome)));
        }
        let counted = match customer {
            Some(customer) => self.take_up(user_id, &customer).await?,
            None => false,
        };
        let Some(subscription) = subscription else {
            return Ok((outcome, NOT_PAID));
        };
        let outcome = self.tell(owner, event, subscription).await?;
        let all = if counted {
            PlanOutcome::Applied
        } else {
            outcome
        };
        Ok((outcome, text(all)))
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
            let owner = (holder.as_ref().unwrap_or(user_id), holder.is_none());
            counted |= self.hold(owner, &link, fact).await? == PlanOutcome::Applied;
        }
        if !kept.is_empty() {
            self.ledger.let_go(customer, &kept).await?;
        }
        Ok(counted)
    }
}
