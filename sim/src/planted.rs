//! Defects planted from outside: the product's decisions run over a store that lies in one way, or their
//! command or effects are changed in one way (`liar`, `plan_liar`, `time_liar`, `pool_liar`). Each must be caught, or the
//! oracle is blind.

use crate::listed::listed;

listed! {
    /// A defect.
    #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
    pub enum Defect {
        /// None: the product as it is.
        #[default]
        None,
        /// A report of an old epoch is accepted.
        StaleCompletion,
        /// A second delivery of a running job gets a lease, too.
        DoubleLease,
        /// The alarm does not send tickets again.
        NoResend,
        /// A lease has no end.
        EndlessLease,
        /// One more lease than the tier allows.
        OffByOneLimit,
        /// A freed lease goes to the last in line.
        WrongOrder,
        /// Cancelling a job that holds a lease does not give it back.
        LeakOnCancel,
        /// Each freed lease wakes everybody in line.
        Herd,
        /// The alarm does not arm the next.
        AlarmNotArmed,
        /// An alarm may be moved to a later time.
        AlarmMovedLater,
        /// A failed attempt starts ageing anew.
        AgeLost,
        /// Parking spends an attempt.
        AttemptOnPark,
        /// The debt of a ticket is cleared before it is sent.
        TicketNotOwed,
        /// A lease freed by a failure is given to nobody.
        IdleLease,
        /// An outage spends an attempt of each job that meets it.
        OutageCosts,
        /// A job fails with the first outage that it meets.
        OutageFails,
        /// The limit of a kind holds up nobody.
        KindIgnored,
        /// Who waits for a kind waits for ever.
        KindForgotten,
        /// Tickets are sent again every second.
        ResendStorm,
        /// A turn that fails keeps what it wrote.
        NoRollback,
        /// Cancelling a running job ends it at once, although its holder goes on.
        CancelUnderHolder,
        /// Each grant has the same epoch.
        SameEpoch,
        /// A higher tier lets nobody out of the line.
        RaiseIgnored,
        /// A lower tier does not lower the limit.
        LowerIgnored,
        /// The pool is not told of a new job.
        ComesUntold,
        /// The pool is not told of a job that waits no more.
        GoesUntold,
        /// Ended jobs are never forgotten.
        NeverForgotten,
        /// A lease that ran out spends no attempt.
        ExpiryIsFree,
        /// A failed job is tried for ever.
        EndlessAttempts,
        /// A key is forgotten at once.
        KeyForgotten,
        /// A lease that ran out leaves its holder's epoch as it is.
        ExpiryKeepsEpoch,
        /// A job whose lease ran out goes into the line without a pause.
        ExpiryAtOnce,
        /// The pause before another attempt is longer than the back-off allows.
        EndlessPause,
        /// After an alarm could not be set, a later one in storage is good enough.
        StoredAlarmTrusted,
        /// An alarm ends well although the next could not be set.
        AlarmSwallowed,
        /// Of the ended jobs, only the oldest is looked at.
        OldestOnly,
        /// A deletion leaves the alarm where it was.
        ErasureSleeps,
        /// It is not remembered that a user was deleted.
        DeletionForgotten,
        /// All subscriptions of a user count as one.
        OneSubscription,
        /// What is read of a list is refused as old.
        ReadingIsOld,
        /// Who is past due has no time left.
        NoGrace,
        /// Who is past due has time without end.
        EndlessGrace,
        /// A grace begins anew with each event.
        GraceAnew,
        /// The alarm does not ring when a grace ends.
        GraceSleeps,
        /// What was submitted in a month is not counted.
        MonthNotCounted,
        /// A month does not end.
        EndlessMonth,
        /// A repeated submission counts once more.
        ReplayCounted,
        /// A job that is cancelled before its first start still counts.
        NotGivenBack,
        /// Jobs that wait for their next attempt count in no quota.
        RetryingUncounted,
        /// Nobody looks again for what was stored for a forgotten job.
        LateUploadStays,
        /// A job that is put off starts a second early.
        StartsEarly,
        /// A job starts although its time has passed.
        StartsLate,
        /// A freed lease goes to a job whose time has passed.
        LeaseToLate,
        /// A job that expires keeps its lease.
        ExpiredKeepsLease,
        /// A job that expired still counts.
        ExpiredCounted,
        /// The age of a job that is put off counts from its submission.
        AgeFromSubmission,
        /// Who asks for a replay is not remembered.
        ReplayUnremembered,
        /// A replay begins at the first stage, whatever was made.
        ReplayFromFirst,
        /// A replay counts once more in its month.
        ReplayCountedTwice,
        /// The list of failures is not told.
        FailureUntold,
        // From here on: of the pool.
        /// A slot has no end.
        EndlessSlot,
        /// The pool does not hear of faults of back ends.
        OutageUnheard,
        /// The pool does not hear that a back end is there again.
        OutageForEver,
        /// What is out holds up nobody.
        OutageIgnored,
        /// Long after an outage no job tries.
        OutageSleeps,
        /// The faults of one user's jobs count as those of many.
        PoisonTrips,
        /// An operator's pause holds up nobody.
        PauseIgnored,
        /// A slot is taken back before its time.
        HastySlot,
        /// One more slot than the capacity allows.
        OffByOneCapacity,
        /// A word under an old epoch frees the slot of the present one.
        StaleFree,
        /// A slot whose start is not confirmed does not count.
        GivenNotCounted,
        /// A freed slot goes to the last in line.
        PoolOrder,
        /// A freed slot is given to nobody.
        IdleSlot,
        /// A slot that is given back is kept.
        FreedIgnored,
        /// Whoever comes is served before the line.
        NewcomerFirst,
        /// A job that is told again keeps its old place in the line.
        RankKept,
        /// A renewal does not prolong the slot.
        RenewalIgnored,
        /// The pool's alarm does not arm the next.
        PoolAlarmNotArmed,
        /// A turn of the pool that fails keeps what it wrote.
        PoolNoRollback,
        /// What was given and not started is never taken back.
        StartNeverMissed,
        /// No ticket is sent, whoever is missing.
        NoTicket,
        /// A ticket is sent only in the turn that a job comes.
        TicketWithJobs,
        /// A ticket is sent only in the turn that a slot is freed.
        TicketWithSlots,
        /// A ticket that brought nobody is not sent again.
        TicketOnce,
        /// A ticket is sent for each job in line.
        PoolHerd,
        /// Open calls are not answered.
        DeafPool,
        // From here on: of the list of failures.
        /// A job that was replayed stays in it.
        ReplayedStaysListed,
        /// A replay of many forgets whom it has asked.
        AskedForgotten,
        // From here on: of consumers.
        /// A delivery starts one job at a time, and the others sleep on their slots.
        SleepsOnSlots,
        /// Slots are not given back.
        FreedForgotten,
        /// A delivery that says it takes along what its report frees does not.
        NothingCarried,
        /// A job whose slot was lost runs on.
        LostSlotIgnored,
        /// A delivery forgets what its open calls bring.
        DeafDelivery,
    }
}

