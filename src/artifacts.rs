//! The bucket: what stages made, and who Stripe's customers are. Its records of dead letters: [`crate::letters`].
//!
//! An artifact's key holds the epoch under which it was made, so that a late holder of an old lease never
//! writes over what its successor made.

use futures_util::{StreamExt, future::ready, stream};
use queue_core::{
    api::stripe::event::CustomerId,
    bindings,
    domain::{JobId, UserId},
    gate::job::ArtifactRecord,
};
use std::cell::Cell;
use storyboard::Artifact;
use worker::{Env, HttpMetadata, Object, Result};

/// Requests to the bucket at once (Workers limits: six connections that wait for headers).
const CONNECTIONS: usize = 6;

/// Where it lies which user a customer of Stripe is.
const CUSTOMERS: &str = "stripe-customers/";

fn folder(user_id: &UserId, job_id: &JobId) -> String {
    format!("stories/{user_id}/{job_id}/")
}

fn key(user_id: &UserId, job_id: &JobId, epoch: u32, name: &str) -> String {
    format!("{}{epoch}/{name}", folder(user_id, job_id))
}

/// Stores what a stage made and returns the records of it. Once `stops` is set, or the bucket has failed, no further
/// upload starts. When this ends, every upload that it started has ended: what is dropped still lands, at any time.
pub(crate) async fn store(
    env: &Env,
    user_id: &UserId,
    job_id: &JobId,
    epoch: u32,
    artifacts: Vec<Artifact>,
    stops: &Cell<bool>,
) -> Result<Vec<ArtifactRecord>> {
    let bucket = &env.bucket(bindings::ARTIFACTS)?;
    let put = |artifact: Artifact| async move {
        let record = ArtifactRecord {
            bytes: u64::try_from(artifact.bytes.len()).unwrap_or(u64::MAX),
            content_type: artifact.content_type.to_owned(),
            name: artifact.name,
            epoch,
        };
        let metadata = HttpMetadata {
            content_type: Some(record.content_type.clone()),
            ..HttpMetadata::default()
        };
        let stored = bucket
            .put(key(user_id, job_id, epoch, &record.name), artifact.bytes)
            .http_metadata(metadata)
            .execute()
            .await;
        if stored.is_err() {
            stops.set(true);
        }
        stored.map(|_| record)
    };
    let stored: Vec<Result<ArtifactRecord>> = stream::iter(artifacts)
        .take_while(|_| ready(!stops.get()))
        .map(put)
        .buffered(CONNECTIONS)
        .collect()
        .await;
    stored.into_iter().collect()
}

/// A stored artifact, if it is there.
pub(crate) async fn fetch(
    env: &Env,
    user_id: &UserId,
    job_id: &JobId,
    record: &ArtifactRecord,
) -> Result<Option<Object>> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    bucket
        .get(key(user_id, job_id, record.epoch, &record.name))
        .execute()
        .await
}

/// Deletes everything that any attempt of a job ever stored.
pub(crate) async fn delete_all(env: &Env, user_id: &UserId, job_id: &JobId) -> Result<()> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    let prefix = folder(user_id, job_id);
    loop {
        let page = bucket.list().prefix(prefix.clone()).execute().await?;
        let keys: Vec<String> = page.objects().iter().map(Object::key).collect();
        if !keys.is_empty() {
            bucket.delete_multiple(keys).await?;
        }
        if !page.truncated() {
            return Ok(());
        }
    }
}

/// Whether the bucket answers.
pub(crate) async fn answers(env: &Env) -> Result<()> {
    env.bucket(bindings::ARTIFACTS)?
        .head("healthz")
        .await
        .map(drop)
}

/// Remembers that a customer of Stripe is that user.
pub(crate) async fn link_user(env: &Env, customer: &CustomerId, user_id: &UserId) -> Result<()> {
    let key = format!("{CUSTOMERS}{}", customer.as_str());
    env.bucket(bindings::ARTIFACTS)?
        .put(key, user_id.as_str().to_owned())
        .execute()
        .await
        .map(drop)
}

/// The user that a customer of Stripe was found to be.
pub(crate) async fn linked_user(env: &Env, customer: &CustomerId) -> Result<Option<UserId>> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    let key = format!("{CUSTOMERS}{}", customer.as_str());
    let Some(object) = bucket.get(key).execute().await? else {
        return Ok(None);
    };
    let Some(body) = object.body() else {
        return Ok(None);
    };
    Ok(UserId::try_from(body.text().await?).ok())
}
