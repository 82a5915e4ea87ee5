//! The answers of the gate to queries, one case each.

use super::{
    commands::{LEAVES, failed, holding, of_a_job, of_a_user},
    harness::GateHarness,
};
use crate::harness::{Harness, START};
use queue_core::{
    api::{export, view},
    domain::{JobId, SeriesId, Stage, Tier, UserId},
    gate::{
        Command, Reply, State,
        command::{AccountView, JobFilter, NewJob, Outcome, TierSource},
        view::of_stranger,
    },
};
use serde_json::Value;

fn list(gate: &mut GateHarness, filter: JobFilter) -> (Vec<JobId>, bool) {
    let Reply::Jobs { jobs, more } = gate.turn(Command::Jobs(filter)) else {
        panic!("a question for jobs is answered with jobs");
    };
    (jobs.into_iter().map(|job| job.job_id).collect(), more)
}

const ANY: JobFilter = JobFilter {
    state: None,
    series_id: None,
    before: None,
    limit: 50,
    artifacts: false,
};

#[test]
fn an_account_counts_the_jobs_of_each_state() {
    let (mut gate, jobs) = GateHarness::with_jobs::<12>(Tier::Tier1);
    for job_id in &jobs[..4] {
        let epoch = gate.start(job_id).epoch;
        gate.fail(job_id, epoch, false);
    }
    gate.start(&jobs[4]);
    let account = AccountView {
        tier: Tier::Tier1,
        limit: 2,
        active: 2,
        parked: 6,
        queued: 1,
        retrying: 4,
        source: TierSource::Stated,
        ..AccountView::default()
    };
    assert_eq!(gate.turn(Command::Account), Reply::Account { account });
}

#[test]
fn an_export_has_every_job_with_its_story_newest_first() {
    let (mut gate, jobs) = GateHarness::with_jobs::<12>(Tier::Tier1);
    let mut lines = String::new();
    let (mut before, mut pages) = (None, 0);
    loop {
        let Reply::Exported {
            account,
            jobs,
            more,
        } = gate.turn(Command::Export { before })
        else {
            panic!("an export is answered with one");
        };
        assert_eq!(account.unwrap().user_id.as_str(), "user123");
        before = jobs.last().map(|(job, _)| job.job_id.clone());
        let user_id = UserId::try_from("user123".to_owned()).unwrap();
        lines.extend(
            jobs.iter()
                .map(|(job, payload)| export::job(&user_id, job, payload)),
        );
        pages += 1;
        if !more {
            break;
        }
    }
    assert_eq!(pages, 2);
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: Vec<&str> = lines
        .iter()
        .map(|line| line["jobId"].as_str().unwrap())
        .collect();
    let newest_first: Vec<&str> = jobs.iter().rev().map(JobId::as_str).collect();
    assert_eq!(ids, newest_first);
    assert!(
        lines
            .iter()
            .all(|line| line["type"] == "job" && line["story"].is_object())
    );
}

#[test]
fn a_parked_job_knows_its_place_in_the_line() {
    let (mut gate, jobs) = GateHarness::with_jobs::<6>(Tier::Tier1);
    gate.start(&jobs[0]);
    let positions = jobs.each_ref().map(|job_id| gate.view(job_id).position);
    let line = [None, None, Some(1), Some(2), Some(3), Some(4)];
    assert_eq!(positions, line, "those with a lease are in none");
    let parked = gate.view(&jobs[2]);
    assert_eq!((parked.active, parked.limit), (2, 2));
}

#[test]
fn jobs_are_listed_newest_first_in_pages() {
    let mut gate = GateHarness::new();
    let mut newest_first = gate.submit_many(Tier::Tier1, 4);
    newest_first.reverse();
    // A full page need not have another behind it.
    for (before, limit, shown, more) in [
        (None, 5, 0..4, false),
        (None, 4, 0..4, false),
        (None, 3, 0..3, true),
        (Some(&newest_first[2]), 3, 3..4, false),
    ] {
        let filter = JobFilter {
            before: before.cloned(),
            limit,
            ..ANY
        };
        let page = (newest_first[shown].to_vec(), more);
        assert_eq!(list(&mut gate, filter), page);
    }
}