impl Defect {
    /// The defect, or none where it is no such one.
    pub(crate) fn only_if(self, is_such: impl Fn(Self) -> bool) -> Self {
        if is_such(self) { self } else { Self::None }
    }

    /// Whether the account is not what the gate remembers of it.
    pub(crate) const fn is_of_accounts(self) -> bool {
        matches!(
            self,
            Self::MonthNotCounted
                | Self::EndlessMonth
                | Self::ReplayCounted
                | Self::ReplayCountedTwice
        )
    }

    /// Whether the gates have it.
    #[must_use]
    pub const fn is_of_gates(self) -> bool {
        !matches!(self, Self::None) && (self as usize) < Self::EndlessSlot as usize
    }

    /// Whether the pool has it.
    #[must_use]
    pub const fn is_of_the_pool(self) -> bool {
        let place = self as usize;
        Self::EndlessSlot as usize <= place && place < Self::ReplayedStaysListed as usize
    }

    /// Whether the list of failures has it.
    #[must_use]
    pub const fn is_of_the_list(self) -> bool {
        matches!(self, Self::ReplayedStaysListed | Self::AskedForgotten)
    }

    /// Whether it lets too many run at once, so that it must show at the generator, however right the books
    /// of the pool look.
    #[must_use]
    pub const fn is_over_capacity(self) -> bool {
        matches!(
            self,
            Self::HastySlot | Self::OffByOneCapacity | Self::GivenNotCounted | Self::RenewalIgnored
        )
    }
}
