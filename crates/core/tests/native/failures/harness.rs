//! A list of failures on `SQLite` with a clock that a test moves.

use crate::harness::START;
use queue_core::{
    domain::{JobId, Kind, ReplayId, Stage, Tier, Timestamp, UserId},
    failures::{
        Answer, Command, Effects, Failed, Filter, Reply, Run, SqlStore, Store, Turn, Word, apply,
        next_due,
    },
    storage::Database,
};
use std::time::Duration;
use testkit::Sqlite;

pub const RETENTION: Duration = Duration::from_hours(24 * 7);

pub struct ListHarness {
    pub database: Sqlite,
    pub now: Timestamp,
    pub effects: Effects,
}

pub fn job_id(number: u8) -> JobId {
    JobId::new(START, &[number; 10])
}

pub fn replay_id(number: u8) -> ReplayId {
    ReplayId::new(START, &[number; 10])
}

/// A job of `user1` that failed under that epoch.
pub fn failed(number: u8, epoch: u32) -> Failed {
    Failed {
        job_id: job_id(number),
        user_id: UserId::try_from("user1".to_owned()).unwrap(),
        epoch,
        kind: Kind::story(),
        tier: Tier::Tier1,
        stage: Stage::Audio,
        error: "planted".to_owned(),
        at: START.after(Duration::from_secs(number.into())),
    }
}

/// All jobs of that user.
pub fn of_user1() -> Filter {
    Filter {
        user_id: Some(failed(1, 1).user_id),
        ..Filter::default()
    }
}

impl ListHarness {
    pub fn new() -> Self {
        let database = Sqlite::in_memory().unwrap();
        SqlStore::new(&database).migrate().unwrap();
        Self {
            database,
            now: START,
            effects: Effects::default(),
        }
    }

    pub fn turn(&mut self, command: Command) -> Reply {
        let store = SqlStore::new(&self.database);
        let turn = self
            .database
            .atomically(|| apply(&store, (RETENTION, self.now), command));
        let Turn { reply, effects } = turn.unwrap();
        self.effects = effects;
        reply
    }

    pub fn hear(&mut self, word: Word) {
        let words = vec![word];
        assert_eq!(self.turn(Command::Tell { words }), Reply::Done);
    }

    pub fn fails(&mut self, number: u8, epoch: u32) {
        self.hear(Word::Failed(failed(number, epoch)));
    }

    pub fn goes(&mut self, number: u8, epoch: u32) {
        let job_id = job_id(number);
        self.hear(Word::Gone { job_id, epoch });
    }

    /// Jobs in the list, with their epochs.
    pub fn listed(&self) -> Vec<(JobId, u32)> {
        let store = SqlStore::new(&self.database);
        let page = store.page(&Filter::default(), (0, u32::MAX), u32::MAX);
        let listed = page.unwrap().into_iter().map(|listed| listed.failed);
        listed.map(|failed| (failed.job_id, failed.epoch)).collect()
    }

    pub fn begin(&mut self, number: u8, filter: Filter, rate: u32) -> Run {
        let reply = self.turn(Command::Begin {
            id: replay_id(number),
            filter,
            rate,
            key: None,
        });
        let Reply::Begun {
            run,
            repeated: false,
        } = reply
        else {
            panic!("it begins, not {reply:?}");
        };
        *run
    }

    pub fn run(&mut self, number: u8) -> Run {
        let id = replay_id(number);
        let Reply::Run { run: Some(run), .. } = self.turn(Command::Run { id }) else {
            panic!("there is one");
        };
        *run
    }

    /// The alarm rings when it must; which jobs are asked for.
    pub fn wake(&mut self) -> Vec<u32> {
        let due = next_due(&SqlStore::new(&self.database), (RETENTION, self.now)).unwrap();
        self.now = due.map_or(self.now, |due| due.max(self.now));
        self.turn(Command::Wake);
        let asks = self.effects.asks.iter();
        asks.map(|ask| ask.job.number).collect()
    }

    pub fn answer(&mut self, number: u8, answers: &[(u32, Answer)]) {
        self.turn(Command::Answered {
            id: replay_id(number),
            answers: answers.to_vec(),
        });
    }
}
