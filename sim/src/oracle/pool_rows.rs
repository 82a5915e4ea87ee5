//! What a turn of the pool made of its rows, against what is allowed.

use super::{Violation, pool_facts::PoolFacts, require};
use crate::{
    marks::{Mark, Tally},
    table::Change,
};
use queue_core::{
    domain::{JobId, Timestamp},
    line::want::{Holding, Want},
    pool::{
        Claim, Command, Hold, Turn,
        command::{Exchange, Tell},
    },
};

/// What a command says of one job.
struct Word<'a> {
    /// By whom: a delivery, or a gate.
    by: Option<&'a str>,
    gone: Option<u32>,
    wanted: Option<&'a Want>,
    runs: Option<u32>,
}

impl<'a> Word<'a> {
    fn of(command: &'a Command, job_id: &JobId) -> Self {
        let named = |jobs: &[Holding]| {
            let jobs = jobs.iter().filter(|job| job.job_id == *job_id);
            jobs.map(|job| job.epoch).max()
        };
        // Of two words about one job the newer lease counts, and of one lease the later word.
        let wanted = |wants: &'a [Want]| {
            let wants = wants.iter().filter(|want| want.job_id() == job_id);
            wants.max_by_key(|want| want.epoch())
        };
        match command {
            Command::Tell(Tell { wants, gone, .. }) => Self {
                by: None,
                gone: named(gone),
                wanted: wanted(wants),
                runs: None,
            },
            Command::Exchange(Exchange {
                delivery,
                freed,
                wants,
                running,
                ..
            }) => Self {
                by: Some(delivery),
                gone: named(freed),
                wanted: wanted(wants),
                runs: named(running),
            },
            Command::Listen(_)
            | Command::Wake
            | Command::Place { .. }
            | Command::Backlog { .. }
            | Command::Pause { .. }
            | Command::Let { .. }
            | Command::Backends => Self {
                by: None,
                gone: None,
                wanted: None,
                runs: None,
            },
        }
    }

    /// Whether it takes that claim out.
    fn frees(&self, claim: &Claim) -> bool {
        let Some(epoch) = self.gone else { return false };
        match self.by {
            None => claim.epoch <= epoch,
            Some(by) if claim.hold == Hold::Waiting => claim.epoch < epoch || claim.is_with(by),
            Some(by) => claim.is_with(by) && claim.epoch <= epoch,
        }
    }

    /// Whether a claim keeps its slot, and no more: given once more, or at the rank that its gate tells now.
    fn keeps(&self, before: &Claim, after: &Claim) -> bool {
        let moves = self.by.is_none() && self.wanted == Some(&after.want);
        let has_rank = before.want == after.want || (moves && before.due == after.due);
        let was = (before.hold, &before.by, before.epoch);
        let is_same = has_rank && was == (after.hold, &after.by, after.epoch);
        is_same && (after.hold == Hold::Given || (moves && after.hold == Hold::Held))
    }

    /// Whether a claim may become that: a claim that is, or may come, into the line, or one that is held.
    fn makes(&self, before: Option<&Claim>, after: &Claim, in_line: bool) -> bool {
        let is_known = before.is_some_and(|before| before.want == after.want);
        // What a delivery heard earlier says nothing new of a lease that is known.
        let says_more = self.by.is_none()
            || before.is_none_or(|before| {
                let epoch = after.want.epoch();
                before.epoch < epoch || (before.epoch > epoch && self.frees(before))
            });
        let is_as_told = says_more && self.wanted == Some(&after.want);
        match after.hold {
            Hold::Waiting => {
                in_line && (is_as_told || (is_known && after.want.epoch() == after.epoch))
            }
            Hold::Given => in_line && (is_known || is_as_told) && after.epoch == after.want.epoch(),
            Hold::Held => {
                let runs = self.runs == Some(after.epoch) && after.by.as_deref() == self.by;
                let own = |before: &Claim| {
                    before.epoch < after.epoch
                        || (before.epoch == after.epoch && before.by == after.by)
                };
                runs && before.is_some_and(own)
            }
        }
    }
}

