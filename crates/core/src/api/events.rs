//! A user's changes as Server-Sent Events: what of what the gate says is written when.

use super::{
    problem::{ApiError, FieldError},
    view,
};
use crate::{
    domain::{Timestamp, UserId},
    live::{
        Ask, Said, since,
        watcher::{ALIVE_EVERY, STREAM_LASTS},
    },
};
use serde_json::{Value, json};
use std::time::Duration;

/// The media type.
pub const CONTENT_TYPE: &str = "text/event-stream";

/// No cache keeps it, and nothing on the way may gather it up to compress it.
pub const CACHE_CONTROL: &str = "no-store, no-transform";

/// A comment, which clients ignore: it keeps the connection open, and shows whether it still is.
pub const KEEP_ALIVE: &str = ":\n\n";

/// Milliseconds after which a client shall ask again when the stream has ended.
const RETRY_MS: u32 = 2_000;

/// One stream of events.
///
/// At first it says how the jobs stand. These events have no id: a client that is cut off among them has not heard of all
/// jobs, and comes back with the id that it had before. Then one event says that everything was said, and from there on
/// each change is an event with an id.
#[derive(Debug)]
pub struct Feed {
    user_id: UserId,
    /// What has changed since is said first; without, what has not ended.
    since: Option<Timestamp>,
    ends_at: Timestamp,
    alive_at: Timestamp,
    is_live: bool,
}

/// What follows from what the gate says.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Step {
    /// What is written to the client, if anything.
    pub text: String,
    /// What is asked of the gate.
    pub ask: Option<Ask>,
}

/// What is to be done when a [`Feed::pause`] is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Due {
    /// A sign of life, to the client and to the gate.
    Alive,
    /// The end.
    End,
}

impl Feed {
    /// A stream that begins now, for a client that heard its last event at `heard`, if any.
    #[must_use]
    pub fn new(user_id: UserId, heard: Option<Timestamp>, now: Timestamp) -> Self {
        Self {
            user_id,
            since: since::missed(heard, now),
            ends_at: now.after(STREAM_LASTS),
            alive_at: now,
            is_live: false,
        }
    }

    /// How it begins.
    #[must_use]
    pub fn begin(&self) -> Step {
        Step {
            text: format!("retry: {RETRY_MS}\n\n"),
            ask: Some(Ask {
                since: self.since,
                before: None,
            }),
        }
    }

    /// The gate says that.
    pub fn hear(&mut self, said: &Said) -> Step {
        match said {
            Said::Job { at, job } => {
                let id = self.is_live.then_some(*at);
                let data = Value::Object(view::recorded(&self.user_id, job));
                Step {
                    text: event("job", id, &data),
                    ask: None,
                }
            }
            Said::Page {
                before: Some(before),
                ..
            } => Step {
                text: String::new(),
                ask: Some(Ask {
                    since: self.since,
                    before: Some(before.clone()),
                }),
            },
            Said::Page { at, before: None } => {
                self.is_live = true;
                let data = json!({"at": at.to_rfc3339()});
                Step {
                    text: event("live", Some(*at), &data),
                    ask: None,
                }
            }
        }
    }

    /// How long nothing need be done if the gate says nothing.
    #[must_use]
    pub fn pause(&self, now: Timestamp) -> Duration {
        let next = self.alive_at.after(ALIVE_EVERY).min(self.ends_at);
        Duration::from_millis(u64::try_from(next.millis_since(now)).unwrap_or_default())
    }

    /// The pause is over: what is due?
    pub fn due(&mut self, now: Timestamp) -> Due {
        if self.ends_at <= now {
            return Due::End;
        }
        self.alive_at = now;
        Due::Alive
    }
}

/// Which event a client heard last, by its `Last-Event-ID` header, or else by its query.
///
/// # Errors
/// 400 for a header that is no id of an event.
pub fn heard(
    last_event_id: Option<&str>,
    query: Option<Timestamp>,
) -> Result<Option<Timestamp>, ApiError> {
    let Some(id) = last_event_id.filter(|id| !id.is_empty()) else {
        return Ok(query);
    };
    let fault = || {
        let why = "Must be the id of an event of this route.";
        ApiError::Invalid(vec![FieldError::header("Last-Event-ID", why)])
    };
    since::read(id).map(Some).ok_or_else(fault)
}

/// One event. JSON has no line break of its own, so the data is one line.
fn event(name: &str, id: Option<Timestamp>, data: &Value) -> String {
    let id = id.map_or_else(String::new, |at| format!("id: {}\n", since::id(at)));
    format!("event: {name}\n{id}data: {data}\n\n")
}
