//! Leases and the line of the reference: who gets one, who loses one, and who hears of it.

use super::Reference;
use queue_core::{
    domain::JobId,
    gate::{State, command::ReplayOutcome},
};
use std::time::Duration;

impl Reference {
    pub(super) fn resend(&self, sends: u32) -> Duration {
        let seconds = self.config.ticket_resend.as_secs() << sends.min(20);
        Duration::from_secs(seconds.min(3_600))
    }

    pub(super) fn grant(&mut self, id: &JobId) {
        self.queue(id);
        let job = self.at(id);
        (job.has_begun, job.granted_under) = (false, job.epoch);
    }

    pub(super) fn queue(&mut self, id: &JobId) {
        let job = self.at(id);
        (job.state, job.epoch, job.sends) = (State::Queued, job.epoch + 1, 0);
        self.announce(id);
    }

    pub(super) fn announce(&mut self, id: &JobId) {
        let sends = self.at(id).sends;
        let due = self.now.after(self.resend(sends));
        let job = self.at(id);
        (job.due, job.sends) = (Some(due), job.sends + 1);
        let want = job.want();
        if self.going.carries {
            self.said.granted.push(want);
        } else {
            self.said.told.push(want);
        }
    }

    pub(super) fn leave_line(&mut self, id: &JobId) {
        let job = self.at(id).clone();
        if job.state == State::Queued {
            self.said.told.retain(|want| want.0 != job.id);
            if self.config.has_pool {
                let due = self.now.after(self.resend(0));
                self.gone.insert((job.id.clone(), job.epoch), due);
                self.said.gone.push((job.id, job.epoch));
            }
        }
    }

    /// As many leases as the limit: to the best parked, or from the worst that have not started.
    pub(super) fn level(&mut self) {
        while self.held() < self.limit()
            && let Some(best) = self.in_state(State::Parked).first()
        {
            if best.is_late(self.now) {
                self.end(&best.id, State::Expired);
                continue;
            }
            if best.granted_under == 0 && best.times_parked > 0 {
                self.at(&best.id).age_from = self.now;
            }
            self.grant(&best.id);
        }
        self.shed();
    }

    pub(super) fn shed(&mut self) {
        while self.held() > self.limit()
            && let Some(worst) = self
                .in_state(State::Queued)
                .iter()
                .rfind(|job| !job.has_begun)
        {
            self.leave_line(&worst.id);
            self.park(&worst.id);
        }
    }

    pub(super) fn park(&mut self, id: &JobId) {
        let job = self.at(id);
        (job.state, job.due, job.times_parked) = (State::Parked, None, job.times_parked + 1);
    }

    /// Puts the job off, if its time has not come.
    pub(super) fn puts_off(&mut self, id: &JobId) -> bool {
        let now = self.now;
        let job = self.at(id);
        let opens_at = job.window.not_before.filter(|at| *at > now);
        if let Some(at) = opens_at {
            let due = at.min(now.after(Duration::from_hours(24)));
            (job.state, job.due) = (State::Scheduled, Some(due));
        }
        opens_at.is_some()
    }

    pub(super) fn end(&mut self, id: &JobId, state: State) {
        self.leave_line(id);
        let now = self.now;
        let job = self.at(id);
        (job.state, job.due, job.ended_at) = (state, None, now);
    }

    /// A job that ended without success begins anew.
    pub fn replay(&mut self, id: &JobId) -> ReplayOutcome {
        let state = self.at(id).state;
        if state == State::Succeeded {
            return ReplayOutcome::Succeeded;
        }
        if !state.is_final() {
            return ReplayOutcome::Repeated;
        }
        self.level();
        let (of_user, now) = (self.tier, self.now);
        let is_planned = !self.events.is_empty();
        let job = self.at(id);
        (job.epoch, job.cancel) = (job.epoch + 1, false);
        job.stage += usize::from(std::mem::take(&mut job.made_in_vain));
        job.failures[job.stage] = 0;
        if is_planned {
            job.tier = job.lowered.unwrap_or(of_user).min(of_user);
        }
        let had_been_put_off = std::mem::take(&mut job.window).not_before.is_some();
        if state != State::Failed {
            let age = job.ended_at.millis_since(job.base).try_into().unwrap_or(0);
            job.base = now.before(Duration::from_millis(age)).max(job.submitted_at);
            (job.age_from, job.granted_under) = (job.base, 0);
        } else if had_been_put_off {
            let base = job.base.min(now);
            if job.age_from == job.base {
                job.age_from = base;
            }
            job.base = base;
        }
        let (base, tier) = (job.base, job.tier);
        let rank = self.rank(base, tier);
        self.at(id).rank = rank;
        if self.held() < self.limit() {
            self.grant(id);
        } else {
            self.park(id);
        }
        ReplayOutcome::Begun
    }

    pub(super) fn run(&mut self, id: &JobId, holder: &str) -> u32 {
        let (now, until) = (self.now, self.now.after(self.config.lease));
        let job = self.at(id);
        (job.state, job.due, job.has_begun) = (State::Running, Some(until), true);
        job.started_at.get_or_insert(now);
        (job.epoch, job.holder) = (job.epoch + 1, holder.to_owned());
        job.epoch
    }
}
