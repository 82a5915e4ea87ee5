//! What the oracle knows: of each job and each user, and of what really runs.

use super::{pool_facts::PoolFacts, violation::Violation};
use crate::marks::Tally;
use queue_core::{
    config::{Config, GateConfig},
    domain::{JobId, Rank, Tier, Timestamp},
    gate::State,
};
use std::collections::BTreeMap;

/// One stage that really runs.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Its job.
    pub job: usize,
    /// Whose.
    pub user: usize,
    /// Under which epoch.
    pub epoch: u32,
    /// The epoch under which its delivery was given the job.
    pub given_epoch: u32,
    /// Which stage.
    pub stage: usize,
    /// The end of its lease.
    pub until: Timestamp,
    /// Its lease ended once, by the gate's clock; only a renewal revives it.
    pub expired: bool,
    /// By which delivery.
    pub delivery: usize,
    /// The delivery was told that its slot is another's.
    pub slot_lost: bool,
    /// The number and the limit of its lease.
    pub lease: (usize, u32),
}

/// What the oracle knows of one job.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts, each on its own, and no states of a machine"
)]
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its id.
    pub job_id: JobId,
    /// Whose.
    pub user: usize,
    /// The key it was submitted under, and what for.
    pub key: Option<(usize, bool)>,
    /// The client was told 202.
    pub acknowledged: bool,
    /// A cancellation was attempted.
    pub cancelled: bool,
    /// The gate took note of it before the job had ended.
    pub cancel_noted: bool,
    /// The epoch whose lease ran out and was taken back last.
    pub taken_back: u32,
    /// The epoch whose report of a stage was accepted last.
    pub accepted: u32,
    /// When and as what it was recorded, if it was.
    pub recorded: Option<(Timestamp, Rank, Tier, u32)>,
    /// Its state in the rows.
    pub state: State,
    /// It was forgotten after its end.
    pub forgotten: bool,
    /// Stages whose success was accepted.
    pub committed: [bool; 3],
    /// Attempts of each stage that really failed.
    pub failures: [u32; 3],
    /// A permanent failure was accepted.
    pub permanent: bool,
    /// The epoch granted last, to whom, and for which stage.
    pub grant: Option<(u32, String)>,
    /// Until when its present lease is promised.
    pub until: Timestamp,
    /// The number and the limit of its present, or latest, lease.
    pub lease: (usize, u32),
    /// When its ticket was sent last, and how often since the row changed.
    pub sent: Option<(Timestamp, u32)>,
    /// Everything ever sent for it.
    pub sends: u32,
    /// What explains a send: submission, stages, hand-overs, resends.
    pub allowance: u32,
    /// It waits for its turn, and ran under the same lease.
    pub has_begun: bool,
    /// The tier that it asked for, below that of its user's plan.
    pub lowered: Option<Tier>,
}

impl Fact {
    /// How many stages are done.
    #[must_use]
    pub fn stage(&self) -> usize {
        self.committed.iter().take_while(|done| **done).count()
    }
}

/// What the oracle knows of one user.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The tier that holds now.
    pub tier: Tier,
    /// Jobs in the line.
    pub parked: u32,
    /// Jobs with a lease.
    pub held: u32,
    /// Jobs among them that wait for their turn.
    pub queued: u32,
    /// Jobs among these that ran under the same lease, which they keep.
    pub begun: u32,
    /// The clock was set while the gate was at work, so that intervals mean nothing.
    pub stepped: bool,
    /// The limits were changed, and no turn has served the line since.
    pub redeployed: bool,
    /// Events that were applied, and when the newest of them came about.
    pub events: BTreeMap<String, Timestamp>,
    /// The latest change of the plan was applied.
    pub applied: bool,
}

/// All that is watched.
pub struct Oracle {
    /// The rules, with the true limits.
    pub config: GateConfig,
    /// The limit of each tier.
    pub limits: [u32; 4],
    /// Every job that anybody ever tried to submit.
    pub jobs: Vec<Fact>,
    /// Which is which.
    pub index: BTreeMap<JobId, usize>,
    /// Every user.
    pub users: Vec<User>,
    /// What runs at the generator now.
    pub executions: BTreeMap<usize, Execution>,
    /// Jobs that must end and have not.
    pub open: usize,
    /// Stages that ever started.
    pub started: usize,
    /// Whether what the gates show is judged, too.
    pub views: bool,
    /// What is known of the pool.
    pub pool: PoolFacts,
    /// What happened, in the world and by the oracle's eyes.
    pub tally: Tally,
    pub(super) leases: usize,
}

impl Oracle {
    /// Nothing happened so far.
    #[must_use]
    pub fn new(config: &Config, limits: [u32; 4], users: usize) -> Self {
        Self {
            config: config.gate.clone(),
            limits,
            jobs: Vec::new(),
            index: BTreeMap::new(),
            users: vec![User::default(); users],
            executions: BTreeMap::new(),
            open: 0,
            started: 0,
            views: true,
            pool: PoolFacts::new(config.pool),
            tally: Tally::default(),
            leases: 0,
        }
    }

    /// A client tries to submit a job.
    pub fn attempted(&mut self, job_id: JobId, user: usize, key: Option<(usize, bool)>) -> usize {
        let number = self.jobs.len();
        self.index.insert(job_id.clone(), number);
        self.jobs.push(Fact {
            job_id,
            user,
            key,
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
            grant: None,
            until: Timestamp::from_millis(0),
            lease: (0, 0),
            sent: None,
            sends: 0,
            allowance: 0,
            has_begun: false,
            lowered: None,
        });
        number
    }

    /// The limit that holds for a user now.
    #[must_use]
    pub fn limit(&self, user: usize) -> u32 {
        self.limits[self.users[user].tier as usize]
    }

    /// Jobs that a client was promised and that have not ended.
    #[must_use]
    pub fn lost(&self) -> Vec<&Fact> {
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
