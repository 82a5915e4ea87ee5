//! Any call of a pool, and any answer.

use super::{backend, blame, count, holdings, job_id, moment, out, stage, text, user_id, wants};
use proptest::{option::of, prelude::*};
use queue_core::{
    domain::{Kind, Rank, Timestamp},
    estimate::Estimate,
    pool::{
        Command, Reply,
        coming::{Before, Coming, Own},
        command::{Exchange, Given, Listen, Offer, Place, Tell},
        outage::{Fault, Pause, Well},
        outages::{Halt, HaltedBy, Outages},
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
    let seen = (
        prop::collection::vec(well(), 0..3),
        prop::collection::vec(fault(), 0..3),
    );
    let exchange = (who(), lists, any::<[bool; 3]>(), seen);
    let exchange = exchange.prop_map(
        |(
            (delivery, call, began, offer),
            (freed, wants, running),
            [is_first, listens, stays],
            (well, faults),
        )| {
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
                well,
                faults,
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
        (job_id(), of(coming())).prop_map(|(job_id, coming)| Command::Place {
            job_id,
            coming: coming.map(Box::new),
        }),
        count().prop_map(|most| Command::Backlog { most }),
        (backend(), of(pause())).prop_map(|(backend, pause)| Command::Pause { backend, pause }),
        job_id().prop_map(|job_id| Command::Let { job_id }),
        Just(Command::Backends),
    ]
}

fn well() -> impl Strategy<Value = Well> {
    (job_id(), user_id(), stage(), moment()).prop_map(|(job_id, user_id, stage, began)| Well {
        job_id,
        user_id,
        stage,
        began,
    })
}

fn fault() -> impl Strategy<Value = Fault> {
    let of_whom = (job_id(), count(), user_id(), stage());
    (of_whom, blame(), text()).prop_map(|((job_id, epoch, user_id, stage), blame, code)| Fault {
        job_id,
        epoch,
        user_id,
        stage,
        began: Timestamp::from_millis(0),
        backend: blame.backend,
        until: blame.until,
        code,
    })
}

fn pause() -> impl Strategy<Value = Pause> {
    (moment(), of(moment()), text()).prop_map(|(since, until, reason)| Pause {
        since,
        until,
        reason,
    })
}

fn halt() -> impl Strategy<Value = Halt> {
    let by = prop::sample::select(&[HaltedBy::Backend, HaltedBy::Breaker, HaltedBy::Operator][..]);
    (backend(), pause(), by).prop_map(|(backend, pause, by)| Halt {
        backend,
        since: pause.since,
        until: pause.until,
        by,
        reason: pause.reason,
    })
}

pub fn pool_reply() -> impl Strategy<Value = Reply> {
    let lost = prop::collection::vec(job_id(), 0..3);
    let held = prop::collection::vec(stage(), 0..3);
    let given = (wants(), lost, any::<bool>(), held);
    let given = given.prop_map(|(jobs, lost, yields, held)| Given {
        jobs,
        lost,
        yields,
        held,
    });
    let place = (of(count()), count(), count(), of(estimate()), of(halt()));
    let place = place.prop_map(|(position, active, capacity, estimate, halt)| Place {
        position,
        active,
        capacity,
        estimate,
        halt,
    });
    prop_oneof![
        given.prop_map(Reply::Given),
        Just(Reply::Held),
        place.prop_map(|place| Reply::Place { place }),
        count().prop_map(|waiting| Reply::Backlog { waiting }),
        out().prop_map(|out| Reply::Told { out }),
        Just(Reply::Backends {
            outages: Outages::default()
        }),
        Just(Reply::Done),
    ]
}

pub(super) fn estimate() -> impl Strategy<Value = Estimate> {
    (moment(), moment(), moment(), count(), count()).prop_map(
        |(starts_at, from, until, ended, ahead)| Estimate {
            starts_at,
            from,
            until,
            ended,
            ahead,
        },
    )
}

pub(super) fn coming() -> impl Strategy<Value = Coming> {
    let ranks = -(1_i64 << 53) + 1..1 << 53;
    let before = (stage(), count()).prop_map(|(stage, count)| Before {
        kind: Kind::story(),
        stage,
        count,
    });
    let own = (
        prop::collection::vec(job_id(), 0..3),
        count(),
        count(),
        prop::collection::vec(before, 0..3),
    );
    let own = own.prop_map(|(leases, held, above, before)| Own {
        leases,
        held,
        above,
        before,
    });
    (stage(), ranks, any::<bool>(), of(moment()), of(own)).prop_map(
        |(stage, rank, ages_later, not_before, parked)| Coming {
            kind: Kind::story(),
            stage,
            rank: serde_json::from_value::<Rank>(rank.into()).unwrap(),
            ages_later,
            not_before,
            parked,
        },
    )
}
