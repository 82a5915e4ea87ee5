//! When a job's turn comes: what its gate knows of that. With a pool, it is told there; without, the gate tells it itself, from
//! how long the user's jobs held their leases lately.
//!
//! It costs rows read, and none written: at most [`LEASES_MAX`] twice of those that hold a lease, and [`BEFORE_MAX`] of those
//! that are parked before the job; without a pool, [`ENDED_MAX`] that have ended.

use super::{
    job::{Job, State},
    lease::Bound,
    store::Store,
    turn::Gate,
};
use crate::{
    domain::{Kind, Stage, Timestamp},
    estimate::{
        self, Arrivals, Estimate, Lengths, Mark, Place, Scene,
        lengths::Spreads,
        scene::{Opening, Running},
    },
    pool::coming::{Before, Coming, Own},
    storage::StorageError,
};

/// Leases read, of jobs that run and of jobs that wait for their turn.
const LEASES_MAX: u32 = 64;

/// Parked jobs whose kind is read.
const BEFORE_MAX: u32 = 200;

/// Ended jobs from which is learnt.
const ENDED_MAX: u32 = 20;

/// How a job comes to its turn that holds no lease.
pub(super) struct Outlook {
    /// For the pool to go on from.
    pub(super) coming: Option<Box<Coming>>,
    /// Where there is none: when its turn comes.
    pub(super) estimate: Option<Estimate>,
}

/// Of a job under that limit, before which so many are parked; nothing of one that holds a lease, or has ended.
pub(super) fn outlook<S: Store>(
    gate: &Gate<'_, S>,
    job: &Job,
    bound: &Bound,
    before: u32,
) -> Result<Outlook, StorageError> {
    let none = Outlook {
        coming: None,
        estimate: None,
    };
    if !matches!(job.state, State::Parked | State::Retrying) {
        return Ok(none);
    }
    let leases = leases(gate, job, bound)?;
    let waits = job.state == State::Parked || bound.active >= bound.limit;
    let own = if waits {
        Some(own(gate, job, (bound, before), &leases)?)
    } else {
        None
    };
    // Its age counts from its first lease: had it come now, all of the time until now would have been its user's limit's.
    let ages_later = job.epoch == 0;
    let rank = if ages_later {
        job.rank.delayed(gate.now.millis_since(job.age_from()))
    } else {
        job.pool_rank()
    };
    let coming = Coming {
        kind: job.kind.clone(),
        stage: job.current_stage(),
        rank,
        ages_later,
        not_before: job.due.filter(|_| job.state == State::Retrying),
        parked: own,
    };
    if gate.config.has_pool {
        let coming = Some(Box::new(coming));
        return Ok(Outlook { coming, ..none });
    }
    let estimate = alone(gate, &coming, (bound.limit, &leases))?;
    Ok(Outlook { estimate, ..none })
}

/// Jobs that hold a lease under that limit.
fn leases<S: Store>(
    gate: &Gate<'_, S>,
    job: &Job,
    bound: &Bound,
) -> Result<Vec<Job>, StorageError> {
    let mut leases = Vec::new();
    for state in [State::Running, State::Queued] {
        let page = gate.store.page(Some(state), None, None, LEASES_MAX)?;
        leases.extend(page);
    }
    leases.retain(|held| !bound.by_kind || held.kind == job.kind);
    Ok(leases)
}

fn own<S: Store>(
    gate: &Gate<'_, S>,
    job: &Job,
    (bound, before): (&Bound, u32),
    leases: &[Job],
) -> Result<Own, StorageError> {
    let mut kinds = Vec::new();
    if !bound.by_kind {
        // A job in the line of its kind waits for those of the common line, too.
        kinds = gate.store.kinds_before(job, BEFORE_MAX)?;
    }
    let read: u32 = kinds.iter().map(|(_, count)| *count).sum();
    let rest = if job.by_kind {
        before
    } else {
        before.saturating_sub(read)
    };
    kinds.push((job.kind.clone(), rest));
    let count = |(kind, count): (Kind, u32)| Before {
        stage: first_stage(gate, job, &kind),
        kind,
        count,
    };
    Ok(Own {
        leases: leases.iter().map(|held| held.job_id.clone()).collect(),
        held: bound.active,
        above: bound.active.saturating_sub(bound.limit),
        before: kinds
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(count)
            .collect(),
    })
}

/// Most parked jobs have not begun.
fn first_stage<S>(gate: &Gate<'_, S>, job: &Job, kind: &Kind) -> Stage {
    let rules = gate.config.kinds.get(kind).filter(|_| *kind != job.kind);
    let first = rules.and_then(|rules| rules.stages.first().copied());
    first.unwrap_or(job.current_stage())
}

/// Where no pool bounds anything, a lease is all that a job waits for.
fn alone<S: Store>(
    gate: &Gate<'_, S>,
    coming: &Coming,
    (limit, leases): (u32, &[Job]),
) -> Result<Option<Estimate>, StorageError> {
    let spreads = lengths(gate)?.spreads();
    let find = |job: &Job| spreads.find(&job.kind, job.stages[0].name);
    let running = leases.iter().map(|job| Running {
        mark: Mark::of(&job.job_id),
        spread: find(job),
        elapsed: job.granted_at.map(|at| gate.now.millis_since(at)),
    });
    let scene = Scene {
        now: gate.now,
        // As many as may ever run: none waits here for a slot.
        slots: (limit as usize).max(leases.len()) + 1,
        running: running.collect(),
        line: Vec::new(),
        beyond: 0,
        spreads: spreads.clone(),
        arrivals: &Arrivals::default(),
    };
    let place = place(gate.now, &spreads, coming);
    Ok(match &coming.parked {
        Some(own) => estimate::parked(&scene, &place, &coming.parked(&spreads, own)),
        None => estimate::in_line(&scene, &place),
    })
}

fn place(now: Timestamp, spreads: &Spreads, coming: &Coming) -> Place {
    let opening = coming.not_before.map_or(0, |at| at.millis_since(now));
    Place {
        rank: coming.rank,
        ages_later: coming.ages_later,
        spread: spreads.find(&coming.kind, coming.stage),
        opening: Opening {
            in_millis: opening,
            is_tried: false,
        },
    }
}

/// How long the user's latest jobs held their leases.
fn lengths<S: Store>(gate: &Gate<'_, S>) -> Result<Lengths, StorageError> {
    let page = gate
        .store
        .page(Some(State::Succeeded), None, None, ENDED_MAX)?;
    let mut lengths = Lengths::default();
    for job in page.iter().rev() {
        if let (Some(granted), Some(ended)) = (job.granted_at, job.finished_at) {
            let length = ended.millis_since(granted);
            lengths.add(&job.kind, job.stages[0].name, ended, length);
        }
    }
    Ok(lengths)
}
