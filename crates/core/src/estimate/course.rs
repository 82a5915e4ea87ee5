//! One course that things may take: with lengths that are drawn, the best of the line gets each slot that frees.

use super::{
    chance::{Dice, Mark},
    lengths::{Spread, SpreadOf},
    scene::{FURTHEST, Opening, Parked, Place, Running, Scene, Waiting},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

/// Draws of what is no job.
const BLUR: Mark = Mark::number(1);
const BEYOND: Mark = Mark::number(2);
const TRIAL: Mark = Mark::number(3);
const ELAPSED: Mark = Mark::number(4);
const OWN: Mark = Mark::number(1 << 32);
const LEASE: Mark = Mark::number(1 << 33);

/// Of a user's own jobs, so many are followed one by one.
const CHAIN_MAX: usize = 200;

/// How fast a line that is left grows again, in thousandths of what leaves it.
pub(super) type Refill = i64;
/// Nobody comes.
pub(super) const NONE: Refill = 0;
/// As many come as go.
pub(super) const ALL: Refill = 1_000;

/// A course.
pub(super) struct Course<'a> {
    scene: &'a Scene<'a>,
    dice: Dice,
    /// How long all takes in it, of each spread, in thousandths of what it took lately.
    scales: Vec<i64>,
    /// When each of the line starts, in milliseconds from now.
    starts: Vec<i64>,
    /// When one starts that comes into the line before each of them.
    turns: Vec<i64>,
    /// When one starts that comes after them, and after all beyond.
    end: i64,
}

impl<'a> Course<'a> {
    /// With a job that stands in the line after all of it, or without.
    pub(super) fn draw(scene: &'a Scene<'a>, number: u64, last: Option<Opening>) -> Self {
        let dice = Dice::of(number);
        let blur = dice.normal(BLUR);
        let scale = |spread: &Spread| ALL + spread.blur(blur);
        let mut course = Self {
            scene,
            dice,
            scales: scene.spreads.iter().map(scale).collect(),
            starts: vec![0; scene.line.len()],
            turns: Vec::new(),
            end: 0,
        };
        let next = course.serve(last);
        course.end = next + course.beyond();
        course.turns.clone_from(&course.starts);
        let mut earliest = course.end;
        for turn in course.turns.iter_mut().rev() {
            earliest = earliest.min(*turn);
            *turn = earliest;
        }
        course
    }

    /// When the slots free that are served.
    fn frees(&self) -> BinaryHeap<Reverse<i64>> {
        let Scene { running, slots, .. } = self.scene;
        let mut ends: Vec<i64> = running.iter().map(|job| self.ends(job)).collect();
        ends.sort_unstable();
        // Of more than there may be, the first to end make no room.
        let above = ends.len().saturating_sub(*slots);
        let idle = slots.saturating_sub(ends.len());
        let ends = ends.into_iter().skip(above);
        ends.chain(std::iter::repeat_n(0, idle))
            .map(Reverse)
            .collect()
    }

    /// Gives the slots to the line, to the best of those that may begin by then. When the job after them starts; without one,
    /// when the next slot frees after all.
    fn serve(&mut self, last: Option<Opening>) -> i64 {
        let line = &self.scene.line;
        let mut free = self.frees();
        let mut groups = self.by_opening(last);
        while let Some(mut least) = free.peek_mut() {
            let Reverse(at) = *least;
            let open = groups.iter_mut().filter(|(opens, _)| *opens <= at);
            let best = open.min_by_key(|(_, group)| group.as_slice().first().copied());
            if let Some(index) = best.and_then(|(_, group)| group.next()) {
                let Some(job) = line.get(index) else {
                    return at;
                };
                self.starts[index] = at;
                *least = Reverse(at + self.length(job.mark, job.spread));
                groups.retain(|(_, group)| !group.as_slice().is_empty());
            } else if let Some(opens) = groups.iter().map(|(opens, _)| *opens).min() {
                *least = Reverse(opens);
            } else {
                return at;
            }
        }
        0
    }

    /// The line by when its jobs may begin, each part in its order.
    fn by_opening(&self, last: Option<Opening>) -> Vec<(i64, std::vec::IntoIter<usize>)> {
        let line = self.scene.line.iter().map(|job| job.opening);
        let mut groups: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (index, opening) in line.chain(last).enumerate() {
            let opens = self.opens(opening);
            groups.entry(opens).or_default().push(index);
        }
        let groups = groups.into_iter();
        groups
            .map(|(opens, group)| (opens, group.into_iter()))
            .collect()
    }

    /// How long the jobs take, all slots together, that wait before it and were not read.
    fn beyond(&self) -> i64 {
        let Scene {
            line,
            beyond,
            slots,
            spreads,
            ..
        } = self.scene;
        let (count, read) = (i64::from(*beyond), count(line.len()).max(1));
        if count == 0 {
            return 0;
        }
        let of = |job: &Waiting| spreads.get(job.spread);
        let mean: i64 = line.iter().map(|job| of(job).mean).sum::<i64>() / read;
        let deviation: i64 = line.iter().map(|job| of(job).deviation).sum::<i64>() / read;
        let scale = line.first().map_or(ALL, |job| self.scale(job.spread));
        let work = count * mean / ALL * scale;
        let by_chance = count.isqrt() * deviation / 1_000 * self.dice.normal(BEYOND);
        ((work + by_chance) / slots_of(*slots)).max(0)
    }

