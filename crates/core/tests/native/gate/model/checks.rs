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
        let store = SqlStore::new(&self.gate.database);
        for word in &effects.words {
            // The list of failures hears all.
            store.forget_word(word).unwrap();
        }
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
        let submits = matches!(
            step,
            Step::Submit(..) | Step::SubmitWithKey { .. } | Step::Replay(_)
        );
        let are_few = effects.tickets.len() <= usize::from(submits);
        assert!(!has_pool || are_few, "P11: {:?}", effects.tickets);
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
            if self.gate.config.has_pool && !self.has_missed {
                assert_eq!(in_line, queued, "in the pool, of {job:?} after {step:?}");
            }
        }
        let dues = jobs.iter().filter(|job| !job.state.is_final());
        let dues = dues.filter_map(|job| job.due);
        let ends = jobs.iter().filter_map(Job::expires_at);
        let soonest = dues
            .chain(ends)
            .chain(self.reference.gone.values().copied());
        let soonest = soonest.min();
        // The alarm can be found again from the rows alone.
        let next = SqlStore::new(&self.gate.database).next_due(self.gate.now);
        assert_eq!(next, Ok(soonest));
        let alarm = self.alarm;
        let in_time = alarm.is_some_and(|alarm| Some(alarm) <= soonest);
        assert!(soonest.is_none() || in_time, "{alarm:?} is late");
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
            let queued = queued.iter().map(ReferenceJob::want);
            let line = self.line.iter();
            let known = line.map(|(id, known)| (id.clone(), known.0, known.1));
            assert!(known.eq(queued), "the pool knows all that waits");
        }
        let owed = &self.reference.gone;
        assert!(owed.is_empty(), "nothing is owed that was heard");
    }
}

/// P7 is among it: submission, age and attempts are the reference's.
fn agree(job: &Job, model: &ReferenceJob) {
    let failures: Vec<u32> = job.stages.iter().map(|stage| stage.failures).collect();
    assert_eq!((job.state, job.stage), (model.state, model.stage));
    assert_eq!(job.epoch, model.epoch);
    assert_eq!(job.reported, model.reported);
    assert_eq!(job.times_parked, model.times_parked);
    assert_eq!(failures, model.failures);
    assert_eq!(job.submitted_at, model.submitted_at);
    assert_eq!(job.rank.as_millis(), model.rank);
    assert_eq!(job.pool_rank().as_millis(), model.want().2);
    if !job.state.is_final() {
        assert_eq!(job.due, model.due, "{}: {:?}", job.job_id, job.state);
    }
}
