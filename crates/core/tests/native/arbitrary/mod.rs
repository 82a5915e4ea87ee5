//! Any value of every type that crosses a wire; extreme ones come often.

mod gate;
mod pool;
mod records;

pub use gate::{SKIP_REASONS, call, going, reply};
pub use pool::{pool_command, pool_reply};
pub use records::{account, artifacts, job, plan_change, plan_step, plan_view};

use proptest::{prelude::*, sample::Index};
use queue_core::{
    domain::{
        Backend, Blame, JobId, Kind, Mailbox, Rank, SeriesId, Stage, Ticket, Tier, Timestamp,
        UserId, Window, mailbox::MAILBOX_BYTES, window::Untimely,
    },
    gate::State,
    line::want::{Holding, Mark, Want},
};
use std::{collections::BTreeMap, time::Duration};

/// No files of past failures: a failure is shrunk, printed, and becomes a test of its own.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

pub fn count() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(1), Just(u32::MAX), any::<u32>()]
}

/// Milliseconds, also those that no [`Timestamp`] can have.
pub fn millis() -> impl Strategy<Value = i64> {
    const SAFE: i64 = (1 << 53) - 1;
    let edges = [i64::MIN, -SAFE - 1, -SAFE, -1, 0, SAFE, SAFE + 1, i64::MAX];
    let today = 1_700_000_000_000_i64..1_800_000_000_000;
    prop_oneof![prop::sample::select(edges.to_vec()), today, any::<i64>()]
}

pub fn moment() -> impl Strategy<Value = Timestamp> {
    millis().prop_map(Timestamp::from_millis)
}

/// Any text: line breaks, quotes, NUL and emoji included.
pub fn text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(&['\n', '\r', '\0', '"', '\\', '\u{2028}', '\u{1f980}'][..]);
    let character = prop_oneof![3 => any::<char>(), 1 => hostile];
    prop::collection::vec(character, 0..12).prop_map(String::from_iter)
}

fn name() -> impl Strategy<Value = String> {
    let name = "[A-Za-z0-9._:|@+=~-]{1,16}|[a-z]{128}";
    name.prop_filter("dots alone are no id", |text| text != "." && text != "..")
}

pub fn user_id() -> impl Strategy<Value = UserId> {
    name().prop_map(|text| UserId::try_from(text).unwrap())
}

pub fn mailbox() -> impl Strategy<Value = Mailbox> {
    any::<[u8; MAILBOX_BYTES]>().prop_map(|random| Mailbox::new(&random))
}

pub fn series_id() -> impl Strategy<Value = SeriesId> {
    name().prop_map(|text| SeriesId::try_from(text).unwrap())
}

pub fn job_id() -> impl Strategy<Value = JobId> {
    (moment(), any::<[u8; 10]>()).prop_map(|(now, random)| JobId::new(now, &random))
}

pub fn tier() -> impl Strategy<Value = Tier> {
    prop::sample::select(&Tier::ALL[..])
}

pub fn stage() -> impl Strategy<Value = Stage> {
    prop::sample::select(&Stage::ALL[..])
}

pub fn backend() -> impl Strategy<Value = Backend> {
    prop::sample::select(&Backend::ALL[..])
}

pub fn blame() -> impl Strategy<Value = Blame> {
    let parts = (backend(), prop::option::of(moment()));
    parts.prop_map(|(backend, until)| Blame { backend, until })
}

/// The stages that are out, and since when.
pub fn out() -> impl Strategy<Value = BTreeMap<Stage, Timestamp>> {
    prop::collection::btree_map(stage(), moment(), 0..3)
}

pub fn window() -> impl Strategy<Value = Window> {
    let at = || prop::option::of(moment());
    (at(), at()).prop_map(|(not_before, start_by)| Window {
        not_before,
        start_by,
    })
}

pub const UNTIMELY: [Untimely; 3] = [
    Untimely::NotBeforeTooLate,
    Untimely::StartByPassed,
    Untimely::StartByTooLate,
];

pub fn untimely() -> impl Strategy<Value = Untimely> {
    prop::sample::select(&UNTIMELY[..])
}

pub fn state() -> impl Strategy<Value = State> {
    prop::sample::select(&State::ALL[..])
}

pub fn rank() -> impl Strategy<Value = Rank> {
    (moment(), count(), any::<u64>())
        .prop_map(|(at, priority, boost)| Rank::new(at, priority, Duration::from_millis(boost)))
}

pub fn ticket() -> impl Strategy<Value = Ticket> {
    let who = (job_id(), user_id(), stage(), tier());
    let of = prop::option::of;
    let when = (count(), moment(), of(count()), of(count()));
    (who, when).prop_map(
        |((job_id, user_id, stage, tier), (priority, submitted_at, epoch, weight))| Ticket {
            job_id,
            user_id,
            kind: Kind::story(),
            stage,
            tier,
            priority,
            submitted_at,
            epoch,
            weight,
            aged_from: weight.map(|_| submitted_at),
        },
    )
}

pub fn holdings() -> impl Strategy<Value = Vec<Holding>> {
    let holding = (job_id(), count()).prop_map(|(job_id, epoch)| Holding { job_id, epoch });
    prop::collection::vec(holding, 0..4)
}

pub fn wants() -> impl Strategy<Value = Vec<Want>> {
    let mark = prop::option::of(prop::sample::select(&[Mark::Trial, Mark::Own][..]));
    let want = (ticket(), rank(), mark);
    let want = want.prop_map(|(ticket, rank, mark)| Want { ticket, rank, mark });
    prop::collection::vec(want, 0..4)
}

/// A few bytes of a message changed, lost, doubled or added, or its end cut off.
#[derive(Clone, Debug)]
pub enum Damage {
    Change(Index, u8),
    Lose(Index),
    Double(Index),
    Add(Index, u8),
    Cut(Index),
}

pub fn damage() -> impl Strategy<Value = Vec<Damage>> {
    // Bytes that mean something in JSON get further than others.
    let byte = || {
        prop_oneof![
            prop::sample::select(&br#"{}[]",:-+.eE0915\/ untf"#[..]),
            any::<u8>()
        ]
    };
    let index = any::<Index>;
    let one = prop_oneof![
        4 => (index(), byte()).prop_map(|(at, byte)| Damage::Change(at, byte)),
        2 => index().prop_map(Damage::Lose),
        2 => index().prop_map(Damage::Double),
        2 => (index(), byte()).prop_map(|(at, byte)| Damage::Add(at, byte)),
        1 => index().prop_map(Damage::Cut),
    ];
    prop::collection::vec(one, 1..4)
}

pub fn damaged(text: &str, damage: &[Damage]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for one in damage {
        // Nothing is left to damage once all is cut off.
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match one {
            Damage::Change(at, byte) => bytes[at.index(length)] = *byte,
            Damage::Lose(at) => drop(bytes.remove(at.index(length))),
            Damage::Double(at) => bytes.insert(at.index(length), bytes[at.index(length)]),
            Damage::Add(at, byte) => bytes.insert(at.index(length), *byte),
            Damage::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}
