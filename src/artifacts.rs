//! The bucket: what stages made, records of messages that could not be read, and who Stripe's customers are.
//!
//! An artifact's key holds the epoch under which it was made, so that a late holder of an old lease never
//! writes over what its successor made.

use futures_util::{StreamExt, TryStreamExt, stream};
use queue_core::{
    api::stripe::event::CustomerId,
    bindings,
    domain::{JobId, UserId},
    gate::job::ArtifactRecord,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt::Write};
use storyboard::Artifact;
use worker::{Env, HttpMetadata, Include, Object, Result};

/// Requests to the bucket at once (Workers limits: six connections that wait for headers).
const CONNECTIONS: usize = 6;

/// Where records of unreadable messages lie.
const DEAD_LETTERS: &str = "dead-letters/";

/// Where it lies which user a customer of Stripe is.
const CUSTOMERS: &str = "stripe-customers/";

fn folder(user_id: &UserId, job_id: &JobId) -> String {
    format!("stories/{user_id}/{job_id}/")
}

fn key(user_id: &UserId, job_id: &JobId, epoch: u32, name: &str) -> String {
    format!("{}{epoch}/{name}", folder(user_id, job_id))
}

/// Stores what a stage made and returns the records of it.
pub(crate) async fn store(
    env: &Env,
    user_id: &UserId,
    job_id: &JobId,
    epoch: u32,
    artifacts: Vec<Artifact>,
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
        bucket
            .put(key(user_id, job_id, epoch, &record.name), artifact.bytes)
            .http_metadata(metadata)
            .execute()
            .await?;
        Ok(record)
    };
    stream::iter(artifacts)
        .map(put)
        .buffered(CONNECTIONS)
        .try_collect()
        .await
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

/// The record of a message that could not be read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeadLetter {
    /// The queue's id of the message.
    pub message_id: String,
    /// The queue.
    pub queue: String,
    /// When it was buried, RFC 3339.
    pub buried_at: String,
    /// Why it could not be read.
    pub error: String,
    /// Its beginning.
    pub body: String,
}

/// Longest parts of a body and of an error that a record shows, in characters: all metadata of an object must
/// stay below 8,192 bytes (R2 limits), and a character takes up to 12 of them: (400 + 200) × 12 = 7,200.
const BODY_SHOWN: usize = 400;
const ERROR_SHOWN: usize = 200;

/// Keeps the record of a message, and all of its body, under the message's id: buried twice is one record.
pub(crate) async fn bury(env: &Env, mut letter: DeadLetter, body: Vec<u8>) -> Result<()> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    letter.body = String::from_utf8_lossy(&body)
        .chars()
        .take(BODY_SHOWN)
        .collect();
    letter.error = letter.error.chars().take(ERROR_SHOWN).collect();
    let key = format!("{DEAD_LETTERS}{}", letter.message_id);
    // In the metadata, so that one listing shows all records without reading each.
    let metadata = HashMap::from([("letter".to_owned(), ascii(&serde_json::to_string(&letter)?))]);
    bucket
        .put(key, body)
        .custom_metadata(metadata)
        .execute()
        .await?;
    Ok(())
}

/// A page of records and the cursor of the next.
pub(crate) async fn dead_letters(
    env: &Env,
    cursor: Option<String>,
) -> Result<(Vec<DeadLetter>, Option<String>)> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    let mut list = bucket
        .list()
        .prefix(DEAD_LETTERS)
        .limit(100)
        .include(vec![Include::CustomMetadata]);
    if let Some(cursor) = cursor {
        list = list.cursor(cursor);
    }
    let page = list.execute().await?;
    let mut letters = Vec::new();
    for object in page.objects() {
        // Whatever else lies there is not a record of ours, and must not hide those that are.
        let text = object.custom_metadata()?.remove("letter");
        letters.extend(text.and_then(|text| serde_json::from_str(&text).ok()));
    }
    let next = page.cursor().filter(|_| page.truncated());
    Ok((letters, next))
}

/// JSON text in ASCII only, as headers and metadata need it.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => text.push(char::from(byte)),
            _ => write!(text, "\\u{unit:04x}").expect("writing to a text cannot fail"),
        }
    }
    text
}
