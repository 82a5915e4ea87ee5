//! When a job's turn comes: what the pool knows of that, gathered for an [estimate](crate::estimate).
//!
//! It costs rows read, and none written: those that have a slot, at most [`RUNNING_MAX`], and of each stage, at most
//! [`LINE_MAX`] that wait before the job. What is beyond these is taken to be like them.

use super::{claim::Claim, coming::Coming, opens::Opens, store::Store, turn::Pool};
use crate::{
    domain::{JobId, Kind, Rank, Stage},
    estimate::{
        self, Estimate, Mark, Place, Scene,
        lengths::Spreads,
        scene::{Opening, Running, Waiting},
    },
    storage::StorageError,
};
use std::time::Duration;

/// Most rows read of those that have a slot.
const RUNNING_MAX: u32 = 200;

/// Most rows read of those that wait, of each stage.
const LINE_MAX: u32 = 150;

/// Of one that is parked, what comes into the line meanwhile goes before it, too, up to so much later.
const AHEAD: Duration = Duration::from_hours(1);

/// A job that waits in the line at that place, counted from 1.
pub(super) fn in_line<S: Store>(
    pool: &Pool<'_, S>,
    claim: &Claim,
    position: u32,
) -> Result<Option<Estimate>, StorageError> {
    let spreads = pool.desk.history.lengths().spreads();
    let Some(place) = place(pool, &spreads, &coming_of(claim)) else {
        return Ok(None);
    };
    let before = position.saturating_sub(1);
    let scene = scene(pool, spreads, &claim.key(), before)?;
    Ok(estimate::in_line(&scene, &place))
}

fn coming_of(claim: &Claim) -> Coming {
    Coming {
        kind: claim.want.ticket.kind.clone(),
        stage: claim.stage(),
        rank: claim.want.rank,
        ages_later: false,
        not_before: None,
        parked: None,
    }
}

/// A job that comes into the line later.
pub(super) fn coming<S: Store>(
    pool: &Pool<'_, S>,
    job_id: &JobId,
    coming: &Coming,
) -> Result<Option<Estimate>, StorageError> {
    let spreads = pool.desk.history.lengths().spreads();
    let Some(place) = place(pool, &spreads, coming) else {
        return Ok(None);
    };
    let key = (coming.rank, job_id.clone());
    let before = pool.store.ahead_of(&key)?;
    let Some(own) = &coming.parked else {
        let scene = scene(pool, spreads, &key, before)?;
        return Ok(estimate::in_line(&scene, &place));
    };
    if Stage::ALL
        .iter()
        .any(|stage| opening(pool, *stage).is_none())
    {
        // Its user's leases may wait for that.
        return Ok(None);
    }
    let parked = coming.parked(&spreads, own);
    let until = if coming.ages_later {
        let ahead = i64::try_from(AHEAD.as_millis()).unwrap_or(i64::MAX);
        (coming.rank.delayed(ahead), job_id.clone())
    } else {
        key
    };
    let scene = scene(pool, spreads, &until, before)?;
    Ok(estimate::parked(&scene, &place, &parked))
}

/// `None` where nobody knows when its stage may begin.
fn place<S: Store>(pool: &Pool<'_, S>, spreads: &Spreads, coming: &Coming) -> Option<Place> {
    let mut opening = opening(pool, coming.stage)?;
    if let Some(at) = coming.not_before {
        opening.in_millis = opening.in_millis.max(at.millis_since(pool.now));
    }
    Some(Place {
        rank: coming.rank,
        ages_later: coming.ages_later,
        spread: spreads.find(&coming.kind, coming.stage),
        opening,
    })
}

fn opening<S: Store>(pool: &Pool<'_, S>, stage: Stage) -> Option<Opening> {
    match pool.outages.opens(stage, pool.now) {
        Opens::Now => Some(Opening::default()),
        Opens::At { until, is_tried } => Some(Opening {
            in_millis: until.millis_since(pool.now),
            is_tried,
        }),
        Opens::Unknown => None,
    }
}

/// The slots, and the line before that place, in which so many wait.
fn scene<'a, S: Store>(
    pool: &'a Pool<'_, S>,
    spreads: Spreads,
    key: &(Rank, JobId),
    before: u32,
) -> Result<Scene<'a>, StorageError> {
    // Those that wait for a back end of which nobody knows when it goes on do not go before anybody.
    let mut stages = Stage::ALL.to_vec();
    stages.retain(|stage| opening(pool, *stage).is_some());
    let find = |kind: &Kind, stage| spreads.find(kind, stage);
    let running: Vec<Running> = pool
        .store
        .running(RUNNING_MAX)?
        .iter()
        .map(|claim| Running {
            mark: Mark::of(claim.job_id()),
            spread: find(&claim.want.ticket.kind, claim.stage()),
            elapsed: claim.since.map(|since| pool.now.millis_since(since)),
        })
        .collect();
    let read = pool.store.line_before(&stages, key, LINE_MAX)?;
    let line: Vec<Waiting> = read
        .iter()
        .map(|claim| Waiting {
            mark: Mark::of(claim.job_id()),
            spread: find(&claim.want.ticket.kind, claim.stage()),
            rank: claim.want.rank,
            opening: opening(pool, claim.stage()).unwrap_or_default(),
        })
        .collect();
    let is_full = line.len() >= LINE_MAX as usize;
    let beyond = before.saturating_sub(u32::try_from(line.len()).unwrap_or(u32::MAX));
    let scene = Scene {
        now: pool.now,
        slots: slots(pool),
        running,
        line,
        beyond: if is_full { beyond } else { 0 },
        spreads,
        arrivals: pool.desk.history.arrivals(),
    };
    Ok(scaled(scene, pool.held))
}

/// Slots that are served: where some stay free beside a line, nobody has places for more.
fn slots<S: Store>(pool: &Pool<'_, S>) -> usize {
    let slots = if pool.desk.history.is_unserved(pool.now) {
        pool.held
    } else {
        pool.config.capacity
    };
    usize::try_from(slots).unwrap_or(usize::MAX)
}

/// Of a pool in which more run than were read, a part that is like it: as many slots as were read, and as much less of the
/// line.
fn scaled(mut scene: Scene<'_>, held: u32) -> Scene<'_> {
    let (read, held) = (scene.running.len(), held as usize);
    if held > read && read >= RUNNING_MAX as usize {
        let part = |count: usize| count * read / held;
        let beyond = part(scene.line.len() + scene.beyond as usize);
        scene.slots = part(scene.slots);
        scene.line.truncate(beyond);
        let beyond = beyond - scene.line.len();
        scene.beyond = u32::try_from(beyond).unwrap_or(u32::MAX);
    }
    scene
}
