//! The body of a submission: refused with a bounded list of reasons, or a job whose payload says what was sent.

use queue_core::{
    api::{
        canonical::canonical,
        json,
        problem::{ApiError, FAULTS_MAX, FieldError, POINTER_MAX},
        submit::{self, Submission},
    },
    domain::{JobId, Kinds, Timestamp},
};
use serde_json::{Value, value::RawValue};
use storyboard::story::Story;

/// A body that is accepted.
pub(crate) const GOOD: &[u8] = br#"{"userId":"u","seriesId":"s","script":{"title":"T","scenes":[{"narration":"N"}]},"videoConfig":{"width":640,"height":360}}"#;

/// Longest sentence about one fault, in bytes.
const DETAIL_MAX: usize = 400;

/// Reads the input as a body.
pub fn check(input: &[u8]) {
    parsed(input);
    match read(input) {
        Ok(submission) => accepted(input, &submission),
        Err(errors) => refused(errors),
    }
    let errors = read_under("two words", input).expect_err("a key that is none");
    refused(errors);
}

/// What the body submits, under a key so that there is a fingerprint.
pub(crate) fn read(body: &[u8]) -> Result<Submission, Vec<FieldError>> {
    read_under("key", body)
}

fn read_under(key: &str, body: &[u8]) -> Result<Submission, Vec<FieldError>> {
    let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
    submit::parse(body, Some(key), job_id, &Kinds::default())
}

/// What is JSON has a canonical form, which says the same and is its own.
fn parsed(body: &[u8]) {
    let Ok((value, faults)) = json::parse(body) else {
        return;
    };
    assert!(faults.len() <= FAULTS_MAX);
    let raw: &RawValue = serde_json::from_slice(body).expect("what is JSON is so for all readers");
    if faults.is_empty() {
        let form = canonical(raw).expect("what is JSON has a canonical form");
        let (again, _) = json::parse(form.as_bytes()).expect("a canonical form is JSON");
        assert_eq!(value, again, "the canonical form says something else");
        let raw: Box<RawValue> = RawValue::from_string(form.clone()).expect("it is JSON");
        assert_eq!(canonical(&raw).ok(), Some(form), "not canonical");
    }
}

/// Reasons are listed to a bound, each at a place and in a sentence of bounded length.
pub(crate) fn listed(errors: &[FieldError]) {
    assert!((1..=FAULTS_MAX).contains(&errors.len()), "{}", errors.len());
    for error in errors {
        let pointer = error.pointer.as_deref().unwrap_or_default();
        assert!(pointer.chars().count() <= POINTER_MAX, "{pointer}");
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer}");
        assert!(error.detail.len() <= DETAIL_MAX, "{}", error.detail);
    }
}

pub(crate) fn refused(errors: Vec<FieldError>) {
    listed(&errors);
    let count = errors.len();
    let problem = ApiError::Invalid(errors).problem();
    assert_eq!((problem.status, problem.errors.len()), (400, count));
}

fn accepted(body: &[u8], submission: &Submission) {
    let (whole, _) = json::parse(body).expect("what is accepted is JSON");
    let (payload, _) = json::parse(submission.job.payload.as_bytes()).expect("so is its payload");
    assert_eq!(payload["script"], whole["script"], "to the letter");
    assert_eq!(payload["videoConfig"], whole["videoConfig"]);

    // Every accepted job can be run: the generator reads what the gate stored.
    let story = Story::from_json(&submission.job.payload);
    let story = story.unwrap_or_else(|error| panic!("accepted, but the generator says: {error}"));
    let written = serde_json::to_string(&story).expect("a story can be written");
    let again = Story::from_json(&written).expect("and read again");
    // Not the whole story: of a number of many digits, serde_json may lose the last.
    assert_eq!(again.script.title, story.script.title);
    let told = |story: &Story| -> Vec<_> {
        let scenes = story.script.scenes.iter();
        scenes
            .map(|scene| (scene.narration.clone(), scene.image_prompt.clone()))
            .collect()
    };
    assert_eq!(told(&again), told(&story));

    for other in [spaced(body), [b" \t", body, b"\r\n"].concat()] {
        let other = read(&other).expect("white space changes nothing");
        let print = |submission: &Submission| submission.job.idempotency.clone();
        assert_eq!(
            print(&other),
            print(submission),
            "a fingerprint of white space"
        );
    }
    other_content(&whole, submission);
}

/// What says something else has another fingerprint.
fn other_content(whole: &Value, submission: &Submission) {
    let mut other = whole.clone();
    let title = whole["script"]["title"].as_str().unwrap_or_default();
    let changed = if title == "a" { "b" } else { "a" };
    other["script"]["title"] = changed.into();
    let other = read(other.to_string().as_bytes()).expect("another title is as good");
    assert_ne!(
        other.job.idempotency, submission.job.idempotency,
        "one key for two stories"
    );
    assert_eq!(other.user_id, submission.user_id);
    assert_eq!(other.job.series_id, submission.job.series_id);
    assert_eq!(other.job.stated_tier, submission.job.stated_tier);
}

/// The same JSON with a space wherever one may stand.
pub(crate) fn spaced(body: &[u8]) -> Vec<u8> {
    let mut spaced = Vec::with_capacity(body.len() * 2);
    let (mut quoted, mut escaped) = (false, false);
    for &byte in body {
        let structure = !quoted && b"{}[]:,".contains(&byte);
        if structure {
            spaced.push(b' ');
        }
        spaced.push(byte);
        if structure {
            spaced.push(b'\n');
        }
        if quoted && byte == b'\\' {
            escaped = !escaped;
            continue;
        }
        if byte == b'"' && !escaped {
            quoted = !quoted;
        }
        escaped = false;
    }
    spaced
}
