//! The commands that deliveries send to a gate.

use queue_core::{
    domain::JobId,
    gate::{Command, command::Going, job::ArtifactRecord},
    line::want::Holding,
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
        entropy: u32::MAX,
        going,
    }
}

pub fn requeued(job_id: &JobId, epoch: u32, going: Going) -> Command {
    let job_id = job_id.clone();
    Command::Requeue {
        job_id,
        epoch,
        going,
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
