//! Ended jobs that begin anew: where, with what, at which place in the line, and how often for one word.

use super::{
    commands::{LEAVES, artifacts, blamed, completed, replayed},
    harness::GateHarness,
};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, ReplayId, Stage, Tier},
    gate::{
        Command, Reply, State,
        command::{Outcome, Quota, Replay, ReplayOutcome, ReplayRun, Start},
        past::{ENTRIES_MAX, Entry, MESSAGE_MAX},
    },
};
use std::time::Duration;

/// A gate with one job whose first stage is done and whose second has failed for good.
fn failed() -> (GateHarness, JobId) {
    let (mut gate, job_id) = GateHarness::with_job();
    let epoch = gate.start(&job_id).epoch;
    gate.complete(&job_id, epoch);
    let epoch = gate.start(&job_id).epoch;
    gate.fail(&job_id, epoch, true);
    assert_eq!(gate.state(&job_id), State::Failed);
    (gate, job_id)
}

fn keyed(job_id: &JobId, key: &str) -> Command {
    Command::Replay(Replay {
        job_id: job_id.clone(),
        key: Some(key.to_owned()),
        run: None,
        tier_ceiling: None,
    })
}

fn as_part(job_id: &JobId, run: u8, epoch: u32) -> Command {
    Command::Replay(Replay {
        job_id: job_id.clone(),
        key: None,
        run: Some(ReplayRun {
            id: ReplayId::new(crate::harness::START, &[run; 10]),
            epoch,
        }),
        tier_ceiling: None,
    })
}

#[test]
fn a_failed_job_goes_on_at_its_stage_with_what_was_made_and_with_its_age() {
    let (mut gate, job_id) = failed();
    let before = gate.job(&job_id);
    gate.pass(Duration::from_hours(1));
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Begun);
    let after = gate.job(&job_id);
    assert_eq!((after.state, after.stage), (State::Queued, 1));
    assert_eq!(after.submitted_at, before.submitted_at);
    assert_eq!(after.pool_rank(), before.pool_rank());
    assert!(after.epoch > before.epoch, "late holders are refused");
    assert_eq!((after.error, after.finished_at), (None, None));
    assert_eq!(gate.told(), std::slice::from_ref(&job_id));
    let grant = gate.start(&job_id);
    assert_eq!((grant.stage, grant.attempt), (Stage::Audio, 1));
    assert_eq!(grant.made, artifacts(2), "of the first stage");
    gate.complete(&job_id, grant.epoch);
    gate.run_to_the_end(&job_id);
    assert_eq!(gate.job(&job_id).started_at, before.started_at);
}

#[test]
fn all_attempts_are_there_again_and_late_reports_of_before_are_refused() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.config.max_attempts = 2;
    let mut epochs = Vec::new();
    for _ in 0..2 {
        let grant = gate.start(&job_id);
        epochs.push(grant.epoch);
        gate.fail(&job_id, grant.epoch, false);
        if gate.state(&job_id) == State::Retrying {
            gate.wake_for(&job_id);
        }
    }
    assert_eq!(gate.state(&job_id), State::Failed);
    gate.replay(&job_id);
    assert_eq!(gate.complete(&job_id, epochs[0]).0, Outcome::Stale);
    let epoch = gate.start(&job_id).epoch;
    assert_eq!(gate.fail(&job_id, epoch, false).1, Some(State::Retrying));
}

#[test]
fn what_is_under_way_has_succeeded_or_is_unknown_is_left_as_it_is() {
    let (mut gate, jobs) = GateHarness::with_jobs::<2>(Tier::Tier1);
    assert_eq!(gate.replay(&jobs[0]), ReplayOutcome::Repeated);
    let epoch = gate.start(&jobs[0]).epoch;
    assert_eq!(gate.replay(&jobs[0]), ReplayOutcome::Repeated);
    assert_eq!(gate.complete(&jobs[0], epoch).0, Outcome::Accepted);
    gate.run_to_the_end(&jobs[1]);
    assert_eq!(gate.replay(&jobs[1]), ReplayOutcome::Succeeded);
    assert_eq!(gate.replay(&gate.new_id()), ReplayOutcome::Unknown);
}

#[test]
fn one_key_replays_a_job_once_also_after_it_has_failed_again() {
    let (mut gate, job_id) = failed();
    assert_eq!(gate.replay_as(keyed(&job_id, "a")), ReplayOutcome::Begun);
    let epoch = gate.start(&job_id).epoch;
    gate.fail(&job_id, epoch, true);
    assert_eq!(gate.replay_as(keyed(&job_id, "a")), ReplayOutcome::Repeated);
    assert_eq!(gate.state(&job_id), State::Failed);
    assert_eq!(gate.replay_as(keyed(&job_id, "b")), ReplayOutcome::Begun);
}

