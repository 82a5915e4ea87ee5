//! Records of messages that could not be read, in the bucket: kept, listed, and deleted after their retention.

use crate::{
    clock,
    daily::{self, moment},
    log::log,
    settings,
};
use queue_core::{
    bindings,
    config::LogFormat,
    dead_letters::{self, FOLDER},
    events::Event,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt::Write};
use worker::{Date, Env, Include, Result};

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

/// A record in a listing.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Listed {
    key: String,
    #[serde(flatten)]
    letter: DeadLetter,
}

/// Keeps the record of a message that was sent then, and all of its body: buried twice is one record.
pub(crate) async fn bury(
    env: &Env,
    sent_at: &Date,
    mut letter: DeadLetter,
    body: Vec<u8>,
) -> Result<()> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    letter.body = String::from_utf8_lossy(&body)
        .chars()
        .take(BODY_SHOWN)
        .collect();
    letter.error = letter.error.chars().take(ERROR_SHOWN).collect();
    let key = dead_letters::key(moment(sent_at), &letter.message_id);
    // In the metadata, so that one listing shows all records without reading each.
    let metadata = HashMap::from([("letter".to_owned(), ascii(&serde_json::to_string(&letter)?))]);
    bucket
        .put(key, body)
        .custom_metadata(metadata)
        .execute()
        .await?;
    Ok(())
}

/// A page of the records after that key, oldest first, and the cursor of the next page.
pub(crate) async fn list(
    env: &Env,
    after: Option<String>,
) -> Result<(Vec<Listed>, Option<String>)> {
    let bucket = env.bucket(bindings::ARTIFACTS)?;
    let mut wanted = bucket
        .list()
        .prefix(FOLDER)
        .limit(100)
        .include(vec![Include::CustomMetadata]);
    if let Some(after) = after {
        wanted = wanted.start_after(after);
    }
    let page = wanted.execute().await?;
    let mut letters = Vec::new();
    let mut last = None;
    for object in page.objects() {
        let key = object.key();
        last = Some(key.clone());
        // Whatever else lies there is not a record of ours, and must not hide those that are.
        let text = object.custom_metadata()?.remove("letter");
        let letter = text.and_then(|text| serde_json::from_str(&text).ok());
        letters.extend(letter.map(|letter| Listed { key, letter }));
    }
    let next = last.filter(|_| page.truncated());
    Ok((letters, next.map(|key| dead_letters::cursor(&key))))
}

/// Deletes the records whose retention is over. Never fails: what is left is deleted the next day.
pub(crate) async fn expire(env: &Env) {
    let (format, event) = match settings::load(env) {
        Err(error) => {
            let event = Event::fault("the configuration is invalid", error);
            (LogFormat::Text, event)
        }
        Ok(config) => {
            let (now, retention) = (clock::now(), config.gate.retention);
            let is_over = |stored_at| dead_letters::is_over(stored_at, now, retention);
            let event = match daily::delete(env, FOLDER, is_over).await {
                Ok(deleted) => Event::LettersExpired { deleted },
                Err(error) => Event::fault("old dead letters could not be deleted", error),
            };
            (config.log_format, event)
        }
    };
    log(format, &event);
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
