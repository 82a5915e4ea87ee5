//! Deleting a user.

use super::{harness::GateHarness, subscriptions::paid};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Tier, plan::SubscriptionStatus},
    gate::{
        Command, Reply, SqlStore, State, Store,
        command::{Outcome, PlanOutcome, SkipReason},
        next_due,
    },
};

impl GateHarness {
    /// What the object does while the alarm rings, until nothing is left to forget.
    fn purge(&mut self) -> Vec<JobId> {
        let mut purged = Vec::new();
        loop {
            self.wake();
            let jobs = self.effects.purge.clone();
            if jobs.is_empty() {
                return purged;
            }
            for job_id in jobs {
                let jobs = vec![job_id.clone()];
                self.turn(Command::Forget { jobs });
                purged.push(job_id);
            }
        }
    }

    fn is_forgotten(&self) -> bool {
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
    let store = SqlStore::new(&gate.database);
    assert_eq!(next_due(&store), Ok(Some(gate.now)));
    gate.wake();
    assert_eq!(gate.effects.wake_by, gate.job(&job_id).due);
    gate.now = gate.job(&job_id).due.unwrap();
    assert_eq!(gate.purge(), [job_id.clone()]);
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
    gate.submit_with_key("k", "same");
    let job_id = gate.submit(Tier::Tier1);
    gate.start(&job_id);
    gate.delete_user();
    let job = gate.new_job(None);
    assert_eq!(gate.turn(Command::Submit(job)), Reply::Erasing);
    let replayed = gate.submit_with_key("k", "same");
    assert!(matches!(replayed, Reply::Submitted { replayed: true, .. }));
    let change = paid(SubscriptionStatus::Active, gate.now);
    assert_eq!(gate.turn(Command::SetPlan(change)), Reply::Erasing);
    let stripe = gate.stripe("evt_1", 1_000, SubscriptionStatus::Active);
    assert_eq!(stripe, PlanOutcome::Outdated);
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
fn a_long_line_ends_in_one_turn_and_is_deleted_in_short_ones() {
    let mut gate = GateHarness::new();
    for _ in 0..240 {
        gate.submit(Tier::Tier1);
    }
    gate.delete_user();
    assert!(gate.jobs().iter().all(|job| job.state == State::Cancelled));
    assert_eq!(gate.effects.notices.len(), 100, "not a line for each");
    gate.wake();
    assert_eq!(gate.effects.purge.len(), 10);
    assert_eq!(gate.purge().len(), 240);
    gate.hear();
    assert!(gate.is_forgotten());
}
