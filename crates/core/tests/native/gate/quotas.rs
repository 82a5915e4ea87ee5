//! Quotas at their exact edge, over the end of a month, and given back.

use super::{
    commands::{LEAVES, requeued},
    harness::GateHarness,
};
use crate::harness::Harness;
use queue_core::{
    domain::{Month, Tier, Timestamp, subscription::SubscriptionStatus},
    gate::{
        Command, Reply, State,
        command::{Exceeded, MonthUse, NewJob, Quota},
    },
};
use std::time::Duration;

impl GateHarness {
    fn with_tiers(tiers: &str) -> Self {
        let mut gate = Self::new();
        gate.set_tiers(tiers);
        gate
    }

    /// Submits a job of tier1, and says which quota refuses it, if one does.
    fn refused(&mut self) -> Option<Exceeded> {
        let job = self.new_job(Some(Tier::Tier1));
        self.refused_job(job)
    }

    fn refused_job(&mut self, job: NewJob) -> Option<Exceeded> {
        let (jobs, account) = (self.jobs(), self.account());
        let reply = self.turn(Command::Submit(job));
        if let Reply::QuotaExceeded { exceeded } = reply {
            assert_eq!((self.jobs(), self.account()), (jobs, account));
            return Some(exceeded);
        }
        assert!(matches!(reply, Reply::Submitted { .. }), "{reply:?}");
        None
    }

    fn used(&mut self) -> u32 {
        self.month().unwrap().used
    }
}

const THREE: &str = r#"{"tier1":{"jobsPerMonth":3}}"#;

fn first_of_next(month: Timestamp) -> Timestamp {
    Month::of(month).end
}

#[test]
fn the_last_job_of_a_monthly_quota_is_accepted_and_the_next_is_not() {
    let mut gate = GateHarness::with_quotas(THREE);
    let resets_at = first_of_next(gate.now);
    for used in 0..3 {
        let month = gate.month();
        let expected = MonthUse {
            limit: 3,
            used,
            ends_at: resets_at,
        };
        assert_eq!(month, Some(expected));
        assert_eq!(gate.refused(), None);
    }
    let exceeded = Exceeded {
        quota: Quota::JobsPerMonth,
        tier: Tier::Tier1,
        limit: 3,
        used: 3,
        resets_at: Some(resets_at),
    };
    assert_eq!(gate.refused(), Some(exceeded));
    assert_eq!(gate.refused(), Some(exceeded), "a refusal is not counted");
}

#[test]
fn a_month_ends_at_its_last_millisecond_in_utc() {
    let mut gate = GateHarness::with_quotas(THREE);
    for _ in 0..3 {
        gate.refused();
    }
    let next = first_of_next(gate.now);
    gate.now = Timestamp::from_millis(next.as_millis() - 1);
    assert!(gate.refused().is_some());
    gate.now = next;
    assert_eq!(gate.used(), 0);
    assert_eq!((gate.refused(), gate.used()), (None, 1));
    // A clock that is set back by a moment opens no month that was used up.
    gate.now = Timestamp::from_millis(next.as_millis() - 1);
    assert_eq!((gate.refused(), gate.used()), (None, 2));
}

#[test]
fn a_job_cancelled_before_its_first_start_does_not_count() {
    let mut gate = GateHarness::with_quotas(THREE);
    let [started, queued, parked] = gate.submit_many(Tier::Tier1, 3).try_into().unwrap();
    let epoch = gate.start(&started).epoch;
    gate.cancel(&started);
    assert_eq!(gate.used(), 3, "it has cost");
    gate.report(requeued(&started, epoch, LEAVES));
    assert_eq!((gate.state(&started), gate.used()), (State::Cancelled, 3));
    for (job_id, used) in [(&queued, 2), (&queued, 2), (&parked, 1)] {
        gate.cancel(job_id);
        assert_eq!(gate.used(), used, "once");
    }
    assert_eq!((gate.refused(), gate.used()), (None, 2));
}

#[test]
fn a_job_cancelled_in_a_later_month_still_counts() {
    let mut gate = GateHarness::with_quotas(THREE);
    let old = gate.submit(Tier::Tier1);
    gate.now = first_of_next(gate.now);
    gate.submit(Tier::Tier1);
    assert_eq!(gate.used(), 1);
    gate.cancel(&old);
    assert_eq!(gate.used(), 1);
}

