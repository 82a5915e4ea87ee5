//! What deliveries and users say to a gate, and what they are answered.

use super::{harness::GateHarness, mailboxes::mailbox};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{Backend, Blame, JobId, ReplayId, Stage, Tier, Timestamp},
    failures::Word,
    gate::{
        Command, Reply, SqlStore, State, Store,
        command::{
            Going, Grant, JobFilter, Outcome, Replay, ReplayOutcome, ReplayRun, SkipReason, Start,
        },
        job::ArtifactRecord,
        teller::Out,
    },
    line::want::{Holding, Want},
};

/// A delivery that leaves to others what its report frees.
pub const LEAVES: Going = Going {
    on: false,
    carries: false,
};

/// A delivery that takes along what its report frees.
pub const CARRIES: Going = Going {
    on: false,
    carries: true,
};

/// A delivery that runs the next stage, and takes along what its report frees.
pub const GOES_ON: Going = Going {
    on: true,
    carries: true,
};

pub fn holding(job_id: &JobId, epoch: u32) -> Holding {
    let job_id = job_id.clone();
    Holding { job_id, epoch }
}

pub fn completed(job_id: &JobId, epoch: u32, going: Going) -> Command {
    Command::Complete {
        job_id: job_id.clone(),
        epoch,
        artifacts: artifacts(epoch),
        ended_at: None,
        going,
    }
}

/// With the longest pause, if there is one.
pub fn failed(job_id: &JobId, epoch: u32, permanent: bool, going: Going) -> Command {
    Command::Fail {
        job_id: job_id.clone(),
        epoch,
        permanent,
        code: "planted".to_owned(),
        message: "on purpose".to_owned(),
        blame: None,
        entropy: u32::MAX,
        ended_at: None,
        going,
    }
}

/// The generator asked to be left alone for a while.
pub fn blamed(job_id: &JobId, epoch: u32) -> Command {
    blamed_until(job_id, epoch, START)
}

/// The same, until then.
pub fn blamed_until(job_id: &JobId, epoch: u32, until: Timestamp) -> Command {
    Command::Fail {
        job_id: job_id.clone(),
        epoch,
        permanent: false,
        code: "generator_unavailable".to_owned(),
        message: "out".to_owned(),
        blame: Some(Blame {
            backend: Backend::Generator,
            until: Some(until),
        }),
        entropy: u32::MAX,
        ended_at: None,
        going: LEAVES,
    }
}

pub fn requeued(job_id: &JobId, epoch: u32, going: Going) -> Command {
    let job_id = job_id.clone();
    Command::Requeue {
        job_id,
        epoch,
        pause_ms: None,
        going,
    }
}

/// What the job needs is not there yet: it waits for 20 seconds.
pub fn postponed(job_id: &JobId, epoch: u32, going: Going) -> Command {
    let job_id = job_id.clone();
    Command::Requeue {
        job_id,
        epoch,
        pause_ms: Some(20_000),
        going,
    }
}

/// Somebody has the job begin anew.
pub fn replayed(job_id: &JobId) -> Command {
    Command::Replay(Replay {
        job_id: job_id.clone(),
        key: None,
        run: None,
        tier_ceiling: None,
    })
}

/// Every command about one job that runs, and each report in two ways.
pub fn of_a_job(job_id: &JobId, epoch: u32) -> [Command; 14] {
    let job_id = || job_id.clone();
    [
        Command::Start {
            holder: "h".to_owned(),
            jobs: vec![holding(&job_id(), epoch)],
        },
        completed(&job_id(), epoch, LEAVES),
        completed(&job_id(), epoch, GOES_ON),
        failed(&job_id(), epoch, true, LEAVES),
        failed(&job_id(), epoch, false, GOES_ON),
        blamed(&job_id(), epoch),
        requeued(&job_id(), epoch, LEAVES),
        requeued(&job_id(), epoch, GOES_ON),
        postponed(&job_id(), epoch, LEAVES),
        Command::Renew {
            job_id: job_id(),
            epoch,
        },
        Command::Bury {
            job_id: job_id(),
            message: "m".to_owned(),
        },
        Command::Cancel { job_id: job_id() },
        replayed(&job_id()),
        Command::Replay(Replay {
            job_id: job_id(),
            key: Some("k".to_owned()),
            run: Some(ReplayRun {
                id: ReplayId::new(START, &[1; 10]),
                epoch,
            }),
            tier_ceiling: Some(Tier::Tier2),
        }),
    ]
}

/// The other commands, but for submissions and plans.
pub fn of_a_user(job_id: &JobId, epoch: u32, filter: JobFilter) -> [Command; 11] {
    let job_id = job_id.clone();
    [
        Command::SetMailbox {
            mailbox: mailbox(),
            asked_at: START,
        },
        Command::DeleteUser,
        Command::Forget {
            jobs: vec![job_id.clone()],
            failed: vec![job_id.clone()],
        },
        Command::Swept {
            job_id: job_id.clone(),
            begins: true,
        },
        Command::Told {
            gone: vec![holding(&job_id, epoch)],
            out: Out::from([(Stage::Audio, START)]),
        },
        Command::Listed {
            words: vec![Word::Gone {
                job_id: job_id.clone(),
                epoch,
            }],
        },
        Command::Wake { entropy: 9 },
        Command::Account,
        Command::Job {
            job_id: job_id.clone(),
        },
        Command::Jobs(filter),
        Command::Export {
            before: Some(job_id),
        },
    ]
}

