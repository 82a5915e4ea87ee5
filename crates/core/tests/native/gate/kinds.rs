//! Kinds with a limit of their own: their jobs wait for that in a line of their own, and let others pass.

use super::{
    commands::{LEAVES, requeued},
    harness::GateHarness,
};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Kind, Stage, Tier, UserId},
    gate::{
        Command,
        State::{self, Parked, Queued, Running},
        command::{NewJob, SkipReason, Start},
    },
};
use std::time::Duration;

const EPISODE: &str = "episode";

fn kind(name: &str) -> Kind {
    Kind::try_from(name.to_owned()).unwrap()
}

impl GateHarness {
    /// A gate where at most so many episodes run at once.
    fn with_episodes(limit: u32) -> Self {
        let mut gate = Self::new();
        gate.limit_episodes(limit);
        gate
    }

    fn limit_episodes(&mut self, limit: u32) {
        self.set_kinds(&format!(
            r#"{{"story":{{"stages":["image"]}},"episode":{{"stages":["image"],"maxConcurrentJobs":{limit}}}}}"#
        ));
    }

    /// Submits a job of a tier that has five at once.
    fn of(&mut self, name: &str) -> JobId {
        self.pass(Duration::from_millis(1));
        let job = NewJob {
            kind: kind(name),
            stages: vec![Stage::Image],
            ..self.new_job(Some(Tier::Tier2))
        };
        self.submit_job(job)
    }

    /// Runs the job to its end.
    fn finish(&mut self, job_id: &JobId) {
        let epoch = self.start(job_id).epoch;
        self.complete(job_id, epoch);
    }
}

#[test]
fn a_job_over_its_kinds_limit_is_parked_and_later_jobs_of_other_kinds_pass() {
    let mut gate = GateHarness::with_episodes(1);
    let episodes = [(); 3].map(|()| gate.of(EPISODE));
    let stories = [(); 4].map(|()| gate.of("story"));
    let states = |gate: &GateHarness, jobs: &[JobId]| -> Vec<State> {
        jobs.iter().map(|job_id| gate.state(job_id)).collect()
    };
    assert_eq!(states(&gate, &episodes), [Queued, Parked, Parked]);
    assert_eq!(states(&gate, &stories), [Queued; 4]);
    // What ends gives way to the best that may have its lease.
    gate.finish(&stories[0]);
    assert_eq!(states(&gate, &episodes), [Queued, Parked, Parked]);
    let story = gate.of("story");
    assert_eq!(gate.state(&story), Queued);
    gate.finish(&episodes[0]);
    assert_eq!(states(&gate, &episodes[1..]), [Queued, Parked]);
}

#[test]
fn the_best_of_all_lines_whose_kind_has_room_gets_a_lease() {
    let mut gate = GateHarness::with_episodes(2);
    let first = [(); 5].map(|()| gate.of("story"));
    let waiting = [
        gate.of(EPISODE),
        gate.of("story"),
        gate.of(EPISODE),
        gate.of(EPISODE),
        gate.of("story"),
    ];
    for (ended, granted) in first.iter().zip(&[0, 1, 2, 4]) {
        gate.finish(ended);
        let held: Vec<_> = waiting
            .iter()
            .map(|job_id| gate.state(job_id) == Queued)
            .collect();
        assert!(held[*granted], "{held:?}");
        assert_eq!(
            held.iter().filter(|held| **held).count(),
            first.iter().position(|job| job == ended).unwrap() + 1
        );
    }
}

#[test]
fn who_waits_for_a_kind_is_told_its_limit_and_the_place_in_its_line() {
    let mut gate = GateHarness::with_episodes(1);
    gate.of(EPISODE);
    gate.of("story");
    let waiting = [(); 3].map(|()| gate.of(EPISODE));
    let last = gate.view(&waiting[2]);
    assert_eq!((last.by_kind, last.active, last.limit), (true, 1, 1));
    assert_eq!(last.position, Some(3));
    let account = gate.account();
    assert_eq!((account.active, account.parked), (2, 3));
    // Where the user's limit is what holds it up, that is what it is told.
    gate.limit_episodes(5);
    let others = [(); 3].map(|()| gate.of("story"));
    let episode = gate.of(EPISODE);
    let told = gate.view(&episode);
    assert_eq!((told.by_kind, told.active, told.limit), (false, 5, 5));
    assert_eq!(gate.state(&others[2]), Parked);
}

