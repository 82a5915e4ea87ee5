//! Random commands against the naive reference; every promise is checked after every step.

use crate::{
    gate_harness::GateHarness,
    gate_reference::{Expected, Reference},
};
use proptest::{prelude::*, sample::Index};
use std::{collections::BTreeMap, time::Duration};
use story_queue::{
    domain::{
        JobId, Rank, Tier, Timestamp,
        plan::{Subscription, SubscriptionStatus},
    },
    gate::{
        Command, Job, Reply, SqlStore, State, Store,
        command::{
            Admission, Holding, IdempotencyKey, NewJob, Outcome, PlanChange, PlanEvent, PlanOutcome,
        },
    },
};

#[derive(Clone, Debug)]
enum Step {
    Submit(Option<Tier>),
    SubmitWithKey {
        key: u8,
        fingerprint: u8,
    },
    /// A ticket of any job, sent or not, first or duplicate.
    Deliver(Index),
    Complete(Index, Epoch),
    Fail(Index, Epoch, bool),
    /// A success or a failure, by a delivery that goes on with what that frees.
    GoOn(Index, Epoch, bool),
    HandBack(Index, Epoch),
    Wait(Index, Epoch, bool),
    Renew(Index, Epoch),
    SetTier(Tier),
    SetPlan(Tier, (u8, u8)),
    Cancel(Index),
    Wake,
    Pass(u64),
}

#[derive(Clone, Copy, Debug)]
enum Epoch {
    Current,
    Old,
    Future,
}

fn tier() -> impl Strategy<Value = Option<Tier>> {
    prop_oneof![4 => Just(None), 1 => prop::sample::select(&Tier::ALL[..]).prop_map(Some)]
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    let epoch =
        || prop_oneof![8 => Just(Epoch::Current), 1 => Just(Epoch::Old), 1 => Just(Epoch::Future)];
    prop_oneof![
        6 => tier().prop_map(Step::Submit),
        1 => (0..3_u8, 0..2_u8).prop_map(|(key, fingerprint)| Step::SubmitWithKey { key, fingerprint }),
        12 => index().prop_map(Step::Deliver),
        6 => (index(), epoch()).prop_map(|(index, epoch)| Step::Complete(index, epoch)),
        3 => (index(), epoch(), any::<bool>()).prop_map(|(index, epoch, last)| Step::Fail(index, epoch, last)),
        4 => (index(), epoch(), any::<bool>()).prop_map(|(index, epoch, fails)| Step::GoOn(index, epoch, fails)),
        1 => (index(), epoch()).prop_map(|(index, epoch)| Step::HandBack(index, epoch)),
        1 => (index(), epoch()).prop_map(|(index, epoch)| Step::Renew(index, epoch)),
        2 => (index(), epoch(), any::<bool>()).prop_map(|(index, epoch, in_line)| Step::Wait(index, epoch, in_line)),
        1 => prop::sample::select(&Tier::ALL[..]).prop_map(Step::SetTier),
        1 => (prop::sample::select(&Tier::ALL[..]), (0..6_u8, 0..6_u8))
            .prop_map(|(tier, event)| Step::SetPlan(tier, event)),
        2 => index().prop_map(Step::Cancel),
        3 => Just(Step::Wake),
        4 => (0..400_u64).prop_map(Step::Pass),
    ]
}

/// A subscription whose price stands for that tier, as an event tells it.
fn sold(tier: Tier, (id, created): (u8, u8)) -> PlanChange {
    let created = Timestamp::from_millis(created.into());
    let subscription = Subscription {
        status: SubscriptionStatus::Active,
        since: created,
        price_id: Some(tier.name().to_owned()),
    };
    let id = id.to_string();
    PlanChange {
        account_type: None,
        subscription: Some(Some(subscription)),
        by: "stripe".to_owned(),
        event: Some(PlanEvent { id, created }),
    }
}

struct Run {
    gate: GateHarness,
    reference: Reference,
    keys: BTreeMap<u8, (u8, JobId)>,
    /// What must never change.
    accepted: BTreeMap<JobId, (Timestamp, Rank)>,
}

impl Run {
    fn new() -> Self {
        let mut gate = GateHarness::new();
        gate.config.max_attempts = 3;
        let prices = Tier::ALL.map(|tier| (tier.name().to_owned(), tier));
        gate.config.plans.prices.extend(prices);
        // So that no run of the test is long enough to forget a job.
        gate.config.retention = Duration::from_hours(24 * 365);
        let reference = Reference::new(gate.config.clone());
        Self {
            gate,
            reference,
            keys: BTreeMap::new(),
            accepted: BTreeMap::new(),
        }
    }

    fn any_job(&self, index: Index) -> Option<JobId> {
        (!self.reference.jobs.is_empty()).then(|| index.get(&self.reference.jobs).id.clone())
    }

