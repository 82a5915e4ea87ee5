//! A turn in one line, for people.

use super::World;
use crate::{
    object::{Gate, Pool, Taken},
    table::Change,
};
use queue_core::{
    gate::{
        Reply,
        command::{Grant, Start},
    },
    pool,
};
use std::fmt::Debug;

impl World {
    /// What a turn did.
    pub(super) fn described(&self, gate: usize, taken: &Taken<Gate>) -> String {
        let moves = self.moves(&taken.changes, |job| {
            format!("{}/{}@{}", job.state.name(), job.current_stage(), job.epoch)
        });
        format!(
            "gate {gate} {}:{} {moves}; {} tickets, alarm {:?}",
            name(&taken.command),
            answer(&taken.turn.reply),
            taken.turn.effects.tickets.len(),
            self.rings_at(gate)
        )
    }

    /// What a turn of the pool did.
    pub(super) fn described_pool(&self, taken: &Taken<Pool>) -> String {
        let moves = self.moves(&taken.changes, |claim| {
            format!("{:?}@{}", claim.hold, claim.epoch)
        });
        let answer = match &taken.turn.reply {
            pool::Reply::Given(given) => {
                format!(" {} jobs, {} lost", given.jobs.len(), given.lost.len())
            }
            pool::Reply::Held => " held".to_owned(),
            pool::Reply::Place { .. }
            | pool::Reply::Backlog { .. }
            | pool::Reply::Told { .. }
            | pool::Reply::Backends { .. }
            | pool::Reply::Done => String::new(),
        };
        let effects = &taken.turn.effects;
        let (tickets, answers) = (effects.tickets.len(), effects.answers.len());
        format!(
            "pool {}:{answer} {moves}; {tickets} tickets, {answers} calls answered, alarm {:?}",
            name(&taken.command),
            self.rings_at(self.pool_place())
        )
    }

    fn moves<R>(&self, changes: &[Change<R>], shown: impl Fn(&R) -> String) -> String {
        let shown = |row: &Option<R>| row.as_ref().map_or("nothing".to_owned(), &shown);
        let moves = changes.iter().map(|change| {
            let job = self.oracle.index.get(&change.job_id);
            let job = job.map_or("?".to_owned(), ToString::to_string);
            format!(
                "job {job} {} -> {}",
                shown(&change.before),
                shown(&change.after)
            )
        });
        moves.collect::<Vec<_>>().join(", ")
    }

    /// When the alarm of an object rings, by the world's clock.
    fn rings_at(&self, place: usize) -> Option<i64> {
        let host = self.host(place);
        host.slot
            .map(|at| at.as_millis() - host.skew - self.plan.start)
    }
}

fn name(command: &impl Debug) -> String {
    let mut name = format!("{command:?}");
    name.truncate(name.find(['(', '{']).unwrap_or(name.len()));
    name
}

fn answer(reply: &Reply) -> String {
    match reply {
        Reply::Reported { outcome, .. } => format!(" {outcome:?}"),
        Reply::Replayed { outcome, .. } => format!(" {outcome:?}"),
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
        | Reply::Exported { .. }
        | Reply::TierNotEntitled { .. }
        | Reply::QuotaExceeded { .. }
        | Reply::Untimely { .. }
        | Reply::Erasing
        | Reply::PlanSet { .. }
        | Reply::UserDeleted { .. }
        | Reply::Done => String::new(),
    }
}
