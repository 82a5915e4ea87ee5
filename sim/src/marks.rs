//! What happened, counted: a run in which something never happened has proved nothing about it.

/// A fault that was injected, or a branch that was taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the names say it; the report prints them")]
pub enum Mark {
    TicketLost,
    TicketDuplicated,
    TicketDelayed,
    SendFailedBefore,
    SendFailedAfter,
    AckLost,
    PoisonMessage,
    BatchReordered,
    CallFailedBefore,
    CallFailedAfter,
    StorageFailed,
    CommitFailed,
    AlarmLate,
    AlarmRepeated,
    AlarmFailed,
    AlarmDropped,
    PurgeFailed,
    AlarmCrashed,
    LimitsChanged,
    GateDown,
    Eviction,
    ConsumerDied,
    WallClockExceeded,
    HolderFroze,
    GeneratorTransient,
    GeneratorPermanent,
    GeneratorStalled,
    GeneratorAnsweredTwice,
    ClockStep,
    SubmissionRepeated,
    AlarmNotSet,
    CallTimedOut,
    CallEffectiveLate,
    PoolDown,
    PoolEvicted,
    CapacityChanged,
    // From here on: branches.
    Run,
    RunRepeated,
    Admitted,
    Park,
    Shed,
    SkipRunning,
    SkipParked,
    SkipRetrying,
    SkipOtherLease,
    SkipEnded,
    SkipUnknown,
    Unreadable,
    DuplicateInBatch,
    DeliveredAgain,
    DeadLettered,
    ReportStale,
    ReportRepeated,
    ReportGivenUp,
    LeaseExpired,
    TicketResent,
    Requeued,
    Retry,
    AttemptsUsedUp,
    CancelParked,
    CancelQueued,
    CancelRunning,
    CancelledWhileWorking,
    LineGrant,
    TierRaised,
    TierLowered,
    OverLimitAfterLowering,
    KeyReplayed,
    KeyRefused,
    Forgotten,
    AlarmMended,
    ExpiredWhileWorking,
    Succeeded,
    Failed,
    Cancelled,
    SqlTurn,
    HotUser,
    Looked,
    CallRepeated,
    SendGivenUp,
    CancelledByFailure,
    RepricedWaiting,
    PlanSet,
    PlanRepeated,
    PlanOutdated,
    NotEntitled,
    JobLowered,
    TellRepeated,
    TellGivenUp,
    ToldGone,
    PoolUnreachable,
    ListenFailed,
    Listened,
    ListenAnswered,
    CapacityReached,
    SlotGranted,
    SlotGiven,
    GivenAgain,
    StartConfirmed,
    StartMissed,
    SlotRenewed,
    SlotRetaken,
    SlotLost,
    SlotExpired,
    SlotFreed,
    FreedLate,
    SlotRested,
    PoolTicket,
    Disbanded,
    OverCapacityAfterLowering,
    PoolLooked,
    WentOn,
    Carried,
    Yielded,
}

