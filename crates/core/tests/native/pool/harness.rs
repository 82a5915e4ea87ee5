//! A pool on `SQLite` with deliveries that call it and a clock that a test moves.

use super::jobs::ids;
use crate::harness::{Harness, START};
use queue_core::{
    config::PoolConfig,
    domain::{JobId, Kind, Stage, Ticket, Tier, Timestamp, UserId},
    line::want::{Holding, Want},
    pool::{
        Claim, Command, Desk, Effects, Hold, Reply, SqlStore, Store, Turn, apply,
        command::{Place, Tell},
        turn::Notice,
    },
    storage::{Database, StorageError},
};
use std::{cell::Cell, collections::BTreeMap, time::Duration};
use testkit::Sqlite;

pub struct PoolHarness {
    pub database: Sqlite,
    pub config: PoolConfig,
    pub desk: Desk,
    pub now: Timestamp,
    /// When each delivery began.
    pub(super) began: BTreeMap<String, Timestamp>,
    /// What each delivery was given and has not spoken of.
    pub has: BTreeMap<String, BTreeMap<JobId, u32>>,
    next_job: Cell<u32>,
    /// What the latest turn asked for.
    pub effects: Effects,
}

impl Harness for PoolHarness {
    type Command = Command;
    type Reply = Reply;

    const WAKE: Command = Command::Wake;

    fn clock(&mut self) -> &mut Timestamp {
        &mut self.now
    }

    fn try_turn(&mut self, command: Command) -> Result<Reply, StorageError> {
        let store = SqlStore::new(&self.database);
        let desk = &mut self.desk;
        let Turn { reply, effects } = self
            .database
            .atomically(|| apply(&store, desk, &self.config, self.now, command))?;
        for (delivery, jobs) in &effects.answers {
            self.gets(delivery, jobs);
        }
        self.effects = effects;
        Ok(reply)
    }
}

impl PoolHarness {
    pub fn new(capacity: u32) -> Self {
        let database = Sqlite::in_memory().unwrap();
        SqlStore::new(&database).migrate().unwrap();
        Self {
            database,
            config: PoolConfig {
                max_backlog: 0,
                capacity,
                ..testkit::defaults().pool
            },
            desk: Desk::default(),
            now: START,
            began: BTreeMap::new(),
            has: BTreeMap::new(),
            next_job: Cell::new(0),
            effects: Effects::default(),
        }
    }

    /// A pool with one job, which waits for a slot.
    pub fn with_job(capacity: u32) -> (Self, Want) {
        let mut pool = Self::new(capacity);
        let want = pool.told(Tier::Tier1);
        (pool, want)
    }

    /// A pool with so many jobs, oldest first, a millisecond apart.
    pub fn with_jobs(capacity: u32, tier: Tier, count: usize) -> (Self, Vec<Want>) {
        let mut pool = Self::new(capacity);
        let wants = pool.told_many(tier, count);
        (pool, wants)
    }

    /// A pool with one job, which runs in the delivery `one`.
    pub fn running(capacity: u32) -> (Self, Want) {
        let mut pool = Self::new(capacity);
        let want = pool.run("one", 1).remove(0);
        (pool, want)
    }

    /// The object is evicted: what it had in memory is gone.
    pub fn evict(&mut self) {
        self.desk = Desk::default();
    }

    pub fn hang_up(&mut self, delivery: &str) {
        self.desk.hang_up(delivery, self.now);
    }

    /// A job of that tier, submitted now, under its first lease.
    pub fn want(&self, tier: Tier) -> Want {
        let number = self.next_job.get();
        self.next_job.set(number + 1);
        let config = testkit::defaults().gate;
        let priority = config.tiers.of(tier).priority;
        let mut random = [0; 10];
        random[..4].copy_from_slice(&number.to_be_bytes());
        let ticket = Ticket {
            job_id: JobId::new(self.now, &random),
            user_id: UserId::try_from(format!("user{number}")).unwrap(),
            kind: Kind::story(),
            stage: Stage::Image,
            tier,
            priority,
            submitted_at: self.now,
            epoch: Some(1),
            weight: Some(1),
            aged_from: None,
        };
        Want::of(ticket, config.priority_boost)
    }

    /// What a gate tells.
    pub fn tell(&mut self, wants: &[Want], gone: &[Holding]) {
        self.turn(Command::Tell(Tell {
            wants: wants.to_vec(),
            gone: gone.to_vec(),
            ticketed: false,
        }));
    }

    /// A gate tells of one job.
    pub fn tells(&mut self, want: &Want) {
        self.tell(std::slice::from_ref(want), &[]);
    }

    /// A gate tells of a new job of that tier.
    pub fn told(&mut self, tier: Tier) -> Want {
        let want = self.want(tier);
        self.tells(&want);
        want
    }

    /// Gates tell of so many new jobs, a millisecond apart.
    pub fn told_many(&mut self, tier: Tier, count: usize) -> Vec<Want> {
        let one = |_| {
            self.pass(Duration::from_millis(1));
            self.told(tier)
        };
        (0..count).map(one).collect()
    }

    pub fn place(&mut self, want: &Want) -> Place {
        let job_id = want.job_id().clone();
        let Reply::Place { place } = self.turn(Command::Place {
            job_id,
            coming: None,
        }) else {
            panic!("a question for a place is answered with it");
        };
        place
    }

    pub fn find(&self, want: &Want) -> Option<Claim> {
        SqlStore::new(&self.database).find(want.job_id()).unwrap()
    }

    /// Every claim, by id.
    pub fn claims(&self) -> Vec<Claim> {
        let sql = "SELECT record FROM jobs ORDER BY job_id";
        SqlStore::new(&self.database).records(sql, &[]).unwrap()
    }

    pub fn hold(&self, want: &Want) -> Option<Hold> {
        self.find(want).map(|claim| claim.hold)
    }

    /// How a job is held, and by which delivery.
    pub fn holder(&self, want: &Want) -> (Hold, Option<String>) {
        let claim = self.find(want).unwrap();
        (claim.hold, claim.by)
    }

    pub fn held(&self) -> u32 {
        SqlStore::new(&self.database).held().unwrap()
    }

    /// The open calls that the latest turn answered, and with which jobs.
    pub fn answered(&self) -> Vec<(&str, Vec<JobId>)> {
        let answers = self.effects.answers.iter();
        answers
            .map(|(name, jobs)| (name.as_str(), ids(jobs)))
            .collect()
    }

    /// The jobs whose tickets the latest turn sent.
    pub fn sent(&self) -> Vec<JobId> {
        let tickets = self.effects.tickets.iter();
        tickets.map(|ticket| ticket.job_id.clone()).collect()
    }

    /// What the latest turn had to log.
    pub fn notices(&self) -> Vec<Notice> {
        let notices = self.effects.notices.iter();
        notices.map(|(notice, _)| *notice).collect()
    }
}
