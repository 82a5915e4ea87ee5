//! What is noted in the bucket beside the gates: whose Stripe's customers, their subscriptions, and mailboxes are, and what
//! waits for a user.

use crate::{clients::GateClient, clock, daily};
use queue_core::{
    api::stripe::event::StripeId,
    bindings,
    customers::ledger::{KEPT, KEPT_FOR, Kept, Ledger, Link, kept_of, links_of},
    domain::UserId,
    gate::{
        Command, Reply,
        command::{AccountView, PlanChange, PlanOutcome},
    },
};
use std::collections::HashMap;
use worker::{Bucket, Env, Error, Include, Result};

/// The name of the metadata that hold what is kept, so that one listing shows all of it.
const FACT: &str = "fact";

/// The bucket and the gates.
pub(crate) struct Customers<'a> {
    pub(crate) env: &'a Env,
}

impl Customers<'_> {
    fn bucket(&self) -> Result<Bucket> {
        self.env.bucket(bindings::ARTIFACTS)
    }

    async fn put(&self, key: String, text: String) -> Result<()> {
        self.bucket()?.put(key, text).execute().await.map(drop)
    }

    /// The links of a user, or of very many the first.
    pub(crate) async fn links(&self, user_id: &UserId) -> Result<Vec<Link>> {
        let bucket = self.bucket()?;
        let page = bucket.list().prefix(links_of(user_id)).execute().await?;
        let objects = page.objects();
        let links = objects.iter();
        Ok(links
            .filter_map(|object| Link::from_key(&object.key(), user_id))
            .collect())
    }

    /// Deletes all links of a user.
    pub(crate) async fn forget(&self, user_id: &UserId) -> Result<()> {
        let bucket = self.bucket()?;
        loop {
            let listed = bucket.list().prefix(links_of(user_id));
            let page = listed.execute().await?;
            for object in page.objects() {
                match Link::from_key(&object.key(), user_id) {
                    Some(link) => self.unlink(&link, user_id).await?,
                    None => bucket.delete(object.key()).await?,
                }
            }
            if !page.truncated() {
                return Ok(());
            }
        }
    }
}

/// Deletes what has waited too long for a user. Never fails: what is left is deleted the next day.
pub(crate) async fn expire(env: &Env) {
    let now = clock::now();
    let run = daily::delete(env, KEPT, |stored_at| stored_at.after(KEPT_FOR) <= now);
    let what = "old events of Stripe's customers could not be deleted";
    daily::log_fault(env, what, run.await.map(drop));
}

impl Ledger for Customers<'_> {
    type Error = Error;

    async fn user_of(&self, link: &Link) -> Result<Option<UserId>> {
        let Some(object) = self.bucket()?.get(link.key()).execute().await? else {
            return Ok(None);
        };
        let Some(body) = object.body() else {
            return Ok(None);
        };
        Ok(UserId::try_from(body.text().await?).ok())
    }

    async fn link(&self, link: &Link, user_id: &UserId) -> Result<()> {
        self.put(link.key_of(user_id), String::new()).await?;
        self.put(link.key(), user_id.as_str().to_owned()).await
    }

    async fn unlink(&self, link: &Link, user_id: &UserId) -> Result<()> {
        if self.user_of(link).await?.as_ref() == Some(user_id) {
            self.bucket()?.delete(link.key()).await?;
        }
        self.bucket()?.delete(link.key_of(user_id)).await
    }

    async fn kept(&self, customer: &StripeId) -> Result<Vec<Kept>> {
        let bucket = self.bucket()?;
        let listed = bucket.list().prefix(kept_of(customer));
        let page = listed
            .include(vec![Include::CustomMetadata])
            .execute()
            .await?;
        let mut kept = Vec::new();
        for object in page.objects() {
            let text = object.custom_metadata()?.remove(FACT);
            kept.extend(text.and_then(|text| serde_json::from_str(&text).ok()));
        }
        Ok(kept)
    }

    async fn keep(&self, customer: &StripeId, kept: &Kept) -> Result<()> {
        // All ids are ASCII, as metadata must be, and together below the 8,192 bytes that an object may have (R2 limits).
        let metadata = HashMap::from([(FACT.to_owned(), serde_json::to_string(kept)?)]);
        let bucket = self.bucket()?;
        let put = bucket.put(kept.key(customer), Vec::new());
        put.custom_metadata(metadata).execute().await.map(drop)
    }

    async fn let_go(&self, customer: &StripeId, kept: &[Kept]) -> Result<()> {
        let keys: Vec<String> = kept.iter().map(|kept| kept.key(customer)).collect();
        self.bucket()?.delete_multiple(keys).await
    }

    async fn set_plan(
        &self,
        user_id: &UserId,
        change: PlanChange,
    ) -> Result<(AccountView, PlanOutcome)> {
        let gates = GateClient::new(self.env);
        let reply = gates.ask(user_id, Command::SetPlan(change)).await?;
        let Reply::PlanSet { account, outcome } = reply else {
            let what = "a gate gave an unexpected reply".to_owned();
            return Err(Error::RustError(what));
        };
        Ok((account, outcome))
    }
}
