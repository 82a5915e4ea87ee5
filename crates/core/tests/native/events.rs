//! The stream of a user's changes.

use crate::{
    gate::{commands::LEAVES, commands::completed, harness::GateHarness},
    harness::Harness,
};
use queue_core::{
    api::{
        events::{Due, Feed, KEEP_ALIVE, heard},
        problem::ApiError,
        query::parse_events,
        validator::job_etag,
        view,
    },
    domain::{JobId, Tier, Timestamp},
    gate::{Job, SqlStore, Store as _},
    live::{Ask, Said},
};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn job(gate: &GateHarness, job_id: &JobId) -> Job {
    SqlStore::new(&gate.database).find(job_id).unwrap().unwrap()
}

fn said(job: Job) -> Said {
    Said::Job {
        at: NOW,
        job: Box::new(job),
    }
}

const fn after(seconds: u64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + seconds.cast_signed() * 1_000)
}

#[test]
fn a_stream_says_how_the_jobs_stand_and_then_each_change_with_an_id() {
    let (mut gate, job_id) = GateHarness::with_job();
    let mut feed = Feed::new(gate.user_id.clone(), None, NOW);
    let begin = feed.begin();
    assert_eq!(begin.text, "retry: 2000\n\n");
    assert_eq!(begin.ask, Some(Ask::default()));

    let queued = job(&gate, &job_id);
    let data = |job: &Job| {
        let mut shown = view::job(&gate.user_id, &shown(job), None);
        // Others move the line, so that is asked for on its own.
        shown.as_object_mut().unwrap().remove("waiting");
        shown
    };
    let step = feed.hear(&said(queued.clone()));
    assert_eq!(
        step.text,
        format!("event: job\ndata: {}\n\n", data(&queued))
    );
    let more = feed.hear(&Said::Page {
        at: NOW,
        before: Some(job_id.clone()),
    });
    let before = Some(job_id.clone());
    assert_eq!(
        more.ask,
        Some(Ask {
            since: None,
            before
        })
    );
    assert_eq!(more.text, "");
    let live = feed.hear(&Said::Page {
        at: NOW,
        before: None,
    });
    let id = NOW.as_millis();
    assert_eq!(
        live.text,
        format!("event: live\nid: {id}\ndata: {{\"at\":\"2027-01-15T08:00:00.000Z\"}}\n\n")
    );
    assert_eq!(live.ask, None);

    let step = feed.hear(&said(queued.clone()));
    let expected = format!("event: job\nid: {id}\ndata: {}\n\n", data(&queued));
    assert_eq!(step.text, expected);
    let epoch = gate.start(&job_id).epoch;
    gate.turn(completed(&job_id, epoch, LEAVES));
    assert_eq!(step.text.lines().count(), 4, "its data is one line");
}

fn shown(job: &Job) -> queue_core::gate::command::JobView {
    queue_core::gate::command::JobView {
        job: job.clone(),
        active: 1,
        limit: 2,
        by_kind: false,
        position: None,
        coming: None,
        estimate: None,
    }
}

#[test]
fn who_comes_back_asks_for_what_changed_since_the_last_event() {
    let (gate, _) = GateHarness::with_job();
    let feed = Feed::new(gate.user_id.clone(), Some(after(0)), after(60));
    let ask = feed.begin().ask.unwrap();
    assert_eq!(ask.since, Some(NOW.before(Duration::from_secs(5))));
    let ahead = Feed::new(gate.user_id, Some(after(600)), after(60));
    let all = ahead.begin().ask.unwrap();
    assert_eq!(all.since, Some(Timestamp::from_millis(0)));
}

#[test]
fn a_silent_stream_gives_signs_of_life_and_ends_after_ten_minutes() {
    let (gate, _) = GateHarness::with_job();
    let mut feed = Feed::new(gate.user_id, None, NOW);
    let (mut now, mut alive) = (NOW, 0);
    loop {
        let pause = feed.pause(now);
        assert!(pause <= Duration::from_secs(25), "{pause:?}");
        now = now.after(pause);
        match feed.due(now) {
            Due::Alive => alive += 1,
            Due::End => break,
        }
    }
    assert_eq!((now, alive), (after(600), 23));
    assert_eq!(KEEP_ALIVE, ":\n\n");
}

#[test]
fn the_header_says_before_the_query_what_was_heard_last() {
    let query = parse_events([("since", "2027-01-15T08:00:00Z")].into_iter());
    assert_eq!(query, Ok(Some(NOW)));
    assert_eq!(parse_events([("", ""); 0].into_iter()), Ok(None));
    assert!(parse_events([("since", "yesterday")].into_iter()).is_err());
    assert!(parse_events([("after", "1")].into_iter()).is_err());
    assert_eq!(
        heard(Some("1800000001000"), query.unwrap()),
        Ok(Some(after(1)))
    );
    for absent in [None, Some("")] {
        assert_eq!(heard(absent, Some(NOW)), Ok(Some(NOW)));
    }
    assert!(matches!(heard(Some("x"), None), Err(ApiError::Invalid(_))));
}

#[test]
fn each_change_of_a_job_has_another_tag() {
    let (mut gate, job_id) = GateHarness::with_job();
    let mut tags = vec![job_etag(&job(&gate, &job_id))];
    let epoch = gate.start(&job_id).epoch;
    tags.push(job_etag(&job(&gate, &job_id)));
    gate.complete(&job_id, epoch);
    tags.push(job_etag(&job(&gate, &job_id)));
    gate.submit(Tier::Tier1);
    assert_eq!(tags[2], job_etag(&job(&gate, &job_id)), "another job");
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 3);
}
