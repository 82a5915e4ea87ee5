//! When a job may start, as submissions say it and answers show it: by every route, in every form.

use crate::{
    gate::harness::GateHarness,
    harness::{Harness, START},
};
use queue_core::{
    api::{
        account,
        episode::{self, Body, Rules},
        job_body,
        problem::{ApiError, FieldError},
        source::Part,
        submit, view, window,
    },
    domain::{JobId, Kinds, Timestamp, UserId, Window, window::Untimely},
    gate::command::NewJob,
};
use serde_json::{Value, json};
use std::time::Duration;

const FROM: &str = "2023-11-14T22:14:20Z";
/// The same moment, otherwise written.
const FROM_ELSEWHERE: &str = "2023-11-14T23:14:20.000+01:00";
const BY: &str = "2023-11-14T22:15:20Z";

type Read = Result<NewJob, Vec<FieldError>>;

fn job_id() -> JobId {
    JobId::new(Timestamp::from_millis(0), &[0; 10])
}

fn story(times: &Value) -> Read {
    let mut body = json!({"userId": "u", "seriesId": "s", "script": {"title": "T", "scenes": [{"narration": "N"}]},
                          "videoConfig": {"width": 640, "height": 360}});
    add(&mut body, times);
    let read = submit::parse(
        body.to_string().as_bytes(),
        Some("k"),
        job_id(),
        &Kinds::default(),
    );
    read.map(|read| read.job)
}

fn any(times: &Value) -> Read {
    let mut body = json!({"kind": "still", "userId": "u", "payload": {}, "idempotencyKey": "k"});
    add(&mut body, times);
    match job_body::parse(
        body.to_string().as_bytes(),
        None,
        job_id(),
        &Kinds::default(),
    ) {
        Ok(read) => Ok(read.job),
        Err(ApiError::InvalidJob(faults)) => Err(faults),
        Err(other) => panic!("{other:?}"),
    }
}

fn episode(body: Body) -> Read {
    let rules = Rules {
        key: Some("k".to_owned()),
        job_id: job_id(),
        kinds: &Kinds::default(),
        fetchable: &|url| Ok(url.to_owned()),
    };
    episode::parse(body, rules).map(|(read, _)| read.job)
}

fn article(times: &Value) -> Read {
    let mut body =
        json!({"userId": "u", "seriesId": "s", "source": {"type": "paste", "text": "T"}});
    add(&mut body, times);
    episode(Body::Json(body.to_string().into_bytes()))
}

fn form(times: &Value) -> Read {
    let mut all = json!({"userId": "u", "seriesId": "s"});
    add(&mut all, times);
    let fields = all.as_object().unwrap().iter();
    let fields = fields.map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (name.clone(), Part::Text(value))
    });
    let file = Part::File {
        name: "a.md".to_owned(),
        content_type: String::new(),
        bytes: b"text".to_vec(),
    };
    episode(Body::Form(
        fields.chain([("file".to_owned(), file)]).collect(),
    ))
}

fn add(body: &mut Value, times: &Value) {
    for (name, value) in times.as_object().unwrap() {
        body[name] = value.clone();
    }
}

const ROUTES: [fn(&Value) -> Read; 4] = [story, any, article, form];

#[test]
fn every_route_reads_both_times_and_needs_neither() {
    let at = |text| Timestamp::from_rfc3339(text);
    for read in ROUTES {
        assert!(read(&json!({})).unwrap().window.is_open());
        let both = read(&json!({"notBefore": FROM_ELSEWHERE, "startBy": BY}));
        let window = Window {
            not_before: at(FROM),
            start_by: at(BY),
        };
        assert_eq!(both.unwrap().window, window);
    }
    let open = story(&json!({"notBefore": null, "startBy": null}));
    assert!(open.unwrap().window.is_open(), "null is as good as nothing");
}

