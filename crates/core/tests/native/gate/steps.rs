//! What can happen to a gate, in any order.

use super::reference::job::What;
use crate::arbitrary::{going, tier};
use proptest::{option::weighted, prelude::*, sample::Index};
use queue_core::{domain::Tier, gate::command::Going};

/// Seconds until a job may start, and from then until it must have.
pub type Times = (Option<u64>, Option<u64>);

#[derive(Clone, Debug)]
pub enum Step {
    Submit(Option<Tier>, Times),
    SubmitWithKey {
        key: u8,
        fingerprint: u8,
    },
    Start(Index, Epoch, u8),
    Report(Index, Epoch, What, Going),
    Renew(Index, Epoch),
    SetPlan(Tier, (u8, u8)),
    Cancel(Index),
    Replay(Index),
    Wake,
    Pass(u64),
    /// The pool confirms what it heard.
    Told,
    /// From now on nobody hears what the gate tells, or somebody does again.
    Deaf(bool),
}

#[derive(Clone, Copy, Debug)]
pub enum Epoch {
    Current,
    Old,
    Future,
}

pub fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    let epoch =
        || prop_oneof![8 => Just(Epoch::Current), 2 => Just(Epoch::Old), 1 => Just(Epoch::Future)];
    let what = prop_oneof![
        4 => Just(What::Made),
        2 => any::<bool>().prop_map(What::Failed),
        1 => Just(What::LostSlot),
        1 => Just(What::NotYet)
    ];
    let times = (weighted(0.2, 1..900_u64), weighted(0.2, 1..900_u64));
    prop_oneof![
        6 => (weighted(0.2, tier()), times).prop_map(|(tier, times)| Step::Submit(tier, times)),
        1 => (0..3_u8, 0..2_u8).prop_map(|(key, fingerprint)| Step::SubmitWithKey { key, fingerprint }),
        12 => (index(), epoch(), 0..3_u8).prop_map(|(index, epoch, holder)| Step::Start(index, epoch, holder)),
        14 => (index(), epoch(), what, going()).prop_map(|(index, epoch, what, going)| Step::Report(index, epoch, what, going)),
        1 => (index(), epoch()).prop_map(|(index, epoch)| Step::Renew(index, epoch)),
        3 => (tier(), (0..6_u8, 0..6_u8)).prop_map(|(tier, event)| Step::SetPlan(tier, event)),
        2 => index().prop_map(Step::Cancel),
        2 => index().prop_map(Step::Replay),
        3 => Just(Step::Wake),
        4 => (0..400_u64).prop_map(Step::Pass),
        2 => Just(Step::Told),
        1 => any::<bool>().prop_map(Step::Deaf),
    ]
}
