//! Tickets, calls of a pool and its answers.

use super::{NOW, coming, estimate, holding, job_id, lines, ticket, user_id, want};
use crate::assert_golden;
use queue_core::{
    domain::{Backend, Stage, Ticket},
    line::want::{Mark, Want},
    pool::{
        Command, Reply,
        coming::Coming,
        command::{Exchange, Given, Listen, Offer, Place, Tell},
        outage::{Fault, Pause, Well},
        outages::{Halt, HaltedBy, Outages},
    },
};
use std::collections::BTreeMap;

#[test]
fn tickets_are_pinned() {
    let full = ticket();
    let bare = Ticket {
        epoch: None,
        weight: None,
        ..full.clone()
    };
    let lines = [bare, full].map(|ticket| ticket.to_text() + "\n");
    assert_golden("ticket.v1.jsonl", &lines.concat());
}

/// The least that an offer says, and the most.
fn offers() -> [Offer; 2] {
    let least = Offer {
        places: 9,
        room: -9,
        is_idle: false,
        is_spent: false,
        has: Vec::new(),
    };
    let most = Offer {
        is_idle: true,
        is_spent: true,
        has: vec![want().holding()],
        ..least.clone()
    };
    [least, most]
}

/// What a delivery sees of back ends.
fn seen() -> (Well, Fault) {
    let well = Well {
        job_id: job_id(),
        user_id: user_id(),
        stage: Stage::Audio,
        began: NOW,
    };
    let fault = Fault {
        job_id: job_id(),
        epoch: 2,
        user_id: user_id(),
        stage: Stage::Audio,
        began: NOW,
        backend: Backend::Generator,
        until: Some(NOW),
        code: "c".to_owned(),
    };
    (well, fault)
}

fn pause() -> Pause {
    Pause {
        since: NOW,
        until: Some(NOW),
        reason: "r".to_owned(),
    }
}

fn place(coming: Option<Box<Coming>>) -> Command {
    Command::Place {
        job_id: job_id(),
        coming,
    }
}

#[test]
fn calls_are_pinned() {
    let [least, most] = offers();
    let tell = Tell {
        wants: vec![want()],
        gone: vec![holding()],
        ticketed: true,
    };
    let exchange = |offer| Exchange {
        delivery: "d".to_owned(),
        call: 1,
        began: NOW,
        is_first: false,
        freed: Vec::new(),
        wants: Vec::new(),
        running: Vec::new(),
        offer,
        listens: false,
        stays: false,
        well: Vec::new(),
        faults: Vec::new(),
    };
    let (well, fault) = seen();
    let full = Exchange {
        is_first: true,
        freed: vec![holding()],
        wants: vec![Want {
            mark: Some(Mark::Trial),
            ..want()
        }],
        running: vec![holding()],
        well: vec![well],
        faults: vec![fault],
        listens: true,
        stays: true,
        ..exchange(most.clone())
    };
    let listen = |offer| Listen {
        delivery: "d".to_owned(),
        call: 1,
        began: NOW,
        offer,
    };
    let commands = vec![
        Command::Tell(Tell::default()),
        Command::Tell(tell),
        Command::Exchange(exchange(least.clone())),
        Command::Exchange(full),
        Command::Listen(listen(least)),
        Command::Listen(listen(most)),
        Command::Wake,
        place(None),
        place(Some(Box::new(coming()))),
        Command::Backlog { most: 3 },
        Command::Pause {
            backend: Backend::Storage,
            pause: Some(pause()),
        },
        Command::Let { job_id: job_id() },
        Command::Backends,
    ];
    assert_golden("pool-calls.v1.jsonl", &lines(commands));
}

#[test]
fn answers_are_pinned() {
    let place = |position, estimate, halt| Reply::Place {
        place: Place {
            position,
            active: 50,
            capacity: 50,
            estimate,
            halt,
        },
    };
    let halt = Halt {
        backend: Backend::Generator,
        since: NOW,
        until: Some(NOW),
        by: HaltedBy::Breaker,
        reason: "r".to_owned(),
    };
    let given = Given {
        jobs: vec![want()],
        lost: vec![job_id()],
        yields: true,
        held: vec![Stage::Audio],
    };
    let replies = vec![
        Reply::Given(Given::default()),
        Reply::Given(given),
        Reply::Held,
        place(None, None, None),
        place(Some(2), Some(estimate()), Some(halt)),
        Reply::Backlog { waiting: 3 },
        Reply::Told {
            out: BTreeMap::from([(Stage::Audio, NOW)]),
        },
        Reply::Backends {
            outages: Outages::default(),
        },
        Reply::Done,
    ];
    assert_golden("pool-replies.v1.jsonl", &lines(replies));
}
