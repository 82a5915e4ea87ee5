//! One admitted job in the hands of a delivery, as `consumer/stage.rs` runs it: the generator, the
//! heartbeat at a third of the lease or sooner, the report with its four tries.

use super::{
    Event, World,
    calls::{Ask, Caller},
};
use crate::{marks::Mark, oracle::executions::Execution};
use std::time::Duration;
use story_queue::{
    domain::{JobId, Ticket, Tier},
    gate::{
        Command, Reply, State,
        command::{Grant, Outcome},
        job::ArtifactRecord,
    },
    pool::command::Want,
};

/// As in `consumer/stage.rs`.
const REPORT_TRIES: u32 = 4;
const REPORT_PAUSE: i64 = 500;
const HEARTBEAT_MAX: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Waiting,
    Working,
    HandingBack,
    Reporting,
    Ended,
}

/// How the generator will end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Made,
    Transient,
    Permanent,
}

/// An admitted job.
pub(super) struct Task {
    delivery: usize,
    job: usize,
    user: usize,
    ticket: Ticket,
    grant: Grant,
    lease: (usize, u32),
    /// What it takes of the lanes.
    pub(super) place: (Tier, usize),
    phase: Phase,
    fate: Fate,
    report: Option<Command>,
    tries: u32,
}

impl Task {
    pub(super) fn new(
        (delivery, job, user): (usize, usize, usize),
        ticket: Ticket,
        grant: Grant,
        lease: (usize, u32),
        place: (Tier, usize),
    ) -> Self {
        let (phase, fate) = (Phase::Waiting, Fate::Made);
        Self {
            delivery,
            job,
            user,
            ticket,
            grant,
            lease,
            place,
            phase,
            fate,
            report: None,
            tries: 0,
        }
    }

    pub(super) fn job(&self) -> usize {
        self.job
    }

    pub(super) fn user(&self) -> usize {
        self.user
    }

    pub(super) fn lease_of(&self) -> (JobId, u32) {
        (self.ticket.job_id.clone(), self.grant.epoch)
    }

    /// What its delivery claims.
    pub(super) fn want(&self) -> Want {
        let Self { ticket, grant, .. } = self;
        Want {
            ticket: Ticket {
                kind: grant.kind,
                stage: grant.stage,
                tier: grant.tier,
                priority: grant.priority,
                epoch: Some(grant.epoch),
                ..ticket.clone()
            },
            epoch: grant.epoch,
            rank: grant.rank,
        }
    }
}

impl World {
    fn alive(&self, task: usize) -> bool {
        self.deliveries.contains_key(&self.tasks[task].delivery)
    }

    fn heartbeat_pause(&self) -> i64 {
        let pause = (self.plan.config.gate.lease / 3).min(HEARTBEAT_MAX);
        i64::try_from(pause.as_millis()).unwrap_or(0)
    }

