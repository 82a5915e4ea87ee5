//! What is due is found, however many jobs are not: forgetting, retries, and artifacts that cannot be deleted.

use super::harness::GateHarness;
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Tier, Timestamp},
    gate::{Command, State},
};
use std::time::Duration;

const MANY: usize = 1_000;
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

impl GateHarness {
    /// Ends so many jobs now.
    fn end_jobs(&mut self, count: usize) -> Vec<JobId> {
        let jobs = self.submit_many(Tier::Tier1, count);
        // Newest first, so that few of them ever get a lease.
        for job_id in jobs.iter().rev() {
            self.cancel(job_id);
        }
        self.hear();
        jobs
    }

    /// Has an attempt of a new job fail, with that pause.
    fn failing_job(&mut self, pause: Duration) -> JobId {
        self.config.retry_backoff = pause;
        let job_id = self.submit(Tier::Tier1);
        let epoch = self.start(&job_id).epoch;
        self.fail(&job_id, epoch, false);
        job_id
    }

    /// The bucket fails for all of the latest turn's purge but those.
    fn forget_only(&mut self, gone: &[JobId]) {
        let purge = self.effects.purge.clone().into_iter();
        let (jobs, failed) = purge.partition(|job_id| gone.contains(job_id));
        self.turn(Command::Forget { jobs, failed });
    }
}

#[test]
fn a_job_is_forgotten_in_time_behind_a_thousand_older_ones_that_end_later() {
    let mut gate = GateHarness::new();
    let older = gate.submit_many(Tier::Tier1, MANY);
    let newer = gate.submit(Tier::Tier1);
    gate.cancel(&newer);
    let due = gate.job(&newer).due.unwrap().after(gate.config.retention);
    gate.pass(3 * HOUR);
    for job_id in older.iter().rev() {
        gate.cancel(job_id);
    }
    gate.hear();
    gate.now = due.before(HOUR);
    gate.wake();
    assert_eq!(gate.effects.wake_by, Some(due));
    gate.wake_at(due);
    assert_eq!(gate.effects.purge, [newer]);
    gate.forget();
    assert_eq!(gate.effects.wake_by, Some(due.after(3 * HOUR)));
}

#[test]
fn a_lowered_retention_holds_within_a_day_even_in_an_idle_gate() {
    let mut gate = GateHarness::new();
    gate.config.retention = 365 * DAY;
    let jobs = gate.end_jobs(30);
    gate.wake();
    assert_eq!(gate.effects.wake_by, Some(gate.now.after(DAY)));
    gate.wake_after(10 * DAY);
    assert_eq!(gate.next_due(), Some(gate.now.after(DAY)));
    assert_eq!(gate.effects.purge, []);
    let younger = gate.end_jobs(1);
    gate.config.retention = DAY;
    let mut purged = gate.purge();
    purged.sort();
    assert_eq!(purged, jobs, "all that is due by then");
    let due = gate.job(&younger[0]).due.unwrap().after(DAY);
    assert_eq!(gate.next_due(), Some(due.min(gate.now.after(DAY))));
    assert_eq!(gate.purge(), [], "and no more");
    gate.now = due;
    assert_eq!(gate.purge(), younger);
    assert_eq!(gate.next_due(), None);
}

#[test]
fn a_retry_is_on_time_behind_a_thousand_longer_pauses() {
    let mut gate = GateHarness::new();
    gate.set_limit(1);
    let older: Vec<_> = (0..MANY).map(|_| gate.failing_job(HOUR)).collect();
    let newer = gate.failing_job(Duration::from_secs(10));
    let due = gate.now.after(Duration::from_secs(10));
    gate.hear();
    gate.wake();
    assert_eq!(gate.effects.wake_by, Some(due));
    assert_eq!(gate.next_due(), Some(due));
    gate.wake_at(due);
    assert_eq!(gate.told(), std::slice::from_ref(&newer));
    assert_eq!(gate.state(&newer), State::Queued);
    assert_eq!(gate.account().retrying, 1_000);
    gate.run_to_the_end(&newer);
    gate.wake_for(&older[0]);
    gate.wake_after(Duration::from_mins(1));
    assert!(gate.account().parked > 100);
}

#[test]
fn artifacts_that_cannot_be_deleted_hold_up_no_others() {
    let mut gate = GateHarness::new();
    let jobs = gate.end_jobs(11);
    let (failing, good) = jobs.split_at(10);
    gate.wake_at(gate.job(&jobs[0]).due.unwrap().after(gate.config.retention));
    assert_eq!(gate.effects.purge, failing);
    gate.forget_only(good);
    assert_eq!(gate.effects.wake_by, Some(gate.now), "at once");
    gate.wake();
    assert_eq!(gate.effects.purge, good);
    gate.forget();
    assert_eq!(gate.jobs().len(), 10);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let due = gate.next_due().unwrap();
        pauses.push(due.millis_since(gate.now) / 60_000);
        gate.wake_at(due);
        assert_eq!(gate.effects.purge, failing);
        gate.forget_only(good);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
    gate.now = gate.next_due().unwrap();
    assert_eq!(gate.purge(), failing);
    assert_eq!(gate.next_due(), None);
}

/// Ended jobs whose artifacts must be looked for once more after they were forgotten.
fn with_sweeps(count: usize) -> (GateHarness, Timestamp) {
    let mut gate = GateHarness::new();
    gate.set_limit(count.try_into().unwrap());
    for job_id in gate.submit_many(Tier::Tier1, count) {
        let epoch = gate.start(&job_id).epoch;
        gate.fail(&job_id, epoch, true);
    }
    gate.delete_user();
    gate.purge();
    gate.hear();
    assert!(gate.is_forgotten());
    let due = gate.next_due().unwrap();
    (gate, due)
}

#[test]
fn late_uploads_are_swept_although_nobody_calls_and_the_user_is_gone() {
    let (mut gate, due) = with_sweeps(3);
    assert_eq!(due, gate.now.after(Duration::from_mins(30)));
    gate.evict();
    gate.wake_at(due);
    assert_eq!(gate.effects.purge.len(), 3);
    gate.forget_only(&[]);
    assert_eq!(
        gate.next_due(),
        Some(gate.now.after(Duration::from_mins(1)))
    );
    gate.wake_after(Duration::from_mins(1));
    gate.forget();
    assert_eq!(gate.next_due(), None);
    assert!(gate.is_forgotten());
}

/// Each call of the bucket takes as long as it may.
#[test]
#[ignore = "sweeps come first, and their pause does not double: twenty that fail hold up all that has ended"]
fn sweeps_that_fail_hold_up_no_ended_jobs() {
    let (mut gate, due) = with_sweeps(20);
    gate.now = due;
    let jobs = gate.end_jobs(1);
    gate.now = gate.job(&jobs[0]).due.unwrap().after(gate.config.retention);
    for _ in 0..100 {
        gate.wake();
        gate.pass(Duration::from_secs(100));
        gate.forget_only(&jobs);
        if gate.jobs().is_empty() {
            return;
        }
    }
    panic!("{:?} is kept for ever", jobs[0]);
}
