//! What is known at the moment of a question.

use super::{
    arrivals::Arrivals,
    chance::Mark,
    lengths::{SpreadOf, Spreads},
};
use crate::domain::{Rank, Timestamp};

/// Further than that, nothing is told.
pub(super) const FURTHEST: i64 = 7 * 24 * 3_600_000;

/// From when a job may begin, apart from its place in the line.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Opening {
    /// In so many milliseconds.
    pub in_millis: i64,
    /// Then one job tries first, and the others follow when it has succeeded.
    pub is_tried: bool,
}

/// A job that has a slot.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// What it draws by.
    pub mark: Mark,
    /// How long such jobs take.
    pub spread: SpreadOf,
    /// How long it has had the slot, in milliseconds, if that is known.
    pub elapsed: Option<i64>,
}

/// A job that waits for a slot.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// What it draws by.
    pub mark: Mark,
    /// How long such jobs take.
    pub spread: SpreadOf,
    /// Its place.
    pub rank: Rank,
    /// From when it may begin.
    pub opening: Opening,
}

/// The slots and the line.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// When it is asked.
    pub now: Timestamp,
    /// Slots that are served.
    pub slots: usize,
    /// Who has one.
    pub running: Vec<Running>,
    /// Who waits for one before the job in question, the best first.
    pub line: Vec<Waiting>,
    /// Others that wait before it, and were not read.
    pub beyond: u32,
    /// How long slots are held.
    pub spreads: Spreads,
    /// What came into the line lately.
    pub arrivals: &'a Arrivals,
}

impl Scene<'_> {
    /// How many of the line go before that place.
    pub(super) fn ahead(&self, place: &Place) -> u32 {
        let read = self.line.partition_point(|job| job.rank < place.rank);
        u32::try_from(read)
            .unwrap_or(u32::MAX)
            .saturating_add(self.beyond)
    }
}

/// A job that waits for its own user's limit.
#[derive(Clone, Debug)]
pub struct Parked {
    /// The user's jobs under that limit: the marks by which those with a slot, and those in the line, are found.
    pub leases: Vec<Mark>,
    /// How many such leases there are in all.
    pub held: u32,
    /// Of these, how many are above the limit, which was lowered: their ends let nobody go.
    pub above: u32,
    /// The user's jobs that go before it, and how long such jobs take.
    pub before: Vec<(SpreadOf, u32)>,
    /// How long the jobs take of which nothing is known but that they have a lease.
    pub spread: SpreadOf,
}

impl Parked {
    /// How many go before it.
    pub(super) fn count(&self) -> i64 {
        self.before.iter().map(|(_, count)| i64::from(*count)).sum()
    }
}

/// How the job in question stands in the line, now or later.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its rank, as of now.
    pub rank: Rank,
    /// Its rank counts from when it comes into the line.
    pub ages_later: bool,
    /// How long such jobs take.
    pub spread: SpreadOf,
    /// From when it may begin.
    pub opening: Opening,
}
