//! What a turn of the pool made of its rows, against what is allowed.

use super::{Violation, pool::PoolFacts, require};
use crate::{
    marks::{Mark, Tally},
    pool_store::PoolChange,
};
use story_queue::{
    domain::{JobId, Ticket, Timestamp},
    gate::command::Holding,
    pool::{
        Claim, Command, Hold, Reply, Turn,
        command::{Claimed, Want},
    },
};

/// Judges a turn; `held` slots were taken before it.
///
/// # Errors
/// When something in it is not allowed.
pub(super) fn judge(
    pool: &mut PoolFacts,
    now: Timestamp,
    held: u32,
    (command, turn, changes): (&Command, &Turn, &[PoolChange]),
    best: Option<&Claim>,
    tally: &mut Tally,
) -> Result<(), Violation> {
    let mut owed = 0;
    for change in changes {
        moved(pool, now, command, change, tally)?;
        let sends = sends(pool, command, change);
        owed += usize::from(sends);
        let sent = sent(turn)
            .filter(|sent| sent.job_id == change.job_id)
            .count();
        require(sent == usize::from(sends), "I11 bounded sends", || {
            format!("{sent} tickets were sent with {change:?}")
        })?;
        in_order(command, change, best)?;
    }
    let sent = sent(turn).count();
    require(sent == owed, "I11 bounded sends", || {
        format!("the pool sent {sent} tickets and owed {owed}")
    })?;
    let capacity = pool.config.capacity;
    require(pool.held <= capacity.max(held), "P6 capacity", || {
        format!("{} slots are held of {capacity}, before {held}", pool.held)
    })?;
    let serves = matches!(
        command,
        Command::Claim { .. } | Command::Release { .. } | Command::Wake
    );
    pool.redeployed &= !serves;
    let idles = pool.parked > 0 && pool.held < capacity && !pool.redeployed;
    require(!idles, "P4 no idle slot", || {
        let PoolFacts { held, parked, .. } = pool;
        format!("{parked} parked, {held} of {capacity} slots held")
    })?;
    if let (
        Command::Claim { wants, takes, .. },
        Reply::Claimed {
            claimed,
            active,
            tickets,
            ..
        },
    ) = (command, &turn.reply)
    {
        require(*active == pool.held, "view", || {
            format!("{active} slots are shown, {} are held", pool.held)
        })?;
        let right = if *takes {
            turn.effects.tickets.is_empty()
        } else {
            tickets.is_empty()
        };
        require(right, "view", || {
            format!("{tickets:?} were given to a caller that takes: {takes}")
        })?;
        for (want, claimed) in wants.iter().zip(claimed) {
            answered(capacity, want, *claimed, changes)?;
        }
    }
    Ok(())
}

/// What the pool puts on the queue, or into the caller's hands.
pub(super) fn sent(turn: &Turn) -> impl Iterator<Item = &Ticket> {
    let taken = match &turn.reply {
        Reply::Claimed { tickets, .. } => tickets.as_slice(),
        Reply::Renewed { .. } | Reply::Place { .. } | Reply::Done => &[],
    };
    turn.effects.tickets.iter().chain(taken)
}

fn wanted<'a>(command: &'a Command, job_id: &JobId) -> Option<&'a Want> {
    match command {
        Command::Claim { wants, .. } => wants.iter().find(|want| want.ticket.job_id == *job_id),
        Command::Release { .. } | Command::Renew { .. } | Command::Wake | Command::Place { .. } => {
            None
        }
    }
}

/// A row changes only as the diagram in `pool/mod.rs` says.
fn moved(
    pool: &PoolFacts,
    now: Timestamp,
    command: &Command,
    change: &PoolChange,
    tally: &mut Tally,
) -> Result<(), Violation> {
    let unbounded = pool.config.capacity == 0;
    let want = wanted(command, &change.job_id);
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let hold = |claim: Option<&Claim>| claim.map(|claim| claim.hold);
    let allowed = match (before, after, want) {
        (None, Some(after), Some(want)) => as_wanted(after, want) && after.hold != Hold::Granted,
        (Some(before), Some(after), Some(want)) if before.epoch <= want.epoch => {
            as_wanted(after, want) && (after.hold == Hold::Held || before.hold == Hold::Parked)
        }
        (Some(before), Some(after), _) => {
            let renewed = renewed(command, after) && before.epoch <= after.epoch;
            let same = (&before.ticket, before.rank) == (&after.ticket, after.rank)
                && (renewed || before.epoch == after.epoch);
            let step = match (before.hold, after.hold) {
                (Hold::Parked, Hold::Granted) => true,
                (Hold::Held | Hold::Granted, Hold::Held) => renewed,
                (Hold::Granted, Hold::Granted) => {
                    *command == Command::Wake && before.due.is_some_and(|due| due <= now)
                }
                _ => before == after,
            };
            same && step
        }
        (Some(before), None, _) => match command {
            Command::Release { jobs } => {
                released(jobs, before) || (unbounded && before.hold == Hold::Parked)
            }
            Command::Wake if before.hold == Hold::Held => {
                tally.mark(Mark::SlotExpired);
                before.due.is_some_and(|due| due <= now)
            }
            Command::Wake => unbounded,
            Command::Claim { freed, .. } => {
                released(freed, before)
                    || (unbounded && (want.is_some() || before.hold == Hold::Parked))
            }
            Command::Renew { .. } | Command::Place { .. } => false,
        },
        (None, None, _) => true,
        (None, Some(_), None) => false,
    };
    require(allowed, "I10 holds", || format!("{command:?}: {change:?}"))?;
    let due =
        after.is_none_or(|after| after.due.is_some_and(|due| due > now) == after.hold.has_slot());
    require(due, "I6 never stuck", || format!("{change:?}"))?;
    if hold(before) == Some(Hold::Parked) && after.is_some_and(|after| after.hold.has_slot()) {
        tally.mark(Mark::SlotGranted);
    }
    if hold(before) == Some(Hold::Granted) && hold(after) == Some(Hold::Granted) {
        tally.mark(Mark::GrantResent);
    }
    if unbounded && hold(before) == Some(Hold::Parked) && after.is_none() {
        tally.mark(Mark::Disbanded);
    }
    Ok(())
}

