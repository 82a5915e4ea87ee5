//! The obvious design: a consumer gets ten messages, sorts them by priority, asks a counter about the user and
//! one about all workers, and has the queue deliver again in 30 seconds what may not run.

use super::{
    agenda::Agenda,
    window::{Filled, Window},
};
use crate::{
    ledger::{Ledger, Outcome},
    trace::Trace,
};
use queue_core::config::GateConfig;

const BATCH: usize = 10;
const TIMEOUT_MS: i64 = 1_000;
const RETRY_MS: i64 = 30_000;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Event {
    Arrive(usize),
    Again(usize),
    Deliver(u64),
    End(usize),
}

/// Serves the trace. Nothing is dropped: a queue would do so after `max_retries`.
#[must_use]
pub fn serve(trace: &Trace, config: &GateConfig) -> Outcome {
    let mut agenda = Agenda::new();
    for (job, arrival) in trace.arrivals.iter().enumerate() {
        agenda.at(arrival.at, Event::Arrive(job));
    }
    let mut ledger = Ledger::new(trace, config);
    let mut window = Window::new(TIMEOUT_MS, BATCH);
    let (mut active, mut users) = (0, vec![0; trace.users.len()]);
    while let Some((now, event)) = agenda.pop() {
        match event {
            Event::Arrive(job) => {
                ledger.arrive(job, now);
                enqueue(&mut window, &mut agenda, now, job);
            }
            Event::Again(job) => enqueue(&mut window, &mut agenda, now, job),
            Event::Deliver(batch) => {
                let mut jobs = window.take(batch);
                ledger.deliver(jobs.len());
                jobs.sort_by_key(|job| std::cmp::Reverse(trace.arrivals[*job].tier));
                for job in jobs {
                    let arrival = &trace.arrivals[job];
                    let limit = config.tiers.of(arrival.tier).max_concurrent_jobs;
                    if active < trace.slots && users[arrival.user] < limit {
                        active += 1;
                        users[arrival.user] += 1;
                        ledger.start(job, now);
                        agenda.at(now + arrival.service, Event::End(job));
                    } else {
                        agenda.at(now + RETRY_MS, Event::Again(job));
                    }
                }
            }
            Event::End(job) => {
                active -= 1;
                users[trace.arrivals[job].user] -= 1;
                ledger.end(job, now);
            }
        }
    }
    ledger.close()
}

fn enqueue(window: &mut Window<usize>, agenda: &mut Agenda<Event>, now: i64, job: usize) {
    match window.push(now, job) {
        Filled::Opens(due, batch) => agenda.at(due, Event::Deliver(batch)),
        Filled::Full(batch) => agenda.at(now, Event::Deliver(batch)),
        Filled::Joins => {}
    }
}
