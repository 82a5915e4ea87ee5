//! What the oracle knows: of each job and each user, and of what really runs.

use super::{pool_facts::PoolFacts, running::Execution, user::User, violation::Violation};
use crate::marks::{Mark, Tally};
use queue_core::{
    config::{Config, GateConfig},
    domain::{JobId, Rank, Tier, Timestamp, Window},
    gate::State,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the oracle knows of one job.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts, each on its own, and no states of a machine"
)]
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// Its id.
    pub(crate) job_id: JobId,
    /// Whose.
    pub(crate) user: usize,
    /// Of which kind.
    pub(crate) kind: usize,
    /// The key it was submitted under, and what for.
    pub(crate) key: Option<(usize, bool)>,
    /// When it may start, and whether the first of these times has come.
    pub(crate) window: Window,
    pub(crate) opened: bool,
    /// The client was told 202.
    pub(crate) acknowledged: bool,
    /// A cancellation was attempted.
    pub(crate) cancelled: bool,
    /// The gate took note of it before the job had ended.
    pub(crate) cancel_noted: bool,
    /// The epoch whose lease ran out and was taken back last.
    pub(crate) taken_back: u32,
    /// The epoch whose report of a stage was accepted last.
    pub(crate) accepted: u32,
    /// When and as what it was recorded, if it was.
    pub(crate) recorded: Option<(Timestamp, Rank, Tier, u32)>,
    /// Its state in the rows.
    pub(crate) state: State,
    /// It was forgotten after its end.
    pub(crate) forgotten: bool,
    /// Stages whose success was accepted.
    pub(crate) committed: [bool; 3],
    /// Attempts of each stage that really failed.
    pub(crate) failures: [u32; 3],
    /// A permanent failure was accepted.
    pub(crate) permanent: bool,
    /// Since when it meets an outage at its stage.
    pub(crate) out_since: Option<Timestamp>,
    /// The epoch granted last, to whom, and for which stage.
    pub(crate) grant: Option<(u32, String)>,
    /// Until when its present lease is promised.
    pub(crate) until: Timestamp,
    /// The number and the limit of its present, or latest, lease.
    pub(crate) lease: (usize, u32),
    /// When its ticket was sent last, and how often since the row changed.
    pub(crate) sent: Option<(Timestamp, u32)>,
    /// Everything ever sent for it.
    pub(crate) sends: u32,
    /// What explains a send: submission, stages, hand-overs, resends.
    pub(crate) allowance: u32,
    /// It waits for its turn, and ran under the same lease.
    pub(crate) has_begun: bool,
    /// For which words it was replayed.
    pub(crate) replays: BTreeSet<String>,
    /// From when its age counts, if it was replayed with many others.
    pub(crate) aged_from: Option<Timestamp>,
    /// The month in which it counts, if it does.
    pub(crate) counted: Option<usize>,
    /// The tier that it asked for, below that of its user's plan.
    pub(crate) lowered: Option<Tier>,
}

impl Fact {
    /// A failure was accepted: its own, or one for which a back end is blamed.
    pub(super) fn fails(
        &mut self,
        now: Timestamp,
        (is_blamed, is_permanent): (bool, bool),
        tally: &mut Tally,
    ) {
        if is_blamed && !is_permanent {
            self.out_since.get_or_insert(now);
            tally.mark(Mark::WaitedForBackend);
            return;
        }
        self.out_since = None;
        self.failures[self.stage().min(2)] += 1;
        self.permanent |= is_permanent;
    }

