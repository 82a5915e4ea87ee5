//! Deleting a user.

use super::{harness::GateHarness, subscriptions::paid};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{JobId, Tier, subscription::SubscriptionStatus},
    gate::{
        Command, Reply, SqlStore, State, Store,
        command::{Outcome, PlanOutcome, SkipReason},
    },
};
use std::time::Duration;

impl GateHarness {
    /// What the object does while the alarm rings, until nothing is left to forget.
    pub fn purge(&mut self) -> Vec<JobId> {
        let mut purged = Vec::new();
        loop {
            self.wake();
            let jobs = self.effects.purge.clone();
            if jobs.is_empty() {
                return purged;
            }
            purged.extend(jobs);
            self.forget();
        }
    }

    /// The artifacts are gone.
    pub fn forget(&mut self) {
        let (jobs, failed) = (self.effects.purge.clone(), Vec::new());
        self.turn(Command::Forget { jobs, failed });
    }

    pub fn is_forgotten(&self) -> bool {
        let store = SqlStore::new(&self.database);
        store.account() == Ok(None) && self.jobs().is_empty()
    }
}

#[test]
fn waiting_jobs_end_running_jobs_stop_and_then_the_user_is_deleted() {
    let mut gate = GateHarness::new();
    gate.set_plan(paid(SubscriptionStatus::Active, gate.now));
    let done = gate.submit(Tier::Tier3);
    gate.run_to_the_end(&done);
    let jobs: Vec<_> = (0..12).map(|_| gate.submit(Tier::Tier3)).collect();
    let epochs = [0, 1, 2].map(|index| gate.start(&jobs[index]).epoch);
    gate.complete(&jobs[1], epochs[1]);
    gate.fail(&jobs[2], epochs[2], false);
    assert_eq!(gate.delete_user(), (1, false));
    // The pool hears of all that waited for their turn.
    assert_eq!(gate.gone(), [&jobs[1..2], &jobs[3..11]].concat());
    assert!(gate.is_silent(), "nothing takes their place");
    assert_eq!(gate.effects.wake_by, Some(gate.now), "at once");
    assert!(gate.account().is_erased);
    for job_id in &jobs[1..] {
        assert_eq!(gate.state(job_id), State::Cancelled);
        assert_eq!(gate.skipped(job_id), SkipReason::Ended);
    }
    let mut purged = gate.purge();
    assert_eq!(purged.len(), 12, "whatever its age");
    assert_eq!((gate.jobs().len(), gate.is_forgotten()), (1, false));
    assert_eq!(gate.delete_user(), (1, false), "twice is once");
    assert_eq!(gate.gone(), []);
    assert!(gate.must_stop(&jobs[0], epochs[0]));
    let reported = gate.fail(&jobs[0], epochs[0], true);
    assert_eq!(reported, (Outcome::Accepted, Some(State::Cancelled)));
    assert_eq!(gate.effects.wake_by, Some(gate.now), "at once");
    gate.hear();
    purged.extend(gate.purge());
    assert_eq!(purged.len(), 13);
    assert!(gate.is_forgotten());
    assert_eq!(gate.delete_user(), (0, true));
    assert!(gate.is_forgotten(), "asking again makes no account");
}

#[test]
fn the_end_of_a_grace_does_not_ring_for_who_is_being_deleted() {
    let mut gate = GateHarness::new();
    gate.config.plans.past_due_grace = Duration::from_secs(10);
    let job_id = gate.submit(Tier::Tier1);
    gate.subscribe(SubscriptionStatus::PastDue);
    gate.start(&job_id);
    assert_eq!(gate.delete_user(), (1, false));
    gate.pass(Duration::from_secs(20));
    gate.wake();
    let next = gate.next_due();
    assert!(next > Some(gate.now), "again and again: {next:?}");
}

#[test]
fn a_user_is_deleted_only_after_the_pool_was_told() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.delete_user();
    assert_eq!(gate.purge(), [job_id]);
    assert!(!gate.is_forgotten());
    let due = gate.now.after(gate.config.ticket_resend);
    assert_eq!(gate.effects.wake_by, Some(due), "to tell again");
    gate.wake_at(due);
    assert_eq!(gate.gone().len(), 1);
    gate.hear();
    assert!(gate.is_forgotten());
}

#[test]
fn a_user_is_deleted_if_the_pool_was_removed() {
    let mut gate = GateHarness::new();
    gate.submit(Tier::Tier1);
    gate.delete_user();
    gate.purge();
    gate.config.has_pool = false;
    gate.wake_after(gate.config.ticket_resend);
    assert!(gate.is_forgotten());
}

#[test]
fn a_dead_consumer_delays_a_deletion_only_until_its_lease_expires() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    gate.delete_user();
    // Found again from the rows.
    let due = gate.job(&job_id).due;
    assert_eq!(gate.next_due(), due);
    gate.wake();
    assert_eq!(gate.effects.wake_by, due);
    gate.now = gate.job(&job_id).due.unwrap();
    assert_eq!(gate.purge(), std::slice::from_ref(&job_id));
    assert!(gate.is_forgotten());
    assert_eq!(gate.complete(&job_id, epoch), (Outcome::Stale, None));
}

#[test]
fn a_job_whose_last_stage_ends_is_deleted_too() {
    let (mut gate, job_id) = GateHarness::with_job();
    for _ in 0..2 {
        let epoch = gate.start(&job_id).epoch;
        gate.complete(&job_id, epoch);
    }
    let epoch = gate.start(&job_id).epoch;
    gate.delete_user();
    assert_eq!(gate.complete(&job_id, epoch).1, Some(State::Succeeded));
    assert_eq!(gate.purge(), [job_id]);
    assert!(gate.is_forgotten());
}

