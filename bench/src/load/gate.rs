//! One user with a long backlog: the gate.

use super::meter::{Counted, Meter};
use queue_core::{
    config::GateConfig,
    domain::{JobId, Kind, SeriesId, Stage, Tier, Timestamp, UserId, Window},
    gate::{
        Command, Memory, Reply, SqlStore, State, Turn, apply,
        command::{Going, NewJob, Start},
    },
    line::want::{Holding, Want},
    storage::{Database, StorageError},
};
use std::path::Path;
use testkit::Sqlite;

/// `TIERS` for this: the line is longer than any user's may be by default, and counting it would be measured, too.
pub const TIERS: &str = r#"{"tier1":{"maxParkedJobs":0}}"#;

/// A gate whose user submits and submits.
pub struct Backlog<'a> {
    database: Sqlite,
    memory: Memory,
    config: &'a GateConfig,
    user_id: UserId,
    now: i64,
    /// Running, under the epoch.
    running: Vec<Holding>,
    parked: u32,
}

impl<'a> Backlog<'a> {
    /// An empty gate in that file.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn new(file: &Path, config: &'a GateConfig) -> Result<Self, StorageError> {
        let database = Sqlite::create(file)?;
        SqlStore::new(&database).migrate()?;
        let user_id = UserId::try_from("user".to_owned());
        Ok(Self {
            database,
            memory: Memory::default(),
            config,
            user_id: user_id.map_err(|error| StorageError(error.to_string()))?,
            now: 1_700_000_000_000,
            running: Vec::new(),
            parked: 0,
        })
    }

    fn turn(&mut self, command: Command) -> Result<Turn, StorageError> {
        self.now += 1;
        let (store, now) = (
            SqlStore::new(&self.database),
            Timestamp::from_millis(self.now),
        );
        let memory = &mut self.memory;
        let turn = || apply(&store, memory, self.config, now, &self.user_id, command);
        self.database.atomically(turn)
    }

    fn new_job(&self) -> Result<NewJob, StorageError> {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.now.to_be_bytes());
        let series_id = SeriesId::try_from("series".to_owned());
        Ok(NewJob {
            job_id: JobId::new(Timestamp::from_millis(self.now), &random),
            kind: Kind::story(),
            stages: vec![Stage::Image, Stage::Audio, Stage::Video],
            series_id: series_id.map_err(|error| StorageError(error.to_string()))?,
            stated_tier: Some(Tier::Tier1),
            tier_ceiling: None,
            claimed_tier: None,
            chars: 0,
            weight: 0,
            window: Window::default(),
            payload: "x".repeat(2_000),
            idempotency: None,
        })
    }

    fn submit(&mut self, new: NewJob) -> Result<(), StorageError> {
        let turn = self.turn(Command::Submit(new))?;
        if let Reply::Submitted { job, .. } = turn.reply {
            self.parked += u32::from(job.state == State::Parked);
        }
        for want in turn.effects.tell.wants {
            self.start(want)?;
        }
        Ok(())
    }

    fn start(&mut self, want: Want) -> Result<(), StorageError> {
        let command = Command::Start {
            holder: "delivery".to_owned(),
            jobs: vec![want.holding()],
        };
        if let Reply::Started { mut starts } = self.turn(command)?.reply
            && let Some(Start::Run(grant)) = starts.pop()
        {
            let epoch = grant.epoch;
            self.running.push(Holding {
                job_id: want.ticket.job_id,
                epoch,
            });
        }
        Ok(())
    }

    /// Submits until so many are parked.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn fill(&mut self, parked: u32) -> Result<(), StorageError> {
        while self.parked < parked {
            let new = self.new_job()?;
            self.submit(new)?;
        }
        Ok(())
    }

    /// One job comes and one ends: as many are parked afterwards.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn cycle(&mut self, meter: &mut Meter) -> Result<(), StorageError> {
        let new = self.new_job()?;
        meter.time("submit, park", self, |gate| gate.submit(new))?;
        let Holding { job_id, epoch } = self.running.remove(0);
        let fail = Command::Fail {
            job_id,
            epoch,
            permanent: true,
            code: "ended".to_owned(),
            message: String::new(),
            blame: None,
            entropy: 0,
            ended_at: None,
            going: Going::default(),
        };
        let turn = meter.time("end, grant the next", self, |gate| gate.turn(fail))?;
        self.parked -= 1;
        for want in turn.effects.tell.wants {
            meter.time("start", self, |gate| gate.start(want))?;
        }
        Ok(())
    }
}

impl Counted for Backlog<'_> {
    fn steps(&self) -> i64 {
        self.database.take_steps()
    }
}
