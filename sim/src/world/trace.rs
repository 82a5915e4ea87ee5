//! A turn in one line, for people.

use super::World;
use crate::{
    object::{Gate, Pool, Taken},
    plan::START,
};
use queue_core::{
    gate::{
        Job, Reply,
        command::{Grant, Start},
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
            pool::Reply::Given(given) => {
                format!(" {} jobs, {} lost", given.jobs.len(), given.lost.len())
            }
            pool::Reply::Held => " held".to_owned(),
            pool::Reply::Place { .. } | pool::Reply::Done => String::new(),
        };
        let effects = &taken.turn.effects;
        let (tickets, answers) = (effects.tickets.len(), effects.answers.len());
        format!(
            "pool {what}:{answer} {}; {tickets} tickets, {answers} calls answered, alarm {:?}",
            moves.join(", "),
            self.rings_at(self.pool_place())
        )
    }
}

fn answer(reply: &Reply) -> String {
    match reply {
        Reply::Reported { outcome, .. } => format!(" {outcome:?}"),
        Reply::Started { starts } => {
            let short = |start: &Start| match start {
                Start::Run(Grant {
                    active,
                    limit,
                    attempt,
                    ..
                }) => {
                    format!("run, attempt {attempt}, {active}/{limit}")
                }
                Start::Skip { reason } => format!("{reason:?}"),
            };
            let answers: Vec<String> = starts.iter().map(short).collect();
            format!(" [{}]", answers.join("; "))
        }
        Reply::Submitted { .. }
        | Reply::KeyReused { .. }
        | Reply::Job { .. }
        | Reply::Account { .. }
        | Reply::Jobs { .. }
        | Reply::TierNotEntitled { .. }
        | Reply::QuotaExceeded { .. }
        | Reply::Erasing
        | Reply::PlanSet { .. }
        | Reply::UserDeleted { .. }
        | Reply::Done => String::new(),
    }
}
