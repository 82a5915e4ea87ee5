//! A pool on `SQLite` with a clock that a test moves.

use crate::sqlite::Sqlite;
use std::{cell::Cell, time::Duration};
use story_queue::{
    config::{Config, PoolConfig},
    domain::{JobId, Kind, Rank, Stage, Ticket, Tier, Timestamp, UserId},
    gate::command::Holding,
    pool::{
        Claim, Command, Effects, Reply, SqlStore, Store, Turn, apply,
        command::{Claimed, Place, Want},
    },
    storage::{Database, StorageError},
};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub struct PoolHarness {
    pub database: Sqlite,
    pub config: PoolConfig,
    pub now: Timestamp,
    next_job: Cell<u32>,
    /// What the latest turn asked for.
    pub effects: Effects,
}

impl PoolHarness {
    pub fn new(capacity: u32) -> Self {
        let database = Sqlite::in_memory();
        SqlStore::new(&database).migrate().unwrap();
        Self {
            database,
            config: PoolConfig {
                capacity,
                ..Config::for_testing().pool
            },
            now: START,
            next_job: Cell::new(0),
            effects: Effects::default(),
        }
    }

    /// One turn, as the object makes it.
    pub fn try_turn(&mut self, command: Command) -> Result<Reply, StorageError> {
        let store = SqlStore::new(&self.database);
        let Turn { reply, effects } = self
            .database
            .atomically(|| apply(&store, &self.config, self.now, command))?;
        self.effects = effects;
        Ok(reply)
    }

    pub fn turn(&mut self, command: Command) -> Reply {
        self.try_turn(command).unwrap()
    }

    pub fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    /// A want of a new job of that tier, submitted now, under its first lease.
    pub fn want(&self, tier: Tier) -> Want {
        let number = self.next_job.get();
        self.next_job.set(number + 1);
        let config = Config::for_testing().gate;
        let priority = config.tiers.of(tier).priority;
        let mut random = [0; 10];
        random[..4].copy_from_slice(&number.to_be_bytes());
        Want {
            ticket: Ticket {
                job_id: JobId::new(self.now, &random),
                user_id: UserId::try_from(format!("user{number}")).unwrap(),
                kind: Kind::STORY,
                stage: Stage::Image,
                tier,
                priority,
                submitted_at: self.now,
                epoch: Some(1),
            },
            epoch: 1,
            rank: Rank::new(self.now, priority, config.priority_boost),
        }
    }

    pub fn claim(&mut self, want: &Want) -> Claimed {
        let wants = vec![want.clone()];
        let Reply::Claimed { claimed, .. } = self.turn(Command::claim(wants)) else {
            panic!("a claim is answered as one");
        };
        claimed[0]
    }

    /// Claims for new jobs of that tier, a millisecond apart.
    pub fn claim_many(&mut self, tier: Tier, count: usize) -> Vec<Want> {
        let one = |_| {
            self.pass(Duration::from_millis(1));
            let want = self.want(tier);
            self.claim(&want);
            want
        };
        (0..count).map(one).collect()
    }

    pub fn release(&mut self, want: &Want) {
        self.turn(Command::Release {
            jobs: vec![holding(want)],
        });
    }

    /// The jobs that the pool no longer knows to run.
    pub fn renew(&mut self, want: &Want) -> Vec<JobId> {
        let jobs = vec![holding(want)];
        let Reply::Renewed { lost } = self.turn(Command::Renew { jobs }) else {
            panic!("a renewal is answered as one");
        };
        lost
    }

    pub fn place(&mut self, job_id: &JobId) -> Place {
        let job_id = job_id.clone();
        let Reply::Place { place } = self.turn(Command::Place { job_id }) else {
            panic!("a question for a place is answered with it");
        };
        place
    }

    pub fn find(&self, job_id: &JobId) -> Option<Claim> {
        SqlStore::new(&self.database).find(job_id).unwrap()
    }

    pub fn held(&self) -> u32 {
        SqlStore::new(&self.database).held().unwrap()
    }

    /// The jobs whose tickets the latest turn sent.
    pub fn sent(&self) -> Vec<JobId> {
        let tickets = self.effects.tickets.iter();
        tickets.map(|ticket| ticket.job_id.clone()).collect()
    }
}

pub fn holding(want: &Want) -> Holding {
    Holding {
        job_id: want.ticket.job_id.clone(),
        epoch: want.epoch,
    }
}

/// The same job under its next lease.
pub fn next_lease(want: &Want) -> Want {
    let mut next = want.clone();
    next.epoch += 1;
    next.ticket.epoch = Some(next.epoch);
    next
}
