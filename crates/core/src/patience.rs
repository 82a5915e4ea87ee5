//! How long an answer is waited for, and after which pauses a call or a send is made again. The Worker and the simulator
//! go by the same numbers.

use std::time::Duration;

/// Pauses after a call of an object that failed; one more call than there are pauses is made.
pub const CALL_PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// An object that has not answered by then is taken for unreachable. Its turns take milliseconds; jobs hold
/// leases while a delivery waits for it.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a call that listens for work stays open before it is answered with nothing.
pub const LISTEN: Duration = Duration::from_secs(10);

/// Messages in one `sendBatch` (Queues limits: 100, and 256 KB; a ticket stays below 500 bytes).
pub const SEND_MAX: usize = 100;

/// Pauses after each try of a send; the last one only ends the tries.
pub const SEND_PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::ZERO,
];
