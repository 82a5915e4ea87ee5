//! The body of `POST /jobs`: refused with a bounded list of reasons, or a job whose payload is what was sent.

use crate::request_body::{listed, spaced};
use queue_core::{
    api::{
        job_body::{parse, several},
        json::{self, members},
        problem::ApiError,
        submit::Submission,
    },
    domain::{JobId, Kinds, Timestamp},
};

/// Reads the input as a body of one job or of several.
pub fn check(input: &[u8]) {
    match several(input, None) {
        Ok(None) => one(input),
        Ok(Some(bodies)) => {
            assert!((1..=100).contains(&bodies.len()), "{}", bodies.len());
            bodies.into_iter().for_each(one);
            several(input, Some("key")).expect_err("a key for all of them");
        }
        Err(error) => refused(&error),
    }
}

fn read(body: &[u8], key: Option<&str>) -> Result<Submission, ApiError> {
    let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
    parse(body, key, job_id, &Kinds::default())
}

fn one(body: &[u8]) {
    refused(&read(body, Some("two words")).expect_err("a key that is none"));
    let submission = match read(body, None) {
        Ok(submission) => submission,
        Err(error) => return refused(&error),
    };
    let (whole, _) = json::parse(body).expect("what is accepted is JSON");
    let sent = members(body).expect("and an object");
    let job = &submission.job;
    assert_eq!(job.payload, sent["payload"].get(), "to the letter");
    assert!(whole["payload"].is_object());
    assert_eq!(job.kind.as_str(), whole["kind"]);
    assert!(!job.stages.is_empty());
    let is_nobodys = job.kind.as_str() == "cleanup";
    assert_eq!(submission.user_id.is_nobody(), is_nobodys);
    if !is_nobodys {
        assert_eq!(submission.user_id.as_str(), whole["userId"]);
    }
    let series = whole["seriesId"].as_str().unwrap_or(job.kind.as_str());
    assert_eq!(job.series_id.as_str(), series);
    // There may be no room left for the white space.
    if let Ok(other) = read(&spaced(body), None) {
        let other = other.job;
        assert_eq!(
            (other.chars, other.idempotency),
            (job.chars, job.idempotency.clone())
        );
    }
}

fn refused(error: &ApiError) {
    let problem = error.problem();
    assert!([400, 413, 422].contains(&problem.status));
    if problem.status != 413 {
        listed(&problem.errors);
    }
}
