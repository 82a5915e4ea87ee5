//! What becomes of a message.

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
