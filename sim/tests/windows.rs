//! More rows of a phase than one wake-up looks at: no seed has so many, so memory and `SQLite` are compared
//! here on rows of their own.

use queue_core::{
    config::Config,
    domain::{JobId, Kind, SeriesId, Timestamp, UserId},
    gate::{Command, Memory, Store, apply, command::NewJob},
};
use sim::{memory_store::MemoryStore, twin::Twin};

/// Above the window of a thousand.
const JOBS: u8 = 250;
const ROUNDS: u8 = 10;

#[test]
fn memory_and_sqlite_agree_beyond_the_window() {
    let config = Config::from_vars(&|_: &str| None).unwrap().gate;
    let (memory, twin) = (MemoryStore::default(), Twin::new().unwrap());
    let user = UserId::try_from("user".to_owned()).unwrap();
    let take = |at: i64, command: Command| {
        let now = Timestamp::from_millis(at);
        let turn = apply(
            &memory,
            &mut Memory::default(),
            &config,
            now,
            &user,
            command.clone(),
        )
        .unwrap();
        let changes = memory.commit();
        let difference = twin.disagrees((&config, now, &user), command, Some((&turn, &changes)));
        assert_eq!(difference, None, "at {at}");
    };
    let hour = 3_600_000;
    for round in 0..ROUNDS {
        for number in 0..JOBS {
            // The oldest are due last, so that it matters which are seen.
            let at = hour * i64::from(ROUNDS - round) + i64::from(number);
            let id_at = hour * i64::from(round) + i64::from(number);
            let job_id = JobId::new(Timestamp::from_millis(id_at), &[round; 10]);
            take(
                at,
                Command::Submit(NewJob {
                    job_id: job_id.clone(),
                    kind: Kind::STORY,
                    series_id: SeriesId::try_from("series".to_owned()).unwrap(),
                    stated_tier: None,
                    tier_ceiling: None,
                    claimed_tier: None,
                    script_chars: 0,
                    weight: 1,
                    payload: "{}".to_owned(),
                    idempotency: None,
                }),
            );
            if round % 2 == 1 {
                take(at, Command::Cancel { job_id });
            }
        }
        assert_eq!(twin.differs(&memory), None, "round {round}");
    }
    let later = 24 * hour + i64::try_from(config.retention.as_millis()).unwrap();
    for step in 0..30 {
        take(later + step * 10_000, Command::Wake { entropy: 1 });
        let at = Timestamp::from_millis(later);
        let old = memory.forgettable(at, 10).unwrap();
        let jobs = old.into_iter().map(|job| job.job_id).collect();
        take(later + step * 10_000, Command::Forget { jobs });
        assert_eq!(twin.differs(&memory), None, "step {step}");
    }
}
