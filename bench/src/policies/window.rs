//! How a queue makes batches: a batch is delivered when it is full, or so long after its first message.

/// The batch that is being filled.
pub struct Window<M> {
    timeout: i64,
    most: usize,
    messages: Vec<M>,
    batch: u64,
}

/// What follows from a message.
#[derive(Debug, Eq, PartialEq)]
pub enum Filled {
    /// It opened a batch of that number, which is delivered then.
    Opens(i64, u64),
    /// It joined one.
    Joins,
    /// It filled the batch of that number, which is delivered now.
    Full(u64),
}

impl<M> Window<M> {
    /// With a queue's `max_batch_timeout`, in milliseconds, and `max_batch_size`.
    #[must_use]
    pub const fn new(timeout: i64, most: usize) -> Self {
        Self {
            timeout,
            most,
            messages: Vec::new(),
            batch: 0,
        }
    }

    /// Takes a message.
    pub fn push(&mut self, now: i64, message: M) -> Filled {
        self.messages.push(message);
        match self.messages.len() {
            count if count >= self.most => Filled::Full(self.batch),
            1 => Filled::Opens(now + self.timeout, self.batch),
            _ => Filled::Joins,
        }
    }

    /// The messages of that batch, unless they were delivered before.
    pub fn take(&mut self, batch: u64) -> Vec<M> {
        if batch != self.batch {
            return Vec::new();
        }
        self.batch += 1;
        std::mem::take(&mut self.messages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_delivered_when_it_is_full_or_its_time_is_over() {
        let mut window = Window::new(1_000, 2);
        assert_eq!(window.push(5, 'a'), Filled::Opens(1_005, 0));
        assert_eq!(window.take(0), ['a']);
        assert_eq!(window.push(6, 'b'), Filled::Opens(1_006, 1));
        assert_eq!(window.push(7, 'c'), Filled::Full(1));
        assert_eq!(window.take(1), ['b', 'c']);
        assert!(window.take(1).is_empty());
    }
}
