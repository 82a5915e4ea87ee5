//! The bodies of `POST /jobs`: what is accepted, and every fault by its place.

use queue_core::{
    api::{
        job_body::{parse, several},
        problem::ApiError,
        submit::{self, Submission},
    },
    delivery::weight::weight,
    domain::{JobId, Kinds, Timestamp, UserId},
};

const KIB: usize = 1_024;

fn job_id() -> JobId {
    JobId::new(Timestamp::from_millis(0), &[0; 10])
}

fn read_under(key: Option<&str>, body: &str) -> Result<Submission, ApiError> {
    parse(body.as_bytes(), key, job_id(), &Kinds::default())
}

fn read(body: &str) -> Result<Submission, ApiError> {
    read_under(None, body)
}

/// The status, and the places of all faults.
fn faults<T: std::fmt::Debug>(read: Result<T, ApiError>) -> (u16, Vec<String>) {
    let problem = read.unwrap_err().problem();
    let place = |fault: queue_core::api::problem::FieldError| {
        let header = fault.header.map(str::to_owned);
        header.or(fault.pointer).unwrap()
    };
    let places = problem.errors.into_iter().map(place).collect();
    (problem.status, places)
}

/// Bodies, and the status and places of their faults.
const FAULTY: [(&str, u16, &[&str]); 17] = [
    ("", 400, &[""]),
    ("[]", 400, &[""]),
    ("{}", 422, &["/kind", "/payload"]),
    (
        r#"{"kind":"song","userId":"a b","payload":[]}"#,
        422,
        &["/kind", "/userId", "/payload"],
    ),
    (r#"{"kind":7,"payload":{}}"#, 422, &["/kind"]),
    (
        r#"{"kind":"Story","userId":"u","payload":{}}"#,
        422,
        &["/kind"],
    ),
    (r#"{"kind":"story","payload":{}}"#, 422, &["/userId"]),
    (
        r#"{"kind":"story","userId":null,"payload":{}}"#,
        422,
        &["/userId"],
    ),
    (
        r#"{"kind":"story","userId":"~nobody","payload":{}}"#,
        422,
        &["/userId"],
    ),
    (
        r#"{"kind":"cleanup","userId":"u","payload":{}}"#,
        422,
        &["/userId"],
    ),
    (
        r#"{"kind":"cleanup","userId":"~nobody","payload":{}}"#,
        422,
        &["/userId"],
    ),
    (
        r#"{"kind":"cleanup","userTier":"tier4","payload":{}}"#,
        422,
        &["/userTier"],
    ),
    (
        r#"{"kind":"story","userId":"u","seriesId":"a/b","userTier":"gold","payload":null}"#,
        422,
        &["/seriesId", "/userTier", "/payload"],
    ),
    (
        r#"{"kind":"story","userId":"u","payload":{},"script":{},"jobId":1}"#,
        422,
        &["/jobId", "/script"],
    ),
    (
        r#"{"kind":"story","userId":"u","payload":{"a":{"b":1,"b":2}}}"#,
        422,
        &["/payload/a/b"],
    ),
    (
        r#"{"kind":"story","userId":"u","payload":{},"payload":{}}"#,
        422,
        &["/payload"],
    ),
    (
        r#"{"kind":"story","userId":"u","payload":{},"idempotencyKey":"a b"}"#,
        422,
        &["/idempotencyKey"],
    ),
];

#[test]
fn every_fault_of_a_job_is_named_by_its_place() {
    for (body, status, places) in FAULTY {
        let expected = (
            status,
            places.iter().map(|place| (*place).to_owned()).collect(),
        );
        assert_eq!(faults(read(body)), expected, "{body}");
    }
    let body = r#"{"kind":"still","userId":"u","payload":{},"idempotencyKey":"k"}"#;
    assert_eq!(
        faults(read_under(Some("k"), body)),
        (422, vec!["/idempotencyKey".to_owned()])
    );
    assert_eq!(
        faults(read_under(Some("a b"), "{}")).1,
        ["Idempotency-Key", "/kind", "/payload"]
    );
}

#[test]
fn any_object_is_a_payload_and_is_kept_to_the_letter() {
    for payload in [
        "{}",
        r#"{ "n" : 12345678901234567890123, "x":{"b":1.50,"a":"\u00e9"}}"#,
    ] {
        let body = format!(r#"{{"kind":"still","userId":"u","payload":{payload} }}"#);
        let Submission { user_id, job } = read(&body).unwrap();
        assert_eq!((user_id.as_str(), job.payload.as_str()), ("u", payload));
        assert_eq!(
            (job.kind.as_str(), job.series_id.as_str()),
            ("still", "still")
        );
        assert_eq!(job.stages.len(), 1);
        assert_eq!(job.weight, weight(payload.len(), 0));
    }
    let cleanup = read(r#"{"kind":"cleanup","userId":null,"payload":{}}"#).unwrap();
    assert_eq!(
        (cleanup.user_id, cleanup.job.stated_tier),
        (UserId::nobody(), None)
    );
}

#[test]
fn a_payload_has_a_maximum_length_and_so_has_what_stands_beside_it() {
    let body = |length: usize, spaces: usize| {
        let text = "x".repeat(length - r#"{"t":""}"#.len());
        let spaces = " ".repeat(spaces);
        format!(r#"{{"kind":"still","userId":"u",{spaces}"payload":{{"t":"{text}"}}}}"#)
    };
    let longest = read(&body(256 * KIB, 0)).unwrap();
    assert_eq!(longest.job.payload.len(), 256 * KIB);
    assert_eq!(
        faults(read(&body(256 * KIB + 1, 0))),
        (422, vec!["/payload".to_owned()])
    );
    assert!(read(&body(100, 259 * KIB)).is_ok());
    assert_eq!(faults(read(&body(100, 260 * KIB))).0, 413);
}

#[test]
fn characters_are_those_of_a_script_or_of_all_strings() {
    let chars = |payload: &str| {
        let body = format!(r#"{{"kind":"story","userId":"u","payload":{payload}}}"#);
        read(&body).unwrap().job.chars
    };
    assert_eq!(
        chars(r#"{"a":"12345","b":["é",{"key":"67"},8,null,true]}"#),
        8
    );
    let script = r#"{"script":{"title":"1","scenes":[{"narration":"23","imagePrompt":"4","x":"no"}]},"y":"no"}"#;
    assert_eq!(chars(script), 4);
    assert_eq!(chars(r#"{"script":"1234"}"#), 4);
    // What only looks like a script is no way around a quota.
    let scenes = format!("[{}]", vec![r#"{"narration":"n"}"#; 201].join(","));
    for (script, expected) in [
        (r#"{"text":"12345"}"#.to_owned(), 5),
        (r#"{"title":"1","scenes":[],"x":"234"}"#.to_owned(), 4),
        (r#"{"title":"1","scenes":[{"text":"234"}]}"#.to_owned(), 4),
        (format!(r#"{{"title":"1","scenes":{scenes},"x":"2"}}"#), 203),
    ] {
        let payload = format!(r#"{{"script":{script},"y":"67"}}"#);
        assert_eq!(chars(&payload), expected + 2, "{payload}");
    }
    let body = format!(r#"{{"kind":"story","userId":"u","payload":{script}}}"#);
    assert_eq!(read(&body).unwrap().job.weight, weight(script.len(), 1));
}

#[test]
fn no_payload_weighs_more_than_a_story_can() {
    let scenes = vec!["0"; 100_000].join(",");
    let body = format!(
        r#"{{"kind":"story","userId":"u","payload":{{"script":{{"scenes":[{scenes}]}}}}}}"#
    );
    let job = read(&body).unwrap().job;
    assert_eq!(job.weight, weight(job.payload.len(), 200));
}

#[test]
fn a_story_is_the_same_job_by_its_own_route_and_by_the_general_one() {
    let story = r#""script":{"title":"T","scenes":[{"narration":"N"}]},"videoConfig":{"width":640,"height":360}"#;
    let short = format!(r#"{{"userId":"u","seriesId":"s",{story}}}"#);
    let short = submit::parse(short.as_bytes(), Some("k"), job_id(), &Kinds::default()).unwrap();
    let general = format!(
        r#"{{"kind":"story","userId":"u","seriesId":"s","payload":{{{story}}},"idempotencyKey":"k"}}"#
    );
    assert_eq!(read(&general).unwrap(), short);
    let other = general.replace("\"k\"", "\"k\",\"userTier\":\"tier2\"");
    assert_ne!(read(&other).unwrap().job.idempotency, short.job.idempotency);
    let other = general.replace("\"story\"", "\"still\"");
    assert_ne!(read(&other).unwrap().job.idempotency, short.job.idempotency);
}

#[test]
fn several_jobs_are_split_and_nothing_but_them_is_said() {
    let split =
        |key, body: &str| several(body.as_bytes(), key).map(|jobs| jobs.map(|jobs| jobs.len()));
    let many = |count: usize| format!(r#"{{"jobs":[{}]}}"#, vec!["{}"; count].join(","));
    for single in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"kind":"jobs"}"#,
        r#"{"jobs":[}"#,
    ] {
        assert_eq!(split(Some("k"), single), Ok(None), "{single}");
    }
    assert_eq!(split(None, &many(1)), Ok(Some(1)));
    assert_eq!(split(None, &many(100)), Ok(Some(100)));
    let wrong: [(&str, Option<&str>, &[&str]); 6] = [
        (&many(0), None, &["/jobs"]),
        (&many(101), None, &["/jobs"]),
        (r#"{"jobs":{}}"#, None, &["/jobs"]),
        (
            r#"{"jobs":[{}],"kind":"story","a/b":1}"#,
            None,
            &["/a~1b", "/kind"],
        ),
        (&many(2), Some("k"), &["Idempotency-Key"]),
        (
            r#"{"jobs":null,"x":0}"#,
            Some("k"),
            &["Idempotency-Key", "/x", "/jobs"],
        ),
    ];
    for (body, key, places) in wrong {
        let expected = (
            400,
            places.iter().map(|place| (*place).to_owned()).collect(),
        );
        assert_eq!(faults(split(key, body)), expected, "{body}");
    }
    let bodies = several(br#"{ "jobs" : [ {"kind" : 1} , [2] ] }"#, None)
        .unwrap()
        .unwrap();
    assert_eq!(bodies, [&br#"{"kind" : 1}"#[..], b"[2]"]);
}
