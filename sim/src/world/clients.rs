//! Clients: they submit, repeat what was not answered, cancel, and have users deleted.

use super::{
    World,
    call::{Ask, Caller},
    event::Event,
};
use crate::{kinds, marks::Mark, oracle::replies::payload};
use queue_core::{
    domain::{JobId, SeriesId, Stage, Timestamp},
    gate::{
        Command, Reply,
        command::{IdempotencyKey, NewJob},
    },
};

/// Tries of a client before it turns away.
pub(super) const TRIES: u32 = 4;

impl World {
    pub(super) fn submit(&mut self, number: usize, tries: u32) {
        let wish = self.plan.wishes[number];
        let job_id = JobId::new(Timestamp::from_millis(self.now), &self.dice.bytes());
        let job = self
            .oracle
            .attempted(job_id.clone(), (wish.user, wish.kind), wish.key);
        let window = wish.times.window(self.now);
        self.oracle.gives(job, window);
        let idempotency = wish.key.map(|(key, other)| IdempotencyKey {
            key: key.to_string(),
            fingerprint: other.to_string(),
        });
        let Ok(series_id) = SeriesId::try_from("series".to_owned()) else {
            return;
        };
        self.say(|| {
            format!(
                "client submits job {job} of user{} as {:?}",
                wish.user, wish.tier
            )
        });
        let command = Command::Submit(NewJob {
            job_id,
            kind: kinds::kind(wish.kind),
            stages: vec![Stage::Image, Stage::Audio, Stage::Video],
            series_id,
            stated_tier: wish.tier,
            tier_ceiling: None,
            claimed_tier: None,
            chars: wish.chars,
            weight: wish.weight,
            window,
            payload: payload(job),
            idempotency,
        });
        if self.dice.chance(self.rates.repeat) {
            self.mark(Mark::SubmissionRepeated);
            self.call(Ask::Gate(wish.user, command.clone()), Caller::Nobody);
        }
        self.call(
            Ask::Gate(wish.user, command),
            Caller::Submit {
                wish: number,
                tries,
            },
        );
    }

    pub(super) fn submitted(&mut self, number: usize, tries: u32, answer: Option<Reply>) {
        match answer {
            Some(Reply::Submitted { job, replayed }) => {
                let Some(accepted) = self.oracle.index.get(&job.job_id).copied() else {
                    return;
                };
                if replayed {
                    self.mark(Mark::KeyReplayed);
                }
                self.oracle.jobs[accepted].acknowledged = true;
                if let Some(after) = self.plan.wishes[number].cancel_after {
                    self.after(after, Event::Cancel(accepted, 1));
                }
            }
            Some(Reply::TierNotEntitled { .. }) => self.mark(Mark::NotEntitled),
            Some(Reply::QuotaExceeded { .. }) => self.mark(Mark::QuotaRefused),
            Some(Reply::Untimely { .. }) => {}
            Some(_) => self.mark(Mark::KeyRefused),
            None if tries < TRIES => {
                let pause = self.dice.between(100, 5_000);
                self.after(pause, Event::Submit(number, tries + 1));
            }
            None => {}
        }
    }

    pub(super) fn cancel(&mut self, job: usize, tries: u32) {
        let fact = &mut self.oracle.jobs[job];
        fact.cancelled = true;
        let (user, job_id) = (fact.user, fact.job_id.clone());
        self.say(|| format!("client cancels job {job}"));
        self.call(
            Ask::Gate(user, Command::Cancel { job_id }),
            Caller::Cancel { job, tries },
        );
    }

    pub(super) fn cancel_answered(&mut self, job: usize, tries: u32, answered: bool) {
        if !answered && tries < TRIES {
            self.after(1_000, Event::Cancel(job, tries + 1));
        }
    }

    pub(super) fn erase(&mut self, user: usize, tries: u32) {
        self.say(|| format!("client has user{user} deleted"));
        let command = Command::DeleteUser;
        self.call(Ask::Gate(user, command), Caller::Erase { user, tries });
    }

    /// Asks until nothing is left.
    pub(super) fn erased(&mut self, (user, tries): (usize, u32), answer: Option<&Reply>) {
        let is_gone = matches!(answer, Some(Reply::UserDeleted { is_gone: true, .. }));
        if !is_gone && tries < 10 * TRIES {
            let pause = self.dice.between(1_000, 60_000);
            self.after(pause, Event::Erase(user, tries + 1));
        }
    }
}