    /// The generator is called.
    pub(super) fn start(&mut self, number: usize) {
        let mean = self.plan.stage_ms;
        let mut takes = self.dice.between(mean / 4, mean * 2);
        let lease = i64::try_from(self.plan.config.gate.lease.as_millis()).unwrap_or(0);
        let frozen = self.dice.chance(self.rates.freeze);
        if frozen {
            self.tally.mark(Mark::HolderFroze);
            takes += self.dice.between(lease / 2, 3 * lease);
        }
        let stalls = self.dice.chance(self.rates.stall);
        let fate = if self.dice.chance(self.rates.permanent) {
            self.tally.mark(Mark::GeneratorPermanent);
            Fate::Permanent
        } else if self.dice.chance(self.rates.transient) {
            self.tally.mark(Mark::GeneratorTransient);
            Fate::Transient
        } else {
            Fate::Made
        };
        let task = &mut self.tasks[number];
        (task.phase, task.fate) = (Phase::Working, fate);
        let (job, user, epoch, stage) = (task.job, task.user, task.grant.epoch, task.grant.stage);
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
            stage: stage as usize,
            until: fact.until,
            expired: !current,
            delivery: task.delivery,
            slot_lost: false,
            lease: task.lease,
        };
        self.say(|| format!("job {job} of user{user} runs {stage} under epoch {epoch}, {fate:?}"));
        let now = self.clock(user);
        let verdict = self.oracle.started(number, execution, now, &mut self.tally);
        self.judge(verdict);
        let now = self.clock(self.pool_place());
        let verdict = self.oracle.within_capacity(now, &mut self.tally);
        self.judge(verdict);
        if stalls {
            self.tally.mark(Mark::GeneratorStalled);
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
            self.tally.mark(Mark::ExpiredWhileWorking);
        }
        let (delivery, phase) = (self.tasks[number].delivery, self.tasks[number].phase);
        if phase != Phase::Working || self.dies(delivery) || !self.alive(number) {
            return;
        }
        let task = &self.tasks[number];
        let (job_id, epoch) = (task.ticket.job_id.clone(), task.grant.epoch);
        let command = if task.fate == Fate::Made {
            let artifact = ArtifactRecord {
                name: task.grant.stage.name().to_owned(),
                content_type: "text/plain".to_owned(),
                bytes: 1,
                epoch,
            };
            Command::Complete {
                job_id,
                epoch,
                artifacts: vec![artifact],
            }
        } else {
            self.failure(number, task.fate == Fate::Permanent)
        };
        if self.dice.chance(self.rates.twice) {
            self.tally.mark(Mark::GeneratorAnsweredTwice);
            let gate = self.tasks[number].user;
            self.call(Ask::Gate(gate, command.clone()), Caller::Nobody);
        }
        self.tell(number, command, Phase::Reporting);
    }

    fn failure(&self, number: usize, permanent: bool) -> Command {
        let task = &self.tasks[number];
        Command::Fail {
            job_id: task.ticket.job_id.clone(),
            epoch: task.grant.epoch,
            permanent,
            code: "planned".to_owned(),
            message: "on purpose".to_owned(),
            // Spread, and the same each time.
            entropy: task.grant.epoch.wrapping_mul(2_654_435_761),
        }
    }

    pub(super) fn hand_back(&mut self, number: usize) {
        let task = &self.tasks[number];
        let (job_id, epoch) = (task.ticket.job_id.clone(), task.grant.epoch);
        self.tell(
            number,
            Command::HandBack { job_id, epoch },
            Phase::HandingBack,
        );
    }

    fn tell(&mut self, number: usize, command: Command, phase: Phase) {
        let task = &mut self.tasks[number];
        task.phase = phase;
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

    pub(super) fn reported(&mut self, number: usize, answer: Option<&Reply>) {
        let delivery = self.tasks[number].delivery;
        if self.dies(delivery) || !self.alive(number) {
            return;
        }
        let tries = self.tasks[number].tries;
        if answer.is_none() && tries < REPORT_TRIES {
            self.after(REPORT_PAUSE << (tries - 1), Event::ReportAgain(number));
            return;
        }
        if answer.is_none() {
            self.tally.mark(Mark::ReportGivenUp);
        }
        let state = match answer {
            Some(Reply::Reported { state, .. }) => *state,
            _ => None,
        };
        self.end(number, state == Some(State::Granted));
    }

    pub(super) fn heartbeat(&mut self, number: usize) {
        let delivery = self.tasks[number].delivery;
        if self.tasks[number].phase != Phase::Working || self.dies(delivery) || !self.alive(number)
        {
            return;
        }
        self.renewals += 1;
        let task = &self.tasks[number];
        let (job_id, epoch, gate) = (task.ticket.job_id.clone(), task.grant.epoch, task.user);
        self.call(
            Ask::Gate(gate, Command::Renew { job_id, epoch }),
            Caller::Renew { task: number },
        );
    }

    pub(super) fn renewed(&mut self, number: usize, answer: Option<&Reply>) {
        if self.tasks[number].phase != Phase::Working || !self.alive(number) {
            return;
        }
        match answer {
            Some(Reply::Reported {
                outcome: Outcome::Accepted,
                cancel: true,
                ..
            }) => {
                // The work is dropped where it stands.
                self.oracle.executions.remove(&number);
                self.tally.mark(Mark::CancelledWhileWorking);
                let command = self.failure(number, true);
                self.tell(number, command, Phase::Reporting);
            }
            Some(Reply::Reported {
                outcome: Outcome::Stale | Outcome::Repeated,
                ..
            }) => {
                self.oracle.executions.remove(&number);
                self.end(number, false);
            }
            Some(_) if self.lost_its_slot(number) => {
                self.oracle.executions.remove(&number);
                self.tally.mark(Mark::SlotLost);
                let task = &self.tasks[number];
                let (job_id, epoch) = (task.ticket.job_id.clone(), task.grant.epoch);
                let command = Command::HandBack { job_id, epoch };
                self.tell(number, command, Phase::Reporting);
            }
            _ => {
                if answer.is_some() {
                    let verdict = self.oracle.goes_on(number);
                    self.judge(verdict);
                }
                self.after(self.heartbeat_pause(), Event::Heartbeat(number));
            }
        }
    }

    fn lost_its_slot(&self, number: usize) -> bool {
        let task = &self.tasks[number];
        let delivery = self.deliveries.get(&task.delivery);
        delivery.is_some_and(|delivery| delivery.slots.is_lost(&task.ticket.job_id))
    }

    /// The delivery is done with this job; its slot is kept for the next delivery, or given back.
    fn end(&mut self, number: usize, is_kept: bool) {
        let task = &mut self.tasks[number];
        let started = task.phase != Phase::HandingBack;
        task.phase = Phase::Ended;
        let (delivery, place) = (task.delivery, task.place);
        if let Some(open) = self.deliveries.get_mut(&delivery) {
            open.open -= 1;
            open.slots.leave(&task.ticket.job_id, is_kept);
            if started {
                open.lanes.end(place);
            }
        }
        self.run(delivery);
    }
}
