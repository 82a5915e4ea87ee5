//! The answers of the gate to queries, one case each.

use crate::{
    gate_commands::{GOES_ON, LEAVES, completed, failed, holding, requeued},
    gate_harness::{GateHarness, START},
};
use queue_core::{
    domain::{JobId, SeriesId, Stage, Tier},
    gate::{
        Command, Reply, State,
        command::{AccountView, JobFilter, JobView, NewJob, Outcome, TierSource},
        view::of_stranger,
    },
};
use std::time::Duration;

fn view(gate: &mut GateHarness, job_id: &JobId) -> JobView {
    let job_id = job_id.clone();
    let Reply::Job { view: Some(view) } = gate.turn(Command::Job { job_id }) else {
        panic!("a question for a job is answered with it");
    };
    *view
}

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
};

#[test]
fn an_account_counts_the_jobs_of_each_state() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 12);
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
fn a_parked_job_knows_its_place_in_the_line() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 6);
    gate.start(&jobs[0]);
    let positions: Vec<_> = jobs
        .iter()
        .map(|job_id| view(&mut gate, job_id).position)
        .collect();
    assert_eq!(
        positions,
        [None, None, Some(1), Some(2), Some(3), Some(4)],
        "those with a lease are in no line"
    );
    let parked = view(&mut gate, &jobs[2]);
    assert_eq!((parked.active, parked.limit), (2, 2));
}

#[test]
fn jobs_are_listed_newest_first_in_pages() {
    let mut gate = GateHarness::new();
    let mut newest_first = gate.submit_many(Tier::Tier1, 4);
    newest_first.reverse();
    let page = |before: Option<&JobId>, limit| JobFilter {
        before: before.cloned(),
        limit,
        ..ANY
    };
    assert_eq!(
        list(&mut gate, page(None, 5)),
        (newest_first.clone(), false)
    );
    assert_eq!(
        list(&mut gate, page(None, 4)),
        (newest_first.clone(), false),
        "a full page need not have another behind it"
    );
    assert_eq!(
        list(&mut gate, page(None, 3)),
        (newest_first[..3].to_vec(), true)
    );
    assert_eq!(
        list(&mut gate, page(Some(&newest_first[2]), 3)),
        (newest_first[3..].to_vec(), false)
    );
}

#[test]
fn a_list_has_only_matching_jobs() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 2);
    gate.cancel(&jobs[0]);
    let series_id = SeriesId::try_from("another".to_owned()).unwrap();
    let job = NewJob {
        series_id: series_id.clone(),
        ..gate.new_job(None)
    };
    let other = job.job_id.clone();
    gate.turn(Command::Submit(job));
    let state = |state| JobFilter {
        state: Some(state),
        ..ANY
    };
    assert_eq!(
        list(&mut gate, state(State::Cancelled)),
        (vec![jobs[0].clone()], false)
    );
    assert_eq!(list(&mut gate, state(State::Running)), (vec![], false));
    let series_id = Some(series_id);
    assert_eq!(
        list(&mut gate, JobFilter { series_id, ..ANY }),
        (vec![other], false)
    );
}

#[test]
fn an_unknown_user_is_answered_as_a_user_without_jobs() {
    let mut gate = GateHarness::new();
    let job_id = gate.new_id();
    let (text, epoch) = (String::new, 1);
    let commands = [
        Command::Start {
            holder: text(),
            jobs: vec![holding(&job_id, 1), holding(&gate.new_id(), 1)],
        },
        completed(&job_id, epoch, GOES_ON),
        failed(&job_id, epoch, false, GOES_ON),
        requeued(&job_id, epoch, GOES_ON),
        Command::Renew {
            job_id: job_id.clone(),
            epoch,
        },
        Command::Bury {
            job_id: job_id.clone(),
            message: text(),
        },
        Command::Cancel {
            job_id: job_id.clone(),
        },
        Command::Forget {
            jobs: vec![job_id.clone()],
        },
        Command::Told {
            gone: vec![holding(&job_id, 1)],
        },
        Command::Wake { entropy: 0 },
        Command::DeleteUser,
        Command::Account,
        Command::Job { job_id },
        Command::Jobs(ANY),
    ];
    let config = testkit::defaults().gate;
    for command in commands {
        let answer = of_stranger(&config, START, &command);
        assert_eq!(answer, Some(gate.turn(command.clone())), "{command:?}");
    }
    let submission = Command::Submit(gate.new_job(None));
    assert_eq!(
        of_stranger(&config, START, &submission),
        None,
        "a submission is what makes a stranger known"
    );
}

#[test]
fn a_report_says_whether_to_stop_and_when_the_job_continues() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    let epoch = gate.start(&job_id).epoch;
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
    assert_eq!(
        gate.turn(renew(epoch)),
        answer(Outcome::Accepted, State::Running, false, None)
    );
    assert_eq!(
        gate.turn(renew(epoch - 1)),
        answer(Outcome::Stale, State::Running, true, None),
        "whoever lost the lease must stop"
    );
    let failed = gate.turn(failed(&job_id, epoch, false, LEAVES));
    let retry_at = Some(START.after(Duration::from_millis(1) + gate.config.retry_backoff));
    assert_eq!(
        failed,
        answer(Outcome::Accepted, State::Retrying, false, retry_at)
    );
}

#[test]
fn a_grant_has_the_exact_payload() {
    let mut gate = GateHarness::new();
    let payload = r#"{ "script": "ä\u00e4", "n": 1e2 }"#;
    let job = NewJob {
        payload: payload.to_owned(),
        ..gate.new_job(None)
    };
    let job_id = job.job_id.clone();
    gate.turn(Command::Submit(job));
    assert_eq!(gate.start(&job_id).payload, payload);
}

#[test]
fn an_unknown_stage_is_treated_as_the_last_one() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit_many(Tier::Tier1, 1).remove(0);
    let mut job = gate.job(&job_id);
    job.stages[2].failures = 7;
    for stage in [2, 3, 4, 9] {
        job.stage = stage;
        assert_eq!(job.current_stage(), Stage::Video);
        assert_eq!(job.stage_record().failures, 7);
    }
}
