//! A gate as a Durable Object: its rows, its one alarm, and the little it keeps in memory. Follows
//! `gate/durable_object.rs` step by step: learn the alarm, take one atomic turn, move the alarm only
//! earlier, then send.

use crate::{
    dice::Dice,
    liar::Liar,
    marks::{Mark, Tally},
    memory_store::{Change, MemoryStore},
    planted::Defect,
    rates::Rates,
    sqlite::Twin,
};
use std::time::Duration;
use story_queue::{
    config::GateConfig,
    domain::{Ticket, Timestamp, UserId},
    gate::{Command, Effects, Reply, Store, Turn, apply},
};

/// As in `gate/durable_object.rs`.
const ALARM_PAUSE: Duration = Duration::from_secs(10);
const ALARM_LATE: Duration = Duration::from_mins(2);

/// What the platform and chance bring to a turn.
pub struct Around<'a> {
    /// Chance.
    pub dice: &'a mut Dice,
    /// How often what goes wrong.
    pub rates: &'a Rates,
    /// What happened.
    pub tally: &'a mut Tally,
    /// The configuration of the gates.
    pub config: &'a GateConfig,
}

/// One turn that was kept.
#[derive(Debug)]
pub struct Taken {
    /// What was done.
    pub command: Command,
    /// What was answered, and what follows.
    pub turn: Turn,
    /// What became of the rows.
    pub changes: Vec<Change>,
}

/// The storage failed; the turn changed nothing.
#[derive(Debug)]
pub struct Broken;

/// What is known of the alarm.
#[derive(Clone, Copy)]
struct Alarm(Option<Timestamp>);

/// A gate's object.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts, each on its own, and no states of a machine"
)]
pub struct Object {
    /// Whose.
    pub user: UserId,
    /// The rows.
    pub rows: MemoryStore,
    /// The same on `SQLite`, in some seeds.
    pub twin: Option<Twin>,
    /// When the platform rings, in milliseconds of this object's clock.
    pub slot: Option<Timestamp>,
    /// Grows whenever the alarm is set; a ring of an old version is void.
    pub version: usize,
    /// No call reaches it before that time of the world, in milliseconds.
    pub down_until: i64,
    /// The version that the platform knows of.
    pub scheduled: usize,
    /// The platform gave the alarm up, and nothing has set it since.
    pub dropped: bool,
    /// An alarm could not be set; the next call must set it.
    pub unarmed: bool,
    /// The platform is trying the alarm again.
    pub ringing: bool,
    /// How far this object's clock is ahead of the world's, in milliseconds.
    pub skew: i64,
    /// The cached alarm: `None` until asked for.
    memory: Option<Alarm>,
    /// It died in the middle of its alarm.
    crashed: bool,
    /// What is wrong with this gate.
    pub defect: Defect,
    leaked: u32,
    /// The turns that were kept during one event.
    pub taken: Vec<Taken>,
    /// How the twin differs, if it does.
    pub difference: Option<String>,
}

impl Object {
    /// The object of that user.
    #[must_use]
    pub fn new(user: UserId, twin: Option<Twin>, defect: Defect) -> Self {
        Self {
            user,
            rows: MemoryStore::default(),
            twin,
            slot: None,
            version: 0,
            down_until: 0,
            scheduled: 0,
            dropped: false,
            unarmed: false,
            ringing: false,
            skew: 0,
            memory: None,
            crashed: false,
            defect,
            leaked: 0,
            taken: Vec::new(),
            difference: None,
        }
    }

    /// Drops all memory.
    pub fn evict(&mut self) {
        self.memory = None;
    }

    /// A call.
    ///
    /// # Errors
    /// When the storage fails; then nothing was changed.
    pub fn perform(
        &mut self,
        now: Timestamp,
        command: Command,
        around: &mut Around<'_>,
        tickets: &mut Vec<Ticket>,
    ) -> Result<Reply, Broken> {
        self.load_alarm(now, around)?;
        self.unarmed = false;
        let Turn { reply, effects } = self.turn(now, command, around)?;
        self.follow(effects, around, tickets);
        Ok(reply)
    }

    /// The alarm rings.
    ///
    /// # Errors
    /// When not even the next alarm could be set; the platform then rings again.
    pub fn alarm(
        &mut self,
        now: Timestamp,
        around: &mut Around<'_>,
        tickets: &mut Vec<Ticket>,
    ) -> Result<(), Broken> {
        self.memory = Some(Alarm(None));
        if self.wake(now, around, tickets).is_err() {
            if std::mem::take(&mut self.crashed) {
                self.evict();
                return Err(Broken);
            }
            self.arm(Some(now.after(ALARM_PAUSE)), around)?;
        }
        if self.memory.is_none() && self.defect != Defect::AlarmSwallowed {
            self.load_alarm(now, around)?;
        }
        self.unarmed = false;
        Ok(())
    }

    fn wake(
        &mut self,
        now: Timestamp,
        around: &mut Around<'_>,
        tickets: &mut Vec<Ticket>,
    ) -> Result<(), Broken> {
        if !matches!(self.rows.account(), Ok(Some(_))) {
            return Ok(());
        }
        let entropy = around.dice.word();
        let effects = self.turn(now, Command::Wake { entropy }, around)?.effects;
        let purge = effects.purge.clone();
        self.follow(effects, around, tickets);
        for job_id in purge {
            // The artifacts go first; the object may die while it waits for that.
            if around.dice.chance(around.rates.storage / 2.0) {
                around.tally.mark(Mark::AlarmCrashed);
                self.crashed = true;
                tickets.clear();
                return Err(Broken);
            }
            around.breaks(Mark::PurgeFailed, around.rates.storage)?;
            let forget = Command::Forget { jobs: vec![job_id] };
            let effects = self.turn(now, forget, around)?.effects;
            self.follow(effects, around, tickets);
        }
        Ok(())
    }

