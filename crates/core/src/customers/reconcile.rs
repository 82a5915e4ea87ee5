//! Mends a user's subscriptions by what Stripe lists of the user's customers, so that a webhook that was lost does not last.
//!
//! The whole list is read before any of it is told: if a part cannot be read, nothing changes. What the account knows of a
//! customer and the list does not have is ended. Everything is told as an event of the moment at which the list was asked
//! for, in its own order; so what a webhook tells later wins.

use super::{
    ledger::{Fact, Ledger, Link},
    telling::{Rules, Telling},
};
use crate::{
    api::stripe::{
        StripeId,
        list::{ListFault, Listed, Page, path},
    },
    config::stripe::StripeScope,
    domain::{
        Subscription, Timestamp, UserId,
        subscription::SubscriptionStatus::{self, Active, PastDue, Trialing},
    },
    gate::{command::AccountView, subscriptions::SUBSCRIPTIONS_MAX},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Pages that are read of all customers of one user.
pub const PAGES_MAX: usize = 10;

/// How long reading them may take.
pub const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// A list that is being read.
#[derive(Debug)]
pub struct Reading<'a> {
    scope: &'a StripeScope,
    asked_at: Timestamp,
    /// What the account knows, by id.
    known: BTreeMap<String, Subscription>,
    customers: BTreeSet<StripeId>,
    /// Whose list is still to be read.
    left: Vec<StripeId>,
    /// The last subscription of the page before.
    after: Option<StripeId>,
    pages: usize,
    listed: Vec<Listed>,
}

/// What the list says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Findings {
    /// What it has, with the user that the metadata name. What gives something comes first, so that nobody loses a tier in between.
    pub listed: Vec<(Option<UserId>, Fact)>,
    /// What it does not have.
    pub missing: Vec<Fact>,
}

impl<'a> Reading<'a> {
    /// Begins with the user's customers: those who pay for the account, and those who are linked to it. `None` if there are none.
    #[must_use]
    pub fn of(
        asked_at: Timestamp,
        scope: &'a StripeScope,
        account: &AccountView,
        links: &[Link],
    ) -> Option<Self> {
        let plan = account.plan.iter().flat_map(|plan| &plan.subscriptions);
        let known = plan.map(|view| view.subscription.clone());
        let known: BTreeMap<_, _> = known.map(|known| (known.id.clone(), known)).collect();
        let paying = known.values().filter_map(|known| known.customer.as_ref());
        let linked = links.iter().filter_map(|link| match link {
            Link::Customer(customer) => Some(customer.clone()),
            Link::Subscription(_) | Link::Mailbox(_) => None,
        });
        let customers: BTreeSet<_> = paying
            .filter_map(|customer| StripeId::of(customer))
            .chain(linked)
            .collect();
        (!customers.is_empty()).then(|| Self {
            scope,
            asked_at,
            known,
            left: customers.iter().cloned().collect(),
            customers,
            after: None,
            pages: 0,
            listed: Vec::new(),
        })
    }

    /// The path and query to ask for next; `None` if all is read.
    ///
    /// # Errors
    /// [`ListFault::TooMany`] if that would be one page too many.
    pub fn wanted(&self) -> Result<Option<String>, ListFault> {
        let Some(customer) = self.left.last() else {
            return Ok(None);
        };
        if self.pages >= PAGES_MAX {
            return Err(ListFault::TooMany);
        }
        Ok(Some(path(customer, self.after.as_ref())))
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ListFault`] says what is wrong with it; then the account stays as it is.
    pub fn answered(&mut self, status: u16, body: &[u8]) -> Result<(), ListFault> {
        if status != 200 {
            return Err(ListFault::Status(status));
        }
        let Some(customer) = self.left.last() else {
            return Ok(());
        };
        let page = Page::read(self.asked_at, customer, self.scope, body)?;
        self.pages += 1;
        self.after = page.listed.last().map(|last| last.id.clone());
        self.listed.extend(page.listed);
        if !page.more {
            self.left.pop();
            self.after = None;
        }
        Ok(())
    }

    /// What the list says, when all of it is read.
    #[must_use]
    pub fn findings(self) -> Findings {
        let missing = self.missing();
        let missing = missing.map(|known| Subscription {
            status: SubscriptionStatus::Canceled,
            since: self.asked_at,
            ..known.clone()
        });
        let missing = missing.map(|ended| self.fact(None, ended)).collect();
        let (mut known, mut others) = (Vec::new(), Vec::new());
        for item in &self.listed {
            let Some(subscription) = item.subscription.clone() else {
                continue;
            };
            let (is_known, is_over) = (
                self.known.contains_key(&subscription.id),
                subscription.status.is_final(),
            );
            let told = (item.user_id.clone(), self.fact(item.began, subscription));
            if is_known {
                known.push(told);
            } else if !is_over {
                // What has ended and is not known has nothing to end.
                others.push(told);
            }
        }
        let gives_nothing = |(_, fact): &(_, Fact)| {
            !matches!(fact.subscription.status, Active | Trialing | PastDue)
        };
        others.sort_by_key(gives_nothing);
        others.truncate(SUBSCRIPTIONS_MAX);
        known.extend(others);
        known.sort_by_key(gives_nothing);
        Findings {
            listed: known,
            missing,
        }
    }

    /// What the account knows of these customers, and the list does not have.
    fn missing(&self) -> impl Iterator<Item = &Subscription> {
        let ids: BTreeSet<_> = self.listed.iter().map(|item| item.id.as_str()).collect();
        let listed = self.listed.iter();
        let listed = listed.filter_map(|item| item.subscription.as_ref());
        let billed: BTreeSet<_> = listed
            .filter(|listed| !listed.status.is_final())
            .filter_map(|listed| listed.customer.as_deref())
            .collect();
        self.known.values().filter(move |known| {
            let customer = known.customer.as_deref();
            let is_read = customer
                .and_then(StripeId::of)
                .is_some_and(|customer| self.customers.contains(&customer));
            // What a checkout stood for has come, if the customer has any.
            let is_replaced =
                known.is_provisional() && customer.is_some_and(|of| billed.contains(of));
            let is_there = ids.contains(known.id.as_str()) || is_replaced;
            is_read && !is_there && !known.status.is_final()
        })
    }

    fn fact(&self, began: Option<Timestamp>, subscription: Subscription) -> Fact {
        Fact {
            has_turned: false,
            event_id: event_id(self.asked_at),
            as_of: self.asked_at,
            is_read: true,
            began,
            subscription,
        }
    }
}

/// What stands for the id of an event, where it was asked for at that time.
#[must_use]
pub fn event_id(asked_at: Timestamp) -> String {
    format!("reconcile_{}", asked_at.as_millis())
}

/// Tells what the list says of this user's customers, and returns what an operator should look at, see [`doubt`].
///
/// [`doubt`]: super::telling::doubt
///
/// # Errors
/// When the ledger fails; to do it again is harmless.
pub async fn mend<L: Ledger>(
    ledger: &L,
    rules: Rules<'_>,
    user_id: &UserId,
    findings: Findings,
) -> Result<Vec<&'static str>, L::Error> {
    let mut telling = Telling::new(ledger, rules);
    for (named, fact) in findings.listed {
        let told = &fact.subscription;
        let customer = told.customer.as_deref().and_then(StripeId::of);
        if let Some(id) = StripeId::of(&told.id) {
            let link = Link::Subscription(id);
            telling.subscription(named, &link, customer, fact).await?;
        }
    }
    for fact in findings.missing {
        telling.tell((user_id, false), &fact).await?;
    }
    Ok(telling.into_doubts())
}
