//! A delivery calls: what it gives up and what it runs, and what it gets.

use super::{
    claim::{Claim, Hold},
    command::{Exchange, Given, Listen, Reply},
    serve::{finish, renew_given, serve},
    store::Store,
    tell::{By, learn},
    turn::Pool,
};
use crate::{
    domain::JobId,
    line::want::{Holding, Want},
    storage::StorageError,
};

pub(super) fn exchange<S: Store>(
    pool: &mut Pool<'_, S>,
    exchange: Exchange,
) -> Result<Reply, StorageError> {
    let Exchange {
        delivery,
        began,
        call,
        is_first,
        freed,
        wants,
        running,
        offer,
        listens,
        stays,
        well,
        faults,
    } = exchange;
    pool.sees(&well, &faults)?;
    for holding in &freed {
        let met = faults.iter().any(|fault| fault.job_id == holding.job_id);
        free(pool, (&delivery, holding), (&wants, met))?;
    }
    for want in wants {
        learn(pool, want, By::Delivery)?;
    }
    let mut lost = Vec::new();
    for holding in running {
        if !renew(pool, &delivery, &holding)? {
            lost.push(holding.job_id);
        }
    }
    let call = Listen {
        delivery,
        began,
        call,
        offer,
    };
    if pool.desk.is_late(&call) {
        finish(pool, None)?;
        return Ok(given(pool, Vec::new(), lost, false));
    }
    let again = sit(pool, &call, (is_first, listens))?;
    let delivery = &call.delivery;
    let new = serve(pool, Some(delivery))?;
    if is_first {
        if new.is_empty() && pool.is_idle()? {
            // It has no room for the best, and nor may the next: the ticket that brought it counts, even if the one
            // who sent it was evicted meanwhile.
            pool.desk.ticketing.follows(pool.now);
        } else {
            pool.desk.ticketing.begins();
        }
    }
    let yields = pool.is_idle()? && pool.desk.yields(pool.now, delivery);
    let jobs = [again, new].concat();
    if jobs.is_empty() && !stays {
        pool.desk.leave(delivery);
    }
    finish(pool, Some(delivery))?;
    Ok(given(pool, jobs, lost, yields))
}

fn given<S: Store>(pool: &Pool<'_, S>, jobs: Vec<Want>, lost: Vec<JobId>, yields: bool) -> Reply {
    Reply::Given(Given {
        jobs,
        lost,
        yields,
        held: pool.held_stages(),
    })
}

pub(super) fn listen<S: Store>(
    pool: &mut Pool<'_, S>,
    call: &Listen,
) -> Result<Reply, StorageError> {
    if pool.desk.is_late(call) {
        return Ok(Reply::Given(Given::default()));
    }
    let delivery = &call.delivery;
    let again = sit(pool, call, (false, false))?;
    let jobs = [again, serve(pool, Some(delivery))?].concat();
    pool.desk.listen(delivery, jobs.is_empty());
    finish(pool, Some(delivery))?;
    if jobs.is_empty() {
        return Ok(Reply::Held);
    }
    Ok(Reply::Given(Given {
        jobs,
        ..Given::default()
    }))
}

/// A delivery calls. What was given to it in an answer that it did not get, it gets again; not while that may be on
/// the way to its open call.
fn sit<S: Store>(
    pool: &mut Pool<'_, S>,
    call: &Listen,
    (is_first, listens): (bool, bool),
) -> Result<Vec<Want>, StorageError> {
    let Listen {
        delivery, offer, ..
    } = call;
    let mut again = Vec::new();
    let on_the_way = pool.desk.on_the_way(delivery, listens, offer);
    if pool.desk.may_miss(delivery, is_first, offer) {
        for claim in pool.store.given_to(delivery)? {
            let job_id = claim.job_id();
            let comes = on_the_way.get(job_id);
            let comes = comes.is_some_and(|coming| coming.epoch() >= claim.epoch);
            if !comes && !offer.has(job_id, claim.epoch) {
                again.push(pool.marked(&claim.want));
                renew_given(pool, claim)?;
            }
        }
    }
    pool.desk.sit(pool.now, call, &again, &on_the_way);
    Ok(again)
}

/// A delivery gives up a job. Its word counts for what it has, and for what ran until now. A job that is among its `wants`,
/// too, it gives back unstarted: it waits at the rank that its gate told last. Where it `met` a fault of a back end, how long
/// it took says nothing.
fn free<S: Store>(
    pool: &mut Pool<'_, S>,
    (delivery, holding): (&str, &Holding),
    (wants, met): (&[Want], bool),
) -> Result<(), StorageError> {
    pool.desk.speaks(delivery, holding);
    let Holding { job_id, epoch } = holding;
    let Some(claim) = pool.store.find(job_id)? else {
        return Ok(());
    };
    let has_run = !claim.hold.has_slot() && claim.epoch < *epoch;
    let is_own = claim.is_with(delivery) && claim.epoch <= *epoch;
    let comes_back = |want: &Want| want.job_id() == job_id && want.epoch() == claim.epoch;
    if is_own && wants.iter().any(comes_back) {
        pool.save(&claim, &Claim::waiting(claim.want.clone()))?;
    } else if has_run || is_own {
        if !met && claim.want.epoch() < *epoch {
            pool.desk.history.ended(&claim, pool.now);
        }
        pool.delete(&claim)?;
    }
    Ok(())
}

/// The job runs there: confirms its start, or renews its slot. `false` where it has none any more.
fn renew<S: Store>(
    pool: &mut Pool<'_, S>,
    delivery: &str,
    holding: &Holding,
) -> Result<bool, StorageError> {
    pool.desk.speaks(delivery, holding);
    let Holding { job_id, epoch } = holding;
    let epoch = *epoch;
    let Some(claim) = pool.store.find(job_id)? else {
        return Ok(pool.bounds_nobody());
    };
    let is_own = claim.hold.has_slot() && claim.is_with(delivery) && claim.epoch <= epoch;
    // Taken back while its start was on the way: by the gate's word it runs, so the slot is its own.
    let has_started = claim.epoch < epoch && (claim.hold.has_slot() || pool.free_slots() > 0);
    if !is_own && !has_started {
        return Ok(pool.bounds_nobody());
    }
    let renewed = Claim {
        hold: Hold::Held,
        by: Some(delivery.to_owned()),
        epoch,
        due: Some(pool.now.after(pool.config.lease)),
        since: claim.since.or(Some(pool.now)),
        ..claim.clone()
    };
    pool.wake_by(renewed.due);
    pool.save(&claim, &renewed)?;
    Ok(true)
}
