//! The one alarm of an object, as [`Alarm`](alarm::Alarm) decides about it.

use crate::{clock, log::log};
use queue_core::{
    alarm, config::LogFormat, domain::Timestamp, events::Event, storage::StorageError,
};
use std::{cell::Cell, future::Future, time::Duration};
use worker::{Result, Storage};

/// The alarm, and how often it was set.
#[derive(Default)]
pub(crate) struct Alarm {
    decides: Cell<alarm::Alarm>,
    /// How often it was set since that was asked last.
    sets: Cell<u32>,
}

impl Alarm {
    /// How often the alarm was set since this was asked last; each time is billed as a row written.
    pub(crate) fn take_sets(&self) -> u32 {
        self.sets.take()
    }

    fn decide<T>(&self, decision: impl FnOnce(&mut alarm::Alarm) -> T) -> T {
        let mut alarm = self.decides.get();
        let decided = decision(&mut alarm);
        self.decides.set(alarm);
        decided
    }

    /// Has the alarm ring by then.
    pub(crate) async fn arm(&self, storage: &Storage, wake_by: Option<Timestamp>) -> Result<()> {
        let Some(at) = self.decide(|alarm| alarm.arm(wake_by)) else {
            return Ok(());
        };
        let pause = u64::try_from(at.millis_since(clock::now())).unwrap_or(0);
        self.sets.set(self.sets.get() + 1);
        let set = storage.set_alarm(Duration::from_millis(pause)).await;
        if set.is_err() {
            self.decide(alarm::Alarm::not_set);
        }
        set
    }

    /// Learns when the alarm rings, and mends one that was never set, could not be set, or was dropped by the
    /// platform: whatever storage says, it must ring by the time the next row is due.
    pub(crate) async fn mend(
        &self,
        storage: &Storage,
        now: Timestamp,
        next_due: impl FnOnce() -> Result<Option<Timestamp>, StorageError>,
    ) -> Result<()> {
        let alarm = self.decides.get();
        if alarm.is_in_time(now) {
            return Ok(());
        }
        let stored = if alarm.is_unknown() {
            storage.get_alarm().await?.map(Timestamp::from_millis)
        } else {
            None
        };
        self.decide(|alarm| alarm.learn(now, stored));
        let next = next_due().map_err(|error| worker::Error::RustError(error.to_string()))?;
        self.arm(storage, next).await
    }

    /// The alarm rang: does the work. It rings at least once, perhaps late, perhaps twice. Fails only if it cannot
    /// even be set again: after six failures the platform would not ring any more.
    pub(crate) async fn ring(
        &self,
        storage: &Storage,
        format: LogFormat,
        work: impl Future<Output = Result<()>>,
        next_due: impl FnOnce() -> Result<Option<Timestamp>, StorageError>,
    ) -> Result<()> {
        self.decide(alarm::Alarm::rings);
        if let Err(error) = work.await {
            let event = Event::fault("an alarm could not be served; it is repeated", &error);
            log(format, &event);
            self.arm(storage, Some(alarm::Alarm::again(clock::now())))
                .await?;
        }
        if self.decides.get().is_unknown() {
            // The next could not be set. Perhaps nobody ever calls: this one must not count as served.
            self.mend(storage, clock::now(), next_due).await?;
        }
        Ok(())
    }
}