/// Whether the command renews that claim, as it is afterwards.
fn renewed(command: &Command, claim: &Claim) -> bool {
    let Command::Renew { jobs } = command else {
        return false;
    };
    let own = |job: &Holding| (&job.job_id, job.epoch) == (&claim.ticket.job_id, claim.epoch);
    jobs.iter().any(own)
}

fn released(jobs: &[Holding], claim: &Claim) -> bool {
    let frees = |job: &Holding| job.job_id == claim.ticket.job_id && job.epoch >= claim.epoch;
    jobs.iter().any(frees)
}

fn as_wanted(after: &Claim, want: &Want) -> bool {
    (&after.ticket, after.epoch, after.rank) == (&want.ticket, want.epoch, want.rank)
}

/// Whether such a change puts a ticket on the queue.
fn sends(pool: &PoolFacts, command: &Command, change: &PoolChange) -> bool {
    let hold = |claim: &Option<Claim>| claim.as_ref().map(|claim| claim.hold);
    match (hold(&change.before), hold(&change.after)) {
        // Out of the line; what is claimed in the same turn needs none.
        (Some(Hold::Parked), Some(Hold::Granted)) => true,
        (Some(Hold::Granted), Some(Hold::Granted)) => change.before != change.after,
        // Nobody is bounded any more, and the job is let go.
        (Some(Hold::Parked | Hold::Granted), None) if pool.config.capacity == 0 => {
            let before = change.before.as_ref();
            match command {
                Command::Release { jobs } => !before.is_some_and(|claim| released(jobs, claim)),
                Command::Wake => true,
                Command::Claim { freed, .. } => {
                    let parked = before.filter(|claim| claim.hold == Hold::Parked);
                    parked.is_some_and(|claim| !released(freed, claim))
                        && wanted(command, &change.job_id).is_none()
                }
                Command::Renew { .. } | Command::Place { .. } => false,
            }
        }
        _ => false,
    }
}

/// A slot goes to the best of those in line and those that come.
fn in_order(command: &Command, change: &PoolChange, best: Option<&Claim>) -> Result<(), Violation> {
    let (Some(best), Some(after)) = (best, &change.after) else {
        return Ok(());
    };
    let before = change.before.as_ref();
    if !after.hold.has_slot() || before.is_some_and(|before| before.hold.has_slot()) {
        return Ok(());
    }
    let key = |claim: &Claim| (claim.rank, claim.ticket.job_id.clone());
    // One that claims in the turn that takes it out of the line had its old place until then.
    let place = before.map(key).into_iter().chain([key(after)]).min();
    require(
        place.is_some_and(|place| place < key(best)),
        "P5 rank order",
        || {
            let (got, waits) = (&change.job_id, &best.ticket.job_id);
            format!("{command:?}: {got} got the slot, {waits} waits")
        },
    )
}

/// What the consumer is told is what the rows say.
fn answered(
    capacity: u32,
    want: &Want,
    claimed: Claimed,
    changes: &[PoolChange],
) -> Result<(), Violation> {
    let change = changes
        .iter()
        .find(|change| change.job_id == want.ticket.job_id);
    let after = change.and_then(|change| change.after.as_ref());
    let right = match (claimed, after) {
        (Claimed::Slot, None) => capacity == 0,
        (Claimed::Slot, Some(claim)) => claim.hold == Hold::Held && claim.epoch == want.epoch,
        (Claimed::Parked, Some(claim)) => claim.hold == Hold::Parked && claim.epoch == want.epoch,
        (Claimed::Parked, None) => false,
        // Untouched by the claim; perhaps granted a slot in the same turn.
        (Claimed::Stale, claim) => claim.is_none_or(|claim| claim.epoch > want.epoch),
    };
    require(right, "view", || {
        format!("{want:?} was answered {claimed:?}: {after:?}")
    })
}
