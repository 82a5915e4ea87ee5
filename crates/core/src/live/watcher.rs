//! Who watches, for how long, and how many at a time.
//!
//! The client of a socket may be gone without a word, and nothing says so: the platform shows the socket as open. So each
//! has an end; a stream gives signs of life, which the platform answers and dates; and of too many the oldest goes.

use super::message::Watch;
use crate::domain::{JobId, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a stream of events lasts; then its client asks again.
pub const STREAM_LASTS: Duration = Duration::from_mins(10);

/// The longest that an answer about one job is held back.
pub const WAIT_MAX: Duration = Duration::from_secs(30);

/// The time between two signs of life of a stream.
pub const ALIVE_EVERY: Duration = Duration::from_secs(25);

/// What a stream says to its gate as a sign of life. The platform answers it and does not wake the gate.
pub const ALIVE: &str = "alive";

/// The platform's answer to it.
pub const ALIVE_HEARD: &str = "heard";

/// Most sockets of a gate.
pub const WATCHERS_MAX: usize = 64;

/// A watcher ends by itself by then, or never.
const SLACK: Duration = Duration::from_secs(15);

/// What is known of an open socket. It is kept with the socket, so it survives an eviction.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Watcher {
    /// The one job that it is about; otherwise all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// When it was opened.
    pub opened_at: Timestamp,
}

impl Watcher {
    /// The watcher of a socket that is opened now.
    #[must_use]
    pub fn new(watch: &Watch, now: Timestamp) -> Self {
        Self {
            job_id: watch.job.as_ref().map(|seen| seen.job_id.clone()),
            opened_at: now,
        }
    }

    /// Whether it is told of that job.
    #[must_use]
    pub fn hears_of(&self, job_id: &JobId) -> bool {
        self.job_id.as_ref().is_none_or(|only| only == job_id)
    }

    /// Whether nobody is there any more; `alive_at` is when it gave the latest sign of life.
    #[must_use]
    pub fn is_gone(&self, now: Timestamp, alive_at: Option<Timestamp>) -> bool {
        let lasts = match self.job_id {
            Some(_) => WAIT_MAX,
            None => STREAM_LASTS,
        };
        if self.opened_at.after(lasts).after(SLACK) <= now {
            return true;
        }
        let heard_at = alive_at.map_or(self.opened_at, |at| at.max(self.opened_at));
        // Two signs of life may be lost or late.
        heard_at.after(ALIVE_EVERY * 3) <= now
    }
}

/// Which sockets are closed to have room for one more: those of nobody, and the oldest of too many.
#[must_use]
pub fn excess(now: Timestamp, watchers: &[(Watcher, Option<Timestamp>)]) -> Vec<usize> {
    let is_gone = |index: usize| {
        let (watcher, alive_at) = &watchers[index];
        watcher.is_gone(now, *alive_at)
    };
    let (mut close, mut kept): (Vec<usize>, Vec<usize>) =
        (0..watchers.len()).partition(|index| is_gone(*index));
    kept.sort_by_key(|index| watchers[*index].0.opened_at);
    let too_many = (kept.len() + 1).saturating_sub(WATCHERS_MAX);
    close.extend(kept.into_iter().take(too_many));
    close
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::message::Seen;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn job(number: u8) -> JobId {
        JobId::new(NOW, &[number; 10])
    }

    fn of_one(job_id: JobId) -> Watcher {
        let job = Some(Seen {
            job_id,
            changed_at: None,
        });
        Watcher::new(&Watch { job }, NOW)
    }

    fn of_all() -> Watcher {
        Watcher::new(&Watch::default(), NOW)
    }

    const fn seconds(seconds: u64) -> Timestamp {
        Timestamp::from_millis(NOW.as_millis() + seconds.cast_signed() * 1_000)
    }

    #[test]
    fn a_stream_hears_of_every_job_and_a_wait_of_its_own() {
        assert!(of_all().hears_of(&job(1)));
        assert!(of_one(job(1)).hears_of(&job(1)));
        assert!(!of_one(job(1)).hears_of(&job(2)));
    }

    #[test]
    fn a_stream_is_gone_after_three_missed_signs_of_life_or_at_its_end() {
        assert!(!of_all().is_gone(seconds(74), None));
        assert!(of_all().is_gone(seconds(75), None));
        assert!(!of_all().is_gone(seconds(150), Some(seconds(100))));
        assert!(of_all().is_gone(seconds(175), Some(seconds(100))));
        // Whatever it says.
        assert!(!of_all().is_gone(seconds(614), Some(seconds(614))));
        assert!(of_all().is_gone(seconds(615), Some(seconds(615))));
    }

    #[test]
    fn a_wait_gives_no_sign_and_is_gone_when_it_must_have_been_answered() {
        assert!(!of_one(job(1)).is_gone(seconds(44), None));
        assert!(of_one(job(1)).is_gone(seconds(45), None));
    }

    #[test]
    fn who_is_gone_goes_first_and_then_the_oldest_of_too_many() {
        let opened = |at: u64| {
            let watcher = Watcher {
                opened_at: seconds(at),
                ..of_all()
            };
            (watcher, None)
        };
        let mut all: Vec<_> = (100..100 + WATCHERS_MAX as u64).rev().map(opened).collect();
        let oldest = all.len() - 1;
        assert_eq!(excess(seconds(170), &all), [oldest]);
        all[3] = opened(90);
        assert_eq!(excess(seconds(170), &all), [3]);
        all.pop();
        assert_eq!(excess(seconds(150), &all), Vec::<usize>::new());
        assert_eq!(excess(seconds(170), &all), [3]);
    }
}
