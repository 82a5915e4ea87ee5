//! A gate on `SQLite` with a clock that a test moves.

use crate::{
    gate_commands::{LEAVES, completed, failed, holding},
    gate_steps::sold,
};
use queue_core::{
    config::{Config, GateConfig},
    domain::{JobId, Kind, SeriesId, Tier, Timestamp, UserId},
    gate::{
        Command, Effects, Job, Memory, Reply, SqlStore, State, Store, Turn, apply,
        command::{Grant, IdempotencyKey, NewJob, Outcome, SkipReason, Start},
        turn::Notice,
    },
    line::want::Want,
    storage::{Database, StorageError},
};
use std::{cell::Cell, time::Duration};
use testkit::Sqlite;

pub const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub struct GateHarness {
    pub database: Sqlite,
    memory: Memory,
    pub config: GateConfig,
    pub now: Timestamp,
    next_job: Cell<u8>,
    /// How often a plan was bought.
    purchases: u8,
    /// What the latest turn asked for.
    pub effects: Effects,
}

/// What became of a report.
#[derive(Debug, PartialEq)]
pub struct Reported {
    pub outcome: Outcome,
    pub state: Option<State>,
    /// The next stage, to be run by the same delivery.
    pub next: Option<Grant>,
    /// Jobs that the delivery takes along.
    pub granted: Vec<Want>,
}

impl GateHarness {
    pub fn new() -> Self {
        let database = Sqlite::in_memory().unwrap();
        SqlStore::new(&database).migrate().unwrap();
        Self {
            database,
            memory: Memory::default(),
            config: testkit::defaults().gate,
            now: START,
            next_job: Cell::new(0),
            purchases: 0,
            effects: Effects::default(),
        }
    }

    /// A gate beside no pool.
    pub fn without_pool() -> Self {
        let mut gate = Self::new();
        gate.config.has_pool = false;
        gate
    }

    /// What `TIERS` says from now on.
    pub fn set_tiers(&mut self, tiers: &str) {
        let config = Config::from_vars(&|name| (name == "TIERS").then(|| tiers.to_owned()));
        self.config.tiers = config.unwrap().gate.tiers;
    }

    /// One turn, as the object makes it.
    pub fn try_turn(&mut self, command: Command) -> Result<Reply, StorageError> {
        let store = SqlStore::new(&self.database);
        let user_id = UserId::try_from("user123".to_owned()).unwrap();
        let mut memory = std::mem::take(&mut self.memory);
        let (config, now) = (&self.config, self.now);
        let Turn { reply, effects } = self
            .database
            .atomically(|| apply(&store, &mut memory, config, now, &user_id, command))?;
        self.memory = memory;
        self.effects = effects;
        Ok(reply)
    }

    pub fn turn(&mut self, command: Command) -> Reply {
        self.try_turn(command).unwrap()
    }

    pub fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    /// The alarm rings; pauses are drawn as chance would have it.
    pub fn wake(&mut self) {
        self.turn(Command::Wake { entropy: 12_345 });
    }

    /// The alarm rings when that job is due.
    pub fn wake_for(&mut self, job_id: &JobId) {
        self.now = self.job(job_id).due.unwrap();
        self.wake();
    }

    /// A job id that no other call returns.
    pub fn new_id(&self) -> JobId {
        let number = self.next_job.get();
        self.next_job.set(number + 1);
        JobId::new(self.now, &[number; 10])
    }

    pub fn new_job(&self, tier: Option<Tier>) -> NewJob {
        NewJob {
            job_id: self.new_id(),
            kind: Kind::STORY,
            series_id: SeriesId::try_from("series".to_owned()).unwrap(),
            stated_tier: tier,
            tier_ceiling: None,
            script_chars: 0,
            weight: 7,
            payload: "{}".to_owned(),
            idempotency: None,
        }
    }

    pub fn submit(&mut self, tier: Tier) -> JobId {
        let job = self.new_job(Some(tier));
        let job_id = job.job_id.clone();
        let Reply::Submitted { replayed, .. } = self.turn(Command::Submit(job)) else {
            panic!("a submission is answered as one");
        };
        assert!(!replayed);
        job_id
    }

