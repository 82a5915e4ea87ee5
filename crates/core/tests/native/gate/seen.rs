//! What a test sees of a gate: its rows, what it answers to questions, and what its latest turn asked for.

use super::harness::GateHarness;
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Rank, Tier, Timestamp},
    gate::{
        Command, Job, Reply, SqlStore, State, Store,
        command::{AccountView, JobView},
        turn::Notice,
    },
};

impl GateHarness {
    pub fn job(&self, job_id: &JobId) -> Job {
        SqlStore::new(&self.database).find(job_id).unwrap().unwrap()
    }

    pub fn state(&self, job_id: &JobId) -> State {
        self.job(job_id).state
    }

    pub fn states<const N: usize>(&self, jobs: [&JobId; N]) -> [State; N] {
        jobs.map(|job_id| self.state(job_id))
    }

    /// Every job, newest first.
    pub fn jobs(&self) -> Vec<Job> {
        SqlStore::new(&self.database)
            .page(None, None, None, u32::MAX)
            .unwrap()
    }

    pub fn held(&self) -> u32 {
        SqlStore::new(&self.database).held().unwrap()
    }

    pub fn view(&mut self, job_id: &JobId) -> JobView {
        let job_id = job_id.clone();
        let Reply::Job { view: Some(view) } = self.turn(Command::Job { job_id }) else {
            panic!("a question for a job is answered with it");
        };
        *view
    }

    pub fn account(&mut self) -> AccountView {
        let Reply::Account { account } = self.turn(Command::Account) else {
            panic!("a question is answered");
        };
        account
    }

    /// The rank of a job of that tier, submitted then.
    pub fn rank_of(&self, submitted_at: Timestamp, tier: Tier) -> Rank {
        let priority = self.config.tiers.of(tier).priority;
        Rank::new(submitted_at, priority, self.config.priority_boost)
    }

    /// Seconds until that job is due.
    pub fn pause(&self, job_id: &JobId) -> i64 {
        self.job(job_id).due.unwrap().millis_since(self.now) / 1_000
    }

    /// The jobs whose tickets the latest turn sent.
    pub fn sent(&self) -> Vec<JobId> {
        let tickets = self.effects.tickets.iter();
        tickets.map(|ticket| ticket.job_id.clone()).collect()
    }

    /// The jobs of which the latest turn told the pool that they wait for their turn.
    pub fn told(&self) -> Vec<JobId> {
        let wants = self.effects.tell.wants.iter();
        wants.map(|want| want.job_id().clone()).collect()
    }

    /// The jobs of which the latest turn told the pool that they are gone, oldest first.
    pub fn gone(&self) -> Vec<JobId> {
        let gone = self.effects.tell.gone.iter();
        let mut gone: Vec<_> = gone.map(|gone| gone.job_id.clone()).collect();
        gone.sort();
        gone
    }

    /// The latest turn made no job known to anybody.
    pub fn is_silent(&self) -> bool {
        self.effects.tell.wants.is_empty() && self.effects.tickets.is_empty()
    }

    /// What the latest turn had to log.
    pub fn notices(&self) -> Vec<Notice> {
        let notices = self.effects.notices.iter();
        notices.map(|(notice, _)| *notice).collect()
    }
}
