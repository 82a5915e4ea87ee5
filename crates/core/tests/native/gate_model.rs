//! Random commands against the naive reference; every promise is checked after every step.

use crate::{
    arbitrary::cases,
    gate_commands::{completed, failed, holding, requeued},
    gate_harness::{GateHarness, Reported},
    gate_reference::{Expected, Reference, ReferenceJob, What},
    gate_steps::{Epoch, Step, sold, step},
};
use proptest::{prelude::*, sample::Index};
use queue_core::{
    domain::{JobId, Ticket, Tier, Timestamp},
    gate::{
        Command, Effects, Job, Reply, SqlStore, State, Store,
        command::{IdempotencyKey, NewJob, Outcome, PlanOutcome, Start},
    },
    line::want::Want,
};
use std::{collections::BTreeMap, time::Duration};

struct Run {
    gate: GateHarness,
    /// Its rows after the latest step.
    jobs: Vec<Job>,
    reference: Reference,
    keys: BTreeMap<u8, (u8, JobId)>,
    /// When the alarm rings.
    alarm: Option<Timestamp>,
    /// What a pool makes of all that it hears: jobs with their epochs and ranks.
    line: BTreeMap<JobId, (u32, i64)>,
    /// What it heard to be gone and has not confirmed.
    heard: Vec<(JobId, u32)>,
    is_deaf: bool,
    /// Whether it missed something.
    has_missed: bool,
}

fn known(want: &Want) -> (JobId, u32, i64) {
    (want.job_id().clone(), want.epoch(), want.rank.as_millis())
}

impl Run {
    fn new(has_pool: bool) -> Self {
        let mut gate = GateHarness::new();
        gate.config.has_pool = has_pool;
        gate.config.max_attempts = 3;
        let prices = Tier::ALL.map(|tier| (tier.name().to_owned(), tier));
        gate.config.plans.prices.extend(prices);
        // So that no run of the test is long enough to forget a job.
        gate.config.retention = Duration::from_hours(24 * 365);
        let reference = Reference::new(gate.config.clone(), gate.now);
        Self {
            gate,
            jobs: Vec::new(),
            reference,
            keys: BTreeMap::new(),
            alarm: None,
            line: BTreeMap::new(),
            heard: Vec::new(),
            is_deaf: false,
            has_missed: false,
        }
    }

    fn any_job(&self, index: Index) -> Option<JobId> {
        let jobs = &self.reference.jobs;
        (!jobs.is_empty()).then(|| index.get(jobs).id.clone())
    }

    fn any_report(&self, index: Index, epoch: Epoch) -> Option<(JobId, u32)> {
        let job_id = self.any_job(index)?;
        let current = self.gate.job(&job_id).epoch;
        let epoch = match epoch {
            Epoch::Current => current,
            Epoch::Old => current.saturating_sub(1),
            Epoch::Future => current + 1,
        };
        Some((job_id, epoch))
    }

    fn take(&mut self, step: &Step) {
        self.gate.effects = Effects::default();
        let (changes, granted) = self.perform(step);
        let before = std::mem::replace(&mut self.jobs, self.gate.jobs());
        assert!(
            changes || self.jobs == before,
            "P3: {step:?} may change nothing"
        );
        self.follow(step, &granted);
        self.check(step);
    }

    /// Does one step on both sides; says whether it may change a row, and what is taken along.
    fn perform(&mut self, step: &Step) -> (bool, Vec<Want>) {
        let mut changes = true;
        match step {
            Step::Submit(tier) => self.submit(*tier),
            Step::SubmitWithKey { key, fingerprint } => {
                changes = self.submit_with_key(*key, *fingerprint);
            }
            Step::Start(index, epoch, holder) => {
                if let Some((job_id, epoch)) = self.any_report(*index, *epoch) {
                    changes = self.start(&job_id, epoch, &holder.to_string());
                }
            }
            Step::Report(index, epoch, what, going) => {
                if let Some((id, epoch)) = self.any_report(*index, *epoch) {
                    let expected = self.reference.report((&id, epoch), *what, *going);
                    let command = match what {
                        What::Made => completed(&id, epoch, *going),
                        What::Failed(permanent) => failed(&id, epoch, *permanent, *going),
                        What::LostSlot => requeued(&id, epoch, *going),
                    };
                    return self.reported(command, expected);
                }
            }
            Step::Renew(index, epoch) => {
                if let Some((job_id, epoch)) = self.any_report(*index, *epoch) {
                    let expected = self.reference.renew(&job_id, epoch);
                    return self.reported(Command::Renew { job_id, epoch }, expected);
                }
            }
            Step::SetPlan(tier, event) => {
                let outcome = self.gate.set_plan(sold(*tier, *event)).1;
                assert_eq!(outcome, self.reference.set_plan(*tier, *event), "{event:?}");
                changes = outcome == PlanOutcome::Applied;
            }
            Step::Cancel(index) => {
                if let Some(job_id) = self.any_job(*index) {
                    self.gate.cancel(&job_id);
                    self.reference.cancel(&job_id);
                }
            }
            Step::Wake => {
                self.alarm = None;
                self.gate.wake();
                self.reference.wake();
                for job in self.gate.jobs() {
                    self.reference.settle(&job.job_id, job.due);
                }
            }
            Step::Pass(seconds) => {
                self.gate.pass(Duration::from_secs(*seconds));
                self.reference.now = self.gate.now;
            }
            Step::Told => {
                let heard = std::mem::take(&mut self.heard);
                let gone = heard
                    .iter()
                    .map(|(id, epoch)| holding(id, *epoch))
                    .collect();
                self.gate.turn(Command::Told { gone });
                self.reference.told(&heard);
            }
            Step::Deaf(is_deaf) => self.is_deaf = *is_deaf,
        }
        (changes, Vec::new())
    }

