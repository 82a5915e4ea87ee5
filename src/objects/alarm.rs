//! The one alarm of an object.

use crate::{clock, log::log};
use queue_core::{config::LogFormat, domain::Timestamp, events::Event, storage::StorageError};
use std::{cell::Cell, future::Future, time::Duration};
use worker::{Result, Storage};

/// How long to wait after an alarm whose work failed, instead of the platform's six tries and then none.
const PAUSE: Duration = Duration::from_secs(10);

/// An alarm that did not ring by so long after its time was dropped by the platform.
const LATE: Duration = Duration::from_mins(2);

#[derive(Clone, Copy)]
struct Known(Option<Timestamp>);

/// When the alarm rings; `None` until it was asked for. The only thing an object keeps in memory for its
/// decisions, and only to save asking: storage has it, too.
#[derive(Default)]
pub(crate) struct Alarm {
    known: Cell<Option<Known>>,
    /// How often it was set since that was asked last.
    sets: Cell<u32>,
}

impl Alarm {
    /// How often the alarm was set since this was asked last; each time is billed as a row written.
    pub(crate) fn take_sets(&self) -> u32 {
        self.sets.take()
    }

    /// Has the alarm ring by then; it is moved only when it must come earlier, since each move is billed
    /// as a row written.
    pub(crate) async fn arm(&self, storage: &Storage, wake_by: Option<Timestamp>) -> Result<()> {
        let Some(wake_by) = wake_by else {
            return Ok(());
        };
        let armed = self.known.get().and_then(|Known(armed)| armed);
        if armed.is_some_and(|armed| armed <= wake_by) {
            return Ok(());
        }
        let pause = wake_by.millis_since(clock::now());
        self.known.set(Some(Known(Some(wake_by))));
        let pause = Duration::from_millis(u64::try_from(pause).unwrap_or(0));
        self.sets.set(self.sets.get() + 1);
        let set = storage.set_alarm(pause).await;
        if set.is_err() {
            self.known.set(None);
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
        let in_time = |armed: &Timestamp| now <= armed.after(LATE);
        let known = self.known.get();
        if known
            .and_then(|Known(armed)| armed)
            .as_ref()
            .is_some_and(in_time)
        {
            return Ok(());
        }
        let armed = match known {
            Some(Known(late)) => late,
            None => storage.get_alarm().await?.map(Timestamp::from_millis),
        };
        self.known.set(Some(Known(armed.filter(in_time))));
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
        self.known.set(Some(Known(None)));
        if let Err(error) = work.await {
            let event = Event::fault("an alarm could not be served; it is repeated", &error);
            log(format, &event);
            self.arm(storage, Some(clock::now().after(PAUSE))).await?;
        }
        if self.known.get().is_none() {
            // The next could not be set. Perhaps nobody ever calls: this one must not count as served.
            self.mend(storage, clock::now(), next_due).await?;
        }
        Ok(())
    }
}
