//! Any call of a pool, and any answer.

use super::{count, holdings, job_id, moment, text, wants};
use proptest::{option::of, prelude::*};
use queue_core::{
    line::pace::Pace,
    pool::{
        Command, Reply,
        command::{Exchange, Given, Listen, Offer, Place, Tell},
    },
};

fn offer() -> impl Strategy<Value = Offer> {
    // What an offer may hold; other numbers are refused (`edge_values`).
    let room = -(1_i64 << 53) + 1..1 << 53;
    (count(), room, any::<[bool; 2]>(), holdings()).prop_map(|(places, room, flags, has)| Offer {
        places,
        room,
        is_idle: flags[0],
        is_spent: flags[1],
        has,
    })
}

pub fn pool_command() -> impl Strategy<Value = Command> {
    let tell = (wants(), holdings(), any::<bool>());
    let tell = tell.prop_map(|(wants, gone, ticketed)| Tell {
        wants,
        gone,
        ticketed,
    });
    let who = || (text(), any::<u32>(), moment(), offer());
    let lists = (holdings(), wants(), holdings());
    let exchange = (who(), lists, any::<[bool; 3]>());
    let exchange = exchange.prop_map(
        |((delivery, call, began, offer), (freed, wants, running), [is_first, listens, stays])| {
            Exchange {
                delivery,
                call,
                began,
                is_first,
                freed,
                wants,
                running,
                offer,
                listens,
                stays,
            }
        },
    );
    let listen = who().prop_map(|(delivery, call, began, offer)| Listen {
        delivery,
        call,
        began,
        offer,
    });
    prop_oneof![
        tell.prop_map(Command::Tell),
        exchange.prop_map(Command::Exchange),
        listen.prop_map(Command::Listen),
        Just(Command::Wake),
        job_id().prop_map(|job_id| Command::Place { job_id }),
        count().prop_map(|most| Command::Backlog { most }),
    ]
}

pub fn pool_reply() -> impl Strategy<Value = Reply> {
    let lost = prop::collection::vec(job_id(), 0..3);
    let given = (wants(), lost, any::<bool>());
    let given = given.prop_map(|(jobs, lost, yields)| Given { jobs, lost, yields });
    let place = (of(count()), count(), count(), of(pace()));
    let place = place.prop_map(|(position, active, capacity, pace)| Place {
        position,
        active,
        capacity,
        pace,
    });
    prop_oneof![
        given.prop_map(Reply::Given),
        Just(Reply::Held),
        place.prop_map(|place| Reply::Place { place }),
        count().prop_map(|waiting| Reply::Backlog { waiting }),
        Just(Reply::Done),
    ]
}

pub(super) fn pace() -> impl Strategy<Value = Pace> {
    (count(), 0..1_800_000_000_000_i64).prop_map(|(count, over_ms)| Pace { count, over_ms })
}
