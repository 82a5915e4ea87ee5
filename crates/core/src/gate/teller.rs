//! What an object of a gate has yet to tell the pool: one call at a time, so that a word never overtakes a later one.
//! The tickets of new jobs follow the word of them: a delivery that came before it would find nothing, and leave.
//!
//! It is kept in memory: the rows owe all of it. So what cannot be told after some tries is left to the alarm.

use super::turn::Effects;
use crate::{
    domain::{Stage, Ticket, Timestamp},
    line::want::Holding,
    pool::command::{Reply, Tell},
};
use std::{collections::BTreeMap, time::Duration};

/// Pauses after a call that failed; after the last one, the alarm tells again.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// The stages whose back end is out, and since when.
pub type Out = BTreeMap<Stage, Timestamp>;

/// What is to be done after a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum After {
    /// The pool knows: these need not be told again; and it said what is out. Then the next call.
    Told(Vec<Holding>, Out),
    /// The next call after a pause.
    Pause(Duration),
    /// Nothing: the alarm tells again.
    Nothing,
}

/// What a pool that was reached said to a [`Tell`].
#[must_use]
pub fn out(reply: Reply) -> Out {
    if let Reply::Told { out } = reply {
        out
    } else {
        Out::new()
    }
}

/// What has yet to be told.
#[derive(Clone, Debug, Default)]
pub struct Teller {
    pending: Tell,
    /// Tickets that follow the next call.
    tickets: Vec<Ticket>,
    /// What is being told now, and the tickets that follow.
    calling: Option<(Tell, Vec<Ticket>)>,
    failures: usize,
    /// Somebody calls.
    is_at_it: bool,
}

impl Teller {
    /// Takes what the pool must hear of a turn, and with it the tickets that follow; others are sent at once. Whether
    /// somebody must begin to call.
    #[must_use]
    pub fn take(&mut self, effects: &mut Effects) -> bool {
        if effects.tell.is_empty() {
            return false;
        }
        self.pending.add(std::mem::take(&mut effects.tell));
        self.tickets.append(&mut effects.tickets);
        let begins = !self.is_at_it && !self.pending.is_empty();
        self.is_at_it |= begins;
        begins
    }

    /// What to tell now; `None` when all is told.
    #[must_use]
    pub fn call(&mut self) -> Option<Tell> {
        if self.pending.is_empty() {
            self.is_at_it = false;
            return None;
        }
        let mut tell = std::mem::take(&mut self.pending);
        let tickets = std::mem::take(&mut self.tickets);
        tell.ticketed = !tickets.is_empty();
        self.calling = Some((tell.clone(), tickets));
        Some(tell)
    }

