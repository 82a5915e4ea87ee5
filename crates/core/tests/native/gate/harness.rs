//! A gate on `SQLite` with a clock that a test moves.

use crate::harness::{Harness, START, vars};
use queue_core::{
    config::{Config, GateConfig},
    domain::{JobId, Kind, SeriesId, Tier, Timestamp, UserId, Window},
    gate::{
        Command, Effects, Memory, Reply, SqlStore, Turn, apply,
        command::{IdempotencyKey, MonthUse, NewJob},
        next_due,
    },
    storage::{Database, StorageError},
};
use serde_json::Value;
use std::{cell::Cell, time::Duration};
use testkit::{STORY, Sqlite};

pub struct GateHarness {
    pub database: Sqlite,
    /// Whose gate it is.
    pub user_id: UserId,
    memory: Memory,
    pub config: GateConfig,
    pub now: Timestamp,
    next_job: Cell<u32>,
    /// How often a plan was bought.
    pub purchases: u8,
    /// What the latest turn asked for.
    pub effects: Effects,
}

impl Harness for GateHarness {
    type Command = Command;
    type Reply = Reply;

    // Pauses are drawn as chance would have it.
    const WAKE: Command = Command::Wake { entropy: 12_345 };

    fn clock(&mut self) -> &mut Timestamp {
        &mut self.now
    }

    fn try_turn(&mut self, command: Command) -> Result<Reply, StorageError> {
        let store = SqlStore::new(&self.database);
        let user_id = self.user_id.clone();
        let mut memory = std::mem::take(&mut self.memory);
        let (config, now) = (&self.config, self.now);
        let Turn { reply, effects } = self
            .database
            .atomically(|| apply(&store, &mut memory, config, now, &user_id, command))?;
        self.memory = memory;
        self.effects = effects;
        Ok(reply)
    }
}

/// Gates to begin with.
impl GateHarness {
    pub fn new() -> Self {
        Self::on(Sqlite::in_memory().unwrap())
    }

    pub fn on(database: Sqlite) -> Self {
        SqlStore::new(&database).migrate().unwrap();
        let mut gate = Self {
            database,
            user_id: UserId::try_from("user123".to_owned()).unwrap(),
            memory: Memory::default(),
            config: testkit::defaults().gate,
            now: START,
            next_job: Cell::new(0),
            purchases: 0,
            effects: Effects::default(),
        };
        gate.set_tiers("{}");
        gate
    }

    /// A gate beside a pool, or beside none.
    pub fn beside(has_pool: bool) -> Self {
        let mut gate = Self::new();
        gate.config.has_pool = has_pool;
        gate
    }

    /// A gate that somebody watches.
    pub fn watched() -> Self {
        let mut gate = Self::new();
        gate.memory.is_watched = true;
        gate
    }

    /// A gate with one job, which waits for its turn.
    pub fn with_job() -> (Self, JobId) {
        let mut gate = Self::new();
        let job_id = gate.submit(Tier::Tier1);
        (gate, job_id)
    }

    /// A gate with so many jobs, oldest first, a millisecond apart.
    pub fn with_jobs<const N: usize>(tier: Tier) -> (Self, [JobId; N]) {
        let mut gate = Self::new();
        let jobs = gate.submit_many(tier, N).try_into().unwrap();
        (gate, jobs)
    }

    /// A gate with one job that runs, and the epoch under which it does.
    pub fn running() -> (Self, JobId, u32) {
        let (mut gate, job_id) = Self::with_job();
        let epoch = gate.start(&job_id).epoch;
        (gate, job_id, epoch)
    }

    /// The object is evicted: what it had in memory is gone.
    pub fn evict(&mut self) {
        self.memory = Memory::default();
    }

    /// What `KINDS` says from now on.
    pub fn set_kinds(&mut self, kinds: &str) {
        let config = Config::from_vars(&vars(&[("KINDS", kinds)]));
        self.config.kinds = config.unwrap().gate.kinds;
    }

    /// A gate where a story has these quotas.
    pub fn with_quotas(quotas: &str) -> Self {
        let mut gate = Self::new();
        gate.set_quotas(quotas);
        gate
    }

    /// The quotas of a story from now on.
    pub fn set_quotas(&mut self, quotas: &str) {
        let story = format!(r#"{{"stages":["image","audio","video"],"quotas":{quotas}}}"#);
        self.set_kinds(&format!(r#"{{"story":{story}}}"#));
    }

    /// What is used of the month's quota of stories, if there is one.
    pub fn month(&mut self) -> Option<MonthUse> {
        self.account().months.remove(&Kind::story())
    }

    /// What `TIERS` says from now on.
    /// Any number of jobs may wait, where `tiers` do not say how many.
    pub fn set_tiers(&mut self, tiers: &str) {
        let mut tiers: Value = serde_json::from_str(tiers).unwrap();
        for tier in Tier::ALL {
            let most = &mut tiers[tier.name()]["maxParkedJobs"];
            if most.is_null() {
                *most = 0.into();
            }
        }
        let config = Config::from_vars(&vars(&[("TIERS", &tiers.to_string())]));
        self.config.tiers = config.unwrap().gate.tiers;
    }

    /// How many jobs of tier1 may run, from now on.
    pub fn set_limit(&mut self, limit: u32) {
        self.set_tiers(&format!(r#"{{"tier1":{{"maxConcurrentJobs":{limit}}}}}"#));
    }

    /// The alarm rings when that job is due.
    pub fn wake_for(&mut self, job_id: &JobId) {
        self.wake_at(self.job(job_id).due.unwrap());
    }
}

/// What a submission asks for.
impl GateHarness {
    /// When the alarm must ring, as the rows alone say.
    pub fn next_due(&self) -> Option<Timestamp> {
        let store = SqlStore::new(&self.database);
        next_due(&store, &Memory::default(), &self.config, self.now).unwrap()
    }

    /// A job id that no other call returns.
    pub fn new_id(&self) -> JobId {
        let number = self.next_job.get();
        self.next_job.set(number + 1);
        let mut random = [0; 10];
        random[6..].copy_from_slice(&number.to_be_bytes());
        JobId::new(self.now, &random)
    }

    pub fn new_job(&self, tier: Option<Tier>) -> NewJob {
        NewJob {
            job_id: self.new_id(),
            kind: Kind::story(),
            stages: STORY.to_vec(),
            series_id: SeriesId::try_from("series".to_owned()).unwrap(),
            stated_tier: tier,
            tier_ceiling: None,
            claimed_tier: None,
            chars: 0,
            weight: 7,
            window: Window::default(),
            payload: "{}".to_owned(),
            idempotency: None,
        }
    }

    pub fn submit(&mut self, tier: Tier) -> JobId {
        self.submit_job(self.new_job(Some(tier)))
    }

    pub fn submit_job(&mut self, job: NewJob) -> JobId {
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

    pub fn keyed_job(&self, key: &str, fingerprint: &str) -> NewJob {
        let idempotency = IdempotencyKey {
            key: key.to_owned(),
            fingerprint: fingerprint.to_owned(),
        };
        NewJob {
            idempotency: Some(idempotency),
            ..self.new_job(None)
        }
    }

    pub fn submit_with_key(&mut self, key: &str, fingerprint: &str) -> Reply {
        let job = self.keyed_job(key, fingerprint);
        self.turn(Command::Submit(job))
    }
}
