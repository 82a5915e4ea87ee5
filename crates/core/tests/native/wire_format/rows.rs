//! Tables and rows.

use super::{
    NOW, holding, job, job_id,
    plans::{account, erased},
    user_id, want,
};
use crate::assert_golden;
use queue_core::{
    domain::{JobId, Tier},
    failures::Word,
    gate::{SqlStore, Store, account::Account, store::UsedKey},
    pool::{self, Claim, Hold, Store as _},
    storage::{Database, Value},
};
use testkit::Sqlite;

#[test]
fn gate_rows_are_pinned() {
    let database = Sqlite::in_memory().unwrap();
    let store = SqlStore::new(&database);
    store.migrate().unwrap();
    store.forget_account(&erased()).unwrap();
    store.save_account(&account()).unwrap();
    store.insert(&job(), "{}").unwrap();
    let used = UsedKey {
        job_id: job_id(),
        fingerprint: "f".to_owned(),
    };
    store.save_key("k", &used).unwrap();
    store.save_gone(&holding(), NOW).unwrap();
    let word = Word::Gone {
        job_id: job_id(),
        epoch: 3,
    };
    store.save_word(&word, NOW).unwrap();
    let dumped = dump(&database, &["gate", "jobs", "keys", "gone", "words"]);
    assert_golden("gate-rows.v1.txt", &dumped);
}

#[test]
fn pool_rows_are_pinned() {
    let database = Sqlite::in_memory().unwrap();
    let store = pool::SqlStore::new(&database);
    store.migrate().unwrap();
    for (random, hold) in (0..).zip([Hold::Waiting, Hold::Given, Hold::Held]) {
        let mut want = want();
        want.ticket.job_id = JobId::new(NOW, &[random; 10]);
        let claim = Claim {
            hold,
            by: hold.has_slot().then(|| "d".to_owned()),
            due: hold.has_slot().then_some(NOW),
            since: hold.has_slot().then_some(NOW),
            ..Claim::waiting(want)
        };
        store.insert(&claim).unwrap();
        assert_eq!(store.find(claim.job_id()).unwrap(), Some(claim));
    }
    assert_golden("pool-rows.v1.txt", &dump(&database, &["pool", "jobs"]));
}

#[test]
fn an_account_with_few_facts_is_short() {
    let text = r#"{"userId":"auth0|u","tier":"tier4"}"#;
    let account = Account {
        tier: Tier::Tier4,
        ..Account::new(user_id())
    };
    assert_eq!(serde_json::from_str::<Account>(text).unwrap(), account);
    assert_eq!(serde_json::to_string(&account).unwrap(), text);
}

/// The tables as they were made, and their rows.
fn dump(database: &Sqlite, tables: &[&str]) -> String {
    let dump = |sql: &str| {
        let row = |row: Vec<Value>| {
            let values = row.into_iter().map(|value| match value {
                Value::Null => "NULL".to_owned(),
                Value::Integer(value) => value.to_string(),
                Value::Text(text) => text,
            });
            values.collect::<Vec<_>>().join(" | ") + "\n"
        };
        database
            .query(sql, &[])
            .unwrap()
            .into_iter()
            .map(row)
            .collect::<String>()
    };
    let schema = dump("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
    let table = |table: &&str| format!("-- {table}\n{}", dump(&format!("SELECT * FROM {table}")));
    let rows: String = tables.iter().map(table).collect();
    format!("{schema}{rows}")
}
