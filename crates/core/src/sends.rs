//! Tickets on their way to the queue: in chunks, each tried a few times.
//!
//! A row owes each ticket, so one that cannot be sent is sent by the alarm; but the queue's transient errors are frequent,
//! and an alarm is a minute away. The Worker performs this, and so does the simulator.

use crate::domain::Ticket;
use std::time::Duration;

/// Messages in one `sendBatch` (Queues limits: 100, and 256 KB; a ticket stays below 500 bytes).
const CHUNK: usize = 100;

/// Pauses after a try that failed; one more try than there are pauses is made.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// What follows a try.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Next {
    /// The next chunk, if there is one.
    Chunk,
    /// The same chunk, after a pause.
    Again(Duration),
    /// The chunk is left to the alarm; then the next one.
    GivenUp,
}

/// Tickets to send.
#[derive(Clone, Debug)]
pub struct Sending {
    tickets: Vec<Ticket>,
    failures: usize,
}

impl Sending {
    /// Sends these.
    #[must_use]
    pub const fn new(tickets: Vec<Ticket>) -> Self {
        let failures = 0;
        Self { tickets, failures }
    }

    /// What to send now; `None` when all was sent or given up.
    #[must_use]
    pub fn chunk(&self) -> Option<&[Ticket]> {
        self.tickets.chunks(CHUNK).next()
    }

    /// How that went.
    pub fn tried(&mut self, is_sent: bool) -> Next {
        let next = match PAUSES.get(self.failures) {
            _ if is_sent => Next::Chunk,
            Some(pause) => {
                self.failures += 1;
                return Next::Again(*pause);
            }
            None => Next::GivenUp,
        };
        self.failures = 0;
        self.tickets.drain(..CHUNK.min(self.tickets.len()));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tickets(count: usize) -> Vec<Ticket> {
        let text = r#"{"v":1,"jobId":"0191f7a8-7a00-7000-8000-000000000001","userId":"u","kind":"story","stage":"image",
            "tier":"tier1","priority":1,"submittedAt":1700000000000}"#;
        vec![Ticket::parse(text).unwrap(); count]
    }

    #[test]
    fn they_go_in_chunks_of_a_hundred() {
        let mut sending = Sending::new(tickets(201));
        let mut sizes = Vec::new();
        while let Some(chunk) = sending.chunk() {
            sizes.push(chunk.len());
            assert_eq!(sending.tried(true), Next::Chunk);
        }
        assert_eq!(sizes, [100, 100, 1]);
    }

    #[test]
    fn a_chunk_is_tried_three_times_and_then_left_to_the_alarm() {
        let mut sending = Sending::new(tickets(101));
        for pause in PAUSES {
            assert_eq!(sending.tried(false), Next::Again(pause));
        }
        assert_eq!(sending.tried(false), Next::GivenUp);
        assert_eq!(sending.chunk().unwrap().len(), 1);
        assert_eq!(sending.tried(false), Next::Again(PAUSES[0]));
    }
}
