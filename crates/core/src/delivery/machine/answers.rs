//! What a delivery makes of the answers that it gets.

use super::{CONFIRM_AFTER, Delivery, PAUSE, PAUSE_MAX, Running, STOP_WITHIN, TRIES};
use crate::{
    delivery::assignment::Assignment,
    domain::{JobId, Timestamp},
    events::Event,
    gate::{
        self,
        command::{Grant, SkipReason, Start},
    },
    line::{
        pause::doubled,
        want::{Holding, Want},
    },
    pool::command::{Exchange, Given},
};

impl Delivery {
    /// The pool's answer to an exchange, or none.
    pub fn exchanged(&mut self, now: Timestamp, others: u32, answer: Option<Given>) {
        let Some(exchange) = self.exchange.take() else {
            return;
        };
        let Some(Given { jobs, lost, yields }) = answer else {
            return self.not_exchanged(now, exchange);
        };
        self.failures = 0;
        self.exchanges = self.exchanges.saturating_add(1);
        self.yields |= yields;
        for Holding { job_id, epoch } in exchange.running {
            // Not one that was given up and taken again meanwhile; but perhaps at its next stage.
            let running = self.running.get_mut(&job_id);
            let Some(running) = running.filter(|running| running.want.epoch() < epoch) else {
                continue;
            };
            running.is_lost |= lost.contains(&job_id);
            if running.epoch == epoch {
                running.confirm_at = None;
            }
        }
        self.take(now, others, jobs);
    }

    /// What could not be told is told with the next call, after a pause; in the end it runs out by itself.
    fn not_exchanged(&mut self, now: Timestamp, exchange: Exchange) {
        let pause = doubled(PAUSE, self.failures).min(PAUSE_MAX);
        self.failures = self.failures.saturating_add(1);
        self.pause_until = Some(now.after(pause));
        if self.failures >= TRIES && self.load() == 0 {
            self.later.clear();
            return;
        }
        self.freed.splice(0..0, exchange.freed);
        let newer = std::mem::replace(&mut self.wants, exchange.wants);
        self.want(newer);
        self.renew_at = self.renew_at.min(now);
    }

    /// The pool's answer to who listened; empty when nothing came, `None` when the call failed.
    pub fn listened(&mut self, now: Timestamp, others: u32, answer: Option<Given>) {
        self.is_listening = false;
        match answer {
            Some(Given { jobs, .. }) => self.take(now, others, jobs),
            None => self.listen_at = now.after(PAUSE),
        }
    }

    /// Jobs that the pool gave, each with a slot. What came before is not taken twice; what does not fit any more, since
    /// another delivery of the isolate took something, goes back into the line. So does a job that still runs here under a
    /// lease that its gate has taken back: that work must stop first.
    fn take(&mut self, now: Timestamp, others: u32, jobs: Vec<Want>) {
        for want in jobs {
            let running = self.running.get_mut(want.job_id());
            if let Some(older) = running.filter(|running| running.epoch < want.epoch()) {
                older.is_lost = true;
                self.give_back(now.after(STOP_WITHIN), want);
                continue;
            }
            if self.knows(&want) {
                continue;
            }
            self.taken.retain(|older| older.job_id() != want.job_id());
            if self.fits(&want, others) {
                self.taken.push(want);
            } else {
                self.give_back(now.after(PAUSE), want);
            }
        }
    }

    fn give_back(&mut self, until: Timestamp, want: Want) {
        self.freed.push(want.holding());
        self.later.push((until, want));
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
        let starts: Vec<Option<Start>> = match answers {
            Some(starts) => starts.into_iter().map(Some).collect(),
            None => vec![None; jobs.len()],
        };
        for (want, start) in jobs.into_iter().zip(starts) {
            let starting = self.starting.get(want.job_id());
            if starting.is_some_and(|asked| asked.epoch() == want.epoch()) {
                self.starting.remove(want.job_id());
            }
            match start {
                Some(Start::Run(grant)) => self.run(now, want, grant),
                Some(Start::Skip { reason }) => {
                    events.push(self.skip(&want, reason));
                }
                None if self.has_pool => self.give_back(now.after(PAUSE), want),
                None => drop(self.unreached.insert(want.ticket.job_id)),
            }
        }
        events
    }

    fn run(&mut self, now: Timestamp, want: Want, grant: Grant) {
        let running = Running {
            want: want.clone(),
            epoch: grant.epoch,
            confirm_at: self.has_pool.then(|| now.after(CONFIRM_AFTER)),
            is_lost: false,
        };
        self.running.insert(want.job_id().clone(), running);
        self.next.push(Assignment { want, grant });
    }

    fn skip(&mut self, want: &Want, reason: SkipReason) -> Event {
        if self.has_pool {
            self.freed.push(want.holding());
        }
        let job = (&want.ticket).into();
        Event::Skipped { job, reason }
    }

    /// The job's stage ended, and was reported; `None` where no gate answered.
    pub fn reported(&mut self, job_id: &JobId, reply: Option<gate::Reply>) {
        let Some(running) = self.running.remove(job_id) else {
            return;
        };
        // Its next lease waited for this work to stop, and is due at once.
        for (at, _) in self
            .later
            .iter_mut()
            .filter(|(_, want)| want.job_id() == job_id)
        {
            *at = self.began;
        }
        let (next, granted) = match reply {
            Some(gate::Reply::Reported { next, granted, .. }) => (next, granted),
            Some(_) | None => (None, Vec::new()),
        };
        if let Some(grant) = next {
            let mut running = running;
            running.epoch = grant.epoch;
            let want = running.want.clone();
            self.running.insert(job_id.clone(), running);
            self.next.push(Assignment {
                want,
                grant: *grant,
            });
        } else if self.has_pool {
            self.freed.push(Holding {
                job_id: job_id.clone(),
                epoch: running.epoch,
            });
        }
        self.want(granted);
    }
}