    /// Submits so many jobs, a millisecond apart.
    pub fn submit_many(&mut self, tier: Tier, count: usize) -> Vec<JobId> {
        let one = |_| {
            self.pass(Duration::from_millis(1));
            self.submit(tier)
        };
        (0..count).map(one).collect()
    }

    pub fn submit_with_key(&mut self, key: &str, fingerprint: &str) -> Reply {
        let idempotency = IdempotencyKey {
            key: key.to_owned(),
            fingerprint: fingerprint.to_owned(),
        };
        let job = NewJob {
            idempotency: Some(idempotency),
            ..self.new_job(None)
        };
        self.turn(Command::Submit(job))
    }

    /// A delivery would start the job under that epoch.
    pub fn start_as(&mut self, holder: &str, job_id: &JobId, epoch: u32) -> Start {
        let command = Command::Start {
            holder: holder.to_owned(),
            jobs: vec![holding(job_id, epoch)],
        };
        let Reply::Started { mut starts } = self.turn(command) else {
            panic!("a start is answered as one");
        };
        starts.pop().unwrap()
    }

    /// A delivery of its own would start the job as it is now.
    pub fn try_start(&mut self, job_id: &JobId) -> Start {
        let holder = format!("delivery-{}", self.new_id());
        let store = SqlStore::new(&self.database);
        let epoch = store.find(job_id).unwrap().map_or(1, |job| job.epoch);
        self.start_as(&holder, job_id, epoch)
    }

    pub fn start(&mut self, job_id: &JobId) -> Grant {
        match self.try_start(job_id) {
            Start::Run(grant) => grant,
            Start::Skip { reason } => panic!("expected a grant, not {reason:?}"),
        }
    }

    pub fn skipped(&mut self, job_id: &JobId) -> SkipReason {
        match self.try_start(job_id) {
            Start::Skip { reason } => reason,
            Start::Run(grant) => panic!("expected a skip, not {grant:?}"),
        }
    }

    /// Runs a job from its first start to its end.
    pub fn run_to_the_end(&mut self, job_id: &JobId) {
        for _ in Kind::STORY.stages() {
            let epoch = self.start(job_id).epoch;
            assert_eq!(self.complete(job_id, epoch).0, Outcome::Accepted);
        }
        assert_eq!(self.state(job_id), State::Succeeded);
    }

    pub fn report(&mut self, command: Command) -> Reported {
        let Reply::Reported {
            outcome,
            state,
            next,
            granted,
            ..
        } = self.turn(command)
        else {
            panic!("a report is answered as one");
        };
        Reported {
            outcome,
            state,
            next: next.map(|next| *next),
            granted,
        }
    }

    pub fn complete(&mut self, job_id: &JobId, epoch: u32) -> (Outcome, Option<State>) {
        let reported = self.report(completed(job_id, epoch, LEAVES));
        (reported.outcome, reported.state)
    }

    pub fn fail(
        &mut self,
        job_id: &JobId,
        epoch: u32,
        permanent: bool,
    ) -> (Outcome, Option<State>) {
        let reported = self.report(failed(job_id, epoch, permanent, LEAVES));
        (reported.outcome, reported.state)
    }

    pub fn cancel(&mut self, job_id: &JobId) -> State {
        let Reply::Job { view } = self.turn(Command::Cancel {
            job_id: job_id.clone(),
        }) else {
            panic!("a cancellation is answered with the job");
        };
        view.unwrap().job.state
    }

    /// The user buys the plan of that tier, later than any other.
    pub fn set_tier(&mut self, tier: Tier) {
        self.config.plans.prices = Tier::ALL.map(|tier| (tier.name().to_owned(), tier)).into();
        self.purchases += 1;
        self.turn(Command::SetPlan(sold(
            tier,
            (self.purchases, self.purchases),
        )));
    }

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

    /// The jobs of which the latest turn told the pool that they are gone.
    pub fn gone(&self) -> Vec<JobId> {
        let gone = self.effects.tell.gone.iter();
        gone.map(|gone| gone.job_id.clone()).collect()
    }

    /// What the latest turn had to log.
    pub fn notices(&self) -> Vec<Notice> {
        let notices = self.effects.notices.iter();
        notices.map(|(notice, _)| *notice).collect()
    }
}