#[test]
fn a_job_that_was_not_counted_is_not_subtracted() {
    let mut gate = GateHarness::with_quotas(THREE);
    let free = gate.submit(Tier::Tier2);
    assert_eq!(gate.month(), None, "tier2 has no quota");
    gate.submit(Tier::Tier1);
    assert_eq!(gate.used(), 1);
    gate.cancel(&free);
    assert_eq!(gate.used(), 1);
}

#[test]
fn a_replay_costs_nothing_and_is_not_refused() {
    let mut gate = GateHarness::with_quotas(r#"{"tier1":{"jobsPerMonth":1}}"#);
    gate.set_tiers(r#"{"tier1":{"maxParkedJobs":1}}"#);
    gate.submit_with_key("k", "same");
    for _ in 0..2 {
        let again = gate.submit_with_key("k", "same");
        assert!(matches!(again, Reply::Submitted { replayed: true, .. }));
    }
    assert_eq!(gate.used(), 1);
    let other = gate.submit_with_key("k", "other");
    assert!(matches!(other, Reply::KeyReused { .. }));
    assert!(gate.refused().is_some());
}

#[test]
fn waiting_jobs_are_bounded_and_running_or_ended_jobs_are_not() {
    let mut gate = GateHarness::with_tiers(r#"{"tier1":{"maxParkedJobs":4}}"#);
    let jobs: Vec<_> = (0..4).map(|_| gate.submit(Tier::Tier1)).collect();
    let full = Exceeded {
        quota: Quota::MaxParkedJobs,
        tier: Tier::Tier1,
        limit: 4,
        used: 4,
        resets_at: None,
    };
    assert_eq!(gate.refused(), Some(full), "two queued, and two parked");
    let epoch = gate.start(&jobs[0]).epoch;
    assert_eq!(gate.refused(), None, "what runs does not wait");
    assert_eq!(gate.refused(), Some(full));
    gate.fail(&jobs[0], epoch, false);
    gate.start(&jobs[1]);
    assert_eq!(gate.refused(), Some(full), "one is retrying");
    gate.complete(&jobs[1], 2);
    gate.start(&jobs[2]);
    assert_eq!(gate.refused(), Some(full), "the next stage waits, too");
    gate.cancel(&jobs[3]);
    assert_eq!(gate.refused(), None);
}

#[test]
fn a_text_has_a_maximum_length() {
    let mut gate = GateHarness::with_quotas(r#"{"tier1":{"maxChars":100}}"#);
    for (chars, allowed) in [(0, true), (100, true), (101, false)] {
        let job = NewJob {
            chars,
            ..gate.new_job(Some(Tier::Tier1))
        };
        let refused = gate.refused_job(job);
        assert_eq!(refused.is_none(), allowed, "{chars}");
        if let Some(exceeded) = refused {
            let found = (exceeded.quota, exceeded.limit, exceeded.used);
            assert_eq!(found, (Quota::MaxChars, 100, 101));
        }
    }
    let job = NewJob {
        chars: 101,
        ..gate.new_job(Some(Tier::Tier2))
    };
    assert_eq!(gate.refused_job(job), None, "tier2 has no bound");
}

#[test]
fn the_quota_of_the_users_tier_applies_to_jobs_of_lower_tiers_too() {
    let mut gate =
        GateHarness::with_quotas(r#"{"tier1":{"jobsPerMonth":1},"tier3":{"jobsPerMonth":2}}"#);
    gate.subscribe(SubscriptionStatus::Active);
    assert_eq!((gate.refused(), gate.refused()), (None, None));
    assert_eq!(gate.refused().unwrap().tier, Tier::Tier3);
    gate.subscribe(SubscriptionStatus::Canceled);
    let month = gate.month().unwrap();
    assert_eq!((month.limit, month.used), (1, 2));
    // A lower one holds for what was used before.
    assert!(gate.refused().is_some());
}

#[test]
fn the_account_is_written_once_per_job_with_a_quota_and_never_without() {
    for (quotas, expected) in [("{}", 0), (THREE, 1)] {
        let mut gate = GateHarness::with_quotas(quotas);
        gate.submit(Tier::Tier1);
        gate.pass(Duration::from_secs(1));
        let before = gate.database.changes().unwrap();
        let job_id = gate.submit(Tier::Tier1);
        let submitted = gate.database.changes().unwrap();
        // The job's own row, its payload, and its account's.
        assert_eq!(submitted - before, 2 + expected, "{quotas}");
        gate.start(&job_id);
        let started = gate.database.changes().unwrap();
        assert_eq!(started - submitted, 1, "{quotas}");
    }
}