    fn submit(&mut self, tier: Option<Tier>) {
        let job = self.gate.new_job(tier);
        let job_id = job.job_id.clone();
        let reply = self.gate.turn(Command::Submit(job));
        if !self.reference.submit(&job_id, tier) {
            let allowed = self.reference.tier;
            assert_eq!(reply, Reply::TierNotEntitled { allowed });
        }
    }

    fn submit_with_key(&mut self, key: u8, fingerprint: u8) -> bool {
        let idempotency = IdempotencyKey {
            key: key.to_string(),
            fingerprint: fingerprint.to_string(),
        };
        let job = NewJob {
            idempotency: Some(idempotency),
            ..self.gate.new_job(None)
        };
        let job_id = job.job_id.clone();
        let reply = self.gate.turn(Command::Submit(job));
        let Some((used, first)) = self.keys.get(&key).cloned() else {
            self.reference.submit(&job_id, None);
            self.keys.insert(key, (fingerprint, job_id));
            return true;
        };
        if used == fingerprint {
            let same =
                matches!(&reply, Reply::Submitted { job, replayed: true } if job.job_id == first);
            assert!(same, "P8: one key, one job: {reply:?}");
        } else {
            assert_eq!(reply, Reply::KeyReused { job_id: first }, "P8");
        }
        false
    }

    fn start(&mut self, job_id: &JobId, epoch: u32, holder: &str) -> bool {
        let answer = match self.gate.start_as(holder, job_id, epoch) {
            Start::Run(grant) => Expected::Run {
                epoch: grant.epoch,
                attempt: grant.attempt,
                active: grant.active,
            },
            Start::Skip { reason } => Expected::Skip(reason),
        };
        assert_eq!(answer, self.reference.start(job_id, epoch, holder));
        let starts = matches!(answer, Expected::Run { .. });
        if starts {
            // The pool gave it to who starts it.
            self.line.remove(job_id);
        }
        starts
    }

    fn reported(&mut self, command: Command, expected: Outcome) -> (bool, Vec<Want>) {
        let Reported {
            outcome,
            next,
            granted,
            ..
        } = self.gate.report(command);
        assert_eq!(outcome, expected);
        let next = next.map(|grant| grant.epoch);
        let mut said = self.reference.said();
        assert_eq!(next, std::mem::take(&mut said.next));
        let mut expected = std::mem::take(&mut said.granted);
        let mut taken: Vec<_> = granted.iter().map(known).collect();
        taken.sort();
        expected.sort();
        assert_eq!(taken, expected);
        self.reference.say(said);
        (outcome == Outcome::Accepted, granted)
    }

    /// What the turn asked for is done, if anybody hears it.
    fn follow(&mut self, step: &Step, granted: &[Want]) {
        let effects = &self.gate.effects;
        self.alarm = [self.alarm, effects.wake_by].into_iter().flatten().min();
        let has_pool = self.gate.config.has_pool;
        let mut told: Vec<_> = effects.tell.wants.iter().map(known).collect();
        if !has_pool {
            let ticket = |ticket: &Ticket| {
                let rank = self.gate.job(&ticket.job_id).pool_rank();
                (
                    ticket.job_id.clone(),
                    ticket.epoch.unwrap(),
                    rank.as_millis(),
                )
            };
            told.extend(effects.tickets.iter().map(ticket));
        }
        let gone = effects.tell.gone.iter();
        let mut gone: Vec<_> = gone.map(|gone| (gone.job_id.clone(), gone.epoch)).collect();
        let mut said = self.reference.said();
        for list in [&mut told, &mut said.told] {
            list.sort();
        }
        for list in [&mut gone, &mut said.gone] {
            list.sort();
        }
        assert_eq!((&told, &gone), (&said.told, &said.gone), "{step:?}");
        let submits = matches!(step, Step::Submit(_) | Step::SubmitWithKey { .. });
        let tickets = effects.tickets.len();
        assert!(
            !has_pool || tickets <= usize::from(submits),
            "P11: {tickets} tickets"
        );
        if self.is_deaf {
            self.has_missed |= !(told.is_empty() && gone.is_empty() && granted.is_empty());
            return;
        }
        for (id, epoch) in &gone {
            if self.line.get(id).is_some_and(|known| known.0 <= *epoch) {
                self.line.remove(id);
            }
        }
        self.heard.extend(gone);
        for (id, epoch, rank) in told.into_iter().chain(granted.iter().map(known)) {
            self.line.insert(id, (epoch, rank));
        }
    }

