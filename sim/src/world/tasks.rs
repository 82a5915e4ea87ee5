//! One job in the hands of a delivery: the generator, and what the product's own [`queue_core::delivery::stage`] says.

use super::{
    World,
    call::{Ask, Caller},
    event::Event,
    outages::out,
    work::{Fate, Phase},
};
use crate::{marks::Mark, oracle::Execution, plan::millis, planted::Defect};
use queue_core::{
    delivery::stage::{Ending, after_renewal, heartbeat, is_forgotten, report_again},
    domain::Timestamp,
    gate::{Command, Reply, job::ArtifactRecord},
};

impl World {
    pub(super) fn alive(&self, task: usize) -> bool {
        self.consumers.contains_key(&self.tasks[task].delivery)
    }

    fn heartbeat_pause(&self) -> i64 {
        millis(heartbeat(self.plan.config.gate.lease))
    }

    /// The generator is called.
    pub(super) fn start(&mut self, number: usize) {
        let mean = self.plan.stage_ms;
        let mut takes = self.dice.between(mean / 4, mean * 2);
        let lease = millis(self.plan.config.gate.lease);
        let frozen = self.dice.chance(self.rates.freeze);
        if frozen {
            self.mark(Mark::HolderFroze);
            takes += self.dice.between(lease / 2, 3 * lease);
        }
        let stalls = self.dice.chance(self.rates.stall);
        let out = self.meets(number);
        let drawn = if self.dice.chance(self.rates.permanent) {
            self.mark(Mark::GeneratorPermanent);
            Fate::Permanent
        } else if self.dice.chance(self.rates.transient) {
            self.mark(Mark::GeneratorTransient);
            Fate::Transient
        } else {
            Fate::Made
        };
        let fate = out.map_or(drawn, Fate::Out);
        takes = if out.is_some() { takes.min(300) } else { takes };
        let task = &mut self.tasks[number];
        (task.phase, task.fate, task.began) = (Phase::Working, fate, self.now);
        let grant = &task.assignment.grant;
        let (job, user, epoch, stage) = (task.job, task.user, grant.epoch, grant.stage);
        let fact = &self.oracle.jobs[job];
        // The promise of this very epoch, or, if there is a later one, none any more.
        let current = epoch > fact.taken_back
            && fact
                .grant
                .as_ref()
                .is_some_and(|(granted, _)| *granted == epoch);
        let execution = Execution {
            job,
            user,
            epoch,
            given_epoch: task.assignment.want.epoch(),
            until: fact.until,
            expired: !current,
            delivery: task.delivery,
            slot_lost: false,
            lease: task.lease,
        };
        self.say(|| format!("job {job} of user{user} runs {stage} under epoch {epoch}, {fate:?}"));
        let now = self.clock(user);
        let verdict = self.oracle.started(number, execution, now);
        self.judge(verdict);
        let now = self.clock(self.pool_place());
        let verdict = self.oracle.within_capacity(now);
        self.judge(verdict);
        self.passes(job);
        self.keeps_pause(number);
        if stalls {
            self.mark(Mark::GeneratorStalled);
        } else {
            self.after(takes, Event::WorkEnds(number));
        }
        if !frozen {
            self.after(self.heartbeat_pause(), Event::Heartbeat(number));
        }
    }

    pub(super) fn work_ends(&mut self, number: usize) {
        let now = self.clock(self.tasks[number].user);
        self.oracle.expire(self.tasks[number].user, now);
        let now = self.clock(self.pool_place());
        self.oracle.pool.expire(now);
        if let Some(execution) = self.oracle.executions.remove(&number)
            && execution.expired
        {
            self.mark(Mark::ExpiredWhileWorking);
        }
        let (delivery, phase) = (self.tasks[number].delivery, self.tasks[number].phase);
        let is_made = self.tasks[number].fate == Fate::Made;
        if phase != Phase::Working || !self.alive(number) {
            return;
        }
        if self.dies(delivery) {
            if is_made {
                // What it had sent before lands.
                let takes = self.dice.between(100, 300_000);
                self.after(takes, Event::Landed(number));
            }
            return;
        }
        if is_made {
            self.tasks[number].phase = Phase::Uploading;
            if self.dice.chance(self.rates.storage) {
                self.mark(Mark::UploadLate);
                let takes = self.dice.between(1_000, 60_000);
                self.after(takes, Event::Landed(number));
            } else {
                self.landed(number);
            }
        } else {
            self.worked(number);
        }
    }

    /// Reports how the generator ended.
    pub(super) fn worked(&mut self, number: usize) {
        let ending = self.fate_of(number);
        if let Some(command) = self.stops(number, ending) {
            // The pool may hear of the free slot although its delivery dies before the report.
            self.run(self.tasks[number].delivery);
            if self.dice.chance(self.rates.twice) {
                self.mark(Mark::GeneratorAnsweredTwice);
                let gate = self.tasks[number].user;
                self.call(Ask::Gate(gate, command.clone()), Caller::Nobody);
            }
            self.report_as(number, command);
        }
    }

