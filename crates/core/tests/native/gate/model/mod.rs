//! Random commands against the naive reference; every promise is checked after every step.

mod checks;

use super::{
    commands::{Reported, completed, failed, holding, postponed, requeued},
    harness::GateHarness,
    reference::{
        Reference,
        job::{Expected, What},
    },
    steps::{Epoch, Step, Times, step},
    subscriptions::sold,
};
use crate::{arbitrary::cases, harness::Harness};
use proptest::{prelude::*, sample::Index};
use queue_core::{
    domain::{JobId, Tier, Timestamp, Window},
    gate::{
        Command, Effects, Job, Reply,
        command::{Going, NewJob, Outcome, PlanOutcome, ReplayOutcome, Start},
        teller::Out,
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

/// Job, epoch and rank.
fn known(want: &Want) -> (JobId, u32, i64) {
    (want.job_id().clone(), want.epoch(), want.rank.as_millis())
}

impl Run {
    fn new(has_pool: bool) -> Self {
        let mut gate = GateHarness::beside(has_pool);
        gate.config.max_attempts = 3;
        gate.sell_tiers();
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
            Step::Submit(tier, times) => self.submit(*tier, *times),
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
                    return self.report(&id, epoch, *what, *going);
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
            Step::Replay(index) => {
                changes = self.replay(*index);
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
            Step::Told => self.tell(),
            Step::Deaf(is_deaf) => self.is_deaf = *is_deaf,
        }
        (changes, Vec::new())
    }

    fn tell(&mut self) {
        let heard = std::mem::take(&mut self.heard);
        let gone = heard.iter().map(|(id, epoch)| holding(id, *epoch));
        self.gate.turn(Command::Told {
            gone: gone.collect(),
            out: Out::new(),
        });
        self.reference.told(&heard);
    }

    fn replay(&mut self, index: Index) -> bool {
        let Some(job_id) = self.any_job(index) else {
            return false;
        };
        let outcome = self.gate.replay(&job_id);
        assert_eq!(outcome, self.reference.replay(&job_id));
        outcome == ReplayOutcome::Begun
    }

    fn submit(&mut self, tier: Option<Tier>, times: Times) {
        let now = self.gate.now;
        let after = |from: Timestamp, by: u64| from.after(Duration::from_secs(by));
        let not_before = times.0.map(|by| after(now, by));
        let start_by = times.1.map(|by| after(not_before.unwrap_or(now), by));
        let window = Window {
            not_before,
            start_by,
        };
        let job = NewJob {
            window,
            ..self.gate.new_job(tier)
        };
        let job_id = job.job_id.clone();
        let reply = self.gate.turn(Command::Submit(job));
        if !self.reference.submit(&job_id, tier, window) {
            let allowed = self.reference.tier;
            assert_eq!(reply, Reply::TierNotEntitled { allowed });
        }
    }

    fn submit_with_key(&mut self, key: u8, fingerprint: u8) -> bool {
        let [key_text, print] = [key, fingerprint].map(|number| number.to_string());
        let job = self.gate.keyed_job(&key_text, &print);
        let job_id = job.job_id.clone();
        let reply = self.gate.turn(Command::Submit(job));
        let Some((used, first)) = self.keys.get(&key).cloned() else {
            self.reference.submit(&job_id, None, Window::default());
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
        let expires = self.reference.at(job_id).start_by();
        let expires = expires.is_some_and(|at| at <= self.gate.now);
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
        starts || expires
    }

    fn report(&mut self, id: &JobId, epoch: u32, what: What, going: Going) -> (bool, Vec<Want>) {
        let expected = self.reference.report((id, epoch), what, going);
        let command = match what {
            What::Made => completed(id, epoch, going),
            What::Failed(permanent) => failed(id, epoch, permanent, going),
            What::LostSlot => requeued(id, epoch, going),
            What::NotYet => postponed(id, epoch, going),
        };
        self.reported(command, expected)
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
