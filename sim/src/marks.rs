//! What happened, counted: a run in which something never happened has proved nothing about it.

use crate::listed::listed;

listed! {
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
        PurgeForgotten,
        UploadLate,
        UploadNotAwaited,
        UserDeleted,
        KindFull,
        PlanEventLost,
        LimitsChanged,
        ListUnreachable,
        ManyForgotten,
        GateDown,
        Eviction,
        ConsumerDied,
        WallClockExceeded,
        HolderFroze,
        BackendOut,
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
        Scheduled,
        Opened,
        Untimely,
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
        WaitedForBackend,
        OperatorPaused,
        OutageBegan,
        OutageEnded,
        FailedByOutage,
        CancelScheduled,
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
        Expired,
        ExpiredBeforeAlarm,
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
        PlanOfAnother,
        NotEntitled,
        JobLowered,
        PlanMended,
        PaymentDue,
        PaidLate,
        GraceEnded,
        GraceEndedAsleep,
        QuotaRefused,
        MonthUsedUp,
        TooManyWait,
        ScriptTooLong,
        MonthBegan,
        GivenBack,
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
        Replayed,
        ReplayRepeated,
        ReplayRefused,
        ReplayOutdated,
        ManyReplayed,
        ManyPaused,
        ManyStopped,
        ListTold,
    }
}

impl Mark {
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
