//! The keys of an identity provider as this isolate knows them: when they are fetched, and which one checks a token.
//!
//! They are fetched with the first token, again when they are old, and when a token names one that is not known: the
//! provider may have a new key. That happens a bounded number of times, since anybody can name any key; one fetch at a
//! time, for which others wait or use what is known. While no answer comes, the known keys stay.

use super::{
    jwks::{KeySet, Missing},
    token::{Token, TokenFault},
};
use crate::{config::PublicKey, domain::Timestamp};
use std::time::Duration;

/// How long keys are used before they are fetched again: a key that the provider takes back is accepted for so long.
pub const KEYS_MAX_AGE: Duration = Duration::from_mins(10);

/// How long one fetch may take.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// A fetch that has not ended after this time was one of a request that died.
const FETCH_MAX: Duration = Duration::from_secs(6);

/// At most so many fetches begin within [`FETCH_WINDOW`], whatever tokens name.
pub const FETCHES_MAX: usize = 3;

/// See [`FETCHES_MAX`].
pub const FETCH_WINDOW: Duration = Duration::from_secs(30);

/// For so long after a fetch that failed, none begins: nobody waits twice for a provider that does not answer.
pub const FAILURE_PAUSE: Duration = Duration::from_secs(5);

/// What to do with a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Check its signature with this key.
    Check(PublicKey),
    /// Fetch the keys, tell [`KeyCache::fetched`], and ask again.
    Fetch,
    /// Another request fetches them; ask again in a moment.
    Wait,
    /// Refuse it.
    Refuse(TokenFault),
    /// There are no keys, and none can be had for now.
    NoKeys,
}

/// The keys, and what is known about their age.
#[derive(Clone, Debug, Default)]
pub struct KeyCache {
    keys: Option<KeySet>,
    /// When the last answer came.
    fetched_at: Option<Timestamp>,
    /// When the fetches of the last [`FETCH_WINDOW`] began.
    begun: Vec<Timestamp>,
    is_fetching: bool,
    /// When the last one that failed ended.
    failed_at: Option<Timestamp>,
}

impl KeyCache {
    /// What to do with a token.
    pub fn step(&mut self, now: Timestamp, token: &Token<'_>) -> Step {
        let found = self
            .keys
            .as_ref()
            .map(|keys| keys.find(token.kid.as_deref(), token.algorithm));
        // What to do as long as nothing newer is known.
        let meanwhile = match found {
            None => Step::NoKeys,
            Some(Ok(key)) if key.signature_length() != token.signature.len() => {
                Step::Refuse(TokenFault::Signature)
            }
            Some(Ok(key)) => Step::Check(key.clone()),
            Some(Err(Missing::Algorithm)) => Step::Refuse(TokenFault::Algorithm),
            Some(Err(Missing::Name | Missing::Choice)) => Step::Refuse(TokenFault::Key),
        };
        let is_known = !matches!(found, None | Some(Err(Missing::Name)));
        if is_known && within(self.fetched_at, now, KEYS_MAX_AGE) {
            return meanwhile;
        }
        if self.is_fetching && within(self.begun.last().copied(), now, FETCH_MAX) {
            return if is_known { meanwhile } else { Step::Wait };
        }
        self.begun
            .retain(|begun| within(Some(*begun), now, FETCH_WINDOW));
        if self.begun.len() >= FETCHES_MAX || within(self.failed_at, now, FAILURE_PAUSE) {
            return meanwhile;
        }
        self.begun.push(now);
        self.is_fetching = true;
        Step::Fetch
    }

    /// A fetch has ended; without keys, if it failed.
    pub fn fetched(&mut self, now: Timestamp, keys: Option<KeySet>) {
        self.is_fetching = false;
        match keys {
            Some(_) => (self.keys, self.fetched_at) = (keys, Some(now)),
            None => self.failed_at = Some(now),
        }
    }
}

/// Whether less than `span` has passed since then. A time in the future says that the clock was set back.
fn within(since: Option<Timestamp>, now: Timestamp, span: Duration) -> bool {
    since.is_some_and(|since| since <= now && now < since.after(span))
}
