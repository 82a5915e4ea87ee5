//! When a job may start: not before one time, and not after another.

use super::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far ahead a job may be put off. The retention counts from its end, and until then its gate keeps the payload, of up
/// to 256 KiB.
pub const NOT_BEFORE_MAX: Duration = Duration::from_hours(30 * 24);

/// How far ahead it may be told to start: as long again after the latest `notBefore`.
pub const START_BY_MAX: Duration = Duration::from_hours(60 * 24);

/// When a job may start.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// Not earlier; its age counts from then, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// A job that has not started when this comes never does: it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_by: Option<Timestamp>,
}

/// What is wrong with a window when the job is to be recorded.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Untimely {
    /// `notBefore` is later than [`NOT_BEFORE_MAX`] from now.
    NotBeforeTooLate,
    /// `startBy` has passed.
    StartByPassed,
    /// `startBy` is later than [`START_BY_MAX`] from now.
    StartByTooLate,
}

impl Window {
    /// Whether it says nothing.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.not_before.is_none() && self.start_by.is_none()
    }

    /// From when the age of a job counts that was submitted then: a job that is put off for a week is not a week old.
    #[must_use]
    pub fn age_from(&self, submitted_at: Timestamp) -> Timestamp {
        self.not_before
            .map_or(submitted_at, |at| at.max(submitted_at))
    }

    /// When it opens, if that is yet to come.
    #[must_use]
    pub fn opens_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.not_before.filter(|at| *at > now)
    }

    /// What is wrong with it now.
    #[must_use]
    pub fn faults(&self, now: Timestamp) -> Vec<Untimely> {
        let is_late = |at: Option<Timestamp>, most| at.is_some_and(|at| at > now.after(most));
        let faults = [
            (
                is_late(self.not_before, NOT_BEFORE_MAX),
                Untimely::NotBeforeTooLate,
            ),
            (
                self.start_by.is_some_and(|at| at <= now),
                Untimely::StartByPassed,
            ),
            (
                is_late(self.start_by, START_BY_MAX),
                Untimely::StartByTooLate,
            ),
        ];
        let faults = faults.into_iter().filter(|(is_so, _)| *is_so);
        faults.map(|(_, fault)| fault).collect()
    }
}