    fn epoch(&self, job_id: &JobId, epoch: Epoch) -> u32 {
        let current = self.gate.job(job_id).epoch;
        match epoch {
            Epoch::Current => current,
            Epoch::Old => current.saturating_sub(1),
            Epoch::Future => current + 1,
        }
    }

    fn take(&mut self, step: &Step) {
        let before = (self.gate.jobs(), self.gate.held());
        let unchanged = self.perform(step);
        if unchanged {
            assert_eq!(
                self.gate.jobs(),
                before.0,
                "P3: {step:?} may change nothing"
            );
        }
        self.check(before.1);
    }

    /// Does one step on both sides; says whether it may change nothing.
    #[expect(clippy::too_many_lines, reason = "one arm a step")]
    fn perform(&mut self, step: &Step) -> bool {
        let now = self.gate.now;
        match step {
            Step::Submit(tier) => self.submit(*tier),
            Step::SubmitWithKey { key, fingerprint } => {
                return self.submit_with_key(*key, *fingerprint);
            }
            Step::Deliver(index) => {
                if let Some(job_id) = self.any_job(*index) {
                    return self.deliver(&job_id);
                }
            }
            Step::Complete(index, epoch) => {
                return self.report(*index, *epoch, |run, id, epoch| {
                    (
                        run.gate.complete(id, epoch).0,
                        run.reference.complete(now, id, epoch),
                    )
                });
            }
            Step::Fail(index, epoch, last) => {
                return self.report(*index, *epoch, |run, id, epoch| {
                    (
                        run.gate.fail(id, epoch, *last).0,
                        run.reference.fail(now, id, epoch, *last),
                    )
                });
            }
            Step::GoOn(index, epoch, fails) => {
                return self.report(*index, *epoch, |run, id, epoch| {
                    run.go_on(id, epoch, *fails)
                });
            }
            Step::HandBack(index, epoch) => {
                return self.report(*index, *epoch, |run, id, epoch| {
                    let command = Command::HandBack {
                        job_id: id.clone(),
                        epoch,
                    };
                    (
                        run.gate.report(command).0,
                        run.reference.hand_back(now, id, epoch),
                    )
                });
            }
            Step::Renew(index, epoch) => {
                return self.report(*index, *epoch, |run, id, epoch| {
                    let command = Command::Renew {
                        job_id: id.clone(),
                        epoch,
                    };
                    (
                        run.gate.report(command).0,
                        run.reference.renew(now, id, epoch),
                    )
                });
            }
            Step::Wait(index, epoch, in_line) => {
                if let Some(job_id) = self.any_job(*index) {
                    let (epoch, in_line) = (self.epoch(&job_id, *epoch), *in_line);
                    self.reference.wait(now, &job_id, epoch, in_line);
                    let jobs = vec![Holding { job_id, epoch }];
                    self.gate.turn(Command::Wait { jobs, in_line });
                }
            }
            Step::SetTier(tier) => {
                self.gate.turn(Command::SetTier { tier: *tier });
                self.reference.set_tier(now, *tier);
                self.repriced();
            }
            Step::SetPlan(tier, event) => {
                let outcome = self.gate.set_plan(sold(*tier, *event)).1;
                let expected = self.reference.set_plan(now, *tier, *event);
                assert_eq!(outcome, expected, "{event:?}");
                self.repriced();
                return outcome != PlanOutcome::Applied;
            }
            Step::Cancel(index) => {
                if let Some(job_id) = self.any_job(*index) {
                    self.gate.cancel(&job_id);
                    self.reference.cancel(now, &job_id);
                }
            }
            Step::Wake => {
                self.gate.wake();
                self.reference.wake(now);
                for job in self.gate.jobs() {
                    self.reference.settle(&job.job_id, job.due);
                }
            }
            Step::Pass(seconds) => self.gate.pass(Duration::from_secs(*seconds)),
        }
        false
    }

    fn go_on(&mut self, id: &JobId, epoch: u32, fails: bool) -> (Outcome, Outcome) {
        let now = self.gate.now;
        let holder = self.gate.job(id).holder.unwrap_or_default();
        let (outcome, handed) = if fails {
            self.gate.fail_and_go_on(id, epoch, &holder)
        } else {
            self.gate.complete_and_go_on(id, epoch, &holder)
        };
        let expected = self.reference.going_on((id, epoch), |reference| {
            if fails {
                reference.fail(now, id, epoch, true)
            } else {
                reference.complete(now, id, epoch)
            }
        });
        let handed: Vec<_> = handed
            .into_iter()
            .map(|handed| (handed.ticket.job_id, handed.grant.epoch))
            .collect();
        if outcome == Outcome::Accepted {
            assert_eq!(handed, self.reference.handed);
        } else {
            for (id, epoch) in handed {
                let job = self.gate.job(&id);
                let own = (job.epoch, job.holder) == (epoch, Some(holder.clone()));
                assert!(own, "P3: only what the holder holds already");
            }
        }
        (outcome, expected)
    }