    fn new(job_id: JobId, (user, kind): (usize, usize), key: Option<(usize, bool)>) -> Self {
        Self {
            job_id,
            user,
            kind,
            key,
            window: Window::default(),
            opened: false,
            acknowledged: false,
            cancelled: false,
            cancel_noted: false,
            taken_back: 0,
            accepted: 0,
            recorded: None,
            state: State::Queued,
            forgotten: false,
            committed: [false; 3],
            failures: [0; 3],
            permanent: false,
            out_since: None,
            grant: None,
            until: Timestamp::from_millis(0),
            lease: (0, 0),
            sent: None,
            sends: 0,
            allowance: 0,
            has_begun: false,
            replays: BTreeSet::new(),
            aged_from: None,
            counted: None,
            lowered: None,
        }
    }

    /// It was forgotten, and a call that was late brings it once more.
    pub(super) fn anew(&mut self) {
        *self = Self {
            acknowledged: self.acknowledged,
            window: self.window,
            replays: std::mem::take(&mut self.replays),
            counted: self.counted,
            ..Self::new(self.job_id.clone(), (self.user, self.kind), self.key)
        };
    }

    /// How many stages are done.
    pub(crate) fn stage(&self) -> usize {
        self.committed.iter().take_while(|done| **done).count()
    }
}

/// All that is watched.
pub(crate) struct Oracle {
    /// The rules, with the true limits.
    pub(crate) config: GateConfig,
    /// The limit of each tier.
    pub(crate) limits: [u32; 4],
    /// That of the kind that has one; 0: it has none.
    pub(crate) kind_limit: u32,
    /// Every job that anybody ever tried to submit.
    pub(crate) jobs: Vec<Fact>,
    /// Which is which.
    pub(crate) index: BTreeMap<JobId, usize>,
    /// Every user.
    pub(crate) users: Vec<User>,
    /// What runs at the generator now.
    pub(crate) executions: BTreeMap<usize, Execution>,
    /// Jobs that must end and have not.
    pub(crate) open: usize,
    /// Stages that ever started.
    pub(crate) started: usize,
    /// Clients say when some jobs may start.
    pub(crate) has_times: bool,
    /// Whether what the gates show is judged, too.
    pub(crate) views: bool,
    /// What is known of the pool.
    pub(crate) pool: PoolFacts,
    /// What happened, in the world and by the oracle's eyes.
    pub(crate) tally: Tally,
    pub(super) leases: usize,
}

impl Oracle {
    /// Nothing happened so far.
    pub(crate) fn new(
        config: &Config,
        (limits, kind_limit): ([u32; 4], u32),
        users: usize,
    ) -> Self {
        Self {
            config: config.gate.clone(),
            limits,
            kind_limit,
            jobs: Vec::new(),
            index: BTreeMap::new(),
            users: vec![User::default(); users],
            executions: BTreeMap::new(),
            open: 0,
            started: 0,
            has_times: false,
            views: true,
            pool: PoolFacts::new(config.pool),
            tally: Tally::default(),
            leases: 0,
        }
    }

    /// A client tries to submit a job of a user and a kind.
    pub(crate) fn attempted(
        &mut self,
        job_id: JobId,
        whose: (usize, usize),
        key: Option<(usize, bool)>,
    ) -> usize {
        let number = self.jobs.len();
        self.index.insert(job_id.clone(), number);
        self.jobs.push(Fact::new(job_id, whose, key));
        number
    }

    /// The limit that holds for a user now.
    pub(crate) fn limit(&self, user: usize) -> u32 {
        self.limits[self.users[user].tier as usize]
    }

    /// Jobs that a client was promised and that have not ended.
    pub(crate) fn lost(&self) -> Vec<&Fact> {
        let ended = |fact: &Fact| fact.recorded.is_some() && fact.state.is_final();
        let lost = |fact: &&Fact| (fact.acknowledged || fact.recorded.is_some()) && !ended(fact);
        self.jobs.iter().filter(lost).collect()
    }

    pub(super) fn number(&self, job_id: &JobId) -> Result<usize, Violation> {
        self.index.get(job_id).copied().ok_or_else(|| Violation {
            invariant: "I5 no phantom",
            detail: format!("nobody ever submitted {job_id}"),
        })
    }
}
