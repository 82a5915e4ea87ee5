//! When a waiting job's turn comes, as far as that can be said: a moment, and a range that holds for nine of ten.
//!
//! It is told from how long those that have a slot, or a lease, still take, and from what goes before by rank; not from the
//! gaps between departures. Forty courses are drawn: in each, everybody takes as long as one of the latest of the same kind
//! and stage did (of those that took longer than it already has), and the best of the line gets each slot that frees. The
//! moment told is the middle of the forty; the range goes from an early one, if nobody comes any more, to a late one, if as
//! many better ones come as did lately.
//!
//! Nothing is decided by it, and nothing is told where little is known: too few have ended, nobody takes the work, or nobody
//! knows when a back end goes on. Who asks twice is told the same by the same draws ([`chance`]).
//!
//! Reading order: [`scene`] (what is known), [`lengths`] with `latest`, and [`arrivals`] (what was seen lately), `course` (one course), and
//! here the question.

pub mod arrivals;
pub mod chance;
mod course;
mod latest;
pub mod lengths;
pub mod scene;

pub use arrivals::{Arrival, Arrivals};
pub use chance::Mark;
pub use lengths::Lengths;
pub use scene::{Parked, Place, Scene};

use crate::domain::Timestamp;
use course::{ALL, Course, NONE, Refill};
use lengths::SpreadOf;
use scene::{FURTHEST, Opening};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Courses that are drawn.
const COURSES: u64 = 40;

/// Of these, the one that is early, the middle, and the one that is late.
const EARLY: usize = 1;
const MIDDLE: usize = 20;
const LATE: usize = 38;

/// What nobody can know better, in milliseconds, and in parts of the wait: calls take their time.
const SLACK: i64 = 500;
const SLACK_PART: i64 = 32;

/// How much more come while a job waits for those that came by chance, at most.
const GROWS_MAX: i64 = 4;

/// When a job's turn comes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The middle, if nobody comes any more who goes before it.
    pub starts_at: Timestamp,
    /// Not before, probably.
    pub from: Timestamp,
    /// Not after, probably.
    pub until: Timestamp,
    /// How many jobs that ended lately it rests on.
    pub ended: u32,
    /// How many go before it.
    pub ahead: u32,
}

/// A job in the line, or one that comes into it when its time has come.
#[must_use]
pub fn in_line(scene: &Scene<'_>, place: &Place) -> Option<Estimate> {
    if !is_known(scene, &[]) {
        return None;
    }
    let courses = courses(scene, Some(place.opening));
    let waits = sorted(courses.map(|course| course.last()));
    let until = overtaken(scene, place, waits[LATE].min(FURTHEST));
    let waits = [waits[EARLY], waits[MIDDLE], until];
    told(scene, waits, scene.ahead(place))
}

/// When a job starts that would start after `wait` if nobody came, if as many come as did lately, give or take as chance has
/// it; and while it waits for these, others come.
fn overtaken(scene: &Scene<'_>, place: &Place, wait: i64) -> i64 {
    let age = scene.now.as_millis() - place.rank.as_millis();
    let step = step(scene);
    let lately = scene.arrivals.overtaking(scene.now, (wait, age), step);
    // In a short time, none may have come although some do.
    let within = lately.until.min(FURTHEST);
    let usual = scene.arrivals.usual(scene.now, age, within);
    let count = usual.max(lately.count * ALL);
    let until = wait + count * step / ALL;
    let margin = (count * ALL).isqrt() * step / ALL * 7 / 3;
    let wait = wait.max(1);
    until + margin.saturating_mul(until.min(wait * GROWS_MAX)) / wait
}

/// A job that waits for its own user's limit, and then comes into the line.
#[must_use]
pub fn parked(scene: &Scene<'_>, place: &Place, parked: &Parked) -> Option<Estimate> {
    if !is_known(scene, &parked.before) {
        return None;
    }
    let drawn: Vec<Course<'_>> = courses(scene, None).collect();
    let waits = |refill: Refill| {
        sorted(
            drawn
                .iter()
                .map(|course| course.parked(place, parked, refill)),
        )
    };
    let (early, late) = (waits(NONE), waits(ALL));
    let middle = waits(refill(scene, place, late[MIDDLE]));
    let own = u32::try_from(parked.count()).unwrap_or(u32::MAX);
    let ahead = scene.ahead(place).saturating_add(own);
    told(scene, [early[EARLY], middle[MIDDLE], late[LATE]], ahead)
}

fn courses<'a>(scene: &'a Scene<'a>, last: Option<Opening>) -> impl Iterator<Item = Course<'a>> {
    (0..COURSES).map(move |number| Course::draw(scene, number, last))
}

fn sorted(waits: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut waits: Vec<i64> = waits.collect();
    waits.sort_unstable();
    waits
}

/// Whether enough is known: of nine in ten of those that go before it, how long they take.
fn is_known(scene: &Scene<'_>, before: &[(SpreadOf, u32)]) -> bool {
    let running = scene.running.iter().map(|job| (job.spread, 1));
    let line = scene.line.iter().map(|job| (job.spread, 1));
    let (mut known, mut all) = (0, 0);
    for (spread, count) in running.chain(line).chain(before.iter().copied()) {
        all += u64::from(count);
        known += if spread.is_known() {
            u64::from(count)
        } else {
            0
        };
    }
    scene.slots > 0 && scene.spreads.count() > 0 && known * 10 >= all * 9
}

/// From one departure to the next.
fn step(scene: &Scene<'_>) -> i64 {
    let mean = scene.spreads.get(SpreadOf::ANY).mean;
    mean / i64::try_from(scene.slots).unwrap_or(1).max(1)
}

/// How fast the line grows again where this one comes into it: how many came lately since others of their user had ended, in
/// about as long as is looked ahead, of those that could go in that time.
fn refill(scene: &Scene<'_>, place: &Place, ahead: i64) -> Refill {
    let within = ahead.max(1_000);
    let lead = scene.now.as_millis() - place.rank.as_millis();
    // A millisecond or two lie between a job's rank and its coming.
    let lead = if place.ages_later { lead - 1_000 } else { lead };
    let came = scene.arrivals.next_ones(scene.now, within, lead);
    let could_go = (within / step(scene).max(1)).max(1);
    (came * ALL / could_go).min(ALL)
}

fn told(scene: &Scene<'_>, [from, middle, until]: [i64; 3], ahead: u32) -> Option<Estimate> {
    let slack = |wait: i64| SLACK + wait / SLACK_PART;
    let (from, until) = (from.min(middle), until.max(middle));
    let (from, until) = ((from - slack(from)).max(0), until + slack(until));
    let at = |wait: i64| {
        let wait = u64::try_from(wait).unwrap_or(0);
        scene.now.after(Duration::from_millis(wait))
    };
    (until <= FURTHEST).then(|| Estimate {
        starts_at: at(middle),
        from: at(from),
        until: at(until),
        ended: u32::try_from(scene.spreads.count()).unwrap_or(u32::MAX),
        ahead,
    })
}