#[test]
fn every_route_names_what_is_no_time_and_a_window_that_never_opens() {
    let pointers = |read: Read| -> Vec<String> {
        let faults = read.unwrap_err().into_iter();
        faults.map(|fault| fault.pointer.unwrap()).collect()
    };
    for read in ROUTES {
        for wrong in [
            "tomorrow",
            "2023-11-14",
            "2023-11-14T22:14:20",
            "1700000000000",
            "",
        ] {
            let faults = pointers(read(&json!({"notBefore": wrong, "startBy": wrong})));
            assert_eq!(faults, ["/notBefore", "/startBy"], "{wrong}");
        }
        for by in [FROM, FROM_ELSEWHERE, "2023-11-14T22:14:19.999Z"] {
            let faults = pointers(read(&json!({"notBefore": FROM, "startBy": by})));
            assert_eq!(faults, ["/startBy"], "{by}");
        }
    }
    assert_eq!(
        pointers(story(&json!({"startBy": 1_700_000_000_000_i64}))),
        ["/startBy"]
    );
}

#[test]
fn the_times_are_part_of_what_a_key_stands_for_however_they_are_written() {
    let print = |read: Read| read.unwrap().idempotency.unwrap().fingerprint;
    for read in ROUTES {
        let put_off = print(read(&json!({"notBefore": FROM})));
        assert_eq!(put_off, print(read(&json!({"notBefore": FROM_ELSEWHERE}))));
        for other in [
            json!({}),
            json!({"startBy": FROM}),
            json!({"notBefore": BY}),
            json!({"notBefore": FROM, "startBy": BY}),
        ] {
            assert_ne!(put_off, print(read(&other)), "{other}");
        }
    }
}

#[test]
fn what_a_gate_finds_wrong_is_named_in_a_sentence() {
    let faults = [
        Untimely::NotBeforeTooLate,
        Untimely::StartByPassed,
        Untimely::StartByTooLate,
    ];
    let faults = window::faults(&faults).into_iter();
    let faults: Vec<_> = faults
        .map(|fault| (fault.pointer.unwrap(), fault.detail))
        .collect();
    let expected = [
        ("/notBefore", "Must be at most 30 days from now."),
        ("/startBy", "Must lie in the future."),
        ("/startBy", "Must be at most 60 days from now."),
    ];
    assert_eq!(
        faults,
        expected.map(|(at, detail)| (at.to_owned(), detail.to_owned()))
    );
}

#[test]
fn answers_show_the_times_of_a_job_and_why_it_waits() {
    let user_id = UserId::try_from("user123".to_owned()).unwrap();
    let mut gate = GateHarness::new();
    let minute = Duration::from_mins(1);
    let plain = gate.submit_within(Window::default());
    let job_id = gate.submit_within(Window {
        not_before: Some(START.after(minute)),
        start_by: Some(START.after(2 * minute)),
    });
    let submitted = view::submitted(&user_id, &gate.job(&job_id));
    assert_eq!(submitted["status"], json!("scheduled"));
    let shown = |gate: &mut GateHarness, job_id| {
        let view = gate.view(job_id);
        view::job(&user_id, &view, None)
    };
    let waits = shown(&mut gate, &job_id);
    let (from, by) = ("2023-11-14T22:14:20.000Z", "2023-11-14T22:15:20.000Z");
    for answer in [&submitted, &waits] {
        assert_eq!(
            (&answer["notBefore"], &answer["startBy"]),
            (&json!(from), &json!(by))
        );
    }
    let why = &waits["waiting"];
    assert_eq!(
        (&why["reason"], &why["until"]),
        (&json!("scheduled"), &json!(from))
    );
    let other = shown(&mut gate, &plain);
    assert_eq!((other.get("notBefore"), other.get("startBy")), (None, None));
    let counts = account::account(&user_id, &gate.account(), &gate.config, None);
    assert_eq!(
        (&counts["scheduled"], &counts["active"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(counts["quota"]["maxParkedJobs"], Value::Null);
    gate.wake_at(START.after(minute));
    gate.pass(Duration::from_secs(5));
    gate.start(&job_id);
    let started = shown(&mut gate, &job_id);
    assert_eq!(
        (&started["waitMs"], &started["startBy"]),
        (&json!(5_000), &json!(by))
    );
    assert_eq!(started.get("waiting"), None);
}
