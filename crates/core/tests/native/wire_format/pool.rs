//! Tickets, calls of a pool and its answers.

use super::{NOW, holding, job_id, lines, ticket, want};
use crate::assert_golden;
use queue_core::{
    domain::Ticket,
    line::pace::Pace,
    pool::{
        Command, Reply,
        command::{Exchange, Given, Listen, Offer, Place, Tell},
    },
};

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
    };
    let full = Exchange {
        is_first: true,
        freed: vec![holding()],
        wants: vec![want()],
        running: vec![holding()],
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
        Command::Place { job_id: job_id() },
        Command::Backlog { most: 3 },
    ];
    assert_golden("pool-calls.v1.jsonl", &lines(commands));
}

#[test]
fn answers_are_pinned() {
    let place = |position, pace| Reply::Place {
        place: Place {
            position,
            active: 50,
            capacity: 50,
            pace,
        },
    };
    let moves = Pace {
        count: 3,
        over_ms: 4,
    };
    let given = Given {
        jobs: vec![want()],
        lost: vec![job_id()],
        yields: true,
    };
    let replies = vec![
        Reply::Given(Given::default()),
        Reply::Given(given),
        Reply::Held,
        place(None, None),
        place(Some(2), Some(moves)),
        Reply::Backlog { waiting: 3 },
        Reply::Done,
    ];
    assert_golden("pool-replies.v1.jsonl", &lines(replies));
}