#[test]
fn a_list_has_only_matching_jobs() {
    let (mut gate, jobs) = GateHarness::with_jobs::<2>(Tier::Tier1);
    gate.cancel(&jobs[0]);
    let series_id = SeriesId::try_from("another".to_owned()).unwrap();
    let other = gate.submit_job(NewJob {
        series_id: series_id.clone(),
        ..gate.new_job(None)
    });
    let mut listed = |state, series_id| {
        let filter = JobFilter {
            state,
            series_id,
            ..ANY
        };
        list(&mut gate, filter).0
    };
    assert_eq!(listed(Some(State::Cancelled), None), jobs[..1]);
    assert_eq!(listed(Some(State::Running), None), []);
    assert_eq!(listed(None, Some(series_id)), [other]);
}

#[test]
fn a_list_has_artifacts_only_if_they_are_wanted() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.run_to_the_end(&job_id);
    let mut made = |artifacts| {
        let filter = JobFilter { artifacts, ..ANY };
        let Reply::Jobs { jobs, .. } = gate.turn(Command::Jobs(filter)) else {
            panic!("not a list");
        };
        let stages = jobs[0].stages.iter();
        let counts: Vec<_> = stages.map(|stage| stage.artifacts.len()).collect();
        let user_id = UserId::try_from("u".to_owned()).unwrap();
        let shown = view::jobs(&user_id, &jobs, false, artifacts);
        let shown = shown["jobs"][0]["artifacts"].as_array().map(Vec::len);
        (counts.into_iter().sum::<usize>(), shown)
    };
    let (count, shown) = made(true);
    assert!(count > 0);
    assert_eq!(shown, Some(count));
    assert_eq!(made(false), (0, None));
}

#[test]
fn an_unknown_user_is_answered_as_a_user_without_jobs() {
    let mut gate = GateHarness::new();
    gate.set_quotas(r#"{"tier1": {"jobsPerMonth": 5}}"#);
    let job_id = gate.new_id();
    let two = Command::Start {
        holder: "h".to_owned(),
        jobs: vec![holding(&job_id, 1), holding(&gate.new_id(), 1)],
    };
    let about_a_job = of_a_job(&job_id, 1).into_iter().chain([two]);
    let [mailbox, delete, about_the_user @ ..] = of_a_user(&job_id, 1, ANY);
    let commands = about_a_job.chain(about_the_user);
    for command in commands {
        let answer = of_stranger(&gate.config, START, &command);
        assert_eq!(answer, Some(gate.turn(command.clone())), "{command:?}");
    }
    // A submission is what makes a stranger known; and that one was deleted is remembered.
    let submission = Command::Submit(gate.new_job(None));
    for command in [submission, mailbox, delete] {
        assert_eq!(of_stranger(&gate.config, START, &command), None);
    }
}

#[test]
fn a_report_says_whether_to_stop_and_when_the_job_continues() {
    let (mut gate, job_id, epoch) = GateHarness::running();
    let renew = |epoch| Command::Renew {
        job_id: job_id.clone(),
        epoch,
    };
    let answer = |outcome, state, cancel, retry_at| Reply::Reported {
        outcome,
        state: Some(state),
        cancel,
        retry_at,
        next: None,
        granted: Vec::new(),
    };
    let renewed = answer(Outcome::Accepted, State::Running, false, None);
    assert_eq!(gate.turn(renew(epoch)), renewed);
    // Whoever lost the lease must stop.
    let lost = answer(Outcome::Stale, State::Running, true, None);
    assert_eq!(gate.turn(renew(epoch - 1)), lost);
    let retry_at = Some(START.after(gate.config.retry_backoff));
    let retries = answer(Outcome::Accepted, State::Retrying, false, retry_at);
    let failed = failed(&job_id, epoch, false, LEAVES);
    assert_eq!(gate.turn(failed), retries);
}

#[test]
fn a_grant_has_the_exact_payload() {
    let mut gate = GateHarness::new();
    let payload = r#"{ "script": "ä\u00e4", "n": 1e2 }"#;
    let job_id = gate.submit_job(NewJob {
        payload: payload.to_owned(),
        ..gate.new_job(None)
    });
    assert_eq!(gate.start(&job_id).payload, payload);
}

#[test]
fn an_unknown_stage_is_treated_as_the_last_one() {
    let (gate, job_id) = GateHarness::with_job();
    let mut job = gate.job(&job_id);
    job.stages[2].failures = 7;
    for stage in [2, 3, 4, 9] {
        job.stage = stage;
        assert_eq!(job.current_stage(), Stage::Video);
        assert_eq!(job.stage_record().failures, 7);
    }
}