#[test]
fn a_job_keeps_the_lease_of_its_kind_through_its_stages_and_pauses() {
    let mut gate = GateHarness::with_episodes(1);
    let (first, second) = (gate.of(EPISODE), gate.of(EPISODE));
    let epoch = gate.start(&first).epoch;
    gate.report(requeued(&first, epoch, LEAVES));
    assert_eq!((gate.state(&first), gate.state(&second)), (Queued, Parked));
    let epoch = gate.start(&first).epoch;
    gate.fail(&first, epoch, false);
    assert_eq!(
        (gate.state(&first), gate.state(&second)),
        (State::Retrying, Queued)
    );
    gate.wake_for(&first);
    assert_eq!(gate.state(&first), Parked, "it waits for its kind again");
    gate.finish(&second);
    assert_eq!(gate.state(&first), Queued);
}

#[test]
fn a_lowered_limit_of_a_kind_holds_before_the_next_start_and_a_raised_one_in_the_next_turn() {
    let mut gate = GateHarness::with_episodes(3);
    let episodes = [(); 4].map(|()| gate.of(EPISODE));
    gate.start(&episodes[0]);
    gate.limit_episodes(1);
    let reason = SkipReason::AlreadyParked;
    assert_eq!(gate.try_start(&episodes[1]), Start::Skip { reason });
    let states = episodes.clone().map(|job_id| gate.state(&job_id));
    assert_eq!(states, [Running, Parked, Parked, Parked]);
    gate.limit_episodes(4);
    gate.wake();
    assert!(
        episodes[1..]
            .iter()
            .all(|job_id| gate.state(job_id) == Queued)
    );
}

#[test]
fn a_kind_that_gets_a_limit_holds_up_no_other_and_one_that_loses_it_goes_on() {
    let mut gate = GateHarness::with_episodes(0);
    let first = [(); 5].map(|()| gate.of("story"));
    let episodes = [(); 150].map(|()| gate.of(EPISODE));
    let story = gate.of("story");
    gate.limit_episodes(1);
    gate.finish(&first[0]);
    gate.finish(&first[1]);
    // So many rows move in one turn; the alarm has the next follow at once.
    while gate.state(&story) == Parked {
        assert!(gate.effects.wake_by <= Some(gate.now));
        gate.wake();
    }
    assert_eq!(gate.state(&episodes[0]), Queued, "the best of its kind");
    gate.limit_episodes(0);
    gate.wake();
    assert_eq!(gate.account().active, 5, "no lease idles");
}

#[test]
fn nobodys_jobs_are_bounded_by_their_kinds_alone() {
    let mut gate = GateHarness::new();
    gate.user_id = UserId::nobody();
    gate.set_tiers(r#"{"tier1":{"maxParkedJobs":1}}"#);
    let cleanup = |gate: &GateHarness| NewJob {
        kind: kind("cleanup"),
        stages: vec![Stage::Sweep],
        ..gate.new_job(None)
    };
    let jobs: Vec<JobId> = (0..4)
        .map(|_| {
            let job = cleanup(&gate);
            let job_id = job.job_id.clone();
            gate.turn(Command::Submit(job));
            job_id
        })
        .collect();
    let held = jobs
        .iter()
        .filter(|job_id| gate.state(job_id) == Queued)
        .count();
    assert_eq!(held, 2, "as cleanup has by default");
    assert_eq!(gate.account().parked, 2, "whatever the tier says");
}

#[test]
fn nobodys_jobs_go_on_one_by_one_if_their_kind_is_taken_away() {
    let mut gate = GateHarness::new();
    gate.user_id = UserId::nobody();
    let jobs = [(); 4].map(|()| {
        let job = NewJob {
            kind: kind("cleanup"),
            stages: vec![Stage::Sweep],
            ..gate.new_job(None)
        };
        gate.submit_job(job)
    });
    gate.limit_episodes(1);
    gate.wake();
    for job_id in &jobs {
        gate.finish(job_id);
    }
}

#[test]
fn what_a_lowered_limit_of_a_kind_frees_goes_to_another_kind() {
    let mut gate = GateHarness::with_episodes(3);
    let episodes = [(); 3].map(|()| gate.of(EPISODE));
    let stories = [(); 4].map(|()| gate.of("story"));
    gate.start(&episodes[0]);
    gate.limit_episodes(1);
    gate.try_start(&episodes[1]);
    assert_eq!(gate.states([&stories[2], &stories[3]]), [Queued; 2]);
}
