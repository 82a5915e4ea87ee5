//! Who goes first: one total order, without overflow, the same in a batch and in a gate's line.

use crate::arbitrary::{cases, count, damage, damaged, job, moment, rank, ticket};
use proptest::prelude::*;
use queue_core::{
    delivery::batch::arrange,
    domain::{JobId, Rank, Ticket, Timestamp},
    gate::{Job, SqlStore, State, Store},
};
use std::{cmp::Ordering, collections::BTreeSet, time::Duration};
use testkit::Sqlite;

/// What the rank is worth in numbers that never overflow.
fn exact(at: Timestamp, priority: u32, boost: Duration) -> i128 {
    const SAFE: i128 = (1 << 53) - 1;
    let head_start = i128::try_from(boost.as_millis()).unwrap() * i128::from(priority);
    (i128::from(at.as_millis()) - head_start).clamp(-SAFE, SAFE)
}

fn boost() -> impl Strategy<Value = Duration> {
    let edges = [Duration::ZERO, Duration::from_mins(30), Duration::MAX];
    prop_oneof![
        prop::sample::select(edges.to_vec()),
        any::<u64>().prop_map(Duration::from_millis)
    ]
}

/// Tickets of a few users, some of which stand for the same job, in two orders.
fn shuffled() -> impl Strategy<Value = (Vec<Ticket>, Vec<Ticket>)> {
    let tickets = (prop::collection::vec(ticket(), 0..12), 0..4_usize);
    let tickets = tickets.prop_map(|(mut tickets, again)| {
        for index in 3..tickets.len() {
            tickets[index].user_id = tickets[index % 3].user_id.clone();
        }
        tickets.extend_from_within(..again.min(tickets.len()));
        tickets
    });
    tickets.prop_flat_map(|tickets| (Just(tickets.clone()), Just(tickets).prop_shuffle()))
}

fn bodies(tickets: &[Ticket]) -> Vec<Option<String>> {
    let body = |ticket: &Ticket| Some(ticket.to_text());
    tickets.iter().map(body).collect()
}

