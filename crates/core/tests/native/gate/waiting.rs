//! Jobs that wait for their turn under a lease, and what the pool hears of them.

use super::{commands::holding, harness::GateHarness};
use crate::harness::Harness;
use queue_core::{
    domain::Tier,
    gate::{Command, State, teller::Out, turn::Notice},
};
use std::time::Duration;

#[test]
fn an_accepted_job_is_told_to_the_pool_at_once_and_its_ticket_is_sent() {
    let (mut gate, job_id) = GateHarness::with_job();
    let job = gate.job(&job_id);
    let [want] = &gate.effects.tell.wants[..] else {
        panic!("{:?}", gate.effects);
    };
    assert_eq!((want.epoch(), want.weight(), want.rank), (1, 7, job.rank));
    assert_eq!(gate.effects.tickets, std::slice::from_ref(&want.ticket));
    gate.submit(Tier::Tier1);
    let parked = gate.submit(Tier::Tier1);
    assert_eq!(gate.told(), [], "it has no lease");
    // Its ticket brings a delivery all the same.
    assert_eq!(gate.sent(), [parked]);
    assert_eq!(gate.effects.tickets[0].epoch, None);
}

#[test]
fn without_a_pool_the_ticket_is_sent_with_the_lease() {
    let mut gate = GateHarness::beside(false);
    let jobs = gate.submit_many(Tier::Tier1, 2);
    assert_eq!(gate.sent(), jobs[1..]);
    assert_eq!(gate.effects.tickets[0].epoch, Some(1));
    let parked = gate.submit(Tier::Tier1);
    assert_eq!(gate.sent(), []);
    assert_eq!(gate.cancel(&jobs[1]), State::Cancelled);
    assert_eq!(gate.sent(), [parked]);
    assert!(gate.effects.tell.is_empty());
    assert_eq!(gate.gone(), []);
}

#[test]
fn a_job_that_is_not_started_is_announced_again_with_growing_pauses() {
    for has_pool in [true, false] {
        let mut gate = GateHarness::beside(has_pool);
        let job_id = gate.submit(Tier::Tier1);
        let pauses = [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600];
        for pause in pauses {
            assert_eq!(gate.pause(&job_id), pause);
            gate.wake();
            assert!(gate.is_silent(), "not before it is due");
            gate.wake_for(&job_id);
            let made_known = (gate.told(), gate.sent(), gate.notices());
            let again = vec![job_id.clone()];
            if has_pool {
                assert_eq!(made_known, (again, vec![], vec![]));
            } else {
                assert_eq!(made_known, (vec![], again, vec![Notice::TicketResent]));
            }
        }
        let epoch = gate.start(&job_id).epoch;
        gate.complete(&job_id, epoch);
        assert_eq!(gate.pause(&job_id), pauses[0], "it waits anew");
        gate.run_to_the_end(&job_id);
    }
}

#[test]
fn an_ended_job_is_told_until_the_pool_has_confirmed_it() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.cancel(&job_id);
    assert_eq!(gate.effects.tell.gone, [holding(&job_id, 1)]);
    for _ in 0..3 {
        let due = gate.now.after(gate.config.ticket_resend);
        assert_eq!(gate.effects.wake_by, Some(due));
        gate.wake();
        assert_eq!(gate.gone(), [], "not before it is due");
        gate.wake_at(due);
        assert_eq!(gate.effects.tell.gone, [holding(&job_id, 1)]);
    }
    let other = gate.new_id();
    for gone in [holding(&job_id, 2), holding(&other, 1)] {
        gate.turn(Command::Told {
            gone: vec![gone],
            out: Out::new(),
        });
        assert_ne!(gate.effects.wake_by, gate.job(&job_id).due, "not that one");
    }
    gate.hear();
    let look = Some(gate.now.after(Duration::from_hours(24)));
    assert_eq!(
        gate.effects.wake_by, look,
        "whether jobs are to be forgotten"
    );
    assert_eq!(gate.next_due(), look);
}

#[test]
fn a_removed_pool_is_not_told_of_ended_jobs() {
    let (mut gate, job_id) = GateHarness::with_job();
    gate.cancel(&job_id);
    gate.config.has_pool = false;
    gate.wake_after(gate.config.ticket_resend);
    assert_eq!(gate.gone(), []);
    let look = gate.now.after(Duration::from_hours(24));
    assert_eq!(gate.effects.wake_by, Some(look));
}

#[test]
fn a_ticket_is_not_sent_again_in_the_turn_that_takes_the_lease_back() {
    let mut gate = GateHarness::beside(false);
    let jobs = gate.submit_many(Tier::Tier1, 2);
    gate.set_limit(1);
    gate.wake_for(&jobs[1]);
    assert_eq!(gate.sent(), jobs[..1]);
    let states = gate.states([&jobs[0], &jobs[1]]);
    assert_eq!(states, [State::Queued, State::Parked]);
}
