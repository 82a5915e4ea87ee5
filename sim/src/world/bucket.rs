//! The bucket: what stages stored there, and what gates have deleted. It answers late or fails, perhaps after it has done
//! what was asked; and what was sent to it lands, also when its sender has died.

use super::{
    World,
    event::Event,
    work::{Phase, Purge},
};
use crate::{marks::Mark, plan::millis};
use queue_core::{
    delivery::stage::{Ending, UPLOADS_END_WITHIN},
    domain::JobId,
};

impl World {
    /// A gate has artifacts deleted.
    pub(super) fn purge(&mut self, gate: usize, jobs: Vec<JobId>) {
        if jobs.is_empty() {
            return;
        }
        let (mut deleted, mut failed, mut takes) = (Vec::new(), Vec::new(), 0);
        for job_id in jobs {
            let is_late = self.dice.chance(self.rates.storage);
            let longest = if is_late { 9_000 } else { 50 };
            takes += self.dice.between(5, longest);
            let fails = self.dice.chance(self.rates.storage);
            if !fails || self.dice.chance(0.5) {
                self.sweep(&job_id);
            }
            if fails {
                self.mark(Mark::PurgeFailed);
                failed.push(job_id);
            } else {
                deleted.push(job_id);
            }
        }
        self.purges.push(Some(Purge {
            gate,
            life: self.gates[gate].product.lives,
            deleted,
            failed,
        }));
        self.after(takes, Event::Purged(self.purges.len() - 1));
    }

    /// Deletes all that is there of a job.
    pub(super) fn sweep(&mut self, job_id: &JobId) {
        if let Some(job) = self.oracle.index.get(job_id) {
            self.bucket.retain(|(stored, _)| stored != job);
        }
    }

    /// The bucket has answered.
    pub(super) fn purged(&mut self, number: usize) {
        let Some(purge) = self.purges[number].take() else {
            return;
        };
        let gate = purge.gate;
        if self.gates[gate].product.lives != purge.life {
            self.mark(Mark::PurgeForgotten);
            return;
        }
        let now = self.clock(gate);
        let (gates, _, mut around) = self.at_work();
        gates[gate].forget(now, (purge.deleted, purge.failed), &mut around);
        let tickets = around.tickets;
        self.took(gate, tickets);
    }

    /// Everything is in the bucket, whoever waits for it.
    pub(super) fn landed(&mut self, number: usize) {
        let task = &self.tasks[number];
        self.bucket.insert((task.job, task.assignment.grant.epoch));
        if task.phase != Phase::Uploading || !self.alive(number) {
            return;
        }
        match self.tasks[number].given_up.take() {
            Some(ending) => self.gives_up(number, ending),
            None => self.worked(number),
        }
    }

    /// A stage is given up: what it has sent lands in any case, and is awaited, but not for ever.
    pub(super) fn awaits_uploads(&mut self, number: usize, ending: Ending) {
        self.tasks[number].given_up = Some(ending);
        self.after(millis(UPLOADS_END_WITHIN), Event::UploadsOver(number));
    }

    pub(super) fn uploads_over(&mut self, number: usize) {
        if self.tasks[number].phase != Phase::Uploading || !self.alive(number) {
            return;
        }
        if let Some(ending) = self.tasks[number].given_up.take() {
            self.mark(Mark::UploadNotAwaited);
            self.gives_up(number, ending);
        }
    }

    pub(super) fn gives_up(&mut self, number: usize, ending: Ending) {
        if ending == Ending::Forgotten {
            let (job_id, _) = self.tasks[number].lease_of();
            self.sweep(&job_id);
        }
        match self.stops(number, ending) {
            Some(command) => {
                self.run(self.tasks[number].delivery);
                self.report_as(number, command);
            }
            None => self.end(number, None),
        }
    }
}