#[test]
fn nothing_is_accepted_during_a_deletion() {
    let mut gate = GateHarness::new();
    let kept = gate.keyed_job("k", "same");
    gate.turn(Command::Submit(kept.clone()));
    let job_id = gate.submit(Tier::Tier1);
    gate.start(&job_id);
    gate.delete_user();
    let job = gate.new_job(None);
    assert_eq!(gate.turn(Command::Submit(job)), Reply::Erasing);
    // What is repeated is about to be forgotten.
    assert_eq!(gate.turn(Command::Submit(kept)), Reply::Erasing);
    for fingerprint in ["same", "other"] {
        assert_eq!(gate.submit_with_key("k", fingerprint), Reply::Erasing);
    }
    let change = paid(SubscriptionStatus::Active, gate.now);
    assert_eq!(gate.turn(Command::SetPlan(change)), Reply::Erasing);
    let stripe = gate.stripe("evt_1", 1_000, SubscriptionStatus::Active);
    assert_eq!(stripe, PlanOutcome::Erased);
}

#[test]
fn a_deleted_user_is_unknown_afterwards() {
    let mut gate = GateHarness::new();
    gate.set_plan(paid(SubscriptionStatus::Active, gate.now));
    gate.submit_with_key("k", "same");
    gate.delete_user();
    gate.purge();
    gate.hear();
    assert!(gate.is_forgotten());
    let mut stranger = GateHarness::new();
    assert_eq!(gate.account(), stranger.account());
    let Reply::Submitted { job, replayed } = gate.submit_with_key("k", "other") else {
        panic!("the key is free again");
    };
    assert_eq!((job.tier, replayed), (Tier::Tier1, false));
}

#[test]
fn a_user_without_jobs_is_deleted_at_once() {
    let mut gate = GateHarness::new();
    assert_eq!(gate.delete_user(), (0, true), "a stranger");
    gate.set_plan(paid(SubscriptionStatus::Active, gate.now));
    assert_eq!(gate.delete_user(), (0, true));
    assert!(gate.is_forgotten());
}

#[test]
fn a_long_line_is_deleted_in_short_turns() {
    let mut gate = GateHarness::new();
    for _ in 0..240 {
        gate.submit(Tier::Tier1);
    }
    let cancelled = |gate: &GateHarness| {
        let jobs = gate.jobs().into_iter();
        jobs.filter(|job| job.state == State::Cancelled).count()
    };
    gate.delete_user();
    // Those that hold a lease, and a slice of the others.
    assert_eq!(cancelled(&gate), 202);
    assert_eq!(gate.effects.wake_by, Some(gate.now));
    gate.wake();
    assert_eq!(cancelled(&gate), 240);
    assert_eq!(gate.effects.purge.len(), 10);
    gate.forget();
    assert_eq!(gate.purge().len(), 230);
    gate.hear();
    assert!(gate.is_forgotten());
}

#[test]
fn an_event_from_before_a_deletion_makes_no_account_after_it() {
    use SubscriptionStatus::Active;
    let mut gate = GateHarness::new();
    gate.submit(Tier::Tier1);
    let since_start = |gate: &GateHarness| gate.now.as_millis() - START.as_millis();
    let before = since_start(&gate) - 1_000;
    gate.delete_user();
    gate.purge();
    gate.pass(Duration::from_secs(10));
    gate.hear();
    assert!(gate.is_forgotten());
    let at = since_start(&gate);
    gate.pass(Duration::from_hours(72));
    for (id, created) in [("evt_1", before), ("evt_2", at)] {
        assert_eq!(gate.stripe(id, created, Active), PlanOutcome::Erased);
        assert!(gate.is_forgotten());
    }
    // The user is back, which makes the old events no younger.
    gate.submit(Tier::Tier1);
    gate.evict();
    assert_eq!(gate.stripe("evt_1", before, Active), PlanOutcome::Erased);
    let account = gate.account();
    assert_eq!((account.tier, account.plan), (Tier::Tier1, None));
    assert_eq!(gate.stripe("evt_3", at + 1, Active), PlanOutcome::Applied);
    assert_eq!(gate.account().tier, Tier::Tier3);
}

#[test]
fn a_deletion_needs_neither_a_call_nor_memory_to_go_on() {
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    gate.start(&jobs[0]);
    gate.delete_user();
    assert_eq!(gate.next_due(), Some(gate.now), "as the rows say");
    gate.wake();
    assert_eq!(gate.effects.purge.len(), 2);
    let given_up = gate.now.after(Duration::from_mins(2));
    assert!(gate.effects.wake_by <= Some(given_up));
    // The object dies while it calls the bucket.
    gate.evict();
    assert_eq!(gate.next_due(), Some(gate.now));
    gate.wake();
    assert_eq!(gate.effects.purge.len(), 2, "the same again");
}

#[test]
fn a_bucket_that_fails_delays_no_lease() {
    for is_answered in [true, false] {
        let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
        gate.start(&jobs[0]);
        let lease = gate.job(&jobs[0]).due.unwrap();
        gate.now = lease.before(Duration::from_secs(2));
        gate.delete_user();
        gate.hear();
        gate.wake();
        let failed = gate.effects.purge.clone();
        assert_eq!(failed.len(), 2);
        assert_eq!(gate.effects.wake_by, Some(lease));
        if is_answered {
            let jobs = Vec::new();
            gate.turn(Command::Forget { jobs, failed });
            assert_eq!(gate.effects.wake_by, Some(lease));
        }
        gate.wake_at(lease);
        assert_eq!(gate.state(&jobs[0]), State::Cancelled);
    }
}