    fn check(&mut self, step: &Step) {
        let (held, limit) = (self.gate.held(), self.reference.limit());
        let held = usize::try_from(held).unwrap();
        let jobs = &self.jobs;
        let mut leased = jobs.iter().filter(|job| job.state.holds_lease());
        let all_begun = leased.all(|job| job.state == State::Running || job.has_begun());
        let are = |state| jobs.iter().filter(|job| job.state == state).count();
        assert!(
            held <= limit || all_begun,
            "P1: {held} leases at limit {limit}, and not all of them have begun"
        );
        let parked = are(State::Parked);
        assert!(
            parked == 0 || held >= limit,
            "P4: {parked} parked while {held} of {limit} leases are held"
        );
        assert_eq!(
            jobs.len(),
            self.reference.jobs.len(),
            "P2: no job is lost or made up"
        );
        for job in jobs {
            let waits = job.state.is_final() || job.state == State::Parked || job.due.is_some();
            assert!(waits, "nothing will ever wake {job:?}");
            let expected = self.reference.at(&job.job_id).clone();
            agree(job, &expected);
            let in_line = self.line.get(&job.job_id).map(|known| known.0);
            let queued = (job.state == State::Queued).then_some(job.epoch);
            let is_known = self.has_missed || !self.gate.config.has_pool || in_line == queued;
            assert!(
                is_known,
                "the pool knows {in_line:?} of {job:?} after {step:?}"
            );
        }
        let dues = jobs.iter().filter_map(|job| job.due);
        let soonest = dues.chain(self.reference.gone.values().copied()).min();
        let next = SqlStore::new(&self.gate.database).next_due().unwrap();
        assert_eq!(
            next, soonest,
            "the alarm can be found again from the rows alone"
        );
        let in_time = self.alarm.is_some_and(|alarm| Some(alarm) <= soonest);
        assert!(
            soonest.is_none() || in_time,
            "{:?} is late for {soonest:?}",
            self.alarm
        );
    }

    /// Whatever was lost on the way: once somebody hears again, the alarm mends it.
    fn recover(&mut self) {
        self.is_deaf = false;
        for step in [Step::Pass(7_200), Step::Wake, Step::Told] {
            self.take(&step);
        }
        self.has_missed = false;
        if self.gate.config.has_pool {
            let known: Vec<_> = self
                .line
                .iter()
                .map(|(id, (epoch, rank))| (id.clone(), *epoch, *rank))
                .collect();
            let jobs = self.reference.jobs.iter();
            let mut queued: Vec<_> = jobs
                .filter(|job| job.state == State::Queued)
                .map(ReferenceJob::want)
                .collect();
            queued.sort();
            assert_eq!(known, queued, "the pool knows all that waits for its turn");
        }
        assert!(
            self.reference.gone.is_empty(),
            "nothing is owed that was heard"
        );
    }
}

/// P7 is among it: submission, age and attempts are the reference's.
fn agree(job: &Job, expected: &ReferenceJob) {
    let failures: Vec<u32> = job.stages.iter().map(|stage| stage.failures).collect();
    let is = (
        (job.state, job.stage, job.epoch, job.reported),
        (job.times_parked, failures, job.submitted_at),
        (job.rank.as_millis(), job.pool_rank().as_millis()),
    );
    let wanted = (
        (
            expected.state,
            expected.stage,
            expected.epoch,
            expected.reported,
        ),
        (
            expected.times_parked,
            expected.failures.to_vec(),
            expected.submitted_at,
        ),
        (expected.rank, expected.want().2),
    );
    assert_eq!(is, wanted, "{}", job.job_id);
    if !job.state.is_final() {
        assert_eq!(job.due, expected.due, "{}: {:?}", job.job_id, job.state);
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn the_gate_agrees_with_the_reference_and_keeps_its_promises(
        has_pool in prop::bool::weighted(0.8),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run::new(has_pool);
        for step in &steps {
            run.take(step);
        }
        run.recover();
    }
}