    /// When the job after the line starts.
    pub(super) const fn last(&self) -> i64 {
        self.end
    }

    /// When a job starts that waits for its own user's limit first: those before it get the leases that free, and each of them
    /// stands in the line then, and so does it.
    pub(super) fn parked(&self, place: &Place, parked: &Parked, refill: Refill) -> i64 {
        let mut ends: BinaryHeap<Reverse<i64>> = self.leases(parked).map(Reverse).collect();
        for _ in (0..parked.above).take(CHAIN_MAX) {
            ends.pop();
        }
        let of_kind = |(spread, count): (SpreadOf, u32)| (0..count).map(move |_| spread);
        let before = parked.before.iter().copied().flat_map(of_kind);
        let before = before.take(CHAIN_MAX);
        let mut granted = Vec::new();
        for (number, spread) in (0..).zip(before) {
            // Where the limit has room, it goes at once.
            let at = ends.pop().map_or(0, |Reverse(at)| at);
            granted.push(at);
            let starts = self.joins(place, at, refill);
            ends.push(Reverse(starts + self.length(OWN.nth(number), spread)));
        }
        let at = ends.pop().map_or(0, |Reverse(at)| at);
        let rest = parked.count().saturating_sub(count(granted.len()));
        let at = at.saturating_add(rest.saturating_mul(per_grant(&granted)));
        self.joins(place, at.min(FURTHEST), refill)
    }

    /// When the jobs end that hold the leases.
    fn leases(&self, parked: &Parked) -> impl Iterator<Item = i64> {
        let Scene { running, line, .. } = self.scene;
        let is_one = |mark: Mark| parked.leases.contains(&mark);
        let running = running.iter().filter(move |job| is_one(job.mark));
        let running: Vec<i64> = running.map(|job| self.ends(job)).collect();
        let waiting = line.iter().zip(&self.starts);
        let waiting = waiting.filter(move |(job, _)| is_one(job.mark));
        let waiting: Vec<i64> = waiting.map(|(job, at)| at + self.takes(job)).collect();
        let found = running.len() + waiting.len();
        let held = usize::try_from(parked.held).unwrap_or(usize::MAX);
        // The others are further back in the line; or, where all of it was read, on their way to a slot.
        let last = self.starts.last().copied().unwrap_or(0);
        let back = if self.scene.beyond > 0 {
            (last, self.end.max(last))
        } else {
            (0, 0)
        };
        let others = (found..held.min(CHAIN_MAX)).map(move |number| {
            let mark = LEASE.nth(u64::try_from(number).unwrap_or(0));
            let between = self
                .dice
                .share(mark.nth(CHAIN_MAX as u64))
                .of(back.1 - back.0);
            back.0 + between + self.length(mark, parked.spread)
        });
        running.into_iter().chain(waiting).chain(others)
    }

    /// When a job starts that comes into the line then.
    fn joins(&self, place: &Place, at: i64, refill: Refill) -> i64 {
        let Scene { line, .. } = self.scene;
        let rank = if place.ages_later {
            place.rank.delayed(at)
        } else {
            place.rank
        };
        let index = line.partition_point(|job| job.rank < rank);
        let turn = self.turns.get(index).copied().unwrap_or(self.end);
        // Of the line that was before it, some time is over by then; but others came meanwhile.
        let waits = turn - at * (ALL - refill) / ALL;
        at + waits.max(self.opens(place.opening) - at).max(0)
    }

    fn ends(&self, job: &Running) -> i64 {
        let spread = self.scene.spreads.get(job.spread);
        let scale = self.scale(job.spread);
        let share = self.dice.share(job.mark);
        let rest = match job.elapsed {
            Some(elapsed) => spread.rest(elapsed.min(FURTHEST) * ALL / scale, share),
            None => share.of(spread.length(self.dice.share(ELAPSED))),
        };
        rest * scale / ALL
    }

    fn takes(&self, job: &Waiting) -> i64 {
        self.length(job.mark, job.spread)
    }

    fn length(&self, mark: Mark, spread: SpreadOf) -> i64 {
        let length = self.scene.spreads.get(spread).length(self.dice.share(mark));
        length * self.scale(spread) / ALL
    }

    fn scale(&self, spread: SpreadOf) -> i64 {
        self.scales.get(spread.index()).copied().unwrap_or(ALL)
    }

    /// Where one job tries first, the others follow after about as long as a job takes.
    fn opens(&self, opening: Opening) -> i64 {
        let tries = if opening.is_tried {
            self.scene
                .spreads
                .get(SpreadOf::ANY)
                .length(self.dice.share(TRIAL))
        } else {
            0
        };
        opening.in_millis.max(0) + tries
    }
}

/// How long it took lately from one lease to the next.
fn per_grant(granted: &[i64]) -> i64 {
    let half = granted.len() / 2;
    match (granted.get(half), granted.last()) {
        (Some(first), Some(last)) if half > 0 => (last - first) / count(granted.len() - half),
        _ => 0,
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn slots_of(slots: usize) -> i64 {
    count(slots).max(1)
}