pub fn artifacts(epoch: u32) -> Vec<ArtifactRecord> {
    let (name, content_type) = ("a.txt".to_owned(), "text/plain".to_owned());
    vec![ArtifactRecord {
        name,
        content_type,
        offset: 0,
        bytes: 1,
        epoch,
    }]
}

/// What became of a report.
#[derive(Debug, PartialEq)]
pub struct Reported {
    pub outcome: Outcome,
    pub state: Option<State>,
    /// The next stage, to be run by the same delivery.
    pub next: Option<Grant>,
    /// Jobs that the delivery takes along.
    pub granted: Vec<Want>,
}

impl GateHarness {
    /// A delivery would start the job under that epoch.
    pub fn start_as(&mut self, holder: &str, job_id: &JobId, epoch: u32) -> Start {
        let command = Command::Start {
            holder: holder.to_owned(),
            jobs: vec![holding(job_id, epoch)],
        };
        let Reply::Started { mut starts } = self.turn(command) else {
            panic!("a start is answered as one");
        };
        starts.pop().unwrap()
    }

    /// That delivery starts the job; under which epoch.
    pub fn start_by(&mut self, holder: &str, job_id: &JobId, epoch: u32) -> u32 {
        match self.start_as(holder, job_id, epoch) {
            Start::Run(grant) => grant.epoch,
            Start::Skip { reason } => panic!("expected a grant, not {reason:?}"),
        }
    }

    /// A delivery of its own would start the job as it is now.
    pub fn try_start(&mut self, job_id: &JobId) -> Start {
        let holder = format!("delivery-{}", self.new_id());
        let store = SqlStore::new(&self.database);
        let epoch = store.find(job_id).unwrap().map_or(1, |job| job.epoch);
        self.start_as(&holder, job_id, epoch)
    }

    pub fn start(&mut self, job_id: &JobId) -> Grant {
        match self.try_start(job_id) {
            Start::Run(grant) => grant,
            Start::Skip { reason } => panic!("expected a grant, not {reason:?}"),
        }
    }

    pub fn skipped(&mut self, job_id: &JobId) -> SkipReason {
        match self.try_start(job_id) {
            Start::Skip { reason } => reason,
            Start::Run(grant) => panic!("expected a skip, not {grant:?}"),
        }
    }

    /// Runs what is left of a job.
    pub fn run_to_the_end(&mut self, job_id: &JobId) {
        while !self.state(job_id).is_final() {
            let epoch = self.start(job_id).epoch;
            assert_eq!(self.complete(job_id, epoch).0, Outcome::Accepted);
        }
        assert_eq!(self.state(job_id), State::Succeeded);
    }

    pub fn report(&mut self, command: Command) -> Reported {
        let Reply::Reported {
            outcome,
            state,
            next,
            granted,
            ..
        } = self.turn(command)
        else {
            panic!("a report is answered as one");
        };
        Reported {
            outcome,
            state,
            next: next.map(|next| *next),
            granted,
        }
    }

    pub fn complete(&mut self, job_id: &JobId, epoch: u32) -> (Outcome, Option<State>) {
        let reported = self.report(completed(job_id, epoch, LEAVES));
        (reported.outcome, reported.state)
    }

    pub fn fail(
        &mut self,
        job_id: &JobId,
        epoch: u32,
        permanent: bool,
    ) -> (Outcome, Option<State>) {
        let reported = self.report(failed(job_id, epoch, permanent, LEAVES));
        (reported.outcome, reported.state)
    }

    /// The holder says that it goes on; whether it is told to stop.
    pub fn must_stop(&mut self, job_id: &JobId, epoch: u32) -> bool {
        let job_id = job_id.clone();
        let reply = self.turn(Command::Renew { job_id, epoch });
        matches!(reply, Reply::Reported { cancel: true, .. })
    }

    pub fn cancel(&mut self, job_id: &JobId) -> State {
        let job_id = job_id.clone();
        let Reply::Job { view: Some(view) } = self.turn(Command::Cancel { job_id }) else {
            panic!("a cancellation is answered with the job");
        };
        view.job.state
    }

    /// What becomes of a replay.
    pub fn replay(&mut self, job_id: &JobId) -> ReplayOutcome {
        self.replay_as(replayed(job_id))
    }

    pub fn replay_as(&mut self, command: Command) -> ReplayOutcome {
        let Reply::Replayed { outcome, .. } = self.turn(command) else {
            panic!("a replay is answered as one");
        };
        outcome
    }

    /// How many of the user's jobs still run, and whether nothing is left.
    pub fn delete_user(&mut self) -> (u32, bool) {
        let Reply::UserDeleted { running, is_gone } = self.turn(Command::DeleteUser) else {
            panic!("a deletion is answered with how far it is");
        };
        (running, is_gone)
    }

    /// The pool and the list of failures have heard all that they were ever told.
    pub fn hear(&mut self) {
        const EVER: Timestamp = Timestamp::from_millis(i64::MAX);
        let store = SqlStore::new(&self.database);
        let gone = store.gone(EVER, u32::MAX).unwrap();
        let words = store.words(EVER, u32::MAX).unwrap();
        if !words.is_empty() {
            self.turn(Command::Listed { words });
        }
        self.turn(Command::Told {
            gone,
            out: Out::new(),
        });
    }
}
