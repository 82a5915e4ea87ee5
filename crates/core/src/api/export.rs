//! What is recorded of a user, as JSON lines: the account, every job with its story, and a line that says that nothing is
//! missing.

use super::{attempts, view};
use crate::{
    domain::UserId,
    gate::{Job, account::Account},
};
use serde_json::{Value, json};

/// The media type; each line is a JSON object with a `type`.
pub const CONTENT_TYPE: &str = "application/jsonl; charset=utf-8";

/// The account as it is stored; times are milliseconds since 1970.
#[must_use]
pub fn account(account: &Account) -> String {
    line(&json!({"type": "account", "account": account}))
}

/// A job with what it made, and its story as it was sent, byte for byte.
#[must_use]
pub fn job(user_id: &UserId, job: &Job, payload: &str) -> String {
    let mut shown = view::recorded(user_id, job);
    shown.insert("type".to_owned(), "job".into());
    shown.insert("idempotencyKey".to_owned(), json!(job.idempotency_key));
    shown.insert("attempts".to_owned(), attempts::entries(job));
    let shown = Value::Object(shown).to_string();
    let fields = shown.strip_suffix('}').unwrap_or(&shown);
    format!("{fields},\"story\":{payload}}}\n")
}

/// The last line: so many jobs came before.
#[must_use]
pub fn end(jobs: u64) -> String {
    line(&json!({"type": "end", "jobs": jobs}))
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}