#[test]
fn a_replay_of_many_replays_what_it_knows_once_and_has_it_rank_as_of_now() {
    let (mut gate, job_id) = failed();
    let before = gate.job(&job_id);
    gate.pass(Duration::from_hours(1));
    let ask = as_part(&job_id, 1, before.epoch);
    assert_eq!(
        gate.replay_as(as_part(&job_id, 1, before.epoch - 1)),
        ReplayOutcome::Changed
    );
    assert_eq!(gate.replay_as(ask.clone()), ReplayOutcome::Begun);
    let after = gate.job(&job_id);
    let later = after.pool_rank().as_millis() - before.pool_rank().as_millis();
    assert_eq!(later, 3_600_000 + 60_000, "a minute behind live jobs");
    assert_eq!(after.submitted_at, before.submitted_at);
    assert_eq!(
        gate.replay_as(ask.clone()),
        ReplayOutcome::Begun,
        "its answer was lost"
    );
    let epoch = gate.start(&job_id).epoch;
    gate.fail(&job_id, epoch, true);
    assert_eq!(
        gate.replay_as(ask),
        ReplayOutcome::Begun,
        "and arrives late"
    );
    assert_eq!(gate.state(&job_id), State::Failed, "nothing was done");
    assert_eq!(
        gate.replay_as(as_part(&job_id, 2, before.epoch)),
        ReplayOutcome::Changed,
        "another one knows an older failure"
    );
}

#[test]
fn its_rank_as_of_a_replay_of_many_survives_another_tier_and_counts_from_room() {
    let (mut gate, jobs) = GateHarness::with_jobs::<3>(Tier::Tier1);
    let epoch = gate.start(&jobs[0]).epoch;
    gate.fail(&jobs[0], epoch, true);
    gate.pass(Duration::from_mins(10));
    let ended = gate.job(&jobs[0]).epoch;
    gate.replay_as(as_part(&jobs[0], 1, ended));
    assert_eq!(gate.state(&jobs[0]), State::Parked, "the limit holds");
    let from = gate.now;
    gate.pass(Duration::from_mins(1));
    gate.run_to_the_end(&jobs[1]);
    let job = gate.job(&jobs[0]);
    assert_eq!((job.state, job.room_at), (State::Queued, Some(gate.now)));
    assert_eq!(
        job.pool_rank().as_millis(),
        gate.now.as_millis() - 1_800_000
    );
    gate.sell_tiers();
    gate.set_plan(super::subscriptions::sold(Tier::Tier3, (1, 1)));
    let job = gate.job(&jobs[0]);
    assert_eq!(
        job.rank.as_millis(),
        from.as_millis() + 60_000 - 3 * 1_800_000,
        "its age counts from the replay"
    );
}

#[test]
fn without_a_pool_the_ticket_says_the_rank_as_of_a_replay_of_many() {
    let mut gate = GateHarness::beside(false);
    let job_id = gate.submit(Tier::Tier1);
    let epoch = gate.start(&job_id).epoch;
    gate.fail(&job_id, epoch, true);
    gate.pass(Duration::from_hours(1));
    let ended = gate.job(&job_id).epoch;
    gate.replay_as(as_part(&job_id, 1, ended));
    let rank = gate.effects.tickets[0].rank(gate.config.priority_boost);
    assert_eq!(rank, gate.job(&job_id).pool_rank());
}

#[test]
fn a_job_that_was_put_off_may_start_at_any_time_once_it_is_replayed() {
    let mut gate = GateHarness::new();
    let mut job = gate.new_job(Some(Tier::Tier1));
    job.window.not_before = Some(gate.now.after(Duration::from_hours(2)));
    let job_id = gate.submit_job(job);
    gate.cancel(&job_id);
    gate.pass(Duration::from_hours(1));
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Begun);
    let job = gate.job(&job_id);
    assert_eq!((job.state, job.age_from()), (State::Queued, gate.now));
}

#[test]
fn one_that_expired_is_replayed_and_does_not_expire_again() {
    let mut gate = GateHarness::new();
    gate.set_limit(1);
    let first = gate.submit(Tier::Tier1);
    let mut job = gate.new_job(Some(Tier::Tier1));
    job.window.start_by = Some(gate.now.after(Duration::from_mins(1)));
    let late = gate.submit_job(job);
    gate.wake_after(Duration::from_mins(1));
    assert_eq!(gate.state(&late), State::Expired);
    assert_eq!(gate.replay(&late), ReplayOutcome::Begun);
    gate.run_to_the_end(&first);
    gate.run_to_the_end(&late);
}

