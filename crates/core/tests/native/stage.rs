//! What the holder of a lease does: heartbeats, reports, and what is logged of them.

use crate::{
    delivery::harness::{grant, want},
    gate::commands::{GOES_ON, postponed, requeued},
    harness::START,
};
use queue_core::{
    delivery::{
        assignment::Assignment,
        stage::{
            Ending, HEARTBEAT_MAX, after_renewal, completed, heartbeat, is_forgotten, outcome,
            report, report_again,
        },
    },
    domain::{Kind, Stage, Tier},
    events::{Event, JobFacts},
    gate::{Command, Reply, State, command::Outcome},
};
use serde_json::Value;
use std::time::Duration;

/// What a ticket says, and what its gate knows better.
const OLD: (Stage, Tier, u32) = (Stage::Image, Tier::Tier1, 1);
const NEW: (Stage, Tier, u32) = (Stage::Audio, Tier::Tier2, 2);

fn reply(outcome: Outcome, state: Option<State>, cancel: bool) -> Reply {
    Reply::Reported {
        outcome,
        state,
        cancel,
        retry_at: None,
        next: None,
        granted: Vec::new(),
    }
}

fn assignment() -> Assignment {
    Assignment {
        want: want(1),
        grant: grant(2),
    }
}

fn failed(permanent: bool) -> Ending {
    Ending::Failed {
        permanent,
        code: "code".to_owned(),
        message: "why".to_owned(),
    }
}

fn reported(ending: Ending) -> Option<Command> {
    report((ending, START), assignment().holding(), GOES_ON, 7)
}

#[test]
fn what_is_logged_of_a_stage_is_what_its_gate_granted() {
    let mut assignment = assignment();
    let (ticket, grant) = (&mut assignment.want.ticket, &mut assignment.grant);
    (ticket.stage, ticket.tier, ticket.priority) = OLD;
    (grant.stage, grant.tier, grant.priority) = NEW;
    let still = Kind::try_from("still".to_owned()).unwrap();
    grant.kind = still.clone();
    let job = JobFacts::from(&assignment);
    assert_eq!((job.stage, job.tier, job.priority), NEW);
    assert_eq!(job.kind, still);
}

#[test]
fn a_lease_is_renewed_four_times_in_its_length_and_at_least_every_15_seconds() {
    assert_eq!(heartbeat(Duration::from_secs(20)), Duration::from_secs(5));
    assert_eq!(heartbeat(Duration::from_mins(5)), HEARTBEAT_MAX);
}

#[test]
fn work_goes_on_while_its_lease_and_its_slot_are_its_own() {
    let mine = reply(Outcome::Accepted, Some(State::Running), false);
    assert_eq!(after_renewal(&mine, false), None);
    assert_eq!(after_renewal(&mine, true), Some(Ending::NoSlot));
    // It is no answer to this.
    assert_eq!(after_renewal(&Reply::Done, false), None);
}

#[test]
fn work_stops_when_the_user_cancels_or_the_lease_is_lost_or_the_user_deleted() {
    let running = Some(State::Running);
    let cases = [
        (Outcome::Accepted, running, Ending::Cancelled),
        (Outcome::Stale, Some(State::Retrying), Ending::Lost),
        (Outcome::Repeated, running, Ending::Lost),
        (Outcome::Stale, None, Ending::Forgotten),
    ];
    for (outcome, state, ending) in cases {
        for has_lost_its_slot in [false, true] {
            let reply = reply(outcome, state, true);
            let after = after_renewal(&reply, has_lost_its_slot);
            assert_eq!(after.as_ref(), Some(&ending), "{reply:?}");
            assert_eq!(is_forgotten(&reply), ending == Ending::Forgotten);
        }
    }
}

#[test]
fn each_ending_is_reported_unless_the_lease_is_lost() {
    assert_eq!(reported(Ending::Lost), None);
    assert_eq!(reported(Ending::Forgotten), None);
    let complete = Command::Complete {
        job_id: want(1).job_id().clone(),
        epoch: 2,
        artifacts: Vec::new(),
        ended_at: Some(START),
        going: GOES_ON,
    };
    assert_eq!(reported(Ending::Made(Vec::new())), Some(complete));
    let requeue = requeued(want(1).job_id(), 2, GOES_ON);
    assert_eq!(reported(Ending::NoSlot), Some(requeue));
    let postpone = postponed(want(1).job_id(), 2, GOES_ON);
    let not_yet = Ending::NotYet(Duration::from_secs(20));
    assert_eq!(reported(not_yet), Some(postpone));
    let fail = |permanent, code: &str, message: &str| Command::Fail {
        job_id: want(1).job_id().clone(),
        epoch: 2,
        permanent,
        code: code.to_owned(),
        message: message.to_owned(),
        blame: None,
        entropy: 7,
        ended_at: Some(START),
        going: GOES_ON,
    };
    for permanent in [false, true] {
        let fail = fail(permanent, "code", "why");
        assert_eq!(reported(failed(permanent)), Some(fail));
    }
    let cancelled = reported(Ending::Cancelled);
    assert!(
        matches!(cancelled, Some(Command::Fail { permanent: true, code, .. }) if code == "cancelled")
    );
}

#[test]
fn a_report_is_called_four_times_with_doubling_pauses() {
    let pauses: Vec<_> = (1..=4).map(report_again).collect();
    let millis = [500, 1_000, 2_000].map(|pause| Some(Duration::from_millis(pause)));
    assert_eq!(pauses, [&millis[..], &[None]].concat());
}

fn logged(ending: Ending, outcome_of: Outcome, state: Option<State>) -> Vec<String> {
    let command = reported(ending).unwrap();
    let began = START.before(Duration::from_millis(5));
    let completed = completed(&assignment(), &command, began);
    let outcome = outcome(&assignment(), &command, &reply(outcome_of, state, false));
    let events = completed.into_iter().chain(outcome);
    let name = |event: &Event| {
        let json: Value = serde_json::from_str(&event.json()).unwrap();
        assert!(json["durationMs"].is_null() || json["durationMs"] == 5);
        assert!(json["error"].is_null() || json["error"] == "why");
        json["event"].as_str().unwrap().to_owned()
    };
    events.map(|event| name(&event)).collect()
}

#[test]
fn what_the_gate_made_of_a_report_is_logged() {
    let made = || Ending::Made(Vec::new());
    for (ending, outcome, state, names) in [
        (
            made(),
            Outcome::Accepted,
            State::Running,
            &["completed"][..],
        ),
        // Its next stage waits for another delivery.
        (made(), Outcome::Accepted, State::Queued, &["completed"]),
        (
            made(),
            Outcome::Accepted,
            State::Succeeded,
            &["completed", "succeeded"],
        ),
        (
            made(),
            Outcome::Stale,
            State::Running,
            &["completed", "stale"],
        ),
        (failed(true), Outcome::Accepted, State::Failed, &["failed"]),
        (
            failed(false),
            Outcome::Accepted,
            State::Retrying,
            &["attemptFailed"],
        ),
        (
            failed(true),
            Outcome::Accepted,
            State::Cancelled,
            &["cancelled"],
        ),
        (
            Ending::NoSlot,
            Outcome::Accepted,
            State::Queued,
            &["requeued"],
        ),
        (
            Ending::NotYet(Duration::from_secs(20)),
            Outcome::Accepted,
            State::Retrying,
            &[],
        ),
    ] {
        assert_eq!(logged(ending, outcome, Some(state)), names);
    }
    let command = reported(made()).unwrap();
    let events = outcome(&assignment(), &command, &Reply::Done);
    assert!(matches!(&events[..], [Event::Fault { .. }]));
}
