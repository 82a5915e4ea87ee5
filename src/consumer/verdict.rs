//! What becomes of a ticket, and so of its message.

use crate::gate::command::{Admission, Grant, SkipReason};

/// What becomes of a delivered ticket.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// A lease was granted: run it.
    Run(Grant),
    /// The user is at the limit: the job waits in the gate's line.
    Park {
        /// The user's leases.
        active: u32,
        /// The user's limit.
        limit: u32,
    },
    /// Nothing to do.
    Skip(SkipReason),
    /// The gate cannot be reached: deliver again.
    Retry,
    /// Not a ticket: keep a record.
    Bury,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Settlement {
    /// The queue may forget it.
    Acknowledge,
    /// The queue shall deliver it again, after a pause.
    DeliverAgain,
}

impl From<Admission> for Verdict {
    fn from(admission: Admission) -> Self {
        match admission {
            Admission::Run(grant) => Self::Run(grant),
            Admission::Park { active, limit, .. } => Self::Park { active, limit },
            Admission::Skip { reason } => Self::Skip(reason),
        }
    }
}

impl Verdict {
    /// How to settle the message. Being over the limit is never a retry: it would spend the queue's few
    /// deliveries on waiting. A buried message is settled once its record is kept.
    #[must_use]
    pub const fn settlement(&self, recorded: bool) -> Settlement {
        match self {
            Self::Run(_) | Self::Park { .. } | Self::Skip(_) => Settlement::Acknowledge,
            Self::Bury if recorded => Settlement::Acknowledge,
            Self::Retry | Self::Bury => Settlement::DeliverAgain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parking_spends_no_delivery() {
        let parked = Verdict::Park {
            active: 2,
            limit: 2,
        };
        assert_eq!(parked.settlement(false), Settlement::Acknowledge);
    }

    #[test]
    fn a_message_is_forgotten_only_when_its_record_is_kept() {
        assert_eq!(Verdict::Bury.settlement(false), Settlement::DeliverAgain);
        assert_eq!(Verdict::Bury.settlement(true), Settlement::Acknowledge);
    }

    #[test]
    fn only_an_unreachable_gate_has_a_ticket_delivered_again() {
        assert_eq!(Verdict::Retry.settlement(true), Settlement::DeliverAgain);
        let skip = Verdict::Skip(SkipReason::Ended);
        assert_eq!(skip.settlement(false), Settlement::Acknowledge);
    }
}