#[test]
fn a_job_that_was_cancelled_with_a_stage_done_goes_on_behind_it() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    gate.cancel(&job_id);
    gate.report(completed(&job_id, epoch, LEAVES));
    assert_eq!(gate.state(&job_id), State::Cancelled);
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Begun);
    let grant = gate.start(&job_id);
    assert_eq!((grant.stage, grant.made.len()), (Stage::Audio, 1));
    assert!(!gate.must_stop(&job_id, grant.epoch), "the wish is over");
}

#[test]
fn what_was_swept_is_made_once_more_and_nothing_begins_meanwhile() {
    let (mut gate, job_id) = failed();
    let swept = |gate: &mut GateHarness, begins| {
        let job_id = job_id.clone();
        let Reply::Job { view } = gate.turn(Command::Swept { job_id, begins }) else {
            panic!("a sweep is answered with the job");
        };
        view.unwrap().job.state
    };
    assert_eq!(swept(&mut gate, true), State::Failed);
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Sweeping);
    swept(&mut gate, false);
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Begun);
    assert_eq!(
        swept(&mut gate, true),
        State::Queued,
        "who would sweep hears it"
    );
    let grant = gate.start(&job_id);
    assert_eq!((grant.stage, grant.made.len()), (Stage::Image, 0));
    gate.complete(&job_id, grant.epoch);
    gate.run_to_the_end(&job_id);
}

#[test]
fn a_sweep_whose_consumer_died_does_not_hold_up_a_job_for_ever() {
    let (mut gate, job_id) = failed();
    let begins = true;
    gate.turn(Command::Swept {
        job_id: job_id.clone(),
        begins,
    });
    gate.pass(Duration::from_mins(15));
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Begun);
}

#[test]
fn what_such_a_sweep_may_have_deleted_is_made_once_more() {
    let (mut gate, job_id) = failed();
    gate.turn(Command::Swept {
        job_id: job_id.clone(),
        begins: true,
    });
    gate.pass(Duration::from_mins(15));
    gate.replay(&job_id);
    let grant = gate.start(&job_id);
    assert_eq!((grant.stage, grant.made.len()), (Stage::Image, 0));
}

#[test]
fn one_that_was_cancelled_has_the_age_that_it_had_then() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    gate.pass(Duration::from_mins(2));
    gate.cancel(&job_id);
    gate.pass(Duration::from_hours(100));
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Begun);
    let job = gate.job(&job_id);
    let age = gate.now.millis_since(job.age_from());
    assert_eq!(age, 120_000, "not the hundred hours since");
    assert_eq!(job.pool_rank(), job.rank);
    let new = gate.submit(Tier::Tier4);
    assert!(gate.job(&new).pool_rank() < job.pool_rank());
}

#[test]
fn a_job_that_counted_nowhere_counts_where_there_is_a_quota_by_now() {
    let mut gate = GateHarness::with_quotas("{}");
    let job_id = gate.submit(Tier::Tier1);
    gate.cancel(&job_id);
    gate.set_quotas(r#"{"tier1":{"jobsPerMonth":1}}"#);
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Begun);
    assert_eq!(gate.month().unwrap().used, 1);
}

#[test]
fn where_no_plan_is_known_the_tier_is_no_higher_than_whoever_asks_may_state() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier4);
    gate.cancel(&job_id);
    let ask = |tier_ceiling| {
        Command::Replay(Replay {
            job_id: job_id.clone(),
            key: None,
            run: None,
            tier_ceiling,
        })
    };
    gate.replay_as(ask(Some(Tier::Tier2)));
    let job = gate.job(&job_id);
    assert_eq!((job.tier, job.priority), (Tier::Tier2, 2));
    gate.cancel(&job_id);
    gate.replay_as(ask(None));
    assert_eq!(gate.job(&job_id).tier, Tier::Tier2);
}

#[test]
fn what_is_being_forgotten_is_not_replayed() {
    let (mut gate, job_id) = failed();
    gate.wake_after(gate.config.retention + Duration::from_hours(1));
    assert_eq!(gate.effects.purge, std::slice::from_ref(&job_id));
    assert_eq!(gate.replay(&job_id), ReplayOutcome::Unknown);
    gate.turn(Command::Forget {
        jobs: Vec::new(),
        failed: vec![job_id.clone()],
    });
    assert_eq!(
        gate.replay(&job_id),
        ReplayOutcome::Unknown,
        "perhaps half of it is there"
    );
}