/// Judges a turn; `held` slots were taken before it. `best` is the best in line afterwards, and whether an open call
/// could take it.
pub(super) fn judge(
    pool: &mut PoolFacts,
    now: Timestamp,
    held: u32,
    (command, turn, changes): (&Command, &Turn, &[Change<Claim>]),
    (best, has_place): (Option<&Claim>, bool),
    tally: &mut Tally,
) -> Result<(), Violation> {
    for change in changes {
        moved(pool, now, command, change, tally)?;
        if pool.through.as_ref() != Some(&change.job_id) {
            in_order(command, change, best)?;
        }
    }
    let capacity = pool.config.capacity;
    require(pool.held <= capacity.max(held), "P6 capacity", || {
        format!("{} slots are held of {capacity}, before {held}", pool.held)
    })?;
    pool.redeployed &= matches!(command, Command::Place { .. } | Command::Backlog { .. });
    let has_slot = pool.held < capacity && !pool.redeployed;
    let idles = pool.waits.ready && has_slot;
    require(!(idles && has_place), "P4 no idle slot", || {
        let PoolFacts { held, parked, .. } = pool;
        format!("{parked} parked, {held} of {capacity} slots held, and somebody waits for work")
    })?;
    let tickets = turn.effects.tickets.len();
    if capacity > 0 {
        let is_let = pool.through.is_some() && pool.parked > 0;
        let calls = idles || ((pool.waits.tries || is_let) && has_slot);
        require(tickets <= usize::from(calls), "I11 bounded sends", || {
            format!(
                "{command:?} sends {tickets} tickets, {} parked",
                pool.parked
            )
        })?;
        tally.add_to(Mark::PoolTicket, tickets as u64);
    }
    Ok(())
}

/// What may become of a claim.
fn moved(
    pool: &PoolFacts,
    now: Timestamp,
    command: &Command,
    change: &Change<Claim>,
    tally: &mut Tally,
) -> Result<(), Violation> {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let unbounded = pool.config.capacity == 0;
    let word = Word::of(command, &change.job_id);
    let is_due = *command == Command::Wake
        && before.is_some_and(|before| before.due.is_some_and(|due| due <= now));
    let is_gone = before.is_some_and(|before| word.frees(before));
    if before
        .zip(after)
        .is_some_and(|(before, after)| word.keeps(before, after))
    {
        return Ok(());
    }
    // The claim before it may be given anew: in line by its old word, or by a new one.
    let in_line = match before {
        None => word.wanted.is_some(),
        Some(before) => {
            before.hold == Hold::Waiting
                || (is_due && before.hold == Hold::Given)
                || word
                    .wanted
                    .is_some_and(|want| is_gone || want.epoch() > before.epoch)
        }
    };
    let allowed = match after {
        None => {
            let was_held = before.is_some_and(|before| before.hold == Hold::Held);
            is_gone || (is_due && was_held) || unbounded
        }
        Some(after) => word.makes(before, after, in_line),
    };
    require(allowed, "I10 holds", || format!("{command:?}: {change:?}"))?;
    let due =
        after.is_none_or(|after| after.due.is_some_and(|due| due > now) == after.hold.has_slot());
    require(due, "I6 never stuck", || format!("{change:?}"))?;
    match (
        before.map(|before| before.hold),
        after.map(|after| after.hold),
    ) {
        (Some(Hold::Waiting), Some(Hold::Given)) => tally.mark(Mark::SlotGranted),
        (Some(Hold::Given), _) if is_due => tally.mark(Mark::StartMissed),
        (Some(Hold::Held), None) if is_due => tally.mark(Mark::SlotExpired),
        (Some(Hold::Waiting), None) if unbounded && !is_gone => tally.mark(Mark::Disbanded),
        (None, Some(Hold::Waiting)) => tally.mark(Mark::CapacityReached),
        _ => {}
    }
    Ok(())
}

/// A slot goes to the best of those in line and those that come.
fn in_order(
    command: &Command,
    change: &Change<Claim>,
    best: Option<&Claim>,
) -> Result<(), Violation> {
    let (Some(best), Some(after)) = (best, &change.after) else {
        return Ok(());
    };
    let had_it = |before: &Claim| before.hold == Hold::Given && before.by == after.by;
    if after.hold != Hold::Given || change.before.as_ref().is_some_and(had_it) {
        return Ok(());
    }
    require(after.key() < best.key(), "P5 rank order", || {
        let (got, waits) = (&change.job_id, best.job_id());
        format!("{command:?}: {got} got the slot, {waits} waits")
    })
}
