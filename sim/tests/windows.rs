//! More rows of a phase than one wake-up looks at, and more than a slice: no seed has so many, so memory and `SQLite` are
//! compared here on rows of their own.

use queue_core::{
    config::Config,
    domain::{JobId, Kind, SeriesId, Timestamp, UserId, Window},
    gate::{Command, Effects, Memory, apply, command::NewJob},
};
use sim::{memory_store::MemoryStore, twin::Twin};

const JOBS: u8 = 250;
const ROUNDS: u8 = 10;

fn new_job(job_id: JobId) -> NewJob {
    NewJob {
        job_id,
        kind: Kind::story(),
        stages: testkit::STORY.to_vec(),
        series_id: SeriesId::try_from("series".to_owned()).expect("a valid id"),
        stated_tier: None,
        tier_ceiling: None,
        claimed_tier: None,
        chars: 0,
        weight: 1,
        window: Window::default(),
        payload: "{}".to_owned(),
        idempotency: None,
    }
}

#[test]
fn memory_and_sqlite_agree_on_many_rows() {
    let config = Config::from_vars(&|_: &str| None).unwrap().gate;
    let (memory, twin) = (MemoryStore::default(), Twin::new().unwrap());
    let user = UserId::try_from("user".to_owned()).unwrap();
    let take = |at: i64, command: Command| {
        let now = Timestamp::from_millis(at);
        let mut known = Memory::default();
        let turn = apply(&memory, &mut known, &config, now, &user, command.clone()).unwrap();
        let changes = memory.commit();
        let place = (&config, now, &user, &Memory::default());
        let difference = twin.disagrees(place, command, Some((&turn, &changes)));
        assert_eq!(difference, None, "at {at}");
        turn.effects
    };
    let hour = 3_600_000;
    for round in 0..ROUNDS {
        for number in 0..JOBS {
            // The oldest are due last, so that it matters which are seen.
            let at = hour * i64::from(ROUNDS - round) + i64::from(number);
            let id_at = hour * i64::from(round) + i64::from(number);
            let job_id = JobId::new(Timestamp::from_millis(id_at), &[round; 10]);
            take(at, Command::Submit(new_job(job_id.clone())));
            if round % 2 == 1 {
                take(at, Command::Cancel { job_id });
            }
        }
        assert_eq!(twin.differs(&memory), None, "round {round}");
    }
    let forget = |at: i64| {
        let Effects { purge, .. } = take(at, Command::Wake { entropy: 1 });
        let failed = Vec::new();
        take(
            at,
            Command::Forget {
                jobs: purge,
                failed,
            },
        );
        assert_eq!(twin.differs(&memory), None, "at {at}");
    };
    let later = 24 * hour + i64::try_from(config.retention.as_millis()).unwrap();
    for step in 0..30 {
        forget(later + step * 10_000);
    }
    take(later, Command::DeleteUser);
    while memory.count_jobs() > 0 {
        forget(later);
    }
}