#[test]
fn what_was_replayed_while_it_was_forgotten_is_kept_and_made_once_more() {
    let (mut gate, job_id) = failed();
    gate.replay(&job_id);
    gate.turn(Command::Forget {
        jobs: vec![job_id.clone()],
        failed: Vec::new(),
    });
    let grant = gate.start(&job_id);
    assert_eq!((grant.stage, grant.made.len()), (Stage::Image, 0));
}

#[test]
fn a_user_who_is_being_deleted_replays_nothing() {
    let (mut gate, job_id) = failed();
    gate.delete_user();
    assert_eq!(gate.turn(replayed(&job_id)), Reply::Erasing);
    gate.delete_user();
}

#[test]
fn a_replay_counts_in_no_month_twice_and_once_more_if_its_count_was_given_back() {
    let mut gate = GateHarness::with_quotas(r#"{"tier1":{"jobsPerMonth":2}}"#);
    let [ran, waits] = [(); 2].map(|()| gate.submit(Tier::Tier1));
    let epoch = gate.start(&ran).epoch;
    gate.fail(&ran, epoch, true);
    assert_eq!(gate.month().unwrap().used, 2);
    assert_eq!(gate.replay(&ran), ReplayOutcome::Begun);
    assert_eq!(gate.month().unwrap().used, 2);
    gate.cancel(&waits);
    assert_eq!(gate.month().unwrap().used, 1);
    gate.submit(Tier::Tier1);
    let Reply::QuotaExceeded { exceeded } = gate.turn(replayed(&waits)) else {
        panic!("the month is used up");
    };
    assert_eq!(exceeded.quota, Quota::JobsPerMonth);
    gate.set_quotas(r#"{"tier1":{"jobsPerMonth":3}}"#);
    assert_eq!(gate.replay(&waits), ReplayOutcome::Begun);
    assert_eq!(gate.month().unwrap().used, 3);
}

#[test]
fn as_many_wait_as_may() {
    let (mut gate, job_id) = failed();
    gate.set_tiers(r#"{"tier1":{"maxConcurrentJobs":1,"maxParkedJobs":2}}"#);
    gate.submit_many(Tier::Tier1, 2);
    let Reply::QuotaExceeded { exceeded } = gate.turn(replayed(&job_id)) else {
        panic!("two wait");
    };
    assert_eq!(exceeded.quota, Quota::MaxParkedJobs);
}

#[test]
fn every_attempt_is_told_in_order_with_faults_of_a_back_end_in_a_row_as_one() {
    let (mut gate, job_id) = GateHarness::with_job();
    let epoch = gate.start(&job_id).epoch;
    gate.complete(&job_id, epoch);
    for _ in 0..3 {
        gate.pass(Duration::from_secs(1));
        let epoch = gate.start(&job_id).epoch;
        gate.report(blamed(&job_id, epoch));
        gate.wake_for(&job_id);
    }
    let epoch = gate.start(&job_id).epoch;
    gate.fail(&job_id, epoch, true);
    gate.pass(Duration::from_secs(1));
    gate.replay(&job_id);
    gate.pass(Duration::from_secs(1));
    gate.run_to_the_end(&job_id);
    let told: Vec<_> = gate
        .job(&job_id)
        .went_through()
        .iter()
        .map(|entry| match entry {
            Entry::Failed {
                stage,
                number,
                times,
                backend,
                ..
            } => (stage.name(), *number, *times, backend.is_some()),
            Entry::Made { stage, number, .. } => (stage.name(), *number, 0, false),
            Entry::Replayed { stage, error, .. } => {
                assert_eq!(error.as_ref().unwrap().code, "planted");
                (stage.name(), 0, 0, false)
            }
        })
        .collect();
    let expected = [
        ("image", 1, 0, false),
        ("audio", 1, 3, true),
        ("audio", 1, 1, false),
        ("audio", 0, 0, false),
        ("audio", 1, 0, false),
        ("video", 1, 0, false),
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_newest_attempts_are_kept_and_no_long_message() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.config.max_attempts = 100;
    for _ in 0..ENTRIES_MAX + 5 {
        let Start::Run(grant) = gate.try_start(&job_id) else {
            panic!("it waits for its turn");
        };
        let mut command = super::commands::failed(&job_id, grant.epoch, false, LEAVES);
        if let Command::Fail { message, .. } = &mut command {
            *message = "é".repeat(10_000);
        }
        gate.report(command);
        gate.wake_for(&job_id);
    }
    let past = gate.job(&job_id).past;
    assert_eq!((past.entries.len(), past.dropped), (ENTRIES_MAX, 5));
    let Entry::Failed {
        message, number, ..
    } = &past.entries[0]
    else {
        panic!("all of them failed");
    };
    assert_eq!((message.chars().count(), *number), (MESSAGE_MAX, 6));
}
