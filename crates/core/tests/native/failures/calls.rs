//! Shapes that outlive a deploy: calls, answers and rows of the list.

use super::harness::{ListHarness, failed, job_id, of_user1, replay_id};
use crate::{assert_golden, harness::START};
use queue_core::{
    domain::{Kind, Tier},
    failures::{
        Answer, Command, Filter, Reply, Run, RunState, SqlStore, Store, Word, command::Refusal,
        word::Listed,
    },
    storage::{Database, Value},
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

fn filter() -> Filter {
    Filter {
        error: Some("planted".to_owned()),
        kind: Some(Kind::story()),
        tier: Some(Tier::Tier1),
        failed_after: Some(START),
        failed_before: Some(START),
        ..of_user1()
    }
}

/// One with all that it can have.
fn run() -> Run {
    Run {
        id: replay_id(1),
        filter: filter(),
        rate: 60,
        key: Some("k".to_owned()),
        began_at: START,
        ended_at: Some(START),
        state: RunState::Stopped,
        matched: 5,
        replayed: 2,
        refused: [(Refusal::Quota, 1), (Refusal::NotFailedAnyMore, 1)].into(),
        until: 9,
        cursor: 7,
        asked: vec![Listed {
            number: 7,
            failed: failed(1, 3),
        }],
        next_at: START,
        again_at: START,
        due: Some(START),
    }
}

fn lines<T: Serialize + DeserializeOwned + Debug + PartialEq>(values: Vec<T>) -> String {
    let line = |value: T| {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&text).unwrap(), value);
        text + "\n"
    };
    values.into_iter().map(line).collect()
}

#[test]
fn calls_are_pinned() {
    let words = vec![
        Word::Failed(failed(1, 3)),
        Word::Gone {
            job_id: job_id(1),
            epoch: 3,
        },
    ];
    let id = replay_id(1);
    let answers = vec![
        (1, Answer::Replayed),
        (2, Answer::Refused(Refusal::Forgotten)),
        (3, Answer::Refused(Refusal::UserBeingDeleted)),
        (4, Answer::Refused(Refusal::ArtifactsBeingDeleted)),
        (5, Answer::Unreached),
    ];
    let commands = vec![
        Command::Tell { words },
        Command::Preview { filter: filter() },
        Command::Begin {
            id: id.clone(),
            filter: filter(),
            rate: 60,
            key: Some("k".to_owned()),
        },
        Command::Runs,
        Command::Run { id: id.clone() },
        Command::Pause {
            id: id.clone(),
            pauses: true,
        },
        Command::Stop { id: id.clone() },
        Command::Answered { id, answers },
        Command::Wake,
    ];
    assert_golden("failures-calls.v1.jsonl", &lines(commands));
}

#[test]
fn answers_are_pinned() {
    let replies = vec![
        Reply::Preview {
            matched: 1,
            first: vec![failed(1, 3)],
        },
        Reply::Begun {
            run: Box::new(run()),
            repeated: true,
        },
        Reply::KeyReused { id: replay_id(1) },
        Reply::TooMany,
        Reply::Runs { runs: vec![run()] },
        Reply::Run {
            run: None,
            is_over: false,
        },
        Reply::Run {
            run: Some(Box::new(run())),
            is_over: true,
        },
        Reply::Done,
    ];
    assert_golden("failures-replies.v1.jsonl", &lines(replies));
}

#[test]
fn rows_are_pinned() {
    let mut list = ListHarness::new();
    list.fails(1, 3);
    list.fails(2, 3);
    list.goes(2, 3);
    let store = SqlStore::new(&list.database);
    store.save_run(&run()).unwrap();
    assert_eq!(store.run(&run().id).unwrap(), Some(run()));
    let dump = |sql: &str| {
        let row = |row: Vec<Value>| format!("{row:?}\n");
        let rows = list.database.query(sql, &[]).unwrap();
        rows.into_iter().map(row).collect::<String>()
    };
    let tables = ["failed", "failures", "gone", "runs"];
    let rows =
        tables.map(|table| format!("-- {table}\n{}", dump(&format!("SELECT * FROM {table}"))));
    let schema = dump("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
    assert_golden("failures-rows.v1.txt", &(schema + &rows.concat()));
}
