//! How often each fault happens in one seed. Each rate is drawn on its own and is often zero: some defects
//! only show while a kind of fault is absent.

use crate::dice::Dice;

/// Probabilities, each per opportunity, named after the marks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    pub(crate) ticket_lost: f64,
    pub(crate) ticket_duplicated: f64,
    pub(crate) ticket_delayed: f64,
    pub(crate) send_failed: f64,
    pub(crate) ack_lost: f64,
    pub(crate) poison: f64,
    pub(crate) reorder: f64,
    pub(crate) call_before: f64,
    pub(crate) call_after: f64,
    pub(crate) storage: f64,
    pub(crate) commit: f64,
    pub(crate) alarm_late: f64,
    pub(crate) alarm_repeated: f64,
    pub(crate) alarm_failed: f64,
    pub(crate) alarm_unset: f64,
    pub(crate) eviction: f64,
    pub(crate) death: f64,
    pub(crate) freeze: f64,
    pub(crate) transient: f64,
    pub(crate) permanent: f64,
    pub(crate) stall: f64,
    pub(crate) twice: f64,
    pub(crate) clock_step: f64,
    pub(crate) cancel: f64,
    pub(crate) tier_change: f64,
    pub(crate) capacity_change: f64,
    pub(crate) reprice: f64,
    pub(crate) repeat: f64,
    pub(crate) outage: f64,
    pub(crate) erase: f64,
    /// Without any fault.
    pub(crate) is_calm: bool,
}

impl Rates {
    /// The rates of a seed; one in five is without any fault.
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        if dice.chance(0.2) {
            return Self {
                reprice: 0.1,
                is_calm: true,
                ..Self::default()
            };
        }
        let mut up_to = |most: f64| {
            if dice.chance(0.5) {
                return 0.0;
            }
            most * dice.fraction()
        };
        Self {
            ticket_lost: up_to(0.3),
            ticket_duplicated: up_to(0.5),
            ticket_delayed: up_to(0.3),
            send_failed: up_to(0.3),
            ack_lost: up_to(0.3),
            poison: up_to(0.1),
            reorder: up_to(1.0),
            call_before: up_to(0.25),
            call_after: up_to(0.25),
            storage: up_to(0.15),
            commit: up_to(0.1),
            alarm_late: up_to(0.5),
            alarm_repeated: up_to(0.5),
            alarm_failed: up_to(0.3),
            alarm_unset: up_to(0.2),
            eviction: up_to(0.5),
            death: up_to(0.08),
            freeze: up_to(0.2),
            transient: up_to(0.4),
            permanent: up_to(0.1),
            stall: up_to(0.1),
            twice: up_to(0.3),
            clock_step: up_to(0.5),
            cancel: up_to(0.5),
            tier_change: up_to(0.4),
            capacity_change: up_to(0.4),
            reprice: up_to(0.8),
            repeat: up_to(0.3),
            outage: up_to(0.6),
            erase: up_to(0.4),
            is_calm: false,
        }
    }
}
