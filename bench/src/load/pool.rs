//! Jobs of all users: the pool.

use super::meter::{Counted, Meter};
use queue_core::{
    config::PoolConfig,
    domain::{JobId, Kind, Rank, Stage, Ticket, Tier, Timestamp, UserId},
    line::want::{Holding, Want},
    pool::{
        Command, Desk, Reply, SqlStore, Turn, apply,
        command::{Exchange, Offer, Tell},
    },
    storage::{Database, StorageError},
};
use std::{path::Path, time::Duration};
use testkit::Sqlite;

/// Users, each with ten jobs when a million are parked.
const USERS: i64 = 100_000;

/// Jobs of one call while the line is filled.
const BATCH: u32 = 100;

/// A pool that everybody waits at, and one delivery that has a place for each slot.
pub struct Crowd<'a> {
    database: Sqlite,
    desk: Desk,
    config: &'a PoolConfig,
    now: i64,
    held: Vec<Want>,
    /// Of these, those whose start the pool has not heard of.
    unconfirmed: Vec<Holding>,
    parked: u32,
}

impl<'a> Crowd<'a> {
    /// A pool in that file, whose slots are taken.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn new(file: &Path, config: &'a PoolConfig) -> Result<Self, StorageError> {
        let database = Sqlite::create(file)?;
        SqlStore::new(&database).migrate()?;
        let mut crowd = Self {
            database,
            desk: Desk::default(),
            config,
            now: 1_700_000_000_000,
            held: Vec::new(),
            unconfirmed: Vec::new(),
            parked: 0,
        };
        let wants = (0..config.capacity).map(|_| crowd.want());
        let wants = wants.collect::<Result<_, _>>()?;
        crowd.tell(wants)?;
        while crowd.held.len() < config.capacity as usize {
            crowd.exchange(Vec::new())?;
        }
        crowd.parked = 0;
        Ok(crowd)
    }

    fn turn(&mut self, command: Command) -> Result<Turn, StorageError> {
        let (store, now) = (
            SqlStore::new(&self.database),
            Timestamp::from_millis(self.now),
        );
        let (desk, config) = (&mut self.desk, self.config);
        let turn = || apply(&store, desk, config, now, command);
        self.database.atomically(turn)
    }

    /// Of any tier and user; the numbers are spread as a hash spreads them.
    fn want(&mut self) -> Result<Want, StorageError> {
        self.now += 1;
        let submitted_at = Timestamp::from_millis(self.now);
        let spread = (self.now as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&spread.to_be_bytes());
        let tier = Tier::ALL[(spread >> 62) as usize];
        let user_id = UserId::try_from(format!("user-{}", self.now % USERS));
        let priority = tier as u32 + 1;
        Ok(Want {
            ticket: Ticket {
                job_id: JobId::new(submitted_at, &random),
                user_id: user_id.map_err(|error| StorageError(error.to_string()))?,
                kind: Kind::story(),
                stage: Stage::Image,
                tier,
                priority,
                submitted_at,
                epoch: Some(1),
                weight: None,
                aged_from: None,
            },
            rank: Rank::new(submitted_at, priority, Duration::from_mins(30)),
            mark: None,
        })
    }

    fn tell(&mut self, wants: Vec<Want>) -> Result<(), StorageError> {
        self.parked += u32::try_from(wants.len()).unwrap_or(u32::MAX);
        let tell = Tell {
            wants,
            ..Tell::default()
        };
        self.turn(Command::Tell(tell)).map(drop)
    }

    /// The delivery gives slots back, confirms what it was given before, and is given jobs for its free places.
    fn exchange(&mut self, freed: Vec<Holding>) -> Result<(), StorageError> {
        let running = std::mem::take(&mut self.unconfirmed);
        let places = self.config.capacity.saturating_sub(self.held.len() as u32);
        let exchange = Exchange {
            delivery: "delivery".to_owned(),
            began: Timestamp::from_millis(self.now),
            call: 1,
            is_first: false,
            freed,
            wants: Vec::new(),
            running,
            offer: Offer {
                places,
                room: i64::from(u32::MAX),
                is_idle: false,
                is_spent: false,
                has: Vec::new(),
            },
            listens: false,
            stays: true,
            well: Vec::new(),
            faults: Vec::new(),
        };
        if let Reply::Given(given) = self.turn(Command::Exchange(exchange))?.reply {
            self.parked -= u32::try_from(given.jobs.len()).unwrap_or(u32::MAX);
            self.unconfirmed = given.jobs.iter().map(Want::holding).collect();
            self.held.extend(given.jobs);
        }
        Ok(())
    }

    /// Tells of jobs until so many are parked.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn fill(&mut self, parked: u32) -> Result<(), StorageError> {
        while self.parked < parked {
            let count = BATCH.min(parked - self.parked);
            let wants = (0..count).map(|_| self.want()).collect::<Result<_, _>>()?;
            self.tell(wants)?;
        }
        Ok(())
    }

    /// One job comes and one ends: as many are parked afterwards.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn cycle(&mut self, meter: &mut Meter) -> Result<(), StorageError> {
        let want = self.want()?;
        meter.time("tell, park", self, |pool| pool.tell(vec![want]))?;
        let ended = self.held.remove(0).holding();
        meter.time("free, give the next", self, |pool| {
            pool.exchange(vec![ended])
        })
    }
}

impl Counted for Crowd<'_> {
    fn steps(&self) -> i64 {
        self.database.take_steps()
    }
}
