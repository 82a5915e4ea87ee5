//! Queue messages, one a line: each is a ticket or refused, and a batch of any messages loses none.

use queue_core::{
    delivery::batch::{Batch, arrange},
    domain::{JobId, Rank, Ticket, UserId},
};
use std::{collections::BTreeSet, time::Duration};

/// The longest ticket that `domain/ticket.rs` says is ever written, in bytes.
const WRITTEN_MAX: usize = 500;

/// None, the default, and the largest that the configuration allows.
const BOOSTS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_mins(30),
    Duration::from_hours(24 * 365),
];

/// Reads each line as a message and all of them as a batch.
pub fn check(input: &[u8]) {
    let lines = input.split(|byte| *byte == b'\n');
    let mut bodies: Vec<Option<String>> = lines
        .map(|line| String::from_utf8(line.to_vec()).ok())
        .collect();
    for body in bodies.iter().flatten() {
        alone(body);
    }
    for boost in BOOSTS {
        let forwards = batch(&bodies, boost);
        bodies.reverse();
        let backwards = batch(&bodies, boost);
        assert_eq!(
            forwards, backwards,
            "the order of delivery changed the order of work"
        );
    }
}

fn alone(body: &str) {
    match Ticket::parse(body) {
        Ok(ticket) => {
            let written = ticket.to_text();
            assert!(
                written.len() < WRITTEN_MAX,
                "{} bytes: {written}",
                written.len()
            );
            assert_eq!(Ticket::parse(&written), Ok(ticket));
        }
        Err(error) => {
            // It is shown to operators, so a hostile message must not fill the list of dead letters.
            let shown = error.to_string();
            assert!(
                shown.len() < 2 * queue_core::domain::ticket::TICKET_MAX_BYTES,
                "{shown}"
            );
        }
    }
}

/// Arranges the batch and returns its order, by what the order may depend on.
fn batch(bodies: &[Option<String>], boost: Duration) -> Vec<(Rank, JobId, UserId)> {
    let Batch {
        tickets,
        duplicates,
        unreadable,
    } = arrange(bodies, boost);

    let arranged = tickets.iter().chain(&duplicates).map(|(index, _)| *index);
    let mut seen: Vec<usize> = arranged
        .chain(unreadable.iter().map(|(index, _)| *index))
        .collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        (0..bodies.len()).collect::<Vec<_>>(),
        "each message is settled once"
    );

    let key = |(_, ticket): &(usize, Ticket)| {
        let rank = ticket.rank(boost);
        (rank, ticket.job_id.clone(), ticket.user_id.clone())
    };
    let order: Vec<_> = tickets.iter().map(key).collect();
    assert!(
        order.is_sorted_by(|one, next| one < next),
        "not in order: {order:?}"
    );
    let jobs: BTreeSet<_> = order
        .iter()
        .map(|(_, job_id, user)| (job_id, user))
        .collect();
    assert_eq!(jobs.len(), order.len(), "a job is asked about twice");
    for (index, ticket) in &duplicates {
        let job = (&ticket.job_id, &ticket.user_id);
        assert!(jobs.contains(&job), "message {index} is dropped");
    }
    order
}