    /// How the generator ended.
    fn fate_of(&self, number: usize) -> Ending {
        let task = &self.tasks[number];
        let grant = &task.assignment.grant;
        match task.fate {
            Fate::Made => Ending::Made(vec![ArtifactRecord {
                name: grant.stage.name().to_owned(),
                content_type: "text/plain".to_owned(),
                offset: 0,
                bytes: 1,
                epoch: grant.epoch,
            }]),
            Fate::Out(blame) => out(blame),
            Fate::Transient | Fate::Permanent => Ending::Failed {
                permanent: task.fate == Fate::Permanent,
                code: "planned".to_owned(),
                message: "on purpose".to_owned(),
            },
        }
    }

    /// The delivery hears how the work has stopped.
    pub(super) fn reports(&mut self, number: usize, ending: Ending) -> Option<Command> {
        let task = &self.tasks[number];
        let (assignment, delivery) = (task.assignment.clone(), task.delivery);
        // Spread, and the same each time.
        let entropy = assignment.grant.epoch.wrapping_mul(2_654_435_761);
        let now = Timestamp::from_millis(self.now);
        let consumer = self.consumers.get_mut(&delivery)?;
        consumer.delivery.stopped(now, &assignment, ending, entropy)
    }

    pub(super) fn report_as(&mut self, number: usize, command: Command) {
        let task = &mut self.tasks[number];
        task.phase = Phase::Reporting;
        task.report = Some(command);
        self.report(number);
    }

    /// Calls the gate with the report.
    pub(super) fn report(&mut self, number: usize) {
        let delivery = self.tasks[number].delivery;
        if self.dies(delivery) || !self.alive(number) {
            return;
        }
        let task = &mut self.tasks[number];
        task.tries += 1;
        if let Some(command) = task.report.clone() {
            let gate = task.user;
            self.call(Ask::Gate(gate, command), Caller::Report { task: number });
        }
    }

    pub(super) fn reported(&mut self, number: usize, answer: Option<Reply>) {
        let delivery = self.tasks[number].delivery;
        if self.dies(delivery) || !self.alive(number) {
            return;
        }
        let tries = self.tasks[number].tries;
        if answer.is_none()
            && let Some(pause) = report_again(tries)
        {
            self.after(millis(pause), Event::ReportAgain(number));
            return;
        }
        match &answer {
            None => self.mark(Mark::ReportGivenUp),
            Some(reply) if is_forgotten(reply) => {
                let (job_id, _) = self.tasks[number].lease_of();
                self.sweep(&job_id);
            }
            Some(_) => {}
        }
        if let Some(Reply::Reported {
            next: Some(next),
            granted,
            ..
        }) = &answer
        {
            let (job_id, _) = self.tasks[number].lease_of();
            self.leased(delivery, &job_id, next.epoch);
            self.oracle
                .tally
                .add_to(Mark::Carried, granted.len() as u64);
            self.mark(Mark::WentOn);
        }
        self.end(number, answer);
    }

    pub(super) fn heartbeat(&mut self, number: usize) {
        let delivery = self.tasks[number].delivery;
        if !self.tasks[number].is_at_work() || self.dies(delivery) || !self.alive(number) {
            return;
        }
        self.renewals += 1;
        let task = &self.tasks[number];
        let ((job_id, epoch), gate) = (task.lease_of(), task.user);
        self.call(
            Ask::Gate(gate, Command::Renew { job_id, epoch }),
            Caller::Renew { task: number },
        );
    }

    pub(super) fn renewed(&mut self, number: usize, answer: Option<&Reply>) {
        if !self.tasks[number].is_at_work() || !self.alive(number) {
            return;
        }
        let ending = answer.and_then(|reply| after_renewal(reply, self.lost_its_slot(number)));
        let Some(ending) = ending else {
            if answer.is_some() {
                let verdict = self.oracle.goes_on(number);
                self.judge(verdict);
            }
            self.after(self.heartbeat_pause(), Event::Heartbeat(number));
            return;
        };
        // The work is dropped where it stands.
        self.oracle.executions.remove(&number);
        match ending {
            Ending::Cancelled => self.mark(Mark::CancelledWhileWorking),
            Ending::NoSlot => self.mark(Mark::SlotLost),
            Ending::Made(_)
            | Ending::Failed { .. }
            | Ending::Out { .. }
            | Ending::Lost
            | Ending::Forgotten
            | Ending::NotYet(_) => {}
        }
        if self.tasks[number].phase == Phase::Uploading {
            self.awaits_uploads(number, ending);
        } else {
            self.gives_up(number, ending);
        }
    }

    fn lost_its_slot(&self, number: usize) -> bool {
        let task = &self.tasks[number];
        let consumer = self.consumers.get(&task.delivery);
        let (job_id, _) = task.lease_of();
        consumer.is_some_and(|consumer| consumer.delivery.has_lost(&job_id))
    }

    /// The delivery is done with this stage.
    pub(super) fn end(&mut self, number: usize, mut answer: Option<Reply>) {
        if self.defect == Defect::NothingCarried
            && let Some(Reply::Reported { granted, .. }) = &mut answer
        {
            granted.clear();
        }
        let task = &mut self.tasks[number];
        task.phase = Phase::Ended;
        let (job_id, _) = task.lease_of();
        let delivery = task.delivery;
        if let Some(consumer) = self.consumers.get_mut(&delivery) {
            consumer.delivery.reported(&job_id, answer);
        }
        self.run(delivery);
    }
}
