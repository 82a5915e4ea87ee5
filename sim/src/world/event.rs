//! What happens at a time.

use super::call::{OfMany, Word};

/// Something that happens at a time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A client submits what it wishes; the second number counts its tries.
    Submit(usize, u32),
    /// A client cancels a job.
    Cancel(usize, u32),
    /// A message reaches the queue.
    Message(usize),
    /// The queue delivers what it has.
    Batch,
    /// A message of the dead-letter queue is delivered.
    DeadLetter(usize),
    /// A call is made once more.
    CallDialled(usize),
    /// A call reaches its object.
    CallArrives(usize),
    /// Its answer, or its failure, comes back.
    CallAnswered(usize),
    /// The generator has ended.
    WorkEnds(usize),
    /// The holder renews its lease.
    Heartbeat(usize),
    /// A report is made once more.
    ReportAgain(usize),
    /// A delivery looks again by itself.
    Tick(usize),
    /// The platform ends a delivery that runs too long.
    Wall(usize),
    /// The alarm of an object, in that version, rings.
    Alarm(usize, usize),
    /// It rings after the platform failed to ring.
    AlarmRetry(usize, usize),
    /// The platform gives it up.
    AlarmGone(usize, usize),
    /// It rings once more.
    AlarmAgain(usize),
    /// The clock of an object is set by so many milliseconds.
    ClockStep(usize, i64),
    /// An object is not to be reached for so many milliseconds.
    Outage(usize, i64),
    /// Another build takes over, with other limits or another capacity.
    Deploy(usize),
    /// A change of a subscription is told.
    SetPlan(usize, u32),
    /// Somebody has the list of a user's subscriptions read.
    Reconcile(usize, u32),
    /// The bucket has answered a gate.
    Purged(usize),
    /// What a stage made lands in the bucket.
    Landed(usize),
    /// The uploads of a stage that was given up are awaited no longer.
    UploadsOver(usize),
    /// An operator says something about a back end.
    Operate(Word),
    /// A client has a user deleted.
    Erase(usize, u32),
    /// A user replays a job.
    Replay(usize),
    /// The same once more: job, number, tries.
    ReplayAgain(usize, usize, u32),
    /// An operator speaks of a replay of many.
    Many(usize, OfMany, u32),
    /// An open call at the pool has waited long enough.
    ListenEnds(usize),
    /// A gate tells the pool again, unless it lost its memory meanwhile.
    TellAgain(usize, usize),
    /// Somebody looks at an account, or at a place in the pool's line.
    Look(usize),
    /// The same, after the object was evicted for want of requests.
    LookLater(usize),
}
