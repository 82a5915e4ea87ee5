//! The ticket: the small queue message that stands for a job.
//!
//! It carries only what is needed to sort a batch. The payload stays in the gate's row, so an old ticket in flight
//! has nothing that a deploy could make stale.

use super::{JobId, Kind, Rank, Stage, Tier, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use thiserror::Error;

/// The version this build writes. Readers accept every version ever deployed.
const VERSION: u64 = 1;

/// Longest ticket that is read, in bytes. The longest that is written has a user id of 128 bytes and fewer than
/// 500 bytes in all; one queue operation is billed for up to 64 KB.
pub const TICKET_MAX_BYTES: usize = 4_096;

/// A ticket of version 1. Unknown fields are ignored, so that version 1 may gain optional ones.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// The job it stands for.
    pub job_id: JobId,
    /// Whose gate to ask.
    pub user_id: UserId,
    /// What the job makes.
    pub kind: Kind,
    /// The stage it was sent for; the gate's row decides which one runs.
    pub stage: Stage,
    /// The job's tier.
    pub tier: Tier,
    /// The job's priority, for sorting.
    pub priority: u32,
    /// When the job was submitted, for sorting; the same through all stages and retries.
    pub submitted_at: Timestamp,
    /// The epoch of the lease that the job holds, if it holds one: the job starts only under this lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// About how much memory the job takes while it runs, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// From when the age of a job counts, where that is later than its submission: it was put off, or replayed with many others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aged_from: Option<Timestamp>,
}

/// Why a message is not a ticket.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum TicketError {
    /// The body is not a JSON string of acceptable length with a version.
    #[error("not a ticket: {0}")]
    NotATicket(String),
    /// A version that no build before this one wrote.
    #[error("ticket version {0} is unknown to this build")]
    UnknownVersion(u64),
}

#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

#[derive(Serialize)]
struct Envelope<'a> {
    v: u64,
    #[serde(flatten)]
    ticket: &'a Ticket,
}

impl Ticket {
    /// The rank that it gives its job, with a head start of `boost` per step of priority.
    #[must_use]
    pub fn rank(&self, boost: Duration) -> Rank {
        let submitted_at = self.submitted_at;
        let age_from = self.aged_from.unwrap_or(submitted_at).max(submitted_at);
        Rank::new(age_from, self.priority, boost)
    }

    /// The body of the message.
    ///
    /// # Panics
    /// Never: every field serialises to JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(&Envelope {
            v: VERSION,
            ticket: self,
        })
        .expect("a ticket has only strings and numbers")
    }

    /// Reads the body of a message of any version ever deployed.
    ///
    /// # Errors
    /// [`TicketError`] says why the message must be buried.
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        let fault = |error: serde_json::Error| TicketError::NotATicket(error.to_string());
        if text.len() > TICKET_MAX_BYTES {
            let detail = format!("{} bytes; at most {TICKET_MAX_BYTES}", text.len());
            return Err(TicketError::NotATicket(detail));
        }
        let Versioned { v } = serde_json::from_str(text).map_err(fault)?;
        if v != VERSION {
            return Err(TicketError::UnknownVersion(v));
        }
        serde_json::from_str(text).map_err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &str = r#"{"v":1,"jobId":"018bcfe5-6800-7000-8000-000000000000","userId":"u","kind":"story","stage":"image","tier":"tier3","priority":3,"submittedAt":1700000000000}"#;

    #[test]
    fn a_ticket_reads_back_byte_for_byte() {
        let ticket = Ticket::parse(GOLDEN).unwrap();
        assert_eq!(ticket.to_text(), GOLDEN);
        let held = Ticket {
            epoch: Some(7),
            weight: Some(9),
            aged_from: Some(Timestamp::from_millis(9)),
            ..ticket
        };
        assert_eq!(Ticket::parse(&held.to_text()), Ok(held));
    }

    #[test]
    fn an_unknown_version_is_reported() {
        let text = GOLDEN.replace("\"v\":1", "\"v\":2");
        assert_eq!(Ticket::parse(&text), Err(TicketError::UnknownVersion(2)));
    }

    #[test]
    fn a_ticket_of_the_maximum_length_is_read_and_a_longer_one_is_not() {
        let longest = format!("{GOLDEN}{}", " ".repeat(TICKET_MAX_BYTES - GOLDEN.len()));
        assert_eq!(longest.len(), TICKET_MAX_BYTES);
        assert!(Ticket::parse(&longest).is_ok());
        assert!(Ticket::parse(&(longest + " ")).is_err());
    }

    #[test]
    fn anything_but_a_ticket_is_refused() {
        let long = format!("{GOLDEN}{}", " ".repeat(TICKET_MAX_BYTES));
        let broken = [
            "",
            "null",
            "{}",
            "[]",
            "\"v\"",
            "{\"v\":\"1\"}",
            "{\"v\":1}",
            "{\"v\":-1}",
            "{\"v\":1e308}",
            &GOLDEN.replace("\"u\"", "\"a/b\""),
            &GOLDEN.replace("\"priority\":3", "\"priority\":-1"),
            &GOLDEN.replace("1700000000000", "9007199254740993"),
            &GOLDEN.replace("tier3", "tier9"),
            &long,
        ];
        for text in broken {
            assert!(
                matches!(Ticket::parse(text), Err(TicketError::NotATicket(_))),
                "{text}"
            );
        }
    }
}
