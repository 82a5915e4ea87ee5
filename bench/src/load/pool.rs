//! Jobs of all users: the pool.

use super::{Meter, sqlite::Sqlite};
use std::path::Path;
use story_queue::{
    config::PoolConfig,
    domain::{JobId, Kind, Rank, Stage, Ticket, Tier, Timestamp, UserId},
    gate::command::Holding,
    pool::{
        Command, Reply, SqlStore, Turn, apply,
        command::{Claimed, Want},
    },
    storage::{Database, StorageError},
};

/// Users, each with ten jobs when a million are parked.
const USERS: i64 = 100_000;

/// Claims of one call while the line is filled, as a full batch makes them.
const BATCH: u32 = 100;

/// A pool that everybody claims from.
pub struct Crowd<'a> {
    database: Sqlite,
    config: &'a PoolConfig,
    now: i64,
    held: Vec<Want>,
    parked: u32,
}

impl<'a> Crowd<'a> {
    /// An empty pool in that file.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn new(file: &Path, config: &'a PoolConfig) -> Result<Self, StorageError> {
        let database = Sqlite::create(file)?;
        SqlStore::new(&database).migrate()?;
        Ok(Self {
            database,
            config,
            now: 1_700_000_000_000,
            held: Vec::new(),
            parked: 0,
        })
    }

    fn turn(&mut self, command: Command) -> Result<Turn, StorageError> {
        let (store, now) = (
            SqlStore::new(&self.database),
            Timestamp::from_millis(self.now),
        );
        let turn = || apply(&store, self.config, now, command);
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
                kind: Kind::STORY,
                stage: Stage::Image,
                tier,
                priority,
                submitted_at,
                epoch: Some(1),
            },
            epoch: 1,
            rank: Rank::new(submitted_at, priority, std::time::Duration::from_mins(30)),
        })
    }

    fn claim(&mut self, wants: Vec<Want>) -> Result<(), StorageError> {
        let turn = self.turn(Command::claim(wants.clone()))?;
        if let Reply::Claimed { claimed, .. } = turn.reply {
            for (want, claimed) in wants.into_iter().zip(claimed) {
                match claimed {
                    Claimed::Slot => self.held.push(want),
                    Claimed::Parked => self.parked += 1,
                    Claimed::Stale => {}
                }
            }
        }
        Ok(())
    }

    /// Claims until so many are parked.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn fill(&mut self, parked: u32) -> Result<(), StorageError> {
        while self.parked < parked {
            let count = BATCH.min(parked - self.parked);
            let wants = (0..count).map(|_| self.want()).collect::<Result<_, _>>()?;
            self.claim(wants)?;
        }
        Ok(())
    }

    /// One job comes and one ends: as many are parked afterwards.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn cycle(&mut self, meter: &mut Meter) -> Result<(), StorageError> {
        let want = self.want()?;
        meter.time("claim, park", self, |pool| pool.claim(vec![want]))?;
        let ended = self.held.remove(0);
        let jobs = vec![Holding {
            job_id: ended.ticket.job_id,
            epoch: ended.epoch,
        }];
        let release = Command::Release { jobs };
        let turn = meter.time("release, grant the next", self, |pool| pool.turn(release))?;
        self.parked -= 1;
        for mut ticket in turn.effects.tickets {
            ticket.epoch = Some(2);
            let (priority, at) = (ticket.priority, ticket.submitted_at);
            let rank = Rank::new(at, priority, std::time::Duration::from_mins(30));
            let again = Want {
                ticket,
                epoch: 2,
                rank,
            };
            meter.time("claim what was granted", self, |pool| {
                pool.claim(vec![again])
            })?;
        }
        Ok(())
    }
}

impl super::Counted for Crowd<'_> {
    fn steps(&self) -> i64 {
        self.database.steps()
    }
}