impl Mark {
    /// Every mark, in order.
    pub const ALL: [Self; 114] = [
        Self::TicketLost,
        Self::TicketDuplicated,
        Self::TicketDelayed,
        Self::SendFailedBefore,
        Self::SendFailedAfter,
        Self::AckLost,
        Self::PoisonMessage,
        Self::BatchReordered,
        Self::CallFailedBefore,
        Self::CallFailedAfter,
        Self::StorageFailed,
        Self::CommitFailed,
        Self::AlarmLate,
        Self::AlarmRepeated,
        Self::AlarmFailed,
        Self::AlarmDropped,
        Self::PurgeFailed,
        Self::AlarmCrashed,
        Self::LimitsChanged,
        Self::GateDown,
        Self::Eviction,
        Self::ConsumerDied,
        Self::WallClockExceeded,
        Self::HolderFroze,
        Self::GeneratorTransient,
        Self::GeneratorPermanent,
        Self::GeneratorStalled,
        Self::GeneratorAnsweredTwice,
        Self::ClockStep,
        Self::SubmissionRepeated,
        Self::AlarmNotSet,
        Self::CallTimedOut,
        Self::CallEffectiveLate,
        Self::PoolDown,
        Self::PoolEvicted,
        Self::CapacityChanged,
        Self::Run,
        Self::RunRepeated,
        Self::Admitted,
        Self::Park,
        Self::Shed,
        Self::SkipRunning,
        Self::SkipParked,
        Self::SkipRetrying,
        Self::SkipOtherLease,
        Self::SkipEnded,
        Self::SkipUnknown,
        Self::Unreadable,
        Self::DuplicateInBatch,
        Self::DeliveredAgain,
        Self::DeadLettered,
        Self::ReportStale,
        Self::ReportRepeated,
        Self::ReportGivenUp,
        Self::LeaseExpired,
        Self::TicketResent,
        Self::Requeued,
        Self::Retry,
        Self::AttemptsUsedUp,
        Self::CancelParked,
        Self::CancelQueued,
        Self::CancelRunning,
        Self::CancelledWhileWorking,
        Self::LineGrant,
        Self::TierRaised,
        Self::TierLowered,
        Self::OverLimitAfterLowering,
        Self::KeyReplayed,
        Self::KeyRefused,
        Self::Forgotten,
        Self::AlarmMended,
        Self::ExpiredWhileWorking,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::SqlTurn,
        Self::HotUser,
        Self::Looked,
        Self::CallRepeated,
        Self::SendGivenUp,
        Self::CancelledByFailure,
        Self::RepricedWaiting,
        Self::PlanSet,
        Self::PlanRepeated,
        Self::PlanOutdated,
        Self::NotEntitled,
        Self::JobLowered,
        Self::TellRepeated,
        Self::TellGivenUp,
        Self::ToldGone,
        Self::PoolUnreachable,
        Self::ListenFailed,
        Self::Listened,
        Self::ListenAnswered,
        Self::CapacityReached,
        Self::SlotGranted,
        Self::SlotGiven,
        Self::GivenAgain,
        Self::StartConfirmed,
        Self::StartMissed,
        Self::SlotRenewed,
        Self::SlotRetaken,
        Self::SlotLost,
        Self::SlotExpired,
        Self::SlotFreed,
        Self::FreedLate,
        Self::SlotRested,
        Self::PoolTicket,
        Self::Disbanded,
        Self::OverCapacityAfterLowering,
        Self::PoolLooked,
        Self::WentOn,
        Self::Carried,
        Self::Yielded,
    ];

    /// Whether it is a fault, and not a branch.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        (self as usize) < Self::Run as usize
    }

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> String {
        let name = format!("{self:?}");
        let (first, rest) = name.split_at(1);
        first.to_lowercase() + rest
    }
}

/// How often each happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tally([u64; Mark::ALL.len()]);

impl Default for Tally {
    fn default() -> Self {
        Self([0; Mark::ALL.len()])
    }
}

impl Tally {
    /// It happened.
    pub fn mark(&mut self, mark: Mark) {
        self.0[mark as usize] += 1;
    }

    /// It happened so often.
    pub fn add_to(&mut self, mark: Mark, times: u64) {
        self.0[mark as usize] += times;
    }

    /// How often it happened.
    #[must_use]
    pub const fn of(&self, mark: Mark) -> u64 {
        self.0[mark as usize]
    }

    /// All faults together.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.0[..Mark::Run as usize].iter().sum()
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// What never happened.
    #[must_use]
    pub fn missing(&self) -> Vec<Mark> {
        Mark::ALL
            .into_iter()
            .filter(|mark| self.of(*mark) == 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_listed_at_its_place() {
        for (index, mark) in Mark::ALL.into_iter().enumerate() {
            assert_eq!(mark as usize, index, "{mark:?}");
        }
        assert_eq!(Mark::TicketLost.name(), "ticketLost");
    }
}
