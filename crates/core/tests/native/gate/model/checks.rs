//! What must hold after each step of the model: the promises, and that the gate is as the reference.

use super::{Run, known};
use crate::gate::{reference::job::ReferenceJob, steps::Step};
use queue_core::{
    domain::Ticket,
    gate::{Job, SqlStore, State, Store},
    line::want::Want,
};

impl Run {
    /// What the turn asked for is done, if anybody hears it.
    pub(super) fn follow(&mut self, step: &Step, granted: &[Want]) {
        let effects = &self.gate.effects;
        self.alarm = [self.alarm, effects.wake_by].into_iter().flatten().min();
        let has_pool = self.gate.config.has_pool;
        let mut told: Vec<_> = effects.tell.wants.iter().map(known).collect();
        if !has_pool {
            let ticket = |ticket: &Ticket| {
                let rank = self.gate.job(&ticket.job_id).pool_rank().as_millis();
                (ticket.job_id.clone(), ticket.epoch.unwrap(), rank)
            };
            told.extend(effects.tickets.iter().map(ticket));
        }
        let gone = effects.tell.gone.iter();
        let mut gone: Vec<_> = gone.map(|gone| (gone.job_id.clone(), gone.epoch)).collect();
        let mut said = self.reference.said();
        told.sort();
        said.told.sort();
        gone.sort();
        said.gone.sort();
        assert_eq!((&told, &gone), (&said.told, &said.gone), "{step:?}");
        let submits = matches!(step, Step::Submit(_) | Step::SubmitWithKey { .. });
        let tickets = effects.tickets.len();
        assert!(
            !has_pool || tickets <= usize::from(submits),
            "P11: {tickets} tickets"
        );
        if self.is_deaf {
            self.has_missed |= !(told.is_empty() && gone.is_empty() && granted.is_empty());
            return;
        }
        for (id, epoch) in &gone {
            if self.line.get(id).is_some_and(|known| known.0 <= *epoch) {
                self.line.remove(id);
            }
        }
        self.heard.extend(gone);
        for (id, epoch, rank) in told.into_iter().chain(granted.iter().map(known)) {
            self.line.insert(id, (epoch, rank));
        }
    }

    pub(super) fn check(&mut self, step: &Step) {
        let (held, limit) = (self.gate.held(), self.reference.limit());
        let held = usize::try_from(held).unwrap();
        let jobs = &self.jobs;
        let mut leased = jobs.iter().filter(|job| job.state.holds_lease());
        let all_begun = leased.all(|job| job.state == State::Running || job.has_begun());
        let are = |state| jobs.iter().filter(|job| job.state == state).count();
        assert!(
            held <= limit || all_begun,
            "P1: {held} leases at limit {limit}, and not all of them have begun"
        );
        let parked = are(State::Parked);
        assert!(
            parked == 0 || held >= limit,
            "P4: {parked} parked while {held} of {limit} leases are held"
        );
        let expected = self.reference.jobs.len();
        assert_eq!(jobs.len(), expected, "P2: no job is lost or made up");
        for job in jobs {
            let waits = job.state.is_final() || job.state == State::Parked || job.due.is_some();
            assert!(waits, "nothing will ever wake {job:?}");
            let expected = self.reference.at(&job.job_id).clone();
            agree(job, &expected);
            let in_line = self.line.get(&job.job_id).map(|known| known.0);
            let queued = (job.state == State::Queued).then_some(job.epoch);
            let is_known = self.has_missed || !self.gate.config.has_pool || in_line == queued;
            assert!(
                is_known,
                "the pool knows {in_line:?} of {job:?} after {step:?}"
            );
        }
        let dues = jobs.iter().filter_map(|job| job.due);
        let soonest = dues.chain(self.reference.gone.values().copied()).min();
        // The alarm can be found again from the rows alone.
        let next = SqlStore::new(&self.gate.database).next_due();
        assert_eq!(next, Ok(soonest));
        let in_time = self.alarm.is_some_and(|alarm| Some(alarm) <= soonest);
        assert!(
            soonest.is_none() || in_time,
            "{:?} is late for {soonest:?}",
            self.alarm
        );
    }

    /// Whatever was lost on the way: once somebody hears again, the alarm mends it.
    pub(super) fn recover(&mut self) {
        self.is_deaf = false;
        for step in [Step::Pass(7_200), Step::Wake, Step::Told] {
            self.take(&step);
        }
        self.has_missed = false;
        if self.gate.config.has_pool {
            let mut queued = self.reference.in_state(State::Queued);
            queued.sort_by_key(|job| job.id.clone());
            let queued: Vec<_> = queued.iter().map(ReferenceJob::want).collect();
            let known = self
                .line
                .iter()
                .map(|(id, known)| (id.clone(), known.0, known.1));
            assert!(
                known.eq(queued),
                "the pool knows all that waits for its turn"
            );
        }
        let owed = &self.reference.gone;
        assert!(owed.is_empty(), "nothing is owed that was heard");
    }
}

/// P7 is among it: submission, age and attempts are the reference's.
fn agree(job: &Job, expected: &ReferenceJob) {
    let failures: Vec<u32> = job.stages.iter().map(|stage| stage.failures).collect();
    let at = (job.state, job.stage, job.epoch, job.reported);
    let expected_at = (
        expected.state,
        expected.stage,
        expected.epoch,
        expected.reported,
    );
    assert_eq!(at, expected_at, "{}", job.job_id);
    assert_eq!(failures, expected.failures, "{}", job.job_id);
    let age = (
        job.times_parked,
        job.submitted_at,
        job.rank.as_millis(),
        job.pool_rank().as_millis(),
    );
    let expected_age = (
        expected.times_parked,
        expected.submitted_at,
        expected.rank,
        expected.want().2,
    );
    assert_eq!(age, expected_age, "{}", job.job_id);
    if !job.state.is_final() {
        assert_eq!(job.due, expected.due, "{}: {:?}", job.job_id, job.state);
    }
}
