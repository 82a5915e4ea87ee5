//! What the holder of a lease does: heartbeats, reports, and what is logged of them.

use crate::delivery::harness::{grant, want};
use queue_core::{
    delivery::{
        assignment::Assignment,
        stage::{
            Ending, HEARTBEAT_MAX, after_renewal, heartbeat, is_forgotten, outcome, report,
            report_again,
        },
    },
    events::Event,
    gate::{
        Command, Reply, State,
        command::{Going, Outcome},
    },
};
use serde_json::Value;
use std::time::Duration;

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
    let going = Going {
        on: true,
        carries: true,
    };
    report(ending, assignment().holding(), going, 7)
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
    assert_eq!(
        after_renewal(&Reply::Done, false),
        None,
        "no answer to this"
    );
}

#[test]
fn work_stops_when_the_user_cancels_or_the_lease_is_lost_or_the_user_deleted() {
    let cases = [
        (
            Outcome::Accepted,
            Some(State::Running),
            true,
            Ending::Cancelled,
        ),
        (Outcome::Stale, Some(State::Retrying), true, Ending::Lost),
        (Outcome::Repeated, Some(State::Running), true, Ending::Lost),
        (Outcome::Stale, None, true, Ending::Forgotten),
    ];
    for (outcome, state, cancel, ending) in cases {
        for has_lost_its_slot in [false, true] {
            let reply = reply(outcome, state, cancel);
            let after = after_renewal(&reply, has_lost_its_slot);
            assert_eq!(after.as_ref(), Some(&ending), "{reply:?}");
            assert_eq!(is_forgotten(&reply), ending == Ending::Forgotten);
        }
    }
}

#[test]
fn each_ending_is_reported_but_those_of_a_lease_that_is_lost() {
    assert_eq!(reported(Ending::Lost), None);
    assert_eq!(reported(Ending::Forgotten), None);
    let Some(Command::Complete {
        epoch,
        artifacts,
        going,
        ..
    }) = reported(Ending::Made(Vec::new()))
    else {
        panic!("it is complete");
    };
    assert_eq!(
        (epoch, artifacts.len(), going.on, going.carries),
        (2, 0, true, true)
    );
    assert!(matches!(
        reported(Ending::NoSlot),
        Some(Command::Requeue { epoch: 2, .. })
    ));
    for is_permanent in [false, true] {
        let Some(Command::Fail {
            permanent,
            entropy,
            message,
            ..
        }) = reported(failed(is_permanent))
        else {
            panic!("it failed");
        };
        assert_eq!(
            (permanent, entropy, message.as_str()),
            (is_permanent, 7, "why")
        );
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
    let events = outcome(&assignment(), &command, &reply(outcome_of, state, false), 5);
    let name = |event: &Event| {
        let json: Value = serde_json::from_str(&event.json()).unwrap();
        assert!(json["durationMs"].is_null() || json["durationMs"] == 5);
        assert!(json["error"].is_null() || json["error"] == "why");
        json["event"].as_str().unwrap().to_owned()
    };
    events.iter().map(name).collect()
}

#[test]
fn what_the_gate_made_of_a_report_is_logged() {
    let made = || Ending::Made(Vec::new());
    let mine = Outcome::Accepted;
    assert_eq!(logged(made(), mine, Some(State::Running)), ["completed"]);
    assert_eq!(
        logged(made(), mine, Some(State::Succeeded)),
        ["completed", "succeeded"]
    );
    assert_eq!(
        logged(made(), Outcome::Stale, Some(State::Running)),
        ["stale"]
    );
    assert_eq!(logged(failed(true), mine, Some(State::Failed)), ["failed"]);
    assert_eq!(
        logged(failed(false), mine, Some(State::Retrying)),
        ["attemptFailed"]
    );
    assert_eq!(
        logged(failed(true), mine, Some(State::Cancelled)),
        ["cancelled"]
    );
    assert_eq!(
        logged(Ending::NoSlot, mine, Some(State::Queued)),
        ["requeued"]
    );
    let command = reported(made()).unwrap();
    let events = outcome(&assignment(), &command, &Reply::Done, 5);
    assert!(matches!(&events[..], [Event::Fault { .. }]));
}
