//! What a delivery makes of the answers that it gets.

use super::{
    Delivery,
    jobs::{CONFIRM_AFTER, PAUSE},
};
use crate::{
    delivery::{
        assignment::Assignment,
        stage::{Ending, report},
    },
    domain::{JobId, Timestamp},
    events::Event,
    gate::{self, Command, command::Start},
    line::want::Want,
    pool::command::{Exchange, Given},
};

impl Delivery {
    /// The pool's answer to an exchange, or none.
    pub fn exchanged(&mut self, now: Timestamp, others: u32, answer: Option<Given>) {
        let Some(exchange) = self.calls.exchange.take() else {
            return;
        };
        let Some(Given {
            jobs,
            lost,
            yields,
            held,
        }) = answer
        else {
            return self.not_exchanged(now, exchange);
        };
        self.calls.succeeded();
        self.yields |= yields;
        self.held = held;
        self.jobs.confirmed(exchange.running, &lost);
        self.jobs.take(now, others, jobs);
    }

    /// What could not be told is told with the next call, after a pause; in the end it runs out by itself.
    fn not_exchanged(&mut self, now: Timestamp, exchange: Exchange) {
        self.calls.failed(now);
        if self.calls.has_given_up() && self.load() == 0 {
            self.jobs.later.clear();
            return;
        }
        self.jobs.freed.splice(0..0, exchange.freed);
        let newer = std::mem::replace(&mut self.jobs.wants, exchange.wants);
        self.jobs.want(newer);
        self.jobs.seen.again(exchange.well, exchange.faults);
    }

    /// The pool's answer to who listened; empty when nothing came, `None` when the call failed.
    pub fn listened(&mut self, now: Timestamp, others: u32, answer: Option<Given>) {
        self.calls.is_listening = false;
        match answer {
            Some(Given { jobs, .. }) => self.jobs.take(now, others, jobs),
            None => self.calls.listen_at = now.after(PAUSE),
        }
    }

    /// A gate's answers about jobs that were to start, or `None` if it could not be asked; what is to be logged.
    pub fn started(
        &mut self,
        now: Timestamp,
        jobs: Vec<Want>,
        answer: Option<Vec<Start>>,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let answers = answer.filter(|starts| starts.len() == jobs.len());
        let mut starts = answers.into_iter().flatten();
        for want in jobs {
            self.jobs.asked(&want);
            match starts.next() {
                Some(Start::Run(grant)) => {
                    let confirm_at = self.has_pool.then(|| now.after(CONFIRM_AFTER));
                    self.jobs.run(now, confirm_at, want, grant);
                }
                Some(Start::Skip { reason }) => {
                    let job = (&want.ticket).into();
                    events.push(Event::Skipped { job, reason });
                    if self.has_pool {
                        self.jobs.freed.push(want.holding());
                    }
                }
                None if self.has_pool => self.jobs.give_back(now.after(PAUSE), want),
                None => drop(self.unreached.insert(want.ticket.job_id)),
            }
        }
        events
    }

    /// The work on the stage has stopped, and how. What to report of it to the gate, with `entropy` for the jitter of a
    /// pause: [`Delivery::reported`]; `None` where the lease is another's, so that nobody would hear it.
    ///
    /// A slot in which nothing follows is given up at once, beside the report: the next job need not wait for that.
    pub fn stopped(
        &mut self,
        now: Timestamp,
        assignment: &Assignment,
        ending: Ending,
        entropy: u32,
    ) -> Option<Command> {
        let job_id = assignment.job_id();
        let ending = match self.jobs.running.get_mut(job_id) {
            Some(running) => self.jobs.seen.ended(now, running, (assignment, ending)),
            None => ending,
        };
        let next = assignment.grant.next;
        let may_go_on = next.is_none_or(|stage| !self.held.contains(&stage));
        let has_next =
            matches!(ending, Ending::Made(_)) && assignment.has_next_stage() && may_go_on;
        let going = self.going(now, job_id, has_next);
        if self.has_pool && !going.on {
            self.jobs.stop(job_id);
        }
        let command = report((ending, now), assignment.holding(), going, entropy);
        if command.is_none() {
            self.reported(job_id, None);
        }
        command
    }

    /// The job's stage ended, and was reported; `None` where no gate answered.
    pub fn reported(&mut self, job_id: &JobId, reply: Option<gate::Reply>) {
        let Some(running) = self.jobs.running.remove(job_id) else {
            return;
        };
        // Its next lease waited for this work to stop, and is due at once.
        let later = self.jobs.later.iter_mut();
        for (at, _) in later.filter(|(_, want)| want.job_id() == job_id) {
            *at = self.began;
        }
        let (next, granted) = match reply {
            Some(gate::Reply::Reported { next, granted, .. }) => (next, granted),
            Some(_) | None => (None, Vec::new()),
        };
        self.jobs
            .ended(running, next.map(|grant| *grant), self.has_pool);
        self.jobs.want(granted);
    }
}
