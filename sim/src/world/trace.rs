//! A turn in one line, for people.

use super::World;
use crate::{
    object::{Gate, Pool, Taken},
    plan::START,
};
use story_queue::{
    gate::{
        Job, Reply,
        command::{Admission, Grant},
    },
    pool::{self, Claim},
};

impl World {
    /// What a turn did.
    pub(super) fn described(&self, gate: usize, taken: &Taken<Gate>) -> String {
        let index = &self.oracle.index;
        let name = |id| {
            index
                .get(id)
                .map_or_else(|| "?".to_owned(), ToString::to_string)
        };
        let moves: Vec<String> = taken
            .changes
            .iter()
            .map(|change| {
                let state = |job: &Option<Job>| {
                    job.as_ref().map_or("nothing".to_owned(), |job| {
                        format!("{}/{}@{}", job.state.name(), job.current_stage(), job.epoch)
                    })
                };
                format!(
                    "job {} {} -> {}",
                    name(&change.job_id),
                    state(&change.before),
                    state(&change.after)
                )
            })
            .collect();
        let mut what = format!("{:?}", taken.command);
        what.truncate(what.find(['(', '{']).unwrap_or(what.len()));
        let answer = answer(&taken.turn.reply);
        let tickets = taken.turn.effects.tickets.len();
        format!(
            "gate {gate} {what}:{answer} {}; {tickets} tickets, alarm {:?}",
            moves.join(", "),
            self.rings_at(gate)
        )
    }

    /// When the alarm of an object rings, by the world's clock.
    fn rings_at(&self, place: usize) -> Option<i64> {
        let host = self.host(place);
        host.slot.map(|at| at.as_millis() - host.skew - START)
    }

    /// What a turn of the pool did.
    pub(super) fn described_pool(&self, taken: &Taken<Pool>) -> String {
        let name = |id| {
            let job = self.oracle.index.get(id);
            job.map_or_else(|| "?".to_owned(), ToString::to_string)
        };
        let hold = |claim: &Option<Claim>| {
            claim.as_ref().map_or("nothing".to_owned(), |claim| {
                format!("{:?}@{}", claim.hold, claim.epoch)
            })
        };
        let moves = taken.changes.iter().map(|change| {
            let (before, after) = (hold(&change.before), hold(&change.after));
            format!("job {} {before} -> {after}", name(&change.job_id))
        });
        let moves: Vec<String> = moves.collect();
        let mut what = format!("{:?}", taken.command);
        what.truncate(what.find(['(', '{']).unwrap_or(what.len()));
        let answer = match &taken.turn.reply {
            pool::Reply::Claimed { claimed, .. } => format!(" {claimed:?}"),
            pool::Reply::Renewed { lost } => format!(" lost {}", lost.len()),
            pool::Reply::Place { .. } | pool::Reply::Done => String::new(),
        };
        let tickets = taken.turn.effects.tickets.len();
        format!(
            "pool {what}:{answer} {}; {tickets} tickets, alarm {:?}",
            moves.join(", "),
            self.rings_at(self.pool_place())
        )
    }
}

fn answer(reply: &Reply) -> String {
    match reply {
        Reply::Reported { outcome, .. } => format!(" {outcome:?}"),
        Reply::Admitted { admissions } => {
            let short = |admission: &Admission| match admission {
                Admission::Run(Grant {
                    active,
                    limit,
                    attempt,
                    ..
                }) => {
                    format!("run, attempt {attempt}, {active}/{limit}")
                }
                Admission::Park { active, limit, .. } => format!("park at {active}/{limit}"),
                Admission::Skip { reason } => format!("{reason:?}"),
            };
            let answers: Vec<String> = admissions.iter().map(short).collect();
            format!(" [{}]", answers.join("; "))
        }
        Reply::Submitted { .. }
        | Reply::KeyReused { .. }
        | Reply::Job { .. }
        | Reply::Account { .. }
        | Reply::Jobs { .. }
        | Reply::Repriced { .. }
        | Reply::TierNotEntitled { .. }
        | Reply::QuotaExceeded { .. }
        | Reply::Erasing
        | Reply::PlanSet { .. }
        | Reply::UserDeleted { .. }
        | Reply::Done => String::new(),
    }
}
