//! A gate on `SQLite` with a clock that a test moves.

use crate::sqlite::Sqlite;
use std::{cell::Cell, time::Duration};
use story_queue::{
    config::{Config, GateConfig},
    domain::{JobId, Kind, SeriesId, Tier, Timestamp, UserId},
    gate::{
        Command, Effects, Job, Reply, SqlStore, State, Store, Turn, apply,
        command::{Admission, Grant, Handed, IdempotencyKey, NewJob, Outcome, SkipReason},
        job::ArtifactRecord,
    },
    storage::{Database, StorageError},
};

pub const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub struct GateHarness {
    pub database: Sqlite,
    pub config: GateConfig,
    pub now: Timestamp,
    next_job: Cell<u8>,
    /// What the latest turn asked for.
    pub effects: Effects,
}

impl GateHarness {
    pub fn new() -> Self {
        let database = Sqlite::in_memory();
        SqlStore::new(&database).migrate().unwrap();
        Self {
            database,
            config: Config::for_testing().gate,
            now: START,
            next_job: Cell::new(0),
            effects: Effects::default(),
        }
    }

    /// One turn, as the object makes it.
    pub fn try_turn(&mut self, command: Command) -> Result<Reply, StorageError> {
        let store = SqlStore::new(&self.database);
        let user_id = UserId::try_from("user123".to_owned()).unwrap();
        let Turn { reply, effects } = self
            .database
            .atomically(|| apply(&store, &self.config, self.now, &user_id, command))?;
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
            payload: "{}".to_owned(),
            idempotency: None,
        }
    }

    pub fn submit(&mut self, tier: Tier) -> JobId {
        let job = self.new_job(Some(tier));
        let job_id = job.job_id.clone();
        assert!(matches!(
            self.turn(Command::Submit(job)),
            Reply::Submitted {
                replayed: false,
                ..
            }
        ));
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

    /// Runs a job from its first admission to its end.
    pub fn run_to_the_end(&mut self, job_id: &JobId) {
        for _ in Kind::STORY.stages() {
            let epoch = self.start(job_id).epoch;
            assert_eq!(self.complete(job_id, epoch).0, Outcome::Accepted);
        }
        assert_eq!(self.state(job_id), State::Succeeded);
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

    pub fn admit_as(&mut self, holder: &str, job_id: &JobId) -> Admission {
        let command = Command::Admit {
            holder: holder.to_owned(),
            jobs: vec![job_id.clone()],
        };
        let Reply::Admitted { mut admissions } = self.turn(command) else {
            panic!("an admission is answered with admissions");
        };
        admissions.pop().unwrap()
    }

    /// Admission by a delivery of its own.
    pub fn admit(&mut self, job_id: &JobId) -> Admission {
        let holder = format!("delivery-{}", self.new_id());
        self.admit_as(&holder, job_id)
    }

    pub fn start(&mut self, job_id: &JobId) -> Grant {
        match self.admit(job_id) {
            Admission::Run(grant) => grant,
            other @ (Admission::Park { .. } | Admission::Skip { .. }) => {
                panic!("expected a grant, not {other:?}")
            }
        }
    }

    pub fn skipped(&mut self, job_id: &JobId) -> SkipReason {
        match self.admit(job_id) {
            Admission::Skip { reason } => reason,
            other @ (Admission::Park { .. } | Admission::Run(_)) => {
                panic!("expected a skip, not {other:?}")
            }
        }
    }

    pub fn report(&mut self, command: Command) -> (Outcome, Option<State>) {
        let Reply::Reported { outcome, state, .. } = self.turn(command) else {
            panic!("a report is answered as one");
        };
        (outcome, state)
    }

    pub fn complete(&mut self, job_id: &JobId, epoch: u32) -> (Outcome, Option<State>) {
        self.report(Command::Complete {
            job_id: job_id.clone(),
            epoch,
            artifacts: artifacts(epoch),
            holder: None,
        })
    }

    pub fn fail(
        &mut self,
        job_id: &JobId,
        epoch: u32,
        permanent: bool,
    ) -> (Outcome, Option<State>) {
        self.report(Command::Fail {
            job_id: job_id.clone(),
            epoch,
            permanent,
            code: "planted".to_owned(),
            message: "on purpose".to_owned(),
            entropy: u32::MAX,
            holder: None,
        })
    }

    /// The stage succeeded, and the delivery goes on with what that frees.
    pub fn complete_and_go_on(
        &mut self,
        job_id: &JobId,
        epoch: u32,
        holder: &str,
    ) -> (Outcome, Vec<Handed>) {
        self.go_on(Command::Complete {
            job_id: job_id.clone(),
            epoch,
            artifacts: artifacts(epoch),
            holder: Some(holder.to_owned()),
        })
    }

    /// The stage failed for good, and the delivery goes on with what that frees.
    pub fn fail_and_go_on(
        &mut self,
        job_id: &JobId,
        epoch: u32,
        holder: &str,
    ) -> (Outcome, Vec<Handed>) {
        self.go_on(Command::Fail {
            job_id: job_id.clone(),
            epoch,
            permanent: true,
            code: "planted".to_owned(),
            message: "on purpose".to_owned(),
            entropy: u32::MAX,
            holder: Some(holder.to_owned()),
        })
    }

    fn go_on(&mut self, command: Command) -> (Outcome, Vec<Handed>) {
        let Reply::Reported {
            outcome, handed, ..
        } = self.turn(command)
        else {
            panic!("a report is answered as one");
        };
        (outcome, handed)
    }

    pub fn cancel(&mut self, job_id: &JobId) -> State {
        let Reply::Job { view } = self.turn(Command::Cancel {
            job_id: job_id.clone(),
        }) else {
            panic!("a cancellation is answered with the job");
        };
        view.unwrap().job.state
    }

    pub fn job(&self, job_id: &JobId) -> Job {
        SqlStore::new(&self.database).find(job_id).unwrap().unwrap()
    }

    pub fn state(&self, job_id: &JobId) -> State {
        self.job(job_id).state
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
        self.effects
            .tickets
            .iter()
            .map(|ticket| ticket.job_id.clone())
            .collect()
    }
}

pub fn artifacts(epoch: u32) -> Vec<ArtifactRecord> {
    let (name, content_type) = ("a.txt".to_owned(), "text/plain".to_owned());
    vec![ArtifactRecord {
        name,
        content_type,
        bytes: 1,
        epoch,
    }]
}