    /// The call reached the pool, or did not: the tickets to send now, and what to do then.
    pub fn called(&mut self, reached: Option<Out>) -> (Vec<Ticket>, After) {
        let Some((mut tell, mut tickets)) = self.calling.take() else {
            return (Vec::new(), After::Nothing);
        };
        if let Some(out) = reached {
            self.failures = 0;
            return (tickets, After::Told(tell.gone, out));
        }
        let Some(pause) = PAUSES.get(self.failures) else {
            self.failures = 0;
            self.is_at_it = false;
            self.pending = Tell::default();
            tickets.append(&mut self.tickets);
            return (tickets, After::Nothing);
        };
        self.failures += 1;
        tell.add(std::mem::take(&mut self.pending));
        self.pending = tell;
        (tickets, After::Pause(*pause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{JobId, Kind, Rank, Tier, UserId},
        line::want::Want,
    };

    fn want(number: u8, epoch: u32) -> Want {
        let submitted_at = Timestamp::from_millis(1_700_000_000_000);
        Want {
            ticket: Ticket {
                job_id: JobId::new(submitted_at, &[number; 10]),
                user_id: UserId::try_from("u".to_owned()).unwrap(),
                kind: Kind::story(),
                stage: Stage::Image,
                tier: Tier::Tier1,
                priority: 1,
                submitted_at,
                epoch: Some(epoch),
                weight: None,
                aged_from: None,
            },
            rank: Rank::new(submitted_at, 1, Duration::ZERO),
            mark: None,
        }
    }

    fn comes(want: Want) -> Tell {
        Tell {
            wants: vec![want],
            ..Tell::default()
        }
    }

    fn effects(tell: Tell, tickets: Vec<Ticket>) -> Effects {
        Effects {
            tickets,
            tell,
            ..Effects::default()
        }
    }

    fn goes(want: &Want) -> Tell {
        Tell {
            gone: vec![want.holding()],
            ..Tell::default()
        }
    }

    #[test]
    fn news_during_a_call_goes_with_the_next_one() {
        let mut teller = Teller::default();
        assert!(
            teller.take(&mut effects(comes(want(1, 1)), Vec::new())),
            "somebody must call"
        );
        assert_eq!(teller.call(), Some(comes(want(1, 1))));
        assert!(
            !teller.take(&mut effects(comes(want(2, 1)), Vec::new())),
            "somebody does"
        );
        assert!(!teller.take(&mut effects(comes(want(3, 1)), Vec::new())));
        assert_eq!(
            teller.called(Some(Out::new())),
            (Vec::new(), After::Told(Vec::new(), Out::new()))
        );
        assert_eq!(teller.call().unwrap().wants, [want(2, 1), want(3, 1)]);
        assert_eq!(
            teller.called(Some(Out::new())),
            (Vec::new(), After::Told(Vec::new(), Out::new()))
        );
        assert_eq!(teller.call(), None);
        assert!(teller.take(&mut effects(comes(want(4, 1)), Vec::new())));
    }

    #[test]
    fn nobody_else_begins_to_call_between_two_calls() {
        let mut teller = Teller::default();
        assert!(teller.take(&mut effects(comes(want(1, 1)), Vec::new())));
        let _ = teller.call();
        let _ = teller.called(Some(Out::new()));
        // What the pool said is being recorded now.
        assert!(!teller.take(&mut effects(comes(want(2, 1)), Vec::new())));
        assert_eq!(teller.call(), Some(comes(want(2, 1))));
        let _ = teller.called(Some(Out::new()));
        assert_eq!(teller.call(), None);
        assert!(teller.take(&mut effects(comes(want(3, 1)), Vec::new())));
    }

    #[test]
    fn a_failed_call_is_repeated_with_the_newest_news_and_then_left_to_the_alarm() {
        let mut teller = Teller::default();
        let _ = teller.take(&mut effects(comes(want(1, 1)), Vec::new()));
        let _ = teller.call();
        assert!(!teller.take(&mut effects(goes(&want(1, 1)), Vec::new())));
        for pause in PAUSES {
            assert_eq!(teller.called(None).1, After::Pause(pause));
            assert_eq!(teller.call(), Some(goes(&want(1, 1))));
        }
        assert_eq!(teller.called(None).1, After::Nothing);
        assert_eq!(teller.call(), None);
    }

    #[test]
    fn a_job_that_returns_under_a_new_lease_is_told_as_gone_and_as_new() {
        let mut tell = comes(want(1, 1));
        tell.add(goes(&want(1, 1)));
        assert!(tell.wants.is_empty());
        tell.add(comes(want(1, 2)));
        assert_eq!(
            (tell.gone, tell.wants),
            (vec![want(1, 1).holding()], vec![want(1, 2)])
        );
    }

    #[test]
    fn ended_jobs_are_confirmed_once_the_pool_was_reached() {
        let mut teller = Teller::default();
        let _ = teller.take(&mut effects(goes(&want(1, 1)), Vec::new()));
        let _ = teller.call();
        assert_eq!(
            teller.called(Some(Out::new())).1,
            After::Told(vec![want(1, 1).holding()], Out::new())
        );
    }

    #[test]
    fn a_ticket_follows_the_announcement_of_its_job() {
        for is_reached in [true, false] {
            let mut teller = Teller::default();
            let _ = teller.take(&mut effects(comes(want(1, 1)), vec![want(1, 1).ticket]));
            assert!(teller.call().unwrap().ticketed);
            let _ = teller.take(&mut effects(comes(want(2, 1)), vec![want(2, 1).ticket]));
            let (tickets, _) = teller.called(is_reached.then(Out::new));
            assert_eq!(tickets, [want(1, 1).ticket]);
            assert!(teller.call().unwrap().ticketed);
            assert_eq!(teller.called(Some(Out::new())).0, [want(2, 1).ticket]);
        }
    }
}