fn is_total<T: Ord>(values: &[T; 3]) {
    let [a, b, c] = values;
    assert_eq!(a.cmp(b), b.cmp(a).reverse());
    assert_eq!(a.cmp(b) == Ordering::Equal, a == b);
    if a <= b && b <= c {
        assert!(a <= c);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_rank_equals_the_exact_formula(at in moment(), priority in count(), boost in boost()) {
        let rank = Rank::new(at, priority, boost);
        prop_assert_eq!(i128::from(rank.as_millis()), exact(at, priority, boost));
    }

    #[test]
    fn ranks_have_a_total_order(ranks in [rank(), rank(), rank()]) {
        is_total(&ranks);
    }

    #[test]
    fn higher_age_or_priority_never_lowers_a_place(
        ats in [moment(), moment()], priorities in [count(), count()], boost in boost(),
    ) {
        let [early, late] = if ats[0] <= ats[1] { ats } else { [ats[1], ats[0]] };
        let [low, high] = [priorities[0].min(priorities[1]), priorities[0].max(priorities[1])];
        prop_assert!(Rank::new(early, low, boost) <= Rank::new(late, low, boost));
        prop_assert!(Rank::new(early, high, boost) <= Rank::new(early, low, boost));
    }

    #[test]
    fn no_job_is_overtaken_by_one_submitted_later_than_the_head_start(
        ats in [moment(), moment()], priorities in [count(), count()], boost in boost(),
    ) {
        let [mine, other] = [0, 1].map(|index| Rank::new(ats[index], priorities[index], boost));
        let later = i128::from(ats[1].as_millis()) - i128::from(ats[0].as_millis());
        let steps = i128::from(priorities[1].saturating_sub(priorities[0]));
        if later > 0 && later >= steps * i128::try_from(boost.as_millis()).unwrap() {
            prop_assert!(mine <= other);
        }
    }

}

proptest! {
    // Each case writes and reads up to fifteen tickets, twice.
    #![proptest_config(cases(100))]

    #[test]
    fn sorting_a_batch_loses_and_duplicates_nothing((tickets, _) in shuffled(), boost in boost()) {
        let batch = arrange(&bodies(&tickets), boost);
        let all = batch.tickets.iter().chain(&batch.duplicates);
        let mut indexes: Vec<usize> = Vec::new();
        for (index, ticket) in all {
            prop_assert_eq!(ticket, &tickets[*index]);
            indexes.push(*index);
        }
        indexes.sort_unstable();
        prop_assert!(indexes.into_iter().eq(0..tickets.len()));
        let jobs: BTreeSet<&JobId> = tickets.iter().map(|ticket| &ticket.job_id).collect();
        prop_assert_eq!(batch.tickets.len(), jobs.len());
    }

    #[test]
    fn a_sorted_batch_does_not_depend_on_the_order_of_arrival((tickets, shuffled) in shuffled(), boost in boost()) {
        let order = |tickets: &[Ticket]| {
            let tickets = arrange(&bodies(tickets), boost).tickets.into_iter();
            tickets.map(|(_, ticket)| ticket).collect::<Vec<_>>()
        };
        let ordered = order(&tickets);
        prop_assert_eq!(&ordered, &order(&shuffled));
        let key = |ticket: &Ticket| (Rank::new(ticket.submitted_at, ticket.priority, boost), ticket.job_id.clone());
        prop_assert!(ordered.is_sorted_by_key(key));
    }

    #[test]
    fn of_tied_tickets_of_one_job_the_first_delivered_is_used(ticket in ticket(), epochs in [count(), count()], boost in boost()) {
        let tickets = epochs.map(|epoch| Ticket { epoch: Some(epoch), ..ticket.clone() });
        let batch = arrange(&bodies(&tickets), boost);
        prop_assert_eq!((batch.tickets[0].0, batch.duplicates[0].0), (0, 1));
    }

    #[test]
    fn a_damaged_message_does_not_move_others((tickets, _) in shuffled(), wounds in damage(), boost in boost()) {
        let mut bodies = bodies(&tickets);
        let kept = arrange(&bodies, boost);
        let broken = ticket_text(&tickets).map(|text| damaged(&text, &wounds));
        bodies.push(broken.and_then(|bytes| String::from_utf8(bytes).ok()));
        let batch = arrange(&bodies, boost);
        let sorted = batch.tickets.len() + batch.duplicates.len() + batch.unreadable.len();
        prop_assert_eq!(sorted, bodies.len());
        if !batch.unreadable.is_empty() {
            prop_assert_eq!((batch.tickets, batch.duplicates), (kept.tickets, kept.duplicates));
        }
    }
}

proptest! {
    // Each case fills a database.
    #![proptest_config(cases(64))]

    #[test]
    fn the_line_of_a_gate_is_ordered_by_rank_and_id(jobs in prop::collection::vec(job(), 1..12)) {
        let database = Sqlite::in_memory().unwrap();
        let store = SqlStore::new(&database);
        store.migrate().unwrap();
        let mut line: Vec<Job> = Vec::new();
        for job in jobs {
            if line.iter().all(|other| other.job_id != job.job_id) {
                line.push(Job { state: State::Parked, ..job });
                store.insert(&line[line.len() - 1], "{}").unwrap();
            }
        }
        line.sort_by_key(|job| (job.rank, job.job_id.clone()));
        let (of_kind, common): (Vec<Job>, Vec<Job>) = line.into_iter().partition(|job| job.by_kind);
        for line in [&of_kind, &common] {
            for (index, job) in line.iter().enumerate() {
                prop_assert_eq!(store.parked_before(job), Ok(u32::try_from(index).unwrap()));
            }
        }
        for job in common {
            prop_assert_eq!(store.best_parked(), Ok(Some(job.clone())));
            store.delete(&job).unwrap();
        }
        for job in of_kind {
            prop_assert_eq!(store.best_of_kinds(), Ok(vec![job.clone()]));
            store.delete(&job).unwrap();
        }
    }
}

fn ticket_text(tickets: &[Ticket]) -> Option<String> {
    tickets.first().map(Ticket::to_text)
}
