//! What is said over the sockets of watchers, and what is kept with them.

use super::{NOW, job, job_id, lines};
use crate::assert_golden;
use queue_core::live::{Ask, Said, Seen, Watch, Watcher};

#[test]
fn what_watchers_and_gates_say_is_pinned() {
    let seen = |changed_at| Watch {
        job: Some(Seen {
            job_id: job_id(),
            changed_at,
        }),
    };
    let asked = [Watch::default(), seen(None), seen(Some(NOW))];
    let watchers = asked.iter().map(|watch| Watcher::new(watch, NOW));
    let watchers = lines(watchers.collect());
    let asks = [
        Ask::default(),
        Ask {
            since: Some(NOW),
            before: Some(job_id()),
        },
    ];
    let said = [
        Said::Job {
            at: NOW,
            job: Box::new(job().told()),
        },
        Said::Page {
            at: NOW,
            before: Some(job_id()),
        },
        Said::Page {
            at: NOW,
            before: None,
        },
    ];
    let all = [
        lines(asked.to_vec()),
        watchers,
        lines(asks.to_vec()),
        lines(said.to_vec()),
    ];
    assert_golden("live.v1.jsonl", &all.concat());
}
