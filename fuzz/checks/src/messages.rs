//! Messages between Worker and objects, one a line: calls are decided in turn by one gate and one pool, replies and
//! rows are read by who gets them, and a line `+N` lets N seconds pass.

use crate::pool_calls::Pool;
use queue_core::{
    api::{account, export, view},
    config::GateConfig,
    domain::{JobId, Rank, Ticket, Timestamp, UserId},
    gate::{
        Command, Job, Memory, Reply, State, Store, Turn, apply,
        command::{Call, JobView},
    },
    pool::{self, Claim},
};
use sim::{memory_store::MemoryStore, table::Change, twin::Twin};
use std::{collections::BTreeMap, time::Duration};

/// Most lines that are looked at; more only take longer.
const LINES_MAX: usize = 64;

/// Reads each line as whatever it is.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (mut gate, mut pool) = (Gate::new(), Pool::new());
    for line in text.lines().take(LINES_MAX) {
        if let Some(seconds) = line.strip_prefix('+').and_then(|span| span.parse().ok()) {
            let seconds: u32 = seconds;
            gate.now = gate.now.after(Duration::from_secs(u64::from(seconds)));
        } else if let Some(Call { command, .. }) = crate::reads_back::<Call>(line) {
            gate.take(&command);
        } else if let Some(command) = crate::reads_back::<pool::Command>(line) {
            pool.take(gate.now, &command);
        } else if let Some(reply) = crate::reads_back::<Reply>(line) {
            shown(&gate.user_id, reply);
        } else if let Some(job) = crate::reads_back::<Job>(line) {
            show(&gate.user_id, job);
        } else {
            crate::reads_back::<Claim>(line);
            crate::reads_back::<pool::Reply>(line);
        }
    }
    gate.finish();
    pool.finish();
}

/// What the Worker does with a reply: the jobs in it become answers.
fn shown(user_id: &UserId, reply: Reply) {
    match reply {
        Reply::Submitted { job, .. } => show(user_id, *job),
        Reply::Job { view: Some(view) }
        | Reply::Replayed {
            view: Some(view), ..
        } => {
            drop(view::job(user_id, &view, None));
        }
        Reply::Jobs { jobs, more } => drop(view::jobs(user_id, &jobs, more, true)),
        Reply::Exported { account, jobs, .. } => {
            drop(account.map(|account| export::account(&account)));
            for (job, payload) in jobs {
                drop(export::job(user_id, &job, &payload));
            }
        }
        Reply::Account { account } | Reply::PlanSet { account, .. } => {
            drop(account::account(
                user_id,
                &account,
                &testkit::defaults().gate,
                Some("mail.example"),
            ));
        }
        Reply::KeyReused { .. }
        | Reply::Started { .. }
        | Reply::Reported { .. }
        | Reply::Job { view: None }
        | Reply::Replayed { view: None, .. }
        | Reply::TierNotEntitled { .. }
        | Reply::QuotaExceeded { .. }
        | Reply::Untimely { .. }
        | Reply::Erasing
        | Reply::UserDeleted { .. }
        | Reply::Done => {}
    }
}

fn show(user_id: &UserId, job: Job) {
    drop(view::submitted(user_id, &job));
    assert!(job.attempt() >= 1);
    assert!(
        job.stages
            .iter()
            .any(|stage| stage.name == job.current_stage())
    );
    let view = JobView {
        job,
        active: 1,
        limit: 2,
        by_kind: false,
        position: Some(1),
        coming: None,
        estimate: None,
    };
    let shown = view::job(user_id, &view, None);
    assert_eq!(shown["jobId"].as_str(), Some(view.job.job_id.as_str()));
}

/// One gate twice: its rows in memory and in `SQLite`.
struct Gate {
    memory: MemoryStore,
    /// What the one in memory need not read again; its twin reads all.
    remembered: Memory,
    twin: Twin,
    config: GateConfig,
    now: Timestamp,
    user_id: UserId,
    /// What never changes about a job.
    accepted: BTreeMap<JobId, (Timestamp, Rank)>,
}

impl Gate {
    fn new() -> Self {
        Self {
            memory: MemoryStore::default(),
            remembered: Memory::default(),
            twin: Twin::new().expect("SQLite opens a database in memory"),
            config: testkit::defaults().gate,
            now: Timestamp::from_millis(1_700_000_000_000),
            user_id: UserId::try_from("user".to_owned()).expect("a user id"),
            accepted: BTreeMap::new(),
        }
    }

    /// One turn, as the object makes it.
    fn take(&mut self, command: &Command) {
        let held_before = self.held();
        let (config, now) = (&self.config, self.now);
        let before = self.remembered.clone();
        let (rows, remembered) = (&self.memory, &mut self.remembered);
        let turn = apply(
            rows,
            remembered,
            config,
            now,
            &self.user_id,
            command.clone(),
        )
        .expect("only a store that fails fails a turn");
        let changes = self.memory.commit();
        let twin = (config, now, &self.user_id, &before);
        let difference = self
            .twin
            .disagrees(twin, command.clone(), Some((&turn, &changes)));
        assert_eq!(difference, None, "{command:?}");
        self.follows(&turn);
        self.remember(&changes, command);
        self.holds(held_before, command);
    }

    /// What leaves the gate can be read by who gets it.
    fn follows(&self, turn: &Turn) {
        let written = serde_json::to_string(&turn.reply).expect("a reply can be written");
        let read: Option<Reply> = crate::reads_back(&written);
        assert_eq!(read.as_ref(), Some(&turn.reply));
        shown(&self.user_id, read.expect("it was read"));
        for ticket in &turn.effects.tickets {
            assert_eq!(Ticket::parse(&ticket.to_text()).as_ref(), Ok(ticket));
        }
    }

    /// A job keeps its age for as long as it is remembered, and its rank until its user's tier is set.
    fn remember(&mut self, changes: &[Change<Job>], command: &Command) {
        let repriced = matches!(command, Command::SetPlan(_));
        for change in changes {
            let Some(job) = &change.after else {
                self.accepted.remove(&change.job_id);
                continue;
            };
            let age = (job.submitted_at, job.rank);
            let first = *self.accepted.entry(job.job_id.clone()).or_insert(age);
            assert_eq!(first.0, age.0, "a job got another age");
            assert!(repriced || first == age, "a job got another rank");
            self.accepted.insert(job.job_id.clone(), age);
            let ended = change.before.as_ref().map(|job| job.state);
            assert!(
                ended.is_none_or(|state| !state.is_final() || state == job.state),
                "{change:?}: a job ended twice"
            );
        }
    }

    /// The promises of the gate, as far as its rows show them.
    fn holds(&self, held_before: u32, command: &Command) {
        let held = self.held();
        let account = self.memory.account().expect("memory does not fail");
        let tier = account.map_or_else(Default::default, |account| account.tier);
        let limit = self.config.tiers.of(tier).max_concurrent_jobs;
        assert!(
            held <= limit.max(held_before),
            "{held} of {limit}: {command:?}"
        );
        let jobs = self.memory.page(None, None, None, u32::MAX);
        let jobs = jobs.expect("memory does not fail");
        assert_eq!(jobs.len(), self.accepted.len(), "lost or made up");
        for job in jobs {
            let parked = job.state == State::Parked;
            assert!(!parked || held >= limit, "a lease idles: {command:?}");
            assert_eq!(job.due.is_none(), parked, "who wakes {job:?}?");
        }
    }

    fn held(&self) -> u32 {
        self.memory.held().expect("memory does not fail")
    }

    fn finish(&self) {
        assert_eq!(self.twin.differs(&self.memory), None);
    }
}
