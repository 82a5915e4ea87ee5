//! Arranges a batch: reads each message on its own, and sorts by rank.

use crate::domain::{JobId, Ticket, TicketError, UserId};
use std::{collections::BTreeSet, time::Duration};

/// A batch in order.
#[derive(Debug, Default, PartialEq)]
pub struct Batch {
    /// Readable messages by rank, best first: the index of the message and its ticket.
    pub tickets: Vec<(usize, Ticket)>,
    /// Messages whose job another message of the batch stands for already.
    pub duplicates: Vec<(usize, Ticket)>,
    /// Messages that cannot be read, and why.
    pub unreadable: Vec<(usize, TicketError)>,
}

/// Arranges the bodies of a batch; `None` stands for a body that is not a text.
#[must_use]
pub fn arrange(bodies: &[Option<String>], boost: Duration) -> Batch {
    let mut batch = Batch::default();
    let not_text = || TicketError::NotATicket("the body is not a string".to_owned());
    for (index, body) in bodies.iter().enumerate() {
        match body.as_deref().ok_or_else(not_text).and_then(Ticket::parse) {
            Ok(ticket) => batch.tickets.push((index, ticket)),
            Err(error) => batch.unreadable.push((index, error)),
        }
    }
    batch.tickets.sort_by_cached_key(|(index, ticket)| {
        let rank = ticket.rank(boost);
        (rank, ticket.job_id.clone(), ticket.user_id.clone(), *index)
    });
    // By user, too: a forged ticket with another's job must not displace the genuine one.
    let mut seen: BTreeSet<(UserId, JobId)> = BTreeSet::new();
    let (first, again) = batch
        .tickets
        .into_iter()
        .partition(|(_, ticket)| seen.insert((ticket.user_id.clone(), ticket.job_id.clone())));
    batch.tickets = first;
    batch.duplicates = again;
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, Stage, Tier, Timestamp};

    const BOOST: Duration = Duration::from_mins(30);

    fn ticket(user: &str, submitted_at: i64, priority: u32, random: u8) -> Ticket {
        let submitted_at = Timestamp::from_millis(submitted_at);
        Ticket {
            job_id: JobId::new(submitted_at, &[random; 10]),
            user_id: UserId::try_from(user.to_owned()).unwrap(),
            kind: Kind::story(),
            stage: Stage::Image,
            tier: Tier::Tier1,
            priority,
            submitted_at,
            epoch: None,
            weight: None,
            aged_from: None,
        }
    }

    fn bodies(tickets: &[Ticket]) -> Vec<Option<String>> {
        tickets
            .iter()
            .map(|ticket| Some(ticket.to_text()))
            .collect()
    }

    #[test]
    fn the_documented_example_is_processed_a_c_b() {
        let batch = arrange(
            &bodies(&[
                ticket("A", 1_000, 4, 1),
                ticket("B", 1_001, 1, 2),
                ticket("C", 1_002, 3, 3),
            ]),
            BOOST,
        );
        let order: Vec<_> = batch
            .tickets
            .iter()
            .map(|(_, ticket)| ticket.user_id.as_str())
            .collect();
        assert_eq!(order, ["A", "C", "B"]);
    }

    #[test]
    fn an_unreadable_message_does_not_affect_others() {
        let mut all = bodies(&[ticket("A", 1, 1, 1), ticket("B", 2, 1, 2)]);
        all.insert(1, Some("{\"v\":9}".to_owned()));
        all.insert(1, None);
        let batch = arrange(&all, BOOST);
        assert_eq!(batch.tickets.len(), 2);
        let buried: Vec<_> = batch.unreadable.iter().map(|(index, _)| *index).collect();
        assert_eq!(buried, [1, 2]);
        assert_eq!(batch.unreadable[1].1, TicketError::UnknownVersion(9));
    }

    #[test]
    fn two_tickets_of_one_job_are_asked_about_once() {
        let one = ticket("A", 1, 1, 1);
        let batch = arrange(&bodies(&[one.clone(), one.clone()]), BOOST);
        assert_eq!((batch.tickets.len(), batch.duplicates.len()), (1, 1));
        assert_eq!(batch.duplicates[0].0, 1);
    }
}
