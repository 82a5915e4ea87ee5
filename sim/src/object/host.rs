//! What the platform keeps of an object: its one alarm, its clock, whether it can be reached. Follows
//! `object/alarm.rs` step by step: learn the alarm, mend it, move it only earlier.

use super::{Around, Broken};
use crate::{marks::Mark, planted::Defect};
use queue_core::domain::Timestamp;
use std::time::Duration;

/// As in `object/alarm.rs`.
const ALARM_PAUSE: Duration = Duration::from_secs(10);
const ALARM_LATE: Duration = Duration::from_mins(2);

/// What is known of the alarm.
#[derive(Clone, Copy)]
struct Alarm(Option<Timestamp>);

/// The platform's side of an object.
pub struct Host {
    /// When the platform rings, in milliseconds of this object's clock.
    pub slot: Option<Timestamp>,
    /// Grows whenever the alarm is set; a ring of an old version is void.
    pub version: usize,
    /// No call reaches it before that time of the world, in milliseconds.
    pub down_until: i64,
    /// The version that the platform knows of.
    pub scheduled: usize,
    /// The platform gave the alarm up, and nothing has set it since.
    pub dropped: bool,
    /// An alarm could not be set; the next call must set it.
    pub unarmed: bool,
    /// The platform is trying the alarm again.
    pub ringing: bool,
    /// How far this object's clock is ahead of the world's, in milliseconds.
    pub skew: i64,
    /// The cached alarm: `None` until asked for.
    memory: Option<Alarm>,
    defect: Defect,
}

impl Host {
    pub(super) fn new(defect: Defect) -> Self {
        Self {
            slot: None,
            version: 0,
            down_until: 0,
            scheduled: 0,
            dropped: false,
            unarmed: false,
            ringing: false,
            skew: 0,
            memory: None,
            defect,
        }
    }

    /// Drops all memory.
    pub fn evict(&mut self) {
        self.memory = None;
    }

    fn armed(&self) -> Option<Timestamp> {
        self.memory.and_then(|Alarm(armed)| armed)
    }

    /// Has the alarm ring by then; moves it only to an earlier time.
    pub(super) fn arm(
        &mut self,
        wake_by: Option<Timestamp>,
        around: &mut Around<'_>,
    ) -> Result<(), Broken> {
        let Some(wake_by) = wake_by else {
            return Ok(());
        };
        let armed = self.armed();
        if self.defect != Defect::AlarmMovedLater && armed.is_some_and(|armed| armed <= wake_by) {
            return Ok(());
        }
        if let Err(broken) = around.breaks(Mark::AlarmNotSet, around.rates.alarm_unset) {
            self.memory = None;
            return Err(broken);
        }
        self.memory = Some(Alarm(Some(wake_by)));
        self.slot = Some(wake_by);
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
        let in_time = |armed: &Timestamp| now <= armed.after(ALARM_LATE);
        if self.armed().as_ref().is_some_and(in_time) {
            return Ok(());
        }
        let armed = if let Some(Alarm(late)) = self.memory {
            late
        } else {
            around.breaks(Mark::StorageFailed, around.rates.storage / 4.0)?;
            self.slot
        };
        let armed = armed.filter(in_time);
        let unknown = self.memory.is_none();
        self.memory = Some(Alarm(armed));
        if unknown && armed.is_some() && self.defect == Defect::StoredAlarmTrusted {
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
        self.memory = Some(Alarm(None));
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
            self.arm(Some(now.after(ALARM_PAUSE)), around)?;
        }
        if self.memory.is_none() && self.defect != Defect::AlarmSwallowed {
            self.mend(now, next_due, around)?;
        }
        self.unarmed = false;
        Ok(())
    }
}
