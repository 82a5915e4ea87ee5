//! What the platform keeps of an object: its one alarm, its clock, whether it can be reached. About the alarm the product's
//! own [`Alarm`] decides.

use super::{Around, Broken};
use crate::{marks::Mark, planted::Defect};
use queue_core::{alarm::Alarm, domain::Timestamp};

/// The platform's side of an object.
#[derive(Default)]
pub(crate) struct Host {
    /// When the platform rings, in milliseconds of this object's clock.
    pub(crate) slot: Option<Timestamp>,
    /// Grows whenever the alarm is set; a ring of an old version is void.
    pub(crate) version: usize,
    /// No call reaches it before that time of the world, in milliseconds.
    pub(crate) down_until: i64,
    /// The version that the platform knows of.
    pub(crate) scheduled: usize,
    /// The platform gave the alarm up, and nothing has set it since.
    pub(crate) dropped: bool,
    /// An alarm could not be set; the next call must set it.
    pub(crate) unarmed: bool,
    /// The platform is trying the alarm again.
    pub(crate) ringing: bool,
    /// How far this object's clock is ahead of the world's, in milliseconds.
    pub(crate) skew: i64,
    /// What the object knows of its alarm.
    alarm: Alarm,
    defect: Defect,
}

impl Host {
    pub(super) fn new(defect: Defect) -> Self {
        Self {
            defect,
            ..Self::default()
        }
    }

    /// Whether its alarm must be set for all that is due.
    pub(crate) fn is_armed(&self) -> bool {
        !self.dropped && !self.ringing && !self.unarmed
    }

    /// Drops all memory.
    pub(crate) fn evict(&mut self) {
        self.alarm = Alarm::default();
    }

    /// Has the alarm ring by then; moves it only to an earlier time.
    pub(super) fn arm(
        &mut self,
        wake_by: Option<Timestamp>,
        around: &mut Around<'_>,
    ) -> Result<(), Broken> {
        if self.defect == Defect::AlarmMovedLater && wake_by.is_some() {
            self.alarm.rings();
        }
        let Some(at) = self.alarm.arm(wake_by) else {
            return Ok(());
        };
        if let Err(broken) = around.breaks(Mark::AlarmNotSet, around.rates.alarm_unset) {
            self.alarm.not_set();
            return Err(broken);
        }
        self.slot = Some(at);
        self.version += 1;
        self.dropped = false;
        self.ringing = false;
        Ok(())
    }

    /// Learns when the alarm rings, and mends one that could not be set or that the platform dropped.
    pub(super) fn mend(
        &mut self,
        now: Timestamp,
        next_due: impl FnOnce() -> Option<Timestamp>,
        around: &mut Around<'_>,
    ) -> Result<(), Broken> {
        if self.alarm.is_in_time(now) {
            return Ok(());
        }
        let stored = if self.alarm.is_unknown() {
            around.breaks(Mark::StorageFailed, around.rates.storage / 4.0)?;
            self.slot
        } else {
            None
        };
        self.alarm.learn(now, stored);
        if self.defect == Defect::StoredAlarmTrusted
            && stored.is_some()
            && self.alarm.is_in_time(now)
        {
            return Ok(());
        }
        let version = self.version;
        self.arm(next_due(), around)?;
        if self.version != version {
            around.tally.mark(Mark::AlarmMended);
        }
        Ok(())
    }

    /// The alarm rang.
    pub(super) fn rang(&mut self) {
        self.alarm.rings();
    }

    /// Its work was done, or failed.
    pub(super) fn served(
        &mut self,
        now: Timestamp,
        failed: bool,
        next_due: impl FnOnce() -> Option<Timestamp>,
        around: &mut Around<'_>,
    ) -> Result<(), Broken> {
        if failed {
            self.arm(Some(Alarm::again(now)), around)?;
        }
        if self.alarm.is_unknown() && self.defect != Defect::AlarmSwallowed {
            self.mend(now, next_due, around)?;
        }
        self.unarmed = false;
        Ok(())
    }
}