    /// One synchronous turn: all of its writes or none.
    fn turn(
        &mut self,
        now: Timestamp,
        command: Command,
        around: &mut Around<'_>,
    ) -> Result<Turn, Broken> {
        let fails = around.dice.chance(around.rates.storage);
        let writes = fails.then(|| u32::try_from(around.dice.below(4)).unwrap_or(0));
        self.rows.fail_after(writes);
        let result = self.decide(now, command.clone(), around.config);
        let commits = around.breaks(Mark::CommitFailed, around.rates.commit);
        let Ok(turn) = result else {
            around.tally.mark(Mark::StorageFailed);
            self.roll_back(now, command, around.config);
            return Err(Broken);
        };
        if let Err(broken) = commits {
            self.evict();
            self.roll_back(now, command, around.config);
            return Err(broken);
        }
        let changes = self.rows.commit();
        if let Some(twin) = &self.twin {
            around.tally.mark(Mark::SqlTurn);
            let place = (around.config, now, &self.user);
            let difference = twin.disagrees(place, command.clone(), Some((&turn, &changes)));
            self.difference = self.difference.take().or(difference);
        }
        let Turn { reply, effects } = &turn;
        let copy = Turn {
            reply: reply.clone(),
            effects: Effects {
                tickets: effects.tickets.clone(),
                wake_by: effects.wake_by,
                purge: effects.purge.clone(),
                notices: effects.notices.clone(),
            },
        };
        self.taken.push(Taken {
            command,
            turn: copy,
            changes,
        });
        Ok(turn)
    }

    fn roll_back(&mut self, now: Timestamp, command: Command, config: &GateConfig) {
        if self.defect == Defect::NoRollback {
            self.rows.commit();
            return;
        }
        self.rows.roll_back();
        if let Some(twin) = &self.twin {
            let difference = twin.disagrees((config, now, &self.user), command, None);
            self.difference = self.difference.take().or(difference);
        }
    }

    fn decide(
        &mut self,
        now: Timestamp,
        command: Command,
        config: &GateConfig,
    ) -> Result<Turn, Broken> {
        if self.defect == Defect::None {
            return apply(&self.rows, config, now, &self.user, command).map_err(|_| Broken);
        }
        if let Command::Cancel { job_id } = &command
            && self.defect == Defect::LeakOnCancel
            && let Ok(Some(job)) = self.rows.find(job_id)
            && job.state == story_queue::gate::State::Granted
        {
            self.leaked += 1;
        }
        let (rows, defect, leaked) = (&self.rows, self.defect, self.leaked);
        let liar = Liar {
            rows,
            defect,
            now,
            leaked,
            command,
        };
        let (config, command) = (liar.config(config), liar.command());
        let turn = apply(&liar, &config, now, &self.user, command);
        let mut turn = turn.map_err(|_| Broken)?;
        liar.spoil(&mut turn.effects);
        Ok(turn)
    }

    /// Does what a turn asked for. The turn stands, also when the alarm cannot be set.
    fn follow(&mut self, effects: Effects, around: &mut Around<'_>, tickets: &mut Vec<Ticket>) {
        if self.arm(effects.wake_by, around).is_err() {
            self.unarmed = true;
        }
        tickets.extend(effects.tickets);
    }

    fn armed(&self) -> Option<Timestamp> {
        self.memory.and_then(|Alarm(armed)| armed)
    }

    /// Has the alarm ring by then; moves it only to an earlier time.
    fn arm(&mut self, wake_by: Option<Timestamp>, around: &mut Around<'_>) -> Result<(), Broken> {
        let Some(wake_by) = wake_by else {
            return Ok(());
        };
        let armed = self.armed();
        if self.defect != Defect::AlarmMovedLater && armed.is_some_and(|armed| armed <= wake_by) {
            return Ok(());
        }
        if let Err(broken) = around.breaks(Mark::AlarmNotSet, around.rates.alarm_unset) {
            self.memory = None;
            return Err(broken);
        }
        self.memory = Some(Alarm(Some(wake_by)));
        self.slot = Some(wake_by);
        self.version += 1;
        self.dropped = false;
        self.ringing = false;
        Ok(())
    }

    /// Learns when the alarm rings, and mends one that could not be set or that the platform dropped.
    fn load_alarm(&mut self, now: Timestamp, around: &mut Around<'_>) -> Result<(), Broken> {
        let in_time = |armed: &Timestamp| now <= armed.after(ALARM_LATE);
        if self.armed().as_ref().is_some_and(in_time) {
            return Ok(());
        }
        let armed = if let Some(Alarm(late)) = self.memory {
            late
        } else {
            around.breaks(Mark::StorageFailed, around.rates.storage / 4.0)?;
            self.slot
        };
        let armed = armed.filter(in_time);
        let unknown = self.memory.is_none();
        self.memory = Some(Alarm(armed));
        if unknown && armed.is_some() && self.defect == Defect::StoredAlarmTrusted {
            return Ok(());
        }
        let next = self.rows.next_due().map_err(|_| Broken)?;
        let version = self.version;
        self.arm(next, around)?;
        if self.version != version {
            around.tally.mark(Mark::AlarmMended);
        }
        Ok(())
    }
}

impl Around<'_> {
    fn breaks(&mut self, mark: Mark, rate: f64) -> Result<(), Broken> {
        if self.dice.chance(rate) {
            self.tally.mark(mark);
            return Err(Broken);
        }
        Ok(())
    }
}
