//! What is told of when a job's turn comes.

mod gate;
mod line;
mod own;
mod pool;
mod random;

use crate::harness::START;
use queue_core::{
    domain::{JobId, Kind, Rank, Stage, Timestamp},
    estimate::{
        Arrivals, Estimate, Lengths, Mark, Place, Scene,
        lengths::Spreads,
        scene::{Opening, Running, Waiting},
    },
};
use std::time::Duration;

const SECOND: i64 = 1_000;

fn after(millis: i64) -> Timestamp {
    START.after(Duration::from_millis(millis.try_into().unwrap()))
}

fn mark(number: u64) -> Mark {
    let mut random = [0; 10];
    random[..8].copy_from_slice(&number.to_be_bytes());
    Mark::of(&JobId::new(START, &random))
}

/// Stories that took so long lately, at times of their own.
fn lengths(millis: &[i64]) -> Lengths {
    let mut lengths = Lengths::default();
    for (number, length) in (0..).zip(millis) {
        let at = after(number * 600 * SECOND);
        lengths.add(&Kind::story(), Stage::Image, at, *length);
    }
    lengths
}

/// So many slots, some of which have been taken for so long, and so many jobs that wait; each a second older than the next.
fn scene<'a>(
    arrivals: &'a Arrivals,
    lengths: &Lengths,
    slots: usize,
    (elapsed, waiting): (&[i64], u64),
) -> Scene<'a> {
    let spreads = lengths.spreads();
    let spread = spreads.find(&Kind::story(), Stage::Image);
    let running = elapsed.iter().zip(0..).map(|(elapsed, number)| Running {
        mark: mark(number),
        spread,
        elapsed: Some(*elapsed),
    });
    let line = (0..waiting).map(|number| Waiting {
        mark: mark(1_000 + number),
        spread,
        rank: rank(i64::try_from(number).unwrap() * SECOND - 1_000_000),
        opening: Opening::default(),
    });
    Scene {
        now: START,
        slots,
        running: running.collect(),
        line: line.collect(),
        beyond: 0,
        arrivals,
        spreads,
    }
}

fn rank(millis: i64) -> Rank {
    let at = Timestamp::from_millis(START.as_millis() + millis);
    Rank::new(at, 0, Duration::ZERO)
}

/// The place after all that wait.
fn last(spreads: &Spreads) -> Place {
    Place {
        rank: rank(0),
        ages_later: false,
        spread: spreads.find(&Kind::story(), Stage::Image),
        opening: Opening::default(),
    }
}

/// In how many seconds it starts: the middle, and the range.
fn seconds(estimate: &Estimate) -> [i64; 3] {
    [estimate.from, estimate.starts_at, estimate.until].map(|at| at.millis_since(START) / SECOND)
}
