//! What a cleanup job deletes, and the job that is put on for it.

use queue_core::{
    api::job_body,
    cleanup::{Report, Target, look_again, purge_key},
    domain::{JobId, Kinds, Timestamp, UserId, kind::KindRules},
};
use serde_json::json;
use std::time::Duration;

fn job_id(number: u8) -> JobId {
    JobId::new(Timestamp::from_millis(0), &[number; 10])
}

#[test]
fn a_target_is_one_job_or_one_series_of_a_user() {
    let (job, other) = (job_id(1), job_id(2));
    for good in [
        json!({"userId": "u", "jobId": job}),
        json!({"userId": "u", "jobId": job, "replays": 0}),
        json!({"userId": "u", "seriesId": "s"}),
        json!({"userId": "u", "seriesId": "s", "before": other}),
    ] {
        let target = Target::parse(&good.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&target).unwrap(), good);
    }
    for (wrong, said) in [
        (json!({}), "missing field `userId`"),
        (json!({"userId": "u"}), "both are missing"),
        (json!({"userId": "u", "before": other}), "both are missing"),
        (
            json!({"userId": "u", "jobId": job, "seriesId": "s"}),
            "no series and no before",
        ),
        (
            json!({"userId": "u", "jobId": job, "before": other}),
            "no series and no before",
        ),
        (
            json!({"userId": "u", "seriesId": "s", "replays": 1}),
            "those of a job",
        ),
        (json!({"userId": "a b", "jobId": job}), "Must be 1 to 128"),
        (json!({"userId": "u", "jobId": "1"}), "UUID"),
        (
            json!({"userId": "u", "seriesId": "s", "all": true}),
            "unknown field",
        ),
    ] {
        let why = Target::parse(&wrong.to_string()).unwrap_err();
        assert!(
            why.contains("{userId, jobId}") && why.contains(said),
            "{why}"
        );
    }
}

#[test]
fn a_purge_is_the_same_job_as_one_that_is_submitted() {
    let kinds = Kinds::default();
    let target = Target::job(UserId::try_from("u".to_owned()).unwrap(), job_id(1), 0);
    let key = purge_key(&job_id(1), 0, None);
    let purge = target.cleanup(key.clone(), job_id(2), &kinds).unwrap();
    assert_eq!(Target::parse(&purge.payload), Ok(target));
    let body = format!(
        r#"{{"kind":"cleanup","payload":{},"idempotencyKey":"{key}"}}"#,
        purge.payload
    );
    let submitted = job_body::parse(body.as_bytes(), None, job_id(2), &kinds).unwrap();
    assert_eq!(
        (submitted.user_id, submitted.job),
        (UserId::nobody(), purge)
    );
}

#[test]
fn nothing_is_put_on_where_the_kind_is_another() {
    let target = Target::job(UserId::nobody(), job_id(1), 0);
    let defaults = Kinds::default();
    let cleanup = defaults.iter().find(|(kind, _)| kind.as_str() == "cleanup");
    let (kind, rules) = cleanup
        .map(|(kind, rules)| (kind.clone(), rules.clone()))
        .unwrap();
    let users = KindRules {
        max_concurrent_jobs: 1,
        ..KindRules::of(&rules.stages)
    };
    let other = KindRules {
        stages: KindRules::of(&[queue_core::domain::Stage::Image]).stages,
        ..rules
    };
    for rules in [users, other] {
        let kinds = Kinds::new([(kind.clone(), rules)].into());
        assert_eq!(target.cleanup("k".to_owned(), job_id(2), &kinds), None);
    }
}

#[test]
fn a_report_is_pinned() {
    let report = Report {
        jobs: 2,
        objects: 3,
        left: vec![job_id(1)],
        continued_by: None,
    };
    let left = [job_id(1)];
    let expected = json!({"jobs": 2, "objects": 3, "left": left, "continuedBy": null});
    assert_eq!(serde_json::to_value(report).unwrap(), expected);
}

#[test]
fn a_purge_has_one_key_and_another_after_each_that_was_in_vain_and_each_replay() {
    let (job, first, second) = (job_id(1), job_id(2), job_id(3));
    assert_eq!(purge_key(&job, 0, None), format!("purge-{job}"));
    let again = purge_key(&job, 0, Some(&first));
    assert_eq!(again, format!("purge-{job}-{first}"));
    assert_ne!(again, purge_key(&job, 0, Some(&second)));
    assert_ne!(purge_key(&job, 0, None), purge_key(&job, 1, None));
}

#[test]
fn a_cleanup_looks_for_the_end_of_a_job_more_and_more_seldom_for_a_little_more_than_a_day() {
    let since = Timestamp::from_millis(1_000_000);
    let cleanup = JobId::new(since, &[0; 10]);
    let seconds = |waited| {
        let now = since.after(Duration::from_secs(waited));
        look_again(now, &cleanup).map(|pause| pause.as_secs())
    };
    for (waited, pause) in [(0, 10), (10, 10), (11, 11), (25, 25), (599, 599)] {
        assert_eq!(seconds(waited), Some(pause), "{waited}");
    }
    let most = 25 * 3_600;
    assert_eq!(seconds(most - 1), Some(600));
    assert_eq!(seconds(most), None);
    let before = since.before(Duration::from_secs(1));
    assert_eq!(
        look_again(before, &cleanup),
        Some(Duration::from_secs(10)),
        "a clock that was set back"
    );
}

#[test]
fn what_a_later_replay_makes_is_kept_unless_all_is_to_go() {
    let mut target = Target::job(UserId::nobody(), job_id(1), 1);
    assert_eq!(
        [1, 2].map(|replays| target.is_outdated(replays)),
        [false, true]
    );
    target.replays = None;
    assert!(!target.is_outdated(2));
}
