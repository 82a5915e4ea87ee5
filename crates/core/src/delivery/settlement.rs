//! What becomes of a message.

use crate::gate::Reply;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Settlement {
    /// The queue may forget it.
    Acknowledge,
    /// The queue shall deliver it again, after a pause.
    DeliverAgain,
}

impl Settlement {
    /// Of a readable ticket. Waiting is never a retry: it would spend the queue's few deliveries on it. Only what
    /// nobody could be asked about comes again.
    #[must_use]
    pub const fn of_ticket(is_unreached: bool) -> Self {
        if is_unreached {
            Self::DeliverAgain
        } else {
            Self::Acknowledge
        }
    }

    /// Of a message that is no ticket: it may go once its record is kept.
    #[must_use]
    pub const fn of_unreadable(is_recorded: bool) -> Self {
        if is_recorded {
            Self::Acknowledge
        } else {
            Self::DeliverAgain
        }
    }
}

/// What becomes of a readable ticket that was delivered too often.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeadTicket {
    /// It is noted on its job, which goes on.
    Noted,
    /// Its job is unknown: forgotten, or its user was deleted. So nobody is owed anything.
    Dropped,
    /// Its gate could not be asked.
    Again,
}

/// By the answer of its gate, if there was one. No record of such a ticket is ever kept: it names a user, who may have
/// been deleted, and what it stands for is in its job's row.
#[must_use]
pub const fn of_dead_letter(answer: Option<&Reply>) -> DeadTicket {
    match answer {
        Some(Reply::Reported { state: Some(_), .. }) => DeadTicket::Noted,
        Some(Reply::Reported { state: None, .. }) => DeadTicket::Dropped,
        Some(_) | None => DeadTicket::Again,
    }
}

impl DeadTicket {
    /// What the queue is told.
    #[must_use]
    pub const fn settlement(self) -> Settlement {
        match self {
            Self::Noted | Self::Dropped => Settlement::Acknowledge,
            Self::Again => Settlement::DeliverAgain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{State, command::Outcome};

    #[test]
    fn a_dead_ticket_is_noted_on_its_job_dropped_without_one_or_comes_again() {
        let reported = |outcome, state| Reply::Reported {
            outcome,
            state,
            cancel: false,
            retry_at: None,
            next: None,
            granted: Vec::new(),
        };
        let noted = reported(Outcome::Accepted, Some(State::Parked));
        let unknown = reported(Outcome::Stale, None);
        for (answer, fate, settlement) in [
            (Some(&noted), DeadTicket::Noted, Settlement::Acknowledge),
            (Some(&unknown), DeadTicket::Dropped, Settlement::Acknowledge),
            (
                Some(&Reply::Erasing),
                DeadTicket::Again,
                Settlement::DeliverAgain,
            ),
            (None, DeadTicket::Again, Settlement::DeliverAgain),
        ] {
            assert_eq!(of_dead_letter(answer), fate);
            assert_eq!(fate.settlement(), settlement);
        }
    }
}
