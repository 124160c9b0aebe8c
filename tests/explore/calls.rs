//! The calls to a dispatcher, and sequences of them.

use std::{fmt, str::FromStr};

/// One call to the dispatcher. The webhooks are A and B.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    /// Publishes one notification to A, or to A and B.
    Publish {
        both: bool,
        topic: usize,
    },
    /// Rejects one notification on behalf of A and B.
    Reject,
    Poll,
    Settle(Which, Answer),
    /// Records another outcome, a success, of the attempt that was settled last.
    Stale,
    /// Advances the time to the next timeout.
    Timeout,
    Pause,
    Resume,
    Remove,
    Insert,
    /// Gives A a policy that rejects the newest notification and allows one attempt.
    Narrow,
    /// Gives A a policy that allows two batches in flight.
    Widen,
    Flush,
    Close,
    Abort,
}

/// Selects one of the attempts in flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Which {
    Oldest,
    Newest,
}

/// The outcome of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    Success,
    Failure,
    /// A failure with a `Retry-After`, which blocks the webhook.
    RetryAfter,
    Abandoned,
}

use Answer::{Abandoned, Failure, RetryAfter, Success};
use Which::{Newest, Oldest};

/// All calls, with their names in the text of a sequence.
pub(crate) const ALPHABET: [(&str, Call); 24] = [
    ("publish A", Call::Publish { both: false, topic: 0 }),
    ("publish AB", Call::Publish { both: true, topic: 0 }),
    ("publish A, topic 2", Call::Publish { both: false, topic: 1 }),
    ("publish AB, topic 2", Call::Publish { both: true, topic: 1 }),
    ("reject AB", Call::Reject),
    ("poll", Call::Poll),
    ("oldest succeeds", Call::Settle(Oldest, Success)),
    ("newest succeeds", Call::Settle(Newest, Success)),
    ("oldest fails", Call::Settle(Oldest, Failure)),
    ("newest fails", Call::Settle(Newest, Failure)),
    ("oldest gets Retry-After", Call::Settle(Oldest, RetryAfter)),
    ("abandon oldest", Call::Settle(Oldest, Abandoned)),
    ("abandon newest", Call::Settle(Newest, Abandoned)),
    ("stale success", Call::Stale),
    ("timeout", Call::Timeout),
    ("pause A", Call::Pause),
    ("resume A", Call::Resume),
    ("remove A", Call::Remove),
    ("insert A", Call::Insert),
    ("update A: one attempt, reject newest", Call::Narrow),
    ("update A: two batches in flight", Call::Widen),
    ("flush", Call::Flush),
    ("close", Call::Close),
    ("abort", Call::Abort),
];

impl Call {
    /// Returns `true` if the call changes only the statistics. Longer sequences that contain it are
    /// not explored, because those without it are.
    pub(crate) fn changes_nothing(self) -> bool {
        matches!(self, Self::Reject | Self::Stale)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, _) = ALPHABET.iter().find(|(_, call)| call == self).ok_or(fmt::Error)?;
        f.write_str(name)
    }
}

/// A sequence of calls, as indexes into [`ALPHABET`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Sequence {
    length: u8,
    indexes: [u8; Self::LONGEST],
}

impl Sequence {
    pub(crate) const LONGEST: usize = 15;

    /// Returns this sequence, followed by the call at `at` in [`ALPHABET`].
    pub(crate) fn with(mut self, at: usize) -> Self {
        self.indexes[usize::from(self.length)] = at as u8;
        self.length += 1;
        self
    }

    pub(crate) fn calls(&self) -> impl Iterator<Item = Call> {
        let indexes = &self.indexes[..usize::from(self.length)];
        indexes.iter().map(|at| ALPHABET[usize::from(*at)].1)
    }

    /// Returns the last call. The sequence must not be empty.
    pub(crate) fn last(&self) -> Call {
        ALPHABET[usize::from(self.indexes[usize::from(self.length) - 1])].1
    }
}

/// Writes the names of the calls, separated by `|`.
impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, call) in self.calls().enumerate() {
            let bar = if at == 0 { "" } else { " | " };
            write!(f, "{bar}{call}")?;
        }
        Ok(())
    }
}

impl FromStr for Sequence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut sequence = Self::default();
        for name in text.split('|').map(str::trim) {
            let at = ALPHABET.iter().position(|(known, _)| *known == name);
            let at = at.ok_or_else(|| format!("unknown call {name:?}"))?;
            if usize::from(sequence.length) == Self::LONGEST {
                return Err(format!("expected at most {} calls", Self::LONGEST));
            }
            sequence = sequence.with(at);
        }
        Ok(sequence)
    }
}
