//! The bucket: what stages made. What episodes are made of: [`crate::sources`]. Its records of dead letters: [`crate::letters`]; of Stripe's customers: [`crate::customers`].
//!
//! An artifact's key holds the epoch under which it was made, so that a late holder of an old lease never
//! writes over what its successor made.

use queue_core::{
    bindings,
    domain::{JobId, UserId},
    gate::job::ArtifactRecord,
};
use storyboard::Artifact;
use worker::{Env, Object, Range, Result};

/// The largest number that JavaScript has exactly; the `worker` crate panics above it.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// The folder of all that is stored for a job.
pub(crate) fn folder(user_id: &UserId, job_id: &JobId) -> String {
    format!("stories/{user_id}/{job_id}/")
}

fn key(user_id: &UserId, job_id: &JobId, epoch: u32) -> String {
    format!("{}{epoch}", folder(user_id, job_id))
}

/// Stores what a stage made, all of it as one object, and returns the records of it: a story of 200 scenes costs one call
/// of the bucket, of which an invocation may make 10,000 (Workers limits). What is dropped while it is stored may still
/// land, at any time.
pub(crate) async fn store(
    env: &Env,
    user_id: &UserId,
    job_id: &JobId,
    epoch: u32,
    artifacts: Vec<Artifact>,
) -> Result<Vec<ArtifactRecord>> {
    let mut all = Vec::with_capacity(artifacts.iter().map(|artifact| artifact.bytes.len()).sum());
    let mut records = Vec::with_capacity(artifacts.len());
    for artifact in artifacts {
        records.push(ArtifactRecord {
            offset: whole(all.len()),
            bytes: whole(artifact.bytes.len()),
            content_type: artifact.content_type.to_owned(),
            name: artifact.name,
            epoch,
        });
        all.extend(artifact.bytes);
    }
    if !all.is_empty() {
        let bucket = env.bucket(bindings::ARTIFACTS)?;
        let put = bucket.put(key(user_id, job_id, epoch), all);
        put.execute().await?;
    }
    Ok(records)
}

fn whole(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// So many bytes of a stored artifact from there on, at least one, if it is there: its part of what its stage made.
pub(crate) async fn fetch(
    env: &Env,
    (user_id, job_id): (&UserId, &JobId),
    record: &ArtifactRecord,
    (first, length): (u64, u64),
) -> Result<Option<Object>> {
    let part = Range::OffsetWithLength {
        offset: record.offset.saturating_add(first).min(EXACT_MAX),
        length: length.min(EXACT_MAX),
    };
    env.bucket(bindings::ARTIFACTS)?
        .get(key(user_id, job_id, record.epoch))
        .range(part)
        .execute()
        .await
}

/// Whether a stored artifact is there.
pub(crate) async fn is_stored(
    env: &Env,
    (user_id, job_id): (&UserId, &JobId),
    record: &ArtifactRecord,
) -> Result<bool> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    let found = bucket.head(key(user_id, job_id, record.epoch)).await?;
    Ok(found.is_some())
}

/// All of an object, if it is there.
pub(crate) async fn bytes(object: Option<Object>) -> Result<Option<Vec<u8>>> {
    match object.as_ref().and_then(Object::body) {
        Some(body) => body.bytes().await.map(Some),
        None => Ok(None),
    }
}

/// Deletes everything that any attempt of a job ever stored, and says how many objects that were.
pub(crate) async fn delete_all(env: &Env, user_id: &UserId, job_id: &JobId) -> Result<usize> {
    delete(env, &folder(user_id, job_id), |_| true).await
}

/// Deletes those objects of a folder whose keys are such, and says how many they were. What is kept must be few.
pub(crate) async fn delete(
    env: &Env,
    folder: &str,
    is_such: impl Fn(&str) -> bool,
) -> Result<usize> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    let mut deleted = 0;
    loop {
        let page = bucket.list().prefix(folder).execute().await?;
        let objects = page.objects();
        let keys = objects.iter().map(Object::key);
        let keys: Vec<String> = keys.filter(|key| is_such(key)).collect();
        deleted += keys.len();
        if !keys.is_empty() {
            bucket.delete_multiple(keys).await?;
        }
        if !page.truncated() {
            return Ok(deleted);
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
