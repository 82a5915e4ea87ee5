//! Rows: what the store writes it reads back, whatever the values, and a record that was damaged on disk is an
//! error, never a panic.

use crate::{
    arbitrary::{
        account, cases, count, damage, damaged, holdings, job, job_id, moment, state, text, user_id,
    },
    codecs::reads_back,
    gate::{commands::of_a_job, harness::GateHarness},
    harness::Harness,
};
use proptest::prelude::*;
use queue_core::{
    api::view,
    domain::Timestamp,
    gate::{
        Command, Job, SqlStore, State, Store,
        account::{Erased, Mark},
        command::JobView,
        store::UsedKey,
    },
    line::{pause::FAR, want::Holding},
    storage::{Database, Value},
};
use std::time::Duration;
use testkit::Sqlite;

/// Later than any row is due.
const LATE: Timestamp = Timestamp::from_millis(i64::MAX);

fn database() -> Sqlite {
    let database = Sqlite::in_memory().unwrap();
    SqlStore::new(&database).migrate().unwrap();
    database
}

#[test]
fn rows_of_an_unknown_schema_are_not_touched() {
    for (schema, good) in [
        (Value::Integer(i64::MIN), false),
        (Value::Integer(-1), false),
        (Value::Integer(0), false),
        (Value::Integer(1), false),
        (Value::Integer(2), false),
        (Value::Integer(3), true),
        // A later build only adds.
        (Value::Integer((1 << 53) - 1), true),
        (Value::Integer(i64::MAX), true),
        (Value::Text("five".to_owned()), false),
        (Value::Text(String::new()), false),
    ] {
        let (database, case) = (database(), format!("{schema:?}"));
        let update = database.query("UPDATE gate SET schema = ?", &[schema]);
        update.unwrap();
        assert_eq!(SqlStore::new(&database).migrate().is_ok(), good, "{case}");
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_job_its_payload_and_its_key_are_read_as_written(
        job in job(), payload in text(), key in text(), fingerprint in text(),
    ) {
        let database = database();
        let store = SqlStore::new(&database);
        store.insert(&job, &payload).unwrap();
        let used = UsedKey { job_id: job.job_id.clone(), fingerprint };
        store.save_key(&key, &used).unwrap();
        prop_assert_eq!(store.find(&job.job_id), Ok(Some(job.clone())));
        prop_assert_eq!(store.page(Some(job.state), Some(&job.series_id), None, u32::MAX), Ok(vec![job.clone()]));
        prop_assert_eq!(store.payload(&job.job_id), Ok(Some(payload)));
        prop_assert_eq!(store.key(&key), Ok(Some(used)));
    }

    #[test]
    fn an_updated_job_stays_one_job_and_keeps_its_payload(before in job(), after in job(), payload in text()) {
        let database = database();
        let store = SqlStore::new(&database);
        store.insert(&before, &payload).unwrap();
        let after = Job { job_id: before.job_id, ..after };
        store.save(&after).unwrap();
        prop_assert_eq!(store.page(None, None, None, u32::MAX), Ok(vec![after.clone()]));
        prop_assert_eq!(store.payload(&after.job_id), Ok(Some(payload)));
        store.delete(&after).unwrap();
        prop_assert_eq!(store.find(&after.job_id), Ok(None));
    }

    #[test]
    fn the_columns_match_the_record(job in job(), other in state()) {
        let database = database();
        let store = SqlStore::new(&database);
        store.insert(&job, "{}").unwrap();
        let holds = u32::from(job.state.holds_lease());
        prop_assert_eq!(store.held(), Ok(holds));
        prop_assert_eq!(store.count(other), Ok(u32::from(job.state == other)));
        let waits = !job.state.is_final() && job.state != State::Running;
        prop_assert_eq!((store.waits(0), store.waits(9)), (Ok(0), Ok(u32::from(waits))));
        let on_its_way = |job: &Job| job.state != State::Parked && !job.state.is_final();
        let due = job.due.filter(|_| on_its_way(&job));
        let start_by = job.expires_at();
        let first = |due: Option<Timestamp>| Ok(due.into_iter().chain(start_by).min());
        prop_assert_eq!(store.next_due(LATE), first(due));
        let early = due.map(|due| due.before(2 * FAR));
        prop_assert_eq!(early.map(|now| store.next_due(now)), early.map(|now| first(Some(now))));
        let late = store.late(LATE, 9).unwrap();
        prop_assert_eq!(late, start_by.map(|_| job.clone()).into_iter().collect::<Vec<_>>());
        let found = early.map_or(0, |now| store.due(now, 9).unwrap().len());
        prop_assert_eq!(found, usize::from(due.is_some()));
        let ended = job.due.filter(|_| job.state.is_final());
        prop_assert_eq!(store.first_ended(), Ok((ended, None)));
        let is_found = |since| store.changed(since, None, 9).map(|found| found == [job.clone()]);
        prop_assert_eq!(is_found(None), Ok(!job.state.is_final()));
        if let Some(at) = job.changed_at {
            let is_kept = !job.state.is_final() || job.due > Some(at);
            prop_assert_eq!(is_found(Some(at)), Ok(is_kept));
            let later = at.after(Duration::from_millis(1));
            prop_assert_eq!(is_found(Some(later)), Ok(later == at && is_kept));
        }
    }

    #[test]
    fn the_account_is_read_as_it_was_written(accounts in [account(), account()]) {
        let database = database();
        let store = SqlStore::new(&database);
        for account in accounts {
            store.save_account(&account).unwrap();
            prop_assert_eq!(store.account(), Ok(Some(account)));
        }
        prop_assert_eq!(store.erased(), Ok(None));
        let at = Timestamp::from_millis(5);
        let mark = Mark { hash: "h".to_owned(), at };
        let erased = Erased { at, marks: vec![mark] };
        store.forget_account(&erased).unwrap();
        prop_assert_eq!((store.account(), store.erased()), (Ok(None), Ok(Some(erased))));
    }

    #[test]
    fn an_ended_job_is_kept_by_job_and_epoch_until_it_is_told(gone in holdings(), dues in [moment(), moment()]) {
        let database = database();
        let store = SqlStore::new(&database);
        for (gone, due) in gone.iter().zip(dues.iter().cycle()) {
            store.save_gone(gone, Timestamp::from_millis(0)).unwrap();
            store.save_gone(gone, *due).unwrap();
        }
        let key = |gone: &Holding| (gone.job_id.clone(), gone.epoch);
        let mut kept = store.gone(LATE, u32::MAX).unwrap();
        kept.sort_by_key(key);
        let mut expected = gone.clone();
        expected.sort_by_key(key);
        expected.dedup();
        prop_assert_eq!(kept, expected);
        let due = dues.iter().take(gone.len()).min().copied();
        prop_assert_eq!(store.next_due(LATE), Ok(due));
        for gone in &gone {
            store.forget_gone(gone).unwrap();
        }
        prop_assert_eq!((store.gone(LATE, 1), store.next_due(LATE)), (Ok(vec![]), Ok(None)));
    }

    #[test]
    fn a_damaged_record_is_an_error_or_another_job(job in job(), wounds in damage()) {
        let database = database();
        let store = SqlStore::new(&database);
        store.insert(&job, "{}").unwrap();
        let bytes = damaged(&serde_json::to_string(&job).unwrap(), &wounds);
        let record = String::from_utf8_lossy(&bytes).into_owned();
        let read = serde_json::from_str::<Job>(&record).ok();
        read.iter().for_each(reads_back);
        database.query("UPDATE jobs SET record = ?", &[Value::Text(record)]).unwrap();
        prop_assert_eq!(store.find(&job.job_id).ok(), read.map(Some));
    }

    #[test]
    fn an_unknown_job_is_not_found(job in job(), other in job_id()) {
        prop_assume!(job.job_id != other);
        let database = database();
        let store = SqlStore::new(&database);
        store.insert(&job, "{}").unwrap();
        prop_assert_eq!(store.find(&other), Ok(None));
    }

    #[test]
    fn any_row_can_be_shown(user_id in user_id(), job in job(), active in any::<u32>(), position in any::<Option<u32>>()) {
        let view = JobView { job, active, limit: u32::MAX, by_kind: false, position, coming: None, estimate: None };
        let shown = view::job(&user_id, &view, None);
        prop_assert_eq!(shown["jobId"].as_str(), Some(view.job.job_id.as_str()));
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn any_row_can_be_changed_at_any_time_and_read_afterwards(job in job(), now in moment(), entropy in count(), which in 0..12_usize) {
        let (id, job_id) = (&job.job_id, job.job_id.clone());
        let others = [Command::Job { job_id }, Command::Wake { entropy }];
        let mut command = [&of_a_job(id, job.epoch)[..], &others].concat().swap_remove(which);
        if let Command::Fail { entropy: drawn, .. } = &mut command {
            *drawn = entropy;
        }
        let mut gate = GateHarness::new();
        gate.now = now;
        SqlStore::new(&gate.database).insert(&job, "{}").unwrap();
        gate.turn(command);
        prop_assert_eq!(gate.job(id).submitted_at, job.submitted_at);
        // What the turn left can be worked on in its turn.
        gate.try_start(id);
    }
}