    /// Ranks may be others; ages may not.
    fn repriced(&mut self) {
        for job in &self.reference.jobs {
            let rank = self.gate.job(&job.id).rank;
            self.accepted
                .insert(job.id.clone(), (job.submitted_at, rank));
        }
    }

    fn submit(&mut self, tier: Option<Tier>) {
        let job = self.gate.new_job(tier);
        let job_id = job.job_id.clone();
        let reply = self.gate.turn(Command::Submit(job));
        if !self.reference.submit(self.gate.now, &job_id, tier) {
            let allowed = self.reference.tier;
            assert_eq!(reply, Reply::TierNotEntitled { allowed });
            return;
        }
        let job = self.gate.job(&job_id);
        self.accepted.insert(job_id, (job.submitted_at, job.rank));
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
        match self.keys.get(&key) {
            None => {
                self.reference.submit(self.gate.now, &job_id, None);
                let job = self.gate.job(&job_id);
                self.accepted
                    .insert(job_id.clone(), (job.submitted_at, job.rank));
                self.keys.insert(key, (fingerprint, job_id));
                false
            }
            Some((used, first)) if *used == fingerprint => {
                let same = matches!(&reply, Reply::Submitted { job, replayed: true } if job.job_id == *first);
                assert!(same, "P8: one key, one job: {reply:?}");
                true
            }
            Some((_, first)) => {
                assert_eq!(
                    reply,
                    Reply::KeyReused {
                        job_id: first.clone()
                    },
                    "P8"
                );
                true
            }
        }
    }

    fn deliver(&mut self, job_id: &JobId) -> bool {
        let answer = match self.gate.admit(job_id) {
            Admission::Run(grant) => Expected::Run {
                epoch: grant.epoch,
                attempt: grant.attempt,
                active: grant.active,
                rank: grant.rank.as_millis(),
            },
            Admission::Park { active, .. } => Expected::Park { active },
            Admission::Skip { reason } => Expected::Skip(reason),
        };
        assert_eq!(answer, self.reference.admit(self.gate.now, job_id));
        matches!(answer, Expected::Skip(_))
    }

    fn report(
        &mut self,
        index: Index,
        epoch: Epoch,
        both: impl FnOnce(&mut Self, &JobId, u32) -> (Outcome, Outcome),
    ) -> bool {
        let Some(job_id) = self.any_job(index) else {
            return false;
        };
        let epoch = self.epoch(&job_id, epoch);
        let (outcome, expected) = both(self, &job_id, epoch);
        assert_eq!(outcome, expected);
        outcome != Outcome::Accepted
    }

    fn check(&self, held_before: u32) {
        let (held, limit) = (self.gate.held(), self.reference.limit());
        assert!(
            held <= limit.max(held_before),
            "P1: {held} leases at limit {limit}, {held_before} before"
        );
        let jobs = self.gate.jobs();
        let parked = jobs.iter().filter(|job| job.state == State::Parked).count();
        assert!(
            parked == 0 || held >= limit,
            "P4: {parked} parked while {held} of {limit} leases are held"
        );
        for job in &jobs {
            let accepted = self.accepted[&job.job_id];
            assert_eq!((job.submitted_at, job.rank), accepted, "P7: age is kept");
            let waits = job.state.is_final() || job.state == State::Parked || job.due.is_some();
            assert!(waits, "I6: nothing will ever wake {job:?}");
            self.agrees(job);
        }
        assert_eq!(
            jobs.len(),
            self.reference.jobs.len(),
            "P2: no job is lost or made up"
        );
        let soonest = jobs.iter().filter_map(|job| job.due).min();
        let next = SqlStore::new(&self.gate.database).next_due().unwrap();
        assert_eq!(
            next, soonest,
            "the alarm can be found again from the rows alone"
        );
    }

    fn agrees(&self, job: &Job) {
        let expected = self
            .reference
            .jobs
            .iter()
            .find(|expected| expected.id == job.job_id)
            .unwrap();
        let failures: Vec<u32> = job.stages.iter().map(|stage| stage.failures).collect();
        let is = (
            job.state,
            job.stage,
            job.epoch,
            job.times_parked,
            failures,
            job.rank.as_millis(),
        );
        let failures = expected.failures.to_vec();
        let wanted = (
            expected.state,
            expected.stage,
            expected.epoch,
            expected.times_parked,
            failures,
            expected.rank,
        );
        assert_eq!(is, wanted, "{}", job.job_id);
        if !job.state.is_final() {
            assert_eq!(job.due, expected.due, "{}: {:?}", job.job_id, job.state);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_gate_agrees_with_the_reference_and_keeps_its_promises(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run::new();
        for step in &steps {
            run.take(step);
        }
    }
}
