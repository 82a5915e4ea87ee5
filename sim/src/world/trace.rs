//! A turn in one line, for people.

use super::World;
use crate::{object::Taken, plan::START};
use story_queue::gate::{
    Job, Reply,
    command::{Admission, Grant},
};

impl World {
    /// What a turn did.
    pub(super) fn described(&self, gate: usize, taken: &Taken) -> String {
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
            self.objects[gate]
                .slot
                .map(|at| at.as_millis() - self.objects[gate].skew - START)
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
        | Reply::Done => String::new(),
    }
}
